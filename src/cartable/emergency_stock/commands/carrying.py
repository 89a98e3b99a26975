"""The reserve of a lycée that closes: its loans are owed to the lycée that takes over, what it had asked for is settled."""

from datetime import datetime

from cartable.emergency_stock.models import Loan, TopUp


def carry_reserve(
    *, from_school_id: int, to_school_id: int | None, reason: str, carried_at: datetime, carried_by_id: int
) -> None:
    """Hand the open loans over, none of them closed, and answer the open request with ``reason``: two statements.

    The PCs on the shelf go by shipment (`supply`); targets and levels are counts, and follow by themselves.
    """
    if to_school_id is not None:
        Loan.objects.filter(school_id=from_school_id, ended_at=None).update(school_id=to_school_id)
    TopUp.objects.filter(school_id=from_school_id, decided_at=None).update(
        refusal=reason[:200], decided_at=carried_at, decided_by_id=carried_by_id
    )
