"""Messages of the product: French in the code, English in ``locale/en``; extracted, checked and compiled in Python.

GNU gettext is on no bare machine: Python reads its own files, Babel the templates (development only), polib reads and
writes catalogues.
"""

import ast
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.template import templatize

PACKAGE_DIRECTORY = Path(__file__).resolve().parents[1]
CATALOGUE = PACKAGE_DIRECTORY / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# Django's own texts come from Django's catalogues.
LEFT_OUT = ("/tests/", "/migrations/")


@dataclass(frozen=True)
class Message:
    """One text of the code, with its plural where it has one, and where it stands."""

    text: str
    plural: str = ""
    context: str = ""
    place: str = ""


@dataclass
class Findings:
    """What is wrong with the catalogue."""

    missing: list[Message] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    fuzzy: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Say whether English is complete and true to the code."""
        return not (self.missing or self.unused or self.fuzzy or self.broken)


def messages_in_code() -> Iterator[Message]:
    """Yield every message of Python files and templates."""
    for path in sorted(PACKAGE_DIRECTORY.rglob("*")):
        # The checkout itself may lie below a folder of such a name.
        inside = f"/{path.relative_to(PACKAGE_DIRECTORY)}"
        if path.suffix not in {".py", ".html", ".txt"} or any(part in inside for part in LEFT_OUT):
            continue
        source, place = path.read_text(encoding="utf-8", errors="replace"), str(path.relative_to(PACKAGE_DIRECTORY))
        if path.suffix == ".py":
            yield from messages_in_python(source, place)
        elif "templates" in path.parts:
            yield from _messages_in_template(source, place)


def messages_in_python(source: str, place: str) -> Iterator[Message]:
    """Yield the messages of a Python file, in their order."""
    # Not by Babel: it reads tokens, and before Python 3.12 an f-string is one token, with the texts inside it unseen.
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        texts = [text.value for text in call.args if isinstance(text, ast.Constant) and isinstance(text.value, str)]
        context = texts.pop(0) if name.startswith("pgettext") and texts else ""
        if name in KEYWORDS and texts:
            plural = texts[1] if name.startswith("ngettext") and len(texts) > 1 else ""
            yield Message(texts[0], plural, context, f"{place}:{call.lineno}")


def _messages_in_template(source: str, place: str) -> Iterator[Message]:
    from babel.messages.extract import extract

    source = templatize(source, origin=place)
    for line, text, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        singular, plural = (text[0], text[1]) if isinstance(text, tuple) else (text, "")
        yield Message(singular, plural, context or "", f"{place}:{line}")


def catalogue() -> polib.POFile:
    """Return the English catalogue, empty where there is none."""
    if CATALOGUE.exists():
        return polib.pofile(str(CATALOGUE), wrapwidth=120)
    new = polib.POFile(wrapwidth=120)
    new.metadata = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": "en",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return new


def extract_messages() -> int:
    """Bring the catalogue to the messages of the code; keep translations. Return how many are untranslated."""
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue()}
    new = catalogue()
    new.clear()
    seen: set[tuple[str, str]] = set()
    for message in messages_in_code():
        key = (message.context, message.text)
        if key in seen or not message.text:
            continue
        seen.add(key)
        new.append(_entry(message, known.get(key)))
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(CATALOGUE))
    return len(new.untranslated_entries())


def _entry(message: Message, known: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = known.msgstr_plural if known and known.msgid_plural else {0: "", 1: ""}
    else:
        entry.msgstr = known.msgstr if known else ""
    if "%(" in message.text:
        entry.flags.append("python-format")
    return entry


def check_messages() -> Findings:
    """Compare the catalogue with the code."""
    findings = Findings()
    entries = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue() if not entry.obsolete}
    used: set[tuple[str, str]] = set()
    for message in messages_in_code():
        key = (message.context, message.text)
        if not message.text or key in used:
            continue
        used.add(key)
        entry = entries.get(key)
        if entry is None or not entry.translated():
            findings.missing.append(message)
    for key, entry in entries.items():
        if key not in used:
            findings.unused.append(entry.msgid)
        if entry.fuzzy:
            findings.fuzzy.append(entry.msgid)
        if entry.translated() and not _same_placeholders(entry):
            findings.broken.append(entry.msgid)
    return findings


def _same_placeholders(entry: polib.POEntry) -> bool:
    import re

    pattern = re.compile(r"%\(\w+\)[sdf]|\{\w*\}")
    wanted = set(pattern.findall(entry.msgid)) | set(pattern.findall(entry.msgid_plural or ""))
    texts = [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())
    return all(set(pattern.findall(text)) <= wanted for text in texts) and (
        bool(entry.msgid_plural) or set(pattern.findall(entry.msgstr)) == wanted
    )


def compile_messages() -> int:
    """Write the compiled catalogue beside the text; return how many messages it holds."""
    if not CATALOGUE.exists():
        return 0
    text = catalogue()
    text.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    return len(text.translated_entries())


def is_stale() -> bool:
    """Say whether the compiled catalogue is older than its text."""
    compiled = CATALOGUE.with_suffix(".mo")
    return CATALOGUE.exists() and (not compiled.exists() or compiled.stat().st_mtime < CATALOGUE.stat().st_mtime)
