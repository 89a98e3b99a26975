"""Who opens which pages of the desk, and whose gestures it shows. The role matrix holds them to the pages' own audiences."""

from cartable.accounts.models import Role

EVERYBODY = frozenset(Role)
REGION = frozenset({Role.REGION_MANAGER})
SCHOOL = REGION | {Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE}
# Whoever sees days, lists and students.
SITE = SCHOOL | {Role.DISTRIBUTION_LEADER}
TECHNICIAN = frozenset({Role.TECHNICIAN})
REPAIRER = frozenset({Role.REPAIRER})
# Whoever sees PCs and reserves, and finds them by a code.
FLEET = SITE | TECHNICIAN
# Whoever hands a PC of the reserve over.
HANDS_OVER = frozenset({Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.TECHNICIAN})
