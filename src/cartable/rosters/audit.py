"""What the audit asks of students: a merge loses nothing, and nobody hides a PC behind another."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
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
)
