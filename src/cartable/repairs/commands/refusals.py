"""What a command of repairs refuses, and how one act names all its movements."""

from uuid import UUID, uuid5


class RepairRefused(Exception):
    """Nothing changed; ``code`` says why: an `RepairObstacle`, a refusal of the ledger or of the reserve."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = str(code)


def part_of(act_id: UUID, what: object) -> UUID:
    """Return the id of one movement or batch of an act: the same act sent twice moves nothing twice."""
    return uuid5(act_id, str(what))
