r"""What forecasts of the past would have missed: rolling refits that know nothing of the days they are judged on.

At each refit, once a week, daily shapes and corrections are learned from the blocks of 24 h before it alone,
as many as the forecast itself learns from, and serve the origins of the next seven days. Shapes are
those of the forecast: Fourier series of a day by kind of day, with the plan's load as a regressor. Since a
shape depends on a slot only through its place in the day, all that a window contributes to the normal equations are
counts and sums by kind and place: sums over a sliding window, at no cost.

.. math:: (F^\top C_k F + \lambda I)\,\beta_k = F^\top (s_k - \theta\, p_k)                                 (F4)

with :math:`C_k, s_k, p_k` counts, sums of load and sums of plan load of kind ``k`` by place, :math:`\theta`
the plan's coefficient (eliminated first).
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.design import DayType, DayTypes
from forecasting.prophet_model import FOURIER_ORDER
from forecasting.residuals import WEEK, Residuals

REFIT_BLOCKS = 7
"""Blocks of 24 h from one refit to the next. [-]"""
MOST_ORIGINS = 91
"""Past origins that are judged; 60 make adaptive levels settle, weekends need more. [-]"""
GOOD_TRAINING = 28
LEAST_TRAINING = 7
"""Blocks before the first refit of a short history; what so little learns errs more, never less. [-]"""
RIDGE = 1e-4
"""Penalty of a coefficient: Prophet's prior of 10 against noise of a tenth of the largest load. [-]"""
FARTHEST_WEEKS = 4


@noun(eq=False)
class _Refit:
    """What one refit says of the blocks around it."""

    stop: int
    """The block it was made before. [-]"""
    first: int
    """The first block it learned from. [-]"""
    residuals: Residuals
    """Of the learned blocks and all after them."""


@noun(eq=False)
class PastOrigins:
    """Errors of past forecasts on the wall-clock ladder, by how many blocks ahead they were made.

    Invariants: an error rests on blocks before its own only.
    """

    end_slot: int
    """Slot at which the measured history ends. [-]"""
    day_slots: int
    """Slots of a day. [-]"""
    first_origin: int
    """Blocks before the first forecast judged. [-]"""
    n_blocks: int
    """Blocks in all. [-]"""
    errors_kw: Callable[[int], FloatArray]
    """Errors by lead, NaN where nothing was forecast, shape ``(end_slot,)``. [kW]"""

    def judged_lead(self, lead: int) -> int:
        """Give the lead whose errors stand for a lead: itself in the first week, then its week's last day."""
        weeks = max(1, min(FARTHEST_WEEKS, (self.n_blocks - self.first_origin) // (2 * WEEK)))
        return lead if lead <= WEEK else WEEK * min(-(-lead // WEEK), weeks)


def past_origins(
    *,
    load_kw: FloatArray,
    slot_types: DayTypes,
    plan_kw: FloatArray | None,
    day_slots: int,
    window_blocks: int,
) -> PastOrigins:
    """Refit once a week over the past and judge each day's forecasts.

    Parameters
    ----------
    load_kw : FloatArray
        Load on the ladder up to the last measured slot, NaN where unknown. [kW]
    slot_types : DayTypes
        The kind of day whose shape each slot has.
    plan_kw : FloatArray, optional
        The plan's load on the same slots. [kW]
    day_slots : int
        Slots of a day. [-]
    window_blocks : int
        Blocks that each refit learns from. [-]
    """
    n_blocks = load_kw.size // day_slots
    spare = load_kw.size - n_blocks * day_slots
    first_origin = n_blocks - MOST_ORIGINS
    if first_origin < GOOD_TRAINING:
        first_origin = max(LEAST_TRAINING, min(GOOD_TRAINING, n_blocks - GOOD_TRAINING))
    whole_plan_kw = None if plan_kw is None else plan_kw[spare:]
    shapes = _SlidingShapes.of(load_kw[spare:], slot_types[spare:], whole_plan_kw, day_slots, spare)
    refits = []
    for stop in range(first_origin, n_blocks, REFIT_BLOCKS):
        first = max(0, stop - window_blocks)
        residual_kw = shapes.residuals_kw(first, stop)
        if np.isfinite(residual_kw[: (stop - first) * day_slots]).any():
            residuals = Residuals.of(residual_kw, day_slots, stop - first)
            refits.append(_Refit(stop=stop, first=first, residuals=residuals))

    @lru_cache(maxsize=32)
    def errors_kw(lead: int) -> FloatArray:
        blocks_kw = np.full((n_blocks, day_slots), np.nan)
        for refit in refits:
            corrections_kw = refit.residuals.corrections_kw(lead)
            origins = np.arange(refit.stop - 1, min(refit.stop - 1 + REFIT_BLOCKS, n_blocks - lead))
            blocks_kw[origins + lead] = (
                refit.residuals.blocks_kw[origins + lead - refit.first] - corrections_kw[origins - refit.first]
            )
        return np.concatenate((np.full(spare, np.nan), blocks_kw.ravel()))

    return PastOrigins(
        end_slot=load_kw.size, day_slots=day_slots, first_origin=first_origin, n_blocks=n_blocks, errors_kw=errors_kw
    )


@noun(eq=False)
class _SlidingShapes:
    """Running sums by kind and place of the day, from which shapes of any window follow."""

    load_kw: FloatArray
    plan_kw: FloatArray
    types: DayTypes
    day_slots: int
    basis: FloatArray
    """Harmonics of a day by place, shape ``(day_slots, n_terms)``. [-]"""
    sums: FloatArray
    """Counts, load, plan, plan², plan x load before each block, shape ``(n_blocks + 1, 5, n_kinds, day_slots)``."""

    @classmethod
    def of(
        cls, load_kw: FloatArray, types: DayTypes, plan_kw: FloatArray | None, day_slots: int, offset: int
    ) -> "_SlidingShapes":
        """Sum by blocks that begin ``offset`` slots after midnight."""
        plan = np.zeros(load_kw.size) if plan_kw is None else plan_kw
        known = np.isfinite(load_kw) & np.isfinite(plan)
        load, plan_known = np.where(known, load_kw, 0.0), np.where(known, plan, 0.0)
        parts = np.stack((known.astype(np.float64), load, plan_known, plan_known**2, plan_known * load))
        by_kind = np.stack([np.where(types == kind, parts, 0.0) for kind in DayType], axis=1)
        n_blocks = load_kw.size // day_slots
        blocks = by_kind.reshape(5, len(DayType), n_blocks, day_slots).transpose(2, 0, 1, 3)
        sums = np.concatenate((np.zeros((1, *blocks.shape[1:])), np.cumsum(blocks, axis=0)))
        order = min(FOURIER_ORDER, day_slots // 2 - 1)
        middles = (np.arange(day_slots) + offset + 0.5) / day_slots
        angles = 2 * np.pi * np.outer(middles, np.arange(1, order + 1))
        basis = np.concatenate((np.ones((day_slots, 1)), np.sin(angles), np.cos(angles)), axis=1)
        return cls(load_kw=load_kw, plan_kw=plan, types=types, day_slots=day_slots, basis=basis, sums=sums)

    def residuals_kw(self, first: int, stop: int) -> FloatArray:
        """Give what the shapes of the blocks ``first`` … ``stop`` leave of these and all later blocks. [kW]."""
        counts, load, plan, plan2, cross = self.sums[stop] - self.sums[first]
        profiles, plan_profiles = np.zeros(counts.shape), np.zeros(counts.shape)
        seen = counts.sum(axis=1) > 0
        ridge = RIDGE * np.eye(self.basis.shape[1])
        for kind in np.flatnonzero(seen):
            gram = self.basis.T @ (counts[kind][:, None] * self.basis) + ridge
            solved = np.linalg.solve(gram, self.basis.T @ np.stack((load[kind], plan[kind]), axis=1))
            profiles[kind], plan_profiles[kind] = (self.basis @ solved).T
        apart = float(plan2.sum() - (plan * plan_profiles).sum())
        theta = float(cross.sum() - (plan * profiles).sum()) / apart if apart > 1e-9 * float(plan2.sum()) else 0.0
        profiles -= theta * plan_profiles
        if not seen.all():  # a kind that the window has not seen is forecast like the mean day
            total = counts.sum(axis=1)
            profiles[~seen] = (profiles * total[:, None]).sum(axis=0) / max(float(total.sum()), 1.0)
        begin = first * self.day_slots
        places = np.arange(begin, self.load_kw.size) % self.day_slots
        expected_kw = profiles[self.types[begin:], places] + theta * self.plan_kw[begin:]
        return np.asarray(self.load_kw[begin:] - expected_kw, dtype=np.float64)
