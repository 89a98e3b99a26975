"""Who sees the reserves, and who hands PCs out of them."""

from cartable.accounts.models import Role

SEES = (
    Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.DISTRIBUTION_LEADER, Role.TECHNICIAN,
)  # fmt: skip
DESK = (Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.TECHNICIAN)
DECIDES = (Role.REGION_MANAGER,)
MOVES = (Role.REGION_MANAGER, Role.TECHNICIAN)
