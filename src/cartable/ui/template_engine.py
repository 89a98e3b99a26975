"""Django's template engine that refuses to query: templates receive finished values.

A view that leaves a lazy relation to the template fails at once in development and in tests, so that one query per
row (N+1) is impossible rather than detected.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.template.backends.django import DjangoTemplates, Template
from django.utils.safestring import SafeString, mark_safe


class QueryInTemplate(Exception):
    """A template reached for the database."""


def _refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    raise QueryInTemplate(f"A template ran a query; give it finished values: {sql[:200]}")


class _SilentTemplate:
    def __init__(self, template: Template) -> None:
        self._template = template

    def __getattr__(self, name: str) -> Any:
        return getattr(self._template, name)

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        with connection.execute_wrapper(_refuse):
            return mark_safe(self._template.render(context, request))  # Django's own output, typed


class CartableTemplates(DjangoTemplates):
    """The engine that settings name. Every template has the tags of `ui` and the shell of its request at hand."""

    def __init__(self, params: dict[str, Any]) -> None:
        options = {**params["OPTIONS"]}
        options["builtins"] = [*options.get("builtins", []), "cartable.ui.templatetags.ui"]
        options["context_processors"] = [*options.get("context_processors", []), "cartable.ui.shell.shell"]
        super().__init__({**params, "OPTIONS": options})

    def get_template(self, template_name: str) -> Any:
        """Load a template; it refuses queries where the settings say so."""
        template = super().get_template(template_name)
        return _SilentTemplate(template) if settings.RAISE_ON_SQL_IN_TEMPLATES else template

    def from_string(self, template_code: str) -> Any:
        """Compile a string; it refuses queries where the settings say so."""
        template = super().from_string(template_code)
        return _SilentTemplate(template) if settings.RAISE_ON_SQL_IN_TEMPLATES else template
