"""Peaks have errors of their own: how far the highest load lay above the highest forecast."""

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.text import Text
from forecasting.calibration.adaptive import GAMMA, adapted_level
from forecasting.calibration.conformal import conformal_quantile

IntArray = npt.NDArray[np.int64]

OWN_WEIGHT = 4.0
"""Days of all kinds that weigh in when a kind's own spread of errors is taken. [-]"""
LEAST_OWN = 3
"""Peaks of a kind below which its centre is that of all. [-]"""
LEAST_PEAKS = 5


@noun(eq=False)
class PastPeaks:
    """Errors of past peaks (actual maximum - forecast maximum), in order of time."""

    errors_kw: FloatArray
    """Shape ``(n_peaks,)``. [kW]"""
    kinds: IntArray
    """Kind of each peak's day, shape ``(n_peaks,)``; one kind for all peaks of weeks and months."""
    delay: int
    """How many peaks are not yet known when one is forecast: 0 for tomorrow's, ``n - 1`` over ``n`` days. [-]"""
    independent_count: float
    """How many of them count as independent: overlapping weeks move together. [-]"""

    def __post_init__(self) -> None:
        errors_kw = np.asarray(self.errors_kw, dtype=np.float64)
        if errors_kw.ndim != 1 or errors_kw.size == 0:
            raise checks.refuse(self, "errors_kw", errors_kw.shape, checks.NOT_EMPTY)
        object.__setattr__(self, "errors_kw", checks.frozen_array(self, "errors_kw", errors_kw, errors_kw.shape))
        if np.shape(self.kinds) != errors_kw.shape:
            problem = Text(en=f"must have shape {errors_kw.shape}", zh=f"形状必须为 {errors_kw.shape}")
            raise checks.refuse(self, "kinds", np.shape(self.kinds), problem)
        checks.not_negative(self, "delay", self.delay)
        checks.positive(self, "independent_count", self.independent_count)

    def quantiles_kw(self, kind: int, levels: tuple[float, ...], *, gamma: float = GAMMA) -> FloatArray:
        """Give the calibrated quantiles of a new peak's error, shape ``(n_levels,)``. [kW].

        Errors of all kinds are pooled after each was freed of its kind's centre and spread: so even few
        Sundays have tails. The levels follow missed coverage as in ``adapted_level``.
        """
        ranks = self._ranks() if gamma else np.empty((0, 1))
        working = tuple(adapted_level(ranks, level, gamma=gamma) for level in levels)
        centre_kw, spread_kw = _centre_and_spread(self.errors_kw, self.kinds, kind)
        scaled = _scaled(self.errors_kw, self.kinds)
        bounds = conformal_quantile(scaled, working, independent_count=self.independent_count)
        return np.asarray(centre_kw + spread_kw * np.sort(bounds), dtype=np.float64)

    def _ranks(self) -> FloatArray:
        """Say where each peak's error stood among those known before it, shape ``(n_peaks, 1)``. [-]."""
        ranks = np.full((self.errors_kw.size, 1), np.nan)
        for peak in range(self.errors_kw.size):
            known = peak - self.delay
            if known < LEAST_PEAKS:
                continue
            before_kw, kinds = self.errors_kw[:known], self.kinds[:known]
            centre_kw, spread_kw = _centre_and_spread(before_kw, kinds, int(self.kinds[peak]))
            scaled = (self.errors_kw[peak] - centre_kw) / spread_kw
            past = _scaled(before_kw, kinds)
            share = float((past < scaled).mean() + (past == scaled).mean() / 2)
            count = max(self.independent_count * known / self.errors_kw.size, 1.0)
            ranks[peak] = (share * count + 0.5) / (count + 1)
        return ranks


def _centre_and_spread(errors_kw: FloatArray, kinds: IntArray, kind: int) -> tuple[float, float]:
    """Give a kind's median error and mean distance from it; the distance drawn to that of all where the kind is rare."""
    own_kw = errors_kw[kinds == kind]
    if own_kw.size < LEAST_OWN:
        own_kw = errors_kw
    centre_kw = float(np.median(own_kw))
    within_kw = np.concatenate([_apart(errors_kw[kinds == one]) for one in np.unique(kinds)])
    share = own_kw.size / (own_kw.size + OWN_WEIGHT)
    apart_kw = share * float(_apart(own_kw).mean()) + (1 - share) * float(within_kw.mean())
    least_kw = 1e-9 * (1.0 + float(np.abs(errors_kw).max()))
    return centre_kw, max(apart_kw, least_kw)


def _apart(errors_kw: FloatArray) -> FloatArray:
    return np.asarray(np.abs(errors_kw - np.median(errors_kw)), dtype=np.float64)


def _scaled(errors_kw: FloatArray, kinds: IntArray) -> FloatArray:
    """Free each error of its kind's centre and spread. [-]."""
    scaled = np.empty(errors_kw.size)
    for kind in np.unique(kinds):
        centre_kw, spread_kw = _centre_and_spread(errors_kw, kinds, int(kind))
        scaled[kinds == kind] = (errors_kw[kinds == kind] - centre_kw) / spread_kw
    return scaled
