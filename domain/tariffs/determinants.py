"""What each charge of a tariff bills in a month: energy by band, maximum demand, capacity, power factor.

Every quantity is measured for all samples of a load at once. A demand is the highest mean over the
measurement blocks, which follow the local clock; of a block that lies only partly in the charge's
window, or that a clock change cuts short, the steps inside count. A demand below zero counts as zero.
"""

from datetime import UTC, date, datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.bands import BandCalendar
from domain.tariffs.bills import BilledLoad, BillingDeterminants
from domain.tariffs.charges import CapacityCharge, Charge, DemandCharge, EnergyCharge, FixedCharge, PowerFactorCharge
from domain.tariffs.contract import over_terms
from domain.tariffs.decimals import as_decimal
from domain.tariffs.power_factor import given_power_factor, power_factor_of
from domain.tariffs.tariff import SupplyPoint, Tariff
from domain.tariffs.terms import UNBLOCKED
from domain.text import Text
from domain.time import Calendar, TimeGrid, local_midnight, month_start, next_month, zone_of

IntArray = npt.NDArray[np.int64]
Quantities = dict[str, FloatArray]


class MonthNotCoveredError(WattplanError):
    """A load does not cover the whole month that is to be billed."""

    code = "month_not_covered"
    words = Text(
        en="The load does not cover {month} in {zone}: nothing from {missing} on. Give the whole local month.",
        zh="负荷数据未覆盖 {zone} 的 {month}：自 {missing} 起缺失。请提供整个当地自然月的数据。",
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


class CapacityUnknownError(WattplanError):
    """A capacity charge meets a supply point without a contract capacity."""

    code = "capacity_unknown"
    words = Text(
        en="Charge {charge_id} bills the transformer capacity, but none is known. Give supply.capacity_kva.",
        zh="费用项 {charge_id} 按变压器容量计费，但未给出容量。请填写 supply.capacity_kva。",
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


@lru_cache(maxsize=256)
def step_bands(bands: BandCalendar, grid: TimeGrid, zone: str, calendar: Calendar) -> IntArray:
    """Give the band of every step as an index into ``bands.bands``; kept, because it is asked for often."""
    found = bands.bands_on(grid, zone, calendar)
    found.setflags(write=False)
    return found


@lru_cache(maxsize=64)
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


def demand_blocks(charge: DemandCharge, tariff: Tariff, grid: TimeGrid) -> IntArray:
    """Give each step's measurement block, ``UNBLOCKED`` outside the charge's window.

    Raises
    ------
    StepTooCoarseError
        If the steps do not divide the measurement interval.
    """
    if charge.measurement_min % grid.step_min:
        what = Text(en=f"Charge {charge.charge_id}", zh=f"费用项 {charge.charge_id}")
        raise StepTooCoarseError(what=what, need_min=charge.measurement_min, zone=tariff.zone, step_min=grid.step_min)
    blocks = clock_blocks(grid, tariff.zone, charge.measurement_min)
    if charge.calendar is None:
        return blocks
    counted = [charge.calendar.bands.index(band) for band in charge.bands]
    inside = np.isin(step_bands(charge.calendar, grid, tariff.zone, tariff.calendar), counted)
    return np.where(inside, blocks, UNBLOCKED)


def block_peaks_kw(rows_kw: FloatArray, blocks: IntArray) -> FloatArray:
    """Give each row's highest block mean, at least 0, shape (n_samples,). [kW]."""
    inside = np.flatnonzero(blocks != UNBLOCKED)
    if inside.size == 0:
        return np.zeros(rows_kw.shape[0])
    numbers = blocks[inside]
    firsts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    sums = np.add.reduceat(rows_kw[:, inside], firsts, axis=1)
    counts = np.diff(firsts, append=inside.size)
    return np.asarray(np.maximum((sums / counts).max(axis=1), 0.0), dtype=np.float64)


def is_levied(charge: DemandCharge, month: date) -> bool:
    """Say whether a demand charge is levied in a month."""
    return not charge.months or month.month in charge.months


def measure(load: BilledLoad, tariff: Tariff, supply: SupplyPoint, month: date) -> tuple[BillingDeterminants, ...]:
    """Measure what a tariff's charges bill in one local month, one entry per charge, for every sample.

    Parameters
    ----------
    load : BilledLoad
        Must cover the whole month on the tariff's local clock; may be longer.
    month : date
        Any day of the month.

    Returns
    -------
    tuple[BillingDeterminants, ...]
        In the order of ``tariff.charges``. Quantities by name: ``months_count`` and ``days_count`` (fixed);
        ``energy_kwh.<band>`` for each band that the month has (energy); ``max_demand_kw``,
        ``billed_demand_kw`` (demand; nothing in a month without the charge); ``capacity_kva``; and
        ``power_factor``, with ``active_kwh`` and ``reactive_kvarh`` where reactive energy is metered.

    Raises
    ------
    MonthNotCoveredError, StepTooCoarseError, BandEdgeError
        If the load does not fit the month or the tariff's clock.
    CapacityUnknownError, ContractDemandUnknownError, PowerFactorUnknownError
        If the supply point lacks what a charge bills.
    """
    part = month_part(load.grid, tariff.zone, month)
    return tuple(
        BillingDeterminants(
            charge_id=charge.charge_id, month=part.month, quantities=_quantities(charge, load, tariff, supply, part)
        )
        for charge in tariff.charges
    )


def _quantities(charge: Charge, load: BilledLoad, tariff: Tariff, supply: SupplyPoint, part: MonthPart) -> Quantities:
    n_samples = load.import_kw.shape[0]
    rows_kw = load.import_kw[:, part.first : part.stop]
    match charge:
        case FixedCharge():
            return {"months_count": np.ones(n_samples), "days_count": np.full(n_samples, float(part.days_count))}
        case EnergyCharge():
            return _energy_kwh(charge, tariff, part.grid, rows_kw)
        case DemandCharge():
            return _demand_kw(charge, tariff, supply, part, rows_kw)
        case CapacityCharge():
            if supply.capacity_kva is None:
                raise CapacityUnknownError(charge_id=charge.charge_id)
            return {"capacity_kva": np.full(n_samples, float(supply.capacity_kva))}
        case PowerFactorCharge():
            return _power_factor(load, supply, part, rows_kw)


def _energy_kwh(charge: EnergyCharge, tariff: Tariff, grid: TimeGrid, rows_kw: FloatArray) -> Quantities:
    bands = step_bands(charge.calendar, grid, tariff.zone, tariff.calendar)
    member = bands[:, None] == np.arange(len(charge.calendar.bands))
    energy_kwh = rows_kw @ member.astype(np.float64) * grid.step_h
    return {
        f"energy_kwh.{band}": energy_kwh[:, number]
        for number, band in enumerate(charge.calendar.bands)
        if member[:, number].any()
    }


def _demand_kw(
    charge: DemandCharge, tariff: Tariff, supply: SupplyPoint, part: MonthPart, rows_kw: FloatArray
) -> Quantities:
    over = over_terms(charge, supply)
    if not is_levied(charge, part.month):
        return {}
    peak_kw = block_peaks_kw(rows_kw, demand_blocks(charge, tariff, part.grid))
    billed_kw = peak_kw if over is None else np.array([float(over.billed_kw(as_decimal(one))) for one in peak_kw])
    return {"max_demand_kw": peak_kw, "billed_demand_kw": billed_kw}


def _power_factor(load: BilledLoad, supply: SupplyPoint, part: MonthPart, rows_kw: FloatArray) -> Quantities:
    if load.reactive_kvar is None:
        known = given_power_factor(load.power_factor, supply)
        return {"power_factor": np.full(rows_kw.shape[0], float(known))}
    active_kwh = rows_kw.sum(axis=1) * part.grid.step_h
    reactive_kvarh = load.reactive_kvar[:, part.first : part.stop].sum(axis=1) * part.grid.step_h
    pairs = zip(active_kwh, reactive_kvarh, strict=True)
    factors = np.array([float(power_factor_of(as_decimal(a), as_decimal(r))) for a, r in pairs])
    return {"active_kwh": active_kwh, "reactive_kvarh": reactive_kvarh, "power_factor": factors}
