"""A settlement with everything it rests on, so that anybody can work it out again.

A bundle holds the rules, the event, the meter readings of every day that was looked at, and each intermediate
number as one line. ``check_bundle`` works the lines out anew from the readings and names those that differ.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import numpy as np

from domain import checks
from domain.errors import WattplanError
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.noun import noun
from domain.programmes.baseline import Baseline, make_baseline
from domain.programmes.bundle_lines import BundleLine, bundle_lines
from domain.programmes.bundle_readings import ReadingBlock, readings_for
from domain.programmes.programme import Event, Programme
from domain.programmes.settlement import Settlement, settle
from domain.text import Text
from domain.time import Calendar, TimeGrid

ZERO = Decimal(0)
MOST_DAYS = 800


class BundleIncompleteError(WattplanError):
    """The readings put into a bundle do not give the settlement they were taken from; a defect of ours."""

    code = "bundle_incomplete"
    words = Text(
        en="The bundle of event {event_id} does not reproduce its settlement: line {key} is {stated}, worked out again "
        "{found}.",
        zh="事件 {event_id} 的结算包无法重现其结算：{key} 为 {stated}，重新计算为 {found}。",
    )


@noun
class Bundle:
    """One settlement, to be worked out again by anybody."""

    kind: Literal["wattplan_settlement"] = "wattplan_settlement"
    version: Literal[1] = 1
    meter_id: str
    zone: str
    """IANA zone of the event's clock."""
    country: str | None
    """Whose working calendar tells the days apart."""
    subdivision: str | None = None
    step_min: int
    """Length of a meter step. [min]"""
    programme: Programme
    event: Event
    event_days: tuple[date, ...] = ()
    """Days of other events."""
    atypical_days: tuple[date, ...] = ()
    """Days of outages and overhauls."""
    commitment_kw: Decimal
    """[kW]"""
    paid_this_year: Decimal = ZERO
    """Paid for earlier events of the year. [currency]"""
    readings: tuple[ReadingBlock, ...]
    """Every meter step that the settlement reads, earliest first."""
    lines: tuple[BundleLine, ...]
    """Every number on the way to the money, in the order of the work."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "meter_id", self.meter_id)
        checks.not_empty(self, "readings", self.readings)
        checks.unique(self, "lines", (line.key for line in self.lines))
        step = timedelta(minutes=self.step_min)
        TimeGrid(start=self.readings[0].start, step_min=self.step_min, n_steps=1)
        for before, after in zip(self.readings, self.readings[1:], strict=False):
            ends = before.start + len(before.values_kw) * step
            if after.start < ends or (after.start - before.start) % step:
                raise checks.refuse(
                    self,
                    "readings",
                    after.start.isoformat(),
                    Text(en="must follow on the steps of the block before", zh="须按步长接在前一段之后"),
                )
        if self.readings[-1].start - self.readings[0].start > timedelta(days=MOST_DAYS):
            raise checks.refuse(
                self,
                "readings",
                self.readings[-1].start.isoformat(),
                Text(en=f"must lie within {MOST_DAYS} days", zh=f"须在 {MOST_DAYS} 天之内"),
            )

    @property
    def calendar(self) -> Calendar:
        """The working calendar."""
        return Calendar(country=self.country, subdivision=self.subdivision)

    @property
    def meter(self) -> MeterSeries:
        """The readings as a series; what was not put in is missing."""
        first, last = self.readings[0], self.readings[-1]
        step = timedelta(minutes=self.step_min)
        grid = TimeGrid.between(first.start, last.start + len(last.values_kw) * step, self.step_min)
        values = np.full(grid.n_steps, np.nan)
        for block in self.readings:
            at = grid.edge_of(block.start)
            values[at : at + len(block.values_kw)] = [np.nan if one is None else float(one) for one in block.values_kw]
        return MeterSeries(meter_id=self.meter_id, grid=grid, import_kw=values)


@noun
class LineDifference:
    """A line that comes out differently."""

    key: str
    label: Text
    stated: str | None
    """None: the bundle does not have the line."""
    found: str | None
    """None: the line does not come out."""


@noun(eq=False)
class BundleCheck:
    """A bundle worked out again."""

    differences: tuple[LineDifference, ...]
    """In the order of the work; the first is where to look."""
    settlement: Settlement
    """As it comes out."""
    baseline: Baseline

    @property
    def is_equal(self) -> bool:
        """Whether every line comes out as stated."""
        return not self.differences

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to look at in the baseline."""
        return self.baseline.findings


def make_bundle(
    programme: Programme,
    event: Event,
    meter: MeterSeries,
    calendar: Calendar,
    zone: str,
    *,
    commitment_kw: Decimal,
    event_days: frozenset[date] = frozenset(),
    atypical_days: frozenset[date] = frozenset(),
    paid_this_year: Decimal = ZERO,
) -> Bundle:
    """Settle an event and bundle it with all it rests on.

    Raises
    ------
    BaselineNotPossibleError, EventNotMeteredError, CommitmentOutsideProgrammeError, …
        As ``make_baseline`` and ``settle`` do.
    """
    baseline = make_baseline(
        meter, programme.baseline, event, calendar, zone, event_days=event_days, atypical_days=atypical_days
    )
    settled = settle(programme, event, baseline, meter, commitment_kw, paid_this_year=paid_this_year)
    bundle = Bundle(
        meter_id=meter.meter_id,
        zone=zone,
        country=calendar.country,
        subdivision=calendar.subdivision,
        step_min=meter.grid.step_min,
        programme=programme,
        event=event,
        event_days=tuple(sorted(event_days)),
        atypical_days=tuple(sorted(atypical_days)),
        commitment_kw=commitment_kw,
        paid_this_year=paid_this_year,
        readings=readings_for(meter, baseline, event),
        lines=bundle_lines(programme, event, baseline, settled),
    )
    again = check_bundle(bundle)
    if again.differences:
        worst = again.differences[0]
        raise BundleIncompleteError(event_id=event.event_id, key=worst.key, stated=worst.stated, found=worst.found)
    return bundle


def check_bundle(bundle: Bundle) -> BundleCheck:
    """Work a bundle out again from its readings and rules, and compare every line.

    Raises
    ------
    BaselineNotPossibleError, EventNotMeteredError, CommitmentOutsideProgrammeError, …
        If it cannot be worked out at all.
    """
    baseline = make_baseline(
        bundle.meter,
        bundle.programme.baseline,
        bundle.event,
        bundle.calendar,
        bundle.zone,
        event_days=frozenset(bundle.event_days),
        atypical_days=frozenset(bundle.atypical_days),
    )
    settled = settle(
        bundle.programme,
        bundle.event,
        baseline,
        bundle.meter,
        bundle.commitment_kw,
        paid_this_year=bundle.paid_this_year,
    )
    stated = {line.key: line for line in bundle.lines}
    found = {line.key: line for line in bundle_lines(bundle.programme, bundle.event, baseline, settled)}
    differences = [
        LineDifference(key=key, label=line.label, stated=stated[key].value if key in stated else None, found=line.value)
        for key, line in found.items()
        if key not in stated or stated[key].value != line.value
    ]
    differences += [
        LineDifference(key=key, label=line.label, stated=line.value, found=None)
        for key, line in stated.items()
        if key not in found
    ]
    return BundleCheck(differences=tuple(differences), settlement=settled, baseline=baseline)
