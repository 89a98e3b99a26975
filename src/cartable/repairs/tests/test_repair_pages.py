"""The pages in people's hands, within the budgets of design/JOBS.md: one test per job, without script.

An interaction is a scan, a button or a field; what a page opens with costs none.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from django.test import Client

from cartable.accounts.models import Person
from cartable.emergency_stock.models import Loan
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.repairs.models import RepairQuote, RepairTicket
from cartable.repairs.tests.conftest import Bench


def of(person: Person) -> Client:
    """Return the browser of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@dataclass
class Visit:
    """Somebody at a page: what they did is counted."""

    client: Client
    path: str = ""
    html: str = ""
    status: int = 0
    interactions: int = 0
    form: dict[str, Any] = field(default_factory=dict)

    def open(self, path: str, **query: str) -> "Visit":
        """Open a page, free of charge."""
        return self._read(self.client.get(path, query, follow=True), path)

    def scan(self, path: str, **query: str) -> "Visit":
        """Scan into the field of a page that asks by address: the scanner's Enter sends it."""
        self.interactions += 1
        return self.open(path, **query)

    def say(self, **values: Any) -> "Visit":
        """Fill fields, or scan into them: one interaction each."""
        self.interactions += len(values)
        self.form.update(values)
        return self

    def send(self, action: str, *, costs: int = 1, **button: str) -> "Visit":
        """Send the form of this action with what the page had put into it."""
        self.interactions += costs
        answer = self.client.post(action, {**self._hidden(action), **self.form, **button}, follow=True)
        self.form = {}
        return self._read(answer, action)

    def _hidden(self, action: str) -> dict[str, Any]:
        parts = self.html.split(f'action="{action}"')
        form = (parts[1] if len(parts) > 1 else self.html).split("</form>")[0]
        found: dict[str, Any] = {}
        for tag in re.findall(r"<input[^>]*>", form):
            said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            if said.get("type") == "hidden" and said.get("name") != "csrfmiddlewaretoken":
                found.setdefault(said["name"], unescape(said.get("value", "")))
        return found

    def _read(self, answer: Any, path: str) -> "Visit":
        self.status, self.path = answer.status_code, path
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        self.html = re.sub(r"\s+", " ", content.decode())
        return self


@pytest.fixture
def head(bench: Bench) -> Visit:
    return Visit(of(bench.cast.durand))


@pytest.fixture
def lina(bench: Bench) -> Visit:
    return Visit(of(bench.cast.lina))


def in_the_workshop(bench: Bench, *, covered: bool | None = None) -> RepairTicket:
    """Bring Bilal's PC to the repairer."""
    ticket = bench.open()
    bench.send(bench.own.asset_tag)
    bench.receive(bench.own.asset_tag)
    if covered is not None:
        bench.diagnose(ticket, covered=covered)
    return bench.again(ticket)


# Head of school: "loan during repair", 3.


def test_loan_during_repair_takes_three_interactions(bench: Bench, head: Visit) -> None:
    head.open("/reparer/")
    head.scan("/reparer/", pc=bench.own.serial_number)
    assert "Bilal Benali" in head.html
    head.send("/reparer/faire/", how="lend")
    head.say(loaner=bench.loaner.asset_tag).send("/reparer/faire/", costs=0)
    assert "réparation ouverte" in head.html
    assert head.interactions == 3
    assert (bench.holder(bench.loaner), bench.desk.custody(bench.own)) == ("bilal", K.SCHOOL_BENCH)


def test_what_the_rules_do_not_open_is_greyed_with_the_reason(bench: Bench, head: Visit) -> None:
    bench.publish(failure_opens="nothing")
    head.scan("/reparer/", pc=bench.own.asset_tag)
    assert re.search(r"<button[^>]*disabled[^>]*>(<[^>]+>)*Réparer et prêter", head.html)
    assert "n’ouvrent pas de prêt" in head.html
    assert "Une panne ouvre : Rien" in head.html
    hidden = head._hidden("/reparer/faire/")
    answer = head.client.post("/reparer/faire/", {**hidden, "how": "lend", "loaner": bench.loaner.asset_tag})
    assert answer.status_code == 422
    assert Loan.objects.count() == 0
    head.send("/reparer/faire/", how="keep")
    assert "réparation ouverte" in head.html


def test_a_stolen_pc_raises_the_alarm_at_every_scan(bench: Bench, head: Visit, lina: Visit) -> None:
    cast = bench.cast
    [theirs] = bench.desk.fill(1, school=cast.other_school)
    cast.move(theirs.pk, cast.other_accounts[K.EMERGENCY_STOCK], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    for path in ("/reparer/", "/reparations/rendre/"):
        head.scan(path, pc=theirs.asset_tag)
        assert head.status == 422
        assert "avis--err" in head.html
    for visit, path in ((head, "/reparations/envoyer/"), (lina, "/sav/recevoir/")):
        visit.open(path).say(scan=theirs.asset_tag).send(path, costs=0, do="add")
        assert "avis--err" in visit.html


def test_a_wrong_loaner_is_explained_and_nothing_moves(bench: Bench, head: Visit) -> None:
    head.scan("/reparer/", pc=bench.own.asset_tag).send("/reparer/faire/", how="lend")
    head.say(loaner="P0000000000").send("/reparer/faire/", costs=0)
    assert head.status == 422
    head.say(loaner=bench.own.asset_tag).send("/reparer/faire/", costs=0)
    assert head.status == 422
    assert RepairTicket.objects.count() == 0
    assert bench.holder(bench.own) == "bilal"


# Technician: "open a repair", 4 + photo.


def test_a_technician_opens_a_repair_in_four_interactions(bench: Bench) -> None:
    karim = Visit(of(bench.cast.karim))
    karim.scan("/reparer/", pc=bench.own.asset_tag)
    karim.say(symptoms=["hinge"], note="Charnière gauche cassée").send("/reparer/faire/", how="keep")
    assert karim.interactions == 4
    ticket = RepairTicket.objects.get()
    assert (ticket.symptoms, ticket.note) == (["hinge"], "Charnière gauche cassée")


# "Accept a batch / send a repaired batch back": 1 scan each + 1, both ways; the lycée's halves too.


def series(visit: Visit, path: str, codes: list[str]) -> None:
    """Scan each PC, then act."""
    visit.open(path)
    for code in codes:
        visit.say(scan=code).send(path, costs=0, do="add")
    visit.send(path, do="act")


def test_a_batch_goes_there_and_back_with_a_scan_each_and_one_gesture(bench: Bench, head: Visit, lina: Visit) -> None:
    third = bench.desk.reserve[2]
    tickets = [bench.open(), bench.open(third, lend=False)]
    codes = [bench.own.asset_tag, third.serial_number]
    series(head, "/reparations/envoyer/", codes)
    assert head.interactions == 3
    series(lina, "/sav/recevoir/", [*codes, "INCONNU1"])
    assert lina.interactions == 4
    for ticket in tickets:
        bench.diagnose(ticket)
        bench.finish(ticket)
    lina.interactions = head.interactions = 0
    series(lina, "/sav/renvoyer/", codes)
    series(head, "/reparations/recevoir/", codes)
    assert (lina.interactions, head.interactions) == (3, 3)
    assert {bench.desk.custody(d) for d in (bench.own, third)} == {K.SCHOOL_BENCH}
    assert "INCONNU1" in lina.open("/sav/recevoir/").html


def test_scans_are_kept_by_the_form_and_each_is_answered(bench: Bench, head: Visit) -> None:
    bench.open()
    head.open("/reparations/envoyer/")
    assert bench.own.serial_number in head.html
    head.say(scan=bench.own.asset_tag).send("/reparations/envoyer/", do="add")
    head.say(scan=bench.own.serial_number).send("/reparations/envoyer/", do="add")
    assert "Déjà scanné" in head.html
    assert "Envoyer ces PC (1)" in head.html
    assert bench.desk.custody(bench.own) == K.SCHOOL_BENCH


# Repair contractor: "diagnosis, covered or not", 3; "quote for damage", 4.


def test_a_diagnosis_takes_three_interactions(bench: Bench, lina: Visit) -> None:
    ticket = in_the_workshop(bench)
    lina.open(f"/sav/dossier/{ticket.pk}/")
    lina.say(part="screen", is_covered="oui").send(f"/sav/dossier/{ticket.pk}/diagnostic/")
    assert lina.interactions == 3
    assert bench.again(ticket).is_covered is True


def test_a_quote_takes_four_interactions_and_the_region_decides_with_one(bench: Bench, lina: Visit) -> None:
    ticket = in_the_workshop(bench, covered=False)
    lina.open(f"/sav/dossier/{ticket.pk}/")
    lina.say(part="screen", price_eur="89,90", note="Dalle fendue").send(f"/sav/dossier/{ticket.pk}/devis/")
    assert lina.interactions == 4
    quote = RepairQuote.objects.get()
    assert str(quote.price_eur) == "89.90"
    sonia = Visit(of(bench.cast.sonia)).open("/reparations/decisions/")
    assert "Dalle fendue" in sonia.html
    sonia.send(f"/reparations/devis/{quote.pk}/", decision="accept")
    quote.refresh_from_db()
    assert quote.is_accepted is True
    assert "Accepté" in lina.open(f"/sav/dossier/{ticket.pk}/").html


def test_a_swap_asks_for_the_serial_that_comes_back(bench: Bench, lina: Visit) -> None:
    ticket = in_the_workshop(bench, covered=True)
    where = f"/sav/dossier/{ticket.pk}/resultat/"
    lina.open(f"/sav/dossier/{ticket.pk}/").say(outcome="swapped").send(where)
    assert lina.status == 422
    lina.say(outcome="swapped", new_serial="5CGNEW0001").send(where)
    assert Device.objects.get(pk=bench.own.pk).serial_number == "5CGNEW0001"


def test_the_repairer_reads_no_name_and_no_school_beyond_its_name_and_town(bench: Bench, lina: Visit) -> None:
    ticket = in_the_workshop(bench)
    for path in ("/sav/", f"/sav/dossier/{ticket.pk}/", "/sav/renvoyer/", "/sav/releve/", "/sav/recevoir/"):
        html = lina.open(path).html
        assert lina.status == 200
        assert not re.search(r"Benali|Bilal|0579901C|E0\d{9}", html), path
    assert "Lycée des Trois-Rivières, Metz" in lina.open("/sav/").html


def test_another_companys_repairer_sees_none_of_it(bench: Bench) -> None:
    from datetime import date

    from cartable.accounts import commands as accounts
    from cartable.accounts.models import Role
    from cartable.organisations.commands import hire_contractor

    ticket = in_the_workshop(bench)
    other = hire_contractor(region=bench.cast.region, name="Autre atelier", trades=["repairer"])
    max_ = accounts.open_account(email="max@example.org", full_name="Max", password="un long mot de passe")
    accounts.appoint(
        person=max_, role=Role.REPAIRER, region_id=bench.cast.region.pk, school=None, contractor=other,
        starts_on=date(2026, 8, 1),
    )  # fmt: skip
    visit = Visit(of(max_))
    assert visit.open(f"/sav/dossier/{ticket.pk}/").status == 404
    assert bench.own.serial_number not in visit.open("/sav/").html
    series(visit, "/sav/renvoyer/", [bench.own.asset_tag])
    assert "Pas dans cet envoi" in visit.html


def test_a_ticket_that_was_not_sent_is_not_the_repairers_to_read(bench: Bench, lina: Visit) -> None:
    ticket = bench.open()
    assert lina.open(f"/sav/dossier/{ticket.pk}/").status == 404


def test_the_queue_is_found_by_a_scan_and_shows_its_age(bench: Bench, lina: Visit) -> None:
    ticket = in_the_workshop(bench)
    assert bench.own.serial_number in lina.open("/sav/").html
    lina.scan("/sav/", pc=bench.own.asset_tag)
    assert f"/sav/dossier/{ticket.pk}/" in lina.html
    assert lina.scan("/sav/", pc="RIEN1").status == 422


# The end of the loan.


def test_an_exchange_takes_two_scans(bench: Bench, head: Visit) -> None:
    ticket = bench.repaired()
    head.scan("/reparations/rendre/", pc=bench.own.asset_tag)
    assert "Bilal Benali" in head.html
    where = f"/reparations/dossier/{ticket.pk}/rendre/"
    head.say(loaner=bench.desk.reserve[2].asset_tag).send(where, costs=0)
    assert head.status == 422
    assert bench.holder(bench.loaner) == "bilal"
    head.interactions = 1
    head.say(loaner=bench.loaner.asset_tag).send(where, costs=0)
    assert head.interactions == 2
    assert bench.holder(bench.own) == "bilal"


def test_a_swap_takes_a_scan_and_a_button(bench: Bench, head: Visit) -> None:
    ticket = bench.repaired(reinstalled=True)
    head.scan("/reparations/rendre/", pc=bench.loaner.asset_tag)
    head.send(f"/reparations/dossier/{ticket.pk}/rendre/", end="swap")
    assert head.interactions == 2
    assert bench.desk.custody(bench.own) == K.EMERGENCY_STOCK


# The region.


def test_a_recall_is_looked_at_and_then_opens_all_its_tickets(bench: Bench) -> None:
    sonia = Visit(of(bench.cast.sonia)).open("/reparations/rappels/")
    sonia.say(what=f"modele-{bench.cast.model_id}", reason="Batterie qui gonfle")
    sonia.send("/reparations/rappels/", do="look")
    assert "Ouvrir 3 dossiers" in sonia.html
    sonia.say(what=f"modele-{bench.cast.model_id}", reason="Batterie qui gonfle")
    sonia.send("/reparations/rappels/", do="open")
    assert "3 dossiers ouverts" in sonia.html
    assert RepairTicket.objects.filter(recall__reason="Batterie qui gonfle").count() == 3
    head = Visit(of(bench.cast.durand)).scan("/reparer/", pc=bench.own.asset_tag)
    assert "Rappelé par la région" in head.html


def test_terms_are_written_per_repairer(bench: Bench) -> None:
    sonia = Visit(of(bench.cast.sonia)).open("/reparations/conditions/")
    sonia.say(warranty_months="24", agreed_days="0").send("/reparations/conditions/")
    assert sonia.status == 422
    sonia.say(warranty_months="24", agreed_days="7").send("/reparations/conditions/")
    assert bench.open().agreed_days == 7


def test_a_statement_of_the_month_is_a_table_without_formula_and_without_name(bench: Bench, lina: Visit) -> None:
    bench.cast.school.__class__.objects.filter(pk=bench.cast.school.pk).update(name="=cmd|' /C calc'!A0")
    bench.repaired()
    assert "PC terminés" in lina.open("/sav/releve/", mois="2026-09").html
    csv = lina.open("/sav/releve/csv/", mois="2026-09").html
    assert f"{bench.own.asset_tag};{bench.own.serial_number}" in csv
    assert "'=cmd" in csv
    assert ";3;10;oui" in csv
    assert "Benali" not in csv
    assert bench.own.asset_tag not in lina.open("/sav/releve/csv/", mois="2026-10").html
    assert lina.open("/sav/releve/", mois="septembre").status == 422


def test_lists_show_tickets_to_their_lycee_only(bench: Bench, head: Visit) -> None:
    ticket = bench.open()
    assert str(ticket.pk) in head.open("/reparations/").html
    zoe = Visit(of(bench.cast.zoe))
    assert str(ticket.pk) not in zoe.open("/reparations/").html
    assert zoe.open(f"/reparations/dossier/{ticket.pk}/").status == 404


@pytest.mark.parametrize("wanted", ["ouverts", "a-envoyer", "chez-le-reparateur", "revenus", "fermes", "autre"])
def test_each_filter_of_the_list_opens(bench: Bench, head: Visit, wanted: str) -> None:
    bench.open()
    assert head.open("/reparations/", etat=wanted).status == 200


def test_a_list_of_a_recall_is_paged_although_all_are_of_one_moment(bench: Bench) -> None:
    from cartable.repairs.queries.tickets import ticket_page
    from cartable.repairs.tests.test_recalls_and_waiting import call_back

    bench.desk.fill(5)
    call_back(bench)
    seen, after = [], ""
    for _ in range(4):
        page = ticket_page("ouverts", after=after, today=bench.cast.now.date(), limit=3)
        seen += [row.pk for row in page.rows]
        after = page.next_after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 8
    back = ticket_page("ouverts", before=page.previous_before, today=bench.cast.now.date(), limit=3)
    assert [row.pk for row in back.rows] == seen[3:6]
