"""A tariff's charges as terms of a model, for the steps of one planning horizon.

The optimiser minimises exactly what ``cost`` gives, and ``cost`` equals the mean over the window's
samples of the exact bill before rounding; a property test holds the two together. The terms know no
solver: the formulation turns each into rows and columns, the audit calls ``cost``.
"""

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.noun import noun
from domain.tariffs.atoms import Atom, Part, atom_values, counts_reactive
from domain.time import TimeGrid

UNBLOCKED = -1
PEAK_TOLERANCE_KW = 5e-7
"""A peak exceeds a threshold only from here on: bills keep kW to six decimals, solvers to about as much."""


@noun(eq=False)
class DemandTerm:
    r"""One demand charge in one month.

    With :math:`d` the horizon's highest block mean and :math:`R_k` the highest block mean of sample
    *k* outside the horizon (the month's sunk peak included), :math:`D_k = \max(d, R_k)` and the cost is
    :math:`\frac1K \sum_k p \, f(D_k)`, where *f* is the billed demand:

    - no contract: :math:`f(D) = D`;
    - contract C: :math:`f(D) = C + \sum_j (m_j - m_{j-1}) \max(0, D - \theta_j) + J \, [D > \theta_1]`,
      with :math:`m_0 = 0`, the ascending thresholds :math:`\theta_j` and their multipliers :math:`m_j`.
    """

    label: str
    price_per_kw: float
    """Power-factor adjustment included. [currency / kW]"""
    block_of_step: npt.NDArray[np.int64]
    """Measurement block of each horizon step, ``UNBLOCKED`` outside the window; shape (n_steps,)."""
    other_peak_kw: FloatArray
    """R_k, shape (n_samples,). [kW]"""
    contract_kw: float | None = None
    """C. [kW]"""
    thresholds_kw: tuple[float, ...] = ()
    """θ_j. [kW]"""
    multipliers: tuple[float, ...] = ()
    """m_j. [-]"""
    jump_kw: float = 0.0
    """J: billed kW added once D exceeds the first threshold. [kW]"""

    def horizon_peak_kw(self, import_kw: FloatArray) -> float:
        """d: highest block mean of the horizon's load; 0 where the window has no step. [kW]."""
        inside = self.block_of_step != UNBLOCKED
        if not inside.any():
            return 0.0
        sums = np.bincount(self.block_of_step[inside], weights=import_kw[inside])
        counts = np.bincount(self.block_of_step[inside])
        return float((sums[counts > 0] / counts[counts > 0]).max())

    def billed_kw(self, peak_kw: FloatArray) -> FloatArray:
        """f(D), same shape as ``peak_kw``. [kW]."""
        if self.contract_kw is None:
            return peak_kw
        billed = np.full_like(peak_kw, self.contract_kw)
        before = 0.0
        for threshold_kw, multiplier in zip(self.thresholds_kw, self.multipliers, strict=True):
            billed = billed + (multiplier - before) * np.maximum(0.0, peak_kw - threshold_kw)
            before = multiplier
        if self.jump_kw and self.thresholds_kw:
            billed = billed + self.jump_kw * (peak_kw - self.thresholds_kw[0] >= PEAK_TOLERANCE_KW)
        return np.asarray(billed, dtype=np.float64)

    def cost(self, import_kw: FloatArray) -> float:
        """Mean cost over the samples. [currency]."""
        peak_kw = np.maximum(self.horizon_peak_kw(import_kw), self.other_peak_kw)
        return float(self.price_per_kw * self.billed_kw(peak_kw).mean())


@noun(eq=False)
class PricedTerms:
    """All of a tariff over one horizon, the rest of the months included in ``constant``."""

    tariff_id: str
    currency: str
    horizon: TimeGrid
    constant: float
    """What the schedule cannot change: fixed charges, capacity, energy outside the horizon. [currency]"""
    energy_price_per_kwh: FloatArray
    """Price of a kWh imported in each step, shape (n_steps,), power-factor adjustment included. [currency / kWh]"""
    demand: tuple[DemandTerm, ...]
    export_price_per_kwh: FloatArray | None = None
    """Pay for a kWh fed in in each step, shape (n_steps,); None: nothing is paid. [currency / kWh]"""
    atoms: tuple[Atom, ...] = ()
    """Quantities that are no plain energy and no plain peak, each resting on earlier ones only."""
    charged: tuple[Part, ...] = ()
    """What is owed for them: (currency per unit of the atom, number of the atom)."""

    def energy_cost(self, import_kw: FloatArray, export_kw: FloatArray | None = None) -> float:
        """Cost of the horizon's energy, less the pay for what is fed in. [currency]."""
        owed = float(self.energy_price_per_kwh @ import_kw) * self.horizon.step_h
        if self.export_price_per_kwh is not None and export_kw is not None:
            owed -= float(self.export_price_per_kwh @ export_kw) * self.horizon.step_h
        return owed

    def demand_cost(self, import_kw: FloatArray) -> float:
        """Cost of the months' plain demand charges. [currency]."""
        return sum(term.cost(import_kw) for term in self.demand)

    @property
    def counts_reactive(self) -> bool:
        """Whether a schedule's reactive power can change the cost."""
        return any(counts_reactive(one) for one in self.atoms)

    def coupled_cost(
        self, import_kw: FloatArray, export_kw: FloatArray | None = None, reactive_kvar: FloatArray | None = None
    ) -> float:
        """Cost of what rests on several quantities: tiers, ratchets, rebates, power factor, minimum bills. [currency].

        Raises
        ------
        ReactivePowerMissingError
            If the terms count reactive power, |forward| + |reverse| in each step, and it is not given.
        """
        if not self.charged:
            return 0.0
        values = atom_values(self.atoms, import_kw, export_kw, reactive_kvar)
        return float(sum(price * values[number].mean() for price, number in self.charged))

    def cost(
        self, import_kw: FloatArray, export_kw: FloatArray | None = None, reactive_kvar: FloatArray | None = None
    ) -> float:
        """All of it: the expected bill of the months before rounding. [currency]."""
        return (
            self.constant
            + self.energy_cost(import_kw, export_kw)
            + self.demand_cost(import_kw)
            + self.coupled_cost(import_kw, export_kw, reactive_kvar)
        )
