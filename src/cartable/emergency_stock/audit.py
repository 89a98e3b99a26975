"""What the audit asks of reserves: charters of what left for keeps, where open loans are, where top-ups went."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I04",
        "an_open_loan_is_in_its_students_hands",
        _("Le PC d’un prêt ouvert est chez l’élève du prêt, et celui qu’il remplace n’y est pas."),
        """
        SELECT 'loan ' || loan.allocation_id FROM emergency_stock_loan loan
        JOIN rosters_student student ON student.id = loan.student_id
        LEFT JOIN rosters_student kept ON kept.id = student.merged_into_id
        JOIN fleet_device loaner ON loaner.id = loan.loaner_id
        JOIN fleet_device own ON own.id = loan.stands_in_for_id
        WHERE loan.ended_at IS NULL
          AND (loaner.custodian_id <> coalesce(kept.custodian_id, student.custodian_id)
               OR own.custodian_id = coalesce(kept.custodian_id, student.custodian_id))
        """,
    ),
    Check(
        "I04",
        "what_left_on_loan_has_its_loan",
        _("Chaque PC sorti en prêt a son prêt, du même PC au même élève, et rien d’autre n’en a un."),
        """
        SELECT 'movement ' || coalesce(allocation.movement_id, loan.allocation_id)
        FROM (SELECT * FROM emergency_stock_allocation WHERE cause = 'loan') allocation
        FULL JOIN emergency_stock_loan loan ON loan.allocation_id = allocation.movement_id
        WHERE loan.allocation_id IS NULL OR allocation.movement_id IS NULL OR loan.student_id <> allocation.student_id
           OR loan.loaner_id <> allocation.device_id OR loan.ended_at < loan.lent_at
        """,
    ),
    Check(
        "I15",
        "a_pc_of_the_reserve_left_with_its_charter",
        _("Chaque PC remis depuis une réserve a la charte de son élève, reçue avant."),
        """
        SELECT 'movement ' || allocation.movement_id FROM emergency_stock_allocation allocation
        LEFT JOIN distribution_charterproof proof ON proof.id = allocation.charter_proof_id
        WHERE allocation.cause <> 'loan'
          AND (proof.id IS NULL OR proof.student_id <> allocation.student_id OR proof.received_at > allocation.allocated_at)
        """,
    ),
    Check(
        "I13",
        "what_left_a_reserve_is_in_the_ledger",
        _("Chaque sortie de réserve est un mouvement du registre, de ce PC vers cet élève, et l’inverse."),
        """
        SELECT 'movement ' || coalesce(allocation.movement_id, movement.id)
        FROM emergency_stock_allocation allocation
        FULL JOIN (SELECT * FROM fleet_movement WHERE from_kind = 'emergency_stock' AND to_kind = 'student'
                   AND reason IN ('check_out', 'loan')) movement ON movement.id = allocation.movement_id
        WHERE movement.id IS NULL OR movement.device_id <> allocation.device_id
           OR (allocation.cause = 'loan') <> (movement.reason = 'loan')
           OR (allocation.movement_id IS NULL AND movement.evidence LIKE 'reserve:%%')
        """,
    ),
    Check(
        "I19",
        "a_granted_top_up_comes_from_the_depot_to_its_reserve",
        _("Le transfert d’un réassort accordé part du dépôt et va à la réserve du lycée qui l’a demandé."),
        """
        SELECT 'top-up ' || request.id FROM emergency_stock_topup request
        JOIN supply_shipment shipment ON shipment.id = request.shipment_id
        JOIN fleet_custodian origin ON origin.id = shipment.origin_id
        JOIN fleet_custodian goal ON goal.id = shipment.destination_id
        WHERE origin.kind <> 'depot' OR goal.kind <> 'emergency_stock' OR goal.school_id <> request.school_id
           OR shipment.dispatched_at < request.asked_at
        """,
    ),
)
