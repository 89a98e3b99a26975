"""Mypy plugin: django-stubs', told what a scoped manager is.

django-scopes makes a new class inside a function for each model; django-stubs looks classes up by their full name
and finds none. While types are checked, `ScopedManager` is the class that `django_scopes/__init__.pyi` describes.
"""

from typing import Any

import django_scopes
from django.db.models import Manager


class ScopedManager(Manager):  # type: ignore[type-arg]
    """A manager that takes the arguments of django-scopes' function."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()


ScopedManager.__module__ = "django_scopes"
django_scopes.ScopedManager = ScopedManager

from mypy_django_plugin.main import plugin  # noqa: E402

__all__ = ["plugin"]
