"""Labels read by the camera of a phone, at stations and at desks: one module, loaded when its button is pressed."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from csp.constants import WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

_DECODER = "vendor/barcode-detector-3.2.2"
View = TypeVar("View", bound=Callable[..., Any])

CAMERA_TEXTS: dict[str, Any] = {
    "camera": _("Caméra"),
    "camera_opening": _("La caméra s’ouvre…"),
    "camera_aim": _("Tenez une étiquette devant la caméra."),
    "camera_read": _("Lu."),
    "camera_several": _("Plusieurs codes : approchez-en un seul."),
    "camera_torch": _("Lampe"),
    "camera_close": _("Fermer la caméra"),
    "camera_forbidden": _("Caméra refusée. Autorisez-la pour cette adresse dans le navigateur, ou tapez le code."),
    "camera_missing": _("Pas de caméra sur cet appareil. Tapez le code."),
    "camera_busy": _("Une autre application tient la caméra. Fermez-la, puis réessayez."),
    "camera_unloaded": _(
        "La lecture par caméra n’est pas encore sur cet appareil : il faut le réseau une première fois."
    ),
}


def may_read_labels(view: View) -> View:
    """Let the page of a view compile the decoder, which is WebAssembly: it runs no inline script, and no other page may."""
    return cast(View, csp_update({"script-src": [WASM_UNSAFE_EVAL]})(view))


def camera_config() -> dict[str, Any]:
    """Return where the camera's module and what it loads are: names that change with their content."""
    return {
        "camera": static("ui/camera.js"),
        "camera_files": {
            "decoder": static(f"{_DECODER}/ponyfill.js"),
            "wasm": static(f"{_DECODER}/zxing_reader.wasm"),
            "style": static("ui/camera.css"),
        },
    }
