"""Who repairs: the lycée opens and sends, the repairer repairs, the region decides."""

from cartable.accounts.models import Role

DESK = (Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.TECHNICIAN)
SEES = (Role.REGION_MANAGER, *DESK)
REGION = (Role.REGION_MANAGER,)
REPAIRER = (Role.REPAIRER,)
