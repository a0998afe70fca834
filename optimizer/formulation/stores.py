r"""Store block: equations (S1)-(S2) of docs/formulation.md.

==========================  ============================  ============  ========================================
symbol                      code                          unit          meaning
==========================  ============================  ============  ========================================
:math:`l_{it}`              ``m.level[i, t]``             store's unit  level of store i at the *end* of step t
:math:`\varphi_{i,n,t}`     ``m.ledger.store_flow[i, t]``  store's unit  what a unit of activity n brings in t
:math:`w_{it}`              ``m.draw[i, t]``              store's unit  drawn within step t
:math:`\lambda_i`           ``m.level_start[i]``          store's unit  level at the start
:math:`\epsilon_i`          ``m.level_least_at_end[i]``   store's unit  least level at the end
==========================  ============================  ============  ========================================

The least and greatest level of every step are bounds of ``m.level``.
"""

from pyomo.environ import ConcreteModel, Constraint, Param, Set, Var

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def store_balance(m: ConcreteModel, i: str, t: int) -> object:
    r"""(S1) :math:`l_{it} = l_{i,t-1} + \sum_n \varphi_{i,n,t} x_n - w_{it}`, :math:`l_{i,-1} = \lambda_i`."""
    before = m.level_start[i] if t == m.STEPS.first() else m.level[i, t - 1]
    flows = weighted(m.ledger.store_flow[i, t])
    return m.level[i, t] - before - flows == -m.draw[i, t]


def level_at_end(m: ConcreteModel, i: str) -> object:
    r"""(S2) :math:`l_{i,n-1} \ge \epsilon_i`."""
    return m.level[i, m.STEPS.last()] >= m.level_least_at_end[i]


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the stores' data, variables and equations to a model that has the tasks."""
    stores = {one.store_id: one for one in sets.problem.plan.stores}
    m.STORES = Set(initialize=list(stores))
    m.level_start = Param(m.STORES, initialize={i: one.start_level for i, one in stores.items()})
    m.level_least_at_end = Param(m.STORES, initialize={i: one.least_at_end for i, one in stores.items()})
    m.draw = Param(
        m.STORES,
        m.STEPS,
        initialize={(i, t): float(drawn) for i, row in sets.store_draw.items() for t, drawn in enumerate(row)},
    )
    m.level = Var(
        m.STORES,
        m.STEPS,
        bounds={(i, t): (one.min_level, one.max_level) for i, one in stores.items() for t in m.STEPS},
    )

    m.store_balance = Constraint(m.STORES, m.STEPS, rule=store_balance, doc="S1")
    m.level_at_end = Constraint(m.STORES, rule=level_at_end, doc="S2")
