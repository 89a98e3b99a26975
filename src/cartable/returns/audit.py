"""What the audit asks of returns: what came back is in the ledger, what ended a loan was lent, the bench wiped before it let go."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I13",
        "what_came_back_is_in_the_ledger",
        _("Chaque restitution est un mouvement du registre, de cet élève vers l’atelier, et l’inverse."),
        """
        SELECT 'movement ' || coalesce(taken.movement_id, movement.id)
        FROM returns_checkin taken
        FULL JOIN (SELECT * FROM fleet_movement WHERE reason = 'check_in') movement ON movement.id = taken.movement_id
        LEFT JOIN fleet_movement undoing ON undoing.id = taken.undone_by_movement_id
        WHERE movement.id IS NULL OR movement.device_id <> taken.device_id
           OR (taken.movement_id IS NULL AND movement.evidence LIKE 'return:%%')
           OR (taken.undone_by_movement_id IS NOT NULL AND undoing.corrects_id IS DISTINCT FROM taken.movement_id)
        """,
    ),
    Check(
        "I04",
        "a_return_ended_the_loan_of_its_pc",
        _("Une restitution qui termine un prêt est celle du PC prêté, par l’élève du prêt."),
        """
        SELECT 'movement ' || taken.movement_id FROM returns_checkin taken
        JOIN emergency_stock_loan loan ON loan.allocation_id = taken.ended_loan_id
        WHERE loan.loaner_id <> taken.device_id OR loan.ended_as <> 'check_in' OR loan.ended_at IS NULL
        """,
    ),
)
