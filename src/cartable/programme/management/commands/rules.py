"""``cartable rules show|publish|open|wave``: the rules of a campaign from the terminal, the same road as the pages."""

import json
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scope

from cartable.accounts.commands import system_actor
from cartable.kernel.school_year import SchoolYear
from cartable.organisations.models import Region, School
from cartable.organisations.queries import region_named
from cartable.programme import commands, queries
from cartable.programme.forms import CampaignForm, RulesForm, WaveForm, values_of
from cartable.programme.models import Campaign, CampaignRules, WaveKind
from cartable.programme.queries import RulesDifference
from cartable.programme.rules import Fate
from cartable.programme.words import REFUSALS


class Command(BaseCommand):
    """Rules of a campaign."""

    help = "Shows the rules in force as a file, compares an edited file with them; --apply publishes the next version;"
    help += " says whom a lycée equips."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        showing = actions.add_parser("show", help="print the rules in force as JSON, to be edited")
        publishing = actions.add_parser("publish", help="compare a file with the rules in force; publish it if asked")
        publishing.add_argument("file", type=Path, help="JSON as `rules show` prints it, edited")
        publishing.add_argument(
            "--prices", type=Path, help="CSV or .xlsx with the prices, instead of those of the file"
        )
        publishing.add_argument("--apply", action="store_true", help="publish the next version")
        opening = actions.add_parser("open", help="open the campaign of a school year")
        opening.add_argument("--name", default="", help="by default that of the page")
        waving = actions.add_parser("wave", help="say whom a lycée equips this year; the last choice holds")
        waving.add_argument("uai", help="UAI of the lycée")
        whom = waving.add_mutually_exclusive_group(required=True)
        whom.add_argument("--everyone", action="store_true", help="all students that the rules allow")
        whom.add_argument("--levels", nargs="+", default=[], metavar="MEFSTAT4", help="some levels: 2211 2212")
        whom.add_argument("--divisions", nargs="+", default=[], metavar="CLASS", help="some classes: 2DE7 2DE8")
        for one in (showing, publishing, opening, waving):
            one.add_argument("--year", type=int, help="first civil year: 2026 for 2026-2027")
            one.add_argument("--region", default="", help="INSEE code, where there are several regions")
        for one in (showing, publishing):
            one.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show, publish or open."""
        try:
            region = region_named(options["region"])
        except Region.DoesNotExist as error:
            raise CommandError(_("Nommez une région qui existe : --region CODE.")) from error
        with scope(region=region.pk, school=None):
            if options["action"] == "open":
                self._open(region, options)
                return
            year = options["year"] or SchoolYear.containing(timezone.localdate()).first_year
            campaign = Campaign.objects.filter(first_year=year).first()
            if campaign is None:
                raise CommandError(_("Aucune campagne pour cette année. Ouvrez-la : rules open --year ANNÉE."))
            if options["action"] == "show":
                self._show(campaign, as_json=options["json"])
            elif options["action"] == "wave":
                self._wave(campaign, options)
            else:
                self._publish(campaign, options)

    def _open(self, region: Region, options: dict[str, Any]) -> None:
        year = queries.next_year_to_open(today_year=SchoolYear.containing(timezone.localdate()).first_year)
        wanted = options["year"] or year
        name = options["name"] or _("Rentrée %(year)s") % {"year": wanted}
        form = CampaignForm({"first_year": wanted, "name": name}, first_year=year)
        _require(form)
        try:
            opened = commands.open_campaign(region=region, **form.cleaned_data)
        except commands.CampaignAlreadyOpen as refusal:
            raise CommandError(str(REFUSALS[refusal.code])) from refusal
        self.stdout.write(_("Campagne ouverte : %(name)s.") % {"name": opened.name})

    def _wave(self, campaign: Campaign, options: dict[str, Any]) -> None:
        kind = next((kind for kind in (WaveKind.LEVELS, WaveKind.DIVISIONS) if options[kind]), WaveKind.EVERYONE)
        said = {
            "school": options["uai"], "kind": kind, "levels": options["levels"],
            "divisions": "\n".join(options["divisions"]),
        }  # fmt: skip
        known = queries.wave_of(campaign, uai=options["uai"])
        form = WaveForm(said, schools=queries.school_choices(), levels=queries.levels_to_equip(campaign, known))
        _require(form)
        school = School.objects.get(uai=options["uai"])
        chosen = commands.choose_wave(campaign=campaign, school=school, **form.wave())
        words = {"school": school, "whom": queries.wave_in_words(chosen)}
        self.stdout.write(_("%(school)s : %(whom)s.") % words)

    def _show(self, campaign: Campaign, *, as_json: bool) -> None:
        base, version = queries.base_rules(campaign), queries.version_in_force(campaign)
        if as_json or base is None:
            shown = {"first_year": campaign.first_year, "version": version, "rules": values_of(base)}
            self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{campaign.name} · {_('Version %(n)s') % {'n': version}}")
        for rule in queries.rules_in_words(base):
            self.stdout.write(_("%(name)s : %(text)s") % {"name": rule.name, "text": rule.text})

    def _publish(self, campaign: Campaign, options: dict[str, Any]) -> None:
        base, version = queries.base_rules(campaign), queries.version_in_force(campaign)
        form = _form(options, base, version)
        _require(form)
        proposed = CampaignRules(campaign=campaign, **form.rules())
        found = queries.rules_difference(base, proposed, form.listed.prices)
        is_publishable = version == 0 or not found.is_empty
        published: CampaignRules | None = None
        if options["apply"] and is_publishable:
            try:
                published = commands.publish_rules(
                    campaign=campaign, published_at=timezone.now(), published_by_id=system_actor().pk,
                    prices=form.listed.prices, expected_version=form.cleaned_data["expected_version"], **form.rules(),
                )  # fmt: skip
            except commands.RulesHaveChanged as refusal:
                raise CommandError(str(REFUSALS[refusal.code])) from refusal
        values = _values(found, version=published.version if published else version, is_published=published is not None)
        self.stdout.write(json.dumps(values, ensure_ascii=False) if options["json"] else _text(values))


def _form(options: dict[str, Any], base: CampaignRules | None, version: int) -> RulesForm:
    try:
        sent = json.loads(options["file"].read_text(encoding="utf-8"))
        prices = options["prices"].read_bytes() if options["prices"] else None
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
    except ValueError as error:
        raise CommandError(_("Ce fichier n’est pas du JSON. Partez de « rules show --json ».")) from error
    rules = sent.get("rules") if isinstance(sent, dict) else None
    if not isinstance(rules, dict):
        raise CommandError(_("Ce fichier n’a pas de « rules ». Partez de « rules show --json »."))
    unknown = sorted(set(rules) - set(RulesForm.base_fields) | ({"price_file"} & set(rules)))
    if unknown:
        raise CommandError(_("Règles inconnues : %(names)s.") % {"names": ", ".join(unknown)})
    kit = rules.get("kit", "")
    data = {
        **rules,
        "kit": "\n".join(map(str, kit)) if isinstance(kit, list) else kit,
        # The version that was edited: another one published since is refused.
        "expected_version": sent.get("version", version),
    }
    files = {"price_file": SimpleUploadedFile(options["prices"].name, prices)} if prices is not None else {}
    return RulesForm(data, files, base=base, version=version)


def _require(form: RulesForm | CampaignForm | WaveForm) -> None:
    if form.is_valid():
        return
    raise CommandError("\n".join(f"{name}: {words}" for name, found in form.errors.items() for words in found))


def _values(found: RulesDifference, *, version: int, is_published: bool) -> dict[str, Any]:
    return {
        "published": is_published,
        "version": version,
        "changed": {rule.name: [rule.before, rule.after] for rule in found.changed},
        "prices": {
            price.item: [None if one is None else str(one) for one in (price.before, price.after)]
            for price in found.prices
            if price.fate != Fate.KEPT
        },
        "charter_title": found.charter_title.after if found.charter_title else None,
        "charter": [[part.fate, part.text] for part in found.charter if part.fate != Fate.KEPT],
    }


def _text(values: dict[str, Any]) -> str:
    lines = [f"~ {name}: {before or '–'} -> {after}" for name, (before, after) in values["changed"].items()]
    lines += [f"~ {item}: {before or '–'} -> {after or '–'}" for item, (before, after) in values["prices"].items()]
    if values["charter_title"]:
        lines.append(f"~ {values['charter_title']}")
    lines += [f"{'+' if fate == Fate.ADDED else '-'} {text}" for fate, text in values["charter"]]
    if values["published"]:
        lines.append(_("Version %(n)s publiée : elle est en vigueur.") % {"n": values["version"]})
    elif not lines:
        lines.append(_("Ces règles sont déjà en vigueur : il n’y a rien à publier."))
    return "\n".join(lines)
