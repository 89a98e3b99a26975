"""Filters and tags of the templates: figures, codes, icons, small pieces of forms and charts."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, FileInput
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from cartable.kernel.codes import spaced
from cartable.ui import charts, figures
from cartable.ui.camera import CAMERA_TEXTS, camera_config
from cartable.ui.icons import ICONS

register = template.Library()

register.filter("fin", figures.thin)
register.filter("pourcent", figures.percent)
register.filter("heure", figures.clock)
register.filter("jour", figures.short_day)
register.filter("jour_long", figures.long_day)
register.filter("date_courte", figures.short_date)
register.filter("moment", figures.moment)


@register.filter
def code(text: str) -> str:
    """Write a label code in groups, "P 0042 1187 59"; any other text (a serial number) is left as it is."""
    try:
        return spaced(text)
    except ValueError:
        return text


@register.simple_tag
def icone(nom: str, classe: str = "") -> SafeString:
    """Draw the icon of that name, hidden from screen readers: the words beside it say the same."""
    return format_html(
        '<svg class="icone{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        f" {classe}" if classe else "",
        mark_safe(ICONS[nom]),  # a constant of icons.py
    )


@register.simple_tag
def planche(*noms: str) -> SafeString:
    """Write a hidden sheet of symbols (#i-nom), for a script that changes icons; without names, all of them."""
    symbols = "".join(f'<symbol id="i-{nom}" viewBox="0 0 24 24">{ICONS[nom]}</symbol>' for nom in noms or ICONS)
    return mark_safe(f'<svg width="0" height="0" class="hors-vue" aria-hidden="true">{symbols}</svg>')


@register.simple_tag
def reglages_camera() -> SafeString:
    """Write what `scan.js` needs: where the camera's module is, and its words."""
    return json_script({**camera_config(), "texts": CAMERA_TEXTS}, "camera-config")


@register.filter
def est_fichier(champ: BoundField) -> bool:
    """Tell whether the field is an upload."""
    return isinstance(champ.field.widget, FileInput)


@register.filter
def est_coche(champ: BoundField) -> bool:
    """Tell whether the field is one single box to tick."""
    return type(champ.field.widget) is CheckboxInput


@register.simple_tag
def anneau(part: float, rayon: float = 43) -> charts.Ring:
    """Return the ring of a share between 0 and 1."""
    return charts.ring(part, radius=rayon)


@register.simple_tag
def jauge(valeur: float, cible: float, maximum: float | None = None) -> charts.Gauge:
    """Return the gauge of a quantity against its target."""
    return charts.gauge(valeur, target=cible, maximum=maximum)


@register.simple_tag
def page_query(request: Any, **changes: Any) -> str:
    """Return the query string of this page with some parameters replaced (None removes one): "?tri=nom&page=2"."""
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"
