"""A window in which a response is wanted, and the response held in it by the settlement equations."""

from dataclasses import replace
from datetime import datetime

from domain import checks
from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import Response, ResponseProblem, StandingPlan
from domain.offers.asked import DIRECTION, Hold
from domain.plant import Interval, Schedule
from domain.programmes.terms import INFINITE_RATE, EventBand, EventTerm
from domain.text import Text
from optimizer.formulation.events import EDGE_SHARE

FULLY = (
    EventBand(from_rate=1 / (1 + EDGE_SHARE), to_rate=INFINITE_RATE, per_delivered=0.0, per_committed=0.0),
)  # the model stays inside of a row's edge, which so comes to lie on 1
"""A table with one row: delivered in full; what is not is no settlement."""
WINDOW_ID = "availability"


class WindowOffGridError(WattplanError, ValueError):
    """A window does not lie on the steps of the horizon."""

    code = "window_off_grid"
    words = Text(
        en="The window {start} … {end} does not lie on the {step_min}-minute steps of the horizon. Move its edges.",
        zh="时段 {start} … {end} 未落在计划期 {step_min} 分钟的步长上。请调整其起止时间。",
    )


@noun(eq=False)
class Window:
    """When a response is wanted, and from what it is counted."""

    span: Interval
    sign: int = 1
    """+1: load goes down; -1: load goes up."""
    baseline_kw: FloatArray | None = None
    """From what the response is counted, by step of the window; None: the plan without any promise. [kW]"""
    notice_at: datetime | None = None
    """When the plant is told; what starts before is as without any promise. None: before the horizon."""
    hold: Hold = "mean"

    def __post_init__(self) -> None:
        if self.sign not in (1, -1):
            raise checks.refuse(self, "sign", self.sign, DIRECTION)
        if self.notice_at is not None:
            checks.to_utc(self, "notice_at")


@noun(eq=False)
class AskedWindow:
    """A window on the steps of a problem."""

    problem: ResponseProblem
    window: Window
    first: int
    stop: int
    base: Response
    baseline_kw: FloatArray
    """Shape (stop - first,). [kW]"""

    @property
    def hours(self) -> float:
        """Length of the window. [h]."""
        return (self.stop - self.first) * self.problem.horizon.step_h

    @property
    def from_notice(self) -> ResponseProblem:
        """Give the question once the plant is told: what has begun stays."""
        at = self.window.notice_at
        if at is None or at <= self.problem.horizon.start:
            return self.problem
        return replace(self.problem, standing=StandingPlan(schedule=self.base.schedule, now=at))

    def terms(self, level_kw: float) -> tuple[EventTerm, ...]:
        """Give the response as commitments that must be delivered in full."""
        one = EventTerm(
            event_id=WINDOW_ID,
            programme_id=WINDOW_ID,
            first=self.first,
            stop=self.stop,
            baseline_kw=float(self.baseline_kw.mean()),
            sign=self.window.sign,
            min_commitment_kw=level_kw,
            max_commitment_kw=level_kw,
            pay_per_kw=0.0,
            penalty_per_kw=0.0,
            bands=FULLY,
            is_committed=True,
        )
        if self.window.hold == "mean":
            return (one,)
        return tuple(
            replace(one, event_id=f"{WINDOW_ID}@{t}", first=t, stop=t + 1, baseline_kw=float(kw))
            for t, kw in enumerate(self.baseline_kw.tolist(), start=self.first)
        )

    def response_kw(self, schedule: Schedule) -> float:
        """Give the response that a schedule holds. [kW]."""
        by_step = self.window.sign * (self.baseline_kw - schedule.import_kw[self.first : self.stop])
        return float(by_step.mean() if self.window.hold == "mean" else by_step.min())


def on_grid(problem: ResponseProblem, window: Window, base: Response) -> AskedWindow:
    """Put a window on the steps of a problem.

    Raises
    ------
    WindowOffGridError
    """
    grid, span = problem.horizon, window.span
    off = (span.start - grid.start) % grid.step or (span.end - grid.start) % grid.step
    if off or span.start < grid.start or span.end > grid.end:
        raise WindowOffGridError(start=span.start.isoformat(), end=span.end.isoformat(), step_min=grid.step_min)
    first, stop = grid.edge_of(span.start), grid.edge_of(span.end)
    baseline = base.schedule.import_kw[first:stop] if window.baseline_kw is None else window.baseline_kw
    kept = checks.frozen_array(window, "baseline_kw", baseline, (stop - first,))
    return AskedWindow(problem=problem, window=window, first=first, stop=stop, base=base, baseline_kw=kept)
