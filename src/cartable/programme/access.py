"""The road from an address to a campaign. Unknown and out of scope look the same: 404."""

from django.http import Http404

from cartable.programme.models import Campaign


def campaign_of(first_year: int) -> Campaign:
    """Return the campaign in scope of the school year that begins in this civil year."""
    campaign = Campaign.objects.filter(first_year=first_year).first()
    if campaign is None:
        raise Http404
    return campaign
