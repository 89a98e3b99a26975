"""The road from an address to a text. Unknown and out of scope look the same: 404."""

from django.http import Http404

from cartable.notices.rules import LANGUAGES, NoticeKind


def text_named(kind: str, language: str) -> tuple[NoticeKind, str]:
    """Return the kind and the language that an address names."""
    if kind not in set(NoticeKind) or language not in LANGUAGES:
        raise Http404
    return NoticeKind(kind), language
