r"""Production block: equations (P1)-(P6) of docs/formulation.md; (P2) is in ``machines``.

==========================  ============================  ======  ==============================================
symbol                      code                          unit    meaning
==========================  ============================  ======  ==============================================
:math:`W_k`                 ``m.WAYS_OF[k]``              -       ways to do task k
:math:`x_{ws}`              ``m.run_count[w, s]``         -       runs in way w that start in step s
:math:`n_k, N_k`            ``m.least_runs[k]`` ...       -       fewest and most runs of task k
:math:`S_w`                 ``m.STARTS_OF[w]``            -       steps in which a run in way w may start
:math:`y_{ws}`              ``m.lot_share[w, s]``         -       what these runs amount to, in full runs
:math:`\lambda_w`           ``m.least_lot[w]``            -       smallest lot as a share of a full run
:math:`d_w`                 ``m.duration_h[w]``           h       length of a run
:math:`g_{ij}, G_{ij}`      ``m.least_gap_h`` ...         h       least and greatest wait between i and j
:math:`\Delta`              ``m.step_h``                  h       length of a step
==========================  ============================  ======  ==============================================
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pyomo.environ import ConcreteModel, Constraint, NonNegativeIntegers, Param, Set, Var, inequality

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.starts import RunStart
from optimizer.formulation.sums import weighted


def all_runs_start(m: ConcreteModel, k: str) -> object:
    r"""(P1) :math:`n_k \le \sum_{w \in W_k} \sum_{s \in S_w} x_{ws} \le N_k`."""
    runs = weighted((m.run_count[w, s], 1.0) for w in m.WAYS_OF[k] for s in m.STARTS_OF[w])
    if m.least_runs[k] == m.most_runs[k]:
        return runs == m.most_runs[k]
    return inequality(m.least_runs[k], runs, m.most_runs[k])


def wait_h(m: ConcreteModel, i: str, j: str) -> object:
    r"""Give the wait between two single runs, :math:`\sum_{ws} \Delta s x_{ws} - \sum_{vs} (\Delta s + d_v) x_{vs}`. [h]."""
    starts = [(m.run_count[w, s], m.step_h * s) for w in m.WAYS_OF[j] for s in m.STARTS_OF[w]]
    ends = [(m.run_count[v, s], -(m.step_h * s + m.duration_h[v])) for v in m.WAYS_OF[i] for s in m.STARTS_OF[v]]
    return weighted(starts + ends)


def least_gap(m: ConcreteModel, i: str, j: str) -> object:
    r"""(P3) :math:`\sum_{w \in W_j, s} \Delta s x_{ws} - \sum_{v \in W_i, s} (\Delta s + d_v) x_{vs} \ge g_{ij}`."""
    return wait_h(m, i, j) >= m.least_gap_h[i, j]


def greatest_gap(m: ConcreteModel, i: str, j: str) -> object:
    r"""(P4) :math:`\sum_{w \in W_j, s} \Delta s x_{ws} - \sum_{v \in W_i, s} (\Delta s + d_v) x_{vs} \le G_{ij}`."""
    return wait_h(m, i, j) <= m.greatest_gap_h[i, j]


def lot_not_below(m: ConcreteModel, w: str, s: int) -> object:
    r"""(P5) :math:`y_{ws} \ge \lambda_w x_{ws}`."""
    return weighted([(m.lot_share[w, s], 1.0), (m.run_count[w, s], -m.least_lot[w])]) >= 0.0


def lot_not_above(m: ConcreteModel, w: str, s: int) -> object:
    r"""(P6) :math:`y_{ws} \le x_{ws}`."""
    return weighted([(m.lot_share[w, s], 1.0), (m.run_count[w, s], -1.0)]) <= 0.0


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the tasks' data, variables and equations to a model that has STEPS and step_h."""
    tasks = sets.tasks
    bounds = {
        (w, s): (least, most)
        for w, one in tasks.items()
        for s, least, most in zip(one.steps.tolist(), one.least_count.tolist(), one.most_count.tolist(), strict=True)
    }
    m.TASKS = Set(initialize=list(sets.ways_of))
    m.WAYS = Set(initialize=list(tasks))
    m.WAYS_OF = sets.ways_of
    m.RUN_STARTS = Set(initialize=list(bounds), dimen=2)
    m.STARTS_OF = {w: one.steps.tolist() for w, one in tasks.items()}
    m.least_lot = {w: one.task.least_lot_share for w, one in tasks.items() if one.task.least_lot_share < 1}
    m.LOTS = Set(initialize=[key for key in bounds if key[0] in m.least_lot], dimen=2)
    links = {(link.before, link.after): link for link in sets.problem.plan.precedences}
    m.LINKS = Set(initialize=list(links), dimen=2)
    m.BOUNDED_LINKS = Set(initialize=[key for key, one in links.items() if one.max_gap_min is not None], dimen=2)

    wanted = {k: sets.wanted_count(k) for k in sets.ways_of}
    m.least_runs = Param(m.TASKS, initialize={k: least for k, (least, _) in wanted.items()})
    m.most_runs = Param(m.TASKS, initialize={k: most for k, (_, most) in wanted.items()})
    m.duration_h = Param(m.WAYS, initialize={w: one.task.duration_min / 60 for w, one in tasks.items()})
    m.least_gap_h = Param(m.LINKS, initialize={key: one.min_gap_min / 60 for key, one in links.items()})
    m.greatest_gap_h = Param(
        m.BOUNDED_LINKS,
        initialize={key: one.max_gap_min / 60 for key, one in links.items() if one.max_gap_min is not None},
    )
    m.run_count = Var(m.RUN_STARTS, domain=NonNegativeIntegers, bounds=bounds)
    m.lot_share = Var(m.LOTS, bounds={key: (m.least_lot[key[0]] * bounds[key][0], bounds[key][1]) for key in m.LOTS})

    _enter(m, sets)
    m.all_runs_start = Constraint(m.TASKS, rule=all_runs_start, doc="P1")
    m.least_gap = Constraint(m.LINKS, rule=least_gap, doc="P3")
    m.greatest_gap = Constraint(m.BOUNDED_LINKS, rule=greatest_gap, doc="P4")
    m.lot_not_below = Constraint(m.LOTS, rule=lot_not_below, doc="P5")
    m.lot_not_above = Constraint(m.LOTS, rule=lot_not_above, doc="P6")


def _enter(m: ConcreteModel, sets: PlanSets) -> None:
    """Enter what runs draw, bring, occupy, take and cost.

    Power and flows grow with the lots where these may be smaller than full runs; all else with the runs. The variables
    are looked up once: a month has a million entries.
    """
    runs = dict(m.run_count.items())
    amount = runs | dict(m.lot_share.items())
    tangents = sets.reactive.tangents.of_way if sets.reactive is not None else {}
    for t, pairs in enumerate(sets.run_kw):
        drawn = [(amount[key], kw) for key, kw in pairs]
        m.ledger.load_kw[t] += drawn
        m.ledger.safe_kw[t] += drawn
        if tangents:
            m.ledger.reactive_kvar[t] += [(amount[key], kw * tangents[key[0]]) for key, kw in pairs if tangents[key[0]]]
    for at, pairs in sets.store_flow.items():
        m.ledger.store_flow[at] += [(amount[key], quantity) for key, quantity in pairs]
    for at, row in sets.capacity.items():
        m.ledger.machine_use[at] += [(runs[key], 1.0) for key in row.occupants]
    for w, one in sets.tasks.items():
        m.ledger.cost += [(runs[w, s], cost) for s, cost in zip(one.steps.tolist(), one.run_cost.tolist(), strict=True)]
    _enter_shared(m, sets, runs)


def _enter_shared(m: ConcreteModel, sets: PlanSets, runs: Mapping[RunStart, Any]) -> None:
    """Enter whom and what runs need besides machines, where that can be too little."""
    people_bind = bool(np.isfinite(sets.people_there).any())
    for w, one in sets.tasks.items():
        if not (people_bind and one.task.crew_count) and not one.task.utilities:
            continue
        held = [(runs[w, s], t) for s in one.steps.tolist() for t in range(s, s + one.n_occupied)]
        if people_bind and one.task.crew_count:
            for variable, t in held:
                m.ledger.people[t].append((variable, one.task.crew_count))
        for use in one.task.utilities:
            for variable, t in held if use.quantity else ():
                m.ledger.utility_use[use.utility_id, t].append((variable, use.quantity))
