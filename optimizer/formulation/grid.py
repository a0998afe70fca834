r"""Grid connection and PV: equations (G1)-(G3) of docs/formulation.md.

==========================  ============================  ======  ==============================================
symbol                      code                          unit    meaning
==========================  ============================  ======  ==============================================
:math:`i_t, o_t`            ``m.import_kw`` ...           kW      mean import, export
:math:`u_{gt}`              ``m.pv_used_kw[g, t]``        kW      PV power used or fed in; the rest is curtailed
:math:`\beta_t`             ``m.base_kw[t]``              kW      load that the plan does not move
:math:`\rho_{nt}`           ``m.ledger.load_kw[t]``       kW      what a unit of activity n draws in t
:math:`y_t`                 ``m.imports[t]``              -       1 where it may import, 0: export
:math:`I, X`                ``m.import_limit_kw`` ...     kW      greatest import and export; also the big-M
==========================  ============================  ======  ==============================================

The limits, the import's less the reserve for an uncertain base load, are bounds of the variables, available PV power that of ``m.pv_used_kw``. Importing and
exporting at once pays only where a kW passed through costs nothing: where energy is paid more fed in than it costs, or
where drawing more moves another charge (``sets.passing_pays``); only there do (G2) and (G3) choose one of the two.
Elsewhere the cheapest schedule has one of them at 0. The big-M are the limits, which bound the variables anyway.
"""

import numpy as np
from pyomo.environ import Binary, ConcreteModel, Constraint, NonNegativeReals, Param, Set, Var

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def power_balance(m: ConcreteModel, t: int) -> object:
    r"""(G1) :math:`i_t - o_t = \beta_t + \sum_n \rho_{nt} x_n - \sum_g u_{gt}`.

    The activities :math:`x_n` are runs, processes, modulating loads, charging and (negative) discharging.
    """
    supply = [(m.import_kw[t], 1.0), (m.export_kw[t], -1.0)]
    drawn = [(variable, -kw) for variable, kw in m.ledger.load_kw[t]]
    sun = [(m.pv_used_kw[g, t], 1.0) for g in m.PV]
    return weighted(supply + drawn + sun) == m.base_kw[t]


def import_only(m: ConcreteModel, t: int) -> object:
    r"""(G2) :math:`i_t \le I y_t`."""
    return m.import_kw[t] <= m.import_limit_kw * m.imports[t]


def export_only(m: ConcreteModel, t: int) -> object:
    r"""(G3) :math:`o_t \le X (1 - y_t)`."""
    return m.export_kw[t] <= m.export_limit_kw * (1 - m.imports[t])


def planned_import_most_kw(problem: ResponseProblem) -> FloatArray:
    """Give the most a schedule may plan to import in each step: the limit less the reserve, shape (n_steps,). [kW]."""
    limit_kw = np.full(problem.horizon.n_steps, problem.site.import_limit_kw)
    if problem.import_reserve_kw is None:
        return limit_kw
    return np.asarray(np.maximum(limit_kw - problem.import_reserve_kw, 0.0), dtype=np.float64)


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the connection's data, variables and equations to a model that has all that draws power."""
    site = sets.problem.site
    m.PV = Set(initialize=[one.pv_id for one in site.pv])
    m.DIRECTION_STEPS = Set(initialize=[t for t in m.STEPS if site.export_limit_kw > 0 and sets.passing_pays[t]])
    m.base_kw = Param(m.STEPS, initialize=dict(enumerate(sets.problem.base_kw.tolist())))
    m.import_limit_kw = Param(initialize=site.import_limit_kw)
    m.export_limit_kw = Param(initialize=site.export_limit_kw)
    most_kw = planned_import_most_kw(sets.problem)
    m.import_kw = Var(m.STEPS, domain=NonNegativeReals, bounds={t: (0, float(most_kw[t])) for t in m.STEPS})
    m.export_kw = Var(m.STEPS, domain=NonNegativeReals, bounds=(0, site.export_limit_kw))
    m.pv_used_kw = Var(
        m.PV,
        m.STEPS,
        bounds={(g, t): (0, float(kw)) for g, row in sets.pv_available_kw.items() for t, kw in enumerate(row)},
    )
    m.imports = Var(m.DIRECTION_STEPS, domain=Binary)

    m.power_balance = Constraint(m.STEPS, rule=power_balance, doc="G1")
    m.import_only = Constraint(m.DIRECTION_STEPS, rule=import_only, doc="G2")
    m.export_only = Constraint(m.DIRECTION_STEPS, rule=export_only, doc="G3")
