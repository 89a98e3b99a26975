"""Tell of a quote, within the transaction of sending it: who decides, and the family where the charter makes it pay."""

from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from cartable.accounts.models import Role
from cartable.accounts.queries import mail_addresses_of
from cartable.distribution.commands.families import Told, tell_families
from cartable.distribution.queries.families import families_of
from cartable.kernel.codes import spaced
from cartable.notices.commands import Letter, queue_letters
from cartable.notices.rules import NoticeKind
from cartable.programme.queries import rules_in_force
from cartable.repairs.commands.refusals import part_of
from cartable.repairs.models import RepairQuote
from cartable.repairs.rules import family_pays
from cartable.ui.figures import NO_BREAK_SPACE, thin

_DAYS = UUID("b3a1f5f4-60b9-4f6e-8f2e-5f0a7a0f9a41")


def tell_of_quote(quote: RepairQuote, *, told_at: datetime) -> None:
    """Queue the mails about a quote that waits for the region."""
    with override("fr"):
        price = f"{thin(quote.price_eur, 2)}{NO_BREAK_SPACE}€"
    words = {"pc": spaced(quote.ticket.device.asset_tag), "prix": price}
    _tell_who_decides(quote, words, told_at)
    waits = quote.ticket.taken_from_id
    families = families_of([waits], today=timezone.localdate(told_at)).get(waits, []) if waits else []
    rules = rules_in_force(families[0].campaign_id) if families else None
    if waits and rules and family_pays(rules.breakage_opens):
        tell_families(kind=NoticeKind.DAMAGE_QUOTED, facts=[Told(quote.pk, waits, words)], told_at=told_at)


def _tell_who_decides(quote: RepairQuote, words: dict[str, str], told_at: datetime) -> None:
    """Write to the region when the first quote of a repairer waits; while others wait, once a day."""
    ticket, today = quote.ticket, timezone.localdate(told_at)
    others = RepairQuote.at_contractor.filter(ticket__repairer_id=ticket.repairer_id, decided_at=None)
    is_first = not others.exclude(pk=quote.pk).exists()
    act_id = part_of(quote.pk, "region") if is_first else uuid5(_DAYS, f"{ticket.repairer_id}:{today}")
    words = {**words, "lycee": ticket.school.name, "lien": settings.CARTABLE_ADDRESS + reverse("repairs:decisions")}
    addresses = mail_addresses_of(Role.REGION_MANAGER, region_id=ticket.region_id, today=today)
    letters = [Letter(act_id, ticket.region_id, None, None, address, words) for address in addresses]
    queue_letters(kind=NoticeKind.QUOTE_TO_DECIDE, language="fr", letters=letters, queued_at=told_at)
