"""P35, P37 of the bad-input catalogue and what BEE_RESPONSABLES means."""

from __future__ import annotations

import pytest

from cartable.rosters.formats.records import GuardianLink, Person
from cartable.rosters.tests.siecle_documents import codes, personne, read_guardians, responsable


def test_a_guardian_is_read_with_phones_and_mail() -> None:
    read = read_guardians(personne(), responsable())
    assert read.persons == (
        Person("501", "MARCHAND", "", "Hélène", ("+33639980001", "+33353010001"), "helene@courriel.example"),
    )
    assert read.links == (GuardianLink("1001", "501", True, "1", "10"),)
    assert (read.header.kind, read.problems) == ("BEE_RESPONSABLES", ())


@pytest.mark.parametrize(
    ("fields", "accepts"),
    [
        ({"ACCEPTE_SMS": "1"}, True),
        ({"ACCEPTE_SMS": "0"}, False),
        ({}, False),
        ({"ACCEPTE_SMS": "1", "TEL_PORTABLE": None}, False),
        ({"ACCEPTE_SMS": "1", "TEL_PORTABLE": "demander"}, False),
    ],
)
def test_who_accepts_sms_said_so_and_has_a_mobile_phone(fields: dict[str, str | None], accepts: bool) -> None:
    (person,) = read_guardians(personne(**fields), responsable()).persons
    assert person.accepts_sms is accepts


def test_contact_details_do_not_show_in_a_representation() -> None:
    shown = repr(read_guardians(personne(), responsable()))
    assert "63998" not in shown
    assert "courriel" not in shown


@pytest.mark.parametrize(
    ("fields", "is_legal", "level"),
    [
        ({"NIVEAU_RESPONSABILITE": "1"}, True, "1"),
        ({"NIVEAU_RESPONSABILITE": "2"}, False, "2"),
        ({"NIVEAU_RESPONSABILITE": "3"}, False, "3"),
        ({"RESP_LEGAL": "1"}, True, "1"),
        ({"RESP_LEGAL": "2"}, True, "2"),
        ({"RESP_LEGAL": "0"}, False, "0"),
        ({"NIVEAU_RESPONSABILITE": "2", "RESP_LEGAL": "1"}, False, "2"),
        ({"CODE_PARENTE": "20"}, False, ""),
    ],
)
def test_legal_responsibility_is_read_in_both_versions(fields: dict[str, str], is_legal: bool, level: str) -> None:
    (link,) = read_guardians(personne(), responsable(**fields)).links
    assert (link.is_legal, link.level) == (is_legal, level)


@pytest.mark.parametrize("tag", ["RESPONSABLE_ELEVE", "RESPONSABLE", "LIEN"])
def test_a_link_is_read_whatever_its_element_is_called(tag: str) -> None:
    assert len(read_guardians(personne(), responsable(tag=tag)).links) == 1


def test_two_separated_guardians_are_two_links() -> None:
    persons = personne() + personne("502", NOM_DE_FAMILLE="ROTH", PRENOM="Karim")
    read = read_guardians(persons, responsable() + responsable(person_id="502"))
    assert [link.is_legal for link in read.links] == [True, True]
    assert read.problems == ()


def test_P35_three_legal_guardians_warn() -> None:
    persons = "".join(personne(str(number)) for number in (501, 502, 503))
    links = "".join(responsable(person_id=str(number)) for number in (501, 502, 503))
    read = read_guardians(persons, links)
    assert len(read.links) == 3
    (problem,) = read.problems
    assert (problem.code, problem.severity, problem.eleve_id) == ("too_many_legal_guardians", "warn", "1001")
    assert problem.parameters == {"count": 3}


@pytest.mark.parametrize(
    "mail",
    ["a@b.example\nc@d.example", "a@b.example, c@d.example", "a@b.example;c@d.example", "a@b", "a b@c.example",
     "Hélène <a@b.example>", "a@b.example\r\nBcc: x@y.example", "x" * 250 + "@b.example", "@", "a@@b.example"],
)  # fmt: skip
def test_P37_a_list_or_a_line_break_is_no_mail_and_costs_the_field_only(mail: str) -> None:
    read = read_guardians(personne(MEL=mail), responsable())
    assert read.persons[0].mail is None
    (problem,) = read.problems
    assert (problem.code, problem.severity, problem.field_name) == ("mail_unreadable", "refuse", "MEL")


def test_a_missing_mail_or_phone_is_no_problem() -> None:
    read = read_guardians(personne(MEL=None, TEL_PORTABLE="", TEL_PERSONNEL=None), responsable())
    assert (read.persons[0].mail, read.persons[0].phones, read.problems) == (None, (), ())


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("06 39 98 00 01", "+33639980001"),
        ("0639980001", "+33639980001"),
        ("+33 (0)6 39.98.00-01", "+33639980001"),
        ("0033639980001", "+33639980001"),
        ("+49 30 23125 000", "+493023125000"),
    ],
)
def test_phones_are_brought_to_one_form(written: str, phone: str) -> None:
    read = read_guardians(personne(TEL_PORTABLE=written, TEL_PERSONNEL="0639980001"), responsable())
    assert read.persons[0].phones[0] == phone
    assert len(set(read.persons[0].phones)) == len(read.persons[0].phones)


@pytest.mark.parametrize("written", ["liste rouge", "12", "06399800", "+", "0639980001 ou 0639980002"])
def test_an_unreadable_phone_costs_the_field_only(written: str) -> None:
    read = read_guardians(personne(TEL_PORTABLE=written), responsable())
    assert read.persons[0].phones == ("+33353010001",)
    assert codes(read) == ["phone_unreadable"]


def test_a_person_repeated_for_each_child_is_one_person() -> None:
    read = read_guardians(personne() + personne(), responsable() + responsable("1002"))
    assert (len(read.persons), len(read.links), read.problems) == (1, 2, ())


def test_a_person_repeated_with_other_details_warns_and_the_first_stays() -> None:
    read = read_guardians(personne() + personne(PRENOM="Odile"), responsable())
    assert [person.given_name for person in read.persons] == ["Hélène"]
    assert codes(read) == ["person_differs"]


def test_a_link_repeated_is_one_link_and_warns_only_when_it_differs() -> None:
    read = read_guardians(personne(), responsable() + responsable() + responsable(NIVEAU_RESPONSABILITE="2"))
    assert [link.is_legal for link in read.links] == [True]
    assert codes(read) == ["link_differs"]


def test_a_link_to_nobody_warns_and_is_dropped() -> None:
    read = read_guardians("", responsable())
    assert read.links == ()
    assert codes(read) == ["guardian_unknown"]


@pytest.mark.parametrize("record", [responsable(""), responsable(person_id=""), responsable("9" * 30)])
def test_an_incomplete_link_is_refused(record: str) -> None:
    read = read_guardians(personne(), record)
    assert read.links == ()
    assert codes(read, "refuse") == ["link_incomplete"]


@pytest.mark.parametrize(
    ("record", "code"), [(personne(""), "person_id_missing"), (personne(PRENOM="x" * 101), "person_name_unfit")]
)
def test_an_unusable_person_is_refused_alone(record: str, code: str) -> None:
    read = read_guardians(record + personne("502"), responsable(person_id="502"))
    assert [person.person_id for person in read.persons] == ["502"]
    assert codes(read, "refuse") == [code]


def test_a_usage_name_is_what_people_use() -> None:
    (person,) = read_guardians(personne(NOM_USAGE="ROTH"), "").persons
    assert (person.last_name, person.family_name) == ("ROTH", "MARCHAND")
