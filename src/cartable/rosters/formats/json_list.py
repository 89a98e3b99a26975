"""Read a JSON list of records one by one, in memory that does not grow with the file.

The standard parser reads a whole document: 64 MB of `{},{},…` would become gigabytes of objects. Here the text is cut
into records first, with bounds on their length and depth, and each is parsed alone. Nothing is guessed: a key said
twice, NaN, or a sign out of place refuses the file.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from cartable.rosters.formats.encoding import ByteStream, decoded
from cartable.rosters.formats.refusals import (
    EncodingBroken,
    JsonBroken,
    JsonDuplicateKey,
    JsonTooDeep,
    JsonValueRefused,
    RecordTooLarge,
    UnknownJson,
)

# A record of FREGATA with its addresses takes about 2 kB.
_LONGEST_RECORD = 256 * 1024
_MOST_LEVELS = 32
_LONGEST_NUMBER = 40
# Members of the object around the list, or items of a list that is not the one.
_MOST_BESIDE = 1_000

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# A string that is still open ends the search: more text is needed.
_SIGN = re.compile(_STRING + r'|[{}\[\]"]', re.DOTALL)
_OPENING, _CLOSING = frozenset("{["), frozenset("}]")
_PLAIN_VALUE = re.compile(r'[^\s,:{}\[\]"]+')


class Number(str):
    """A number as it is written: codes and identifiers are numbers for some software, texts for other."""

    __slots__ = ()


class JsonList:
    """The records of a document that is a list, or an object around one list.

    Iterate once. `context` then holds what stands beside the list (texts and numbers by key), `has_list` tells
    whether there was one, even empty, and `line` is that of the record in hand. Raises a FileRefused for anything else
    than well-formed JSON of reasonable shape.
    """

    def __init__(self, document: ByteStream) -> None:
        self.context: dict[str, object] = {}
        self.line = 1
        self._chunks = decoded(document, undeclared="utf-8").chunks
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        # What comes next; everything before it is done with.
        self._at = 0
        self._parser = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._number,
            parse_float=self._number,
            parse_constant=self._refuse_constant,
        )
        self._is_ended = False
        self.has_list = False
        self._has_records = False

    def __iter__(self) -> Iterator[object]:
        match self._peek():
            case "[":
                yield from self._items(are_records=True)
            case "{":
                yield from self._around_list()
            case _:
                raise self._broken()
        if self._peek():
            raise self._broken()

    def _around_list(self) -> Iterator[object]:
        """Yield the records of the one list in an object, and keep what stands beside it."""
        self._take("{")
        keys: set[str] = set()
        while self._peek() != "}":
            if keys:
                self._take(",")
            if self._peek() != '"':
                raise self._broken()
            key = str(self._value())
            if key in keys:
                raise JsonDuplicateKey(line=self.line, key=_shown(key))
            keys.add(key)
            if len(keys) > _MOST_BESIDE:
                raise UnknownJson
            self._take(":")
            if self._peek() == "[":
                yield from self._items(are_records=False)
            elif not isinstance(value := self._value(), (dict, list)):
                self.context[key] = value
        self._take("}")

    def _items(self, *, are_records: bool) -> Iterator[object]:
        """Yield the items of a list; beside others, only of one that begins with an object."""
        self._take("[")
        self.has_list = True
        item_count = 0
        while self._peek() != "]":
            if item_count:
                self._take(",")
                self._peek()
            elif are_records or self._peek() == "{":
                if self._has_records:
                    raise UnknownJson
                self._has_records = are_records = True
            item = self._value()
            item_count += 1
            if are_records:
                yield item
            elif item_count > _MOST_BESIDE:
                raise UnknownJson
        self._take("]")

    def _value(self) -> Any:
        """Return the next value, parsed."""
        length = self._length_of_value()
        text = self._text[self._at : self._at + length]
        try:
            value = self._parser.decode(text)
        except json.JSONDecodeError as fault:
            raise JsonBroken(line=self.line + fault.lineno - 1) from None
        self._pass(length)
        return value

    def _length_of_value(self) -> int:
        """Return the length of the value at hand, having read as much text as that needs."""
        if self._peek() not in ("{", "[", '"'):
            return self._length_of_plain_value()
        depth, length = 0, 0
        while True:
            sign = _SIGN.search(self._text, self._at + length)
            if sign is None or sign[0] == '"':
                length = (len(self._text) if sign is None else sign.start()) - self._at
                self._need_more()
                continue
            length = sign.end() - self._at
            depth += (sign[0] in _OPENING) - (sign[0] in _CLOSING)
            if depth > _MOST_LEVELS:
                raise JsonTooDeep(line=self.line, limit=_MOST_LEVELS)
            if depth <= 0:
                return length

    def _length_of_plain_value(self) -> int:
        while True:
            value = _PLAIN_VALUE.match(self._text, self._at)
            if value is None:
                raise self._broken()
            if value.end() < len(self._text) or not self._more():
                return value.end() - value.start()
            self._check_length()

    def _pass(self, length: int) -> None:
        """Leave so much text behind."""
        self.line += self._text.count("\n", self._at, self._at + length)
        self._at += length

    def _peek(self) -> str:
        """Return the next sign that is no space, "" at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            assert space is not None
            self.line += space[0].count("\n")
            self._at = space.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._broken()
        self._at += 1

    def _need_more(self) -> None:
        self._check_length()
        if not self._more():
            raise JsonBroken(line=self.line + self._text.count("\n", self._at))

    def _check_length(self) -> None:
        if len(self._text) - self._at > _LONGEST_RECORD:
            raise RecordTooLarge(line=self.line)

    def _more(self) -> bool:
        """Add a chunk to the text, dropping what lies behind; tell whether there was one."""
        if self._is_ended:
            return False
        chunk = next(self._chunks, b"")
        self._is_ended = not chunk
        try:
            text = self._decoder.decode(chunk, final=self._is_ended)
        except UnicodeDecodeError as fault:
            read = self._text.count("\n", self._at) + fault.object[: fault.start].count(b"\n")
            raise EncodingBroken(line=self.line + read) from None
        self._text = self._text[self._at :] + text
        self._at = 0
        return not self._is_ended

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise JsonDuplicateKey(line=self.line, key=_shown(twice))
        return found

    def _number(self, text: str) -> Number:
        if len(text) > _LONGEST_NUMBER:
            raise JsonValueRefused(line=self.line, value=text[:12] + "…")
        return Number(text)

    def _refuse_constant(self, name: str) -> NoReturn:
        raise JsonValueRefused(line=self.line, value=name)

    def _broken(self) -> JsonBroken:
        return JsonBroken(line=self.line)


def _shown(key: str) -> str:
    """Return a key as a sentence can show it: short, without what no text can hold."""
    return "".join(sign if sign.isprintable() else "�" for sign in key[:40])
