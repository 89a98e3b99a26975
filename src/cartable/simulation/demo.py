"""The demo from nothing to ready, once; and what the next start needs to know of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from django.db import connections
from django.utils import timezone
from django_scopes import scopes_disabled
from psycopg import sql
from tqdm import tqdm

from cartable.accounts.models import Person
from cartable.distribution.commands.stations import issue_site_card
from cartable.distribution.models import DayState, DistributionDay
from cartable.distribution.rules import first_passing_time
from cartable.organisations.models import Region
from cartable.simulation import (
    delivery_notes,
    demo_cast,
    demo_days,
    demo_incidents,
    demo_repairs,
    demo_returns,
    handouts,
)
from cartable.simulation.demo_cast import FINISHED, READY, RUNNING, SCHOOLS, DemoSchool
from cartable.simulation.late_list import write_late_list
from cartable.simulation.region import DemoRegion, allot, load_list, open_region, receive_note
from cartable.simulation.siecle_files import SchoolFiles, write_school_files

SEED = 57
# Tables that hold the state of the code, not of the region.
_KEPT_TABLES = frozenset({"django_migrations", "django_content_type", "auth_permission"})
_RUNNING_FOR = timedelta(minutes=24)
# PCs on the tables: one for everybody who is expected, and some to spare.
_DEVICES = {FINISHED.key: 104, RUNNING.key: 170, READY.key: 140}
_LEFT_IN_DEPOT = 46


class NotADemo(Exception):
    """The database holds a region that is not the demo's: nothing is built over it."""


@dataclass(frozen=True)
class DemoDay:
    """One of the three days, for the lines printed at start and for tests."""

    day_id: int
    school: DemoSchool
    state: str
    held_on: date


def is_built() -> bool:
    """Say whether the demo stands, whole; raise NotADemo for a database with another region in it."""
    if Region.objects.exclude(name=demo_cast.REGION_NAME).exists():
        raise NotADemo
    # The running day comes last (`build`); somebody may have closed it, or opened the ready one, since.
    days = demo_days_of_region()
    return len(days) == len(SCHOOLS) and all(
        day.state in {DayState.OPEN, DayState.CLOSED} for day in days if day.school is not READY
    )


def demo_days_of_region() -> list[DemoDay]:
    """Return the days of the demo, the finished one first."""
    by_uai = {school.uai: school for school in SCHOOLS}
    with scopes_disabled():
        rows = DistributionDay.objects.filter(school__uai__in=by_uai).order_by("held_on", "pk")
        found = [
            DemoDay(pk, by_uai[uai], state, held_on)
            for pk, uai, state, held_on in rows.values_list("pk", "school__uai", "state", "held_on")
        ]
    return sorted(found, key=lambda one: SCHOOLS.index(one.school))


def empty_database() -> None:
    """Remove everything that the demo made, as the owner; refuses a database with another region (NotADemo)."""
    is_built()
    owner = connections["owner"]
    tables = [name for name in owner.introspection.table_names() if name not in _KEPT_TABLES]
    with owner.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, sorted(tables)))
        cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")
        for (sequence,) in cursor.fetchall():
            cursor.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))


def build(directory: Path, *, now: datetime, address: str) -> None:
    """Build the demo in an empty database and lay its files out in ``directory``; about ten seconds."""
    directory.mkdir(parents=True, exist_ok=True)
    dice = Random(SEED)
    with scopes_disabled(), tqdm(total=10, desc="Building the demo", unit="step", leave=False) as progress:

        def done(step: Callable[[], object]) -> None:
            step()
            progress.update()

        demo = open_region(now=now, schools=SCHOOLS, everybody=demo_cast.accounts())
        progress.update()
        files = _write_lists(directory, demo)
        for school in SCHOOLS:
            load_list(demo, files[school.key].students_path, files[school.key].guardians_path, now=_listed_at(demo))
        progress.update()
        done(lambda: _deliver(directory, demo, dice))
        ready = demo_days.prepare_day(demo, READY, held_on=demo.today, starts_at=_round_start(demo.now))
        done(lambda: _lay_out(directory, demo, ready, files, address))
        done(lambda: _finish_a_day(demo, dice))
        done(lambda: _run_a_day(demo, dice))
        done(lambda: demo_incidents.declare_some(demo, FINISHED, dice))
        done(lambda: demo_repairs.let_some_fail(demo, FINISHED, dice))
        done(lambda: demo_returns.take_some_back(demo, FINISHED, dice))
        (directory / "LISEZMOI.md").write_text(handouts.README.format(ready=READY.key), encoding="utf-8")
        progress.update()


def _listed_at(demo: DemoRegion) -> datetime:
    return demo.now - timedelta(days=6)


def _write_lists(directory: Path, demo: DemoRegion) -> dict[str, SchoolFiles]:
    written: dict[str, SchoolFiles] = {}
    for school in SCHOOLS:
        target = directory / school.key
        target.mkdir(exist_ok=True)
        # Whoever has left the finished lycée arrives in the ready one: the same student in two lists.
        arrivals = written[FINISHED.key].leavers if school is READY else ()
        written[school.key] = write_school_files(
            target,
            uai=school.uai,
            school_year=demo.campaign.first_year,
            student_count=school.student_count,
            seed=SEED,
            today=demo.today,
            school_form=school.form,
            arrivals=arrivals,
        )
    return written


def _deliver(directory: Path, demo: DemoRegion, dice: Random) -> None:
    """Receive two notes, one with the supplier's asset tags and one without, and allot the PCs."""
    received_at, allotted_at = demo.now - timedelta(days=21), demo.now - timedelta(days=5)
    tagged = delivery_notes.delivered_lines(
        dice, count=_DEVICES[FINISHED.key] + _DEVICES[RUNNING.key], pallet="A", first_tag=7_000_001
    )
    receive_note(
        demo, delivery_notes.as_xlsx(tagged), name="BL-2041.xlsx", reference="BL-2041", received_at=received_at
    )
    allot(demo, FINISHED, count=_DEVICES[FINISHED.key], happened_at=allotted_at)
    allot(demo, RUNNING, count=_DEVICES[RUNNING.key], happened_at=allotted_at)
    plain = delivery_notes.delivered_lines(dice, count=_DEVICES[READY.key] + _LEFT_IN_DEPOT, pallet="B")
    content = delivery_notes.as_csv(plain)
    receive_note(
        demo, content, name="bon-de-livraison.csv", reference="BL-2057", received_at=received_at + timedelta(days=2)
    )
    allot(demo, READY, count=_DEVICES[READY.key], happened_at=allotted_at)
    target = directory / READY.key
    (target / "bon-de-livraison.csv").write_bytes(content)
    coming = delivery_notes.delivered_lines(dice, count=20, pallet="C")
    both = [*coming, *delivery_notes.wrong_lines(coming)]
    (target / "bon-de-livraison-a-recevoir.csv").write_bytes(delivery_notes.as_csv(both))
    (target / "bon-de-livraison-a-recevoir.xlsx").write_bytes(delivery_notes.as_xlsx(both))


def _lay_out(
    directory: Path, demo: DemoRegion, day: DistributionDay, files: dict[str, SchoolFiles], address: str
) -> None:
    target = directory / READY.key
    handouts.print_papers(day, target, address=address, now=demo.now)
    (target / "liste-du-jour").mkdir(exist_ok=True)
    source = files[READY.key].students_path
    write_late_list(
        source,
        target / "liste-du-jour" / source.name,
        transfer_from=files[FINISHED.key].students_path,
        today=demo.today,
        seed=SEED,
    )
    handouts.write_files_to_refuse(directory / "a-refuser", READY, RUNNING, year=demo.campaign.first_year, now=demo.now)


def _finish_a_day(demo: DemoRegion, dice: Random) -> None:
    held_on = demo.today - timedelta(days=1)
    while held_on.weekday() > 4:
        held_on -= timedelta(days=1)
    day = demo_days.prepare_day(demo, FINISHED, held_on=held_on, starts_at=first_passing_time())
    demo_days.play_finished_day(demo, FINISHED, day, dice)


def _run_a_day(demo: DemoRegion, dice: Random) -> None:
    opens_at = demo.now - _RUNNING_FOR
    starts_at = _round_start(opens_at)
    day = demo_days.prepare_day(demo, RUNNING, held_on=timezone.localdate(opens_at), starts_at=starts_at)
    demo_days.play_running_day(demo, RUNNING, day, opens_at=opens_at, dice=dice)


def _round_start(moment: datetime) -> time:
    local = timezone.localtime(moment)
    return time(local.hour, local.minute // 5 * 5)


def renew(directory: Path, *, now: datetime, address: str) -> None:
    """Make an older demo usable today: site cards of days that are not closed work again, the ready one is printed."""
    with scopes_disabled():
        for one in demo_days_of_region():
            if one.state not in {DayState.FROZEN, DayState.OPEN}:
                continue
            day = DistributionDay.objects.select_related("school").get(pk=one.day_id)
            issue_site_card(day=day, valid_from=now - timedelta(days=2), valid_until=now + timedelta(days=1))
            if one.school is READY:
                (directory / READY.key).mkdir(parents=True, exist_ok=True)
                handouts.print_site_card(day, directory / READY.key, address=address, now=now)


def has_people() -> bool:
    """Say whether anybody can sign in."""
    return Person.objects.exists()
