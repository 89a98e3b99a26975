"""F24: an import that is killed at any point leaves no trace, and the next one gives the same result.

It is stopped before a table that somebody else holds, early, in the middle and late, and its connection is cut there as
a kill, a deployment or a dead network cuts it.
"""

import threading
import time
from datetime import date
from uuid import uuid4

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from django_scopes import scopes_disabled

from cartable.conftest import Cast
from cartable.fleet.models import Custodian
from cartable.rosters.commands import batches
from cartable.rosters.commands.batches import SentFile, receive_files
from cartable.rosters.models import (
    Enrolment,
    FileImport,
    FileState,
    RosterFile,
    RosterImport,
    RosterLine,
    RosterState,
    Student,
)
from cartable.rosters.tests.test_batches import list_of

# An error of the act that is not one of Django's would end its thread, and be a warning only.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning"),
]
TODAY = date(2026, 9, 13)


def sent(cast: Cast) -> RosterFile:
    with scopes_disabled():
        (file,) = receive_files(
            batch_id=uuid4(), region_id=cast.region.pk, school=None, first_year=2026,
            files=[SentFile("a.xml", list_of(cast.school.uai, *(f"Élève{n}" for n in range(40))))],
            sent_at=cast.now, sent_by_id=cast.sonia.actor_id,
        )  # fmt: skip
        return file


def read(cast: Cast, file: RosterFile) -> None:
    batches.read_file(file_id=file.pk, now=cast.now, today=TODAY)


def apply(cast: Cast, file: RosterFile) -> None:
    batches.apply_lists(
        batch_id=file.batch_id, school_id=cast.school.pk, applied_by_id=cast.sonia.actor_id, now=cast.now, today=TODAY
    )


def killed_before(table: str, act: "threading.Thread") -> None:
    """Hold a table until the act waits for it, then cut the act's connection."""
    owner = connections["owner"].get_connection_params() | {"dbname": connection.settings_dict["NAME"]}
    # Only the role itself may cut its connections.
    runtime = connection.get_connection_params()
    with psycopg.connect(**owner) as holder, psycopg.connect(**runtime, autocommit=True) as killer:
        holder.execute(f"LOCK TABLE {table} IN SHARE MODE")
        act.start()
        waiting = "SELECT pid FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
        while not (found := killer.execute(waiting, [table]).fetchall()):
            assert act.is_alive(), "the act never came to this table"
            time.sleep(0.01)
        for (pid,) in found:
            killer.execute("SELECT pg_terminate_backend(%s)", [pid])
        holder.rollback()
        act.join()


def on_a_connection_of_its_own(act: object, cast: Cast, file: RosterFile) -> threading.Thread:
    def run() -> None:
        with scopes_disabled(), pytest.raises((OperationalError, InterfaceError)):
            act(cast, file)  # type: ignore[operator]
        connection.close()

    return threading.Thread(target=run)


@pytest.mark.parametrize("table", ["rosters_rosterimport", "rosters_rosterline", "rosters_fileimport"])
def test_F24_a_reading_that_is_killed_leaves_the_file_waiting(cast: Cast, table: str) -> None:
    file = sent(cast)
    killed_before(table, on_a_connection_of_its_own(read, cast, file))
    with scopes_disabled():
        file.refresh_from_db()
        assert file.state == FileState.WAITING
        assert not RosterImport.objects.exists()
        read(cast, file)
        assert FileImport.objects.get().roster_import.counts["arrival"] == 40


@pytest.mark.parametrize("table", ["fleet_custodian", "rosters_student", "rosters_enrolment"])
def test_F24_an_application_that_is_killed_applies_nothing(cast: Cast, table: str) -> None:
    file = sent(cast)
    with scopes_disabled():
        read(cast, file)
        accounts = Custodian.objects.count()
    killed_before(table, on_a_connection_of_its_own(apply, cast, file))
    with scopes_disabled():
        assert (Student.objects.count(), Enrolment.objects.count(), Custodian.objects.count()) == (0, 0, accounts)
        assert RosterImport.objects.get().state == RosterState.PREVIEWED
        apply(cast, file)
        assert Student.objects.count() == 40
        assert RosterLine.objects.filter(outcome="arrival").count() == 40
