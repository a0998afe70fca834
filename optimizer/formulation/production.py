r"""Production block: equations (P1)-(P4) of docs/formulation.md.

==========================  ============================  ======  ==============================================
symbol                      code                          unit    meaning
==========================  ============================  ======  ==============================================
:math:`W_k`                 ``m.WAYS_OF[k]``              -       ways to do task k
:math:`x_{ws}`              ``m.run_count[w, s]``         -       runs in way w that start in step s
:math:`n_k, N_k`            ``m.least_runs[k]`` ...       -       fewest and most runs of task k
:math:`a_{mt}`              ``m.available_count[m, t]``   -       machines m that can run in step t
:math:`S_w`                 ``m.STARTS_OF[w]``            -       steps in which a run in way w may start
:math:`O_{mt}`              ``m.OCCUPANTS[m, t]``         -       (w, s) whose run occupies a machine m in step t
:math:`d_w`                 ``m.duration_h[w]``           h       length of a run
:math:`g_{ij}, G_{ij}`      ``m.least_gap_h`` ...         h       least and greatest wait between i and j
:math:`\Delta`              ``m.step_h``                  h       length of a step
==========================  ============================  ======  ==============================================
"""

from pyomo.environ import ConcreteModel, Constraint, NonNegativeIntegers, Param, Set, Var, inequality

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def all_runs_start(m: ConcreteModel, k: str) -> object:
    r"""(P1) :math:`n_k \le \sum_{w \in W_k} \sum_{s \in S_w} x_{ws} \le N_k`."""
    runs = weighted((m.run_count[w, s], 1.0) for w in m.WAYS_OF[k] for s in m.STARTS_OF[w])
    if m.least_runs[k] == m.most_runs[k]:
        return runs == m.most_runs[k]
    return inequality(m.least_runs[k], runs, m.most_runs[k])


def machine_capacity(m: ConcreteModel, machine: str, t: int) -> object:
    r"""(P2) :math:`\sum_{(w,s) \in O_{mt}} x_{ws} \le a_{mt}`."""
    return weighted((m.run_count[key], 1.0) for key in m.OCCUPANTS[machine, t]) <= m.available_count[machine, t]


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
    m.OCCUPANTS = {key: row.occupants for key, row in sets.capacity.items()}
    m.CAPACITY_STEPS = Set(initialize=list(sets.capacity), dimen=2)
    links = {(link.before, link.after): link for link in sets.problem.plan.precedences}
    m.LINKS = Set(initialize=list(links), dimen=2)
    m.BOUNDED_LINKS = Set(initialize=[key for key, one in links.items() if one.max_gap_min is not None], dimen=2)

    wanted = {k: sets.wanted_count(k) for k in sets.ways_of}
    m.least_runs = Param(m.TASKS, initialize={k: least for k, (least, _) in wanted.items()})
    m.most_runs = Param(m.TASKS, initialize={k: most for k, (_, most) in wanted.items()})
    m.duration_h = Param(m.WAYS, initialize={w: one.task.duration_min / 60 for w, one in tasks.items()})
    m.available_count = Param(
        m.CAPACITY_STEPS, initialize={key: row.available_count for key, row in sets.capacity.items()}
    )
    m.least_gap_h = Param(m.LINKS, initialize={key: one.min_gap_min / 60 for key, one in links.items()})
    m.greatest_gap_h = Param(
        m.BOUNDED_LINKS,
        initialize={key: one.max_gap_min / 60 for key, one in links.items() if one.max_gap_min is not None},
    )
    m.run_count = Var(m.RUN_STARTS, domain=NonNegativeIntegers, bounds=bounds)

    _enter(m, sets)
    m.all_runs_start = Constraint(m.TASKS, rule=all_runs_start, doc="P1")
    m.machine_capacity = Constraint(m.CAPACITY_STEPS, rule=machine_capacity, doc="P2")
    m.least_gap = Constraint(m.LINKS, rule=least_gap, doc="P3")
    m.greatest_gap = Constraint(m.BOUNDED_LINKS, rule=greatest_gap, doc="P4")


def _enter(m: ConcreteModel, sets: PlanSets) -> None:
    """Enter what runs draw, bring and cost."""
    for t, pairs in enumerate(sets.run_kw):
        for key, kw in pairs:
            m.ledger.draws(t, m.run_count[key], kw)
    for at, pairs in sets.store_flow.items():
        m.ledger.store_flow[at] += [(m.run_count[key], quantity) for key, quantity in pairs]
    for w, one in sets.tasks.items():
        for s, cost in zip(one.steps.tolist(), one.run_cost.tolist(), strict=True):
            m.ledger.cost.append((m.run_count[w, s], cost))
