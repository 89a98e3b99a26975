"""The encoding law: which bytes of a school's file are which characters, whatever its declaration pretends.

The document is handed on as UTF-8 without BOM nor XML declaration, so that the parser has nothing to guess: one
reading of the bytes, ours. Chunks of pure ASCII, nearly all of them, pass through untouched; this is faster than
the parser's own conversion of ISO-8859-15.

- BOM beats declaration (`bom_disagrees` tells when they differ).
- ISO-8859-1, US-ASCII and Windows-1252 are read as Windows-1252, as every browser does.
- ISO-8859-15 is honoured; its bytes 0x80–0x9F, control characters that no name holds, are read as Windows-1252.
- No declaration: UTF-8, unless the first accented letter is not; then ISO-8859-15, SIECLE's own (Pix does so too).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from cartable.rosters.formats.refusals import EncodingBroken, EncodingUnknown, NotWellFormed

CHUNK = 64 * 1024

_LONGEST_DECLARATION = 1024
_DECLARATION = re.compile(rb"\s*<\?xml(\s[^>]*)\?>")
_DECLARED = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._:-]*)["']""")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BARE_UTF16 = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


def _table(encoding: str) -> str:
    return bytes(range(256)).decode(encoding, errors="replace")


# The five bytes that Windows-1252 leaves undefined become U+FFFD, which no name can hold: the line is refused.
_WINDOWS = _table("cp1252")
_LATIN_9 = _table("iso8859-15")
_TABLES = {
    "cp1252": _WINDOWS,
    "iso8859-1": _WINDOWS,
    "ascii": _WINDOWS,
    "iso8859-15": _LATIN_9[:128] + _WINDOWS[128:160] + _LATIN_9[160:],
}

Recode = Callable[[bytes, bool], bytes]


class ByteStream(Protocol):
    """Anything to read bytes from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


class DecodedDocument(NamedTuple):
    """A document as UTF-8 chunks without BOM or declaration, lines kept; do BOM and declaration disagree."""

    chunks: Iterator[bytes]
    bom_disagrees: bool


def decoded(document: ByteStream, *, undeclared: str | None = None) -> DecodedDocument:
    """Return the document in UTF-8; raise EncodingUnknown at once, EncodingBroken while the chunks are taken.

    `undeclared` is the encoding where nothing tells it; without one the first accented letter does.
    UTF-8 itself passes unchecked: the parser refuses its faults.
    """
    head = document.read(CHUNK)
    bom, by_bom = next(((mark, name) for mark, name in _BOMS if head.startswith(mark)), (b"", None))
    head = head[len(bom) :]
    by_bom = by_bom or next((name for mark, name in _BARE_UTF16 if head.startswith(mark)), None)
    declared = _declared_encoding(head, is_utf16=by_bom is not None and by_bom != "utf-8")
    disagrees = bool(bom) and declared is not None and not str(by_bom).startswith(declared)
    return DecodedDocument(_chunks(head, document, _recoder(by_bom or declared or undeclared)), disagrees)


def _declared_encoding(head: bytes, *, is_utf16: bool) -> str | None:
    """Return Python's name of the declared encoding, None where none is declared or it cannot be true."""
    declaration = _DECLARATION.match(head[:_LONGEST_DECLARATION].replace(b"\0", b""))
    named = declaration and _DECLARED.search(declaration[1])
    if not named:
        return None
    name = named[1].decode("ascii")
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        raise EncodingUnknown(encoding=name, line=1) from None
    if encoding.startswith("utf-16"):
        # Read without zero bytes it cannot be UTF-16: an editor changed the encoding and left the declaration.
        return encoding if is_utf16 else None
    if encoding != "utf-8" and encoding not in _TABLES:
        raise EncodingUnknown(encoding=name, line=1)
    return encoding


def _chunks(head: bytes, document: ByteStream, recode: Recode) -> Iterator[bytes]:
    line, chunk, is_first = 1, head, True
    while chunk:
        following = document.read(CHUNK)
        try:
            text = recode(chunk, not following)
        except UnicodeDecodeError as fault:
            raise EncodingBroken(line=line + chunk[: fault.start].count(b"\n")) from None
        yield _without_declaration(text) if is_first else text
        line += chunk.count(b"\n")
        chunk, is_first = following, False


def _without_declaration(text: bytes) -> bytes:
    """Blank the XML declaration, keeping its line ends so that line numbers stay true."""
    declaration = _DECLARATION.match(text[:_LONGEST_DECLARATION])
    if declaration is None:
        if text.lstrip().startswith(b"<?xml "):
            raise NotWellFormed(line=1)
        return text
    return b"\n" * declaration[0].count(b"\n") + text[declaration.end() :]


def _recoder(encoding: str | None) -> Recode:
    if encoding is None:
        return _Undeclared()
    if encoding == "utf-8":
        return _unchanged
    if encoding in _TABLES:
        return _from_table(_TABLES[encoding])
    decoder = codecs.getincrementaldecoder(encoding)()

    def recode(chunk: bytes, final: bool) -> bytes:
        return decoder.decode(chunk, final).encode("utf-8")

    return recode


def _unchanged(chunk: bytes, final: bool) -> bytes:
    return chunk


def _from_table(table: str) -> Recode:
    def recode(chunk: bytes, final: bool) -> bytes:
        return chunk if chunk.isascii() else codecs.charmap_decode(chunk, "strict", table)[0].encode("utf-8")

    return recode


class _Undeclared:
    """Leaves ASCII alone until the first byte beyond it decides between UTF-8 and ISO-8859-15."""

    def __init__(self) -> None:
        self._decided: Recode | None = None

    def __call__(self, chunk: bytes, final: bool) -> bytes:
        if self._decided is None and not chunk.isascii():
            self._decided = _recoder("utf-8" if _begins_as_utf8(chunk) else "iso8859-15")
        return chunk if self._decided is None else self._decided(chunk, final)


def _begins_as_utf8(chunk: bytes) -> bool:
    first = next(at for at, byte in enumerate(chunk) if byte > 127)
    sequence = chunk[first : first + 4]
    try:
        # Nothing decoded and no fault: the sequence is cut by the end of the chunk, and so far it is UTF-8.
        codecs.getincrementaldecoder("utf-8")().decode(sequence)
    except UnicodeDecodeError as fault:
        return fault.start > 0
    return True
