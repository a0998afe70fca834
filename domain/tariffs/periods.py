"""Which steps of a load a month's charges look at: the month, a version's part of it, its bands, blocks and past."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.bands import BandCalendar
from domain.tariffs.charges import DemandCharge, EnergyCharge, ExportCredit
from domain.tariffs.facts import Facts, PastMonthUnknownError
from domain.tariffs.quantities import IntArray, Windows
from domain.tariffs.tariff import SupplyPoint, Tariff
from domain.tariffs.terms import UNBLOCKED
from domain.tariffs.versions import HeldDays
from domain.text import Text
from domain.time import Calendar, TimeGrid, local_midnight, month_start, next_month, zone_of

FlagDays = frozenset[tuple[str, date]]


class MonthNotCoveredError(WattplanError):
    """A load does not cover the whole month that is to be billed."""

    code = "month_not_covered"
    words = Text(
        en="The load does not cover {month} in {zone}: nothing from {missing} on. Give the whole local month.",
        zh="负荷数据未覆盖 {zone} 的 {month}：自 {missing} 起缺失。请提供整个当地自然月的数据。",
    )


class CapacityUnknownError(WattplanError):
    """A charge on capacity meets a supply point without a contract capacity."""

    code = "capacity_unknown"
    words = Text(
        en="Charge {charge_id} bills the transformer capacity, but none is known. Give supply.capacity_kva "
        "(command line: --capacity-kva).",
        zh="费用项 {charge_id} 按变压器容量计费，但未给出容量。请填写 supply.capacity_kva（命令行：--capacity-kva）。",
    )


class StepTooCoarseError(WattplanError):
    """A load's steps cannot follow the tariff's local clock."""

    code = "step_too_coarse"
    words = Text(
        en="{what} needs steps that fit {need_min} minutes of the {zone} clock; the load has {step_min}-minute "
        "steps. Give the load in shorter steps.",
        zh="{what} 要求步长能整分 {zone} 当地时钟的 {need_min} 分钟；负荷数据步长为 {step_min} 分钟。"
        "请提供更短步长的负荷数据。",
    )


@noun
class MonthPart:
    """One local month as steps of a load's grid: ``first`` … ``stop`` (exclusive)."""

    month: date
    first: int
    stop: int
    grid: TimeGrid
    """The month's own grid."""

    @property
    def days_count(self) -> int:
        """Local calendar days of the month."""
        return (next_month(self.month) - self.month).days


@lru_cache(maxsize=512)
def month_part(grid: TimeGrid, zone: str, month: date) -> MonthPart:
    """Find a whole local month within a grid.

    Raises
    ------
    MonthNotCoveredError
        Naming the first instant of the month that the grid lacks.
    StepTooCoarseError
        If the month begins or ends inside a step.
    """
    first_day = month_start(month)
    start, end = local_midnight(first_day, zone), local_midnight(next_month(first_day), zone)
    missing = start if not grid.start <= start < grid.end else grid.end if grid.end < end else None
    if missing is not None:
        local = missing.astimezone(zone_of(zone)).isoformat()
        raise MonthNotCoveredError(month=f"{first_day:%Y-%m}", zone=zone, missing=local)
    if (start - grid.start) % grid.step or (end - start) % grid.step:
        what = Text(en="The month's first midnight", zh="当月首个零点")
        raise StepTooCoarseError(what=what, need_min=_minute_of_hour(start), zone=zone, step_min=grid.step_min)
    first, stop = grid.edge_of(start), grid.edge_of(end)
    return MonthPart(month=first_day, first=first, stop=stop, grid=grid.part(first, stop))


def _minute_of_hour(instant: datetime) -> int:
    return instant.astimezone(UTC).minute


@lru_cache(maxsize=1024)
def step_bands(
    bands: BandCalendar, grid: TimeGrid, zone: str, calendar: Calendar, flagged: FlagDays = frozenset()
) -> IntArray:
    """Give the band of every step as an index into ``bands.bands``; kept, because it is asked for often."""
    found = bands.bands_on(grid, zone, calendar, flagged)
    found.setflags(write=False)
    return found


@lru_cache(maxsize=4096)
def band_weights(  # noqa: PLR0917 -- the key of a cache
    bands: BandCalendar, grid: TimeGrid, zone: str, calendar: Calendar, flagged: FlagDays, band: str
) -> FloatArray | None:
    """Give 1 in the steps of a band and 0 elsewhere, shape (n_steps,); None where the grid never meets the band."""
    held: npt.NDArray[np.bool_] = step_bands(bands, grid, zone, calendar, flagged) == bands.bands.index(band)
    if not held.any():
        return None
    weights: FloatArray = held.astype(np.float64)
    weights.setflags(write=False)
    return weights


@lru_cache(maxsize=512)
def clock_blocks(grid: TimeGrid, zone: str, measurement_min: int) -> IntArray:
    """Give each step the number of its measurement block on the local clock; a clock change begins a new one."""
    local = grid.local_starts(zone)
    minute = np.asarray(local.hour * 60 + local.minute, dtype=np.int64)
    shifts = np.diff(np.asarray(local.tz_localize(None) - grid.starts.tz_localize(None)))
    begins = minute % measurement_min == 0
    begins[1:] |= shifts != np.timedelta64(0)
    blocks: IntArray = np.cumsum(begins).astype(np.int64)
    blocks -= blocks[0]
    blocks.setflags(write=False)
    return blocks


@lru_cache(maxsize=512)
def day_numbers(grid: TimeGrid, zone: str) -> IntArray:
    """Give each step the number of its local day, from 0."""
    found = np.zeros(grid.n_steps, dtype=np.int64)
    for number, day in enumerate(grid.local_days(zone)):
        found[day.first : day.stop] = number
    found.setflags(write=False)
    return found


@noun(eq=False)
class Period:
    """What a version of a tariff bills of one month of a load."""

    tariff: Tariff
    supply: SupplyPoint
    grid: TimeGrid
    """The whole load's grid."""
    facts: Facts
    whole: MonthPart
    """The month."""
    held: HeldDays
    first: int
    """First step of the days on which the version holds."""
    stop: int
    """First step after them."""
    flagged: FlagDays

    @property
    def month(self) -> date:
        """First day of the month."""
        return self.whole.month

    @property
    def days_count(self) -> int:
        """Local days on which the version holds."""
        return (self.held.stop_day - self.held.first_day).days

    @property
    def share(self) -> Decimal:
        """Share of the month's days on which the version holds; 1 nearly always. [-]."""
        days = self.whole.days_count
        return Decimal(1) if self.days_count == days else Decimal(self.days_count) / Decimal(days)

    @property
    def held_grid(self) -> TimeGrid:
        """Grid of the days on which the version holds."""
        return self.whole.grid if self.share == 1 else self.grid.part(self.first, self.stop)

    def capacity_kva(self, charge_id: str) -> Decimal:
        """Give the supply point's capacity. [kVA].

        Raises
        ------
        CapacityUnknownError
        """
        if self.supply.capacity_kva is None:
            raise CapacityUnknownError(charge_id=charge_id)
        return self.supply.capacity_kva

    def weights(self, bands: BandCalendar, band: str) -> FloatArray | None:
        """Give 1 in the held steps of a band; None where there are none."""
        return band_weights(bands, self.held_grid, self.tariff.zone, self.tariff.calendar, self.flagged, band)

    def windows(
        self,
        charge_id: str,
        *,
        calendar: BandCalendar | None = None,
        bands: Sequence[str] = (),
        measurement_min: int = 15,
        sliding: bool = False,
        part: MonthPart | None = None,
    ) -> Windows:
        """Give a charge's measurement windows in a month of the load (this one, or an earlier one it covers).

        Raises
        ------
        StepTooCoarseError
            If the steps do not divide the measurement interval.
        """
        part, zone = part or self.whole, self.tariff.zone
        if measurement_min % part.grid.step_min:
            what = Text(en=f"Charge {charge_id}", zh=f"费用项 {charge_id}")
            raise StepTooCoarseError(what=what, need_min=measurement_min, zone=zone, step_min=part.grid.step_min)
        blocks = clock_blocks(part.grid, zone, measurement_min)
        if calendar is not None:
            flagged = flag_days(self.tariff, self.facts, (calendar,))
            of_step = step_bands(calendar, part.grid, zone, self.tariff.calendar, flagged)
            inside = np.isin(of_step, [calendar.bands.index(band) for band in bands])
            blocks = np.where(inside, blocks, UNBLOCKED)
        width = measurement_min // part.grid.step_min
        return Windows(
            first=part.first,
            stop=part.stop,
            blocks=blocks,
            measurement_min=measurement_min,
            width_steps=width if sliding and width > 1 else 0,
        )

    def days_of(self, part: MonthPart | None = None) -> IntArray:
        """Give each step of a month the number of its local day."""
        return day_numbers((part or self.whole).grid, self.tariff.zone)

    def earlier(self, month: date) -> MonthPart | None:
        """Find an earlier month in the load's own grid; None where it does not reach that far."""
        try:
            return month_part(self.grid, self.tariff.zone, month)
        except MonthNotCoveredError:
            return None

    def knows(self, charge_id: str, month: date, *quantities: str) -> bool:
        """Say whether the facts have these quantities of a past month; what they say stands over any load."""
        return all(self.facts.past_value(month, f"{charge_id}.{one}") is not None for one in quantities)

    def past(self, charge_id: str, month: date, quantity: str) -> float:
        """Give what the facts say was measured in a past month.

        Raises
        ------
        PastMonthUnknownError
        """
        key = f"{charge_id}.{quantity}"
        found = self.facts.past_value(month, key)
        if found is None:
            raise PastMonthUnknownError(charge_id=charge_id, month=f"{month:%Y-%m}", quantity=quantity, key=key)
        return float(found)


def flag_days(tariff: Tariff, facts: Facts, calendars: Sequence[BandCalendar]) -> FlagDays:
    """Give (flag, day) for all days on which a flag that the calendars name is known to be up."""
    asked = {flag for calendar in calendars for flag in calendar.flags}
    found: set[tuple[str, date]] = set()
    for one in tariff.day_flags:
        if one.flag in asked:
            known = facts.flagged(one.flag)
            found |= {(one.flag, day) for day in (*one.days, *(() if known is None else known.days))}
    return frozenset(found)


def period_of(held: HeldDays, supply: SupplyPoint, grid: TimeGrid, facts: Facts, month: date) -> Period:
    """Give what one version bills of a month.

    Raises
    ------
    MonthNotCoveredError, StepTooCoarseError
        If the load does not fit the month or the tariff's clock.
    """
    tariff = held.tariff
    whole = month_part(grid, tariff.zone, month)
    first, stop = whole.first, whole.stop
    if held.first_day > whole.month:
        first = grid.edge_of(local_midnight(held.first_day, tariff.zone))
    if held.stop_day < next_month(whole.month):
        stop = grid.edge_of(local_midnight(held.stop_day, tariff.zone))
    calendars = [
        one.calendar
        for one in tariff.charges
        if isinstance(one, EnergyCharge | DemandCharge | ExportCredit) and one.calendar is not None
    ]
    return Period(
        tariff=tariff,
        supply=supply,
        grid=grid,
        facts=facts,
        whole=whole,
        held=held,
        first=first,
        stop=stop,
        flagged=flag_days(tariff, facts, calendars) if tariff.day_flags else frozenset(),
    )


def months_before(month: date, n_months: int) -> tuple[date, ...]:
    """Give the first days of so many months before one, latest first."""
    found = []
    for _ in range(n_months):
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month)
    return tuple(found)
