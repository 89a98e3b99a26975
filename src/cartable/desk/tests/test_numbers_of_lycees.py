"""A lycée gets another number, from its page; every door still knows it by the former one."""

from datetime import date
from uuid import uuid4

import pytest
from django_scopes import scope

from cartable.conftest import Cast
from cartable.desk.commands.numbers import renumber
from cartable.desk.models import UaiChange
from cartable.desk.tests.pages import signed_in
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Device
from cartable.organisations.models import School
from cartable.organisations.tests.test_directory import uai
from cartable.rosters.commands.batches import SentFile, read_file, receive_files
from cartable.rosters.models import FileState, RosterFile, RosterLine
from cartable.rosters.tests.format_documents import aaf_files, aaf_school
from cartable.rosters.tests.siecle_documents import HEADER, UAI, eleve, encoded, students_text, zipped
from cartable.rosters.tests.takeover_files import enrolled, line_of, take_over

NEW = uai(570_123)


def renumbered(cast: Cast) -> str:
    """Give the lycée of the cast another number; return the former one."""
    before = cast.school.uai
    renumber(
        change_id=uuid4(), school=cast.school, uai=NEW, decided_at=cast.now, decided_by_id=cast.sonia.actor_id
    )  # fmt: skip
    cast.school.refresh_from_db()
    return before


def sent(cast: Cast, name: str, content: bytes, school: School | None = None) -> RosterFile:
    """Send a file of lists, for a lycée as its head does or for whichever it names, and read it."""
    (file,) = receive_files(
        batch_id=uuid4(), region_id=cast.region.pk, school=school, first_year=2026, files=[SentFile(name, content)],
        sent_at=cast.now, sent_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    with scope(region=cast.region.pk, school=[school.pk] if school else None):
        return read_file(file_id=file.pk, now=cast.now, today=date(2026, 9, 13))


def siecle(number: str, raw: str = "") -> bytes:
    return encoded(students_text(eleve(raw=raw), header=HEADER.replace(UAI, number)))


def test_the_page_takes_a_number_shows_the_former_one_and_sent_twice_it_is_one(cast: Cast) -> None:
    client, before = signed_in(cast.sonia), cast.school.uai
    address, act = f"/lycees/{before}/changer-de-numero/", uuid4()
    wrong = client.post(address, {"changement": act, "uai": "0570123B"})
    assert wrong.status_code == 422
    assert "sa lettre" in wrong.content.decode() or "leur lettre" in wrong.content.decode()
    assert client.post(address, {"changement": act, "uai": cast.other_school.uai}).status_code == 422
    for _ in range(2):
        page = client.post(address, {"changement": act, "uai": NEW.lower()}, follow=True).content.decode()
    assert NEW in page
    assert before in page
    assert UaiChange.objects.count() == 1


def test_search_and_addresses_lead_by_the_former_number(cast: Cast) -> None:
    before = renumbered(cast)
    found = signed_in(cast.sonia).post("/recherche/", {"q": before.lower()}, follow=True)
    assert found.redirect_chain[-1][0] == f"/lycees/{NEW}/"
    for page in (f"/lycees/{before}/", f"/listes/{before}/", f"/reserve/{before}/", f"/lycees/{before}/eleves/"):
        assert signed_in(cast.durand).get(page).status_code == 200, page
    assert signed_in(cast.zoe).get(f"/lycees/{before}/").status_code == 404


@pytest.mark.parametrize("for_its_page", [False, True])
def test_a_siecle_list_that_still_names_the_former_number_is_the_lycee_s(cast: Cast, for_its_page: bool) -> None:
    file = sent(cast, "eleves.xml", siecle(renumbered(cast)), cast.school if for_its_page else None)
    assert (file.state, file.school) == (FileState.READ, cast.school)
    assert sent(cast, "autre.xml", siecle(cast.other_school.uai), cast.school).refusal_code == "wrong_school"


def test_an_aaf_delivery_that_still_names_the_former_number_is_the_lycee_s(cast: Cast) -> None:
    files = aaf_files(schools=aaf_school(uai=renumbered(cast)))
    assert sent(cast, "Complet.zip", zipped(files)).school == cast.school


def test_a_previous_lycee_is_known_by_the_number_that_it_bore(cast: Cast) -> None:
    before = renumbered(cast)
    raw = f"        <SCOLARITE_AN_DERNIER><CODE_RNE>{before}</CODE_RNE></SCOLARITE_AN_DERNIER>\n"
    sent(cast, "eleves.xml", siecle(cast.other_school.uai, raw), cast.other_school)
    assert RosterLine.objects.get().previous_uai == NEW
    table = f"Nom;Prénom;Classe;RNE origine\nMartin;Zoé;2DE1;{before}".encode()
    sent(cast, "eleves.csv", table, cast.other_school)
    assert RosterLine.objects.get(family_name__iexact="martin").previous_uai == NEW


def test_a_fleet_of_another_tool_is_taken_over_by_either_number_and_the_audit_counts_them_as_one(cast: Cast) -> None:
    # Before and after the change: what was counted under the former number is still the lycée's.
    former = cast.school.uai
    take_over(cast, [line_of("5CG0000001", "réserve", uai=former)])
    enrolled(cast, "Marchand", "Alice")
    renumbered(cast)
    take_over(
        cast,
        [
            line_of("5CG0000002", "réserve", uai=former),
            line_of("5CG0000003", uai=former, family="Marchand", given="Alice", born="05/03/2010"),
        ],
    )
    assert Device.objects.filter(custodian__school=cast.school).count() == 3
    assert audit_ledger().broken == []
