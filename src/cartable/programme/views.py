"""The rules of the loan, campaign by campaign: read by the region and the lycées, written by the region."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.kernel.school_year import SchoolYear
from cartable.organisations.access import region_of, school_of
from cartable.programme import commands, queries
from cartable.programme.access import campaign_of
from cartable.programme.forms import CampaignForm, RulesForm, WaveForm
from cartable.programme.models import Campaign, CampaignRules
from cartable.programme.words import REFUSALS


@open_to(Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE)
def campaign_list(request: CartableRequest) -> HttpResponse:
    """Show the campaigns, the latest first."""
    values = {"campaigns": queries.list_campaigns(), "may_write": Role.REGION_MANAGER in request.signed_in.roles}
    return render(request, "programme/campaign_list.html", values)


@open_to(Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE)
def campaign(request: CartableRequest, first_year: int) -> HttpResponse:
    """Show every version of a campaign's rules in plain words, and what changed from one to the next."""
    found = campaign_of(first_year)
    values = {
        "campaign": found,
        "school_year": queries.school_year_label(found.first_year),
        "versions": queries.versions_in_words(found),
        "waves": queries.waves_in_words(found),
        "may_write": Role.REGION_MANAGER in request.signed_in.roles,
    }
    return render(request, "programme/campaign.html", values)


@open_to(Role.REGION_MANAGER)
def campaign_new(request: CartableRequest) -> HttpResponse:
    """Open the campaign of a school year; its rules are written next."""
    year = queries.next_year_to_open(today_year=SchoolYear.containing(timezone.localdate()).first_year)
    form = CampaignForm(request.POST if request.method == "POST" else None, first_year=year)
    if request.method == "POST" and form.is_valid():
        try:
            opened = commands.open_campaign(region=region_of(request.signed_in.region_id), **form.cleaned_data)
        except commands.CampaignAlreadyOpen as refusal:
            form.add_error("first_year", str(REFUSALS[refusal.code]))
        else:
            messages.success(request, _("Campagne ouverte. Écrivez ses règles : sans elles, aucune journée."))
            return redirect("programme:rules-new", opened.first_year)
    status = 422 if request.method == "POST" else 200
    return render(request, "programme/campaign_new.html", {"form": form}, status=status)


@open_to(Role.REGION_MANAGER)
def wave(request: CartableRequest, first_year: int) -> HttpResponse:
    """Say whom a lycée equips this year; the last choice holds, and its days follow."""
    found = campaign_of(first_year)
    uai = request.GET.get("lycee", "")
    known = queries.wave_of(found, uai=uai)
    initial: dict[str, object] = {"school": uai}
    if known is not None:
        initial |= {"kind": known.kind, "levels": known.levels, "divisions": known.divisions}
    form = WaveForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        schools=queries.school_choices(),
        levels=queries.levels_to_equip(found, known),
    )
    if request.method == "POST" and form.is_valid():
        chosen = commands.choose_wave(campaign=found, school=school_of(form.cleaned_data["school"]), **form.wave())
        words = {"school": chosen.school, "whom": queries.wave_in_words(chosen)}
        messages.success(request, _("%(school)s : %(whom)s.") % words)
        return redirect("programme:campaign", first_year)
    status = 422 if request.method == "POST" else 200
    values = {"campaign": found, "form": form, "known": known}
    return render(request, "programme/wave.html", values, status=status)


@open_to(Role.REGION_MANAGER)
def rules_new(request: CartableRequest, first_year: int) -> HttpResponse:
    """Write the next version over the one in force, then look at what it changes; nothing is published here."""
    found = campaign_of(first_year)
    base, version = queries.base_rules(found), queries.version_in_force(found)
    is_sent = request.method == "POST"
    form = RulesForm(*((request.POST, request.FILES) if is_sent else ()), base=base, version=version)
    # Back from the differences: the same text, to be corrected.
    is_correcting = "correct" in request.POST
    if is_sent and not is_correcting and form.is_valid():
        return _differences(request, found, form)
    values = {
        **_page(found, base, version),
        "form": form,
        "in_force": queries.rules_in_words(base) if base else (),
    }
    return render(request, "programme/rules_new.html", values, status=422 if is_sent and not is_correcting else 200)


@open_to(Role.REGION_MANAGER)
@require_POST
def rules_publish(request: CartableRequest, first_year: int) -> HttpResponse:
    """Publish the version whose differences were looked at."""
    found = campaign_of(first_year)
    base, version = queries.base_rules(found), queries.version_in_force(found)
    form = RulesForm(request.POST, base=base, version=version)
    if not form.is_valid():
        values = {**_page(found, base, version), "form": form, "in_force": queries.rules_in_words(base) if base else ()}
        return render(request, "programme/rules_new.html", values, status=422)
    try:
        published = commands.publish_rules(
            campaign=found,
            published_at=timezone.now(),
            published_by_id=request.signed_in.actor_id,
            prices=form.listed.prices,
            expected_version=form.cleaned_data["expected_version"],
            **form.rules(),
        )
    except commands.RulesHaveChanged as refusal:
        messages.warning(request, str(REFUSALS[refusal.code]))
        return _differences(request, found, form, status=422)
    messages.success(request, _("Version %(n)s publiée : elle est en vigueur.") % {"n": published.version})
    return redirect("programme:campaign", first_year)


def _differences(request: CartableRequest, found: Campaign, form: RulesForm, *, status: int = 200) -> HttpResponse:
    """Show what the written version changes in the one in force now, and carry it along."""
    base, version = queries.base_rules(found), queries.version_in_force(found)
    proposed = CampaignRules(campaign=found, **form.rules())
    difference = queries.rules_difference(base, proposed, form.listed.prices)
    values = {
        **_page(found, base, version),
        "difference": difference,
        # The first version of a campaign may say what the campaign before said.
        "is_publishable": version == 0 or not difference.is_empty,
        "proposed": proposed,
        "carried": RulesForm(base=base, initial=form.settled(version=version)),
    }
    return render(request, "programme/rules_check.html", values, status=status)


def _page(found: Campaign, base: CampaignRules | None, version: int) -> dict[str, object]:
    is_borrowed = base is not None and base.campaign_id != found.pk
    return {
        "campaign": found,
        "version": version,
        "next_version": version + 1,
        "base": base,
        "borrowed_from": base.campaign.name if base and is_borrowed else "",
    }
