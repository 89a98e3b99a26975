"""One page with every component on it, rendered for tests and for the eye."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django import forms
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from cartable.ui.charts import RatePoint, plan_bar, rate_curve

OPENS = datetime(2026, 9, 15, 6, 30, tzinfo=UTC)
TODAY = [60, 240, 290, 330, 300, 210, 280, 318]
YESTERDAY = [40, 220, 280, 300, 290, 200, 270, 310, 300, 90, 60, 250, 310, 280, 250, 200, 120, 40]


class GalleryForm(forms.Form):
    """A field of each kind."""

    file = forms.FileField(label="Fichier SIECLE", help_text="ElevesSansAdresses, .zip ou .xml")
    name = forms.CharField(label="Nom", required=False, help_text="Tel qu’à l’état civil")
    born_on = forms.DateField(label="Né(e) le", widget=forms.DateInput(attrs={"type": "date"}))
    level = forms.ChoiceField(label="Niveau", choices=[("2211", "2de"), ("2212", "1re")])
    reason = forms.CharField(label="Motif", widget=forms.Textarea, required=False)
    signer = forms.ChoiceField(label="Signataire", choices=[("a", "Élève")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="J’ai vérifié les différences")


def gallery(request: HttpRequest | None = None, *, bound: bool = True) -> str:
    """Return the gallery page; `bound` shows the form with its errors."""
    source = (Path(__file__).parent / "gallery.html").read_text()
    template = engines["django"].from_string(CottonCompiler().process(source))
    step = timedelta(minutes=20)
    curve = rate_curve(
        [RatePoint(OPENS + i * step, rate) for i, rate in enumerate(TODAY)],
        yesterday=[RatePoint(OPENS + i * step, rate) for i, rate in enumerate(YESTERDAY)],
        target=300,
        opens_at=OPENS,
        closes_at=OPENS + timedelta(hours=8),
    )
    values = {
        "form": GalleryForm({"name": "<b>"} if bound else None),
        "curve": curve,
        "bar": plan_bar(41286, 71420, planned=39976),
        "total": 41286,
        "now": OPENS,
    }
    return template.render(values, request or RequestFactory().get("/galerie/"))
