"""Courses, quantiles and peaks of a horizon from the errors of whole past days, calibrated.

A peak is made by coincidence, so a sampled day takes its error from one whole past day of the same
kind: the error keeps the day's shape. Quantiles come from the same past days, neighbouring slots pooled, at levels
that follow missed coverage; peaks have a calibration of their own, and the sampled days' peaks agree with it.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.calibration import PastDays, PastPeaks, courses_with_peaks
from forecasting.calibration.conformal import MIDDLE
from forecasting.calibration.steps import neighbours
from forecasting.clock import IntArray
from forecasting.design import DayTypes

LEAST_SHARE = 0.75
"""Share of a past day's slots that must be known for it to lend its error. [-]"""
LEAST_DAYS = 5
"""Past days below which a lead borrows the errors of a shorter one, widened. [-]"""
LEAST_OWN = 3
"""Fitted days of a kind below which the middle is that of the tested errors. [-]"""
BORROWED, UNTESTED = 1.25, 1.5
"""What borrowed errors, and residuals that no forecast was tested on, are widened by. [-]"""
POOL_H = 0.5
"""Errors up to this far to either side join a slot's quantiles. [h]"""
PEAK_LEVELS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
"""Levels at which the peaks' distribution is laid on the sampled days. [-]"""
LEAST_WIDENING, MOST_WIDENING = 0.5, 3.0
"""Sampled errors are drawn together or apart by no more than this to agree with the quantiles. [-]"""
INNER, OUTER = 0.1, 0.9


@noun(eq=False)
class ErrorDays:
    """Loads and forecast errors of past whole local days, ready to be drawn from."""

    load_kw: FloatArray
    """Load on the wall-clock ladder. [kW]"""
    errors_kw: Callable[[int], FloatArray]
    """Errors on the ladder, NaN where there was no forecast, by the lead in blocks of 24 h. [kW]"""
    fitted_kw: Callable[[int], FloatArray]
    """What the model leaves of the days that it was fitted to, by lead, NaN before; 0 is without corrections. [kW]"""
    types: DayTypes
    """Kind of each whole day of the ladder."""
    day_slots: int
    """Slots of a day. [-]"""

    def by_day(self, ladder_kw: FloatArray) -> FloatArray:
        """Cut a ladder into its whole days."""
        return ladder_kw[: self.types.size * self.day_slots].reshape(-1, self.day_slots)

    def lent_to(self, day: "DayAsked") -> tuple[FloatArray, IntArray, bool]:
        """Give the errors that past days lend to a day, at its slots and leads.

        Returns
        -------
        FloatArray
            Shape ``(n_days, n_steps)``, small holes bridged. [kW]
        IntArray
            Which of the ladder's days they are.
        bool
            Whether they are errors of forecasts made that long before; if not, they are widened.
        """
        for longest in dict.fromkeys((int(day.leads.max()), 7, 3, 1)):
            leads = np.minimum(day.leads, longest)
            errors_kw, days = self._usable(self._at(self.errors_kw, day.slots_of_day, leads), LEAST_SHARE)
            if days.size >= LEAST_DAYS:
                own = longest >= int(day.leads.max())
                return (1.0 if own else BORROWED) * errors_kw, days, own
        left_kw = self.by_day(self.fitted_kw(0))[:, day.slots_of_day]
        for share in (LEAST_SHARE, 0.0):
            errors_kw, days = self._usable(left_kw, share)
            if days.size >= LEAST_DAYS:
                break
        return UNTESTED * errors_kw, days, False

    def usual_kw(self, day: "DayAsked", pool: int) -> FloatArray | None:
        """Give the median error of the present model on its own days of a kind, None where there are too few. [kW].

        For the middle it serves better than tested errors, whose models were younger and knew less: steel plant, WAPE
        over 7 days 39.1 % with it, 40.2 % with the others' median.
        """
        left_kw, days = self._usable(self._at(self.fitted_kw, day.slots_of_day, day.leads), LEAST_SHARE)
        own_kw = left_kw[self.types[days] == day.kind]
        if len(own_kw) < LEAST_OWN:
            return None
        return np.asarray(np.median(neighbours(own_kw, pool), axis=(0, 1)), dtype=np.float64)

    def _at(self, errors_of: Callable[[int], FloatArray], slots_of_day: IntArray, leads: IntArray) -> FloatArray:
        at_kw = np.empty((self.types.size, slots_of_day.size))
        for lead in np.unique(leads):
            here = leads == lead
            at_kw[:, here] = self.by_day(errors_of(int(lead)))[:, slots_of_day[here]]
        return at_kw

    @staticmethod
    def _usable(errors_kw: FloatArray, share: float) -> tuple[FloatArray, IntArray]:
        known = np.isfinite(errors_kw)
        days = np.flatnonzero((known.mean(axis=1) >= share) & known.any(axis=1))
        return _without_holes(errors_kw[days]), days


@noun(eq=False)
class DayAsked:
    """One local day of a horizon, or the part of it that the horizon covers."""

    first: int
    """First step on the horizon. [-]"""
    stop: int
    """Step after the last. [-]"""
    kind: int
    """Kind of the day."""
    slots_of_day: IntArray
    """Wall-clock slot of each step, counted from the day's midnight. [-]"""
    leads: IntArray
    """Blocks of 24 h that each step lies ahead of the last measured one. [-]"""


@noun(eq=False)
class DayCalibration:
    """What past days say of the errors of a kind of day at given slots and leads."""

    levels: tuple[float, ...]
    """Levels of the quantiles. [-]"""
    quantiles_kw: FloatArray
    """Errors at the levels, shape ``(n_levels, n_steps)``. [kW]"""
    peak_levels: tuple[float, ...]
    """Levels of the peak's error, the ``levels`` among them. [-]"""
    peak_error_kw: FloatArray
    """Highest load - highest forecast at ``peak_levels``. [kW]"""
    blocks_kw: FloatArray
    """Whole-day errors for the courses, at one width with the quantiles, shape ``(n_lent, n_steps)``. [kW]"""
    origin_count: int
    """Past days that it rests on. [-]"""
    tested: bool
    """Whether these are errors of forecasts made as long before as this one."""

    def samples_kw(self, mean_kw: FloatArray, n_samples: int, random: np.random.Generator) -> FloatArray:
        """Draw courses' errors, each from one past day, shape ``(n_samples, n_steps)``. [kW]."""
        chosen = random.permuted(np.resize(random.permutation(len(self.blocks_kw)), n_samples))
        peaks_kw = mean_kw.max() + self.peak_error_kw
        return courses_with_peaks(mean_kw, self.blocks_kw[chosen], self.peak_levels, peaks_kw)

    def peak_kw(self, mean_kw: FloatArray) -> FloatArray:
        """Give the highest load at the levels, shape ``(n_levels,)``. [kW]."""
        at = [self.peak_levels.index(level) for level in self.levels]
        return np.asarray(mean_kw.max() + self.peak_error_kw[at], dtype=np.float64)


def days_asked(slots: IntArray, types: DayTypes, leads: IntArray, day_slots: int) -> list[DayAsked]:
    """Split a horizon's steps into local days."""
    edges = np.flatnonzero(np.diff(slots // day_slots)) + 1
    return [
        DayAsked(
            first=first,
            stop=stop,
            kind=int(types[first]),
            slots_of_day=slots[first:stop] % day_slots,
            leads=leads[first:stop],
        )
        for first, stop in pairwise([0, *edges.tolist(), slots.size])
    ]


def calibrated_day(past: ErrorDays, day: DayAsked, levels: tuple[float, ...]) -> DayCalibration:
    """Calibrate one day of a horizon on past days.

    Parameters
    ----------
    past : ErrorDays
        The days drawn from; at least one must hold a value.
    day : DayAsked
        The day.
    levels : tuple of float
        Levels of the quantiles, ascending. [-]
    """
    errors_kw, numbers, tested = past.lent_to(day)
    kinds = past.types[numbers]
    lead_days = max(1, int(day.leads.max()))
    days = PastDays(errors_kw=errors_kw, kinds=kinds, numbers=numbers, lead_days=lead_days)
    asked = tuple(sorted({*levels, INNER, OUTER}))
    pool = int(POOL_H / 24 * past.day_slots)
    bounds_kw = days.quantiles_kw(day.kind, asked, pool=pool)
    usual_kw = past.usual_kw(day, pool)
    if usual_kw is not None and MIDDLE in asked:
        middle = asked.index(MIDDLE)
        # The outer quantiles are promises and stay; the middle must lie between its neighbours.
        below = bounds_kw[middle - 1] if middle else usual_kw
        bounds_kw[middle] = np.clip(usual_kw, below, bounds_kw[middle + 1])
    loads_kw = past.by_day(past.load_kw)[numbers][:, day.slots_of_day]
    known = np.isfinite(loads_kw)
    peak_levels = tuple(sorted({*levels, *PEAK_LEVELS}))
    peaks = PastPeaks(
        errors_kw=_highest(loads_kw, known) - _highest(loads_kw - errors_kw, known),
        kinds=kinds,
        delay=lead_days - 1,
        independent_count=max(1.0, numbers.size / math.sqrt(lead_days)),
    )
    blocks_kw = errors_kw[days.alike(day.kind)]
    width_kw = float((bounds_kw[asked.index(OUTER)] - bounds_kw[asked.index(INNER)]).mean())
    raw_kw = float(np.diff(np.quantile(blocks_kw, (INNER, OUTER), axis=0), axis=0).mean())
    widening = float(np.clip(width_kw / raw_kw, LEAST_WIDENING, MOST_WIDENING)) if raw_kw > 0 else 1.0
    return DayCalibration(
        levels=levels,
        quantiles_kw=bounds_kw[[asked.index(level) for level in levels]],
        peak_levels=peak_levels,
        peak_error_kw=peaks.quantiles_kw(day.kind, peak_levels),
        blocks_kw=widening * blocks_kw,
        origin_count=int(numbers.size),
        tested=tested,
    )


def _highest(values_kw: FloatArray, known: np.ndarray) -> FloatArray:
    return np.asarray(np.where(known, values_kw, -np.inf).max(axis=1), dtype=np.float64)


def period_peak_errors_kw(past: ErrorDays, days: list[DayAsked]) -> FloatArray:
    """Give by how much the highest load of past stretches of so many days beat the highest forecast. [kW].

    One error for each past day on which a stretch could begin, in order of time; stretches overlap.
    """
    n_starts = past.types.size - len(days) + 1
    if n_starts <= 0:
        return np.empty(0)
    load_kw = past.by_day(past.load_kw)
    highest_kw, said_kw = np.full(n_starts, -np.inf), np.full(n_starts, -np.inf)
    for later, day in enumerate(days):
        lead = int(day.leads.max())
        errors_kw = past.by_day(past.errors_kw(lead))[later : later + n_starts][:, day.slots_of_day]
        actual_kw = load_kw[later : later + n_starts][:, day.slots_of_day]
        known = np.isfinite(errors_kw)
        enough = known.mean(axis=1) >= LEAST_SHARE
        for most_kw, values_kw in ((highest_kw, actual_kw), (said_kw, actual_kw - errors_kw)):
            day_kw = np.where(known, values_kw, -np.inf).max(axis=1)
            np.maximum(most_kw, np.where(enough, day_kw, np.nan), out=most_kw)
    off_kw = highest_kw - said_kw
    return np.asarray(off_kw[np.isfinite(off_kw)], dtype=np.float64)


def usual_errors_kw(residual_kw: FloatArray, slots: IntArray, types: DayTypes, day_types: DayTypes) -> FloatArray:
    """Give the median residual of the kind of day at each slot's place in the day, 0 where none is known. [kW].

    Parameters
    ----------
    residual_kw : FloatArray
        What the shapes leave, shape (n_days, day_slots). [kW]
    slots : IntArray
        Wall-clock slots asked about.
    types : DayTypes
        Kind of day of each slot asked about.
    day_types : DayTypes
        Kind of each day of ``residual_kw``.
    """
    day_slots = residual_kw.shape[1]
    medians_kw = np.zeros((int(max(types.max(), day_types.max())) + 1, day_slots))
    for kind in np.unique(types):
        own_kw = residual_kw[day_types == kind]
        seen = np.isfinite(own_kw).any(axis=0)
        medians_kw[kind, seen] = np.nanmedian(own_kw[:, seen], axis=0)
    return np.asarray(medians_kw[types, slots % day_slots], dtype=np.float64)


def _without_holes(days_kw: FloatArray) -> FloatArray:
    """Bridge the holes of each day's errors by straight lines; the day itself is no forecast, only its shape."""
    filled_kw = days_kw.copy()
    places = np.arange(days_kw.shape[1])
    for row in filled_kw:
        known = np.isfinite(row)
        if not known.all():
            row[~known] = np.interp(places[~known], places[known], row[known])
    return filled_kw
