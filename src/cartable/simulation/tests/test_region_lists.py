"""The lists of an invented region are readable, the same for the same seed, and as hard as a real region's."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from lxml import etree

from cartable.rosters.formats.records import GuardianFile, StudentFile
from cartable.rosters.formats.siecle import check_expected, read_siecle
from cartable.rosters.rules.likeness import is_near_date, is_one_mistake
from cartable.rosters.rules.names import folded_names
from cartable.simulation import two_years
from cartable.simulation.long_tailed_names import NameBook
from cartable.simulation.region_lists import ListFiles, ListFormat, TrueLine, list_count, write_lists
from cartable.simulation.siecle_csv import FILE_NAME
from cartable.simulation.two_years import Listed, Region, TwoYears

REGION = Region(lycee_count=12, student_count=6_000, seed=3, first_year=2026)
SMALL = Region(lycee_count=4, student_count=240, seed=3, first_year=2026)


@dataclass(frozen=True)
class Years:
    """Both years of the region, by lycée."""

    first: dict[str, list[Listed]]
    second: dict[str, list[Listed]]

    def everybody(self) -> Iterator[Listed]:
        for listed in self.second.values():
            yield from listed


@pytest.fixture(scope="module")
def years() -> Years:
    made = TwoYears(REGION)
    first = dict(made.first_lists())
    return Years(first, dict(made.second_lists()))


def written(directory: Path, form: ListFormat = "siecle", region: Region = SMALL, **more: Any) -> list[ListFiles]:
    directory.mkdir(parents=True, exist_ok=True)
    return list(write_lists(directory, region, form, **more))


def truth(directory: Path) -> list[dict[str, str]]:
    with (directory / "truth.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def share(part: int, whole: int) -> float:
    return part / whole


# --- how hard the lists are


def _match_key(listed: Listed) -> str:
    return folded_names(listed.family_name, "", listed.given_name).match_key


def test_the_region_has_the_students_asked_for(years: Years) -> None:
    assert sum(map(len, years.first.values())) == REGION.student_count
    present = [one for one in years.everybody() if one.student.left_on is None]
    assert len(present) == pytest.approx(REGION.student_count, rel=0.03)


def test_one_person_stands_in_one_list_a_year_unless_a_lycee_still_names_who_left(years: Years) -> None:
    first = Counter(one.person for listed in years.first.values() for one in listed)
    present = Counter(one.person for one in years.everybody() if one.student.left_on is None)
    assert max(first.values()) == max(present.values()) == 1


def test_numbers_are_unique_within_a_list(years: Years) -> None:
    for listed in (*years.first.values(), *years.second.values()):
        assert len({one.student.eleve_id for one in listed}) == len(listed)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("typing_error", two_years.TYPING_ERROR),
        ("transfer", two_years.TRANSFER),
        ("respelt", two_years.RESPELT),
    ],
)
def test_the_shares_of_those_who_go_on_hold(years: Years, case: str, expected: float) -> None:
    going_on = [one for one in years.everybody() if one.before and "moved_away" not in one.cases]
    assert share(sum(case in one.cases for one in going_on), len(going_on)) == pytest.approx(expected, rel=0.4)


def test_surnames_change_for_one_in_a_hundred(years: Years) -> None:
    going_on = [one for one in years.everybody() if one.before]
    changed = sum(not {"surname_changed", "usage_changed"}.isdisjoint(one.cases) for one in going_on)
    assert share(changed, len(going_on)) == pytest.approx(two_years.SURNAME_CHANGED, rel=0.4)


def test_three_in_a_hundred_have_no_ine_and_half_of_them_get_one(years: Years) -> None:
    first = [one.student for listed in years.first.values() for one in listed]
    assert share(sum(not s.ine for s in first), len(first)) == pytest.approx(two_years.NO_INE, rel=0.25)
    without = [one for one in years.everybody() if one.before and not one.before.ine]
    assert share(sum(bool(one.student.ine) for one in without), len(without)) == pytest.approx(0.5, abs=0.15)


def test_one_in_a_hundred_is_a_twin_of_somebody_in_the_list(years: Years) -> None:
    twins = [one for listed in years.first.values() for one in listed if "twin" in one.cases]
    families = Counter((one.student.family_name, one.student.birth_on) for one in twins)
    assert set(families.values()) == {2}
    assert share(len(twins), REGION.student_count) == pytest.approx(two_years.TWINS, rel=0.4)


def test_leavers_are_named_with_a_date_or_simply_absent(years: Years) -> None:
    second = {one.person: one for one in years.everybody() if one.student.left_on is None}
    may_go_on = [one for listed in years.first.values() for one in listed if one.student.mef in two_years._NEXT_COURSE]
    gone = [one for one in may_go_on if one.person not in second]
    dated = {one.person for one in years.everybody() if "left" in one.cases}
    assert share(len(gone), len(may_go_on)) == pytest.approx(two_years.LEAVER, rel=0.3)
    assert share(sum(one.person in dated for one in gone), len(gone)) == pytest.approx(0.5, abs=0.15)


def test_the_accidents_of_a_region_occur(years: Years) -> None:
    met = Counter(case for one in years.everybody() for case in one.cases)
    wanted = {
        "transfer_named", "transfer_unnamed", "moved_away", "new_eleve_id", "ine_arrived", "ine_lost", "two_ine", "homonym",
        "ine_of_another", "eleve_id_reused", "late_twin",
    }  # fmt: skip
    assert wanted <= met.keys()


def test_what_is_respelt_folds_alike_and_what_is_mistyped_is_one_mistake_away(years: Years) -> None:
    for one in years.everybody():
        if one.before is None or not {"surname_changed", "usage_changed"}.isdisjoint(one.cases):
            continue
        before, now = one.before, one.student
        keys = _match_key(before), _match_key(now)
        if "typing_error" in one.cases:
            assert is_one_mistake(*keys) or is_near_date(before.birth_on, now.birth_on)
        else:
            assert keys[0] == keys[1]
            assert before.birth_on == now.birth_on


def test_names_are_written_composed_and_decomposed(years: Years) -> None:
    names = [one.student.given_name for one in years.everybody() if "respelt" in one.cases]
    assert any(name != unicodedata.normalize("NFC", name) for name in names)
    assert any(name.isupper() for name in names)


def test_strangers_share_names_and_birth_date_in_a_large_region() -> None:
    book, dice, drawn = NameBook(), Random(1), 40_000
    names = Counter(
        folded_names(name.family, "", name.given).match_key for name in (book.full_name(dice) for _ in range(drawn))
    )
    chance = sum(count * (count - 1) for count in names.values()) / (drawn * (drawn - 1))
    # Three years of birth: pairs of namesakes born on one day, among 200,000 students.
    assert 40 <= chance * 200_000**2 / 2 / (3 * 365) <= 400


# --- the files


def test_siecle_files_are_read_with_the_counts_of_the_truth(tmp_path: Path) -> None:
    lists = written(tmp_path)
    assert len(lists) == list_count(SMALL) == 12
    for files in lists:
        students, guardians = (read_siecle(path) for path in files.paths)
        assert isinstance(students, StudentFile)
        assert isinstance(guardians, GuardianFile)
        year = 2026 if files.label == "2026" else 2025
        check_expected(students.header, uai=files.uai, school_year=year, kind="BEE_ELEVES")
        assert students.record_count == len(files.lines)
        assert students.refused_count == 0
        assert guardians.links


def test_the_second_export_says_the_same_at_another_moment_and_in_another_order(tmp_path: Path) -> None:
    by_label = {files.label: files for files in written(tmp_path) if files.uai == SMALL.uai(0)}
    first, again = (read_siecle(by_label[label].paths[0]) for label in ("2025", "2025-reload"))
    assert isinstance(first, StudentFile)
    assert isinstance(again, StudentFile)
    assert first.students != again.students
    assert sorted(first.students, key=lambda s: s.eleve_id) == sorted(again.students, key=lambda s: s.eleve_id)
    assert first.header.exported_at != again.header.exported_at


def test_the_truth_stands_outside_the_files_with_one_row_per_line(tmp_path: Path) -> None:
    lists = written(tmp_path, guardians=False)
    rows = truth(tmp_path)
    assert len(rows) == sum(len(files.lines) for files in lists if not files.label.endswith("-reload"))
    assert rows[0].keys() == set(TrueLine._fields)
    known = {row["person"] for row in rows if row["school_year"] == "2025"}
    for row in rows:
        if row["school_year"] == "2026":
            assert (row["person"] in known) == bool(row["before_uai"])


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    def contents(directory: Path) -> dict[str, bytes]:
        return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}

    other = Region(SMALL.lycee_count, SMALL.student_count, 4, SMALL.first_year)
    for name, region in (("a", SMALL), ("b", SMALL), ("c", other)):
        written(tmp_path / name, region=region)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a") != contents(tmp_path / "c")


def test_csv_files_are_windows_1252_with_semicolons_and_french_dates(tmp_path: Path) -> None:
    for files in written(tmp_path, "csv"):
        (path,) = files.paths
        assert path.name == FILE_NAME
        with path.open(encoding="cp1252", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter=";"))
        assert {row["N° interne"] for row in rows} == {line.eleve_id for line in files.lines}
        for row in rows:
            day, month, year = map(int, row["Date de naissance"].split("/"))
            assert date(year, month, day).year in range(2004, 2013)


def test_aaf_files_hold_students_whose_school_and_guardians_are_in_the_feed(tmp_path: Path) -> None:
    for files in written(tmp_path, "aaf"):
        by_kind = {path.name.split("_")[4]: etree.parse(path, etree.XMLParser(no_network=True)) for path in files.paths}
        assert by_kind.keys() == {"EtabEducNat", "Eleve", "PersRelEleve"}
        (school,) = records(by_kind["EtabEducNat"])
        assert school["ENTStructureUAI"] == [files.uai]
        guardian_ids = {record["ENTPersonJointure"][0] for record in records(by_kind["PersRelEleve"])}
        students = list(records(by_kind["Eleve"]))
        assert {student["ENTPersonJointure"][0] for student in students} == {line.eleve_id for line in files.lines}
        for student in students:
            assert student["ENTPersonStructRattach"] == school["ENTStructureJointure"]
            for relation in student["ENTElevePersRelEleve"]:
                fields = relation.split("$")
                assert len(fields) == 6
                assert fields[0] in guardian_ids


def records(document: etree._ElementTree) -> Iterator[dict[str, list[str]]]:
    for request in document.iterfind("addRequest"):
        yield {
            attribute.get("name", ""): [value.text for value in attribute.iterfind("value") if value.text]
            for attribute in request.iterfind("attributes/attr")
        }


# --- the command


def test_the_command_writes_the_lists_and_counts_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["lists", "--out", str(tmp_path / "new"), "--lycees", "4", "--students", "100", "--seed", "2"]
    call_command("simulate", *arguments, "--year", "2026", "--format", "csv", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["files"], report["students"]["2025"], report["students"]["2025-reload"]) == (12, 100, 100)
    assert report["students"]["2026"] == sum(row["school_year"] == "2026" for row in truth(tmp_path / "new"))


def test_a_region_that_cannot_be_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    for lycees, students in (("0", "100"), ("4", "12"), ("1", "5000")):
        with pytest.raises(CommandError):
            call_command("simulate", "lists", "--out", str(tmp_path / "no"), "--lycees", lycees, "--students", students)
    assert not (tmp_path / "no").exists()
