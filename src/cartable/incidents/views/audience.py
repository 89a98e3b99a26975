"""Who sees incidents, who declares and settles them, who may open a receipt."""

from cartable.accounts.models import Role

SEES = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.TECHNICIAN)
DECLARES = (Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.TECHNICIAN)
SETTLES = (Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE)
# A loan is the head's to grant (DOMAIN 5.4); a receipt says where somebody lives.
HEAD = (Role.HEAD_OF_SCHOOL,)
OPENS_RECEIPTS = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL)
ALARMED = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL)
