r"""Contract demand as a decision: what a peak costs when the contract value may still be chosen between limits.

A contract value *C* is declared before the month is known, so it is one number for all samples. With the horizon's peak *d*,
the month's demand of sample *k* is :math:`D_k = \max(d, R_k)`, and the best contract for that peak costs

.. math:: \varphi(d) = \min_{L \le C \le U} \; p \cdot \frac1K \sum_k f_C(\max(d, R_k))

:math:`f_C` is the billed demand under C: the charged value, :math:`m_j` times what lies above :math:`s_j C`, and the jump of
:math:`J C` once :math:`D > s_1 C`. The schedule enters only through *d*, so choosing schedule and contract together is
choosing a schedule under :math:`\varphi`; the contract follows from the peak that comes out.

:math:`\varphi` is exact and piecewise linear. For given demands :math:`f_C` is piecewise linear in C with corners at
:math:`D_k / s_j`, and where it jumps it is lower at the corner itself (105 % exactly is not above 105 %). So some best C is a
limit, or :math:`R_k / s_j`, or :math:`d / s_j`. Each of these candidates makes a function of *d* that is linear between the
points :math:`s_i L`, :math:`s_i U`, :math:`R_k s_i / s_j`; :math:`\varphi` is their lower envelope, interval by interval. It never
falls; it bends down where a further candidate becomes best, and that costs the model a binary (A7)-(A9); it jumps only where no
contract within the limits can avoid exceeding. A least value below the floor (40 % of the connected kVA) is raised to it.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.atoms import Affine, Atom, HingeAtom, Part, PeakAtom, StepAtom
from domain.tariffs.charges import DemandCharge
from domain.tariffs.contract import ALLOWED_SHARE, DOUBLE, floor_kw
from domain.tariffs.sampled_peaks import window_weights
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.terms import PEAK_TOLERANCE_KW, DemandTerm, PricedTerms
from domain.text import Text

SAME_KW = 1e-9
"""Corners nearer than this are one. [kW]"""
SAME_SHARE = 1e-11
"""Slopes that differ by less, measured in the price, are one slope. [-]"""


class ContractNotChoosableError(WattplanError):
    """A contract value cannot be chosen with the schedule, because more rests on it than one peak."""

    code = "contract_not_choosable"
    words = Text(
        en="The contract demand of charge {charge_id} cannot be chosen together with the schedule: {problem}. Name the contract "
        "values to be compared instead; each is then planned by itself.",
        zh="费用项 {charge_id} 的合同最大需量无法与排程一并选择：{problem}。请列出待比较的合同值，逐一计划。",
    )


class ContractBelowFloorError(WattplanError, ValueError):
    """The contract values that may be chosen all lie below the least that the charge bills."""

    code = "contract_below_floor"
    words = Text(
        en="Charge {charge_id} bills a contract demand of {floor_kw} kW at least ({floor_share:.0%} of the connected kVA), and "
        "only {least_kw} … {most_kw} kW were allowed. Let the greatest value be {floor_kw} kW or more, or correct the "
        "connected kVA.",
        zh="费用项 {charge_id} 至少按 {floor_kw} kW 的合同最大需量计费（为受电容量的 {floor_share:.0%}），"
        "而允许的范围仅为 {least_kw} … {most_kw} kW。请将上限设为不低于 {floor_kw} kW，或更正受电容量。",
    )


@noun
class ContractLimits:
    """Between which values a contract demand may be declared, and how finely."""

    least_kw: Decimal
    """[kW]"""
    most_kw: Decimal
    """[kW]"""
    step_kw: Decimal = Decimal(1)
    """Declared values are multiples of it. [kW]"""

    def __post_init__(self) -> None:
        checks.positive(self, "least_kw", float(self.least_kw))
        checks.positive(self, "step_kw", float(self.step_kw))
        checks.finite(self, "most_kw", float(self.most_kw))
        checks.at_most(self, "least_kw", float(self.least_kw), float(self.most_kw), "most_kw")


@noun
class Piece:
    """A stretch of a cost: from ``from_kw`` on ``from_cost + slope · (d - from_kw)``, after what it jumps by just above there."""

    from_kw: float
    from_cost: float
    """Just above ``from_kw``. [currency]"""
    slope_per_kw: float
    """[currency / kW]"""
    jump_cost: float = 0.0
    """What is added the moment ``from_kw`` is exceeded; part of ``from_cost``. [currency]"""


@noun(eq=False)
class FreeContract:
    """One demand charge in one month whose contract value is still to be chosen."""

    label: str
    price_per_kw: float
    """Power-factor adjustment and taxes included. [currency / kW]"""
    other_peak_kw: FloatArray
    """R_k, shape (n_samples,). [kW]"""
    shares: tuple[float, ...]
    """s_j, ascending. [-]"""
    multipliers: tuple[float, ...]
    """m_j. [-]"""
    jump_share: float
    """J. [-]"""
    charged_kw: float | None
    """What is charged below the first threshold where that is not the contract value. [kW]"""
    least_kw: float
    """L, the floor included. [kW]"""
    most_kw: float
    """U. [kW]"""

    def cost(self, contract_kw: FloatArray | float, peak_kw: FloatArray | float) -> FloatArray:
        """Give p · mean_k f_C(max(d, R_k)) for pairs of contract and peak, broadcast against each other. [currency]."""
        c = np.asarray(contract_kw, dtype=np.float64)[..., None]
        d = np.maximum(np.asarray(peak_kw, dtype=np.float64)[..., None], self.other_peak_kw)
        billed = c + 0.0 * d if self.charged_kw is None else self.charged_kw + 0.0 * (c + d)
        before = 0.0
        for share, multiplier in zip(self.shares, self.multipliers, strict=True):
            billed = billed + (multiplier - before) * np.maximum(0.0, d - share * c)
            before = multiplier
        if self.jump_share:
            billed = billed + self.jump_share * c * (d - self.shares[0] * c >= PEAK_TOLERANCE_KW)
        return np.asarray(self.price_per_kw * billed.mean(axis=-1), dtype=np.float64)

    def _corners_kw(self, peak_kw: float) -> FloatArray:
        """Give every contract value that can be best for a peak. [kW]."""
        demands = np.maximum(peak_kw, self.other_peak_kw)
        corners = np.hstack([demands / share for share in self.shares])
        both = np.hstack([corners, np.array([self.least_kw, self.most_kw])])
        return np.unique(np.clip(both, self.least_kw, self.most_kw))

    def best_kw(self, peak_kw: float) -> float:
        """Give the cheapest contract value for a horizon's peak; of equally cheap ones the lowest. [kW]."""
        corners = self._corners_kw(peak_kw)
        return float(corners[int(np.argmin(self.cost(corners, peak_kw)))])

    def best_declared_kw(self, peak_kw: float, step_kw: Decimal) -> Decimal:
        """Give the cheapest multiple of a step that may be declared; a limit itself where no multiple lies between. [kW]."""
        least, most = Decimal(repr(self.least_kw)), Decimal(repr(self.most_kw))
        tried: set[Decimal] = set()
        for corner in self._corners_kw(peak_kw).tolist():
            for rounding in (ROUND_FLOOR, ROUND_CEILING):
                whole = (Decimal(repr(corner)) / step_kw).to_integral_value(rounding) * step_kw
                if least <= whole <= most:
                    tried.add(whole)
        kept = sorted(tried) or [least]
        costs = self.cost(np.array([float(one) for one in kept]), peak_kw)
        return kept[int(np.argmin(costs))]

    def fixed(self, term: DemandTerm, contract_kw: Decimal) -> DemandTerm:
        """Give the term under one contract value. [kW]."""
        c = max(float(contract_kw), self.least_kw)
        return replace(
            term,
            contract_kw=c if self.charged_kw is None else self.charged_kw,
            thresholds_kw=tuple(share * c for share in self.shares),
            multipliers=self.multipliers,
            jump_kw=self.jump_share * c,
        )

    def pieces(self, most_kw: float) -> tuple[Piece, ...]:
        """Give φ on 0 … ``most_kw`` as pieces. [currency]."""
        edges = self._edges_kw(most_kw)
        found: list[Piece] = []
        reached = float(self.cost(self._corners_kw(0.0), 0.0).min())
        for low, high in pairwise(edges.tolist()):
            for start, end, cost, slope in self._envelope(low, high):
                jump = cost - reached if cost - reached > SAME_SHARE * max(1.0, abs(cost)) else 0.0
                reached = cost + slope * (end - start)
                bends = not found or abs(found[-1].slope_per_kw - slope) > SAME_SHARE * self.price_per_kw
                if bends or jump:
                    found.append(Piece(from_kw=start, from_cost=cost, slope_per_kw=slope, jump_cost=jump))
        return tuple(found)

    def _edges_kw(self, most_kw: float) -> FloatArray:
        """Give the peaks between which every candidate's cost is linear. [kW]."""
        limits = [share * limit for share in self.shares for limit in (self.least_kw, self.most_kw)]
        ratios = np.array([one / other for one in self.shares for other in self.shares])
        corners = np.hstack([limits, self.other_peak_kw, np.outer(ratios, self.other_peak_kw).ravel()])
        inside = np.unique(np.clip(np.hstack([0.0, most_kw, corners]), 0.0, most_kw))
        return inside[np.diff(inside, prepend=-1.0) > SAME_KW]

    def _envelope(self, low: float, high: float) -> Iterator[tuple[float, float, float, float]]:
        """Give (from, to, cost at from, slope) of the lowest candidate on a stretch where all are linear."""
        at = np.array([low + (high - low) / 3, high - (high - low) / 3])
        fixed = self._corners_kw(0.0)
        moving = [one for one in self.shares if one * self.least_kw <= at[0] and at[1] <= one * self.most_kw]
        rows = [self.cost(at / share, at)[None, :] for share in moving]
        values = np.concatenate([self.cost(fixed[:, None], at[None, :]), *rows])
        slopes = (values[:, 1] - values[:, 0]) / (at[1] - at[0])
        costs = values[:, 0] - slopes * (at[0] - low)
        here, start = int(np.lexsort((slopes, np.round(costs, 9)))[0]), low
        while True:
            falls = slopes[here] - slopes
            with np.errstate(divide="ignore", invalid="ignore"):
                meets = np.where(falls > SAME_SHARE * self.price_per_kw, low + (costs - costs[here]) / falls, np.inf)
            after = int(np.lexsort((slopes, meets))[0])
            end = min(high, max(start, float(meets[after])))
            if end - start > SAME_KW or end >= high:
                yield start, end, float(costs[here] + slopes[here] * (start - low)), float(slopes[here])
            if end >= high:
                return
            here, start = after, end


def free_contract(charge: DemandCharge, supply: SupplyPoint, term: DemandTerm, limits: ContractLimits) -> FreeContract:
    """Give a contract charge's term with its contract value left open; a least value below the floor is raised to it.

    Raises
    ------
    ContractBelowFloorError
        If the greatest value lies below the floor too.
    """
    floor = floor_kw(charge, supply)
    if limits.most_kw < floor:
        raise ContractBelowFloorError(
            charge_id=charge.charge_id,
            floor_kw=f"{float(floor):,.10g}",
            floor_share=charge.floor_share,
            least_kw=f"{limits.least_kw:,}",
            most_kw=f"{limits.most_kw:,}",
        )
    if charge.over_rule == "stepped":
        shares = tuple(float(one.from_share) for one in charge.over_steps)
        multipliers = tuple(float(one.multiplier) for one in charge.over_steps)
    else:
        shares, multipliers = (float(ALLOWED_SHARE),), (float(DOUBLE),)
    return FreeContract(
        label=term.label,
        price_per_kw=term.price_per_kw,
        other_peak_kw=np.maximum(term.other_peak_kw, 0.0),
        shares=shares,
        multipliers=multipliers,
        jump_share=float(ALLOWED_SHARE - 1) if charge.over_rule == "actual_plus_double" else 0.0,
        charged_kw=None if charge.charged_contract_kw is None else float(charge.charged_contract_kw),
        least_kw=float(max(limits.least_kw, floor)),
        most_kw=float(limits.most_kw),
    )


def with_free_contracts(terms: PricedTerms, free: dict[int, FreeContract], most_kw: float) -> PricedTerms:
    """Give terms in which some demand charges cost φ of their peak instead of what one contract value bills.

    Parameters
    ----------
    free : dict[int, FreeContract]
        By the number of the demand term that each takes the place of.
    most_kw : float
        Most that the site can import; φ is stated up to there. [kW]
    """
    atoms: list[Atom] = list(terms.atoms)
    charged: list[Part] = list(terms.charged)
    constant = terms.constant
    for number, one in free.items():
        means = window_weights(terms.demand[number].block_of_step)
        nothing = np.zeros(1)
        atoms.append(PeakAtom(label=one.label, means=means, window_other_kw=None, other_kw=nothing))
        peak = len(atoms) - 1
        slope = 0.0
        for piece in one.pieces(most_kw):
            above = Affine(constant=np.array([-piece.from_kw]), parts=((1.0, peak),))
            if piece.from_kw == 0:
                constant += piece.from_cost
                charged.append((piece.slope_per_kw, peak))
            else:
                if piece.jump_cost:
                    amount = Affine(constant=np.array([piece.jump_cost]))
                    atoms.append(StepAtom(label=one.label, when=above, amount=amount, strict=True))
                    charged.append((1.0, len(atoms) - 1))
                if abs(piece.slope_per_kw - slope) > SAME_SHARE * one.price_per_kw:
                    atoms.append(HingeAtom(label=one.label, of=above))
                    charged.append((piece.slope_per_kw - slope, len(atoms) - 1))
            slope = piece.slope_per_kw
    kept = tuple(term for number, term in enumerate(terms.demand) if number not in free)
    return replace(terms, constant=constant, demand=kept, atoms=tuple(atoms), charged=tuple(charged))
