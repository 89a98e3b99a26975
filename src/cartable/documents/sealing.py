"""Seal the bytes of one file: a key of its own, wrapped by a master key that is never in the database.

AES-256-GCM both times, the document's id as associated data: two files exchanged in the database, or one bit changed,
do not open (RELIABILITY 3g). Changing the master key wraps the small keys again and leaves the files alone.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class SealBroken(Exception):
    """The stored bytes are not what was stored under this id, or the master key is not the one of that day."""

    code = "seal_broken"


@dataclass(frozen=True)
class Sealed:
    """What is stored: ciphertext and wrapped key, each behind its own nonce; which master key wrapped."""

    ciphertext: bytes
    wrapped_key: bytes
    master_key_id: str


def master_key_id(secret: bytes) -> str:
    """Name a master key without telling it."""
    return hashlib.sha256(b"cartable.documents.id:" + secret).hexdigest()[:16]


def _master(secret: bytes) -> AESGCM:
    # The secret is 48 random bytes as text, of full strength already: a hash brings it to 32 bytes.
    return AESGCM(hashlib.sha256(b"cartable.documents.key:" + secret).digest())


def _encrypted(cipher: AESGCM, content: bytes, document_id: UUID) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, content, document_id.bytes)


def seal(content: bytes, *, document_id: UUID, secret: bytes) -> Sealed:
    """Encrypt a file under a fresh key of its own."""
    key = AESGCM.generate_key(bit_length=256)
    return Sealed(
        _encrypted(AESGCM(key), content, document_id),
        _encrypted(_master(secret), key, document_id),
        master_key_id(secret),
    )


def unseal(sealed: Sealed, *, document_id: UUID, secrets: Sequence[bytes]) -> bytes:
    """Decrypt a file with whichever master key wrapped it. Raises SealBroken."""
    key = _unwrapped(sealed, document_id, secrets)
    return _decrypted(AESGCM(key), sealed.ciphertext, document_id)


def rewrapped(sealed: Sealed, *, document_id: UUID, secrets: Sequence[bytes]) -> Sealed:
    """Wrap the file's key with the first master key; the file itself is not touched. Raises SealBroken."""
    key = _unwrapped(sealed, document_id, secrets)
    return Sealed(sealed.ciphertext, _encrypted(_master(secrets[0]), key, document_id), master_key_id(secrets[0]))


def _unwrapped(sealed: Sealed, document_id: UUID, secrets: Sequence[bytes]) -> bytes:
    secret = next((s for s in secrets if master_key_id(s) == sealed.master_key_id), None)
    if secret is None:
        raise SealBroken
    return _decrypted(_master(secret), sealed.wrapped_key, document_id)


def _decrypted(cipher: AESGCM, stored: bytes, document_id: UUID) -> bytes:
    try:
        return cipher.decrypt(stored[:_NONCE], stored[_NONCE:], document_id.bytes)
    except (InvalidTag, ValueError) as fault:
        raise SealBroken from fault
