"""Everything that a day prints: reads the day, hands plain values to ``paper``, returns bytes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.distribution.commands.stations import site_card_digits
from cartable.distribution.court_words import SETTLEMENT_WORDS
from cartable.distribution.list_rules import label_obstacle
from cartable.distribution.models import DistributionDay, Passage, SiteCard
from cartable.distribution.paper import (
    cards,
    charters,
    closing_pages,
    closing_report,
    labels,
    lists,
    operators,
    sheets,
    zpl,
)
from cartable.distribution.queries.closing import DayAccount
from cartable.distribution.queries.control_room import PassageLine, passages_of
from cartable.distribution.queries.reminders import places_on_list
from cartable.distribution.refusal_words import REFUSAL_WORDS, REMEDY_WORDS
from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.rules import CustodianKind
from cartable.kernel.codes import DEVICE_LETTER, STUDENT_LETTER, label_code
from cartable.rosters.models import Guardian

# A whole lycée: the largest of the region has 2,042 students.
MOST_STUDENTS = 5_000
# Practice labels: numbers that no student and no PC ever gets (the sequences count up from 1).
PRACTICE_NUMBERS = range(99_990_001, 99_990_007)


def expected_students(day: DistributionDay, division: str = "") -> list[PassageLine]:
    """Return the students who get a label and a charter."""
    lines = passages_of(day, division=division, limit=MOST_STUDENTS)
    return [line for line in lines if line.is_expected and not line.is_gone]


def _student_labels(day: DistributionDay, division: str, code: str = "") -> list[labels.StudentLabel]:
    return [
        labels.StudentLabel(line.code, line.name, _class_name(line.division), day.held_on, _clock(line.passing_at))
        for line in expected_students(day, division)
        if not code or line.code == code
    ]


def _class_name(division: str) -> str:
    """Return what is printed for a class; a student in none is called so, never left blank."""
    return division or _("Sans classe")


def _clock(moment: datetime | None) -> time | None:
    return timezone.localtime(moment).time() if moment else None


def student_labels_pdf(
    day: DistributionDay, *, setup: sheets.SheetSetup, division: str = "", code: str = "", now: datetime
) -> bytes:
    """Return label sheets, by class; one student's label with ``code``."""
    return labels.student_label_sheets(_student_labels(day, division, code), printed_at=now, setup=setup)


def labels_of_students_pdf(student_ids: Sequence[int], *, school_id: int, now: datetime) -> bytes:
    """Return label sheets of these students of a lycée, each for the last day whose list names them."""
    places = places_on_list(student_ids, school_id=school_id)
    chosen = [place.passage_id for place in places.values() if label_obstacle(place) is None]
    passages = Passage.objects.filter(pk__in=chosen).select_related("student", "day")
    found = [
        labels.StudentLabel(
            one.student.label_code, one.student.display_name, _class_name(one.division), one.day.held_on,
            _clock(one.passing_at),
        )
        for one in passages.order_by("division", "student__folded_name", "pk")
    ]  # fmt: skip
    return labels.student_label_sheets(found, printed_at=now)


def student_labels_roll(day: DistributionDay, *, dpi: int, division: str = "", code: str = "", now: datetime) -> bytes:
    """Return labels for a thermal printer as PDF, one per page."""
    return labels.student_label_roll(_student_labels(day, division, code), printed_at=now, dpi=dpi)


def student_labels_zpl(day: DistributionDay, *, dpi: int, division: str = "", code: str = "") -> bytes:
    """Return labels in a thermal printer's own language."""
    return zpl.student_label_zpl(_student_labels(day, division, code), dpi=dpi).encode()


def charters_pdf(day: DistributionDay, *, division: str = "", now: datetime) -> bytes:
    """Return one charter per expected student, with the signer of the signing day."""
    rules = day.rules
    assert rules is not None, "a day without frozen list prints nothing"
    lines = expected_students(day, division)
    guardians = _guardian_names([line.code for line in lines])
    terms = charters.CharterTerms(
        region=day.campaign.region.name,
        campaign=day.campaign.name,
        title=rules.charter_title,
        paragraphs=tuple(part.strip() for part in rules.charter_text.split("\n\n") if part.strip()),
        items=tuple(rules.kit),
    )
    forms = [
        charters.CharterForm(
            line.code, line.name, _class_name(line.division), str(day.school),
            "student" if line.signer_kind == "student" else "guardian", tuple(guardians[line.code]),
        )
        for line in lines
    ]  # fmt: skip
    return charters.charters(terms, forms, printed_at=now)


def _guardian_names(codes: Sequence[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    rows = Guardian.objects.filter(student__label_code__in=codes, is_legal=True).values_list(
        "student__label_code", "given_name", "family_name"
    )
    for code, given_name, family_name in rows.order_by("pk").distinct():
        names[code].append(f"{given_name} {family_name}".strip())
    return names


def sign_off_pdf(day: DistributionDay, *, division: str = "", now: datetime) -> bytes:
    """Return the paper list of every class, or of one."""
    classes: dict[str, list[lists.SignOffLine]] = defaultdict(list)
    for line in expected_students(day, division):
        classes[line.division].append(lists.SignOffLine(line.code, line.name, _clock(line.passing_at)))
    content = lists.SignOffList(
        str(day.school),
        day.held_on,
        day.frozen_at or now,
        tuple(lists.SignOffClass(_class_name(division), tuple(rows)) for division, rows in classes.items()),
    )
    return lists.sign_off_list(content, printed_at=now)


def command_card_pdf(*, now: datetime) -> bytes:
    """Return the command card of a desk."""
    return cards.command_card(printed_at=now)


def operator_cards_pdf(*, now: datetime) -> bytes:
    """Return the cards that people scan when they take a station over."""
    return operators.operator_cards(printed_at=now)


def site_card_pdf(day: DistributionDay, *, address: str, now: datetime) -> bytes:
    """Return the card that starts stations."""
    card = SiteCard.objects.get(day=day)
    return cards.site_card(
        cards.SiteCard(
            digits=site_card_digits(day.pk),
            title=_("Distribution des PC"),
            school=str(day.school),
            day=day.held_on,
            valid_from=timezone.localtime(card.valid_from),
            valid_until=timezone.localtime(card.valid_until),
            address=address,
        ),
        printed_at=now,
    )


def practice_codes() -> tuple[list[str], list[str]]:
    """Return the label codes of the practice station: students and PCs that exist nowhere."""
    return (
        [label_code(STUDENT_LETTER, number) for number in PRACTICE_NUMBERS],
        [label_code(DEVICE_LETTER, number) for number in PRACTICE_NUMBERS],
    )


def practice_sheet_pdf(day: DistributionDay, *, now: datetime) -> bytes:
    """Return labels to practise with."""
    students, devices = practice_codes()
    return cards.practice_sheet(
        [
            labels.StudentLabel(code, _("Élève d’essai {number}").format(number=n), _("ESSAI"), day.held_on)
            for n, code in enumerate(students, start=1)
        ],
        [labels.DeviceLabel(code, day.campaign.region.name, note=_("ESSAI")) for code in devices],
        printed_at=now,
    )


def closing_report_pdf(account: DayAccount) -> bytes:
    """Return the report of a day that closes."""
    day = account.day
    assert day.opened_at is not None
    report = closing_report.ClosingReport(
        region=day.campaign.region.name,
        campaign=day.campaign.name,
        school=str(day.school),
        uai=day.school.uai,
        day=day.held_on,
        opened_at=timezone.localtime(day.opened_at),
        closed_at=timezone.localtime(account.closed_at),
        leader_name=account.leader_name,
        head_name=account.head_name,
        expected=sum(row.expected for row in account.classes),
        allotted=account.counts.allotted,
        mean_rate=account.rate,
        best_rate=account.counts.best_rate,
        station_count=account.counts.station_count,
        paper_charters=account.counts.paper_charters,
        online_charters=account.counts.online_charters,
        classes=tuple(
            closing_report.ClassTally(
                _class_name(row.division), row.expected, row.equipped, row.expected - row.equipped
            )
            for row in account.classes
        ),
        handed=tuple(
            closing_report.HandedDevice(timezone.localtime(row.at), row.student_code, row.asset_tag, row.serial_number)
            for row in account.handed_over
        ),
        exceptions=tuple(
            closing_report.DayException(
                timezone.localtime(row.happened_at),
                str(REFUSAL_WORDS.get(row.code, row.code)),
                row.student_code,
                row.device_code,
                str({**REMEDY_WORDS, **SETTLEMENT_WORDS}.get(row.remedy, row.remedy)),
            )
            for row in account.exceptions
        ),
        absents=tuple(closing_report.AbsentStudent(row.name, _class_name(row.division)) for row in account.absent),
        leftovers=tuple(
            closing_report.LeftoverDevice(
                row.asset_tag,
                row.serial_number,
                str(CUSTODIAN_KIND_NAMES[CustodianKind(row.destination_kind)]),
            )
            for row in account.leftovers
        ),
        ledger_root=account.ledger_root.hex(),
        ledger_root_at=timezone.localtime(account.closed_at),
        movement_count=account.counts.movement_count,
    )
    return closing_pages.closing_report_pdf(report, printed_at=timezone.localtime(account.closed_at))
