"""``cartable people add MAIL``: an account and its role, from the terminal."""

import getpass
import os
import sys
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scope

from cartable.accounts.commands import appoint, open_account
from cartable.accounts.models import Person, Role
from cartable.organisations.models import Contractor, Region, School, Trade
from cartable.organisations.queries import region_named, schools_for_uais

_PASSWORD = "CARTABLE_PASSWORD"


class Command(BaseCommand):
    """People who log in."""

    help = "Opens an account and gives it a role."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommand and its options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="add")
        adding = actions.add_parser("add", help=f"The password is asked for, or read from {_PASSWORD}.")
        adding.add_argument("email", metavar="MAIL")
        adding.add_argument("--name", required=True, help="first and last name")
        adding.add_argument("--role", required=True, choices=[str(role) for role in Role])
        adding.add_argument(
            "--lycee",
            metavar="UAI",
            nargs="+",
            default=[],
            help="needed for every role in a lycée; a technician has several",
        )
        adding.add_argument(
            "--contractor",
            metavar="NAME",
            default="",
            help="needed for a repairer: the company, as the region hired it",
        )
        adding.add_argument("--region", metavar="CODE", help="needed only where there are several")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything, then write account and role together."""
        email, role = options["email"].strip().lower(), Role(options["role"])
        try:
            validate_email(email)
            region = region_named(options["region"])
        except ValidationError as error:
            raise CommandError(_("Ce n’est pas une adresse de courriel : %(mail)s") % {"mail": email}) from error
        except Region.DoesNotExist as error:
            raise CommandError(_("Nommez une région qui existe : --region CODE.")) from error
        if Person.objects.filter(email=email).exists():
            raise CommandError(_("Ce compte existe déjà."))
        places = _places(region, role, options["lycee"], options["contractor"])
        with transaction.atomic():
            person = open_account(email=email, full_name=options["name"].strip(), password=_password(email))
            for place in places:
                appoint(person=person, role=role, region_id=region.pk, starts_on=timezone.localdate(), **place)
        self.stdout.write(_("Compte ouvert : %(mail)s, %(role)s.") % {"mail": email, "role": role.label})


def _places(region: Region, role: Role, uais: Sequence[str], contractor: str) -> list[dict[str, Any]]:
    """Return what each appointment names: nothing, the contractor, or a school."""
    if role == Role.REPAIRER:
        return [{"contractor": _contractor(region, contractor)}]
    if contractor:
        raise CommandError(_("Seul un réparateur travaille pour une entreprise : sans --contractor."))
    if role != Role.REGION_MANAGER:
        return [{"school": school} for school in _schools(region, uais)]
    if uais:
        raise CommandError(_("Ce rôle vaut pour toute la région : sans --lycee."))
    return [{}]


def _contractor(region: Region, name: str) -> Contractor:
    with scope(region=region.pk):
        hired = Contractor.objects.filter(name=name.strip(), trades__contains=[Trade.REPAIRER]).first()
    if hired is None:
        raise CommandError(_("Nommez une entreprise qui répare pour la région : --contractor NOM."))
    return hired


def _schools(region: Region, uais: Sequence[str]) -> list[School]:
    wanted = [uai.strip().upper() for uai in uais]
    with scope(region=region.pk, school=None):
        found = schools_for_uais(wanted)
    if not wanted or set(wanted) - set(found):
        raise CommandError(_("Nommez un lycée de l’annuaire : --lycee UAI."))
    return [found[uai] for uai in dict.fromkeys(wanted)]


def _password(email: str) -> str:
    password = os.environ.get(_PASSWORD)
    if password is None and sys.stdin.isatty():
        password = getpass.getpass(_("Mot de passe : "))
    try:
        validate_password(password or "", Person(email=email))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password or ""
