"""What the audit asks of repairs: a PC is with the repairer exactly while one ticket says so."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I20",
        "a_pc_at_the_repairers_has_its_ticket",
        _("Un PC est chez le réparateur tant qu’un seul dossier ouvert dit qu’il lui a été envoyé."),
        """
        SELECT 'device ' || device.asset_tag FROM fleet_device device
        JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
        JOIN fleet_movement last ON last.device_id = device.id AND last.sequence = device.last_sequence
        WHERE device.custodian_kind = 'repairer'
          -- What a takeover found at the repairer's came without a ticket.
          AND last.evidence LIKE 'repair:%%'
          AND (SELECT count(*) FROM repairs_repairticket ticket
               WHERE ticket.device_id = device.id AND ticket.closed_at IS NULL AND ticket.sent_at IS NOT NULL
                 AND ticket.back_at IS NULL AND ticket.repairer_id = custodian.contractor_id) <> 1
        """,
    ),
    Check(
        "I20",
        "what_was_sent_is_at_the_repairers",
        _(
            "Le PC d’un dossier envoyé et pas encore revenu est chez le réparateur, sauf s’il est déclaré volé ou perdu."
        ),
        """
        SELECT 'ticket ' || ticket.id FROM repairs_repairticket ticket
        JOIN fleet_device device ON device.id = ticket.device_id
        WHERE ticket.closed_at IS NULL AND ticket.sent_at IS NOT NULL AND ticket.back_at IS NULL
          AND device.custodian_kind NOT IN ('repairer', 'claim', 'stolen', 'lost')
        """,
    ),
    Check(
        "I20",
        "what_came_in_for_repair_is_on_the_bench",
        _("Le PC d’un dossier ouvert qui n’est pas chez le réparateur est à l’atelier, sauf s’il est volé ou perdu."),
        """
        SELECT 'ticket ' || ticket.id FROM repairs_repairticket ticket
        JOIN fleet_device device ON device.id = ticket.device_id
        WHERE ticket.closed_at IS NULL AND ticket.taken_in_at IS NOT NULL
          AND (ticket.sent_at IS NULL OR ticket.back_at IS NOT NULL)
          AND device.custodian_kind NOT IN ('school_bench', 'claim', 'stolen', 'lost')
        """,
    ),
    Check(
        "I21",
        "a_serial_is_the_last_it_was_changed_to",
        _("Le numéro de série d’un PC est le dernier qu’un dossier lui a donné."),
        """
        SELECT 'device ' || device.asset_tag FROM fleet_device device
        JOIN (SELECT DISTINCT ON (device_id) device_id, new_serial FROM fleet_serialchange
              ORDER BY device_id, changed_at DESC, id DESC) change ON change.device_id = device.id
        WHERE device.serial_number <> change.new_serial
        """,
    ),
    Check(
        "I25",
        "a_photo_of_a_ticket_is_of_its_pc",
        _("La photo d’un dossier de réparation est celle du PC de ce dossier."),
        """
        SELECT 'photo ' || photo.id FROM photos_conditionphoto photo
        LEFT JOIN repairs_repairticket ticket ON ticket.id = photo.act_id AND ticket.device_id = photo.device_id
        WHERE photo.act = 'ticket' AND ticket.id IS NULL
        """,
    ),
)
