"""Create accounts and appoint people."""

from datetime import date

from django.db import transaction

from cartable.accounts.models import Actor, ActorKind, Appointment, Person, Role
from cartable.organisations.models import Contractor, School


def open_actor(kind: ActorKind) -> Actor:
    """Create an actor: somebody or something that facts can name as their author."""
    return Actor.objects.create(kind=kind)


def system_actor() -> Actor:
    """Return the actor of the software itself (night jobs, imports from the terminal)."""
    actor = Actor.objects.filter(kind=ActorKind.SYSTEM).order_by("pk").first()
    return actor or open_actor(ActorKind.SYSTEM)


@transaction.atomic
def open_account(*, email: str, full_name: str, password: str) -> Person:
    """Create a person who can log in. The password is kept as an argon2 hash."""
    person = Person(email=email.strip().lower(), full_name=full_name, actor=open_actor(ActorKind.PERSON))
    person.set_password(password)
    person.save()
    return person


def appoint(
    *,
    person: Person,
    role: Role,
    region_id: int,
    starts_on: date,
    school: School | None = None,
    contractor: Contractor | None = None,
) -> Appointment:
    """Give a person a role: in the whole region, in one school, or with one contractor."""
    return Appointment.objects.create(
        person=person, role=role, region_id=region_id, school=school, contractor=contractor, starts_on=starts_on
    )
