"""Read campaigns and their rules, for other packages as values and for people in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cartable.kernel.levels import LEVEL_LABELS, level_label
from cartable.kernel.school_year import SchoolYear
from cartable.organisations.models import School
from cartable.programme.models import Campaign, CampaignRules, Wave, WaveKind
from cartable.programme.rules import (
    EligibilityRules,
    Fate,
    ParagraphChange,
    PriceChange,
    added_and_gone,
    charter_changes,
    paragraphs,
    price_changes,
)
from cartable.ui.figures import percent, thin


def current_rules(campaign: Campaign) -> CampaignRules:
    """Return the latest published version; raises CampaignRules.DoesNotExist where nothing is published."""
    return CampaignRules.objects.filter(campaign=campaign).select_related("campaign").latest("version")


def rules_in_force(campaign_id: int) -> CampaignRules | None:
    """Return the same for a campaign that is known by its number, None where nothing is published."""
    return CampaignRules.objects.filter(campaign_id=campaign_id).order_by("-version").first()


def base_rules(campaign: Campaign) -> CampaignRules | None:
    """Return the rules that the next version starts from: those in force, else the last ones of an earlier campaign."""
    earlier = CampaignRules.objects.filter(
        campaign__region_id=campaign.region_id, campaign__first_year__lte=campaign.first_year
    )
    return earlier.select_related("campaign").order_by("-campaign__first_year", "-version").first()


def version_in_force(campaign: Campaign) -> int:
    """Return the number of the version in force, 0 where nothing is published."""
    return CampaignRules.objects.filter(campaign=campaign).aggregate(latest=Max("version"))["latest"] or 0


def prices_of(rules: CampaignRules) -> dict[str, Decimal]:
    """Return the price list of a version, item by item."""
    return dict(sorted((price.item, price.price_eur) for price in rules.prices.all()))


def next_year_to_open(*, today_year: int) -> int:
    """Return the school year after the last campaign in scope, or the present one where there is none."""
    latest: int | None = Campaign.objects.aggregate(latest=Max("first_year"))["latest"]
    return today_year if latest is None else latest + 1


def campaign_is_open(*, first_year: int) -> bool:
    """Say whether the school year has its campaign."""
    return Campaign.objects.filter(first_year=first_year).exists()


def eligibility_rules(*, rules: CampaignRules, school_id: int) -> EligibilityRules:
    """Return what decides eligibility in one lycée: the campaign's rules, narrowed by the lycée's wave."""
    return _eligibility(rules, Wave.objects.filter(campaign_id=rules.campaign_id, school_id=school_id).first())


def eligibility_of_schools(*, rules: CampaignRules, school_ids: Sequence[int]) -> dict[int, EligibilityRules]:
    """Return the same for many lycées at once, by their ids."""
    found = Wave.objects.filter(campaign_id=rules.campaign_id, school_id__in=school_ids)
    waves = {wave.school_id: wave for wave in found}
    return {school_id: _eligibility(rules, waves.get(school_id)) for school_id in school_ids}


def _eligibility(rules: CampaignRules, wave: Wave | None) -> EligibilityRules:
    return EligibilityRules(
        eligible_levels=frozenset(rules.eligible_levels),
        eligible_statuses=frozenset(rules.eligible_statuses),
        wave_levels=frozenset(wave.levels) if wave and wave.kind == WaveKind.LEVELS else frozenset(),
        wave_divisions=frozenset(wave.divisions) if wave and wave.kind == WaveKind.DIVISIONS else frozenset(),
        has_wave=wave is not None,
    )


@dataclass(frozen=True)
class CampaignRow:
    """A campaign as lists show it."""

    first_year: int
    name: str
    school_year: str
    version_count: int
    published_at: datetime | None
    school_count: int


@dataclass(frozen=True)
class RuleInWords:
    """One rule: what it is about, what it says, and whether the version before said something else."""

    name: str
    text: str
    is_new: bool


@dataclass(frozen=True)
class VersionInWords:
    """One published version of a campaign's rules, in plain words."""

    version: int
    published_at: datetime
    is_current: bool
    rules: tuple[RuleInWords, ...]
    charter_title: str
    charter_paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class RuleChange:
    """One rule in two versions: both texts, and for a list of words what it gains and loses."""

    name: str
    before: str
    after: str
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class RulesDifference:
    """What the next version would change in the one before it (of an earlier campaign where this one has none)."""

    changed: tuple[RuleChange, ...]
    kept: tuple[RuleInWords, ...]
    prices: tuple[PriceChange, ...]
    charter_title: RuleChange | None
    charter: tuple[ParagraphChange, ...]

    @property
    def has_new_prices(self) -> bool:
        """Say whether a price changes, comes or goes."""
        return any(price.fate != Fate.KEPT for price in self.prices)

    @property
    def has_new_charter(self) -> bool:
        """Say whether families sign another text."""
        return self.charter_title is not None or any(part.fate != Fate.KEPT for part in self.charter)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing changes."""
        return not (self.changed or self.has_new_prices or self.has_new_charter)


@dataclass(frozen=True)
class WaveInWords:
    """Whom one school equips in a campaign."""

    school: str
    whom: str
    uai: str


def school_year_label(first_year: int) -> str:
    """Return the name of a school year: 2026-2027."""
    return SchoolYear(first_year).label


def list_campaigns() -> tuple[CampaignRow, ...]:
    """Return the campaigns in scope, the latest first."""
    campaigns = Campaign.objects.order_by("-first_year").annotate(
        version_count=Max("campaignrules__version"), published_at=Max("campaignrules__published_at")
    )
    # Counted on its own: through the campaign a school would be counted once per version.
    waves = dict(Wave.objects.order_by().values_list("campaign_id").annotate(count=Count("pk")))
    return tuple(
        CampaignRow(
            campaign.first_year, campaign.name, school_year_label(campaign.first_year), campaign.version_count or 0,
            campaign.published_at, waves.get(campaign.pk, 0),
        )
        for campaign in campaigns
    )  # fmt: skip


def versions_in_words(campaign: Campaign) -> tuple[VersionInWords, ...]:
    """Return every version of a campaign's rules, the latest first, each compared with the one before."""
    versions = list(CampaignRules.objects.filter(campaign=campaign).prefetch_related("prices").order_by("version"))
    said: list[VersionInWords] = []
    before: dict[str, str] = {}
    for rules in versions:
        lines = {**_lines(rules), _("Prix négociés"): _prices(prices_of(rules))}
        said.append(
            VersionInWords(
                version=rules.version,
                published_at=rules.published_at,
                is_current=rules is versions[-1],
                rules=tuple(RuleInWords(n, text, bool(before) and before.get(n) != text) for n, text in lines.items()),
                charter_title=rules.charter_title,
                charter_paragraphs=paragraphs(rules.charter_text),
            )
        )
        before = lines
    return tuple(reversed(said))


def rules_in_words(rules: CampaignRules) -> tuple[RuleInWords, ...]:
    """Return what one version says, rule by rule."""
    lines = {**_lines(rules), _("Prix négociés"): _prices(prices_of(rules))}
    return tuple(RuleInWords(name, text, is_new=False) for name, text in lines.items())


def rules_difference(
    before: CampaignRules | None, proposed: CampaignRules, prices: Mapping[str, Decimal]
) -> RulesDifference:
    """Compare a version that nobody published yet with the one it starts from."""
    old, new = _lines(before) if before else {}, _lines(proposed)
    lists = _lists(before, proposed) if before else {}
    old_title = before.charter_title if before else ""
    title = RuleChange(_("Titre de la charte"), old_title, proposed.charter_title)
    return RulesDifference(
        changed=tuple(
            RuleChange(name, old.get(name, ""), text, *lists.get(name, ()))
            for name, text in new.items()
            if old.get(name) != text
        ),
        kept=tuple(RuleInWords(name, text, is_new=False) for name, text in new.items() if old.get(name) == text),
        prices=price_changes(prices_of(before) if before else {}, prices),
        charter_title=title if title.before != title.after else None,
        charter=charter_changes(before.charter_text if before else "", proposed.charter_text),
    )


def waves_in_words(campaign: Campaign) -> tuple[WaveInWords, ...]:
    """Return whom each school in scope equips in a campaign."""
    waves = Wave.objects.filter(campaign=campaign).select_related("school").order_by("school__town", "school__name")
    return tuple(WaveInWords(str(wave.school), wave_in_words(wave), wave.school.uai) for wave in waves)


def wave_of(campaign: Campaign, *, uai: str) -> Wave | None:
    """Return whom a lycée in scope equips in a campaign, None where nobody said."""
    return Wave.objects.filter(campaign=campaign, school__uai=uai).first()


def school_choices() -> list[tuple[str, str]]:
    """Return UAI and name of the lycées in scope that are open, by town."""
    schools = School.objects.filter(closed_on__isnull=True).order_by("town", "name")
    return [(school.uai, f"{school} ({school.uai})") for school in schools]


def levels_to_equip(campaign: Campaign, wave: Wave | None = None) -> tuple[str, ...]:
    """Return the levels that a wave may name: those of the rules, all where there are none yet, those that it names."""
    base = base_rules(campaign)
    offered = base.eligible_levels if base else list(LEVEL_LABELS)
    return _in_order({*offered, *(wave.levels if wave else ())})


def _lines(rules: CampaignRules) -> dict[str, str]:
    """Return what each rule says, by its name, in the order of reading."""
    return {
        _("Qui reçoit un PC"): _levels(rules.eligible_levels),
        _("Statuts SIECLE"): ", ".join(rules.eligible_statuses),
        _("Ce qui est prêté"): ", ".join(rules.kit),
        _("Réserve de chaque lycée (FUP)"): _("%(share)s des élèves") % {"share": percent(float(rules.fup_rate), 1)},
        _("PC que personne n’a pris"): str(rules.get_leftover_policy_display()),
        _("Passer sans charte"): _("Possible, par la direction, avec une raison")
        if rules.charter_override_allowed
        else _("Impossible"),
        _("Un vol ouvre"): str(rules.get_theft_opens_display()),
        _("Une perte ouvre"): str(rules.get_loss_opens_display()),
        _("Une casse ouvre"): str(rules.get_breakage_opens_display()),
        _("Une panne ouvre"): str(rules.get_failure_opens_display()),
        _("Fin des études"): str(rules.get_keep_policy_display()),
    }


def _lists(before: CampaignRules, after: CampaignRules) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return what each rule that is a list gains and loses, by its name."""
    levels_gained, levels_lost = added_and_gone(before.eligible_levels, after.eligible_levels)
    return {
        _("Qui reçoit un PC"): (
            (_levels(levels_gained),) if levels_gained else (),
            (_levels(levels_lost),) if levels_lost else (),
        ),
        _("Statuts SIECLE"): added_and_gone(before.eligible_statuses, after.eligible_statuses),
        _("Ce qui est prêté"): added_and_gone(before.kit, after.kit),
    }


def _prices(prices: Mapping[str, Decimal]) -> str:
    words = [_("%(item)s : %(price)s €") % {"item": item, "price": thin(price, 2)} for item, price in prices.items()]
    return ", ".join(words) or _("Aucun")


def _levels(codes: Sequence[str]) -> str:
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    # In the order of studies, not of the boxes: two versions that name the same levels say the same words.
    return ", ".join(level_label(code, language) for code in _in_order(codes))  # type: ignore[arg-type]


def _in_order(codes: Iterable[str]) -> tuple[str, ...]:
    order = {code: place for place, code in enumerate(LEVEL_LABELS)}
    return tuple(sorted(codes, key=lambda code: (order.get(code, len(order)), code)))


def wave_in_words(wave: Wave) -> str:
    """Say whom a lycée equips."""
    if wave.kind == WaveKind.LEVELS:
        return _levels(wave.levels)
    if wave.kind == WaveKind.DIVISIONS:
        return ", ".join(wave.divisions)
    return str(WaveKind.EVERYONE.label)
