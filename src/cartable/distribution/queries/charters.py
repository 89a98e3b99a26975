"""Read which charter a student signed, and so which campaign's rules hold for them."""

from collections.abc import Collection
from datetime import date
from hashlib import sha256

from django.db.models import QuerySet

from cartable.distribution.models import CharterProof, SignerKind
from cartable.kernel.majority import is_adult
from cartable.kernel.school_year import SchoolYear
from cartable.programme.models import CampaignRules
from cartable.programme.queries import current_rules


def rules_of_student(student_id: int, *, today: date) -> CampaignRules | None:
    """Return the rules in force of the campaign whose charter the student signed last, else of this school year.

    Two cohorts of one lycée live under two campaigns at once. None where nothing is published.
    """
    signed = (
        CharterProof.objects.filter(student_id=student_id, withdrawn_at=None)
        .select_related("rules__campaign")
        .order_by("-rules__campaign__first_year", "-received_at")
        .first()
    )
    return current_rules(signed.rules.campaign) if signed else rules_of_year(today=today)


def rules_of_year(*, today: date) -> CampaignRules | None:
    """Return the rules in force of the latest campaign that has begun, None where nothing is published."""
    begun = CampaignRules.objects.filter(campaign__first_year__lte=SchoolYear.containing(today).first_year)
    return begun.select_related("campaign").order_by("-campaign__first_year", "-version").first()


def charter_of(student_id: int, rules: CampaignRules) -> CharterProof | None:
    """Return the proof that the student signed the charter of these rules, whichever version it was signed under."""
    return _standing(rules).filter(student_id=student_id).last()


def charters_of(student_ids: Collection[int], rules: CampaignRules) -> dict[int, int]:
    """Return the same for many students at once: student id → id of the proof."""
    return dict(_standing(rules).filter(student_id__in=student_ids).values_list("student_id", "pk"))


def _standing(rules: CampaignRules) -> QuerySet[CharterProof]:
    """Return the proofs that count under these rules, the latest last.

    A charter stands as long as the campaign's charter is word for word what was signed: a version that changes prices
    alone makes nobody sign again. Each campaign has its own, for its own loan.
    """
    return CharterProof.objects.filter(
        rules__campaign_id=rules.campaign_id,
        rules__charter_title=rules.charter_title,
        text_sha256=sha256(rules.charter_text.encode()).digest(),
        withdrawn_at=None,
    ).order_by("received_at", "pk")


def who_signs(birth_on: date | None, on: date) -> SignerKind:
    """Say who signs on that day: the adult student, else a legal guardian; the guardian where the birth date is unknown."""
    return SignerKind.STUDENT if birth_on and is_adult(birth_on, on) else SignerKind.GUARDIAN
