"""A peak over a planning horizon: which of its measurement windows a schedule can change, and what the others reach."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
from scipy import sparse

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.atoms import PeakAtom, TopAtom
from domain.tariffs.bills import BillingWindow
from domain.tariffs.power_factor import given_power_factor, tangent
from domain.tariffs.quantities import IntArray, Peak
from domain.tariffs.reading import daily_highest, mean_of_highest, window_means
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.terms import UNBLOCKED
from domain.text import Text
from domain.time import zone_of


class HorizonSplitsBlockError(WattplanError):
    """The planning horizon begins or ends inside a measurement block."""

    code = "horizon_splits_block"
    words = Text(
        en="Charge {charge_id} measures over {measurement_min} minutes and the horizon's edge {edge} lies inside "
        "such a block. Start and end the horizon on the block's edges.",
        zh="费用项 {charge_id} 的需量周期为 {measurement_min} 分钟，而计划期边界 {edge} 落在周期之内。"
        "请使计划期的起止与需量周期对齐。",
    )


class SlidingTopError(WattplanError):
    """A demand charge that can be billed and not planned against."""

    code = "sliding_top"
    words = Text(
        en="Demand charge {label}: {problem}. It can be billed; leave the package out of plans.",
        zh="需量电费 {label}：{problem}。可以计费，但请勿用于计划。",
    )


class ApparentPowerPlannedError(WattplanError):
    """A charge on apparent power, where the plan decides reactive power."""

    code = "apparent_power_planned"
    words = Text(
        en="Charge {label} counts apparent power (kVA), and the plan decides the site's reactive power: the two together "
        "cannot be planned exactly. Leave out the site's base_power_factor or base_kvar to plan with a given power factor.",
        zh="费用项 {label} 按视在功率（kVA）计量，而计划又要决定厂区无功：两者无法同时精确计划。"
        "请去掉厂区的 base_power_factor 或 base_kvar，按给定功率因数做计划。",
    )


@noun(eq=False)
class Split:
    """A peak's windows that meet the horizon, and the highest of the others."""

    means: sparse.csr_array
    """Weight of each horizon step in each window's mean, shape (n_windows, n_steps)."""
    window_other_kw: FloatArray | None
    """What steps outside bring to a window that straddles the edge, shape (n_windows, n_samples). [kW]"""
    other_kw: FloatArray
    """Highest window outside, at least 0, shape (n_samples,). [kW]"""


class PeakSplitter:
    """Splits peaks by the horizon of one billing window."""

    def __init__(self, window: BillingWindow, supply: SupplyPoint, zone: str) -> None:
        self.window = window
        self.supply = supply
        self.zone = zone

    @property
    def power_factor(self) -> Decimal:
        """The months' power factor. [-]."""
        return given_power_factor(self.window.power_factor, self.supply)

    def scale(self, peak: Peak) -> float:
        """Give what a kW of import is in the peak's own unit."""
        match peak.power:
            case "kw":
                return 1.0
            case "kva":
                if self.window.around_kvar is not None:
                    raise ApparentPowerPlannedError(label=peak.label)
                return 1.0 / float(self.power_factor)
            case "kvar":
                return 1.0 if self.is_reactive(peak) else tangent(self.power_factor)

    def is_reactive(self, peak: Peak) -> bool:
        """Say whether a peak is one of the reactive power that the window has and a schedule brings."""
        return peak.power == "kvar" and self.window.around_kvar is not None

    def around(self, peak: Peak) -> FloatArray:
        """Give what lies around the horizon of the power that a peak measures, shape (n_samples, n_steps). [kW or kvar]."""
        kvar = self.window.around_kvar
        return self.window.around_kw if kvar is None or peak.power != "kvar" else kvar

    def touches(self, peak: Peak) -> bool:
        """Say whether any of a peak's windows meets the horizon."""
        blocks, _ = self.inner_blocks(peak)
        return bool((blocks != UNBLOCKED).any())

    def inner_blocks(self, peak: Peak) -> tuple[IntArray, IntArray]:
        """Give the blocks of the horizon's steps, and those of the peak's own steps outside the horizon."""
        windows, window = peak.windows, self.window
        whole = np.full(window.grid.n_steps, UNBLOCKED, dtype=np.int64)
        whole[windows.first : windows.stop] = windows.blocks
        outside = whole.copy()
        outside[window.first : window.stop] = UNBLOCKED
        return whole[window.first : window.stop], outside

    def _must_not_split(self, peak: Peak, inside: IntArray, outside: IntArray) -> None:
        both = np.intersect1d(inside[inside != UNBLOCKED], outside[outside != UNBLOCKED])
        if both.size == 0:
            return
        window = self.window
        straddles_first = (outside[: window.first] == both[0]).any()
        edge = window.first if straddles_first else window.stop
        raise HorizonSplitsBlockError(
            charge_id=peak.label.rsplit(" ", 1)[0],
            measurement_min=peak.windows.measurement_min,
            edge=window.grid.at(edge).astimezone(zone_of(self.zone)).isoformat(),
        )

    def outside_peak_kw(self, peak: Peak) -> FloatArray:
        """Give the highest mean of the blocks outside the horizon, at least 0, shape (n_samples,)."""
        inside, outside = self.inner_blocks(peak)
        self._must_not_split(peak, inside, outside)
        held = replace(peak.windows, first=0, stop=self.window.grid.n_steps, blocks=outside)
        means, _ = window_means(self.around(peak), held)
        if means.shape[1] == 0:
            return np.zeros(self.window.n_samples)
        return np.asarray(np.maximum(means.max(axis=1), 0.0))

    def split(self, peak: Peak) -> Split:
        """Split a peak's windows by the horizon; sliding windows over its edge keep their known part."""
        if peak.windows.width_steps:
            return self._split_sliding(peak)
        inside, _ = self.inner_blocks(peak)
        other_kw = self.outside_peak_kw(peak)
        steps = np.flatnonzero(inside != UNBLOCKED)
        numbers, rows = np.unique(inside[steps], return_inverse=True)
        counts = np.bincount(rows, minlength=numbers.size)
        shape = (numbers.size, inside.size)
        means = sparse.csr_array((1.0 / counts[rows], (rows, steps)), shape=shape)
        return Split(means=means, window_other_kw=None, other_kw=other_kw)

    def _split_sliding(self, peak: Peak) -> Split:
        windows, window, width = peak.windows, self.window, peak.windows.width_steps
        starts = windows.runs() + windows.first
        touching = (starts < window.stop) & (starts + width > window.first)
        known = np.nan_to_num(self.around(peak))
        view = np.lib.stride_tricks.sliding_window_view(known, width, axis=1).mean(axis=2)
        far = starts[~touching]
        other_kw = np.maximum(view[:, far].max(axis=1), 0.0) if far.size else np.zeros(window.n_samples)
        near = starts[touching]
        rows, steps = [], []
        for row, start in enumerate(near.tolist()):
            held = range(max(start, window.first), min(start + width, window.stop))
            rows += [row] * len(held)
            steps += [step - window.first for step in held]
        shape = (near.size, window.stop - window.first)
        means = sparse.csr_array((np.full(len(rows), 1.0 / width), (rows, steps)), shape=shape)
        return Split(means=means, window_other_kw=view[:, near].T, other_kw=np.asarray(other_kw))

    def top(self, peak: Peak) -> TopAtom | FloatArray:
        """Split the mean of the highest few: days (or single windows) that the horizon touches are groups.

        Gives its values, shape (n_samples,), where the horizon touches none.

        Raises
        ------
        SlidingTopError
        """
        inside, outside = self.inner_blocks(peak)
        if peak.windows.width_steps:
            problem = Text(en="a sliding mean of several peaks cannot be planned", zh="无法针对滑差多峰均值做计划")
            raise SlidingTopError(label=peak.label, problem=problem)
        self._must_not_split(peak, inside, outside)
        held = replace(peak.windows, first=0, stop=self.window.grid.n_steps, blocks=outside)
        means, places = window_means(self.window.around_kw, held)
        split = self.split(peak)
        scale, n_highest, n_samples = self.scale(peak), peak.n_highest, self.window.n_samples
        if split.means.shape[0] == 0:
            if peak.days is not None and means.shape[1]:
                means = daily_highest(means, peak.days[places - peak.windows.first])
            return scale * mean_of_highest(means, n_highest)
        steps = np.flatnonzero(inside != UNBLOCKED)
        first_step = np.array([steps[inside[steps] == number][0] for number in np.unique(inside[steps])])
        if peak.days is None:
            groups = np.arange(split.means.shape[0])
            group_other = np.zeros((groups.size, n_samples))
            far = means
        else:
            day = peak.days[first_step + self.window.first - peak.windows.first]
            names, groups = np.unique(day, return_inverse=True)
            day_outside = peak.days[places - peak.windows.first]
            group_other = np.zeros((names.size, n_samples))
            for number, name in enumerate(names.tolist()):
                here = means[:, day_outside == name]
                if here.shape[1]:
                    group_other[number] = np.maximum(here.max(axis=1), 0.0)
            far = means[:, ~np.isin(day_outside, names)]
            if far.shape[1]:
                far = daily_highest(far, day_outside[~np.isin(day_outside, names)])
        missing = max(0, n_highest - far.shape[1])
        padded = np.sort(np.pad(np.maximum(far, 0.0), ((0, 0), (0, missing))), axis=1)[:, -n_highest:]
        return TopAtom(
            label=peak.label,
            n_highest=n_highest,
            means=sparse.csr_array(scale * split.means),
            group_of_window=tuple(groups.tolist()),
            group_other_kw=scale * group_other,
            other_kw=scale * padded.T,
        )


def peak_atom(
    label: str, splits: list[tuple[float, Split]], least_kw: FloatArray, *, is_reactive: bool = False
) -> PeakAtom:
    """Make one peak of several, each scaled; numbers are the least it can be."""
    n_samples = least_kw.size
    other_kw = np.maximum.reduce([least_kw, *(scale * split.other_kw for scale, split in splits)])
    straddling = any(split.window_other_kw is not None for _, split in splits)
    window_other = None
    if straddling:
        blank = [np.zeros((split.means.shape[0], n_samples)) for _, split in splits]
        window_other = np.concatenate(
            [
                zeros if split.window_other_kw is None else scale * split.window_other_kw
                for zeros, (scale, split) in zip(blank, splits, strict=True)
            ]
        )
    means = sparse.csr_array(sparse.vstack([scale * split.means for scale, split in splits]))
    return PeakAtom(label=label, means=means, window_other_kw=window_other, other_kw=other_kw, is_reactive=is_reactive)
