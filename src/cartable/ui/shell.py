"""What surrounds every application page: navigation, search, who is logged in. Values only; `config` fills them.

`ui` knows no other package, so it cannot name their URLs. The setting CARTABLE_SHELL names a function
`(request) -> Shell`; without it, pages show the mark and the language switch alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class NavEntry:
    """One link of the application bar. `is_current` underlines it and says so to screen readers."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class Shell:
    """The surroundings of a page for one request; an empty text hides what it stands for."""

    product_name: str = "Cartable"
    home_url: str = "/"
    navigation: tuple[NavEntry, ...] = ()
    # What the bar has no room for: behind « Plus ».
    more: tuple[NavEntry, ...] = ()
    search_url: str = ""
    log_out_url: str = ""
    account_url: str = ""
    user_name: str = ""
    user_role: str = ""

    @property
    def is_in_more(self) -> bool:
        """Say whether the page that is shown stands behind « Plus »."""
        return any(entry.is_current for entry in self.more)

    @property
    def initials(self) -> str:
        """Return at most two capitals for the round badge: first and last word of the name."""
        words = self.user_name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: put the shell of this request under `shell`."""
    road = getattr(settings, "CARTABLE_SHELL", "")
    build: Callable[[HttpRequest], Shell] = import_string(road) if road else lambda _request: Shell()
    return {"shell": build(request)}
