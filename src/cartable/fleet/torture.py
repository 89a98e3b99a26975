"""Try to break the ledger: random actions through the real commands, beside a plain model that knows the answer.

After each step the answer or the refusal is compared; at intervals the whole state, and the audit is run. Everything
happens in a scratch database, never the live one, which is dropped at the end and kept where a difference was found.
The movements themselves are played here; a package downstream adds its own part, as ``PART`` in a module ``torture``.
"""

import itertools
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, connection, connections
from django.utils.module_loading import module_has_submodule
from django_scopes import scopes_disabled
from tqdm import tqdm

from cartable.accounts.commands import system_actor
from cartable.config.environment import VAR_DIRECTORY
from cartable.config.scratch import empty_database
from cartable.fleet import commands
from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import LedgerRefusal, MovementOrder
from cartable.fleet.models import DeviceModel, Lot
from cartable.fleet.rules import CustodianKind, Reason
from cartable.fleet.torture_actions import ACTIONS, Action, Chance, Deed, Scene
from cartable.fleet.torture_model import Verdict, read_books
from cartable.organisations import commands as organisations
from cartable.organisations.models import Region, School

COMPARE_EVERY, AUDIT_EVERY, CHECKPOINT_EVERY = 1_000, 20_000, 100
_OPENED_AT = datetime(2026, 8, 1, tzinfo=UTC)


class CouldNotRun(Exception):
    """The torture could not start; the message says why."""


class Difference(Exception):
    """The ledger and the model do not agree: one of the two is wrong."""


@dataclass
class TortureResult:
    """What a run did and found. ``difference`` is empty where ledger and model agreed to the end."""

    seed: int
    part: str = "ledger"
    # How often the run was killed and went on.
    resumed: int = 0
    steps: int = 0
    seconds: float = 0.0
    movements: int = 0
    devices: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    audits: int = 0
    violations: int = 0
    difference: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**vars(self), "refusals": dict(self.refusals), "actions": dict(self.actions)}

    def as_text(self) -> str:
        """Return a few lines for a terminal."""
        lines = [f"{name:>42} {count:>8}" for name, count in sorted(self.actions.items())]
        lines += [f"{'refused: ' + code:>42} {count:>8}" for code, count in sorted(self.refusals.items())]
        pace = self.steps / self.seconds if self.seconds else 0
        lines.append(
            f"{self.part}, seed {self.seed}: {self.steps} steps in {self.seconds:.0f} s ({pace:.0f}/s), {self.devices} devices,"
            f" {self.movements} movements, {self.audits} audits, {self.violations} violations"
        )
        return "\n".join([*lines, self.difference or "no difference"])


class Stage:
    """A model and the real ledger side by side; `play` does one step on both and compares."""

    def __init__(self, seed: int, resumed: int = 0) -> None:
        region = Region.objects.get()
        self.seed, self.region = seed, region.pk
        self.author = system_actor().pk
        self.lot, self.device_model = Lot.objects.get().pk, DeviceModel.objects.get().pk
        self.schools = list(School.objects.order_by("pk").values_list("pk", flat=True))
        self.books = read_books()
        self.refusals: Counter[str] = Counter()
        self.actions: Counter[str] = Counter()

    def play_step(self, step: int) -> None:
        """Do the action that chance deals for a step, the same one for the same seed. Raises Difference."""
        chance, names = random.Random(f"{self.seed}/{step}"), list(ACTIONS)
        while not self.play(ACTIONS[chance.choice(names)], chance, step):
            pass

    def play(self, action: Action, chance: Chance, step: int) -> bool:
        """Do one action. Return False where there is nothing to do it with. Raises Difference."""
        # An id tells its run and its step: a step that is played again after a kill sends the same ids again.
        ids = (UUID(int=(self.seed << 64) + (step << 16) + n + 1) for n in itertools.count())
        deed = action(
            Scene(self.books, chance, step, ids, self.author, self.region, self.lot, self.device_model, self.schools)
        )
        if deed is None:
            return False
        self.actions[deed.action] += 1
        getattr(self, f"_{deed.verb}")(deed, step)
        return True

    def _move(self, deed: Deed, step: int) -> None:
        expected = self.books.judge_movements(deed.orders)
        answers = self._told(deed, expected, lambda: commands.pass_custody(deed.orders))
        if answers is not None:
            self._same(deed, expected.answers, tuple((a.sequence, a.already_recorded) for a in answers))
            self.books.apply_movements([o for o, a in zip(deed.orders, answers, strict=True) if not a.already_recorded])

    def _bear(self, deed: Deed, step: int) -> None:
        expected = self.books.judge_births(deed.orders)
        ids = self._told(deed, expected, lambda: commands.enter_devices(deed.orders))
        if ids is None:
            return
        if expected.answers[0][1]:
            self._same(deed, tuple(pk for pk, _again in expected.answers), tuple(ids))
        else:
            self.books.apply_births(deed.orders, ids)

    def _correct(self, deed: Deed, step: int) -> None:
        movement_id, corrected_id, happened_at = deed.orders[0]
        fact = self.books.facts.get(corrected_id)
        orders: list[MovementOrder] = []
        if fact is not None:
            order = (movement_id, fact.device_id, fact.taker, fact.giver, Reason.CORRECTION, happened_at, self.author)
            orders = [MovementOrder(*order, corrects_id=corrected_id)]
        expected = self.books.judge_movements(orders) if orders else Verdict(frozenset({"not_correctable"}))
        answer = self._told(
            deed,
            expected,
            lambda: commands.correct_movement(
                movement_id=movement_id,
                corrected_id=corrected_id,
                happened_at=happened_at,
                recorded_by_id=self.author,
            ),
        )
        if answer is not None:
            self._same(deed, expected.answers[0], (answer.sequence, answer.already_recorded))
            if not answer.already_recorded:
                self.books.apply_movements(orders)

    def _enter_student(self, deed: Deed, step: int) -> None:
        (school,) = deed.orders
        (custodian,) = commands.open_student_accounts(
            region_id=self.region, school_ids=[school], opened_at=_OPENED_AT, recorded_by_id=self.author
        )
        self.books.add_custodian(custodian, CustodianKind.STUDENT, school)

    def _affiliate(self, deed: Deed, step: int) -> None:
        school, *custodians = deed.orders
        # The hour is the server's: a step played again must not meet its own affiliation.
        commands.affiliate_custodians(
            custodian_ids=custodians, school_id=school, starts_at=datetime.now(UTC), recorded_by_id=self.author
        )
        self.books.schools.update(dict.fromkeys(custodians, school))

    def _root(self, deed: Deed, step: int) -> None:
        root = commands.take_daily_root(taken_at=datetime.now(UTC))
        self._same(deed, len(self.books.holder), root.device_count)

    def _told(self, deed: Deed, expected: Verdict, call: Any) -> Any:
        """Call a command; return its answer, or None where it refused as the model says."""
        try:
            answer = call()
        except LedgerRefusal as refusal:
            self.refusals[refusal.code] += 1
            if refusal.code not in expected.codes:
                raise Difference(f"{deed}\nexpected {expected}\ngot a refusal: {refusal}") from refusal
            return None
        except DatabaseError as error:
            raise Difference(f"{deed}\nexpected {expected}\ngot {type(error).__name__}: {error}") from error
        if expected.codes:
            raise Difference(f"{deed}\nexpected one of {sorted(expected.codes)}\ngot {answer}")
        return answer

    def _same(self, deed: Deed, expected: object, got: object) -> None:
        if expected != got:
            raise Difference(f"{deed}\nexpected {expected}\ngot {got}")

    def compare(self) -> None:
        """Compare the whole state: every device's holder and length of history, every movement, every school."""
        again, books = read_books(), self.books
        for what in ("kinds", "schools", "holder", "history", "facts", "names", "corrected", "held_by"):
            ours, theirs = getattr(books, what), getattr(again, what)
            if ours != theirs:
                raise Difference(f"the whole state differs in {what}: {first_difference(ours, theirs)}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, custodian_id, last_sequence FROM fleet_device")
            for device, custodian, sequence in cursor.fetchall():
                if (books.holder[device], len(books.history[device])) != (custodian, sequence):
                    raise Difference(f"device {device} is with {custodian} after {sequence} movements")


def set_the_stage() -> None:
    """Open a small region through the commands: three lycées, forty students, a supplier, a carrier, a repairer."""
    region = organisations.open_region(code="44", name="Torture")
    academy = organisations.open_academy(region=region, code="12", name="Torture")
    departement = organisations.open_departement(region=region, academy=academy, code="57", name="Torture")
    accounts: dict[str, Any] = {"region_id": region.pk, "opened_at": _OPENED_AT}
    commands.open_region_accounts(**accounts)
    for uai in ("0579901C", "0579902D", "0579903E"):
        school = organisations.open_school(region=region, departement=departement, uai=uai, name="Lycée", town="Metz")
        commands.open_school_accounts(school_id=school.pk, **accounts)
        commands.open_student_accounts(
            region_id=region.pk, school_ids=[school.pk] * 14, opened_at=_OPENED_AT, recorded_by_id=system_actor().pk
        )
    for kind in (CustodianKind.SUPPLIER, CustodianKind.TRANSIT, CustodianKind.REPAIRER):
        contractor = organisations.hire_contractor(region=region, name=kind, trades=["supplier"])
        commands.open_contractor_account(contractor_id=contractor.pk, kind=kind, **accounts)
    commands.open_lot(region_id=region.pk, reference="Torture", received_on=_OPENED_AT)
    commands.name_device_models(region_id=region.pk, names=["Torture"])


class Playing(Protocol):
    """A stage on which a part is played."""

    refusals: Counter[str]
    actions: Counter[str]

    def play_step(self, step: int) -> None:
        """Do what chance deals for a step. Raises Difference."""

    def compare(self) -> None:
        """Compare the whole state. Raises Difference."""


@dataclass(frozen=True)
class Part:
    """What is tortured: how its stage is set, and played from a seed by a run that was resumed so many times."""

    name: str
    set_the_stage: Callable[[], None]
    stage: Callable[[int, int], Playing]
    compare_every: int = COMPARE_EVERY
    audit_every: int = AUDIT_EVERY


def parts() -> list[Part]:
    """Return the ledger, then the parts of the packages downstream."""
    found = [Part("ledger", set_the_stage, Stage)]
    for config in apps.get_app_configs():
        if config.name not in {"cartable.fleet"} and module_has_submodule(config.module, "torture"):
            found.append(import_module(f"{config.name}.torture").PART)
    return found


def has_checkpoint(part: Part, seed: int) -> bool:
    """Say whether a run of this part was killed and can go on."""
    return _checkpoint(part, seed).exists()


def torture(part: Part, *, steps: int, seed: int, resume: bool = False, quiet: bool = False) -> TortureResult:
    """Play ``steps`` actions of a part from ``seed`` in a scratch database of their own.

    A run that was killed goes on with ``resume``: the model is read from the scratch database, and the steps since the
    last checkpoint are played again under the ids that they had. Raises CouldNotRun.
    """
    checkpoint = _checkpoint(part, seed)
    result = _resumed(checkpoint, seed) if resume else TortureResult(seed, part.name)
    suffix = f"torture_{seed}" if part.name == "ledger" else f"torture_{part.name}_{seed}"
    with scratch_database(suffix, fresh=not resume) as keep, scopes_disabled():
        if not resume:
            part.set_the_stage()
            _write_checkpoint(checkpoint, result)
        keep.append("until it ends well")
        stage = part.stage(seed, result.resumed)
        stage.refusals, stage.actions = result.refusals, result.actions
        try:
            _run(part, stage, result, steps, checkpoint, quiet)
        except Difference as difference:
            result.difference = f"step {result.steps + 1} of seed {seed}: {difference}"
        if not result.difference and not result.violations:
            keep.clear()
            checkpoint.unlink(missing_ok=True)
    return result


def _checkpoint(part: Part, seed: int) -> Path:
    return VAR_DIRECTORY / "torture" / f"{part.name}-{seed}.json"


def _run(part: Part, stage: Playing, result: TortureResult, steps: int, checkpoint: Path, quiet: bool) -> None:
    before, began = result.seconds, time.perf_counter()
    progress = tqdm(
        range(result.steps + 1, steps + 1), initial=result.steps, total=steps, disable=True if quiet else None
    )
    for step in progress:
        stage.play_step(step)
        result.steps, result.seconds = step, round(before + time.perf_counter() - began, 1)
        if step % CHECKPOINT_EVERY == 0:
            _write_checkpoint(checkpoint, result)
        if step % part.compare_every == 0 or step == steps:
            stage.compare()
        if step % part.audit_every == 0 or step == steps:
            report = audit_ledger()
            result.audits, result.violations = result.audits + 1, report.violations
            result.devices, result.movements = report.devices, report.movements
            if report.broken:
                raise Difference("; ".join(f"{found.name}: {found.subjects}" for found in report.broken))


def _write_checkpoint(path: Path, result: TortureResult) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(result.as_json()))
    os.replace(beside, path)  # A kill in the middle leaves the one before.


def _resumed(path: Path, seed: int) -> TortureResult:
    try:
        said = json.loads(path.read_text())
    except FileNotFoundError as missing:
        raise CouldNotRun(f"there is no run of seed {seed} to go on with") from missing
    said["resumed"] += 1
    return TortureResult(**{**said, "refusals": Counter(said["refusals"]), "actions": Counter(said["actions"])})


def first_difference(ours: Any, theirs: Any) -> str:
    if isinstance(ours, dict):
        key = next(k for k in sorted(ours.keys() | theirs.keys(), key=str) if ours.get(k) != theirs.get(k))
        return f"{key}: the model says {ours.get(key)}, the ledger {theirs.get(key)}"
    return str(sorted(ours ^ theirs, key=str)[:3])


@contextmanager
def scratch_database(suffix: str, *, fresh: bool = True) -> Iterator[list[str]]:
    """Work in a database of one's own beside the live one, made by the owner; dropped unless the list says why not."""
    owner, runtime = connections["owner"], connections["default"]
    live = owner.settings_dict["NAME"], runtime.settings_dict["NAME"]
    name = f"{live[0]}_{suffix}"
    owner.close()
    runtime.close()
    _create_database(owner, name, fresh=fresh)
    keep: list[str] = []
    try:
        owner.settings_dict["NAME"] = runtime.settings_dict["NAME"] = name
        with runtime.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            if cursor.fetchone() != (name,):
                raise CouldNotRun("this is not the scratch database")
        yield keep
    finally:
        owner.close()
        runtime.close()
        owner.settings_dict["NAME"], runtime.settings_dict["NAME"] = live
        if not keep:
            with owner._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {owner.ops.quote_name(name)}")


def _create_database(owner: Any, name: str, *, fresh: bool) -> None:
    """Create the database; without ``fresh`` it must be there, and is kept."""
    empty = empty_database().name if fresh else ""
    with owner._nodb_cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        exists = cursor.fetchone() is not None
        if not fresh:
            if not exists:
                raise CouldNotRun(f"the database {name} is gone: start again without --resume")
            return
        try:
            cursor.execute(f"DROP DATABASE IF EXISTS {owner.ops.quote_name(name)}")
            cursor.execute(f"CREATE DATABASE {owner.ops.quote_name(name)} TEMPLATE {empty}")
            # Nothing here must survive a power cut: four times as many steps in a second.
            cursor.execute(f"ALTER DATABASE {owner.ops.quote_name(name)} SET synchronous_commit = off")
        except DatabaseError as error:
            raise CouldNotRun(f"the owner could not create the database {name}: {error}") from error
