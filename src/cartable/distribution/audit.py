"""What the audit asks of the day: scans without holes, acknowledged scans in the books, charters behind hand-overs."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I09",
        "a_scan_moves_once",
        _("Un scan fait au plus un mouvement, et ce mouvement porte son numéro."),
        """
        SELECT 'scan ' || scan.id FROM distribution_scan scan
        WHERE scan.movement_id IS NOT NULL AND scan.movement_id <> scan.id
        """,
    ),
    Check(
        "I10",
        "a_station_has_no_hole",
        _("Les numéros d’ordre d’un poste se suivent sans trou : un trou est un scan perdu."),
        """
        SELECT 'station ' || station_id || ' after ' || previous FROM (
            SELECT station_id, sequence, lag(sequence, 1, 0) OVER (PARTITION BY station_id ORDER BY sequence) AS previous
            FROM (SELECT station_id, sequence FROM distribution_scan
                  UNION SELECT station_id, sequence FROM distribution_unreadablescan WHERE sequence IS NOT NULL) kept
            ) numbered
        WHERE sequence > previous + 1
        """,
    ),
    Check(
        "I11",
        "a_recorded_pair_is_in_the_ledger",
        _("Chaque remise enregistrée est au registre, avec ce qui y donnait droit."),
        """
        SELECT 'scan ' || scan.id FROM distribution_scan scan
        LEFT JOIN fleet_movement movement ON movement.id = scan.movement_id
        LEFT JOIN distribution_checkout check_out ON check_out.movement_id = scan.movement_id
        WHERE scan.kind = 'pair' AND scan.result = 'recorded' AND scan.code = ''
          AND (movement.id IS NULL OR check_out.movement_id IS NULL OR movement.reason <> 'check_out'
               OR movement.device_id <> scan.device_id OR check_out.student_id <> scan.student_id)
        """,
    ),
    Check(
        "I11",
        "a_refused_scan_moves_nothing",
        _("Un scan refusé ou contradictoire n’a rien déplacé."),
        """
        SELECT 'scan ' || scan.id FROM distribution_scan scan JOIN fleet_movement movement ON movement.id = scan.id
        WHERE scan.result <> 'recorded'
        """,
    ),
    Check(
        "I15",
        "no_charter_no_pc",
        _("Chaque remise a une charte reçue avant, ou une autorisation avec motif et auteur."),
        """
        SELECT 'movement ' || check_out.movement_id FROM distribution_checkout check_out
        LEFT JOIN distribution_charterproof proof ON proof.id = check_out.charter_proof_id
        WHERE NOT (
            (proof.id IS NOT NULL AND proof.student_id = check_out.student_id)
            OR (proof.id IS NULL AND check_out.override_reason <> '' AND check_out.override_by_id IS NOT NULL))
        """,
    ),
    Check(
        "I16",
        "the_right_person_signs",
        _("L’élève majeur signe lui-même ; sinon, un responsable légal."),
        """
        SELECT 'charter ' || proof.id FROM distribution_charterproof proof
        JOIN rosters_student student ON student.id = proof.student_id
        LEFT JOIN rosters_guardian guardian ON guardian.id = proof.guardian_id
        WHERE (proof.signer_kind = 'student' AND (student.birth_on IS NULL OR student.birth_on + interval '18 years'
                > (proof.received_at AT TIME ZONE 'Europe/Paris')::date + interval '1 day'))
           OR (guardian.id IS NOT NULL AND NOT guardian.is_legal)
        """,
    ),
    Check(
        "I03",
        "the_holder_is_the_student_of_the_check_out",
        _("Le détenteur d’une remise est le compte de l’élève qui l’a reçue."),
        """
        SELECT 'movement ' || check_out.movement_id FROM distribution_checkout check_out
        JOIN fleet_movement movement ON movement.id = check_out.movement_id
        JOIN rosters_student student ON student.id = check_out.student_id
        WHERE movement.to_custodian_id <> student.custodian_id
        """,
    ),
    Check(
        "I19",
        "a_closed_day_leaves_nothing",
        _("Une journée clôturée laisse le lot du lycée à zéro à sa clôture."),
        """
        SELECT 'day ' || report.day_id FROM distribution_closingreport report
        JOIN distribution_distributionday day ON day.id = report.day_id
        JOIN fleet_custodian allotment ON allotment.school_id = day.school_id AND allotment.kind = 'school_allotment'
        WHERE EXISTS (
            SELECT FROM fleet_movement entered
            WHERE entered.to_custodian_id = allotment.id AND entered.position <= report.ledger_position
              AND NOT EXISTS (SELECT FROM fleet_movement later WHERE later.device_id = entered.device_id
                              AND later.sequence = entered.sequence + 1 AND later.position <= report.ledger_position)
              -- What was contested when the report was sealed is not a rest: its dispute went to the region.
              AND NOT coalesce(jsonb_exists(report.figures -> 'contested', (
                  SELECT asset_tag FROM fleet_device device WHERE device.id = entered.device_id)), false))
        """,
    ),
    Check(
        "I12",
        "a_contested_scan_has_its_dispute",
        _("Chaque lecture qui n’a pas été prise est dans un litige, et un seul."),
        """
        SELECT 'scan ' || scan.id FROM distribution_scan scan
        LEFT JOIN distribution_testimony testimony ON testimony.scan_id = scan.id
        WHERE scan.kind IN ('arrival', 'pair', 'undo', 'no_charter', 'device_faulty')
          AND (scan.result = 'recorded') <> (testimony.id IS NULL)
        """,
    ),
    Check(
        "I12",
        "a_dispute_has_its_claims",
        _("Chaque litige a au moins une lecture ; deux remises qui se contredisent ont chacune la leur."),
        """
        SELECT 'dispute ' || dispute.id FROM distribution_dispute dispute
        LEFT JOIN distribution_testimony testimony ON testimony.dispute_id = dispute.id
        LEFT JOIN distribution_scan scan ON scan.id = testimony.scan_id
        GROUP BY dispute.id
        HAVING count(scan.id) = 0
            OR (bool_or(scan.code IN ('already_held', 'already_equipped')) AND count(testimony.id) < 2)
        """,
    ),
    Check(
        "I12",
        "a_settled_dispute_has_author_reason_and_ruling",
        _("Un litige réglé a son auteur, son motif et sa décision ; un litige ouvert n’en a pas."),
        """
        SELECT 'dispute ' || id FROM distribution_dispute
        WHERE num_nonnulls(settled_at, settled_by_id, nullif(settlement, ''), nullif(reason, '')) NOT IN (0, 4)
        """,
    ),
    Check(
        "I12",
        "a_ruling_moves_what_it_says",
        _("Chaque mouvement d’un litige est au registre, le nomme, et ce litige est réglé."),
        """
        SELECT 'dispute ' || dispute.id FROM distribution_settlementmovement made
        JOIN distribution_dispute dispute ON dispute.id = made.dispute_id
        LEFT JOIN fleet_movement movement ON movement.id = made.movement_id
        WHERE movement.id IS NULL OR movement.evidence <> 'dispute:' || dispute.id OR dispute.settled_at IS NULL
        UNION SELECT movement.evidence FROM fleet_movement movement
        WHERE starts_with(movement.evidence, 'dispute:')
          AND NOT EXISTS (SELECT FROM distribution_settlementmovement made WHERE made.movement_id = movement.id)
        """,
    ),
)
