"""Read stored files."""

from uuid import UUID

from django.conf import settings

from cartable.documents.models import StoredFile
from cartable.documents.sealing import Sealed, unseal


class FileErased(Exception):
    """There is no such file in scope, or its content has reached its day."""

    code = "file_erased"


def content_of(document_id: UUID) -> bytes:
    """Return the bytes as they were sent. Raises FileErased, sealing.SealBroken."""
    file = StoredFile.objects.filter(pk=document_id).first()
    if file is None:
        raise FileErased(document_id)
    return opened(file)


def opened(file: StoredFile) -> bytes:
    """Return the bytes of a file that was found by the facts about it. Raises FileErased, sealing.SealBroken."""
    if file.ciphertext is None or file.wrapped_key is None:
        raise FileErased(file.id)
    sealed = Sealed(bytes(file.ciphertext), bytes(file.wrapped_key), file.master_key_id)
    return unseal(sealed, document_id=file.id, secrets=settings.DOCUMENT_KEYS)
