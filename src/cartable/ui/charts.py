"""Geometry of the charts, as plain values for SVG attributes. Pure: no markup, no database, no clock.

Each chart carries a description in one sentence and the rows of its table, so that a template can show the same
figures as text (DESIGN section 9). Coordinates are rounded to a tenth: a chart of 60 points stays under 1 KB.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cartable.ui.figures import clock, percent, thin


@dataclass(frozen=True)
class Ring:
    """One share. `dash` is a stroke-dasharray on a path of length 100."""

    share: float
    radius: float
    dash: str
    text: str

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing must be drawn: a round cap would leave a dot."""
        return self.share <= 0


def ring(share: float | None, *, radius: float = 43) -> Ring:
    """Return the ring of a share, held between 0 and 1; none at all counts as 0."""
    held = min(1.0, max(0.0, share or 0.0))
    done = round(held * 100, 1)
    # Never "100 %" while one is missing, never "0 %" once one is done: people trust these two figures.
    shown = 0.99 if 0.99 < held < 1 else 0.01 if 0 < held < 0.01 else held
    return Ring(share=held, radius=radius, dash=f"{done:g} {100 - done:g}", text=percent(shown))


@dataclass(frozen=True)
class Gauge:
    """A quantity against a target, in a box 1000 wide: widths of the filled part and place of the target tick."""

    value: float
    target: float
    filled: float
    tick: float
    state: str
    description: str


def gauge(value: float, *, target: float, maximum: float | None = None, low: float = 0.5, warn: float = 0.8) -> Gauge:
    """Return a gauge; `state`: "err" under `low` of the target, "att" under `warn`, "ok"; "neutre" without target."""
    whole = maximum or max(value, target) or 1
    share = value / target if target else 1.0
    state = "neutre" if not target else "err" if share < low else "att" if share < warn else "ok"
    return Gauge(
        value=value,
        target=target,
        filled=round(1000 * min(1.0, max(0.0, value / whole)), 1),
        tick=round(1000 * min(1.0, max(0.0, target / whole)), 1),
        state=state,
        description=_("%(value)s pour une cible de %(target)s") % {"value": thin(value), "target": thin(target)},
    )


@dataclass(frozen=True)
class PlanBar:
    """What is done out of a whole, against what was planned by now, in a box 1000 wide."""

    done: int
    whole: int
    planned: int | None
    filled: float
    tick: float | None
    share_text: str
    ahead: int | None
    description: str

    @property
    def ahead_text(self) -> str:
        """Return how far ahead or behind, with its sign: "+ 1 310" or "− 42"; empty without a plan."""
        if self.ahead is None:
            return ""
        return f"{'+' if self.ahead >= 0 else '−'}\u202f{thin(abs(self.ahead))}"


def plan_bar(done: int, whole: int, *, planned: int | None = None) -> PlanBar:
    """Return the bar of `done` out of `whole`, with a tick at `planned` where a plan exists."""
    base = whole or 1
    text = _("%(done)s sur %(whole)s") % {"done": thin(done), "whole": thin(whole)}
    if planned is not None:
        text += _(", %(planned)s prévus à cette heure") % {"planned": thin(planned)}
    return PlanBar(
        done=done,
        whole=whole,
        planned=planned,
        filled=round(1000 * min(1.0, done / base), 1),
        tick=None if planned is None else round(1000 * min(1.0, planned / base), 1),
        share_text=ring(done / base).text,
        ahead=None if planned is None else done - planned,
        description=text,
    )


@dataclass(frozen=True)
class RatePoint:
    """PC per hour at one moment."""

    at: datetime
    rate: float


@dataclass(frozen=True)
class Tick:
    """One graduation: where, and what is written."""

    place: float
    text: str


@dataclass(frozen=True)
class RateCurve:
    """Today's rate against a target and, where known, yesterday's. Paths are SVG `d` attributes."""

    width: int
    height: int
    left: float
    right: float
    base: float
    line: str
    area: str
    yesterday: str
    yesterday_name: Tick | None
    yesterday_name_y: float
    target: float
    target_y: float
    last_x: float
    last_y: float
    last_text: str
    last_anchor: str
    target_name_x: float
    target_name_anchor: str
    value_ticks: tuple[Tick, ...]
    time_ticks: tuple[Tick, ...]
    rows: tuple[tuple[str, str, str], ...]
    description: str


def rate_curve(
    today: Sequence[RatePoint],
    *,
    target: float,
    opens_at: datetime,
    closes_at: datetime,
    yesterday: Sequence[RatePoint] = (),
    width: int = 560,
    height: int = 210,
) -> RateCurve:
    """Return the curve between two moments; the axis of values starts at zero and always holds the target.

    `yesterday` is given at today's moments (the caller moves the dates), so that both lie on one axis.
    """
    frame = _Frame(width, height, opens_at, closes_at, _ceiling([target, *(p.rate for p in (*today, *yesterday))]))
    places = [frame.place(point) for point in today]
    before = [frame.place(point) for point in yesterday]
    last_x, last_y = places[-1] if places else (frame.left, frame.base)
    middle = before[len(before) * 2 // 3] if before else None
    # A curve that reaches the right edge keeps its figure inside the frame; the target is named where the curve is low.
    is_at_the_edge = last_x > frame.right - 48
    fifth = max(1, len(today) // 5)
    is_low_at_the_end = not today or max(p.rate for p in today[-fifth:]) < target * 0.75
    is_named_right = not is_at_the_edge or is_low_at_the_end
    return RateCurve(
        width=width,
        height=height,
        left=frame.left,
        right=frame.right,
        base=frame.base,
        line=_path(places),
        area=f"{_path(places)}V{frame.base:g}H{places[0][0]:g}Z" if places else "",
        yesterday=_path(before),
        yesterday_name=Tick(middle[0], _("hier")) if middle else None,
        yesterday_name_y=round(middle[1] - 8, 1) if middle else 0,
        target=target,
        target_y=frame.y(target),
        last_x=last_x,
        last_y=last_y,
        last_text=thin(today[-1].rate) if today else "",
        last_anchor="end" if is_at_the_edge else "start",
        target_name_x=frame.right if is_named_right else frame.left + 6,
        target_name_anchor="end" if is_named_right else "start",
        value_ticks=tuple(Tick(frame.y(v), thin(v)) for v in frame.values()),
        time_ticks=tuple(Tick(frame.x(at), _("%(hour)s h") % {"hour": at.hour}) for at in frame.hours()),
        rows=_rows(today, yesterday),
        description=_sentence(today, target),
    )


@dataclass(frozen=True)
class _Frame:
    width: int
    height: int
    opens_at: datetime
    closes_at: datetime
    ceiling: float
    left: float = 40
    top: float = 26
    bottom: float = 26

    @property
    def right(self) -> float:
        return self.width - 8.0

    @property
    def base(self) -> float:
        return self.height - self.bottom

    def x(self, at: datetime) -> float:
        share = (at - self.opens_at) / max(self.closes_at - self.opens_at, timedelta(minutes=1))
        return round(self.left + min(1.0, max(0.0, share)) * (self.right - self.left), 1)

    def y(self, rate: float) -> float:
        return round(self.base - rate / self.ceiling * (self.base - self.top), 1)

    def place(self, point: RatePoint) -> tuple[float, float]:
        return self.x(point.at), self.y(point.rate)

    def values(self) -> list[float]:
        step = 100 if self.ceiling <= 450 else 200 if self.ceiling <= 1000 else 500
        return [float(value) for value in range(0, int(self.ceiling) + 1, step)]

    def hours(self) -> list[datetime]:
        first = self.opens_at.replace(minute=0, second=0, microsecond=0)
        count = int((self.closes_at - first) / timedelta(hours=1)) + 1
        step = 1 if count <= 7 else 2
        marks = [first + timedelta(hours=h) for h in range(0, count, step)]
        return [mark for mark in marks if self.opens_at <= mark <= self.closes_at]


def _ceiling(values: Sequence[float]) -> float:
    return max(100.0, max(values) * 1.12)


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'M' if i == 0 else 'L'}{x:g} {y:g}" for i, (x, y) in enumerate(places))


def _rows(today: Sequence[RatePoint], yesterday: Sequence[RatePoint]) -> tuple[tuple[str, str, str], ...]:
    before = {clock(point.at): thin(point.rate) for point in yesterday}
    now = {clock(point.at): thin(point.rate) for point in today}
    return tuple((at, now.get(at, "–"), before.get(at, "–")) for at in sorted({*now, *before}))


def _sentence(today: Sequence[RatePoint], target: float) -> str:
    if not today:
        return _("Aucune remise pour l’instant. Objectif : %(target)s PC par heure.") % {"target": thin(target)}
    peak = max(today, key=lambda point: point.rate)
    return _("À %(at)s, %(rate)s PC par heure pour un objectif de %(target)s. Plus haut : %(peak)s à %(peak_at)s.") % {
        "at": clock(today[-1].at),
        "rate": thin(today[-1].rate),
        "target": thin(target),
        "peak": thin(peak.rate),
        "peak_at": clock(peak.at),
    }
