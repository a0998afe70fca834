r"""Modulating loads: equation (M1) of docs/formulation.md.

==========================  ============================  ======  ==============================================
symbol                      code                          unit    meaning
==========================  ============================  ======  ==============================================
:math:`p_{jt}`              ``m.modulating_kw[j, t]``     kW      mean power of load j in step t of a shift
:math:`T_{jq}`              ``m.SHIFT_STEPS[j, q]``       -       steps of shift q of load j
:math:`E_{jq}`              ``m.shift_energy_kwh[j, q]``  kWh     energy that the shift needs
==========================  ============================  ======  ==============================================

Least and greatest power are bounds of ``m.modulating_kw``, which exists only within shifts: outside the
load is off.
"""

from pyomo.environ import ConcreteModel, Constraint, Param, Set, Var

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def shift_energy(m: ConcreteModel, j: str, q: int) -> object:
    r"""(M1) :math:`\Delta \sum_{t \in T_{jq}} p_{jt} = E_{jq}`."""
    return weighted((m.modulating_kw[j, t], m.step_h) for t in m.SHIFT_STEPS[j, q]) == m.shift_energy_kwh[j, q]


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the modulating loads' data, variables and equation to a model that has STEPS and step_h."""
    loads = {one.load_id: one for one in sets.problem.plan.modulating_loads}
    shifts = sets.shifts
    m.SHIFTS = Set(initialize=list(shifts), dimen=2)
    m.SHIFT_STEPS = {key: range(one.first, one.stop) for key, one in shifts.items()}
    m.MODULATING_STEPS = Set(initialize=[(j, t) for (j, q) in shifts for t in m.SHIFT_STEPS[j, q]], dimen=2)
    m.shift_energy_kwh = Param(m.SHIFTS, initialize={key: one.energy_kwh for key, one in shifts.items()})
    m.modulating_kw = Var(
        m.MODULATING_STEPS, bounds={(j, t): (loads[j].min_kw, loads[j].max_kw) for j, t in m.MODULATING_STEPS}
    )

    tangents = sets.reactive.tangents.of_load if sets.reactive is not None else {}
    for j, t in m.MODULATING_STEPS:
        m.ledger.draws(t, m.modulating_kw[j, t], 1.0, tangent=tangents.get(j, 0.0))
    m.shift_energy = Constraint(m.SHIFTS, rule=shift_energy, doc="M1")
