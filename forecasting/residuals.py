r"""What the shapes left over: a correction from the newest residuals, and the errors that remain.

Residuals :math:`r` on the wall-clock ladder are cut into 24-hour blocks counted back from the last
measured slot, so that an issue at noon and one at midnight are the same problem. For the block that lies
:math:`d` blocks ahead of block :math:`a`, at the same slot :math:`j`,

.. math:: \hat r_{a+d,j} = \beta_d \cdot (r_{a,j},\; w_{a+d,j},\; m_{a,j},\; \bar r_a,\; h_a)              (F1)

with :math:`w` the mean of the last four known blocks of the same weekday, :math:`m` the mean of the last
seven blocks, :math:`\bar r_a` the newest block's mean and :math:`h_a` its last four hours' mean;
:math:`\beta_d` is a ridge regression over the history's own blocks.
"""

import math

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.clock import IntArray

WEEK = 7
RIDGE = 0.05
"""Ridge penalty per training row on standardised features. [-]"""
SAME_WEEKDAYS = 4
"""Weeks in the mean of the same weekday. [-]"""
LAST_HOURS = 4
"""Length of the newest stretch. [h]"""
FARTHEST = 28
"""Blocks ahead to which a correction of its own is fitted; beyond it is lent by weekday and fades. [-]"""
LEAST_TRAINING = 7
"""Training blocks below which nothing is corrected. [-]"""
FADE_WEEKS = 2.0
"""Weeks beyond the farthest own correction after which half of it is left. [week]"""
CLIP_QUANTILE = 0.995
"""Residuals beyond this quantile of their size are cut for the correction: spikes say nothing of tomorrow. [-]"""


@noun(eq=False)
class Residuals:
    """The residuals of a fitted history and what they say of the days ahead.

    Invariants: ``blocks_kw`` ends with the last measured slot.
    """

    blocks_kw: FloatArray
    """Residuals by 24-hour block, NaN where unknown, shape ``(n_blocks, day_slots)``. [kW]"""
    features_kw: FloatArray
    """What is known at the end of each block, shape ``(n_blocks, day_slots, 4)``; all but the weekday mean. [kW]"""
    weekday_kw: FloatArray
    """Mean of this and the three blocks 7, 14, 21 before, shape ``(n_blocks, day_slots)``. [kW]"""
    trained_count: int
    """Blocks that corrections are learned from; later ones are only corrected. [-]"""

    @classmethod
    def of(cls, residual_kw: FloatArray, day_slots: int, trained_count: int | None = None) -> "Residuals":
        """Cut a ladder of residuals (its end is the last measured slot) into blocks and make the features.

        ``trained_count`` blocks, all if not given, are learned from.
        """
        n_blocks = residual_kw.size // day_slots
        trained_count = n_blocks if trained_count is None else trained_count
        blocks_kw = residual_kw[residual_kw.size - n_blocks * day_slots :].reshape(n_blocks, day_slots)
        limit_kw = float(np.nanquantile(np.abs(blocks_kw[:trained_count]), CLIP_QUANTILE))
        cut_kw = np.clip(blocks_kw, -limit_kw, limit_kw)
        last_slots = max(1, day_slots * LAST_HOURS // 24)
        per_block = np.ones(day_slots)
        features_kw = np.stack(
            (
                np.nan_to_num(cut_kw),
                _mean_of_known([_shifted(cut_kw, back) for back in range(WEEK)]),
                np.outer(_row_means(cut_kw), per_block),
                np.outer(_row_means(cut_kw[:, -last_slots:]), per_block),
            ),
            axis=-1,
        )
        weekday_kw = _mean_of_known([_shifted(cut_kw, WEEK * back) for back in range(SAME_WEEKDAYS)])
        return cls(blocks_kw=blocks_kw, features_kw=features_kw, weekday_kw=weekday_kw, trained_count=trained_count)

    @property
    def farthest(self) -> int:
        """Blocks ahead to which the history is long enough to fit a correction of its own. [-]."""
        return min(FARTHEST, max(1, self.trained_count // 2))

    def own_lead(self, lead: int) -> int:
        """Give the lead whose correction serves a lead: itself, or the same weekday within ``farthest``."""
        weeks_beyond = max(0, math.ceil((lead - self.farthest) / WEEK))
        return max(1, lead - WEEK * weeks_beyond)

    def corrections_kw(self, lead: int) -> FloatArray:
        """Give (F1) for the block ``lead`` ahead of each block, shape ``(n_blocks, day_slots)``. [kW]."""
        own = self.own_lead(lead)
        fade = 0.5 ** ((lead - own) / WEEK / FADE_WEEKS)
        features_kw = self._features_of(own)
        n_blocks, day_slots = self.blocks_kw.shape
        origins = np.arange(min(WEEK, self.trained_count // 4), self.trained_count - own)
        if origins.size < LEAST_TRAINING:
            return np.zeros((n_blocks, day_slots))
        limit_kw = np.abs(features_kw[: self.trained_count, :, 0]).max()
        targets_kw = np.clip(self.blocks_kw[origins + own], -limit_kw, limit_kw).ravel()
        weights = _ridge(features_kw[origins].reshape(targets_kw.size, -1), targets_kw)
        return np.asarray(fade * (features_kw @ weights), dtype=np.float64)

    def errors_kw(self, lead: int) -> FloatArray:
        """Give what (F1) would have missed ``lead`` blocks ahead, shape of ``blocks_kw``. [kW].

        The first blocks, which nothing precedes, keep their whole residual; so do all at lead 0, which
        stands for "without any correction".
        """
        errors_kw = self.blocks_kw.copy()
        own = self.own_lead(lead)
        if lead > 0 and own < len(errors_kw):
            errors_kw[own:] -= self.corrections_kw(lead)[:-own]
        return errors_kw

    def _features_of(self, lead: int) -> FloatArray:
        """Join the weekday's mean: for each block, of the newest known blocks on the weekday ``lead`` ahead."""
        back = WEEK * math.ceil(lead / WEEK) - lead
        same_weekday_kw = np.nan_to_num(_shifted(self.weekday_kw, back))
        return np.concatenate((self.features_kw, same_weekday_kw[..., None]), axis=-1)


def _ridge(features: FloatArray, targets: FloatArray) -> FloatArray:
    known = np.isfinite(targets)
    rows, aims = features[known], targets[known]
    scale = rows.std(axis=0) + 1e-9 * (1.0 + np.abs(rows).max(initial=0.0))
    rows = rows / scale
    gram = rows.T @ rows + RIDGE * max(len(rows), 1) * np.eye(rows.shape[1])
    return np.asarray(np.linalg.solve(gram, rows.T @ aims) / scale, dtype=np.float64)


def _shifted(values: FloatArray, back: int) -> FloatArray:
    """Give each row the one ``back`` rows before it, NaN where there is none."""
    shifted = np.full_like(values, np.nan)
    if back < len(values):
        shifted[back:] = values[: len(values) - back]
    return shifted


def _mean_of_known(parts: list[FloatArray]) -> FloatArray:
    """Mean of what is known, drawn to 0 by one more value of 0: few values say little."""
    stack = np.stack(parts)
    counts = np.isfinite(stack).sum(axis=0)
    return np.asarray(np.nan_to_num(stack).sum(axis=0) / (counts + 1), dtype=np.float64)


def _row_means(values: FloatArray) -> FloatArray:
    counts = np.isfinite(values).sum(axis=1)
    return np.asarray(np.nan_to_num(values).sum(axis=1) / np.maximum(counts, 1), dtype=np.float64)


def leads_of(slots: IntArray, end_slot: int, day_slots: int) -> IntArray:
    """Say how many blocks ahead of the last measured slot each slot lies (1 is the next 24 hours)."""
    return np.asarray((slots - end_slot) // day_slots + 1, dtype=np.int64)
