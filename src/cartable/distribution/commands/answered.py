"""Disputes that the next news answers: a PC left on the sight of a pouch, then workshop A says that it had the charter.

Two workshops that cannot talk send in any order; what one of them knew all along is no work for a human.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from cartable.accounts.commands import system_actor
from cartable.distribution.commands.court import settle
from cartable.distribution.commands.days import DayRefused
from cartable.distribution.court_models import Dispute
from cartable.distribution.court_rules import Settlement
from cartable.distribution.queries.court import docket_of

# Nothing but pairs without charter, all of one PC, and the student is past workshop A by now.
_ANSWERED = """
SELECT dispute.id, min(testimony.id)
FROM distribution_station station
JOIN distribution_dispute dispute ON dispute.day_id = station.day_id AND dispute.settled_at IS NULL
JOIN rosters_student student ON student.id = dispute.student_id
JOIN distribution_passage passage ON passage.day_id = dispute.day_id AND passage.student_id = student.id
    AND passage.arrived_at IS NOT NULL
JOIN distribution_testimony testimony ON testimony.dispute_id = dispute.id
LEFT JOIN distribution_scan scan ON scan.id = testimony.scan_id
WHERE station.token_sha256 = %s AND student.label_code = ANY(%s)
GROUP BY dispute.id
HAVING bool_and(scan.id IS NOT NULL AND scan.kind = 'pair' AND scan.code = 'charter_missing')
    AND count(DISTINCT scan.device_id) = 1
ORDER BY dispute.id
"""


def settle_answered(*, token_sha256: bytes, student_codes: Sequence[str], now: datetime) -> int:
    """Settle what the arrival of these students answers; return how many. What cannot be carried out stays for a human.

    Called after the upload is committed: whichever of arrival and pair comes last sees the other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [token_sha256, list(student_codes)])
        answered = cursor.fetchall()
    count = 0
    # A station's token is the right here, and the day is its own; nobody is signed in.
    with scopes_disabled():
        for dispute_id, testimony_id in answered:
            dispute = Dispute.objects.select_related("day__rules", "day__campaign").get(pk=dispute_id)
            # Whatever the court refuses (somebody else has the PC, a human was faster) is no refusal of the upload.
            with suppress(DayRefused):
                settle(
                    dispute=dispute,
                    settlement=Settlement.ACCEPTED,
                    testimony_id=testimony_id,
                    reason=_("L’atelier A avait la charte : son message est arrivé après."),
                    seen=docket_of(dispute, now=now).seen,
                    settled_by_id=system_actor().pk,
                    now=now,
                )
                count += 1
    return count
