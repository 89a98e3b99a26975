"""The road from an address to a long list, or to a bulk act. Only whoever asked for it, as long as they may still see all of it."""

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404

from cartable.accounts.access import SignedIn
from cartable.desk.audience import SITE
from cartable.desk.models import BulkAct, Export
from cartable.desk.rules import Listed


def export_of(pk: UUID, signed_in: SignedIn) -> Export:
    """Return an export of one's own. Somebody who sees less than when they asked does not find it any more."""
    own = Export.objects.filter(pk=pk, asked_by_id=signed_in.actor_id)
    found = own.select_related("document").defer("document__ciphertext", "document__wrapped_key").first()
    if found is None or not _sees_all(found, signed_in):
        raise Http404
    return found


def bulk_act_of(pk: UUID, signed_in: SignedIn) -> BulkAct:
    """Return a bulk act of one's own, to somebody who sees as much as when they prepared it."""
    found = BulkAct.objects.filter(pk=pk, asked_by_id=signed_in.actor_id).select_related("school").first()
    if found is None or not _sees_schools(found.school_ids, signed_in):
        raise Http404
    return found


def _sees_all(export: Export, signed_in: SignedIn) -> bool:
    if export.listed == Listed.STUDENTS and not SITE & signed_in.roles:
        return False
    return _sees_schools(export.school_ids, signed_in)


def _sees_schools(school_ids: Sequence[int] | None, signed_in: SignedIn) -> bool:
    if signed_in.school_ids is None:
        return True
    return school_ids is not None and set(school_ids) <= set(signed_in.school_ids)
