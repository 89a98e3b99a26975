"""The rules of the loan, campaign by campaign, to be read."""

from django.http import HttpResponse
from django.shortcuts import render

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.programme import queries
from cartable.programme.access import campaign_of


@open_to(Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL)
def campaign_list(request: CartableRequest) -> HttpResponse:
    """Show the campaigns, the latest first."""
    return render(request, "programme/campaign_list.html", {"campaigns": queries.list_campaigns()})


@open_to(Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL)
def campaign(request: CartableRequest, first_year: int) -> HttpResponse:
    """Show every version of a campaign's rules in plain words, and what changed from one to the next."""
    found = campaign_of(first_year)
    values = {
        "campaign": found,
        "school_year": queries.school_year_label(found.first_year),
        "versions": queries.versions_in_words(found),
        "waves": queries.waves_in_words(found),
    }
    return render(request, "programme/campaign.html", values)
