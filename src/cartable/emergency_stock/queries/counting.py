"""Read what a shelf should hold against what was scanned on it. A count writes nothing: the ledger stays the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django_scopes import scope

from cartable.fleet.models import CONDITION_NAMES, Device
from cartable.fleet.queries.codes import exact_devices
from cartable.fleet.rules import HOT_KINDS, Condition, CustodianKind
from cartable.fleet.words import CONDITION_TONES


class Stray(StrEnum):
    """Why a scan is not one of the PCs of this shelf."""

    HOT = "hot"
    WITH_STUDENT = "with_student"
    ON_BENCH = "on_bench"
    ON_THE_ROAD = "on_the_road"
    OTHER_ACCOUNT = "other_account"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Shelved:
    """A PC that the ledger places on the shelf."""

    asset_tag: str
    serial_number: str
    model: str
    condition: str
    tone: str


@dataclass(frozen=True)
class ShelfCount:
    """A shelf as it was counted: what it should hold, what of that was seen, and what else lay there."""

    expected: int
    seen: int
    missing: tuple[Shelved, ...]
    strays: tuple[tuple[str, Stray], ...]

    @property
    def is_right(self) -> bool:
        """Say whether the shelf holds what it should, and nothing else."""
        return not self.missing and not self.strays

    @property
    def has_alarm(self) -> bool:
        """Say whether a PC that is declared stolen or lost lies there."""
        return any(why == Stray.HOT for _text, why in self.strays)


def shelf_size(school_id: int) -> int:
    """Return how many PCs the ledger places on the shelf of a lycée, fit or not."""
    return Device.objects.filter(
        custodian__school_id=school_id, custodian_kind=str(CustodianKind.EMERGENCY_STOCK)
    ).count()


def count_shelf(school_id: int, texts: Sequence[str], *, region_id: int) -> ShelfCount:
    """Compare what was scanned with the shelf of a lycée in scope; the same PC counts once, whatever was scanned of it."""
    shelf = Device.objects.filter(
        custodian__school_id=school_id, custodian_kind=str(CustodianKind.EMERGENCY_STOCK)
    ).select_related("device_model")
    held = {device.pk: device for device in shelf.order_by("asset_tag")}
    # What lies here and belongs elsewhere is told by the code that was scanned, and no more.
    with scope(region=region_id, school=None):
        found = exact_devices(texts)
        lying = Device.objects.filter(pk__in={device.pk for device in found.values()})
        school_of = dict(lying.values_list("pk", "custodian__school_id"))
    strays: dict[str, Stray] = {}
    seen: set[int] = set()
    for text in texts:
        device = found.get(text)
        if device is not None and device.pk in seen:
            continue
        if device is None:
            strays[text] = Stray.UNKNOWN
            continue
        seen.add(device.pk)
        if device.pk not in held:
            strays[text] = _why(device, is_ours=school_of[device.pk] == school_id)
    missing = tuple(_shelved(device) for pk, device in held.items() if pk not in seen)
    return ShelfCount(len(held), len(held) - len(missing), missing, tuple(strays.items()))


def _why(device: Device, *, is_ours: bool) -> Stray:
    kind = CustodianKind(device.custodian_kind)
    if kind in HOT_KINDS:
        return Stray.HOT
    if kind == CustodianKind.TRANSIT:
        return Stray.ON_THE_ROAD
    if not is_ours:
        return Stray.ELSEWHERE
    at_home = {CustodianKind.STUDENT: Stray.WITH_STUDENT, CustodianKind.SCHOOL_BENCH: Stray.ON_BENCH}
    return at_home.get(kind, Stray.OTHER_ACCOUNT)


def _shelved(device: Device) -> Shelved:
    condition = Condition(device.condition)
    return Shelved(
        device.asset_tag, device.serial_number, device.device_model.name, str(CONDITION_NAMES[condition]),
        CONDITION_TONES[condition],
    )  # fmt: skip
