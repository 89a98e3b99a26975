"""Who takes PCs back, and who works on the bench."""

from cartable.accounts.models import Role

DESK = (Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.TECHNICIAN)
# The region sees every bench, and works on it for the lycées that have no technician of its own.
BENCH = (Role.REGION_MANAGER, Role.TECHNICIAN)
SEES_BENCH = (*BENCH, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE)
