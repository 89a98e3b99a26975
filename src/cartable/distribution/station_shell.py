"""The station's page as something to install: its static files, its release, its service worker, its web app manifest.

The page holds no name and no token: whoever fetches it gets the same bytes, so it may be kept in a browser's cache.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.translation import gettext as _

from cartable.ui.static_storage import slimmed

PAGE_STYLES = ("jetons", "base", "structure", "composants", "graphiques", "station")
FONTS = ("atkinson-hyperlegible-next-station", "atkinson-hyperlegible-mono-codes")
# What the station's page imports, and what it asks for later; the camera comes when it is first used.
MODULES = (
    "answers", "bar", "codes", "errands", "focus", "journal", "kept", "menu", "opening", "page", "painter", "panels", "reader",
    "renewal", "screens", "search", "sounds", "station", "store", "sync", "turns", "verdicts",
)  # fmt: skip
ICON_SIZES = (192, 512)
_WORKER = "distribution/service_worker.js"
_EMPTY_RELEASE = 'const RELEASE = { name: "", page: "", files: [""], static: "" };'


def shell_files() -> list[str]:
    """Return the names of the static files that the station's page needs without network."""
    return [
        *(f"ui/{name}.css" for name in PAGE_STYLES),
        *(f"vendor/fonts/{name}.woff2" for name in FONTS),
        *(f"distribution/{name}.js" for name in MODULES),
        "ui/cartable.svg",
    ]


def service_worker(*, page_address: str, page: str) -> str:
    """Return the service worker of this release: another page or another file makes another worker."""
    files = [static(name) for name in shell_files()]
    digest = hashlib.sha256(json.dumps([page, files, _digest_of_files()]).encode())
    release = {
        "name": f"cartable-{digest.hexdigest()[:16]}",
        "page": page_address,
        "files": files,
        "static": settings.STATIC_URL,
    }
    return _worker_script().replace(_EMPTY_RELEASE, f"const RELEASE = {json.dumps(release)};")


@lru_cache(maxsize=1)
def _worker_script() -> str:
    script = slimmed(_content(_WORKER).decode())
    if _EMPTY_RELEASE not in script:
        raise RuntimeError("the service worker has no place for its release")
    return script


@lru_cache(maxsize=1)
def _digest_of_files() -> str:
    """Names change with the content where static files are hashed; elsewhere the content must be looked at."""
    digest = hashlib.sha256(_worker_script().encode())
    for name in shell_files():
        digest.update(_content(name))
    return digest.hexdigest()


def _content(name: str) -> bytes:
    return Path(str(finders.find(name))).read_bytes()


def web_app_manifest(*, page_address: str, scope: str) -> dict[str, Any]:
    """Return what a browser shows when the station is installed."""
    icon = {"src": static("ui/cartable.svg"), "sizes": "any", "type": "image/svg+xml"}
    pictures = [
        {"src": static(f"distribution/poste-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": purpose}
        for size in ICON_SIZES
        for purpose in ("any", "maskable")
    ]  # fmt: skip
    return {
        "name": _("Cartable · Poste de remise"),
        "short_name": _("Poste"),
        "id": page_address,
        "start_url": page_address,
        "scope": scope,
        "display": "standalone",
        "background_color": "#f4f2ee",
        "theme_color": "#1d1a39",
        "icons": [icon, *pictures],
    }
