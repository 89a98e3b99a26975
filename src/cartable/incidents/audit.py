"""What the audit asks of incidents: a stolen PC has its receipt, an open claim its PC, what was given its incident."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I14",
        "a_stolen_pc_has_its_complaint",
        _("Chaque vol établi du registre a son incident, avec la plainte et son récépissé."),
        """
        SELECT 'movement ' || movement.id FROM fleet_movement movement
        LEFT JOIN incidents_incident incident ON incident.established_movement_id = movement.id
        LEFT JOIN documents_storedfile receipt ON receipt.id = incident.receipt_id
        WHERE movement.reason = 'theft'
          -- A ledger without students is played with (`cartable ledger torture`): it has accounts, no incidents.
          AND EXISTS (SELECT FROM rosters_student)
          AND (incident.id IS NULL OR incident.kind <> 'theft' OR incident.device_id <> movement.device_id
               OR receipt.file_class IS DISTINCT FROM 'complaint')
        """,
    ),
    Check(
        "I14",
        "an_open_theft_or_loss_keeps_its_pc_in_claim",
        _("Le PC d’un vol ou d’une perte en cours est en attente, volé ou perdu."),
        """
        SELECT 'incident ' || incident.id FROM incidents_incident incident
        JOIN fleet_device device ON device.id = incident.device_id
        WHERE incident.state <> 'closed' AND incident.kind <> 'breakage'
          AND device.custodian_kind IS DISTINCT FROM CASE incident.state WHEN 'accepted' THEN 'stolen' ELSE 'claim' END
        """,
    ),
    Check(
        "I14",
        "what_is_in_claim_says_why",
        _("Chaque PC en attente y est par un incident ouvert, ou par l’écart d’un transfert dont il n’est pas arrivé."),
        # What a takeover found there came without either.
        """
        SELECT 'device ' || device.asset_tag FROM fleet_device device
        JOIN fleet_movement last ON last.device_id = device.id AND last.sequence = device.last_sequence
        LEFT JOIN incidents_incident incident ON incident.declared_movement_id = last.id AND incident.state <> 'closed'
        LEFT JOIN supply_shipmentline line ON line.device_id = device.id AND line.settled_by_movement_id = last.id
            AND line.remedy = 'claimed'
        WHERE device.custodian_kind = 'claim'
          AND ((last.evidence LIKE 'incident:%%' AND incident.id IS NULL)
               OR (last.evidence LIKE 'shipment:%%' AND line.id IS NULL))
        """,
    ),
    Check(
        "I25",
        "a_receipt_is_whole_owned_and_erased_on_its_day",
        _("Chaque récépissé de plainte a son incident et son empreinte, et ses octets s’effacent à leur date."),
        """
        SELECT 'file ' || receipt.id FROM documents_storedfile receipt
        LEFT JOIN incidents_incident incident ON incident.receipt_id = receipt.id
        WHERE receipt.file_class = 'complaint'
          AND (incident.id IS NULL OR octet_length(receipt.sha256) <> 32
               -- The worker erases every night; a week is more than a stop over a week-end.
               OR (receipt.erased_at IS NULL AND receipt.erase_on < current_date - 7))
        """,
    ),
    Check(
        "I13",
        "what_an_incident_did_is_in_the_ledger",
        _("Les mouvements d’un incident sont ceux de son PC, avec le motif de ce qui est arrivé."),
        """
        SELECT 'incident ' || incident.id FROM incidents_incident incident
        LEFT JOIN fleet_movement declared ON declared.id = incident.declared_movement_id
        LEFT JOIN fleet_movement established ON established.id = incident.established_movement_id
        LEFT JOIN fleet_movement found ON found.id = incident.found_movement_id
        WHERE declared.device_id <> incident.device_id OR established.device_id <> incident.device_id
           OR found.device_id <> incident.device_id OR found.reason <> 'found'
           OR (incident.kind <> 'breakage' AND declared.reason <> 'claim')
           OR (incident.kind = 'breakage' AND declared.reason NOT IN ('check_in', 'fault'))
           OR established.reason <> incident.kind
        """,
    ),
    Check(
        "I14",
        "what_the_reserve_gave_for_an_incident_has_one",
        _("Chaque PC donné depuis une réserve pour un vol ou un remplacement a l’incident qui l’ouvre, du même élève."),
        """
        SELECT 'movement ' || allocation.movement_id FROM emergency_stock_allocation allocation
        LEFT JOIN incidents_incident incident ON incident.allocation_id = allocation.movement_id
        LEFT JOIN rosters_student student ON student.id = incident.student_id
        WHERE allocation.cause IN ('theft', 'replacement') AND allocation.undone_by_movement_id IS NULL
          AND (incident.id IS NULL OR incident.opens <> 'replacement'
               OR (allocation.cause = 'theft') <> (incident.kind = 'theft')
               OR allocation.student_id NOT IN (student.id, coalesce(student.merged_into_id, student.id)))
        """,
    ),
    Check(
        "I25",
        "a_photo_of_an_incident_is_of_its_pc",
        _("La photo d’un incident est celle du PC de cet incident."),
        """
        SELECT 'photo ' || photo.id FROM photos_conditionphoto photo
        LEFT JOIN incidents_incident incident ON incident.id = photo.act_id AND incident.device_id = photo.device_id
        WHERE photo.act = 'incident' AND incident.id IS NULL
        """,
    ),
)
