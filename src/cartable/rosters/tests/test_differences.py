"""A list says what it changes: a class is not a surname, an announced departure is not a past one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.conftest import Cast
from cartable.rosters.formats.records import Header, Problem, StudentFile
from cartable.rosters.models import RosterImport, RosterLine
from cartable.rosters.rules.differences import CHANGES, changes_of, list_marks, says_nothing_new
from cartable.rosters.rules.names import folded_names
from cartable.rosters.rules.people import FormerEnrolment, KnownEnrolment, KnownStudent, ListedLine
from cartable.rosters.tests.test_roster_import import TODAY, listed, load, preview

INE, OTHER_INE = b"a" * 32, b"b" * 32
BEGINS = date(2026, 9, 1)


def line(family: str = "Marchand", given_name: str = "Léa", usage: str = "", **changes: object) -> ListedLine:
    values = ListedLine(
        1, "7", family, usage, given_name, *folded_names(family, usage, given_name), date(2011, 4, 5), INE, "2DE7", "2211",
        "20010015110", "ST", BEGINS, None, "", "",
    )  # fmt: skip
    return values._replace(**changes)  # type: ignore[arg-type]


def student(family: str = "Marchand", given_name: str = "Léa", usage: str = "", **changes: object) -> KnownStudent:
    key = folded_names(family, usage, given_name).match_key
    return KnownStudent(1, family, usage, given_name, key, date(2011, 4, 5), INE, "0579901C")._replace(**changes)  # type: ignore[arg-type]


def here(**changes: object) -> KnownEnrolment:
    return KnownEnrolment(
        1, True, True, "7", "2DE7", "2211", "20010015110", "ST", BEGINS, None
    )._replace(**changes)  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (line(division="2DE3"), ("class",)),
        (line(division="1G2", level="2212", mef="20110019110"), ("class", "level", "programme")),
        (line("Petit"), ("surname",)),
        (line("MARCHAND"), ("spelling",)),
        (line(usage="Petit"), ("usage_name",)),
        (line(given_name="Léo"), ("given_name",)),
        (line(birth_on=date(2011, 4, 6)), ("birth_date",)),
        (line(birth_on=None), ()),
        (line(ine_fingerprint=OTHER_INE), ("ine_changed",)),
        (line(ine_fingerprint=None), ()),
        (line(status="AP"), ("status",)),
        (line(eleve_id="8"), ("number",)),
        (line(ends_on=date(2026, 12, 1)), ("leaving",)),
        (line(ends_on=TODAY), ("left",)),
        (line("Petit", division="2DE3", ends_on=date(2026, 12, 1)), ("surname", "class", "leaving")),
        (line(), ()),
    ],
)
def test_each_change_has_its_name(said: ListedLine, codes: tuple[str, ...]) -> None:
    assert changes_of(said, student(), here(), today=TODAY) == codes


def test_an_ine_that_arrives_is_not_one_that_changes() -> None:
    assert changes_of(line(), student(ine_fingerprint=None), here(), today=TODAY) == ("ine_arrived",)


def test_a_departure_that_is_withdrawn_is_a_return() -> None:
    assert changes_of(line(), student(), here(ends_on=date(2026, 12, 1)), today=TODAY) == ("returning",)


@pytest.mark.parametrize(
    ("former", "codes"),
    [
        (FormerEnrolment(1, 2025, "2211", None), ("new_year",)),
        (FormerEnrolment(1, 2025, "2211", BEGINS), ("new_year",)),
        (FormerEnrolment(1, 2025, "2211", date(2026, 7, 1)), ("new_year",)),  # The list of June ended everybody's year.
        (FormerEnrolment(1, 2025, "2311", BEGINS), ("level", "new_year")),
        (FormerEnrolment(1, 2025, "2211", date(2026, 2, 1)), ("new_year", "returning")),
        (FormerEnrolment(1, 2024, "2211", None), ("new_year", "returning")),
    ],
)
def test_who_comes_back_is_told_from_who_goes_on(former: FormerEnrolment, codes: tuple[str, ...]) -> None:
    assert changes_of(line(), student(), None, former, today=TODAY) == codes


def test_a_transfer_says_from_where_and_whether_it_is_a_return() -> None:
    codes = changes_of(line(), student(), None, from_uai="0579902D", today=TODAY)
    assert codes == ("from:0579902D", "new_year")
    back = changes_of(
        line(), student(), None, FormerEnrolment(1, 2025, "2211", BEGINS), from_uai="0579902D", today=TODAY
    )
    assert back == ("from:0579902D", "new_year", "returning")


def _either(*values: object) -> st.SearchStrategy[object]:
    return st.sampled_from(values)


@given(
    st.fixed_dictionaries(
        {
            "family_name": _either("Marchand", "MARCHAND", "Petit"), "usage_name": _either("", "Petit"),
            "given_name": _either("Léa", "Lea"), "birth_on": _either(None, date(2011, 4, 5), date(2010, 1, 1)),
            "ine_fingerprint": _either(None, INE, OTHER_INE), "division": _either("2DE7", ""), "level": _either("2211", ""),
            "mef": _either("20010015110", ""), "status": _either("ST", "AP"), "eleve_id": _either("7", ""),
            "ends_on": _either(None, TODAY, date(2026, 12, 1)),
        }
    ),
    _either(None, INE),
    _either(None, TODAY),
)  # fmt: skip
def test_a_change_is_named_exactly_where_something_is_new(
    said: dict[str, object], ine: bytes | None, ends_on: date | None
) -> None:
    one, known, enrolment = line(**said), student(ine_fingerprint=ine), here(ends_on=ends_on)  # type: ignore[arg-type]
    codes = changes_of(one, known, enrolment, today=TODAY)
    assert (not codes) is says_nothing_new(one, known, enrolment)
    assert set(codes) <= set(CHANGES)


def test_twins_namesakes_and_ine_are_seen_in_the_list_alone() -> None:
    lines = [
        line(),
        line(given_name="Lou")._replace(line=2),
        line(birth_on=date(2009, 1, 1))._replace(line=3, ine_fingerprint=None),
        line("Petit")._replace(line=4, ine_fingerprint=None),
    ]
    assert list_marks(lines, {4}) == [
        ("twin", "homonym"),
        ("twin",),
        ("homonym", "ine_missing"),
        ("ine_doubtful",),
    ]


@pytest.mark.django_db
def test_the_difference_keeps_and_counts_what_changes(cast: Cast) -> None:
    load(cast, listed("1"), listed("2", "Benali", "Bilal"), listed("3", "Diallo", "Lucas", birth_on=date(2010, 2, 3)))
    roster_import = preview(
        cast,
        listed("1", division="2DE3"),
        listed("2", "Benali", "Bilal", division="2DE3", left_on=date(2026, 12, 1)),
        listed("3", "Diallo", "Lucas", birth_on=date(2010, 2, 3)),
        listed("4", "Diallo", "Awa", birth_on=date(2010, 2, 3)),
    )
    said = {one.eleve_id: (one.changes, one.marks) for one in RosterLine.objects.filter(roster_import=roster_import)}
    assert said == {
        "1": (["class"], ["ine_missing"]),
        "2": (["class", "leaving"], ["ine_missing"]),
        "3": ([], ["twin", "ine_missing"]),
        "4": ([], ["twin", "ine_missing"]),
    }
    assert roster_import.kinds == {"class": 2, "leaving": 1, "ine_missing": 4, "twin": 2}


@pytest.mark.django_db
def test_a_doubtful_ine_is_a_mark_of_its_line(cast: Cast) -> None:
    from cartable.rosters.commands.imports import preview_students

    one = listed("1", line=12)
    header = Header("BEE_ELEVES", cast.school.uai, 2026, None, "3.0")
    file = StudentFile(header, (one,), (), (Problem("ine_key_wrong", "warn", 12, {}, "1"),), 1, 0)
    preview_students(
        school=cast.school, first_year=2026, listed=file, sha256=b"", now=cast.now, read_by_id=cast.sonia.actor_id,
        today=TODAY,
    )  # fmt: skip
    assert RosterLine.objects.get().marks == ["ine_doubtful"]


@pytest.mark.django_db
def test_a_transfer_is_counted_by_the_lycee_that_it_comes_from(cast: Cast) -> None:
    load(cast, listed("1", ine="070832327JA"), school=cast.other_school)
    roster_import = preview(cast, listed("5", ine="070832327JA", entered_on=date(2026, 9, 11)))
    assert roster_import.counts["transfer"] == 1
    assert roster_import.kinds["from:0579902D"] == 1


@pytest.mark.django_db
def test_an_announced_departure_that_has_come_true_meanwhile_is_judged_anew(cast: Cast) -> None:
    from cartable.rosters.commands.imports import apply_students

    load(cast, listed("1"))
    roster_import = preview(cast, listed("1", left_on=date(2026, 9, 20)))
    assert roster_import.kinds["leaving"] == 1
    apply_students(
        roster_import=roster_import, applied_by_id=cast.sonia.actor_id, now=cast.now, today=date(2026, 9, 21)
    )
    assert RosterImport.objects.get(pk=roster_import.pk).kinds["left"] == 1
