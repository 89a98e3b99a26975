"""A fleet taken over from another tool: its export read, holders found among the students, PCs entered as opening movements.

The limit is the ledger alone: as many births, handed to it ready-made, through the same statement. Three PCs in four
are with a student, named by surname, given name, birth date and lycée; the others are in the lycées' reserves.
"""

import csv
import io
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection
from django.utils import timezone
from django_scopes import scopes_disabled

from bench.roster_lists import load, region_lists
from bench.scratch import scratch_database, settle
from cartable.accounts.commands import system_actor
from cartable.fleet.commands import BirthOrder, enter_devices, open_contractor_account
from cartable.fleet.rules import CustodianKind, Reason
from cartable.organisations.commands import hire_contractor
from cartable.organisations.models import Contractor, Region
from cartable.rosters.commands.takeover import open_books
from cartable.rosters.commands.takeover_files import keep_takeover
from cartable.rosters.models import Takeover
from cartable.rosters.queries.takeovers import check_takeover
from cartable.supply.commands.births import completed_tags

_HEADER = ("N° de série", "Modèle", "Lot", "UAI", "Situation", "Nom", "Prénom", "Date de naissance", "Depuis")


def run(size: int = 7_000) -> dict[str, Any]:
    """Take over a fleet of ``size`` PCs: preview it, open the books with it; return the ratio to the ledger alone."""
    with tempfile.TemporaryDirectory() as directory, scratch_database(), scopes_disabled():
        load(region_lists(Path(directory), size * 3 // 4), "student lists")
        region = Region.objects.get()
        supplier = hire_contractor(region=region, name="Fournisseur d’essai", trades=["supplier"])
        content = _export(size)
        settle()
        takeover, preview_seconds, apply_seconds = _take_over(region, supplier, content)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        limit_seconds = _ledger_alone(region, supplier, size)
    return {
        "name": "takeover",
        "size": size,
        "figure": round(size / apply_seconds, 1),
        "unit": "PCs/s entered",
        "limit": round(size / limit_seconds, 1),
        "ratio": round(apply_seconds / limit_seconds, 2),
        "p95_ms": round(apply_seconds * 1000, 1),
        "p99_ms": round(apply_seconds * 1000, 1),
        "peak_mb": round(peak_mb, 1),
        "preview_seconds": round(preview_seconds, 1),
        "apply_seconds": round(apply_seconds, 1),
        "entered": takeover.entered_count,
    }


def _take_over(region: Region, supplier: Contractor, content: bytes) -> tuple[Any, float, float]:
    now, actor_id = timezone.now(), system_actor().pk
    said: dict[str, Any] = {
        "region_id": region.pk, "supplier_id": supplier.pk, "repairer_id": None, "default_lot": "", "default_model": "",
        "counted_on": timezone.localdate(), "file_name": "parc.csv",
    }  # fmt: skip
    clock = time.perf_counter()
    check_takeover(Takeover(id=uuid4(), **said), content, today=timezone.localdate())
    preview_seconds = time.perf_counter() - clock
    kept = keep_takeover(content=content, sent_at=now, sent_by_id=actor_id, **said)
    clock = time.perf_counter()
    done = open_books(takeover_id=kept.pk, applied_at=now, applied_by_id=actor_id)
    return done, preview_seconds, time.perf_counter() - clock


def _export(size: int) -> bytes:
    """Write the export of the other tool: the students of the lists, then reserves."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(_HEADER)
    writer.writerows(_lines(size))
    return text.getvalue().encode()


def _lines(size: int) -> Iterator[tuple[str, ...]]:
    with connection.cursor() as cursor:
        # Two students who share names and birth date in a lycée are a question for people, not for a stopwatch.
        cursor.execute(
            """
            SELECT min(family_name), min(given_name), to_char(birth_on, 'DD/MM/YYYY'), school.uai
            FROM rosters_student student JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
            JOIN organisations_school school ON school.id = custodian.school_id
            WHERE birth_on IS NOT NULL
            GROUP BY lower(family_name), lower(given_name), birth_on, school.uai HAVING count(*) = 1
            ORDER BY min(student.id) LIMIT %s
            """,
            [size * 3 // 4],
        )
        students = cursor.fetchall()
    for number in range(size):
        serial, uai = f"REP{number:08d}", students[number % len(students)][3]
        if number < len(students):
            surname, given, born, uai = students[number]
            yield serial, "Modèle 2021", "LOT-2021", uai, "Attribué", surname, given, born, "01/09/2021"
        else:
            yield serial, "Modèle 2021", "LOT-2021", uai, "Réserve", "", "", "", ""


def _ledger_alone(region: Region, supplier: Contractor, size: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT device_model_id, lot_id FROM fleet_device LIMIT 1")
        model_id, lot_id = cursor.fetchone()
        cursor.execute("SELECT id FROM fleet_custodian WHERE kind = 'emergency_stock' ORDER BY id LIMIT 1")
        (stock_id,) = cursor.fetchone()
    now, actor_id = timezone.now(), system_actor().pk
    account = open_contractor_account(
        region_id=region.pk, contractor_id=supplier.pk, kind=CustodianKind.SUPPLIER, opened_at=now
    )
    orders = [
        BirthOrder(
            uuid4(), tag, f"LIM{number:08d}", model_id, lot_id, region.pk, "", "", account, stock_id, Reason.OPENING,
            now, actor_id, "bench:1",
        )
        for number, tag in enumerate(completed_tags([""] * size))
    ]  # fmt: skip
    clock = time.perf_counter()
    enter_devices(orders)
    return time.perf_counter() - clock
