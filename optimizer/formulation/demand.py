r"""Demand charges: equations (D1)-(D3) of docs/formulation.md.

==============================  ==============================  ==========  ===================================
symbol                          code                            unit        meaning
==============================  ==============================  ==========  ===================================
:math:`\hat d_h`                ``m.peak_kw[h]``                kW          at least each block mean of charge h
:math:`q_{hn}`                  ``m.excess_kw[h, n]``           kW          billed kW above knot n
:math:`z_h`                     ``m.over[h]``                   -           1 where the peak exceeds the first θ
:math:`\theta_{hn}`             ``m.knot_kw[h, n]``             kW          knot: a threshold (0 with no contract)
:math:`\phi_{hn}`               ``m.floor_kw[h, n]``            kW          what the rest of the month has above it
:math:`w_{hn}`                  ``m.knot_price_per_kw[h, n]``   cur/kW      p × multiplier step × share of samples
:math:`U_h`                     ``m.peak_most_kw[h]``           kW          greatest peak there can be (big-M)
==============================  ==============================  ==========  ===================================

With :math:`D_k = \max(d, R_k)`, every piece of the bill is :math:`\max(0, D_k - \theta) = \max(\phi, d - \theta)`
with :math:`\phi = \max(0, R_k - \theta)`. Samples with equal :math:`\phi` share one knot; a sample whose
:math:`R_k` no peak of the horizon can exceed is a constant. Multipliers that ascend make the bill convex,
so one row per knot is exact. Only samples with :math:`R_k \le \theta_1` can still be made to pay the jump:
one binary serves them all. :math:`U_h`, the big-M of (D3), is the smaller of the import limit and the
highest block mean of what base, tasks, modulating loads and batteries can draw at once. A charge whose peak other charges
rest on too is not stated here but among the coupled ones (A1)-(A15), so that the peak is one variable for both.
"""

from collections import defaultdict

import numpy as np
from pyomo.environ import Binary, ConcreteModel, Constraint, Param, Set, Var

from domain.checks import FloatArray
from domain.noun import noun
from domain.tariffs import DemandTerm
from domain.tariffs.terms import PEAK_TOLERANCE_KW, UNBLOCKED
from domain.text import Text
from optimizer.errors import TariffNotPlannableError
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted

EDGE_SHARE = 1e-6
"""How far below a threshold a peak must stay to count as not above it: clear of the solver's tolerance. [-]"""


class DemandChargeNotConvexError(TariffNotPlannableError):
    """A demand charge gets cheaper per kW the higher the peak, or pays for peaks."""

    code = "demand_charge_not_convex"
    words = Text(
        en="Demand charge {label}: {problem}. Such a charge cannot be planned against; leave the package out.",
        zh="需量电费 {label}：{problem}。无法针对此类电费做计划，请去掉该套餐。",
    )


@noun
class Knot:
    """One convex piece of one charge's bill: ``price_per_kw × max(floor_kw, d - knot_kw)``."""

    knot_kw: float
    floor_kw: float
    price_per_kw: float
    """[currency / kW]"""


@noun(eq=False)
class DemandPieces:
    """One demand charge as a constant, convex pieces and perhaps a jump. [currency] unless said."""

    constant_cost: float
    knots: tuple[Knot, ...]
    jump_cost: float
    """Paid when the horizon's peak exceeds the first threshold; 0: no jump is left to pay."""
    threshold_kw: float
    """θ_1 for the jump. [kW]"""
    blocks: tuple[tuple[int, ...], ...]
    """Steps of each measurement block within the horizon."""
    peak_most_kw: float
    """[kW]"""


def pieces_of(term: DemandTerm, most_kw: FloatArray) -> DemandPieces:
    """Split a demand charge into what the schedule cannot change and what it can.

    Parameters
    ----------
    term : DemandTerm
        The charge.
    most_kw : FloatArray
        Most that the site can import in each step, shape (n_steps,). [kW]

    Raises
    ------
    DemandChargeNotConvexError
        If the price is negative or the multipliers descend.
    """
    _must_be_convex(term)
    blocks: dict[int, list[int]] = defaultdict(list)
    for t, block in enumerate(term.block_of_step.tolist()):
        if block != UNBLOCKED:
            blocks[block].append(t)
    peak_most_kw = max((float(most_kw[steps].mean()) for steps in blocks.values()), default=0.0)
    if term.price_per_kw == 0 or not blocks or term.other_peak_kw.min() >= peak_most_kw:
        fixed_cost = float(term.price_per_kw * term.billed_kw(np.maximum(term.other_peak_kw, 0.0)).mean())
        return DemandPieces(
            constant_cost=fixed_cost, knots=(), jump_cost=0.0, threshold_kw=0.0, blocks=(), peak_most_kw=peak_most_kw
        )
    constant = 0.0 if term.contract_kw is None else term.price_per_kw * term.contract_kw
    steps = [(0.0, 1.0)] if term.contract_kw is None else _multiplier_steps(term)
    share = 1 / term.other_peak_kw.size
    prices: dict[tuple[float, float], float] = defaultdict(float)
    for theta_kw, more in steps:
        for other_kw in term.other_peak_kw.tolist():
            floor_kw = max(0.0, other_kw - theta_kw)
            if peak_most_kw - theta_kw <= floor_kw:
                constant += term.price_per_kw * more * share * floor_kw
            elif more:
                prices[theta_kw, floor_kw] += term.price_per_kw * more * share
    jump_cost, threshold_kw = 0.0, 0.0
    if term.contract_kw is not None and term.jump_kw and term.thresholds_kw:
        threshold_kw = term.thresholds_kw[0]
        over_anyway = float((term.other_peak_kw - threshold_kw >= PEAK_TOLERANCE_KW).mean())
        constant += term.price_per_kw * term.jump_kw * over_anyway
        if peak_most_kw > threshold_kw:
            jump_cost = term.price_per_kw * term.jump_kw * (1 - over_anyway)
    return DemandPieces(
        constant_cost=constant,
        knots=tuple(
            Knot(knot_kw=theta, floor_kw=floor, price_per_kw=price) for (theta, floor), price in prices.items()
        ),
        jump_cost=jump_cost,
        threshold_kw=threshold_kw,
        blocks=tuple(tuple(steps) for steps in blocks.values()),
        peak_most_kw=peak_most_kw,
    )


def _multiplier_steps(term: DemandTerm) -> list[tuple[float, float]]:
    before = (0.0, *term.multipliers)
    return [
        (theta, after - prior)
        for theta, after, prior in zip(term.thresholds_kw, term.multipliers, before[:-1], strict=True)
    ]


def _must_be_convex(term: DemandTerm) -> None:
    problem = None
    if term.price_per_kw < 0:
        problem = Text(en=f"its price {term.price_per_kw:g} is negative", zh=f"价格 {term.price_per_kw:g} 为负")
    elif term.contract_kw is not None and (
        any(more < 0 for _, more in _multiplier_steps(term)) or list(term.thresholds_kw) != sorted(term.thresholds_kw)
    ):
        problem = Text(
            en=f"its multipliers {term.multipliers} at {term.thresholds_kw} kW do not ascend",
            zh=f"{term.thresholds_kw} kW 处的倍数 {term.multipliers} 未递增",
        )
    elif term.jump_kw < 0:
        problem = Text(en=f"its jump {term.jump_kw:g} kW is negative", zh=f"跳变 {term.jump_kw:g} kW 为负")
    if problem is not None:
        raise DemandChargeNotConvexError(label=term.label, problem=problem)


def peak_covers_block(m: ConcreteModel, h: int, block: int) -> object:
    r"""(D1) :math:`\hat d_h \ge \frac{1}{|T|} \sum_{t \in T} i_t` for each block T."""
    steps = m.BLOCK_STEPS[h, block]
    return weighted([(m.peak_kw[h], 1.0), *((m.import_kw[t], -1 / len(steps)) for t in steps)]) >= 0.0


def excess_above_knot(m: ConcreteModel, h: int, n: int) -> object:
    r"""(D2) :math:`q_{hn} \ge \hat d_h - \theta_{hn}`, with :math:`q_{hn} \ge \phi_{hn}` as its bound."""
    return m.excess_kw[h, n] >= m.peak_kw[h] - m.knot_kw[h, n]


def jump_above_threshold(m: ConcreteModel, h: int) -> object:
    r"""(D3) :math:`\hat d_h \le \theta_{h} + (U_h - \theta_{h}) z_h`."""
    return m.peak_kw[h] <= m.jump_kw_edge[h] + (m.peak_most_kw[h] - m.jump_kw_edge[h]) * m.over[h]


def implied_jumps(sets: PlanSets, import_kw: FloatArray) -> dict[tuple[str, int], float]:
    """Give the jumps that a load pays, by variable and index; a search that was cut short may have one that it does not."""
    found: dict[tuple[str, int], float] = {}
    for h, term in enumerate(sets.problem.terms.demand):
        one = pieces_of(term, sets.limits.most_import_kw)
        if h not in sets.coupled.priced_demand and one.jump_cost:
            peak_kw = max(float(import_kw[list(steps)].mean()) for steps in one.blocks)
            found["over", h] = float(peak_kw - one.threshold_kw >= PEAK_TOLERANCE_KW)
    return found


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the demand charges' data, variables and equations to a model that has m.import_kw."""
    plain = {h: term for h, term in enumerate(sets.problem.terms.demand) if h not in sets.coupled.priced_demand}
    pieces = {h: pieces_of(term, sets.limits.most_import_kw) for h, term in plain.items()}
    priced = {h: one for h, one in pieces.items() if one.knots or one.jump_cost}
    jumps = {h: one for h, one in priced.items() if one.jump_cost}
    knots = {(h, n): knot for h, one in priced.items() for n, knot in enumerate(one.knots)}
    m.DEMAND_CHARGES = Set(initialize=list(priced))
    m.BLOCK_STEPS = {(h, n): steps for h, one in priced.items() for n, steps in enumerate(one.blocks)}
    m.BLOCKS = Set(initialize=list(m.BLOCK_STEPS), dimen=2)
    m.KNOTS = Set(initialize=list(knots), dimen=2)
    m.JUMPS = Set(initialize=list(jumps))
    m.demand_constant_cost = Param(initialize=sum(one.constant_cost for one in pieces.values()))
    m.knot_kw = Param(m.KNOTS, initialize={key: one.knot_kw for key, one in knots.items()})
    m.knot_price_per_kw = Param(m.KNOTS, initialize={key: one.price_per_kw for key, one in knots.items()})
    m.jump_cost = Param(m.JUMPS, initialize={h: one.jump_cost for h, one in jumps.items()})
    m.jump_kw_edge = Param(m.JUMPS, initialize={h: one.threshold_kw * (1 - EDGE_SHARE) for h, one in jumps.items()})
    m.peak_most_kw = Param(m.JUMPS, initialize={h: one.peak_most_kw for h, one in jumps.items()})
    m.peak_kw = Var(m.DEMAND_CHARGES, bounds={h: (0, one.peak_most_kw) for h, one in priced.items()})
    m.excess_kw = Var(m.KNOTS, bounds={key: (one.floor_kw, None) for key, one in knots.items()})
    m.over = Var(m.JUMPS, domain=Binary)

    m.peak_covers_block = Constraint(m.BLOCKS, rule=peak_covers_block, doc="D1")
    m.excess_above_knot = Constraint(m.KNOTS, rule=excess_above_knot, doc="D2")
    m.jump_above_threshold = Constraint(m.JUMPS, rule=jump_above_threshold, doc="D3")
