r"""What rests on several quantities of a bill: equations (A1)-(A15) of docs/formulation.md.

==============================  ==============================  ======  ===========================================
symbol                          code                            unit    meaning
==============================  ==============================  ======  ===========================================
:math:`v_n`                     ``m.VALUE_OF[n]``               its     value of quantity n, a sum of variables
:math:`y_n`                     ``m.direction[n]`` ...          its     a weighted sum of steps, or of quantities
:math:`P_n`                     ``m.highest_kw[n]``             kW      a peak: the greatest of its candidates
:math:`u_{nc}`                  ``m.attains[n, c]``             -       1: candidate c is the greatest
:math:`H_n`                     ``m.above[n]``                  its     a hinge, stated from below
:math:`\delta_{qj}, z_{qj}`     ``m.rung[q, j]`` ...            its, -  part of q between two edges; 1: reached
:math:`b_n`                     ``m.is_on[n]``                  -       1 where a step is on
:math:`g_n`                     ``m.counted[n]``                its     an amount that counts only where a step is on
:math:`s_n, x_{nc}`             ``m.cut_kw[n]`` ...             kW      mean of the highest: cut, and what lies above
:math:`\theta, w`               ``m.edge`` ...                  its     edge of a hinge, width of a rung
:math:`\theta^+, \theta^-`      ``m.rise``, ``m.fall``          its     a step's edge as the model keeps it, either side
:math:`L, U`                    ``m.span[n]``                   its     least and greatest value; the source of big-M
==============================  ==============================  ======  ===========================================

The quantities are those of ``coupled_nodes``; which of their rows are stated follows from ``coupled_slopes``: a side that
the minimiser keeps by itself has no row and no binary. A hinge over q whose hinges all raise the cost is (A6) alone.
Else q is a ladder of rungs between its edges, filled one after the other (A7)-(A9): the sharpest form of a broken line,
its relaxation is the convex hull; :math:`z` is binary only at edges where the cost turns down. Steps over one quantity
are nested (A12), so that one row each way serves all of them (A10), (A11). The product of a step and an amount is exact
by its four rows (A13), (A14). Every big-M is the end of a span, the tightest that ``load_limits`` can prove.
"""

from typing import Any

from pyomo.environ import Binary, ConcreteModel, Constraint, Param, Set, UnitInterval, Var

from optimizer.formulation.coupled_rows import LEAST, MOST, CoupledRows, coupled_rows
from optimizer.formulation.load_limits import Span
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted

SPAN_SLACK_SHARE = 1e-9
"""How much wider than proven a variable's bounds are, so that rounding cuts nothing off. [-]"""


def direction_adds_up(m: ConcreteModel, n: int) -> object:
    r"""(A1) :math:`y_n = \sum_t a_{nt} i_t + \sum_t e_{nt} o_t + \sum_t q_{nt} (f_t + b_t)`."""
    drawn = [(m.import_kw[t], -weight) for t, weight in m.PER_IMPORT[n]]
    fed_in = [(m.export_kw[t], -weight) for t, weight in m.PER_EXPORT[n]]
    reactive = [(kvar[t], -weight) for t, weight in m.PER_REACTIVE[n] for kvar in (m.forward_kvar, m.reverse_kvar)]
    return weighted([(m.direction[n], 1.0), *drawn, *fed_in, *reactive]) == 0


def total_adds_up(m: ConcreteModel, n: int) -> object:
    r"""(A2) :math:`y_n = \sum_j c_{nj} v_j`."""
    return weighted([(m.total[n], 1.0), *of_terms(m, m.PARTS_OF[n], -1.0)]) == 0


def highest_covers(m: ConcreteModel, n: int, c: int) -> object:
    r"""(A3) :math:`P_n \ge \sum_t m_{ct} i_t + \sum_j c_{cj} v_j + r_c`."""
    one = m.COVERED[n, c]
    return weighted([(m.highest_kw[n], 1.0), *of_candidate(m, one, -1.0)]) >= one.plus.constant


def one_attains(m: ConcreteModel, n: int) -> object:
    r"""(A4) :math:`\sum_c u_{nc} = 1`; the floor is a candidate too."""
    return weighted((m.attains[n, c], 1.0) for c in m.CHOICES_OF[n]) == 1


def highest_attained(m: ConcreteModel, n: int, c: int) -> object:
    r"""(A5) :math:`P_n \le \sum_t m_{ct} i_t + \sum_j c_{cj} v_j + r_c + (U_n - L_c)(1 - u_{nc})`."""
    one = m.CHOICE[n, c]
    big_kw = m.span[n, MOST] - one.least_kw
    row = [(m.highest_kw[n], 1.0), (m.attains[n, c], big_kw), *of_candidate(m, one, -1.0)]
    return weighted(row) <= one.plus.constant + big_kw


def above_edge(m: ConcreteModel, n: int) -> object:
    r"""(A6) :math:`H_n \ge v_q - \theta_n`, with :math:`H_n \ge 0` as its bound; q is what the hinge is over."""
    return weighted([(m.above[n], 1.0), *of_terms(m, ((m.OVER[n], 1.0),), -1.0)]) >= -m.edge[n]


def ladder_adds_up(m: ConcreteModel, q: int) -> object:
    r"""(A7) :math:`v_q = L_q + \sum_j \delta_{qj}`."""
    rungs = [(m.rung[q, j], -1.0) for j in m.RUNGS_OF[q]]
    return weighted([*of_terms(m, ((q, 1.0),), 1.0), *rungs]) == m.span[q, LEAST]


def rung_reached(m: ConcreteModel, q: int, j: int) -> object:
    r"""(A8) :math:`\delta_{qj} \le w_{qj} z_{qj}`: a rung counts nothing before its edge is reached."""
    return m.rung[q, j] <= m.width[q, j] * m.reached[q, j]


def rung_filled(m: ConcreteModel, q: int, j: int) -> object:
    r"""(A9) :math:`\delta_{q,j-1} \ge w_{q,j-1} z_{qj}`: an edge is reached when the rung below is full."""
    return m.rung[q, j - 1] >= m.width[q, j - 1] * m.reached[q, j]


def stairs_reached(m: ConcreteModel, q: int) -> object:
    r"""(A10) :math:`v_q \ge L_q + \sum_j (\theta^+_j - \theta^+_{j-1}) b_j`, with :math:`\theta^+_0 = L_q`."""
    raised = [(m.is_on[n], -m.rise[q, n]) for n in m.RISES_OF[q]]
    return weighted([*of_terms(m, ((q, 1.0),), 1.0), *raised]) >= m.span[q, LEAST]


def stairs_left(m: ConcreteModel, q: int) -> object:
    r"""(A11) :math:`v_q \le \theta^-_1 + \sum_j (\theta^-_{j+1} - \theta^-_j) b_j`, the last :math:`\theta^-` is :math:`U_q`."""
    raised = [(m.is_on[n], -m.fall[q, n]) for n in m.FALLS_OF[q]]
    return weighted([*of_terms(m, ((q, 1.0),), 1.0), *raised]) <= m.first_off[q]


def stairs_nested(m: ConcreteModel, low: int, high: int) -> object:
    r"""(A12) :math:`b_j \ge b_{j+1}`: who has reached an edge has reached all lower ones."""
    return m.is_on[low] >= m.is_on[high]


def counted_if_on(m: ConcreteModel, n: int, side: str) -> object:
    r"""(A13) :math:`\underline a_n \beta_n \le g_n \le \bar a_n \beta_n`, one row a side; :math:`\beta_n` is b or 1 − b."""
    limit = m.amount_limit[n, side]
    row = weighted([(m.counted[n], 1.0), (m.is_on[m.STEP_OF[n]], -limit * m.on_sign[n])])
    return row >= limit * m.on_start[n] if side == LEAST else row <= limit * m.on_start[n]


def counted_in_full(m: ConcreteModel, n: int, side: str) -> object:
    r"""(A14) :math:`a_n - \bar a_n (1 - \beta_n) \le g_n \le a_n - \underline a_n (1 - \beta_n)`, one row a side."""
    limit = m.amount_limit[n, MOST if side == LEAST else LEAST]
    amount = m.AMOUNT[n, side]
    step = (m.is_on[m.STEP_OF[n]], -limit * m.on_sign[n])
    row = weighted([(m.counted[n], 1.0), step, *of_terms(m, amount.terms, -1.0)])
    off = amount.constant - limit * (1 - m.on_start[n])
    return row >= off if side == LEAST else row <= off


def above_cut(m: ConcreteModel, n: int, c: int) -> object:
    r"""(A15) :math:`x_{nc} \ge v_{nc} - s_n`; the mean of the N highest is :math:`s_n + \frac1N \sum_c x_{nc}`."""
    member = m.MEMBER[n, c]
    row = [(m.over_cut_kw[n, c], 1.0), (m.cut_kw[n], 1.0), *of_terms(m, member.terms, -1.0)]
    return weighted(row) >= member.constant


def of_terms(m: ConcreteModel, terms: Any, sign: float) -> list[tuple[Any, float]]:
    """Give a weighted sum of quantities as variables and coefficients."""
    return [(var, sign * coefficient * share) for n, coefficient in terms for var, share in m.VALUE_OF[n]]


def of_candidate(m: ConcreteModel, one: Any, sign: float) -> list[tuple[Any, float]]:
    r"""Give a candidate of a peak, its constant apart: :math:`\sum_t m_{ct} i_t + \sum_j c_{cj} v_j`.

    For a peak of reactive power :math:`f_t + b_t` stands for :math:`i_t`.
    """
    metered = (m.forward_kvar, m.reverse_kvar) if one.is_reactive else (m.import_kw,)
    means = [(power[t], sign * share) for t, share in zip(one.steps, one.shares, strict=True) for power in metered]
    return [*means, *of_terms(m, one.plus.terms, sign)]


def widened(span: Span) -> Span:
    """Give a span with room for rounding."""
    slack = SPAN_SLACK_SHARE * max(1.0, abs(span[0]), abs(span[1]))
    return span[0] - slack, span[1] + slack


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the coupled cost's data, variables and equations to a model that has m.import_kw and m.export_kw."""
    rows = coupled_rows(sets.coupled)
    m.span = Param(list({n for n, _ in rows.spans}), [LEAST, MOST], initialize=rows.spans)
    _declare_sums_and_peaks(m, rows)
    _declare_hinges(m, rows)
    _declare_steps(m, rows)
    _declare_means(m, rows)
    m.VALUE_OF = _values(m, rows)
    m.direction_adds_up = Constraint(m.DIRECTIONS, rule=direction_adds_up, doc="A1")
    m.total_adds_up = Constraint(m.TOTALS, rule=total_adds_up, doc="A2")
    m.highest_covers = Constraint(m.COVERS, rule=highest_covers, doc="A3")
    m.one_attains = Constraint(m.ATTAINED, rule=one_attains, doc="A4")
    m.highest_attained = Constraint(m.CHOICES, rule=highest_attained, doc="A5")
    m.above_edge = Constraint(m.HINGES, rule=above_edge, doc="A6")
    m.ladder_adds_up = Constraint(m.LADDERS, rule=ladder_adds_up, doc="A7")
    m.rung_reached = Constraint(m.EDGES, rule=rung_reached, doc="A8")
    m.rung_filled = Constraint(m.EDGES, rule=rung_filled, doc="A9")
    m.stairs_reached = Constraint(m.STAIRS_UP, rule=stairs_reached, doc="A10")
    m.stairs_left = Constraint(m.STAIRS_DOWN, rule=stairs_left, doc="A11")
    m.stairs_nested = Constraint(m.NESTED, rule=stairs_nested, doc="A12")
    m.counted_if_on = Constraint(m.SIDES, rule=counted_if_on, doc="A13")
    m.counted_in_full = Constraint(m.SIDES, rule=counted_in_full, doc="A14")
    m.above_cut = Constraint(m.MEMBERS, rule=above_cut, doc="A15")


def _declare_sums_and_peaks(m: ConcreteModel, rows: CoupledRows) -> None:
    m.DIRECTIONS = Set(initialize=list(rows.directions))
    m.TOTALS = Set(initialize=list(rows.totals))
    m.PARTS_OF = rows.totals
    m.PER_IMPORT = {n: _entries(one.per_import_kw) for n, one in rows.directions.items()}
    m.PER_EXPORT = {n: _entries(one.per_export_kw) for n, one in rows.directions.items()}
    m.PER_REACTIVE = {n: _entries(one.per_reactive_kvar) for n, one in rows.directions.items()}
    m.PEAKS = Set(initialize=list(rows.peaks))
    m.COVERED, m.CHOICE = rows.covered, rows.choices
    m.COVERS = Set(initialize=list(rows.covered), dimen=2)
    m.CHOICES = Set(initialize=list(rows.choices), dimen=2)
    m.CHOICES_OF = _by_first(rows.choices)
    m.ATTAINED = Set(initialize=list(m.CHOICES_OF))
    m.direction = Var(m.DIRECTIONS, bounds={n: _bounds(rows, n) for n in rows.directions})
    m.total = Var(m.TOTALS, bounds={n: _bounds(rows, n) for n in rows.totals})
    m.highest_kw = Var(m.PEAKS, bounds={n: _bounds(rows, n) for n in rows.peaks})
    m.attains = Var(m.CHOICES, domain=Binary)


def _declare_hinges(m: ConcreteModel, rows: CoupledRows) -> None:
    m.HINGES = Set(initialize=list(rows.hinges))
    m.OVER = {n: node.of for n, node in rows.hinges.items()}
    m.edge = Param(m.HINGES, initialize={n: node.edge for n, node in rows.hinges.items()})
    m.RUNGS = Set(initialize=list(rows.rungs), dimen=2)
    m.RUNGS_OF = _by_first(rows.rungs)
    m.LADDERS = Set(initialize=list(m.RUNGS_OF))
    m.EDGES = Set(initialize=[key for key in rows.rungs if key[1] > 0], dimen=2)
    m.width = Param(m.RUNGS, initialize={key: one.width for key, one in rows.rungs.items()})
    domains = {key: Binary if one.turns_down else UnitInterval for key, one in rows.rungs.items()}
    m.above = Var(m.HINGES, bounds={n: (0, _bounds(rows, n)[1]) for n in rows.hinges})
    m.rung = Var(m.RUNGS, bounds={key: (0, one.width) for key, one in rows.rungs.items()})
    m.reached = Var(m.EDGES, domain=lambda _, q, j: domains[q, j])


def _declare_steps(m: ConcreteModel, rows: CoupledRows) -> None:
    m.SWITCHES = Set(initialize=list(rows.steps))
    m.RISES_OF, m.FALLS_OF = _by_first(rows.rises), _by_first(rows.falls)
    m.STAIRS_UP = Set(initialize=list(m.RISES_OF))
    m.STAIRS_DOWN = Set(initialize=list(m.FALLS_OF))
    m.NESTED = Set(initialize=list(rows.nested), dimen=2)
    m.RISES = Set(initialize=list(rows.rises), dimen=2)
    m.FALLS = Set(initialize=list(rows.falls), dimen=2)
    m.rise = Param(m.RISES, initialize=rows.rises)
    m.fall = Param(m.FALLS, initialize=rows.falls)
    m.first_off = Param(m.STAIRS_DOWN, initialize=rows.first_off)
    m.AMOUNTS = Set(initialize=list(rows.counted))
    m.SIDES = Set(initialize=list(rows.sides), dimen=2)
    m.AMOUNT = rows.sides
    m.STEP_OF = {n: one.on for n, one in rows.counted.items()}
    m.on_start = Param(m.AMOUNTS, initialize={n: 0.0 if one.when_on else 1.0 for n, one in rows.counted.items()})
    m.on_sign = Param(m.AMOUNTS, initialize={n: 1.0 if one.when_on else -1.0 for n, one in rows.counted.items()})
    limits = {(n, LEAST): one.least for n, one in rows.counted.items()}
    limits |= {(n, MOST): one.most for n, one in rows.counted.items()}
    m.amount_limit = Param(m.AMOUNTS, [LEAST, MOST], initialize=limits)
    m.is_on = Var(m.SWITCHES, domain=Binary)
    m.counted = Var(m.AMOUNTS, bounds={n: _bounds(rows, n) for n in rows.counted})


def _declare_means(m: ConcreteModel, rows: CoupledRows) -> None:
    m.TOPS = Set(initialize=list(rows.tops))
    m.MEMBER = rows.members
    m.MEMBERS = Set(initialize=list(rows.members), dimen=2)
    m.cut_kw = Var(m.TOPS, bounds={n: widened(rows.cuts[n]) for n in rows.tops})
    m.over_cut_kw = Var(m.MEMBERS, bounds={key: (0, widened((0.0, most))[1]) for key, most in rows.over_cut.items()})


def _values(m: ConcreteModel, rows: CoupledRows) -> dict[int, list[tuple[Any, float]]]:
    """Give each quantity as a sum of variables."""
    found = {n: [(m.direction[n], 1.0)] for n in rows.directions}
    found |= {n: [(m.total[n], 1.0)] for n in rows.totals}
    found |= {n: [(m.highest_kw[n], 1.0)] for n in rows.peaks}
    found |= {n: [(m.above[n], 1.0)] for n in rows.hinges}
    found |= {n: [(m.rung[key], 1.0) for key in keys] for n, keys in rows.rungs_above.items()}
    found |= {n: [(m.is_on[n], 1.0)] for n in rows.steps}
    found |= {n: [(m.counted[n], 1.0)] for n in rows.counted}
    for n, node in rows.tops.items():
        shares = [(m.over_cut_kw[n, c], 1 / node.n_highest) for c in range(len(node.members))]
        found[n] = [(m.cut_kw[n], 1.0), *shares]
    return found


def _entries(weights: Any) -> list[tuple[int, float]]:
    """Give the numbers of an array that are not 0, with their places."""
    return [] if weights is None else [(t, one) for t, one in enumerate(weights.tolist()) if one]


def _bounds(rows: CoupledRows, n: int) -> Span:
    return widened((rows.spans[n, LEAST], rows.spans[n, MOST]))


def _by_first(keys: Any) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for first, second in keys:
        found.setdefault(first, []).append(second)
    return found
