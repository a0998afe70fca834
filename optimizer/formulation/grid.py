r"""Grid connection and PV: equations (G1)-(G4) of docs/formulation.md.

==========================  ============================  ======  ==============================================
symbol                      code                          unit    meaning
==========================  ============================  ======  ==============================================
:math:`i_t, o_t`            ``m.import_kw`` ...           kW      mean import, export
:math:`u_{gt}`              ``m.pv_used_kw[g, t]``        kW      PV power used or fed in; the rest is curtailed
:math:`\beta_t`             ``m.base_kw[t]``              kW      load that the plan does not move
:math:`\rho_{nt}`           ``m.ledger.load_kw[t]``       kW      what a unit of activity n draws in t
:math:`y_t`                 ``m.imports[t]``              -       1 where it may import, 0: export
:math:`I, X`                ``m.import_limit_kw`` ...     kW      greatest import and export; also the big-M
:math:`\rho^s_{nt}`         ``m.ledger.safe_kw[t]``       kW      the part of :math:`\rho_{nt}` that can carry the safety load
:math:`S`                   ``m.safety_load_kw``          kW      least that must be running at any time
==========================  ============================  ======  ==============================================

The limits, the import's less the reserve for an uncertain base load, are bounds of the variables, available PV power that of ``m.pv_used_kw``. Importing and
exporting at once pays only where a kW passed through costs nothing: where energy is paid more fed in than it costs, or
where drawing more moves another charge (``sets.passing_pays``); only there do (G2) and (G3) choose one of the two.
Elsewhere the cheapest schedule has one of them at 0. The big-M are the limits, which bound the variables anyway. What
drawn power emits is priced here. The safety load counts consumption only: neither batteries nor generation carry it; it
has a row only where the base load alone does not.
"""

import numpy as np
from pyomo.environ import Binary, ConcreteModel, Constraint, NonNegativeReals, Set, Var

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.offers import ResponseProblem
from domain.text import Text
from domain.time import said_at
from optimizer.formulation.emissions import import_co2_cost_per_kwh
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


class SafetyLoadError(WattplanError, ValueError):
    """Nothing that the plan can run carries the site's safety load."""

    code = "safety_load_unmet"
    words = Text(
        en="The site's safety load of {safety_load_kw:g} kW cannot be met at {at}: the base load is {base_kw:g} kW and "
        "nothing else can run then. Lower safety_load_kw or plan a process or task there.",
        zh="厂区保安负荷 {safety_load_kw:g} kW 在 {at} 无法满足：基础负荷为 {base_kw:g} kW，且此时没有其他可运行的设备。"
        "请调低 safety_load_kw，或在该时段安排设备或任务。",
    )


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


def safety_load(m: ConcreteModel, t: int) -> object:
    r"""(G4) :math:`\beta_t + \sum_n \rho^s_{nt} x_n \ge S`."""
    return weighted(m.ledger.safe_kw[t]) >= m.safety_load_kw - m.base_kw[t]


def planned_import_most_kw(problem: ResponseProblem) -> FloatArray:
    """Give the most a schedule may plan to import in each step: the limit less the reserve, shape (n_steps,). [kW]."""
    limit_kw = np.full(problem.horizon.n_steps, problem.site.import_limit_kw)
    if problem.import_reserve_kw is None:
        return limit_kw
    return np.asarray(np.maximum(limit_kw - problem.import_reserve_kw, 0.0), dtype=np.float64)


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the connection's data, variables and balance to a model that has all that draws power."""
    site = sets.problem.site
    m.PV = [one.pv_id for one in site.pv]
    m.base_kw = sets.problem.base_kw.tolist()
    m.import_limit_kw, m.export_limit_kw = site.import_limit_kw, site.export_limit_kw
    most_kw = planned_import_most_kw(sets.problem).tolist()
    m.import_kw = Var(m.STEPS, domain=NonNegativeReals, bounds={t: (0, most_kw[t]) for t in m.STEPS})
    m.export_kw = Var(m.STEPS, domain=NonNegativeReals, bounds=(0, site.export_limit_kw))
    m.pv_used_kw = Var(
        m.PV,
        m.STEPS,
        bounds={(g, t): (0, kw) for g, row in sets.pv_available_kw.items() for t, kw in enumerate(row.tolist())},
    )
    m.safety_load_kw = site.safety_load_kw
    _enter_emissions(m, sets.problem)
    m.power_balance = Constraint(m.STEPS, rule=power_balance, doc="G1")
    m.safety_load = Constraint(safety_steps(m, sets.problem), rule=safety_load, doc="G4")


def declare_one_way(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the choice between import and export to a model that has both, where prices call for it."""
    site = sets.problem.site
    m.DIRECTION_STEPS = Set(initialize=[t for t in m.STEPS if site.export_limit_kw > 0 and sets.passing_pays[t]])
    m.imports = Var(m.DIRECTION_STEPS, domain=Binary)
    m.import_only = Constraint(m.DIRECTION_STEPS, rule=import_only, doc="G2")
    m.export_only = Constraint(m.DIRECTION_STEPS, rule=export_only, doc="G3")


def safety_steps(m: ConcreteModel, problem: ResponseProblem) -> list[int]:
    """Give the steps in which the base load alone does not carry the safety load; a load of 0 is none to carry.

    Raises
    ------
    SafetyLoadError
        If nothing else can run in such a step.
    """
    if not problem.site.safety_load_kw:
        return []
    short = [t for t in m.STEPS if problem.base_kw[t] < problem.site.safety_load_kw]
    for t in short:
        if not m.ledger.safe_kw[t]:
            raise SafetyLoadError(
                safety_load_kw=problem.site.safety_load_kw,
                at=said_at(problem.horizon.at(t), problem.site.zone),
                base_kw=float(problem.base_kw[t]),
            )
    return short


def _enter_emissions(m: ConcreteModel, problem: ResponseProblem) -> None:
    """Enter what the emissions of drawn power cost."""
    for t, cost_per_kwh in enumerate(import_co2_cost_per_kwh(problem).tolist()):
        if cost_per_kwh:
            m.ledger.cost.append((m.import_kw[t], cost_per_kwh * problem.horizon.step_h))
