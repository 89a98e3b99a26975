"""The invented files are in SIECLE's format, always the same, and hold what the truth record says."""

from __future__ import annotations

import json
import time
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cartable.kernel.ine import has_valid_key
from cartable.kernel.levels import is_post_bac, is_secondary
from cartable.kernel.majority import is_adult
from cartable.rosters.formats.records import GuardianFile, Student, StudentFile
from cartable.rosters.formats.siecle import check_expected, read_siecle
from cartable.simulation.invented_names import FAMILY_NAMES, GIVEN_NAMES
from cartable.simulation.invented_people import invented_ine
from cartable.simulation.siecle_files import SchoolFiles, write_school_files

UAI = "0670080Y"
TODAY = date(2026, 9, 14)


def written(directory: Path, **changes: Any) -> SchoolFiles:
    directory.mkdir(parents=True, exist_ok=True)
    arguments = {"uai": UAI, "school_year": 2026, "student_count": 400, "seed": 7, "today": TODAY, **changes}
    return write_school_files(directory, **arguments)


def read(files: SchoolFiles) -> tuple[StudentFile, GuardianFile]:
    students, guardians = read_siecle(files.students_path), read_siecle(files.guardians_path)
    assert isinstance(students, StudentFile)
    assert isinstance(guardians, GuardianFile)
    return students, guardians


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> SchoolFiles:
    return written(tmp_path_factory.mktemp("siecle"))


@pytest.fixture(scope="module")
def by_case(school: SchoolFiles) -> dict[str, list[Student]]:
    students = {student.eleve_id: student for student in read(school)[0].students}
    return {case: [students[eleve_id] for eleve_id in ids] for case, ids in school.truth.cases.items()}


def test_the_files_are_those_that_the_reader_expects(school: SchoolFiles) -> None:
    students, guardians = read(school)
    check_expected(students.header, uai=UAI, school_year=2026, kind="BEE_ELEVES")
    check_expected(guardians.header, uai=UAI, school_year=2026, kind="BEE_RESPONSABLES")
    assert (students.header.version, guardians.header.version) == ("3.0", "2.1")
    with zipfile.ZipFile(school.students_path) as archive:
        assert archive.namelist() == ["ElevesSansAdresses.xml"]
        assert archive.read("ElevesSansAdresses.xml").startswith(b'<?xml version="1.0" encoding="ISO-8859-15"?>')


def test_the_truth_record_counts_what_is_in_the_file(school: SchoolFiles) -> None:
    students, _ = read(school)
    truth = school.truth
    present = [student for student in students.students if student.presence(TODAY) != "left"]
    eligible = [student for student in present if student.status == "ST" and is_secondary(student.level or "")]
    assert students.record_count == len(students.students) == truth.student_count == 400
    assert (len(present), len(eligible)) == (truth.present_count, truth.eligible_count)
    assert Counter(student.level for student in present) == truth.count_by_level
    assert Counter(student.division for student in present if student.division) == truth.count_by_division
    assert sum(is_adult(student.birth_on, TODAY) for student in present if student.birth_on) == truth.adult_count
    assert json.loads(json.dumps(truth.as_json())) == truth.as_json()


def test_the_only_problems_are_those_that_were_planted(school: SchoolFiles) -> None:
    students, guardians = read(school)
    cases = school.truth.cases
    told = {(problem.code, problem.eleve_id) for problem in students.problems + guardians.problems}
    planted = {
        ("twins", None): cases["twins"],
        ("ine_missing", None): cases["no_ine"],
        ("ine_key_wrong", None): cases["wrong_ine_key"],
        ("two_divisions", None): cases["two_divisions"],
        ("division_missing", None): cases["no_division"] + cases["inactive"],
        ("ine_shared", None): cases["shared_ine"],
        ("too_many_legal_guardians", None): cases["three_legal_guardians"],
    }
    expected = {(code, eleve_id) for (code, _), ids in planted.items() for eleve_id in ids}
    one_of_two = {("twins", cases["twins"][0]), ("twins", cases["twins"][1])}
    one_of_two |= {("ine_shared", cases["shared_ine"][0]), ("ine_shared", cases["shared_ine"][1])}
    assert told - one_of_two == expected - one_of_two
    assert len(told & one_of_two) == 2


def test_birthdays_and_departures_are_planted_around_today(by_case: dict[str, list[Student]]) -> None:
    (today,), (tomorrow,) = by_case["adult_today"], by_case["adult_tomorrow"]
    assert today.birth_on == date(2008, 9, 14)
    assert tomorrow.birth_on == date(2008, 9, 15)
    assert all(is_adult(student.birth_on, TODAY) for student in by_case["adult"] if student.birth_on)
    assert [student.presence(TODAY) for student in by_case["left"]] == ["left"]
    assert [student.presence(TODAY) for student in by_case["leaving"]] == ["announced"]


def test_twins_share_name_birthday_and_class(by_case: dict[str, list[Student]]) -> None:
    first, second = by_case["twins"]
    assert (first.family_name, first.birth_on, first.division) == (second.family_name, second.birth_on, second.division)
    assert first.given_name != second.given_name


def test_students_who_get_no_pc_are_planted(by_case: dict[str, list[Student]]) -> None:
    assert {student.status for student in by_case["apprentice"]} == {"AP"}
    assert by_case["post_bac"]
    assert all(is_post_bac(student.level or "") for student in by_case["post_bac"])


def test_names_hard_to_write_come_through(by_case: dict[str, list[Student]]) -> None:
    written_hard = "".join(student.family_name + student.given_name for student in by_case["written_hard"])
    assert set("Œœ'-Çç") <= set(written_hard)
    assert by_case["usage_name"][0].last_name != by_case["usage_name"][0].family_name


def test_guardians_of_each_case_are_as_planted(school: SchoolFiles) -> None:
    _, guardians = read(school)
    persons = {person.person_id: person for person in guardians.persons}
    cases = school.truth.cases

    def legal(case: str, number: int = 0) -> list[str]:
        eleve_id = cases[case][number]
        return [link.person_id for link in guardians.links if link.eleve_id == eleve_id and link.is_legal]

    assert len(legal("separated_guardians")) == 2
    assert legal("no_guardian") == []
    assert len(legal("three_legal_guardians")) == 3
    assert legal("twins", 0) == legal("twins", 1) != []
    (unreachable,) = legal("no_reachable_guardian")
    assert (persons[unreachable].phones, persons[unreachable].mail) == ((), None)


def test_same_arguments_give_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (
        written(tmp_path / name, student_count=60, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first.students_path.read_bytes() == again.students_path.read_bytes()
    assert first.guardians_path.read_bytes() == again.guardians_path.read_bytes()
    assert first.truth == again.truth
    assert first.students_path.read_bytes() != other.students_path.read_bytes()


@pytest.mark.parametrize("form", ["zip", "xml"])
@pytest.mark.parametrize("version", ["3.0", "2.1", "1.8"])
def test_every_version_and_form_says_the_same(version: str, form: str, tmp_path: Path) -> None:
    today = read(written(tmp_path / "today", student_count=80))
    other = read(written(tmp_path / "other", student_count=80, version=version, form=form))
    assert other[0].students == today[0].students
    assert other[0].header.version == version
    assert [(link.eleve_id, link.is_legal) for link in other[1].links] == [
        (link.eleve_id, link.is_legal) for link in today[1].links
    ]


def test_without_edge_cases_nothing_is_planted(tmp_path: Path) -> None:
    files = written(tmp_path, student_count=300, edge_cases=False)
    students, guardians = read(files)
    assert files.truth.cases == {}
    assert {problem.code for problem in students.problems + guardians.problems} <= {"twins"}


@pytest.mark.parametrize("count", [0, 1, 5, 20])
def test_a_school_too_small_for_every_case_is_still_written(count: int, tmp_path: Path) -> None:
    files = written(tmp_path, student_count=count)
    assert files.truth.student_count == count
    if count:
        assert read(files)[0].record_count == count


def test_a_student_who_left_one_school_arrives_in_another_with_his_ine(tmp_path: Path) -> None:
    left = written(tmp_path / "left")
    joined = written(tmp_path / "joined", uai="0670081Z", arrivals=left.leavers)
    students = {student.eleve_id: student for student in read(joined)[0].students}
    arrived = [students[eleve_id] for eleve_id in joined.truth.cases["transferred"]]
    leavers = [student for student in read(left)[0].students if student.left_on]
    assert {(s.ine, s.family_name, s.given_name, s.birth_on) for s in arrived} == {
        (s.ine, s.family_name, s.given_name, s.birth_on) for s in leavers
    }
    assert {student.previous_uai for student in arrived} == {UAI}


def test_invented_ine_are_valid_unassigned_and_never_shared_between_schools() -> None:
    numbers = [invented_ine(uai, rank) for uai in (UAI, "0670081Z", "0541268K") for rank in (0, 1, 3_999)]
    assert len(set(numbers)) == len(numbers)
    assert all(has_valid_key(ine) and ine.startswith("9") for ine in numbers)


def test_every_invented_name_can_be_written_in_siecle_s_encoding() -> None:
    names = [name for names in FAMILY_NAMES.values() for name in names]
    names += [name for by_sex in GIVEN_NAMES.values() for given in by_sex.values() for name in given]
    for name in names:
        name.upper().encode("iso-8859-15")


def test_phones_and_mails_can_reach_nobody(school: SchoolFiles) -> None:
    _, guardians = read(school)
    phones = {phone for person in guardians.persons for phone in person.phones}
    assert phones
    assert all(phone.startswith(("+3363998", "+3335301")) for phone in phones)
    assert all(person.mail.endswith(".example") for person in guardians.persons if person.mail)


def test_a_wrong_uai_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="check letter"):
        written(tmp_path, uai="0670080Z")


def test_a_region_is_written_in_minutes_not_hours(tmp_path: Path) -> None:
    start = time.process_time()
    written(tmp_path, student_count=563)
    # 0.05 s on an ordinary core: 355 lycées in 20 s. The bound only catches what became quadratic.
    assert time.process_time() - start < 1
