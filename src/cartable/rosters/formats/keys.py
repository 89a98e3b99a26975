"""Keys of students and persons inside one lycée's list, outside SIECLE."""

from __future__ import annotations

import hashlib

from cartable.rosters.formats.siecle.fields import LONGEST_KEY


def prefixed_key(source: str, identifier: str) -> str:
    """Return the key that a source's own identifier gives: "aaf:748220", "" for none.

    The prefix keeps it apart from every ELEVE_ID. Where both are too long for the table a digest stands for the
    identifier: the same one gives the same key every year.
    """
    if not identifier:
        return ""
    key = f"{source}:{identifier}"
    if len(key) <= LONGEST_KEY:
        return key
    size = (LONGEST_KEY - len(source) - 1) // 2
    return f"{source}:{hashlib.blake2b(identifier.encode('utf-8', 'surrogatepass'), digest_size=size).hexdigest()}"
