"""A select of hundreds of choices. Django renders a template for each option: for a region's lycées longer than the page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# No text of a database holds it.
_BETWEEN = "\0"


class Pairs(BaseChoiceIterator):
    """Choices that are pairs already: a list of them is walked three times by Django, in search of groups, at each form."""

    def __init__(self, pairs: Iterable[tuple[str, str | Promise]]) -> None:
        self.pairs = list(pairs)

    def __iter__(self) -> Iterator[tuple[str, str | Promise]]:
        return iter(self.pairs)


class LongSelect(forms.Select):
    """A select without groups, its options written in one go."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Return the same markup as Django's own."""
        chosen = escape("" if value is None else str(value))
        pairs = list(self.choices)
        keys, labels = [key for key, _label in pairs], [label for _key, label in pairs]
        options = "".join(
            [
                f'<option value="{key}"{" selected" if key == chosen else ""}>{label}</option>'
                for key, label in zip(_escaped(keys), _escaped(labels), strict=True)
            ]
        )
        given = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(given), mark_safe(options))  # Each escaped above.


def _escaped(texts: Sequence[Any]) -> list[str]:
    """Escape all of these texts together: one by one, a region's lycées took ten times as long."""
    return escape(_BETWEEN.join(map(str, texts))).split(_BETWEEN) if texts else []
