"""Lists that leave as CSV: by the filters of the address, in the scope of whoever asks, without a formula, row by row."""

import csv
import io
import tracemalloc
from dataclasses import replace

from django.http import StreamingHttpResponse

from cartable.accounts.models import Person
from cartable.conftest import Cast
from cartable.desk.tests.pages import signed_in
from cartable.distribution.tests.conftest import enrol
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.kernel.exports import delimited
from cartable.rosters.commands.enrolment import NewStudent


def table(person: Person, address: str) -> list[dict[str, str]]:
    """Return the rows of a file; read after the request has ended, as a server sends it."""
    answer = signed_in(person).get(address)
    assert isinstance(answer, StreamingHttpResponse)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_pcs_of_a_lycee_and_no_other_leave_by_the_filters_of_the_page(desk: Desk) -> None:
    desk.fill(2, school=desk.cast.other_school)
    desk.hand_over("alice", desk.reserve[0])
    assert len(table(desk.cast.durand, "/pc.csv")) == 3
    assert len(table(desk.cast.karim, "/pc.csv")) == 3
    assert len(table(desk.cast.sonia, "/pc.csv")) == 5
    (held,) = table(desk.cast.durand, "/pc.csv?detenteur=student")
    assert (held["Étiquette"], held["Détenteur"]) == (desk.reserve[0].asset_tag, "Élève")
    assert len(table(desk.cast.sonia, f"/pc.csv?lycee={desk.cast.other_school.uai}")) == 2
    assert len(table(desk.cast.sonia, f"/pc.csv?q={desk.reserve[0].serial_number}")) == 1


def test_the_students_leave_with_their_pc_lycee_by_lycee(desk: Desk) -> None:
    enrol(replace(desk.cast, school=desk.cast.other_school), {"x": NewStudent(0, "Zimmer", "Max", division="1G1")})
    desk.hand_over("alice", desk.reserve[0])
    rows = table(desk.cast.durand, "/eleves.csv")
    assert {row["UAI"] for row in rows} == {desk.cast.school.uai}
    (alice,) = table(desk.cast.durand, f"/lycees/{desk.cast.school.uai}/eleves.csv?pc=avec")
    assert (alice["Nom"], alice["PC"]) == ("Marchand", desk.reserve[0].asset_tag)
    assert len(table(desk.cast.sonia, "/eleves.csv")) == len(rows) + 1
    assert len(table(desk.cast.sonia, "/eleves.csv?pc=sans")) == len(rows)


def test_a_name_that_is_a_formula_leaves_as_text(cast: Cast) -> None:
    enrol(cast, {"x": NewStudent(0, "=1+1", "@SOMME", division="+1")})
    (row,) = table(cast.durand, "/eleves.csv")
    assert (row["Nom"], row["Prénom"], row["Classe"]) == ("'=1+1", "'@SOMME", "'+1")


def test_whoever_sees_no_students_gets_no_list_of_them(cast: Cast) -> None:
    for person in (cast.karim, cast.lina):
        assert signed_in(person).get("/eleves.csv").status_code == 404
    assert signed_in(cast.zoe).get(f"/lycees/{cast.school.uai}/eleves.csv").status_code == 404


def test_a_long_table_is_never_whole_in_memory() -> None:
    rows = ([f"P{number:010d}", "5CG0000000", "x" * 100] for number in range(200_000))
    tracemalloc.start()
    size = sum(len(piece) for piece in delimited(["a", "b", "c"], rows))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 20_000_000
    assert peak < 1_000_000
