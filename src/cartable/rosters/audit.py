"""What the audit asks of students and of takeovers: a merge loses nothing, and every line of a file is accounted for."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I19",
        "nobody_is_enrolled_at_a_closed_lycee",
        _("Un lycée fermé n’a plus d’élève inscrit."),
        """
        SELECT 'student ' || student.label_code FROM organisations_school school
        JOIN rosters_enrolment enrolment ON enrolment.school_id = school.id
        JOIN rosters_student student ON student.id = enrolment.student_id
        WHERE school.closed_on IS NOT NULL AND (enrolment.ends_on IS NULL
            OR enrolment.ends_on > greatest(enrolment.starts_on, school.closed_on))
        """,
    ),
    Check(
        "I24",
        "a_merged_student_holds_nothing",
        _("Une fiche réunie à une autre ne détient plus de PC et n’attend plus rien."),
        """
        SELECT 'student ' || student.label_code FROM rosters_student student
        WHERE student.merged_into_id IS NOT NULL
          AND (EXISTS (SELECT FROM fleet_device device WHERE device.custodian_id = student.custodian_id)
               OR EXISTS (SELECT FROM rosters_enrolment enrolment
                          WHERE enrolment.student_id = student.id AND enrolment.is_home))
        """,
    ),
    Check(
        "I24",
        "a_merged_student_resolves_at_once",
        _("Une fiche réunie mène à une fiche qui ne mène pas à une autre."),
        """
        SELECT 'student ' || student.label_code FROM rosters_student student
        JOIN rosters_student kept ON kept.id = student.merged_into_id
        WHERE kept.merged_into_id IS NOT NULL
        """,
    ),
    Check(
        "I24",
        "a_merged_student_has_its_merge",
        _("Chaque fiche réunie l’a été par une décision, et chaque décision en vigueur est suivie."),
        """
        SELECT 'student ' || student.label_code FROM rosters_student student
        WHERE student.merged_into_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM rosters_studentmerge merge
                          WHERE merge.absorbed_id = student.id AND merge.undone_at IS NULL)
        UNION ALL
        SELECT 'merge ' || merge.id FROM rosters_studentmerge merge
        JOIN rosters_student absorbed ON absorbed.id = merge.absorbed_id
        WHERE merge.undone_at IS NULL AND absorbed.merged_into_id IS NULL
        """,
    ),
    Check(
        "I23",
        "a_takeover_accounts_for_every_line",
        _("Lignes lues = PC entrés + lignes en attente + lignes refusées, et chaque ligne restée de côté est là."),
        """
        SELECT 'takeover ' || takeover.id FROM rosters_takeover takeover
        WHERE takeover.applied_at IS NOT NULL AND takeover.read_count <> (
            SELECT coalesce(sum(counted.read), 0) FROM rosters_takeovercount counted
            WHERE counted.takeover_id = takeover.id)
        UNION
        SELECT 'takeover ' || counted.takeover_id FROM rosters_takeovercount counted
        LEFT JOIN rosters_takeoverline line ON line.count_id = counted.id
        GROUP BY counted.id
        HAVING counted.read <> counted.entered + counted.queued + counted.refused
            OR counted.queued <> count(line.id) FILTER (WHERE line.is_queued)
            OR counted.refused <> count(line.id) FILTER (WHERE NOT line.is_queued)
            OR bool_or(line.takeover_id <> counted.takeover_id)
        """,
    ),
    Check(
        "I05",
        "a_takeover_entered_what_it_counted",
        _("Par lot, et par lycée pour ses comptes, une reprise a entré autant de PC qu’elle en a compté."),
        # Settled lines come on top: their PC may have got another lot or account by hand.
        """
        WITH born AS (
            SELECT split_part(movement.evidence, ':', 2) AS takeover, movement.device_id, lot.reference AS lot,
                movement.to_kind AS kind, custodian.school_id
            FROM fleet_movement movement JOIN fleet_device device ON device.id = movement.device_id
            JOIN fleet_lot lot ON lot.id = device.lot_id
            JOIN fleet_custodian custodian ON custodian.id = movement.to_custodian_id
            WHERE movement.reason = 'opening' AND starts_with(movement.evidence, 'takeover:')
        ), at_once AS (
            SELECT born.* FROM born
            WHERE NOT EXISTS (SELECT FROM rosters_takeoverline line WHERE line.device_id = born.device_id)
        ), ways AS (
            SELECT takeover, lot, kind, '' AS uai, 1 AS born, 0 AS counted FROM at_once
            UNION ALL
            SELECT takeover_id::text, lot, kind, '', 0, entered FROM rosters_takeovercount
            UNION ALL
            SELECT takeover, '', kind, school.uai, 1, 0 FROM at_once
            JOIN organisations_school school ON school.id = at_once.school_id
            WHERE kind IN ('school_allotment', 'emergency_stock', 'school_bench')
            UNION ALL
            -- A lycée that has changed its number since is known by the new one.
            SELECT takeover_id::text, '', kind, coalesce(school.uai, counted.uai), 0, entered
            FROM rosters_takeovercount counted
            LEFT JOIN organisations_formeruai former ON former.uai = counted.uai
            LEFT JOIN organisations_school school ON school.id = former.school_id
            WHERE kind IN ('school_allotment', 'emergency_stock', 'school_bench')
        )
        SELECT DISTINCT 'takeover ' || takeover FROM (
            SELECT takeover FROM ways GROUP BY takeover, lot, kind, uai HAVING sum(born) <> sum(counted)
        ) differing
        """,
    ),
    Check(
        "I05",
        "a_settled_line_of_a_takeover_entered_its_own_pc",
        _("Le PC d’une ligne réglée est né de sa reprise."),
        """
        SELECT 'takeover ' || line.takeover_id || ' line ' || line.line FROM rosters_takeoverline line
        WHERE line.device_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM fleet_movement movement WHERE movement.device_id = line.device_id AND movement.sequence = 1
              AND movement.evidence = 'takeover:' || line.takeover_id)
        """,
    ),
)
