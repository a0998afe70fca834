"""A load made of the bill's own kWh by band and kW, so that prices and rules can be checked without a meter.

The load is billed like any other: nothing is priced here. When it flows within the month does not matter for a
bill of bands and one peak, so each day is cut into one stretch per band; bands of the calendar without kWh share a
stretch without load. Only what depends on when (spot prices, windows of demand) cannot be checked this way.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import numpy as np

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.shadow.billed import (
    billed_energy,
    measured_demand_kw,
    printed_power_factor,
    reactive_kvarh,
    supply_as_billed,
)
from domain.shadow.ebill import TOTAL, ZERO, EBill
from domain.tariffs import (
    BandCalendar,
    BandRule,
    BilledLoad,
    Charge,
    DemandCharge,
    EnergyCharge,
    ReactiveCharge,
    SupplyPoint,
    Tariff,
    power_factor_of,
)
from domain.text import Text
from domain.time import TimeGrid, next_month

SLOT_MIN = 15
SLOTS = 96
HOUR_SLOTS = 4
FINE = 2**20
"""Powers are whole multiples of 1/FINE kW, so that sums of them are exact in floating point. [1/kW]"""

PEAK_NOT_PLACED = FindingKind(
    code="ebill_peak_not_placed",
    severity=Severity.WARNING,
    words=Text(
        en="The bill's maximum demand of {demand_kw} kW does not go with its {energy_kwh} kWh (mean {mean_kw} kW); "
        "the demand charge is checked against the mean.",
        zh="账单最大需量 {demand_kw} 千瓦与电量 {energy_kwh} 千瓦时（平均 {mean_kw} 千瓦）不相符，"
        "需量电费按平均功率核对。",
    ),
)
DEMAND_UNKNOWN = FindingKind(
    code="ebill_demand_unknown",
    severity=Severity.WARNING,
    words=Text(
        en="The bill shows no maximum demand; the demand charge is checked against the mean power of {mean_kw} kW.",
        zh="账单未印最大需量，需量电费按平均功率 {mean_kw} 千瓦核对。",
    ),
)


class EBillBandsUnknownError(WattplanError):
    """The bill's kWh cannot be told apart as the tariff's bands need it."""

    code = "ebill_bands_unknown"
    words = Text(
        en="Charge {charge_id} prices the bands {bands}, the bill gives kWh for {billed}. Give the meter's load, or a "
        "tariff with the bill's bands.",
        zh="费用项 {charge_id} 按时段 {bands} 计价，而账单的分时电量为 {billed}。请提供电表负荷，或使用与账单时段一致的电价。",
    )


class EBillNoEnergyError(WattplanError):
    """The bill shows no kWh at all."""

    code = "ebill_no_energy"
    words = Text(
        en="The bill shows no kWh: neither meter rows nor charge rows nor an overview have any. Give those sections, "
        "or a meter's load.",
        zh="账单未给出任何电量：电量明细、电费明细与概况均无。请补充这些内容，或提供电表负荷。",
    )


@noun(eq=False)
class OwnQuestion:
    """The bill's own quantities as something that can be billed."""

    load: BilledLoad
    tariff: Tariff
    """The tariff with its bands laid one after the other."""
    supply: SupplyPoint
    findings: tuple[Finding, ...]


def own_question(ebill: EBill, tariff: Tariff, supply: SupplyPoint) -> OwnQuestion:
    """Make a load that has the bill's own kWh by band, its maximum demand and its power factor.

    Raises
    ------
    EBillBandsUnknownError
        If a charge prices bands that the bill does not tell apart.
    EBillNoEnergyError
    """
    charges = [charge for charge in tariff.charges if isinstance(charge, EnergyCharge)]
    several = [charge for charge in charges if len(charge.calendar.bands) > 1]
    billed = billed_energy(ebill, needs_bands=bool(several))
    if not billed.band_kwh:
        raise EBillNoEnergyError
    band_kwh = billed.band_kwh if several else {TOTAL: billed.energy_kwh}
    for charge in several:
        _must_know(charge, band_kwh)
    slots = _slots(band_kwh, max((len(charge.calendar.bands) for charge in several), default=0))
    demand_kw = measured_demand_kw(ebill)
    month = ebill.month
    grid = TimeGrid.of_local_days(month, (next_month(month) - month).days, tariff.zone, SLOT_MIN)
    import_kw, findings = _import_kw(grid, tariff, band_kwh, slots, demand_kw)
    has_demand = any(isinstance(charge, DemandCharge) for charge in tariff.charges)
    load = _with_power_factor(BilledLoad(grid=grid, import_kw=import_kw), ebill, tariff, billed.energy_kwh)
    return OwnQuestion(
        load=load,
        tariff=laid_out(tariff, slots),
        supply=supply_as_billed(ebill, supply),
        findings=(*billed.findings, *(findings if has_demand else ())),
    )


def _must_know(charge: EnergyCharge, band_kwh: dict[str, Decimal]) -> None:
    bands = charge.calendar.bands
    if any(kwh and band not in bands for band, kwh in band_kwh.items()):
        raise EBillBandsUnknownError(
            charge_id=charge.charge_id, bands=", ".join(bands), billed=", ".join(band_kwh) or TOTAL
        )


def _slots(band_kwh: dict[str, Decimal], n_spare: int) -> dict[str, range]:
    """Give each band with kWh its quarter-hours of the day, in proportion; the rest of the day has no load."""
    used = {band: kwh for band, kwh in band_kwh.items() if kwh}
    whole = sum(used.values(), ZERO)
    free = SLOTS - n_spare - len(used)
    counts = {band: 1 + int(free * kwh / whole) for band, kwh in used.items()}
    if counts:
        largest = max(counts, key=lambda band: counts[band])
        counts[largest] += SLOTS - n_spare - sum(counts.values())
    found, first = {}, 0
    for band, count in counts.items():
        found[band] = range(first, first + count)
        first += count
    return found


def laid_out(tariff: Tariff, slots: dict[str, range]) -> Tariff:
    """Give the tariff with its energy bands laid out as the load's are, and demand measured at all hours."""
    charges: list[Charge] = []
    for charge in tariff.charges:
        if isinstance(charge, EnergyCharge):
            charges.append(replace(charge, calendar=_calendar(charge.calendar.bands, slots)))
        elif isinstance(charge, DemandCharge) and charge.calendar is not None:
            charges.append(replace(charge, calendar=None, bands=()))
        else:
            charges.append(charge)
    return replace(tariff, charges=tuple(charges))


def _calendar(bands: tuple[str, ...], slots: dict[str, range]) -> BandCalendar:
    if len(bands) == 1:
        return BandCalendar(rules=(BandRule(band=bands[0], windows=("00:00-24:00",)),))
    spare = max((one.stop for one in slots.values()), default=0)
    windows = {}
    for band in bands:
        if band in slots:
            windows[band] = (slots[band].start, slots[band].stop)
        else:
            windows[band] = (spare, spare + 1)
            spare += 1
    last = bands[-1] if bands[-1] not in slots else next(iter(slots))
    rules = [BandRule(band=band, windows=(_window(*windows[band]),)) for band in bands]
    if spare < SLOTS:
        rules.append(BandRule(band=last, windows=(_window(spare, SLOTS),)))
    return BandCalendar(rules=tuple(rules))


def _window(first: int, stop: int) -> str:
    return f"{_clock(first)}-{_clock(stop)}"


def _clock(slot: int) -> str:
    return f"{slot * SLOT_MIN // 60:02d}:{slot * SLOT_MIN % 60:02d}"


def _import_kw(
    grid: TimeGrid, tariff: Tariff, band_kwh: dict[str, Decimal], slots: dict[str, range], demand_kw: Decimal | None
) -> tuple[FloatArray, tuple[Finding, ...]]:
    local = grid.local_starts(tariff.zone)
    slot_of_step = np.asarray((local.hour * 60 + local.minute) // SLOT_MIN)
    energy_kwh = sum(band_kwh.values(), ZERO)
    mean_kw = energy_kwh / (grid.n_steps * Decimal(SLOT_MIN) / 60)
    peak_steps = _peak_steps(slot_of_step, band_kwh, slots, demand_kw)
    for demand in (demand_kw, None):
        import_kw = np.zeros(grid.n_steps)
        for band, kwh in band_kwh.items():
            if not kwh:
                continue
            steps = np.flatnonzero(np.isin(slot_of_step, list(slots[band])))
            at_peak = np.intersect1d(steps, peak_steps) if demand is not None else np.array([], dtype=np.int64)
            import_kw[at_peak] = float(demand or 0)
            rest = np.setdiff1d(steps, at_peak)
            _fill(import_kw, rest, kwh - (demand or ZERO) * len(at_peak) / HOUR_SLOTS)
        others = np.setdiff1d(np.arange(grid.n_steps), peak_steps)
        if demand is None or (peak_steps.size and import_kw.min() >= 0 and import_kw[others].max() <= float(demand)):
            break
    if demand_kw is None:
        return import_kw, (DEMAND_UNKNOWN.at(mean_kw=f"{mean_kw:.1f}"),)
    if demand is None:
        said = {"demand_kw": str(demand_kw), "energy_kwh": str(energy_kwh), "mean_kw": f"{mean_kw:.1f}"}
        return import_kw, (PEAK_NOT_PLACED.at(**said),)
    return import_kw, ()


def _peak_steps(
    slot_of_step: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    band_kwh: dict[str, Decimal],
    slots: dict[str, range],
    demand_kw: Decimal | None,
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Give the four quarter-hours of one clock hour of the first day, in the band with most kWh."""
    nothing = np.array([], dtype=np.int64)
    if demand_kw is None or not slots:
        return nothing
    band = max(slots, key=lambda one: band_kwh[one])
    hours = (range(first, first + HOUR_SLOTS) for first in range(0, SLOTS, HOUR_SLOTS))
    hour = next((one for one in hours if one.start >= slots[band].start and one.stop <= slots[band].stop), None)
    if hour is None:
        return nothing
    first_day = np.arange(min(SLOTS, len(slot_of_step)))
    return first_day[np.isin(slot_of_step[first_day], list(hour))]


def _fill(import_kw: FloatArray, steps: Iterable[int], kwh: Decimal) -> None:
    """Spread kWh evenly over steps in powers whose sum is exact."""
    where = np.fromiter(steps, dtype=np.int64)
    if not where.size:
        return
    quarter = Decimal(SLOT_MIN) / 60
    even = int(kwh / (quarter * len(where)) * FINE)
    import_kw[where] = even / FINE
    left = kwh - Decimal(even) / FINE * quarter * len(where)
    import_kw[where[-1]] += round(left / quarter * FINE) / FINE


def _with_power_factor(load: BilledLoad, ebill: EBill, tariff: Tariff, energy_kwh: Decimal) -> BilledLoad:
    reactive = reactive_kvarh(ebill)
    if reactive is not None and any(isinstance(charge, ReactiveCharge) for charge in tariff.charges):
        hours = Decimal(load.grid.n_steps) * SLOT_MIN / 60
        return replace(load, reactive_kvar=np.full(load.grid.n_steps, float(reactive / hours)))
    return replace(load, power_factor=power_factor_as_billed(ebill, energy_kwh))


def power_factor_as_billed(ebill: EBill, energy_kwh: Decimal) -> Decimal | None:
    """Give the month's power factor: from the bill's own kWh and kvarh, else as printed; None: it has neither."""
    reactive = reactive_kvarh(ebill)
    printed = [block.active_kwh for block in ebill.blocks if block.active_kwh]
    active = sum(printed, ZERO) if printed else energy_kwh
    if reactive is not None and active:
        return power_factor_of(active, reactive)
    return printed_power_factor(ebill)
