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
           OR (taken.movement_id IS NULL AND movement.evidence LIKE 'grade:%%')
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
    Check(
        "I13",
        "nothing_goes_to_the_reserve_unwiped",
        _("Ce que l’atelier remet en réserve y a été effacé, remastérisé et contrôlé, pendant ce séjour-là."),
        """
        SELECT 'movement ' || coalesce(done.movement_id, movement.id)
        FROM returns_reimaging done
        FULL JOIN (SELECT * FROM fleet_movement WHERE reason = 'reimaged') movement ON movement.id = done.movement_id
        LEFT JOIN fleet_movement arrival ON arrival.id = done.arrival_id
        LEFT JOIN fleet_movement undoing ON undoing.id = done.withdrawn_by_movement_id
        WHERE (done.movement_id IS NULL AND movement.evidence LIKE 'wipe:%%')
           OR (done.movement_id IS NOT NULL AND (movement.id IS NULL OR movement.device_id <> done.device_id
               OR arrival.device_id <> done.device_id OR movement.previous_sequence <> arrival.sequence OR done.checked_at IS NULL))
           OR (done.withdrawn_by_movement_id IS NOT NULL AND undoing.corrects_id IS DISTINCT FROM done.movement_id)
        """,
    ),
    Check(
        "I13",
        "a_wipe_belongs_to_a_stay_on_the_bench",
        _("Chaque effacement est celui d’un PC arrivé à l’atelier, avant l’effacement."),
        """
        SELECT 'certificate ' || done.certificate_number FROM returns_reimaging done
        JOIN fleet_movement arrival ON arrival.id = done.arrival_id
        WHERE arrival.device_id <> done.device_id OR arrival.to_kind <> 'school_bench'
           OR done.wiped_at < arrival.happened_at OR done.imaged_at < done.wiped_at OR done.checked_at < done.imaged_at
        """,
    ),
    Check(
        "I13",
        "what_left_for_good_is_under_a_slip",
        _(
            "Chaque sortie définitive de l’atelier est sous un bordereau, effacée avant, et jamais en réemploi après dix ans."
        ),
        """
        SELECT 'movement ' || coalesce(gone.movement_id, movement.id)
        FROM returns_writeoff gone
        FULL JOIN (SELECT * FROM fleet_movement WHERE reason = 'disposal') movement ON movement.id = gone.movement_id
        LEFT JOIN returns_reimaging done ON done.arrival_id = gone.wiped_under_id
        LEFT JOIN returns_disposalslip slip ON slip.id = gone.slip_id
        WHERE (gone.movement_id IS NULL AND movement.evidence LIKE 'slip:%%')
           OR (gone.movement_id IS NOT NULL AND (movement.id IS NULL OR movement.device_id <> gone.device_id
               OR done.device_id <> gone.device_id OR done.wiped_at > gone.written_off_at
               OR (slip.outlet = 'reuse' AND gone.is_over_ten_years_old)))
        """,
    ),
)
