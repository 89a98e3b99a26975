"""Call a faulty model or lot back: one ticket per PC of a lycée, in one statement."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from cartable.repairs.models import RepairRecall
from cartable.repairs.queries.gesture import terms_of
from cartable.repairs.queries.recalls import RECALLED
from cartable.repairs.rules import Symptom

_OPEN = f"""
INSERT INTO repairs_repairticket (
    id, region_id, school_id, device_id, repairer_id, recall_id, opened_at, opened_by_id, symptoms, note,
    warranty_ends_on, agreed_days, part, finished_as, is_reinstalled, closed_as)
SELECT gen_random_uuid(), device.region_id, custodian.school_id, device.id, %(repairer)s, %(recall)s, %(at)s, %(by)s,
    %(symptoms)s::text[], '', (lot.received_on + make_interval(months => %(months)s))::date, %(days)s, '', '', false, ''
{RECALLED}
ON CONFLICT DO NOTHING
"""


def open_recall(
    *,
    recall_id: UUID,
    region_id: int,
    repairer_id: int,
    model_id: int | None,
    lot_id: int | None,
    reason: str,
    opened_at: datetime,
    opened_by_id: int,
) -> int:
    """Open a ticket for each PC of a model or a lot that a lycée has; the PCs stay where they are until they come in.

    Return how many were opened; the same recall sent twice opens none.
    """
    terms = terms_of(repairer_id)
    with transaction.atomic(), connection.cursor() as cursor:
        _recall, is_new = RepairRecall.objects.get_or_create(
            id=recall_id,
            defaults={
                "region_id": region_id,
                "repairer_id": repairer_id,
                "device_model_id": model_id,
                "lot_id": lot_id,
                "reason": reason,
                "opened_at": opened_at,
                "opened_by_id": opened_by_id,
            },
        )
        if not is_new:
            return 0
        cursor.execute(
            _OPEN,
            {
                "region": region_id,
                "model": model_id,
                "lot": lot_id,
                "repairer": repairer_id,
                "recall": recall_id,
                "at": opened_at,
                "by": opened_by_id,
                "symptoms": [str(Symptom.OTHER)],
                "months": terms.warranty_months,
                "days": terms.agreed_days,
            },
        )
        return int(cursor.rowcount)
