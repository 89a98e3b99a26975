"""Static files as they are served: names that change with their content, in scripts too; no comments on the wire."""

import re
from pathlib import PurePosixPath
from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Others' scripts (vendor/, django_htmx/) travel as their authors made them.
OURS = ("ui/", "distribution/")
# Only whole lines: a comment inside a line could be part of a text or of a regular expression.
_COMMENT_LINES = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{2,}")

_STYLE_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)

_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


def slimmed(script: str) -> str:
    """Return a script without comment lines, indentation and blank lines: a third of a file is words for readers.

    Our scripts hold no template literal over several lines (a test looks), so no text of theirs is changed.
    """
    return _BLANK_LINES.sub("\n", _INDENTATION.sub("", _COMMENT_LINES.sub("", script)))


def slimmed_style(style: str) -> str:
    """Return a style sheet without comments, indentation and blank lines; no text of ours holds what begins a comment."""
    return _BLANK_LINES.sub("\n", _INDENTATION.sub("", _STYLE_COMMENTS.sub("", style)))


_SLIMMED = {".js": slimmed, ".css": slimmed_style}


class CartableStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage that also hashes names inside `import … from`: modules of one release stay together."""

    # Django's own switch would read others' scripts too: one of django-htmx speaks of an import that it does not make.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((f"{room}*.js", _IMPORTS) for room in OURS),
    )

    def _save(self, name: str, content: "File[Any]") -> Any:
        slim = _SLIMMED.get(PurePosixPath(name).suffix)
        if slim and name.startswith(OURS):
            content.seek(0)  # Django has read it to its end, to name it after its content.
            content = ContentFile(slim(content.read().decode()).encode())
        return super()._save(name, content)
