"""Walk through a SIECLE document with a hardened event parser, in memory that does not grow with the file.

lxml parses chunk by chunk. After each chunk the finished records of the wanted sections are handed over, and every
finished element, wanted or not, is dropped: this costs less than one event per element, and a section that nobody
asked for (addresses, options) never becomes a Python object. A document type is refused before the parser sees it;
where a format always writes one (AAF), it is tolerated bare, that is without declarations, and blanked: the parser
sees none, so that none is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple, Protocol, cast

from lxml import etree

from cartable.rosters.formats.encoding import ByteStream, decoded
from cartable.rosters.formats.refusals import (
    CharacterForbidden,
    DoctypeRefused,
    EmptyFile,
    EncodingBroken,
    FileRefused,
    NotWellFormed,
    NotXml,
    RecordTooLarge,
)

RecordHandler = Callable[[etree._Element], None]

_DATA = "DONNEES"
_HEADER = "PARAMETRES"
# A record takes about 2 kB. Longer without any finished one: a giant text, attribute, comment or element.
_LONGEST_RECORD = 256 * 1024
_LONGEST_PROLOG = 16 * 1024
_LARGEST_LINE = 65_535
_ROOT = re.compile(rb"<([^\s<>/!?]+)[\s/>]")
_SKIPPED = ((b"<?", b"?>"), (b"<!--", b"-->"))
# A document type that at most names an external file: no internal subset, no entity.
_LITERAL = rb"""\s+(?:"[^"<>]{0,500}"|'[^'<>]{0,500}')"""
_BARE_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s+([^\s<>\["'&%]{1,100})(?:\s+SYSTEM""" + _LITERAL + rb"|\s+PUBLIC" + _LITERAL * 2 + rb")?\s*>"
)
_LONGEST_DOCTYPE = 2048
_REFUSALS: dict[int, type[FileRefused]] = {
    etree.ErrorTypes.ERR_INVALID_CHAR: CharacterForbidden,
    etree.ErrorTypes.ERR_INVALID_ENCODING: EncodingBroken,
    etree.ErrorTypes.ERR_RESOURCE_LIMIT: RecordTooLarge,
    etree.ErrorTypes.ERR_NAME_TOO_LONG: RecordTooLarge,
}


class RecordReader(Protocol):
    """What reads one kind of document: a handler of the header, and one per section for each of its records."""

    sections: Mapping[str, RecordHandler]

    def read_header(self, parameters: etree._Element) -> None:
        """Read the element PARAMETRES."""
        ...


class Root(NamedTuple):
    """The first tag of a document: its name without prefix, and its VERSION."""

    name: str
    version: str


def walk(
    document: ByteStream, reader_of: Callable[[str], RecordReader], *, bare_doctypes: Collection[str] = ()
) -> tuple[Root, bool]:
    """Hand every record of the document to the reader that `reader_of` gives for the name of the root.

    `bare_doctypes` names the roots whose document type is tolerated when it declares nothing; it is never fetched.
    Returns the root and whether BOM and declaration disagree. Raises a FileRefused for anything but well-formed XML
    of reasonable shape; whatever was handed over until then must be thrown away.
    """
    chunks, bom_disagrees = decoded(document)
    beginning, name = _beginning(chunks, bare_doctypes)
    walker = _Walker(name, reader_of(name))
    walker.feed(beginning)
    for chunk in chunks:
        walker.feed(chunk)
    return Root(name, walker.finish()), bom_disagrees


def root_of(document: ByteStream, *, bare_doctypes: Collection[str] = ()) -> str:
    """Return the name of the document's root without prefix, reading no further; raise a FileRefused as `walk`."""
    return _beginning(decoded(document).chunks, bare_doctypes)[1]


def _beginning(chunks: Iterator[bytes], bare_doctypes: Collection[str]) -> tuple[bytes, str]:
    """Return the text up to a chunk that holds the first tag, and its name without prefix."""
    text, doctype = b"", None
    for chunk in chunks:
        text += chunk
        if bare_doctypes and doctype is None:
            text, doctype = _without_bare_doctype(text)
        if not (bare_doctypes and _is_cut_doctype(text)) and (name := _root_name(text)) is not None:
            if doctype is not None and (doctype != name or name not in bare_doctypes):
                raise DoctypeRefused(line=1)
            return text, name
        if len(text) > _LONGEST_PROLOG:
            raise NotXml(found="")
    raise NotWellFormed(line=1 + text.count(b"\n")) if text.strip() else EmptyFile()


def _after_comments(text: bytes) -> int | None:
    """Return where the text goes on after comments, instructions and spaces; None in the middle of one."""
    at = 0
    while True:
        at = len(text) - len(text[at:].lstrip())
        closing = next((after for before, after in _SKIPPED if text.startswith(before, at)), None)
        if closing is None:
            return at
        end = text.find(closing, at + 2)
        if end < 0:
            return None
        at = end + len(closing)


def _is_cut_doctype(text: bytes) -> bool:
    at = _after_comments(text)
    return at is not None and text.startswith(b"<!", at) and b">" not in text[at:] and len(text) - at < _LONGEST_DOCTYPE


def _without_bare_doctype(text: bytes) -> tuple[bytes, str | None]:
    """Blank a document type that declares nothing, keeping line ends, and return its name; leave any other."""
    at = _after_comments(text)
    doctype = None if at is None else _BARE_DOCTYPE.match(text, at)
    if doctype is None:
        return text, None
    blank = b"\n" * doctype[0].count(b"\n")
    return text[: doctype.start()] + blank + text[doctype.end() :], doctype[1].decode("utf-8", errors="replace")


def _root_name(text: bytes) -> str | None:
    """Return the name of the first tag, None if more text is needed; refuse a document type before any tag."""
    at = _after_comments(text)
    if at is None:
        return None
    # Right after comments and instructions only a tag may come: a document type cannot hide elsewhere, since after
    # the first tag it is no longer well-formed.
    if text.startswith(b"<!", at) and len(text) - at >= 4:
        raise DoctypeRefused(line=1 + text.count(b"\n", 0, at))
    if text[at : at + 1] not in (b"<", b""):
        raise NotXml(found="")
    root = _ROOT.match(text, at)
    return root[1].decode("utf-8", errors="replace").rpartition(":")[2] if root else None


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace: a prefix added by some software changes nothing."""
    tag = element.tag
    return tag if tag[0] != "{" else tag.rpartition("}")[2]


def line_of(element: etree._Element) -> int | None:
    """Return the line on which the element begins."""
    line = cast("int | None", element.sourceline)
    if line is None or line < _LARGEST_LINE:
        return line
    # Beyond this number libxml2 keeps no line for an element and gives that of the end of its first text.
    return line - (element.text or "").count("\n")


class _Walker:
    """Feeds the parser, hands finished records over and drops every finished element."""

    def __init__(self, root_name: str, reader: RecordReader) -> None:
        self._sections = reader.sections
        self._read_header = reader.read_header
        self._containers = (root_name, _DATA)
        self._root: etree._Element | None = None
        self._unfinished = 0
        # No DTD, no network, no huge tree: belt and braces, since a document type never comes this far. Entities are
        # "internal" so that an undeclared one is refused where it stands; none can be declared.
        self._parser = etree.XMLPullParser(
            events=("start",),
            tag="{*}" + root_name,
            encoding="utf-8",
            resolve_entities="internal",  # type: ignore[arg-type]
            load_dtd=False,
            dtd_validation=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
        )

    def feed(self, chunk: bytes) -> None:
        """Parse a chunk and harvest what it finished."""
        try:
            self._parser.feed(chunk)
        except etree.XMLSyntaxError as fault:
            raise self._refusal(fault) from None
        # Every event is taken, though only the first counts: the queue would keep dropped elements alive.
        for _, element in self._parser.read_events():
            self._root = cast(etree._Element, element) if self._root is None else self._root
        if self._root is None:
            return
        self._unfinished += len(chunk)
        if self._harvest(self._root, is_open=True):
            self._unfinished = 0
        elif self._unfinished > _LONGEST_RECORD:
            raise RecordTooLarge(line=line_of(self._deepest()))

    def finish(self) -> str:
        """Harvest the rest and return the root's VERSION, "" without one."""
        try:
            root = self._parser.close()
        except etree.XMLSyntaxError as fault:
            raise self._refusal(fault) from None
        self._harvest(root, is_open=False)
        return root.get("VERSION", "")

    def _harvest(self, element: etree._Element, *, is_open: bool) -> int:
        """Hand over and drop the finished children of a container or section; return how many there were.

        In an open element the last child may still be growing: it stays, and its own finished children are harvested
        unless it is a record or the header, which are read whole.
        """
        name = local_name(element)
        handle = self._sections.get(name, self._visit if name in self._containers else None)
        finished = list(element)
        if is_open:
            del finished[-1:]
        if handle is not None:
            for child in finished:
                handle(child)
        if finished:
            del element[: len(finished)]
        if (
            is_open
            and name not in self._sections
            and name in self._containers
            and len(element)
            and local_name(element[0]) != _HEADER
        ):
            return len(finished) + self._harvest(element[0], is_open=True)
        return len(finished)

    def _visit(self, child: etree._Element) -> None:
        name = local_name(child)
        if name == _HEADER:
            self._read_header(child)
        elif name in self._sections or name == _DATA:
            self._harvest(child, is_open=False)

    def _deepest(self) -> etree._Element:
        assert self._root is not None
        element = self._root
        while len(element):
            element = element[-1]
        return element

    def _refusal(self, fault: etree.XMLSyntaxError) -> FileRefused:
        return _REFUSALS.get(getattr(fault, "code", 0), NotWellFormed)(line=fault.lineno or None)
