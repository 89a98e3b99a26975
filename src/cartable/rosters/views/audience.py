"""Who may see lists and students: whoever manages the region, heads a lycée, or leads its distribution."""

from cartable.accounts.models import Role

STAFF = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.DISTRIBUTION_LEADER)
