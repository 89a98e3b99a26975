"""Store a file under seal, erase it on its day, change the master key."""

import hashlib
from datetime import date, datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from cartable.documents.models import StoredFile
from cartable.documents.rules import FileClass, erase_on
from cartable.documents.sealing import Sealed, master_key_id, rewrapped, seal

_REWRAPPED_AT_ONCE = 500


def store_file(
    *,
    content: bytes,
    file_class: FileClass,
    region_id: int,
    school_id: int | None,
    stored_at: datetime,
    stored_by_id: int,
) -> StoredFile:
    """Keep the bytes of a file, encrypted, until the day that its class allows."""
    document_id = uuid4()
    sealed = seal(content, document_id=document_id, secret=settings.DOCUMENT_KEYS[0])
    return StoredFile.objects.create(
        id=document_id,
        region_id=region_id,
        school_id=school_id,
        file_class=file_class,
        sha256=hashlib.sha256(content).digest(),
        size_bytes=len(content),
        stored_at=stored_at,
        stored_by_id=stored_by_id,
        erase_on=erase_on(file_class, stored_at),
        ciphertext=sealed.ciphertext,
        wrapped_key=sealed.wrapped_key,
        master_key_id=sealed.master_key_id,
    )


def erase_file(*, document_id: UUID, erased_at: datetime) -> bool:
    """Erase the content of one file now; its hash stays. Say whether there was any."""
    return _erased([document_id], erased_at) == 1


def erase_files_due(*, today: date, erased_at: datetime) -> int:
    """Erase what has reached its day. Return the count."""
    due = StoredFile.objects.filter(erase_on__lte=today, erased_at__isnull=True)
    return _erased(list(due.values_list("pk", flat=True)), erased_at)


def _erased(ids: list[UUID], erased_at: datetime) -> int:
    return StoredFile.objects.filter(pk__in=ids, erased_at__isnull=True).update(
        erased_at=erased_at, ciphertext=None, wrapped_key=None, master_key_id=""
    )


def change_master_key() -> int:
    """Wrap the keys of all kept files with the first of ``DOCUMENT_KEYS``; may be stopped and run again.

    Return the count. Raises SealBroken where the key that wrapped a file is not listed any more.
    """
    secrets, count = settings.DOCUMENT_KEYS, 0
    while True:
        with transaction.atomic():
            batch = list(
                StoredFile.objects.filter(erased_at__isnull=True)
                .exclude(master_key_id=master_key_id(secrets[0]))
                .select_for_update(skip_locked=True)
                .only("id", "wrapped_key", "master_key_id")[:_REWRAPPED_AT_ONCE]
            )
            if not batch:
                return count
            for file in batch:
                sealed = Sealed(b"", bytes(file.wrapped_key or b""), file.master_key_id)
                wrapped = rewrapped(sealed, document_id=file.id, secrets=secrets)
                file.wrapped_key, file.master_key_id = wrapped.wrapped_key, wrapped.master_key_id
            StoredFile.objects.bulk_update(batch, ["wrapped_key", "master_key_id"])
            count += len(batch)
