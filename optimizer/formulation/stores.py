r"""Store block: equations (S1)-(S5) of docs/formulation.md.

==========================  =============================  ============  ========================================
symbol                      code                           unit          meaning
==========================  =============================  ============  ========================================
:math:`l_{it}`              ``m.level[i, t]``              store's unit  level of store i at the *end* of step t
:math:`\varphi_{i,n,t}`     ``m.ledger.store_flow[i, t]``  store's unit  what a unit of activity n brings in t
:math:`w_{it}`              ``m.draw[i, t]``               store's unit  drawn within step t, less what is delivered
:math:`d_{it}`              ``m.delivered[i, t]``          store's unit  delivered within step t
:math:`g_{it}`              ``m.disposed[i, t]``           store's unit  thrown away in step t
:math:`\lambda_i`           ``m.level_start[i]``           store's unit  level at the start
:math:`\kappa_i`            ``m.kept_share[i]``            -             share of the distance to the rest level left after a step
:math:`\rho_i`              ``m.rest_level[i]``            store's unit  the level it tends to when nothing is done
:math:`\epsilon_i`          ``m.level_least_at_end[i]``    store's unit  least level at the end
:math:`\omega_i`            ``m.level_most_at_end[i]``     store's unit  greatest level at the end
:math:`b_{it}`              ``m.brought[i, t]``            store's unit  all that has come in by the end of step t
:math:`H_i`                 ``m.hold_steps[i]``            -             steps for which it keeps
==========================  =============================  ============  ========================================

The least and greatest level of every step are bounds of ``m.level``. First in, first out, what is there at the end of a
step came in during the last :math:`H_i` steps; what was there at the start counts as fresh then. That is (S5): all that
had come by the end of step :math:`t - H_i` has gone.

No equation asks for a limit of :math:`b_{it}` or :math:`g_{it}`. They get one all the same, above all that the other
columns' limits allow, so that it never binds: by (S4) and by (S1) with the fullest store before the step and the emptiest
after it. A bound from multipliers (``search_coarse``) is then finite whatever rounding leaves of their reduced costs.
"""

from pyomo.environ import ConcreteModel, Constraint, NonNegativeReals, Param, Set, Var

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def store_balance(m: ConcreteModel, i: str, t: int) -> object:
    r"""(S1) :math:`l_{it} - \rho_i = \kappa_i (l_{i,t-1} - \rho_i) + \sum_n \varphi_{i,n,t} x_n - w_{it} - g_{it}`.

    Before the first step, :math:`l_{i,-1} = \lambda_i`.
    """
    moved = [(variable, -quantity) for variable, quantity in m.ledger.store_flow[i, t]]
    thrown = [(m.disposed[i, t], 1.0)] if i in m.DISPOSING else []
    rests = (1.0 - m.kept_share[i]) * m.rest_level[i] - m.draw[i, t]
    if t == m.STEPS.first():
        return weighted([(m.level[i, t], 1.0), *moved, *thrown]) == rests + m.kept_share[i] * m.level_start[i]
    return weighted([(m.level[i, t], 1.0), (m.level[i, t - 1], -m.kept_share[i]), *moved, *thrown]) == rests


def level_at_end(m: ConcreteModel, i: str) -> object:
    r"""(S2) :math:`l_{i,n-1} \ge \epsilon_i`."""
    return m.level[i, m.STEPS.last()] >= m.level_least_at_end[i]


def level_at_end_not_above(m: ConcreteModel, i: str) -> object:
    r"""(S3) :math:`l_{i,n-1} \le \omega_i`."""
    return m.level[i, m.STEPS.last()] <= m.level_most_at_end[i]


def comes_in(m: ConcreteModel, i: str, t: int) -> object:
    r"""(S4) :math:`b_{it} = b_{i,t-1} + \sum_n \max(\varphi_{i,n,t}, 0) x_n + d_{it}`, :math:`b_{i,-1} = 0`."""
    came = [(variable, -quantity) for variable, quantity in m.ledger.store_flow[i, t] if quantity > 0]
    before = [] if t == m.STEPS.first() else [(m.brought[i, t - 1], -1.0)]
    return weighted([(m.brought[i, t], 1.0), *before, *came]) == m.delivered[i, t]


def held_not_longer(m: ConcreteModel, i: str, t: int) -> object:
    r"""(S5) :math:`l_{it} \le b_{it} - b_{i,t-H_i}`, the last term 0 before the first step."""
    first = t - m.hold_steps[i]
    lately = [(m.brought[i, t], -1.0)] if m.hold_steps[i] else []
    before = [(m.brought[i, first], 1.0)] if lately and first >= m.STEPS.first() else []
    return weighted([(m.level[i, t], 1.0), *lately, *before]) <= 0.0


def most_brought(m: ConcreteModel, i: str, t: int) -> float:
    """Bound what comes in within a step by the columns' own limits. [store.unit]."""
    came = (variable.ub * quantity for variable, quantity in m.ledger.store_flow[i, t] if quantity > 0)
    return float(sum(came) + m.delivered[i, t])


def most_disposed(m: ConcreteModel, i: str, t: int) -> float:
    """Bound what can be thrown away in a step by the columns' own limits. [store.unit]."""
    flows = m.ledger.store_flow[i, t]
    moved = sum((variable.ub if quantity > 0 else variable.lb) * quantity for variable, quantity in flows)
    before = m.level_start[i] if t == m.STEPS.first() else m.level[i, t - 1].ub
    rests = m.rest_level[i] + m.kept_share[i] * (before - m.rest_level[i])
    return max(0.0, float(rests + moved - m.draw[i, t] - m.level[i, t].lb))


def declare_limits(m: ConcreteModel, _: PlanSets) -> None:
    """Limit what is only limited by rows, once all other columns have their limits."""
    for i in m.HOLDING:
        all_that_came = 0.0
        for t in m.STEPS:
            all_that_came += most_brought(m, i, t)
            m.brought[i, t].setub(all_that_came)
    for i in m.DISPOSING:
        for t in m.STEPS:
            if m.disposed[i, t].ub is None:  # what has begun is fixed
                m.disposed[i, t].setub(most_disposed(m, i, t))


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the stores' data, variables and equations to a model that has all that fills and empties them."""
    stores = {one.store_id: one for one in sets.problem.plan.stores}
    grid = sets.problem.horizon
    m.STORES = Set(initialize=list(stores))
    m.DISPOSING = Set(initialize=[i for i, one in stores.items() if one.disposal_cost_per_unit is not None])
    m.CAPPED_AT_END = Set(initialize=[i for i, one in stores.items() if one.most_at_end < one.max_level])
    m.HOLDING = Set(initialize=[i for i, one in stores.items() if one.max_hold_min is not None])
    m.hold_steps = {i: (one.max_hold_min or 0) // grid.step_min for i, one in stores.items()}
    m.HOLDING_STEPS = Set(
        initialize=[(i, t) for i in m.HOLDING for t in range(max(m.hold_steps[i] - 1, 0), grid.n_steps)], dimen=2
    )
    m.level_start = Param(m.STORES, initialize={i: one.start_level for i, one in stores.items()})
    m.level_least_at_end = Param(m.STORES, initialize={i: one.least_at_end for i, one in stores.items()})
    m.level_most_at_end = Param(m.CAPPED_AT_END, initialize={i: stores[i].most_at_end for i in m.CAPPED_AT_END})
    m.kept_share = Param(m.STORES, initialize={i: one.kept_share(grid.step_h) for i, one in stores.items()})
    m.rest_level = Param(m.STORES, initialize={i: one.rest_level for i, one in stores.items()})
    m.draw = Param(
        m.STORES,
        m.STEPS,
        initialize={(i, t): float(drawn) for i, row in sets.store_draw.items() for t, drawn in enumerate(row)},
    )
    m.delivered = Param(
        m.HOLDING,
        m.STEPS,
        initialize={(i, t): float(sets.store_delivered[i][t]) for i in m.HOLDING for t in m.STEPS},
    )
    m.level = Var(
        m.STORES,
        m.STEPS,
        bounds={(i, t): (one.min_level, one.max_level) for i, one in stores.items() for t in m.STEPS},
    )
    m.disposed = Var(m.DISPOSING, m.STEPS, domain=NonNegativeReals)
    m.brought = Var(m.HOLDING, m.STEPS, domain=NonNegativeReals)
    for i in m.DISPOSING:
        price = stores[i].disposal_cost_per_unit or 0.0
        m.ledger.cost += [(m.disposed[i, t], price) for t in m.STEPS if price]

    m.store_balance = Constraint(m.STORES, m.STEPS, rule=store_balance, doc="S1")
    m.level_at_end = Constraint(m.STORES, rule=level_at_end, doc="S2")
    m.level_at_end_not_above = Constraint(m.CAPPED_AT_END, rule=level_at_end_not_above, doc="S3")
    m.comes_in = Constraint(m.HOLDING, m.STEPS, rule=comes_in, doc="S4")
    m.held_not_longer = Constraint(m.HOLDING_STEPS, rule=held_not_longer, doc="S5")
