"""The students of a lycée that closes go on in another one: enrolments end and begin, accounts count there, no PC moves.

The same state as lists and departures change it. The act as a whole (stock, loans, repairs …) is `desk.commands.closings`.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from cartable.fleet.commands import affiliate_custodians
from cartable.rosters.followers import tell_followers
from cartable.rosters.models import Enrolment, Student
from cartable.rosters.queries.carrying import Leaving

# Class and number are the new lycée's to say, by its list.
_CARRIED = ("level", "mef", "status")
_BEGUN = ("starts_on", "ends_on", "is_home", "exit_reason")


def carry_students(
    leaving: Sequence[Leaving],
    *,
    from_school_id: int,
    to_school_id: int | None,
    on: date,
    carried_at: datetime,
    carried_by_id: int,
) -> None:
    """End what is open in one lycée, begin it in the other, and let the accounts count there: the same few statements for all.

    The year of an enrolment stays its own: who stands in last year's list alone is no student of this year over there either.
    Without another lycée enrolments only end. The caller holds both lycées and the accounts, in one transaction. What the
    database refuses (a student of two lycées at once) comes out as IntegrityError.
    """
    list(
        Student.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[one.student_id for one in leaving])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    open_ones = Enrolment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=Greatest(F("starts_on"), Value(on))))
    ending = list(open_ones.filter(school_id=from_school_id).order_by("pk"))
    Enrolment.objects.filter(pk__in=[one.pk for one in ending]).update(ends_on=Greatest(F("starts_on"), Value(on)))
    if to_school_id is not None:
        _begin([one for one in ending if one.is_home], to_school_id, on)
        affiliate_custodians(
            custodian_ids=[one.custodian_id for one in leaving if one.counts_here], school_id=to_school_id,
            starts_at=carried_at, recorded_by_id=carried_by_id,
        )  # fmt: skip
    for school_id in sorted({from_school_id, to_school_id} - {None}):  # type: ignore[type-var]
        tell_followers(school_id)  # type: ignore[arg-type]


def _begin(ended: Sequence[Enrolment], school_id: int, on: date) -> None:
    """Begin in the new lycée what ended; one enrolment a year, so whoever was there in that year begins again."""
    there = Enrolment.objects.filter(school_id=school_id, student_id__in=[one.student_id for one in ended])
    known = {(one.student_id, one.first_year): one for one in there}
    new, again = [], []
    for one in ended:
        starts_on = max(one.starts_on, on)
        begun = known.get((one.student_id, one.first_year))
        if begun is None:
            carried = {field: getattr(one, field) for field in _CARRIED}
            new.append(
                Enrolment(
                    student_id=one.student_id, school_id=school_id, first_year=one.first_year, starts_on=starts_on,
                    ends_on=one.ends_on, **carried,
                )
            )  # fmt: skip
            continue
        # What was said of days to come there stays said.
        if not begun.is_home or begun.starts_on <= on:
            begun.ends_on = one.ends_on
        begun.starts_on, begun.is_home, begun.exit_reason = starts_on, True, ""
        again.append(begun)
    Enrolment.objects.bulk_create(new, batch_size=2_000)
    Enrolment.objects.bulk_update(again, list(_BEGUN), batch_size=2_000)
