r"""Reactive power and compensation: equations (Q1)-(Q5) of docs/formulation.md.

==============================  ==============================  ======  ==========================================
symbol                          code                            unit    meaning
==============================  ==============================  ======  ==========================================
:math:`f_t, b_t`                ``m.forward_kvar[t]`` ...       kvar    reactive power drawn, fed back
:math:`\beta^Q_t`               ``m.base_kvar[t]``              kvar    of the load that the plan does not move
:math:`\rho^Q_{nt}`             ``m.ledger.reactive_kvar[t]``   kvar    what a unit of activity n draws in t
:math:`s_{ct}`                  ``m.bank_steps[c, t]``          -       steps of bank c that are on
:math:`\sigma_c`                ``m.kvar_per_step[c]``          kvar    what one of them gives
:math:`g_{ct}, a_{ct}`          ``m.giving_kvar[c, t]`` ...     kvar    what static generator c gives, takes
:math:`\phi_t`                  ``m.drawing[t]``                -       1 where it may draw, 0: feed back
:math:`\gamma_{ct}`             ``m.gives[c, t]``               -       1 where generator c may give, 0: take
:math:`F_t, B_t`                ``m.forward_most_kvar[t]`` ...  kvar    greatest :math:`f_t, b_t`: the big-M
:math:`G_{ct}`                  ``m.stepless_kvar[c, t]``       kvar    greatest :math:`g_{ct}, a_{ct}`: the big-M
==============================  ==============================  ======  ==========================================

The block stands only in plans that count reactive power (``problem.base_kvar``); how many steps are there in a step of the
plan, all of them on where a bank has no controller, is in the bounds of :math:`s`. Meters count :math:`f_t + b_t`, and
tariffs do not pay for it, so drawing and feeding back at once costs something or changes nothing: only where more reactive
power could be worth money (``sets.reactive_pays``) do (Q2) and (Q3) choose one of the two. Their big-M are the ends of
:math:`Q_t`: what could be drawn at most less what banks without a controller give, and what compensators could give at most
less what is drawn at least (``reactive_limits``). Losses are drawn in (G1); a generator that gives and takes at once burns
them, so (Q4) and (Q5) stand where drawing more power could be worth money (``sets.waste_pays``).
"""

from pyomo.environ import Binary, ConcreteModel, Constraint, NonNegativeIntegers, NonNegativeReals, Set, Var

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def reactive_balance(m: ConcreteModel, t: int) -> object:
    r"""(Q1) :math:`f_t - b_t = \beta^Q_t + \sum_n \rho^Q_{nt} x_n - \sum_c \sigma_c s_{ct} - \sum_c (g_{ct} - a_{ct})`."""
    metered = [(m.forward_kvar[t], 1.0), (m.reverse_kvar[t], -1.0)]
    drawn = [(variable, -kvar) for variable, kvar in m.ledger.reactive_kvar[t]]
    banks = [(m.bank_steps[c, t], m.kvar_per_step[c]) for c in m.BANKS]
    stepless = [(m.giving_kvar[c, t], 1.0) for c in m.STEPLESS] + [(m.taking_kvar[c, t], -1.0) for c in m.STEPLESS]
    return weighted(metered + drawn + banks + stepless) == m.base_kvar[t]


def draws_only(m: ConcreteModel, t: int) -> object:
    r"""(Q2) :math:`f_t \le F_t \phi_t`."""
    return weighted([(m.forward_kvar[t], 1.0), (m.drawing[t], -m.forward_most_kvar[t])]) <= 0.0


def feeds_back_only(m: ConcreteModel, t: int) -> object:
    r"""(Q3) :math:`b_t \le B_t (1 - \phi_t)`."""
    most_kvar = m.reverse_most_kvar[t]
    return weighted([(m.reverse_kvar[t], 1.0), (m.drawing[t], most_kvar)]) <= most_kvar


def gives_only(m: ConcreteModel, c: str, t: int) -> object:
    r"""(Q4) :math:`g_{ct} \le G_{ct} \gamma_{ct}`."""
    return weighted([(m.giving_kvar[c, t], 1.0), (m.gives[c, t], -m.stepless_kvar[c, t])]) <= 0.0


def takes_only(m: ConcreteModel, c: str, t: int) -> object:
    r"""(Q5) :math:`a_{ct} \le G_{ct} (1 - \gamma_{ct})`."""
    most_kvar = m.stepless_kvar[c, t]
    return weighted([(m.taking_kvar[c, t], 1.0), (m.gives[c, t], most_kvar)]) <= most_kvar


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add compensators and the reactive balance to a model that has all that draws power, where the plan counts it."""
    reactive, limits = sets.reactive, sets.limits.reactive
    if reactive is None or limits is None:
        return
    m.BANKS, m.STEPLESS = list(reactive.banks), list(reactive.stepless)
    m.base_kvar = reactive.base_kvar.tolist()
    m.kvar_per_step = {c: one.kvar_per_step for c, one in reactive.banks.items()}
    m.forward_most_kvar = limits.most_forward_kvar.tolist()
    m.reverse_most_kvar = limits.most_reverse_kvar.tolist()
    m.stepless_kvar = {
        (c, t): kvar for c, one in reactive.stepless.items() for t, kvar in enumerate(one.most_kvar.tolist())
    }
    counts = {
        (c, t): ends
        for c, one in reactive.banks.items()
        for t, ends in enumerate(zip(one.least_count.tolist(), one.most_count.tolist(), strict=True))
    }
    within = {key: (0.0, kvar) for key, kvar in m.stepless_kvar.items()}
    m.forward_kvar = Var(m.STEPS, domain=NonNegativeReals, bounds={t: (0.0, m.forward_most_kvar[t]) for t in m.STEPS})
    m.reverse_kvar = Var(m.STEPS, domain=NonNegativeReals, bounds={t: (0.0, m.reverse_most_kvar[t]) for t in m.STEPS})
    m.bank_steps = Var(m.BANKS, m.STEPS, domain=NonNegativeIntegers, bounds=counts)
    m.giving_kvar = Var(m.STEPLESS, m.STEPS, bounds=within)
    m.taking_kvar = Var(m.STEPLESS, m.STEPS, bounds=within)
    for c, t in counts:
        loss_kw = reactive.banks[c].compensator.loss_kw_per_kvar * m.kvar_per_step[c]
        m.ledger.draws(t, m.bank_steps[c, t], loss_kw, safe=False)
    for c, t in within:
        loss_kw = reactive.stepless[c].compensator.loss_kw_per_kvar
        m.ledger.draws(t, m.giving_kvar[c, t], loss_kw, safe=False)
        m.ledger.draws(t, m.taking_kvar[c, t], loss_kw, safe=False)
    m.reactive_balance = Constraint(m.STEPS, rule=reactive_balance, doc="Q1")


def declare_one_way(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the choices between drawing and feeding back, giving and taking, where prices call for them."""
    if sets.reactive is None:
        return
    lossy = [c for c in m.STEPLESS if sets.reactive.stepless[c].compensator.loss_kw_per_kvar]
    m.REACTIVE_STEPS = Set(initialize=[t for t in m.STEPS if sets.reactive_pays[t]])
    m.STEPLESS_STEPS = Set(initialize=[(c, t) for c in lossy for t in m.STEPS if sets.waste_pays[t]], dimen=2)
    m.drawing = Var(m.REACTIVE_STEPS, domain=Binary)
    m.gives = Var(m.STEPLESS_STEPS, domain=Binary)
    m.draws_only = Constraint(m.REACTIVE_STEPS, rule=draws_only, doc="Q2")
    m.feeds_back_only = Constraint(m.REACTIVE_STEPS, rule=feeds_back_only, doc="Q3")
    m.gives_only = Constraint(m.STEPLESS_STEPS, rule=gives_only, doc="Q4")
    m.takes_only = Constraint(m.STEPLESS_STEPS, rule=takes_only, doc="Q5")
