"""Evaluate the quantities of a bill on a load, for all of its samples at once.

A demand is the highest mean over the measurement windows; of a block that lies only partly in the charge's window, or
that a clock change cuts short, the steps inside count. A demand below zero counts as zero.
"""

from decimal import Decimal

import numpy as np

from domain.checks import FloatArray
from domain.tariffs.atoms import STEP_TOLERANCE
from domain.tariffs.bills import BilledLoad
from domain.tariffs.decimals import as_decimal
from domain.tariffs.power_factor import adjustment_rate, given_power_factor, power_factor_of, tangent
from domain.tariffs.quantities import (
    Billed,
    Energy,
    Given,
    Hinge,
    IntArray,
    Largest,
    Peak,
    PowerFactor,
    Quantity,
    Rated,
    Step,
    Sum,
    Windows,
)
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.terms import UNBLOCKED


class Reading:
    """A load's quantities, each measured once."""

    def __init__(self, load: BilledLoad, supply: SupplyPoint) -> None:
        self.load = load
        self.supply = supply
        self.n_samples = int(load.import_kw.shape[0])
        self._known: dict[int, FloatArray] = {}
        self._kept: list[Quantity] = []  # identities stay valid while their nodes live

    def of(self, quantity: Quantity) -> FloatArray:
        """Give a quantity of every sample, shape (n_samples,)."""
        found = self._known.get(id(quantity))
        if found is None:
            found = self._measure(quantity)
            self._known[id(quantity)] = found
            self._kept.append(quantity)
        return found

    def know(self, quantity: Quantity, values: FloatArray) -> None:
        """Take a quantity as measured elsewhere, shape (n_samples,)."""
        self._known[id(quantity)] = values
        self._kept.append(quantity)

    def _measure(self, quantity: Quantity) -> FloatArray:  # noqa: C901, PLR0911 -- one arm per kind of quantity
        match quantity:
            case Given():
                return np.full(self.n_samples, quantity.value)
            case Energy():
                return self._energy(quantity)
            case Peak():
                return self._peak(quantity)
            case Sum():
                return self._sum(quantity.parts, quantity.constant)
            case Largest():
                values = [coefficient * self.of(part) for coefficient, part in quantity.parts]
                return np.asarray(np.maximum.reduce([np.full(self.n_samples, quantity.least), *values]))
            case Hinge():
                return np.maximum(0.0, self.of(quantity.of))
            case Step():
                edge = STEP_TOLERANCE if quantity.strict else -STEP_TOLERANCE
                return np.where(self.of(quantity.when) >= edge, self.of(quantity.amount), 0.0)
            case PowerFactor():
                return np.array([float(one) for one in self.power_factors(quantity.first, quantity.stop)])
            case Rated():
                return np.array([float(rate) for rate in self.rates(quantity)]) * self.of(quantity.of)
            case Billed():
                return np.array([float(quantity.over.billed_kw(as_decimal(one))) for one in self.of(quantity.demand)])

    def rates(self, rated: Rated) -> tuple[Decimal, ...]:
        """Give the rate that each sample's power factor earns. [-]."""
        return tuple(adjustment_rate(rated.standard, one) for one in self.power_factors(rated.first, rated.stop))

    def _sum(self, parts: tuple[tuple[float, Quantity], ...], constant: float) -> FloatArray:
        total = np.full(self.n_samples, constant)
        for coefficient, part in parts:
            total = total + coefficient * self.of(part)
        return total

    def rows(self, channel: str, first: int, stop: int) -> FloatArray:
        """Give one channel of some steps; reactive power that is not metered follows from the power factor."""
        load = self.load
        if channel == "import":
            return load.import_kw[:, first:stop]
        if channel == "export":
            return np.zeros((self.n_samples, stop - first)) if load.export_kw is None else load.export_kw[:, first:stop]
        if load.reactive_kvar is not None:
            return load.reactive_kvar[:, first:stop]
        known = given_power_factor(load.power_factor, self.supply)
        return np.asarray(tangent(known) * load.import_kw[:, first:stop])

    def _energy(self, energy: Energy) -> FloatArray:
        rows = self.rows(energy.channel, energy.first, energy.stop)
        summed = rows.sum(axis=1) if energy.weights is None else rows @ energy.weights
        return np.asarray(summed * self.load.grid.step_h, dtype=np.float64)

    def _peak(self, peak: Peak) -> FloatArray:
        windows = peak.windows
        rows_kw = self.rows("reactive" if peak.power == "kvar" else "import", windows.first, windows.stop)
        means, places = window_means(rows_kw, windows)
        if peak.power == "kva":
            if self.load.reactive_kvar is None:
                means = means / float(given_power_factor(self.load.power_factor, self.supply))
            else:
                rows_kvar = self.rows("reactive", windows.first, windows.stop)
                means = np.hypot(means, window_means(rows_kvar, windows)[0])
        if means.shape[1] == 0:
            return np.zeros(self.n_samples)
        if peak.n_highest == 1:
            return np.asarray(np.maximum(means.max(axis=1), 0.0))
        if peak.days is not None:
            means = daily_highest(means, peak.days[places])
        return mean_of_highest(means, peak.n_highest)

    def power_factors(self, first: int, stop: int) -> tuple[Decimal, ...]:
        """Give each sample's power factor over some steps: from metered reactive energy, else as given."""
        if self.load.reactive_kvar is None:
            known = given_power_factor(self.load.power_factor, self.supply)
            return (known,) * self.n_samples
        active = self.load.import_kw[:, first:stop].sum(axis=1) * self.load.grid.step_h
        reactive = self.load.reactive_kvar[:, first:stop].sum(axis=1) * self.load.grid.step_h
        found: tuple[Decimal, ...] = tuple(
            power_factor_of(as_decimal(a), as_decimal(r))
            for a, r in zip(active.tolist(), reactive.tolist(), strict=True)
        )
        return found


def window_means(rows: FloatArray, windows: Windows) -> tuple[FloatArray, IntArray]:
    """Give each measurement window's mean, shape (n_samples, n_windows), and the step at which it begins."""
    if windows.width_steps:
        starts = windows.runs()
        if starts.size == 0:
            return np.zeros((rows.shape[0], 0)), starts
        view = np.lib.stride_tricks.sliding_window_view(rows, windows.width_steps, axis=1)
        return np.asarray(view[:, starts].mean(axis=2)), starts
    inside = np.flatnonzero(windows.blocks != UNBLOCKED)
    if inside.size == 0:
        return np.zeros((rows.shape[0], 0)), inside
    numbers = windows.blocks[inside]
    firsts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    if firsts.size == rows.shape[1]:
        return rows, inside
    sums = np.add.reduceat(rows if inside.size == rows.shape[1] else rows[:, inside], firsts, axis=1)
    return np.asarray(sums / np.diff(firsts, append=inside.size)), inside[firsts]


def daily_highest(means: FloatArray, day_of_window: IntArray) -> FloatArray:
    """Give each day's highest window mean, shape (n_samples, n_days)."""
    firsts = np.flatnonzero(np.diff(day_of_window, prepend=day_of_window[0] - 1))
    return np.asarray(np.maximum.reduceat(means, firsts, axis=1))


def mean_of_highest(values: FloatArray, n_highest: int) -> FloatArray:
    """Give the mean of each row's highest few values; where there are fewer, zeros make up the number."""
    missing = max(0, n_highest - values.shape[1])
    padded = np.pad(np.maximum(values, 0.0), ((0, 0), (0, missing)))
    highest = np.partition(padded, padded.shape[1] - n_highest, axis=1)[:, -n_highest:]
    return np.asarray(highest.mean(axis=1))
