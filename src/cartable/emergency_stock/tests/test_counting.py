"""A shelf is counted by scans: what is missing, what lies there by mistake, and nothing moves."""

import re

from cartable.emergency_stock.queries.counting import Stray, count_shelf
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.test_desk_pages import of
from cartable.fleet.models import Movement
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason


def test_a_count_names_what_is_missing_and_what_lies_there_by_mistake(desk: Desk) -> None:
    cast = desk.cast
    seen, missing, given = desk.reserve
    benched, stolen = desk.fill(2)
    [theirs] = desk.fill(1, school=cast.other_school)
    desk.hand_over("bilal", given)
    cast.move(benched.pk, cast.school_accounts[K.EMERGENCY_STOCK], cast.school_accounts[K.SCHOOL_BENCH], Reason.FAULT)
    cast.move(stolen.pk, cast.school_accounts[K.EMERGENCY_STOCK], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    texts = [
        seen.asset_tag, seen.serial_number.lower(), given.serial_number, benched.asset_tag, theirs.asset_tag,
        stolen.serial_number, "RIEN1",
    ]  # fmt: skip
    before = Movement.objects.count()
    counted = count_shelf(cast.school.pk, texts, region_id=cast.region.pk)
    assert (counted.expected, counted.seen) == (2, 1)
    assert [pc.asset_tag for pc in counted.missing] == [missing.asset_tag]
    assert dict(counted.strays) == {
        given.serial_number: Stray.WITH_STUDENT, benched.asset_tag: Stray.ON_BENCH, theirs.asset_tag: Stray.ELSEWHERE,
        stolen.serial_number: Stray.HOT, "RIEN1": Stray.UNKNOWN,
    }  # fmt: skip
    assert counted.has_alarm
    assert Movement.objects.count() == before


def test_the_page_keeps_the_scans_and_raises_the_alarm(desk: Desk) -> None:
    cast = desk.cast
    stolen, *there = desk.reserve
    cast.move(stolen.pk, cast.school_accounts[K.EMERGENCY_STOCK], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    address, client = f"/reserve/{cast.school.uai}/compter/", of(cast.karim)
    codes = "\n".join([stolen.asset_tag, *(pc.asset_tag for pc in there)])
    html = re.sub(r"\s+", " ", client.post(address, {"codes": codes}).content.decode())
    assert "avis--err" in html
    assert "2 PC sur 2 sont là. Manquent : 0. De trop : 1." in html
    assert all(pc.asset_tag in html for pc in there)
    right = client.post(address, {"codes": codes.partition("\n")[2]}).content.decode()
    assert "Le compte est juste : 2 PC." in right


def test_nothing_scanned_and_too_much_scanned_are_explained(desk: Desk) -> None:
    address, client = f"/reserve/{desk.cast.school.uai}/compter/", of(desk.cast.durand)
    for codes, said in (("", "obligatoire"), ("\n".join(f"X{n}" for n in range(2_001)), "comptez en plusieurs fois")):
        answer = client.post(address, {"codes": codes})
        assert (answer.status_code, said in answer.content.decode()) == (422, True)
