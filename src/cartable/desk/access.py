"""The road from an address to a long list. Only whoever asked for it, as long as they may still see all of it."""

from uuid import UUID

from django.http import Http404

from cartable.accounts.access import SignedIn
from cartable.desk.audience import SITE
from cartable.desk.models import Export
from cartable.desk.rules import Listed


def export_of(pk: UUID, signed_in: SignedIn) -> Export:
    """Return an export of one's own. Somebody who sees less than when they asked does not find it any more."""
    own = Export.objects.filter(pk=pk, asked_by_id=signed_in.actor_id)
    found = own.select_related("document").defer("document__ciphertext", "document__wrapped_key").first()
    if found is None or not _sees_all(found, signed_in):
        raise Http404
    return found


def _sees_all(export: Export, signed_in: SignedIn) -> bool:
    if export.listed == Listed.STUDENTS and not SITE & signed_in.roles:
        return False
    if signed_in.school_ids is None:
        return True
    return export.school_ids is not None and set(export.school_ids) <= set(signed_in.school_ids)
