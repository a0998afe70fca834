"""Typical days, load factor, hours of use, busy and quiet hours, share of energy by tariff band."""

from datetime import date

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.tariffs import EnergyCharge, Facts, Tariff
from domain.tariffs.periods import flag_days, step_bands
from domain.time import month_start
from forecasting.design import DayType
from forecasting.patterns.history import History

HABIT_H = 4
LEAST_DIP_SHARE = 0.1
"""Share of its shoulder below which a dip is not spoken of. [-]"""
MIN_PER_DAY = 1440


@noun(eq=False)
class TypicalDay:
    """What one kind of day looks like on the wall clock."""

    kind: DayType
    n_days: int
    """Measured days of the kind."""
    p10_kw: FloatArray
    """Shape (day_slots,), NaN where never measured. [kW]"""
    p50_kw: FloatArray
    p90_kw: FloatArray
    day_kwh: float
    """Median energy of such a day. [kWh]"""


@noun
class Habit:
    """The busiest or quietest hours of the typical working day."""

    from_min: int
    """Start on the wall clock, minutes after midnight. [min]"""
    length_min: int
    mean_kw: float
    to_day_mean_share: float
    """Mean of these hours over the mean of the day. [-]"""


@noun
class Dip:
    """How far the typical working day falls at midday."""

    at_min: int
    """Time of the lowest load, minutes after midnight. [min]"""
    depth_kw: float
    """Below the lower of the highest loads before and after. [kW]"""
    shoulder_kw: float
    dip_kwh: float
    """Energy missing below the shoulder, of one day. [kWh]"""


@noun
class LoadFactors:
    """How evenly the load is drawn."""

    day_share: float
    """Median over the days of mean load over highest load. [-]"""
    month_share: float
    """Median over the months of the same. [-]"""
    whole_share: float
    """The same over all that was measured. [-]"""
    highest_kw: float
    used_h: float
    """Energy over the highest load: how long it would last at full load. [h]"""
    measured_h: float


def typical_days(history: History) -> tuple[TypicalDay, ...]:
    """Give the profile of each kind of day that was measured."""
    found = []
    for kind in DayType:
        chosen = history.by_day_kw[history.whole_days & (history.types == kind)]
        if len(chosen) == 0:
            continue
        seen = np.isfinite(chosen).any(axis=0)
        rows = np.full((3, chosen.shape[1]), np.nan)
        rows[:, seen] = np.nanquantile(chosen[:, seen], (0.1, 0.5, 0.9), axis=0)
        found.append(
            TypicalDay(
                kind=kind,
                n_days=len(chosen),
                p10_kw=rows[0],
                p50_kw=rows[1],
                p90_kw=rows[2],
                day_kwh=float(np.median(np.nanmean(chosen, axis=1))) * 24,
            )
        )
    return tuple(found)


def load_factors(history: History) -> LoadFactors:
    """Give the load factors of day, month and all; months count where measured at least four fifths."""
    days = history.by_day_kw[history.whole_days]
    highest = np.nanmax(days, axis=1)
    by_day = np.nanmean(days, axis=1)[highest > 0] / highest[highest > 0]
    months = [_factor(part) for part in _month_loads(history).values()]
    known = history.load_kw[np.isfinite(history.load_kw)]
    highest_kw = float(known.max())
    return LoadFactors(
        day_share=float(np.median(by_day)) if by_day.size else 0.0,
        month_share=float(np.median(months)) if months else _factor(known),
        whole_share=_factor(known),
        highest_kw=highest_kw,
        used_h=history.energy_kwh / highest_kw if highest_kw > 0 else 0.0,
        measured_h=float(known.size) * history.step_h,
    )


def _factor(load_kw: FloatArray) -> float:
    highest = float(np.nanmax(load_kw))
    return float(np.nanmean(load_kw)) / highest if highest > 0 else 0.0


def _month_loads(history: History) -> dict[date, FloatArray]:
    found: dict[date, list[FloatArray]] = {}
    for number in np.flatnonzero(history.whole_days):
        found.setdefault(month_start(history.day(int(number))), []).append(history.by_day_kw[number])
    return {month: np.concatenate(rows) for month, rows in found.items() if len(rows) >= 24}  # noqa: PLR2004 -- of 28-31


def habits(days: tuple[TypicalDay, ...]) -> tuple[Habit, Habit] | None:
    """Give the busiest and the quietest four hours of the typical working day, over midnight where they lie so."""
    work = next((one for one in days if one.kind is DayType.WORKDAY), None)
    if work is None or np.isnan(work.p50_kw).any():
        return None
    slots = work.p50_kw.size
    width = HABIT_H * slots // 24
    ring = np.concatenate([work.p50_kw, work.p50_kw[: width - 1]])
    means = np.convolve(ring, np.full(width, 1 / width), mode="valid")
    day_mean = float(work.p50_kw.mean())

    def made(first: int) -> Habit:
        mean_kw = float(means[first])
        return Habit(
            from_min=first * MIN_PER_DAY // slots,
            length_min=HABIT_H * 60,
            mean_kw=mean_kw,
            to_day_mean_share=mean_kw / day_mean if day_mean > 0 else 0.0,
        )

    return made(int(np.argmax(means))), made(int(np.argmin(means)))


def midday_dip(days: tuple[TypicalDay, ...]) -> Dip | None:
    """Find the dip between 11 and 14 h of the typical working day; None below a tenth of its shoulder."""
    work = next((one for one in days if one.kind is DayType.WORKDAY), None)
    if work is None or np.isnan(work.p50_kw).any():
        return None
    per_h = work.p50_kw.size // 24
    at = 11 * per_h + int(np.argmin(work.p50_kw[11 * per_h : 14 * per_h]))
    shoulder_kw = min(float(work.p50_kw[9 * per_h : at + 1].max()), float(work.p50_kw[at : 16 * per_h].max()))
    depth_kw = shoulder_kw - float(work.p50_kw[at])
    if not depth_kw > LEAST_DIP_SHARE * abs(shoulder_kw):
        return None
    first, stop = at, at + 1
    while work.p50_kw[first - 1] < shoulder_kw:
        first -= 1
    while work.p50_kw[stop] < shoulder_kw:
        stop += 1
    missing = float((shoulder_kw - work.p50_kw[first:stop]).sum()) / per_h
    minute = at * MIN_PER_DAY // work.p50_kw.size
    return Dip(at_min=minute, depth_kw=depth_kw, shoulder_kw=shoulder_kw, dip_kwh=missing)


def band_names(history: History, tariff: Tariff, facts: Facts) -> tuple[str, ...] | None:
    """Give the name of the tariff's band at every step; None where it has no energy charge by band."""
    charge = next((one for one in tariff.charges if isinstance(one, EnergyCharge)), None)
    if charge is None:
        return None
    flagged = flag_days(tariff, facts, (charge.calendar,)) if tariff.day_flags else frozenset()
    places = step_bands(charge.calendar, history.meter.grid, tariff.zone, tariff.calendar, flagged)
    return tuple(charge.calendar.bands[place] for place in places.tolist())


def band_kwh(history: History, names: tuple[str, ...]) -> dict[str, float]:
    """Give the energy measured in each band. [kWh]."""
    every = np.array(names)
    energy = np.nan_to_num(history.load_kw) * history.step_h
    return {str(band): float(energy[every == band].sum()) for band in dict.fromkeys(names)}
