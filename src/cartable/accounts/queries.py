"""Read who holds a role."""

from datetime import date

from django.db.models import Q

from cartable.accounts.models import Appointment, Role


def mail_addresses_of(role: Role, *, region_id: int, today: date) -> list[str]:
    """Return the address of everybody who holds a role of a region today and may sign in."""
    held = Appointment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        role=role,
        region_id=region_id,
        starts_on__lte=today,
        person__is_active=True,
    )
    return sorted(set(held.values_list("person__email", flat=True)))
