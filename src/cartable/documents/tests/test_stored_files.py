"""A file that somebody sent is kept under seal, opens only as itself, and goes on its day."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from cartable.conftest import Cast
from cartable.documents.commands import change_master_key, erase_file, erase_files_due, store_file
from cartable.documents.models import StoredFile
from cartable.documents.queries import FileErased, content_of
from cartable.documents.rules import RETENTION, FileClass
from cartable.documents.sealing import SealBroken, seal, unseal

pytestmark = pytest.mark.django_db
CONTENT = b"<BEE_ELEVES>Marchand</BEE_ELEVES>" * 50


def stored(cast: Cast, content: bytes = CONTENT) -> StoredFile:
    return store_file(
        content=content,
        file_class=FileClass.ROSTER,
        region_id=cast.region.pk,
        school_id=cast.school.pk,
        stored_at=cast.now,
        stored_by_id=cast.sonia.actor_id,
    )


def test_a_file_comes_back_as_it_was_sent(cast: Cast) -> None:
    assert content_of(stored(cast).pk) == CONTENT


def test_nothing_of_a_file_is_readable_in_the_database(cast: Cast) -> None:
    file = stored(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ciphertext FROM documents_storedfile WHERE id = %s", [file.pk])
        kept = bytes(cursor.fetchone()[0])
    assert b"Marchand" not in kept
    assert b"BEE" not in kept


def test_one_changed_bit_does_not_open(cast: Cast) -> None:
    file = stored(cast)
    spoilt = bytearray(file.ciphertext)  # type: ignore[arg-type]
    spoilt[40] ^= 1
    StoredFile.objects.filter(pk=file.pk).update(ciphertext=bytes(spoilt))
    with pytest.raises(SealBroken):
        content_of(file.pk)


def test_two_files_exchanged_in_the_database_do_not_open(cast: Cast) -> None:
    one, other = stored(cast), stored(cast, b"another")
    StoredFile.objects.filter(pk=one.pk).update(
        ciphertext=other.ciphertext, wrapped_key=other.wrapped_key, master_key_id=other.master_key_id
    )
    with pytest.raises(SealBroken):
        content_of(one.pk)


def test_a_file_goes_on_its_day_and_its_hash_stays(cast: Cast) -> None:
    file = stored(cast)
    last_day = (cast.now + timedelta(days=29)).date()
    assert erase_files_due(today=last_day, erased_at=cast.now) == 0
    assert erase_files_due(today=last_day + timedelta(days=1), erased_at=cast.now) == 1
    with pytest.raises(FileErased):
        content_of(file.pk)
    file.refresh_from_db()
    assert (file.ciphertext, file.wrapped_key, len(file.sha256)) == (None, None, 32)


def test_a_file_can_be_erased_at_once_and_only_once(cast: Cast) -> None:
    file = stored(cast)
    assert erase_file(document_id=file.pk, erased_at=cast.now)
    assert not erase_file(document_id=file.pk, erased_at=cast.now)


def test_no_class_of_list_is_kept_longer_than_thirty_days() -> None:
    assert RETENTION.keys() == set(FileClass)
    assert all(RETENTION[one].kept_for <= timedelta(days=30) for one in (FileClass.ROSTER, FileClass.TAKEOVER))


def test_a_new_master_key_wraps_what_the_old_one_wrapped(cast: Cast, settings: pytest.FixtureRequest) -> None:
    settings.DOCUMENT_KEYS = [b"the old master key"]  # type: ignore[attr-defined]
    file = stored(cast)
    settings.DOCUMENT_KEYS = [b"the new master key", b"the old master key"]  # type: ignore[attr-defined]
    assert (change_master_key(), change_master_key()) == (1, 0)
    settings.DOCUMENT_KEYS = [b"the new master key"]  # type: ignore[attr-defined]
    assert content_of(file.pk) == CONTENT


def test_a_master_key_that_is_missing_is_asked_for(cast: Cast, settings: pytest.FixtureRequest) -> None:
    settings.DOCUMENT_KEYS = [b"the old master key"]  # type: ignore[attr-defined]
    stored(cast)
    settings.DOCUMENT_KEYS = [b"the new master key"]  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="CARTABLE_DOCUMENT_KEYS"):
        call_command("documents", "rekey")


def test_the_same_bytes_are_sealed_differently_each_time() -> None:
    document_id = uuid4()
    one, other = (seal(CONTENT, document_id=document_id, secret=b"key") for _ in range(2))
    assert one.ciphertext != other.ciphertext
    assert unseal(one, document_id=document_id, secrets=[b"key"]) == CONTENT


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("an_erased_file_has_no_content_and_a_kept_one_has", "erased_at = now()"),
        ("an_erased_file_has_no_content_and_a_kept_one_has", "ciphertext = NULL"),
        ("file_class_is_known", "file_class = 'photo'"),
        ("a_stored_file_has_a_size", "size_bytes = -1"),
    ],
)
def test_the_database_refuses(cast: Cast, constraint: str, values: str) -> None:
    file = stored(cast)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE documents_storedfile SET {values} WHERE id = %s", [file.pk])


def test_a_file_without_school_is_the_regions_alone(cast: Cast) -> None:
    from django_scopes import scope

    file = stored(cast)
    StoredFile.objects.filter(pk=file.pk).update(school=None)
    with scope(region=cast.region.pk, school=[cast.school.pk]):
        assert not StoredFile.objects.filter(pk=file.pk).exists()


def test_the_day_of_erasure_is_counted_from_the_day_of_storing(cast: Cast) -> None:
    assert stored(cast).erase_on == date(2026, 10, 15)
