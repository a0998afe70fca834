"""Courses and quantiles from the errors of whole past days.

A peak is made by coincidence, so a sampled day takes its error from one whole past day of the same
kind: the error keeps the day's shape. Quantiles come from the same past days, neighbouring slots pooled.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.clock import IntArray
from forecasting.design import DayType, DayTypes

LEAST_SHARE = 0.75
"""Share of a past day's slots that must be known for it to lend its error. [-]"""
LEAST_SOURCES = 3
"""Past days of a kind below which other kinds lend their errors too. [-]"""
POOL_H = 0.5
"""Errors up to this far to either side join a slot's quantiles. [h]"""
POOL_POINTS = 5


@noun(eq=False)
class ErrorDays:
    """The errors of the history's whole local days, ready to be drawn from."""

    errors_kw: Callable[[int], FloatArray]
    """Errors on the wall-clock ladder, by the lead in blocks of 24 h. [kW]"""
    types: DayTypes
    """Kind of each whole day of the ladder."""
    day_slots: int
    """Slots of a day. [-]"""

    def sources(self, kind: DayType) -> tuple[IntArray, float]:
        """Give the past days that lend their errors to a kind of day, and by what they are widened.

        The shape of a kind of day was fitted to its own ``n`` days. Seen from within, their errors are
        short by ``sqrt(1 - 1/n)``; a new day's are wide by ``sqrt(1 + 1/n)``.
        """
        known = np.isfinite(self.errors_kw(1)[: self.types.size * self.day_slots]).reshape(-1, self.day_slots)
        usable = known.mean(axis=1) >= LEAST_SHARE
        rests = self.types != DayType.WORKDAY
        for alike in (self.types == kind, rests == (kind != DayType.WORKDAY), np.ones_like(rests)):
            days = np.flatnonzero(usable & alike)
            if days.size >= LEAST_SOURCES:
                return days, math.sqrt((days.size + 1) / (days.size - 1))
        return np.flatnonzero(known.any(axis=1)), 1.0

    def drawn_kw(self, days: IntArray, slots_of_day: IntArray, leads: IntArray) -> FloatArray:
        """Give the errors of past days at given slots as they were at given leads, ``(n_days, n_slots)``. [kW]."""
        drawn_kw = np.empty((days.size, slots_of_day.size))
        for lead in np.unique(leads):
            here = leads == lead
            whole_kw = self.errors_kw(int(lead))[: self.types.size * self.day_slots]
            filled_kw = _without_holes(whole_kw.reshape(-1, self.day_slots)[days])
            drawn_kw[:, here] = filled_kw[:, slots_of_day[here]]
        return drawn_kw


def sampled_errors_kw(
    past: ErrorDays, *, slots: IntArray, leads: IntArray, types: DayTypes, n_samples: int, seed: int
) -> FloatArray:
    """Draw errors day by day, each from one whole past day of the same kind, ``(n_samples, n_steps)``. [kW].

    Parameters
    ----------
    past : ErrorDays
        The days drawn from.
    slots : IntArray
        Wall-clock slot of each step of the horizon.
    leads : IntArray
        Blocks of 24 h that each step lies ahead of the last measured one.
    types : DayTypes
        Kind of day of each step.
    n_samples : int
        How many courses. [-]
    seed : int
        Seed of the draw.
    """
    random = np.random.default_rng(seed)
    drawn_kw = np.empty((n_samples, slots.size))
    for first, stop in _days(slots, past.day_slots):
        days, widening = past.sources(DayType(types[first]))
        chosen = random.permuted(np.resize(random.permutation(days), n_samples))
        of_day = slots[first:stop] % past.day_slots
        drawn_kw[:, first:stop] = widening * past.drawn_kw(chosen, of_day, leads[first:stop])
    return drawn_kw


def error_quantiles_kw(
    past: ErrorDays, *, slots: IntArray, leads: IntArray, types: DayTypes, levels: tuple[float, ...]
) -> FloatArray:
    """Give the quantiles of the same days' errors, ``(n_levels, n_steps)``. [kW]."""
    quantiles_kw = np.empty((len(levels), slots.size))
    half = POOL_H / 24 * past.day_slots
    offsets = np.unique(np.linspace(-half, half, POOL_POINTS).astype(np.int64))
    for first, stop in _days(slots, past.day_slots):
        days, widening = past.sources(DayType(types[first]))
        of_day = slots[first:stop] % past.day_slots
        pooled_kw = np.concatenate(
            [
                past.drawn_kw(days, np.clip(of_day + offset, 0, past.day_slots - 1), leads[first:stop])
                for offset in offsets
            ]
        )
        quantiles_kw[:, first:stop] = widening * np.quantile(pooled_kw, levels, axis=0)
    return quantiles_kw


def _days(slots: IntArray, day_slots: int) -> list[tuple[int, int]]:
    """Split a horizon's steps into local days: first and stop (exclusive) of each."""
    edges = np.flatnonzero(np.diff(slots // day_slots)) + 1
    bounds = [0, *edges.tolist(), slots.size]
    return list(pairwise(bounds))


def _without_holes(days_kw: FloatArray) -> FloatArray:
    """Bridge the holes of each day's errors by straight lines; the day itself is no forecast, only its shape."""
    filled_kw = days_kw.copy()
    places = np.arange(days_kw.shape[1])
    for row in filled_kw:
        known = np.isfinite(row)
        if not known.all():
            row[~known] = np.interp(places[~known], places[known], row[known])
    return filled_kw
