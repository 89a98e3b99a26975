"""What a return is, what the bench asks for, what may leave for good. Pure decisions on plain values."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cartable.fleet.rules import HOT_KINDS, Condition, CustodianKind, Grade

CONDITION_OF_GRADE = {
    Grade.LIKE_NEW: Condition.FIT,
    Grade.USED: Condition.FIT,
    Grade.DAMAGED: Condition.FAULTY,
    Grade.UNUSABLE: Condition.BROKEN,
}


class ReturnReason(StrEnum):
    """Why a student gives the PC back."""

    LEAVES_REGION = "leaves_region"
    LEAVES_LYCEE = "leaves_lycee"
    END_OF_STUDIES = "end_of_studies"
    OTHER = "other"


class Damage(StrEnum):
    """What is broken on a PC that comes back: the parts that families and tenders ask about."""

    SCREEN = "screen"
    KEYBOARD = "keyboard"
    HINGE = "hinge"
    CASE = "case"
    CONNECTOR = "connector"
    BATTERY = "battery"
    LIQUID = "liquid"


class ReturnObstacle(StrEnum):
    """Why a PC may not be taken back."""

    IN_CLAIM = "in_claim"
    NOT_HELD = "not_held"
    SOMEBODY_ELSES = "somebody_elses"
    CONTESTED = "contested"


# How the kits of campaigns name the PC itself: it is on the desk, it cannot be missing.
_THE_PC_ITSELF = {"PC", "ORDINATEUR"}


def beside_the_pc(kit: Iterable[str]) -> tuple[str, ...]:
    """Return what a kit holds beside the PC itself."""
    return tuple(item for item in kit if item.upper().split()[:1] and item.upper().split()[0] not in _THE_PC_ITSELF)


@dataclass(frozen=True)
class BroughtBack:
    """The PC on the desk against the student who stands before it."""

    kind: CustodianKind
    is_held_by_this_student: bool
    is_contested: bool


def return_obstacle(pc: BroughtBack) -> ReturnObstacle | None:
    """Say why this PC may not be taken back; what is stolen or lost comes before everything else."""
    if pc.kind in HOT_KINDS:
        return ReturnObstacle.IN_CLAIM
    if pc.kind != CustodianKind.STUDENT:
        return ReturnObstacle.NOT_HELD
    if not pc.is_held_by_this_student:
        return ReturnObstacle.SOMEBODY_ELSES
    return ReturnObstacle.CONTESTED if pc.is_contested else None


class WipeMethod(StrEnum):
    """How the traces of a student were wiped; the last one leaves no disk to use again."""

    SECURE_ERASE = "secure_erase"
    KEY_DESTROYED = "key_destroyed"
    OVERWRITTEN = "overwritten"
    DISK_DESTROYED = "disk_destroyed"


class BenchCheck(StrEnum):
    """What is tried before a PC is handed to somebody again."""

    STARTS = "starts"
    SCREEN = "screen"
    KEYBOARD = "keyboard"
    BATTERY = "battery"
    NETWORK = "network"
    CHARGER = "charger"


class BenchAct(StrEnum):
    """What a technician does to a PC on the bench; the last one is all of them in one gesture."""

    WIPE = "wipe"
    IMAGE = "image"
    CHECK = "check"
    SHELVE = "shelve"
    ALL = "all"


class BenchStage(StrEnum):
    """How far a PC on the bench is, read from the facts of its stay."""

    RETURNED = "returned"
    WIPED = "wiped"
    IMAGED = "imaged"
    CHECKED = "checked"


class BenchObstacle(StrEnum):
    """Why the bench does not take a gesture."""

    IN_CLAIM = "in_claim"
    NOT_ON_BENCH = "not_on_bench"
    CONTESTED = "contested"
    IN_REPAIR = "in_repair"
    NOT_FIT = "not_fit"
    NO_DISK = "no_disk"
    DONE_ALREADY = "done_already"
    NOT_WIPED = "not_wiped"
    NOT_IMAGED = "not_imaged"
    NOT_CHECKED = "not_checked"
    NO_IMAGE_NAMED = "no_image_named"
    CHECKS_MISSING = "checks_missing"


def stage_of(*, is_wiped: bool, is_imaged: bool, is_checked: bool) -> BenchStage:
    """Return how far a PC is from the facts of its stay on the bench."""
    if is_checked:
        return BenchStage.CHECKED
    if is_imaged:
        return BenchStage.IMAGED
    return BenchStage.WIPED if is_wiped else BenchStage.RETURNED


@dataclass(frozen=True)
class OnBench:
    """A PC as the bench sees it."""

    kind: CustodianKind
    is_contested: bool
    is_in_repair: bool
    condition: Condition
    has_disk: bool
    stage: BenchStage


def place_obstacle(pc: OnBench) -> BenchObstacle | None:
    """Say why the bench may not touch this PC at all; what is stolen or lost comes first."""
    if pc.kind in HOT_KINDS:
        return BenchObstacle.IN_CLAIM
    if pc.kind != CustodianKind.SCHOOL_BENCH:
        return BenchObstacle.NOT_ON_BENCH
    if pc.is_contested:
        return BenchObstacle.CONTESTED
    # Its student waits for it: the repair ends first.
    return BenchObstacle.IN_REPAIR if pc.is_in_repair else None


def steps_of(act: BenchAct, stage: BenchStage) -> tuple[BenchAct, ...]:
    """Return the steps that a gesture makes from this stage: everything that is left, for the one that does it all."""
    order = (BenchAct.WIPE, BenchAct.IMAGE, BenchAct.CHECK, BenchAct.SHELVE)
    return order[list(BenchStage).index(stage) :] if act == BenchAct.ALL else (act,)


def bench_obstacle(
    pc: OnBench, act: BenchAct, *, image_version: str, checks: Collection[BenchCheck], is_disk_spared: bool = True
) -> BenchObstacle | None:
    """Say why a gesture may not be made. Anything may be wiped; only what is fit is imaged, checked and shelved."""
    if found := place_obstacle(pc):
        return found
    steps = steps_of(act, pc.stage)
    done, places = list(BenchStage).index(pc.stage), {step: n for n, step in enumerate(BenchAct)}
    if act != BenchAct.ALL and places[act] < done:
        return BenchObstacle.DONE_ALREADY
    if act != BenchAct.ALL and places[act] > done:
        return (BenchObstacle.NOT_WIPED, BenchObstacle.NOT_IMAGED, BenchObstacle.NOT_CHECKED)[done]
    if steps == (BenchAct.WIPE,):
        return None
    if pc.condition not in (Condition.FIT, Condition.BEING_REIMAGED):
        return BenchObstacle.NOT_FIT
    if not pc.has_disk or (BenchAct.WIPE in steps and not is_disk_spared):
        return BenchObstacle.NO_DISK
    if BenchAct.IMAGE in steps and not image_version:
        return BenchObstacle.NO_IMAGE_NAMED
    if BenchAct.CHECK in steps and set(BenchCheck) - set(checks):
        return BenchObstacle.CHECKS_MISSING
    return None


@dataclass(frozen=True)
class Gesture:
    """What a technician says once, for one PC or for a series."""

    act: BenchAct
    wipe_method: WipeMethod = WipeMethod.SECURE_ERASE
    image_version: str = ""
    checks: Collection[BenchCheck] = ()
    to_depot: bool = False


def gesture_obstacle(pc: OnBench, gesture: Gesture) -> BenchObstacle | None:
    """Say why what a technician said may not be done to this PC."""
    return bench_obstacle(
        pc,
        gesture.act,
        image_version=gesture.image_version,
        checks=gesture.checks,
        is_disk_spared=gesture.wipe_method != WipeMethod.DISK_DESTROYED,
    )


class Outlet(StrEnum):
    """Where a PC goes that leaves for good."""

    REUSE = "reuse"
    RECYCLING = "recycling"


class WriteOffObstacle(StrEnum):
    """Why a PC may not be written off under a slip."""

    IN_CLAIM = "in_claim"
    NOT_ON_BENCH = "not_on_bench"
    CONTESTED = "contested"
    IN_REPAIR = "in_repair"
    NOT_WIPED = "not_wiped"
    TOO_OLD_FOR_REUSE = "too_old_for_reuse"


# Decree 2023-266: what is older is recycled, and counts in no ratio.
REUSE_UNTIL_YEARS = 10
# REEN law, article 16, and decree 2023-266: share of reformed equipment that must go to reuse.
_REUSE_TARGETS = {2023: 0.25, 2024: 0.35}


def is_too_old_for_reuse(received_on: date, today: date) -> bool:
    """Say whether a PC of a lot received then is over ten years old."""
    age = today.year - received_on.year - ((today.month, today.day) < (received_on.month, received_on.day))
    return age >= REUSE_UNTIL_YEARS


def write_off_obstacle(
    pc: OnBench, outlet: Outlet, *, will_be_wiped: bool, is_too_old: bool
) -> WriteOffObstacle | None:
    """Say why a PC may not leave for good: never with a student's traces on it, never to reuse when it is too old."""
    if found := place_obstacle(pc):
        return WriteOffObstacle(found.value)
    if pc.stage == BenchStage.RETURNED and not will_be_wiped:
        return WriteOffObstacle.NOT_WIPED
    return WriteOffObstacle.TOO_OLD_FOR_REUSE if outlet == Outlet.REUSE and is_too_old else None


def reuse_target(year: int) -> float:
    """Return the share of written-off PCs that must go to reuse in a year."""
    return _REUSE_TARGETS.get(year, 0.5 if year > 2024 else 0.0)


def reuse_share(reused: int, counted: int) -> float | None:
    """Return the share that went to reuse; None where nothing counts."""
    return reused / counted if counted else None
