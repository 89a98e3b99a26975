"""What the audit asks of closed lycées: nothing that somebody still has to do is left with them."""

from django.utils.translation import gettext_lazy as _

from cartable.desk.queries.closings import OPEN_BUSINESS
from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I19",
        "a_closed_lycee_has_nothing_open",
        _("Un lycée fermé n’a plus de prêt, d’incident, de réparation, de demande ni d’arrivée en attente."),
        f"""
        SELECT open.what || ' ' || open.id FROM organisations_school school
        JOIN ({OPEN_BUSINESS}) AS open ON open.school_id = school.id WHERE school.closed_on IS NOT NULL
        """,
    ),
    Check(
        "I19",
        "a_closing_is_what_the_lycee_says",
        _("Un lycée dont la fermeture est confirmée est fermé, et mène à un lycée ouvert."),
        """
        SELECT 'school ' || school.uai FROM desk_schoolclosing closing
        JOIN organisations_school school ON school.id = closing.school_id WHERE school.closed_on IS NULL
        UNION ALL
        SELECT 'school ' || school.uai FROM organisations_school school
        JOIN organisations_school successor ON successor.id = school.successor_id
        WHERE successor.closed_on IS NOT NULL
        """,
    ),
)
