r"""How the whole cost can change with each quantity, and hence which of its sides the model must state.

The model may state a quantity :math:`v = f(\ldots)` as :math:`v \ge f` alone where the cost never falls as *v* rises: the
minimiser then puts it down on *f* by itself. Where the cost can fall, :math:`v \le f` is needed too, and for a hinge or a
peak that takes binaries.

Let :math:`V_n` be the cost as a function of the schedule and of the first *n* quantities, all later ones put in as the
functions that they are. Its slope in quantity *n* lies in an interval :math:`I_n`, found backwards: :math:`I_n` starts
with the quantity's own price; each later user *m* adds :math:`c \, \partial f_m I_m`, with the span of *m*'s own slope
(0 … 1 for a hinge, a peak's candidate, an amount; :math:`\pm \infty` where a step jumps). All hinges over one quantity are
taken together: between two edges the slope is the sum of those below, so they add the hull of the partial sums.
Minimising over quantities from the last to the first shows that leaving out :math:`v \le f` changes no minimum if
:math:`I_n \ge 0`, and leaving out :math:`v \ge f` none if :math:`I_n \le 0`.

The slope in a total is one number :math:`s`, known only to lie in its interval. What reaches a quantity through that
total is therefore kept as a multiple of :math:`s` and added up before it is multiplied: below a minimum bill a peak and
its rebate both count :math:`s` times, and their sum keeps its sign.

The same slopes, carried on to the steps, say where drawing more, or importing while exporting, could pay.
"""

import math

import numpy as np

from domain.checks import FloatArray
from domain.tariffs import PricedTerms
from optimizer.formulation.coupled_atoms import coupled_form
from optimizer.formulation.coupled_nodes import (
    Above,
    Counted,
    Coupled,
    Direction,
    Form,
    Highest,
    Node,
    On,
    Term,
    TopMean,
    Total,
)
from optimizer.formulation.load_limits import LoadLimits, Span

NO_SLOPE_SHARE = 1e-10
"""A slope this small beside what it is summed from is rounding. [-]"""


WHOLE = -1
"""Stands for the cost itself among the totals whose slope others are multiples of."""
Slopes = dict[int, Span]
"""Slope as a multiple of each total's slope; ``WHOLE``: of 1."""


class _Gradient:
    """Bounds of the cost's slope in each step's import, export, both at once, and reactive power, as multiples of totals' slopes."""

    def __init__(self, n_steps: int) -> None:
        self._least: dict[int, FloatArray] = {}
        self._most: dict[int, FloatArray] = {}
        self._n_steps = n_steps

    def add(
        self,
        slopes: Slopes,
        per_import_kw: FloatArray,
        per_export_kw: FloatArray,
        per_reactive_kvar: FloatArray | None = None,
    ) -> None:
        """Add something that rests on the steps and whose own slope is known."""
        reactive = np.zeros(self._n_steps) if per_reactive_kvar is None else per_reactive_kvar
        if not (per_import_kw.any() or per_export_kw.any() or reactive.any()):
            return
        weights = np.array([per_import_kw, per_export_kw, per_import_kw + per_export_kw, reactive])
        for total, span in slopes.items():
            ends = [_times(weights, end) for end in span]
            blank = np.zeros((4, self._n_steps))
            self._least[total] = self._least.get(total, blank) + np.minimum(*ends)
            self._most[total] = self._most.get(total, blank) + np.maximum(*ends)

    def bounds(self, factors: Slopes) -> tuple[FloatArray, FloatArray]:
        """Give least and most of all, each of shape (4, n_steps): import, export, both, reactive. [currency / kW]."""
        least, most = np.zeros((4, self._n_steps)), np.zeros((4, self._n_steps))
        for total in self._least:
            ends = [_times(one, end) for one in (self._least[total], self._most[total]) for end in factors[total]]
            least, most = least + np.minimum.reduce(ends), most + np.maximum.reduce(ends)
        return least, most


def coupled(terms: PricedTerms, limits: LoadLimits) -> Coupled:
    """Give the coupled cost of a tariff, with the slopes that say how to state it."""
    made = coupled_form(terms, limits)
    bench, step_h = made.bench, terms.horizon.step_h
    export_price = np.zeros(terms.horizon.n_steps)
    if terms.export_price_per_kwh is not None:
        export_price = terms.export_price_per_kwh
    walk = _Walk(bench.nodes, terms.horizon.n_steps)
    walk.gradient.add({WHOLE: (1.0, 1.0)}, terms.energy_price_per_kwh * step_h, -export_price * step_h)
    walk.back(made.cost)
    least, most = walk.gradient.bounds(walk.factors)
    return Coupled(
        nodes=tuple(bench.nodes),
        spans=tuple(bench.spans),
        cost=made.cost,
        needed=tuple(walk.needed),
        slopes=tuple(walk.slopes),
        least_per_import_kw=least[0],
        least_per_passed_kw=least[2],
        most_per_export_kw=most[1],
        least_per_reactive_kvar=least[3],
        priced_demand=made.priced_demand,
    )


class _Walk:
    """Carries slopes from the cost back to the steps."""

    def __init__(self, nodes: list[Node], n_steps: int) -> None:
        self.nodes = nodes
        self.needed = [False] * len(nodes)
        self.slopes: list[Span] = [(0.0, 0.0)] * len(nodes)
        self.factors: Slopes = {WHOLE: (1.0, 1.0)}
        self.gradient = _Gradient(n_steps)
        self._given: list[Slopes] = [{} for _ in nodes]
        self._sizes: list[dict[int, float]] = [{} for _ in nodes]
        self._over: dict[int, list[int]] = {}
        self._n_steps = n_steps

    def back(self, cost: Form) -> None:
        """Walk from the last quantity to the first."""
        self._give({WHOLE: (1.0, 1.0)}, cost.terms)
        for number in reversed(range(len(self.nodes))):
            if self.needed[number]:
                beyond = self._of_hinges_and_steps(number)
                slopes = self._clean(number, _added(self._given[number], beyond))
                self._given[number] = slopes
                ends = [_interval(self.factors[total], slope) for total, slope in slopes.items()]
                self.slopes[number] = (sum(least for least, _ in ends), sum(most for _, most in ends))
                self._rests_on(number, slopes, beyond)

    def _rests_on(self, number: int, slopes: Slopes, beyond: Slopes) -> None:
        node = self.nodes[number]
        match node:
            case Direction():
                fed_in = np.zeros(self._n_steps) if node.per_export_kw is None else node.per_export_kw
                self.gradient.add(beyond, node.per_import_kw, fed_in, node.per_reactive_kvar)
            case Total():
                if all(least == most for least, most in slopes.values()):
                    self._give(slopes, node.terms)
                else:
                    self.factors[number] = self.slopes[number]
                    self._give({number: (1.0, 1.0)}, node.terms)
            case Above() | On():
                self.needed[node.of] = True
                self._over.setdefault(node.of, []).append(number)
            case Highest():
                self._of_candidates(node, _hulls(slopes))
            case Counted():
                jumps = {total: _interval((node.least, node.most), slope) for total, slope in slopes.items()}
                self._give(jumps, ((node.on, 1.0 if node.when_on else -1.0),))
                self._give(_hulls(slopes), node.amount.terms)
            case TopMean():
                for member in node.members:
                    self._give(_hulls(slopes, 1 / node.n_highest), member.terms)

    def _of_candidates(self, node: Highest, slopes: Slopes) -> None:
        """Give each candidate its slope; a step's is at most its greatest weight in any window."""
        nothing, per_import_kw, per_reactive_kvar = np.zeros((3, self._n_steps))
        for one in node.candidates:
            if one.steps:
                places, per_step = list(one.steps), per_reactive_kvar if one.is_reactive else per_import_kw
                per_step[places] = np.maximum(per_step[places], one.shares)
            self._give(slopes, one.plus.terms)
        self.gradient.add(slopes, per_import_kw, nothing, per_reactive_kvar)

    def _give(self, slopes: Slopes, terms: tuple[Term, ...]) -> None:
        """Pass the slope of a weighted sum on to what it sums up; directions in it reach the steps as one."""
        per_import_kw, per_export_kw, per_reactive_kvar = np.zeros((3, self._n_steps))
        for number, coefficient in terms:
            node = self.nodes[number]
            self.needed[number] = True
            passed = {total: _interval((coefficient, coefficient), slope) for total, slope in slopes.items()}
            self._given[number] = _added(self._given[number], passed)
            for total, ends in passed.items():
                size = max((abs(end) for end in ends if math.isfinite(end)), default=0.0)
                self._sizes[number][total] = self._sizes[number].get(total, 0.0) + size
            if isinstance(node, Direction):
                per_import_kw += coefficient * node.per_import_kw
                per_export_kw += 0.0 if node.per_export_kw is None else coefficient * node.per_export_kw
                per_reactive_kvar += 0.0 if node.per_reactive_kvar is None else coefficient * node.per_reactive_kvar
        self.gradient.add(slopes, per_import_kw, per_export_kw, per_reactive_kvar)

    def _of_hinges_and_steps(self, number: int) -> Slopes:
        """Give the slope that hinges and steps over a quantity add to its own."""
        sums: Slopes = {}
        found: Slopes = {}
        over = self._over.get(number, [])
        hinges = sorted((node.edge, one) for one in over if isinstance(node := self.nodes[one], Above))
        for _, one in hinges:
            sums = _added(sums, self._given[one])
            found = {total: _hull_of(found.get(total, (0.0, 0.0)), span) for total, span in sums.items()}
            for total, size in self._sizes[one].items():
                self._sizes[number][total] = self._sizes[number].get(total, 0.0) + size
        for one in over:
            if isinstance(self.nodes[one], On):
                for total, (least, most) in self._given[one].items():
                    jump = (-math.inf if least < 0 else 0.0, math.inf if most > 0 else 0.0)
                    found[total] = _hull_of(found.get(total, (0.0, 0.0)), jump)
        return found

    def _clean(self, number: int, slopes: Slopes) -> Slopes:
        """Make 0 of what is rounding."""
        found: Slopes = {}
        for total, (least, most) in slopes.items():
            rounding = NO_SLOPE_SHARE * self._sizes[number].get(total, 0.0)
            found[total] = (0.0 if abs(least) <= rounding else least, 0.0 if abs(most) <= rounding else most)
        return found


def _added(one: Slopes, other: Slopes) -> Slopes:
    found = dict(one)
    for total, (least, most) in other.items():
        before = found.get(total, (0.0, 0.0))
        found[total] = (before[0] + least, before[1] + most)
    return found


def _hulls(slopes: Slopes, share: float = 1.0) -> Slopes:
    """Give the slopes of something that follows its user, or a share of it, or not at all."""
    return {total: (min(0.0, least * share), max(0.0, most * share)) for total, (least, most) in slopes.items()}


def _hull_of(one: Span, other: Span) -> Span:
    return min(one[0], other[0]), max(one[1], other[1])


def _interval(one: Span, other: Span) -> Span:
    """Multiply two intervals; nothing times a jump is nothing."""
    ends = [0.0 if 0.0 in (a, b) else a * b for a in one for b in other]
    return min(ends), max(ends)


def _times(weights: FloatArray, slope: float) -> FloatArray:
    """Multiply an array by a slope; nothing times a jump is nothing."""
    found = np.zeros(weights.shape)
    at = weights != 0
    if slope != 0:
        found[at] = slope * weights[at]
    return found
