"""The bench in a technician's hand: a scan and a thumb, in series one scan each; certificates and slips as PDF."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cartable.distribution.tests.paper_reading import texts
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Grade, Reason
from cartable.returns.models import DisposalSlip, Reimaging, WriteOff
from cartable.returns.rules import BenchCheck
from cartable.returns.tests.conftest import Returns, of

CHECKS = [str(check) for check in BenchCheck]
MOVEMENT = "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b1"


def html_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def bench_of(returns: Returns, name: str = "returns:bench") -> str:
    return reverse(name, args=[returns.cast.school.uai])


def fields(html: str) -> dict[str, object]:
    """Return the fields of the PC's form, as a browser would send them untouched."""
    form = html.split("/faire/")[1].split("</form>")[0]
    found: dict[str, object] = dict(re.findall(r'name="(movement|pc|image)" value="([^"]*)"', form))
    return {
        **found,
        "controles": re.findall(r'name="controles" value="(\w+)"[^>]* checked', form),
        **dict(zip(("methode", "vers"), re.findall(r'<option value="(\w+)" selected', form), strict=True)),
    }


def test_job_returned_pc_reimaged_into_the_reserve_is_a_scan_and_a_thumb(returns: Returns, karim: Client) -> None:
    for name in ("bilal", "chloe"):
        returns.take(name)
    # The image was named once, for the first PC of the year.
    first = fields(html_of(karim.get(bench_of(returns), {"pc": returns.held["chloe"].asset_tag})))
    karim.post(bench_of(returns, "returns:bench-work"), {**first, "image": "2026.09", "geste": "all"})
    html = html_of(karim.get(bench_of(returns), {"pc": returns.held["bilal"].serial_number}))
    answer = karim.post(bench_of(returns, "returns:bench-work"), {**fields(html), "geste": "all"}, follow=True)
    assert "prêt, réserve du lycée" in html_of(answer)
    assert returns.desk.custody(returns.held["bilal"]) == K.EMERGENCY_STOCK
    assert set(Reimaging.objects.values_list("image_version", flat=True)) == {"2026.09"}


def test_job_in_series_each_pc_is_one_scan_after_choosing_once(returns: Returns, karim: Client) -> None:
    address = bench_of(returns, "returns:bench-series")
    assert "Commencer à scanner" in html_of(karim.get(address))
    said = {"geste": "all", "methode": "secure_erase", "image": "2026.09", "controles": CHECKS, "vers": "reserve"}
    series = reverse("returns:bench-series", args=[returns.cast.school.uai], query=said)
    for n, name in enumerate(("alice", "bilal", "chloe")):
        returns.take(name)
        answer = karim.post(series, {"pc": returns.held[name].asset_tag, "movement": f"{MOVEMENT}{n}"}, follow=True)
        series = answer.redirect_chain[0][0]
    assert re.search(r'nombre__valeur">3<', html_of(answer))
    assert {returns.desk.custody(device) for device in returns.held.values()} == {K.EMERGENCY_STOCK}


def test_what_is_refused_in_series_says_why_and_the_series_goes_on(returns: Returns, karim: Client) -> None:
    returns.take("bilal", grade=Grade.DAMAGED)
    said = {"geste": "all", "methode": "secure_erase", "image": "1", "controles": CHECKS, "vers": "reserve"}
    series = reverse("returns:bench-series", args=[returns.cast.school.uai], query=said)
    answer = karim.post(series, {"pc": returns.held["bilal"].asset_tag, "movement": f"{MOVEMENT}0"})
    assert answer.status_code == 422
    assert "Ouvrez une réparation" in html_of(answer)
    assert "autofocus" in html_of(answer)


def test_the_queue_counts_by_stage_and_says_since_when(returns: Returns, karim: Client) -> None:
    returns.take("bilal")
    html = html_of(karim.get(bench_of(returns)))
    assert "À effacer · 1" in html
    assert returns.held["bilal"].serial_number in html
    assert "Benali" not in html
    assert "Rien n’attend ici" in html_of(karim.get(bench_of(returns), {"etape": "imaged"}))


def test_the_certificate_says_method_date_and_serial_number(returns: Returns, karim: Client) -> None:
    returns.take("bilal")
    html = html_of(karim.get(bench_of(returns), {"pc": returns.held["bilal"].asset_tag}))
    karim.post(bench_of(returns, "returns:bench-work"), {**fields(html), "geste": "wipe"})
    done = Reimaging.objects.get()
    [said] = texts(karim.get(reverse("returns:certificate", args=[done.pk])).content)
    for word in (
        done.certificate_number,
        returns.held["bilal"].serial_number,
        "Effacement sécurisé",
        str(done.wiped_at.year),
    ):
        assert word in said, word
    assert "Benali" not in said


def test_a_private_lycee_reads_who_does_it_there(returns: Returns) -> None:
    html = html_of(of(returns.cast.zoe).get(reverse("returns:bench", args=[returns.cast.other_school.uai])))
    assert "pas de technicien de la région" in html


def test_the_head_sees_the_bench_and_does_not_work_on_it(returns: Returns, head: Client) -> None:
    returns.take("bilal")
    html = html_of(head.get(bench_of(returns), {"pc": returns.held["bilal"].asset_tag}))
    assert "/faire/" not in html
    assert head.post(bench_of(returns, "returns:bench-work"), {}).status_code == 404


@pytest.mark.parametrize("outlet", ["reuse", "recycling"])
def test_pcs_leave_under_a_slip_one_scan_each_and_the_slip_prints(returns: Returns, karim: Client, outlet: str) -> None:
    answer = karim.post(
        bench_of(returns, "returns:slips"),
        {"slip": "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b10", "outlet": outlet, "receiver": "Ateliers du Bocage"},
        follow=True,
    )
    address = answer.redirect_chain[0][0]
    for n, name in enumerate(("bilal", "chloe")):
        returns.take(name, grade=Grade.UNUSABLE)
        sent = {"pc": returns.held[name].asset_tag, "movement": f"{MOVEMENT}{n}", "methode": "disk_destroyed"}
        answer = karim.post(address, sent, follow=True)
        assert "est sorti du parc" in html_of(answer)
    assert '"disk_destroyed" selected' in html_of(answer)
    slip = DisposalSlip.objects.get()
    [said] = texts(karim.get(reverse("returns:slip-paper", args=[slip.pk])).content)
    for word in ("Ateliers du Bocage", *(returns.held[name].serial_number for name in ("bilal", "chloe"))):
        assert word in said, word
    assert ("100" if outlet == "reuse" else "0 %") in html_of(karim.get(bench_of(returns, "returns:slips")))


def test_an_unwiped_pc_is_stopped_at_the_slip_and_a_mistake_is_undone(returns: Returns, karim: Client) -> None:
    sent = {"slip": "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b10", "outlet": "reuse", "receiver": "X"}
    address = karim.post(bench_of(returns, "returns:slips"), sent)["Location"]
    returns.take("bilal")
    tag = returns.held["bilal"].asset_tag
    answer = karim.post(address, {"pc": tag, "movement": f"{MOVEMENT}0"})
    assert answer.status_code == 422
    assert "n’est pas effacé" in html_of(answer)
    karim.post(address, {"pc": tag, "movement": f"{MOVEMENT}0", "methode": "overwritten"})
    undo = reverse("returns:write-off-undo", args=[WriteOff.objects.get().pk])
    assert "de nouveau à l’atelier" in html_of(karim.post(undo, {"movement": f"{MOVEMENT}9"}, follow=True))


def test_a_pc_of_another_bench_is_not_worked_on_here(returns: Returns) -> None:
    cast = returns.cast
    [theirs] = returns.desk.fill(1, school=cast.other_school)
    bench = cast.other_accounts[K.SCHOOL_BENCH]
    cast.move(theirs.pk, cast.other_accounts[K.EMERGENCY_STOCK], bench, Reason.FAULT)
    sonia = of(cast.sonia)
    for answer in (
        sonia.get(bench_of(returns), {"pc": theirs.asset_tag}),
        sonia.post(
            reverse("returns:bench-series", args=[cast.school.uai], query={
                "geste": "wipe", "methode": "overwritten", "image": "", "controles": CHECKS, "vers": "depot"}),
            {"pc": theirs.asset_tag, "movement": f"{MOVEMENT}0"},
        ),
    ):  # fmt: skip
        assert answer.status_code == 422
        assert "d’un autre lycée" in html_of(answer)
    assert not Reimaging.objects.exists()


def test_the_last_pc_shelved_is_brought_back_and_its_certificate_is_void(returns: Returns, karim: Client) -> None:
    returns.take("bilal")
    form = fields(html_of(karim.get(bench_of(returns), {"pc": returns.held["bilal"].asset_tag})))
    karim.post(bench_of(returns, "returns:bench-work"), {**form, "image": "1", "geste": "all"})
    [address] = re.findall(r'action="(/atelier/effacements/[^"]+)"', html_of(karim.get(bench_of(returns))))
    assert "à effacer" in html_of(karim.post(address, {"movement": f"{MOVEMENT}9"}, follow=True))
    assert returns.desk.custody(returns.held["bilal"]) == K.SCHOOL_BENCH
    assert karim.get(reverse("returns:certificate", args=[Reimaging.objects.get().pk])).status_code == 404
