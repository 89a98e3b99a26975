"""Who may open which page, and whose data they see there.

Every view says its audience with `open_to`; the middleware holds it to that and activates the scope of the person's
organisation for every query. Unknown and forbidden look the same: 404.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cartable.accounts.models import Appointment, Person, Role

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class SignedIn:
    """The person behind a request: roles, and the organisation whose data they may see.

    ``school_ids`` is None for somebody who sees the whole region; ``contractor_ids`` for whoever works for no contractor.
    """

    person_id: int
    actor_id: int
    full_name: str
    region_id: int
    region_name: str
    roles: frozenset[Role]
    school_ids: tuple[int, ...] | None
    contractor_ids: tuple[int, ...] | None = None

    @property
    def role_names(self) -> str:
        """Return the roles in words."""
        return ", ".join(str(role.label) for role in Role if role in self.roles) or _("Aucun rôle")


class CartableRequest(HttpRequest):
    """A request of somebody who is signed in."""

    signed_in: SignedIn


def open_to(*roles: Role) -> Callable[[View], View]:
    """Open a view to these roles; without any role, to everybody who is signed in."""

    def mark(view: View) -> View:
        view.open_to = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark


def open_to_everybody(view: View) -> View:
    """Open a view to the public; each one stands on a tested list."""
    from django.contrib.auth.decorators import login_not_required

    view.open_to_everybody = True  # type: ignore[attr-defined]
    return login_not_required(view)


def may_open(view: Any, signed_in: SignedIn | None) -> bool:
    """Say whether a person may open a view; a view without audience is open to nobody."""
    if getattr(view, "open_to_everybody", False):
        return True
    roles: frozenset[Role] | None = getattr(view, "open_to", None)
    if signed_in is None or roles is None:
        return False
    return not roles or bool(roles & signed_in.roles)


def signed_in_person(person: Person, *, today: date) -> SignedIn | None:
    """Return who the person is today, or None for somebody without any current role."""
    appointments = [
        appointment
        for appointment in Appointment.objects.filter(person=person, starts_on__lte=today).select_related("region")
        if appointment.ends_on is None or appointment.ends_on >= today
    ]
    if not appointments:
        return None
    region = appointments[0].region
    own = [appointment for appointment in appointments if appointment.region_id == region.pk]
    sees_region = any(appointment.role == Role.REGION_MANAGER for appointment in own)
    works_for = tuple(sorted({a.contractor_id for a in own if a.contractor_id is not None}))
    return SignedIn(
        person_id=person.pk,
        actor_id=person.actor_id,
        full_name=person.full_name,
        region_id=region.pk,
        region_name=region.name,
        roles=frozenset(Role(appointment.role) for appointment in own),
        school_ids=None if sees_region else tuple(sorted({a.school_id for a in own if a.school_id is not None})),
        contractor_ids=None if sees_region or not works_for else works_for,
    )
