r"""The objective: equation (O1) of docs/formulation.md.

==========================  ==================================  ========  =======================================
symbol                      code                                unit      meaning
==========================  ==================================  ========  =======================================
:math:`\pi_t`               ``m.energy_price_per_kwh[t]``       cur/kWh   price of a kWh imported in step t
:math:`\kappa_n`            ``m.ledger.cost``                   cur       labour, lateness, starts, wear, fuel of an activity
:math:`K`                   ``m.constant_cost``                 cur       what the schedule cannot change
:math:`\xi_t`                ``m.export_price_per_kwh[t]``       cur/kWh   pay for a kWh fed in in step t
:math:`\zeta_n`             ``m.coupled_price[n]``              cur/unit  price of a quantity of the coupled cost
:math:`J_h`                 ``m.jump_cost[h]``                  cur       cost of exceeding the first threshold
:math:`\alpha_e \delta_n`   ``m.pay_per_delivered_kw[e, n]``    cur/kW    pay per delivered kW
:math:`\alpha_e \gamma_n`   ``m.pay_per_committed_kw[e, n]``    cur/kW    pay per committed kW
:math:`\psi_e`              ``m.penalty_per_kw[e]``             cur/kW    fine per kW not delivered
==========================  ==================================  ========  =======================================
"""

from pyomo.environ import ConcreteModel, Objective, Param, Set, minimize

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def total_cost(m: ConcreteModel) -> object:
    r"""(O1) :math:`K + B + \sum_n \kappa_n x_n - P + F`.

    The bill's part is :math:`B = \Delta \sum_t (\pi_t i_t - \xi_t o_t) + \sum_{hn} w_{hn} q_{hn} + \sum_h J_h z_h +
    \sum_n \zeta_n v_n`, the events pay :math:`P = \sum_{en} \alpha_e (\delta_n r_{en} + \gamma_n c_{en})` and fine
    :math:`F = \sum_{en} \psi_e w_{en}`.
    """
    energy = [(m.import_kw[t], m.energy_price_per_kwh[t] * m.step_h) for t in m.STEPS]
    fed_in = [(m.export_kw[t], -m.export_price_per_kwh[t] * m.step_h) for t in m.EXPORT_PAID]
    coupled = [(var, m.coupled_price[n] * share) for n in m.COUPLED for var, share in m.VALUE_OF[n]]
    demand = [(m.excess_kw[key], m.knot_price_per_kw[key]) for key in m.KNOTS]
    jumps = [(m.over[h], m.jump_cost[h]) for h in m.JUMPS]
    pay = [(m.delivered_kw[key], -m.pay_per_delivered_kw[key]) for key in m.SETTLEMENTS]
    pay += [(m.committed_kw[key], -m.pay_per_committed_kw[key]) for key in m.SETTLEMENTS]
    penalty = [(m.shortfall_kw[e, n], m.penalty_per_kw[e]) for e, n in m.SETTLEMENTS]
    return weighted([*energy, *fed_in, *coupled, *demand, *jumps, *m.ledger.cost, *pay, *penalty]) + m.constant_cost


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the prices and the objective to a model that has everything else."""
    terms = sets.problem.terms
    cost = sets.coupled.cost
    m.constant_cost = Param(
        initialize=terms.constant + m.demand_constant_cost() + cost.constant + m.ledger.constant_cost
    )
    m.COUPLED = Set(initialize=[n for n, _ in cost.terms])
    m.coupled_price = Param(m.COUPLED, initialize=dict(cost.terms))
    paid = {} if terms.export_price_per_kwh is None else dict(enumerate(terms.export_price_per_kwh.tolist()))
    m.EXPORT_PAID = Set(initialize=[t for t, price in paid.items() if price])
    m.export_price_per_kwh = Param(m.EXPORT_PAID, initialize={t: price for t, price in paid.items() if price})
    m.energy_price_per_kwh = Param(m.STEPS, initialize=dict(enumerate(terms.energy_price_per_kwh.tolist())))
    m.total_cost = Objective(rule=total_cost, sense=minimize, doc="O1")
