r"""Shared utilities and people: equations (U1)-(U2) of docs/formulation.md.

==========================  ================================  ============  ====================================
symbol                      code                              unit          meaning
==========================  ================================  ============  ====================================
:math:`c_{ut}`              ``m.utility_used[u, t]``          utility's     drawn of utility u from outside in step t
:math:`\gamma_{u,n,t}`      ``m.ledger.utility_use[u, t]``    utility's     what a unit of activity n takes in t
:math:`\chi_{nt}`           ``m.ledger.people[t]``            -             people whom a unit of activity n needs in t
:math:`h_t`                 ``m.people_there[t]``             -             people who are there
==========================  ================================  ============  ====================================

The limit of a utility in each step bounds ``m.utility_used``. A row that all its activities at once could not break is
left out, unless what is drawn is paid for.
"""

import numpy as np
from pyomo.environ import ConcreteModel, Constraint, Param, Set, Var

from optimizer.formulation.ledger import Entries
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def utility_covers(m: ConcreteModel, u: str, t: int) -> object:
    r"""(U1) :math:`c_{ut} \ge \sum_n \gamma_{u,n,t} x_n`."""
    taken = [(variable, -quantity) for variable, quantity in m.ledger.utility_use[u, t]]
    return weighted([(m.utility_used[u, t], 1.0), *taken]) >= 0.0


def people_attend(m: ConcreteModel, t: int) -> object:
    r"""(U2) :math:`\sum_n \chi_{nt} x_n \le h_t`."""
    return weighted(m.ledger.people[t]) <= m.people_there[t]


def most_used(entries: Entries) -> float:
    """Give what a sum would be if every activity that raises it stood at its greatest. [as the entries]."""
    return sum(weight * (np.inf if variable.ub is None else variable.ub) for variable, weight in entries if weight > 0)


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add what is shared to a model that has all activities."""
    cost = {one.utility_id: sets.utility_cost_per_unit_h(one) for one in sets.problem.plan.utilities}
    needed = {key: entries for key, entries in m.ledger.utility_use.items() if entries}
    binding = [(u, t) for (u, t), entries in needed.items() if cost[u] or most_used(entries) > sets.utility_limit[u][t]]
    m.UTILITY_STEPS = Set(initialize=binding, dimen=2)
    m.utility_used = Var(m.UTILITY_STEPS, bounds={(u, t): (0.0, float(sets.utility_limit[u][t])) for u, t in binding})
    for u, t in binding:
        if cost[u]:
            m.ledger.cost.append((m.utility_used[u, t], cost[u] * sets.problem.horizon.step_h))
    there = sets.people_there
    m.CREW_STEPS = Set(
        initialize=[
            t
            for t, entries in sorted(m.ledger.people.items())
            if entries and np.isfinite(there[t]) and most_used(entries) > there[t]
        ]
    )
    m.people_there = Param(m.CREW_STEPS, initialize={t: float(there[t]) for t in m.CREW_STEPS})
    m.utility_covers = Constraint(m.UTILITY_STEPS, rule=utility_covers, doc="U1")
    m.people_attend = Constraint(m.CREW_STEPS, rule=people_attend, doc="U2")
