"""Take a signed charter outside a distribution day, at the lycée's desk."""

from datetime import datetime
from hashlib import sha256

from cartable.distribution.models import CharterMedium, CharterProof, SignerKind
from cartable.programme.models import CampaignRules


def receive_charter(
    *,
    student_id: int,
    rules: CampaignRules,
    signer_kind: SignerKind,
    received_at: datetime,
    received_by_id: int,
    medium: CharterMedium = CharterMedium.PAPER,
) -> CharterProof:
    """Record that the charter of these rules was received, signed. One that is there already is the answer."""
    proof, _is_new = CharterProof.objects.get_or_create(
        student_id=student_id,
        rules=rules,
        withdrawn_at=None,
        defaults={
            "medium": medium,
            "signer_kind": signer_kind,
            "text_sha256": sha256(rules.charter_text.encode()).digest(),
            "received_at": received_at,
            "received_by_id": received_by_id,
        },
    )
    return proof
