"""The words of the station, handed to its script."""

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from cartable.distribution.station_texts import STATION_TEXTS

register = template.Library()


@register.simple_tag
def station_words() -> SafeString:
    """Write the dictionary as a JSON script of id "poste-textes", in the language of the page."""
    return json_script(STATION_TEXTS, "poste-textes")
