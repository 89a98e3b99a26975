"""Take the files of many lycées, read each in a job of its own, apply lycée by lycée."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from procrastinate.contrib.django import app

from cartable.documents.commands import store_file
from cartable.documents.queries import content_of
from cartable.documents.rules import FileClass
from cartable.organisations.models import School
from cartable.rosters.commands.files import SchoolUnknown, apply_import, preview_content
from cartable.rosters.commands.imports import ImportRefused, is_stopped
from cartable.rosters.formats.aaf import EXTENT
from cartable.rosters.formats.recognition import FileRefused, is_part_of_delivery
from cartable.rosters.formats.refusals import TableNeedsMapping
from cartable.rosters.formats.region_archive import is_region_archive, members
from cartable.rosters.models import (
    FileImport,
    FileState,
    RosterBatch,
    RosterFile,
    RosterImport,
    RosterKind,
    RosterState,
)

READ_TASK = "rosters.read_file"
APPLY_TASK = "rosters.apply_lists"
_LONGEST_NAME = 120
# ENT_0579901C_Complet_20260913_Eleve_0000.xml: what a rectorat delivers for one lycée bears one name until here.
_PART_OF_DELIVERY = re.compile(
    r"(?:^|_)(?:Complet|Delta|(?:\d{8}_)?(?:Eleve|PersRelEleve|(?:Etab|Mef|Pers|Matiere)EducNat))(?![a-z])",
    re.IGNORECASE,
)


class SentFile(NamedTuple):
    """A file as somebody sent it."""

    name: str
    content: bytes


class BatchIdReused(Exception):
    """The id of this batch came with another sender, lycée or school year."""

    code = "batch_id_reused"


@transaction.atomic
def receive_files(
    *,
    batch_id: UUID,
    region_id: int,
    school: School | None,
    first_year: int,
    files: Iterable[SentFile],
    sent_at: datetime,
    sent_by_id: int,
) -> list[RosterFile]:
    """Keep the files of a batch under seal, each once; more may come under the same id. Return those that are new.

    Without school an archive of archives is taken apart: one file per lycée. Nothing is read yet. Raises BatchIdReused,
    and `recognition.FileRefused` for an archive that cannot be taken apart: then nothing of this call is kept.
    """
    batch, _is_new = RosterBatch.objects.get_or_create(
        id=batch_id,
        defaults={
            "region_id": region_id, "school": school, "first_year": first_year, "sent_at": sent_at,
            "sent_by_id": sent_by_id,
        },
    )  # fmt: skip
    if (batch.region_id, batch.school_id, batch.first_year, batch.sent_by_id) != (
        region_id, school.pk if school else None, first_year, sent_by_id,
    ):  # fmt: skip
        raise BatchIdReused
    known = {bytes(digest) for digest in batch.files.values_list("document__sha256", flat=True)}
    kept = []
    for file in _taken_apart(files) if school is None else files:
        if (digest := hashlib.sha256(file.content).digest()) in known:
            continue
        known.add(digest)
        document = store_file(
            content=file.content, file_class=FileClass.ROSTER, region_id=region_id,
            school_id=school.pk if school else None, stored_at=sent_at, stored_by_id=sent_by_id,
        )  # fmt: skip
        kept.append(
            RosterFile.objects.create(
                id=uuid4(), batch=batch, name=file.name[-_LONGEST_NAME:], document=document, school=school
            )
        )
    return kept


def _taken_apart(files: Iterable[SentFile]) -> Iterable[SentFile]:
    for file in files:
        if not is_region_archive(file.content):
            yield file
            continue
        deliveries: dict[str, list[SentFile]] = {}
        for member in (SentFile(*one) for one in members(file.content)):
            if is_part_of_delivery(member.content):
                deliveries.setdefault(_PART_OF_DELIVERY.split(member.name)[0], []).append(member)
            else:
                yield member
        # What the archive's own name says of its files, each delivery goes on saying.
        extent = f"_{said[1]}" if (said := EXTENT.search(file.name)) else ""
        yield from (_together(f"{name or 'AAF'}{extent}", parts) for name, parts in deliveries.items())


def _together(name: str, parts: Sequence[SentFile]) -> SentFile:
    """Return the files of one AAF delivery as one zip; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(parts):
            archive.writestr(zipfile.ZipInfo(part.name), part.content, zipfile.ZIP_DEFLATED)
    return SentFile(f"{name}.zip", packed.getvalue())


def ask_for_reading(files: Iterable[RosterFile]) -> None:
    """Hand files to the worker, one job each: a job that is killed leaves its file waiting, and is done again."""
    for file in files:
        app.configure_task(READ_TASK, queueing_lock=f"{READ_TASK}:{file.pk}").defer(
            region_id=file.batch.region_id, file_id=str(file.pk)
        )


@transaction.atomic
def read_file(*, file_id: UUID, now: datetime, today: date) -> RosterFile:
    """Read a waiting file and preview what it holds, all of it or nothing; why it was refused stands on the file.

    Read before (by anybody, for this school year) and still open or applied: nothing is done again.
    """
    file = (
        RosterFile.objects.select_for_update(of=("self",)).select_related("batch", "school", "document").get(pk=file_id)
    )
    if file.state != FileState.WAITING:
        return file
    batch = file.batch
    file.read_at = now
    if imports := _read_before(file):
        file.state = FileState.KNOWN
    else:
        try:
            with transaction.atomic():
                imports = preview_content(
                    content=content_of(file.document_id), first_year=batch.first_year, read_by_id=batch.sent_by_id,
                    now=now, today=today, school=batch.school, name=file.name,
                )  # fmt: skip
        except TableNeedsMapping:
            file.state = FileState.MAPPING
        except FileRefused as refusal:
            _refuse(file, refusal.code, refusal.line, {key: str(v) for key, v in refusal.parameters.items()})
        except SchoolUnknown as refusal:
            _refuse(file, refusal.code, None, {"uai": refusal.uai[:20]})
        else:
            file.state = FileState.READ
    file.school = imports[0].school if imports else file.school
    FileImport.objects.bulk_create(FileImport(file=file, roster_import=one) for one in imports)
    file.save(update_fields=["state", "school", "read_at", "refusal_code", "refusal_line", "refusal_details"])
    return file


def _read_before(file: RosterFile) -> list[RosterImport]:
    """Return what the same bytes gave for this school year, unless it was given up."""
    before = RosterImport.objects.filter(sha256=file.document.sha256, first_year=file.batch.first_year)
    if file.batch.school_id is not None:
        before = before.filter(school_id=file.batch.school_id)
    found = list(before.exclude(state=RosterState.ABANDONED).select_related("school").order_by("read_at"))
    # Sent again under a name that says that it is complete, it says more than before.
    is_told_now = EXTENT.search(file.name) and not all(one.lists_everybody for one in found)
    return [] if is_told_now else found


def _refuse(file: RosterFile, code: str, line: int | None, details: dict[str, str]) -> None:
    file.state, file.refusal_code = FileState.REFUSED, code
    file.refusal_line, file.refusal_details = line, details


def refuse_waiting_file(*, file_id: UUID, code: str, now: datetime) -> None:
    """Refuse a file that nobody reads any more; one that was read meanwhile stays as it is."""
    RosterFile.objects.filter(pk=file_id, state=FileState.WAITING).update(
        state=FileState.REFUSED, refusal_code=code, read_at=now
    )


def settle_file(*, file_id: UUID, settled_at: datetime, settled_by_id: int) -> None:
    """Say that a refused file needs nothing more; it leaves the list of what waits."""
    RosterFile.objects.filter(pk=file_id, settled_at__isnull=True).update(
        settled_at=settled_at, settled_by_id=settled_by_id
    )


@transaction.atomic
def ask_for_applying(*, batch_id: UUID, asked_by_id: int) -> int:
    """Hand every lycée of a batch that can be applied without a second person to the worker. Return how many."""
    batch = RosterBatch.objects.select_for_update().get(pk=batch_id)
    open_imports = RosterImport.objects.filter(files__file__batch=batch, state=RosterState.PREVIEWED).select_related(
        "school"
    )
    schools = {one.school_id for one in open_imports} - {one.school_id for one in open_imports if is_stopped(one)}
    for school_id in sorted(schools):
        app.configure_task(APPLY_TASK, queueing_lock=f"{APPLY_TASK}:{batch_id}:{school_id}").defer(
            region_id=batch.region_id, batch_id=str(batch_id), school_id=school_id, actor_id=asked_by_id
        )
    return len(schools)


def apply_lists(*, batch_id: UUID, school_id: int, applied_by_id: int, now: datetime, today: date) -> bool:
    """Apply all open lists of one lycée, students first, in one transaction; say whether it was done.

    Why it was refused stands beside each list, and nothing of the lycée has changed.
    """
    open_ones = FileImport.objects.filter(
        file__batch_id=batch_id, roster_import__school_id=school_id, roster_import__state=RosterState.PREVIEWED
    ).select_related("roster_import")
    files = sorted(
        open_ones, key=lambda one: (one.roster_import.kind != RosterKind.STUDENTS, one.roster_import.read_at)
    )
    try:
        with transaction.atomic():
            for file in files:
                apply_import(roster_import=file.roster_import, applied_by_id=applied_by_id, now=now, today=today)
    except ImportRefused as refusal:
        FileImport.objects.filter(pk__in=[file.pk for file in files]).update(refusal_code=refusal.code)
        return False
    FileImport.objects.filter(pk__in=[file.pk for file in files]).update(refusal_code="")
    return bool(files)
