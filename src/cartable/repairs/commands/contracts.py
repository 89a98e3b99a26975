"""Write down what was agreed with a repairer."""

from cartable.repairs.models import RepairContract


def agree_terms(*, repairer_id: int, warranty_months: int, agreed_days: int) -> None:
    """Keep the terms for tickets that are opened from now on; those that run keep theirs."""
    RepairContract.objects.update_or_create(
        repairer_id=repairer_id, defaults={"warranty_months": warranty_months, "agreed_days": agreed_days}
    )
