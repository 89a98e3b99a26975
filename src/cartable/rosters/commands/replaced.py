"""Note what a human's ruling replaces when a list that follows it is applied: taking it back needs it."""

from datetime import datetime
from typing import Any

from cartable.rosters.models import Enrolment, RosterDecision, RosterImport, RosterLine, Ruling, Student


def remember_application(roster_import: RosterImport, *, applied_at: datetime) -> None:
    """Before a list is applied, note on the rulings that it follows what they will replace: undoing needs it."""
    followed = {
        line.student_id: line
        for line in RosterLine.objects.filter(roster_import=roster_import, matched_by="ruling")
        if line.student_id is not None
    }
    rulings = RosterDecision.objects.filter(
        school_id=roster_import.school_id, first_year=roster_import.first_year, ruling=Ruling.SAME,
        undone_at__isnull=True, applied_at__isnull=True, student_id__in=followed,
    )  # fmt: skip
    for ruling in rulings.select_related("student__custodian"):
        assert ruling.student is not None
        ruling.applied_at, ruling.replaced = applied_at, _identity(ruling.student, roster_import)
        ruling.save(update_fields=["applied_at", "replaced"])


def _identity(student: Student, roster_import: RosterImport) -> dict[str, Any]:
    """Return who a student was before a list said otherwise, as JSON; wiped with the lines after 30 days."""
    enrolments = Enrolment.objects.filter(student=student).order_by("pk")
    return {
        "family_name": student.family_name,
        "usage_name": student.usage_name,
        "given_name": student.given_name,
        "birth_on": student.birth_on.isoformat() if student.birth_on else None,
        "ine_fingerprint": bytes(student.ine_fingerprint).hex() if student.ine_fingerprint else None,
        "school_id": student.custodian.school_id,
        "enrolments": [
            {"id": one.pk, "is_home": one.is_home, "ends_on": one.ends_on.isoformat() if one.ends_on else None}
            for one in enrolments
        ],
        "import": str(roster_import.pk),
    }


def forget_replaced(*, applied_before: datetime) -> int:
    """Wipe what rulings replaced, for lists applied before a moment: they can no longer be parted."""
    old = RosterDecision.objects.filter(applied_at__lt=applied_before, replaced__isnull=False)
    return old.update(replaced=None)
