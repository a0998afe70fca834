r"""Battery block: equations (B1)-(B4) of docs/formulation.md.

==============================  ==============================  ======  =======================================
symbol                          code                            unit    meaning
==============================  ==============================  ======  =======================================
:math:`c_{bt}, d_{bt}`          ``m.charge_kw`` ...             kW      mean charging, discharging power
:math:`e_{bt}`                  ``m.soc_kwh[b, t]``             kWh     energy at the *end* of step t
:math:`v_{bt}`                  ``m.charges[b, t]``             -       1 where it may charge, 0: discharge
:math:`\eta^c_b, \eta^d_b`      ``m.charge_eff`` ...            -       efficiencies
:math:`e^0_b, e^n_b`            ``m.soc_start_kwh`` ...         kWh     state at the start, least at the end
:math:`C_b, D_b`                ``m.max_charge_kw`` ...         kW      greatest powers; also the big-M
==============================  ==============================  ======  =======================================

Charging while discharging turns energy into heat, so it pays only where drawing more or feeding in less pays
(``sets.waste_pays``) or where there is generation that may be neither used nor fed in (a negative base
load, :math:`\beta_t < 0`). Only in those steps do (B3) and (B4) choose one of the two; their big-M are the
powers themselves, the tightest there are. Elsewhere the same state change by one of the two alone costs no
more, and the final evaluation of a schedule keeps that one (``response.one_way``).
"""

from pyomo.environ import Binary, ConcreteModel, Constraint, Set, Var

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def soc_balance(m: ConcreteModel, b: str, t: int) -> object:
    r"""(B1) :math:`e_{bt} = e_{b,t-1} + \Delta (\eta^c_b c_{bt} - d_{bt} / \eta^d_b)`, :math:`e_{b,-1} = e^0_b`."""
    gained = [(m.charge_kw[b, t], -m.step_h * m.charge_eff[b]), (m.discharge_kw[b, t], m.step_h / m.discharge_eff[b])]
    before = [(m.soc_kwh[b, t - 1], -1.0)] if t else []
    return weighted([(m.soc_kwh[b, t], 1.0), *before, *gained]) == (0.0 if t else m.soc_start_kwh[b])


def soc_at_end(m: ConcreteModel, b: str) -> object:
    r"""(B2) :math:`e_{b,n-1} \ge e^n_b`."""
    return m.soc_kwh[b, m.STEPS.last()] >= m.soc_least_at_end_kwh[b]


def charge_only(m: ConcreteModel, b: str, t: int) -> object:
    r"""(B3) :math:`c_{bt} \le C_b v_{bt}`."""
    return m.charge_kw[b, t] <= m.max_charge_kw[b] * m.charges[b, t]


def discharge_only(m: ConcreteModel, b: str, t: int) -> object:
    r"""(B4) :math:`d_{bt} \le D_b (1 - v_{bt})`."""
    return m.discharge_kw[b, t] <= m.max_discharge_kw[b] * (1 - m.charges[b, t])


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the batteries' data, variables and balances to a model that has STEPS and step_h."""
    batteries = {one.battery_id: one for one in sets.problem.site.batteries}
    m.BATTERIES = list(batteries)
    m.charge_eff = {b: one.charge_eff for b, one in batteries.items()}
    m.discharge_eff = {b: one.discharge_eff for b, one in batteries.items()}
    m.soc_start_kwh = {b: one.soc_start_kwh for b, one in batteries.items()}
    m.soc_least_at_end_kwh = {b: one.least_at_end_kwh for b, one in batteries.items()}
    m.max_charge_kw = {b: one.max_charge_kw for b, one in batteries.items()}
    m.max_discharge_kw = {b: one.max_discharge_kw for b, one in batteries.items()}
    steps = [(b, t) for b in batteries for t in m.STEPS]
    m.charge_kw = Var(m.BATTERIES, m.STEPS, bounds={(b, t): (0, m.max_charge_kw[b]) for b, t in steps})
    m.discharge_kw = Var(m.BATTERIES, m.STEPS, bounds={(b, t): (0, m.max_discharge_kw[b]) for b, t in steps})
    m.soc_kwh = Var(
        m.BATTERIES,
        m.STEPS,
        bounds={(b, t): (batteries[b].soc_min_kwh, batteries[b].capacity_kwh) for b, t in steps},
    )

    for b, t in steps:
        m.ledger.draws(t, m.charge_kw[b, t], 1.0, safe=False)
        m.ledger.draws(t, m.discharge_kw[b, t], -1.0, safe=False)
        m.ledger.cost.append((m.discharge_kw[b, t], batteries[b].wear_cost_per_kwh * sets.problem.horizon.step_h))
    m.soc_balance = Constraint(m.BATTERIES, m.STEPS, rule=soc_balance, doc="B1")
    m.soc_at_end = Constraint(m.BATTERIES, rule=soc_at_end, doc="B2")


def declare_one_way(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the choice between charging and discharging to a model that has both, where prices call for it."""
    may_waste = sets.waste_pays | (sets.problem.base_kw < 0)
    m.ONE_WAY_STEPS = Set(initialize=[(b, t) for b in m.BATTERIES for t in m.STEPS if may_waste[t]], dimen=2)
    m.charges = Var(m.ONE_WAY_STEPS, domain=Binary)
    m.charge_only = Constraint(m.ONE_WAY_STEPS, rule=charge_only, doc="B3")
    m.discharge_only = Constraint(m.ONE_WAY_STEPS, rule=discharge_only, doc="B4")
