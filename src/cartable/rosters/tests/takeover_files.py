"""Fleets of another tool for the tests, sent and taken over through the commands."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.conf import settings

from cartable.conftest import Cast
from cartable.kernel.ine import ine_fingerprint
from cartable.organisations.commands import hire_contractor
from cartable.organisations.models import Contractor
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.commands.takeover import TakenOver, open_books
from cartable.rosters.commands.takeover_files import keep_takeover
from cartable.rosters.models import Student, StudentSource, Takeover

HEADER = "N° de série;Modèle;Lot;UAI;Statut;INE;Nom;Prénom;Né(e) le;Classe;État du PC;Date de remise"
ALICE_INE, BILAL_INE = "123456789AB", "987654321CD"
BORN = date(2010, 3, 5)


def fleet_text(*lines: str, header: str = HEADER) -> bytes:
    """Return a fleet of these lines as a file."""
    return "\n".join([header, *lines]).encode()


def line_of(
    serial: str, state: str = "", *, uai: str = "", ine: str = "", family: str = "", given: str = "", born: str = "",
    lot: str = "2024-1", condition: str = "", since: str = "",
) -> str:  # fmt: skip
    """Return one line under `HEADER`."""
    return ";".join([serial, "HP 240 G8", lot, uai, state, ine, family, given, born, "TG3", condition, since])


def enrolled(
    cast: Cast, family: str, given: str, *, ine: str = "", born: date | None = BORN, other: bool = False
) -> Student:
    """Enrol a student in the lycée of the cast, or in the other one."""
    (student_id,) = enrol_students(
        region_id=cast.region.pk,
        first_year=2026,
        students=[
            NewStudent(
                (cast.other_school if other else cast.school).pk, family, given, birth_on=born,
                ine_fingerprint=ine_fingerprint(ine, key=settings.INE_KEY) if ine else None,
            )
        ],
        source=StudentSource.LIST,
        entered_at=cast.now,
        recorded_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    return Student.objects.get(pk=student_id)


def repairer_of(cast: Cast) -> Contractor:
    """Return the repairer of the region, hired on first use."""
    known = Contractor.objects.filter(region=cast.region, name="Atelier mosellan").first()
    return known or hire_contractor(region=cast.region, name="Atelier mosellan", trades=["repairer"])


def send(cast: Cast, content: bytes, *, name: str = "parc.csv", lot: str = "", repairer: bool = True) -> Takeover:
    """Send the fleet of another tool to the region of the cast."""
    return keep_takeover(
        region_id=cast.region.pk,
        supplier_id=cast.supplier.pk,
        repairer_id=repairer_of(cast).pk if repairer else None,
        default_lot=lot,
        default_model="",
        counted_on=date(2026, 9, 1),
        file_name=name,
        content=content,
        sent_at=cast.now,
        sent_by_id=cast.sonia.actor_id,
    )


def take_over(cast: Cast, lines: Sequence[str], **said: str) -> tuple[UUID, TakenOver]:
    """Send and apply a fleet of these lines; return the id of the takeover and what it did."""
    kept = send(cast, fleet_text(*lines), **said)  # type: ignore[arg-type]
    return kept.pk, opened(cast, kept.pk)


def opened(cast: Cast, takeover_id: UUID) -> TakenOver:
    """Apply a takeover as the manager of the cast."""
    return open_books(takeover_id=takeover_id, applied_at=cast.now, applied_by_id=cast.sonia.actor_id)
