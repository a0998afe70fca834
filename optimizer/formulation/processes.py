r"""Processes: equations (R1)-(R13) of docs/formulation.md.

==============================  ==================================  ========  ====================================
symbol                          code                                unit      meaning
==============================  ==================================  ========  ====================================
:math:`r_{pt}`                  ``m.process_rate[p, t]``            unit / h  mean rate of process p in step t
:math:`u_{pt}`                  ``m.process_on[p, t]``              -         1 while it is on
:math:`v_{pt}, w_{pt}`          ``m.process_start`` ...             -         1 in the first step on, off
:math:`f_{pq}`                  ``m.quota_shortfall[p, q]``         unit      what quota q lacks
:math:`\underline r, \bar r`    ``m.process[p].least`` ...          unit / h  least and greatest rate while on
:math:`\Delta^+, \Delta^-`      ``m.process[p].rise`` ...           unit / h  greatest rise and fall in a step
:math:`\bar r^v, \bar r^w`      ``m.process[p].start_most`` ...     unit / h  greatest rate after a start, before a stop
:math:`U, D`                    ``m.process[p].n_run_steps`` ...  -         least steps on and off
:math:`T_{pq}, L, M`            ``m.QUOTA_STEPS[p, q]`` ...         unit      steps of a quota, its least and most
:math:`N_p`                     ``m.most_starts[p]``                -         most starts in a local day
==============================  ==================================  ========  ====================================

(R1)-(R3) are the convex hull of least runs and pauses (Rajan and Takriti 2005), so only :math:`u` is declared binary:
:math:`v` and :math:`w` are whole where it is. (R5) and (R6) limit the rate by the step's own start and the next one's
stop (Morales-España and others 2013), (R7) and (R8) are the facets of two steps in a row (Damcı-Kurt and others 2016).
Starts and stops exist only for processes whose data ask for them (``counts_starts``), and a process for which being on is
no decision (not ``is_switched``) is its rate alone: then (R12) and (R13) are its ramps. What was before the horizon enters
(R1), (R7), (R8), (R12) and (R13) as :math:`u_{p,-1}` and :math:`r_{p,-1}`, and the rest of a least run or pause as bounds
of :math:`u`. A step in which the process may not run, or must, is a bound of :math:`u` and :math:`r` too.
"""

from collections.abc import Iterator

from pyomo.environ import Binary, ConcreteModel, Constraint, NonNegativeReals, UnitInterval, Var

from optimizer.formulation.process_sets import ProcessSteps
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def switches(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R1) :math:`u_{pt} - u_{p,t-1} = v_{pt} - w_{pt}`."""
    moved = [(m.process_on[p, t], 1.0), (m.process_start[p, t], -1.0), (m.process_stop[p, t], 1.0)]
    if t == 0:
        return weighted(moved) == float(m.process[p].was_on)
    return weighted([*moved, (m.process_on[p, t - 1], -1.0)]) == 0.0


def least_run(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R2) :math:`\sum_{i = t-U+1}^{t} v_{pi} \le u_{pt}`."""
    lately = range(max(0, t - m.process[p].n_run_steps + 1), t + 1)
    return weighted([(m.process_on[p, t], -1.0), *((m.process_start[p, i], 1.0) for i in lately)]) <= 0.0


def least_pause(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R3) :math:`\sum_{i = t-D+1}^{t} w_{pi} \le 1 - u_{pt}`."""
    lately = range(max(0, t - m.process[p].n_pause_steps + 1), t + 1)
    return weighted([(m.process_on[p, t], 1.0), *((m.process_stop[p, i], 1.0) for i in lately)]) <= 1.0


def least_rate_on(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R4) :math:`r_{pt} \ge \underline r_p u_{pt}`."""
    return weighted([(m.process_rate[p, t], 1.0), (m.process_on[p, t], -m.process[p].least)]) >= 0.0


def most_rate_on(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R5) :math:`r_{pt} \le \bar r_p u_{pt} - (\bar r_p - \bar r^v_p) v_{pt} - [U_p > 1] (\bar r_p - \bar r^w_p) w_{p,t+1}`."""
    one = m.process[p]
    terms = [(m.process_rate[p, t], 1.0), (m.process_on[p, t], -one.most)]
    if one.start_most < one.most:
        terms.append((m.process_start[p, t], one.most - one.start_most))
    if one.stop_most < one.most and one.n_run_steps > 1 and t + 1 < one.may_run.size:
        terms.append((m.process_stop[p, t + 1], one.most - one.stop_most))
    return weighted(terms) <= 0.0


def most_rate_before_stop(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R6) :math:`r_{pt} \le \bar r_p u_{pt} - (\bar r_p - \bar r^w_p) w_{p,t+1}` where :math:`U_p = 1`."""
    one = m.process[p]
    return (
        weighted(
            [
                (m.process_rate[p, t], 1.0),
                (m.process_on[p, t], -one.most),
                (m.process_stop[p, t + 1], one.most - one.stop_most),
            ]
        )
        <= 0.0
    )


def rises(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R7) :math:`r_{pt} - r_{p,t-1} \le (\underline r + \Delta^+) u_{pt} - \underline r u_{p,t-1} + (\bar r^v - \underline r - \Delta^+) v_{pt}`."""
    one = m.process[p]
    reach = one.least + one.rise
    terms = [
        (m.process_rate[p, t], 1.0),
        (m.process_on[p, t], -reach),
        (m.process_start[p, t], reach - one.start_most),
    ]
    if t == 0:
        return weighted(terms) <= one.rate_before - one.least * one.was_on
    return weighted([*terms, (m.process_rate[p, t - 1], -1.0), (m.process_on[p, t - 1], one.least)]) <= 0.0


def falls(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R8) :math:`r_{p,t-1} - r_{pt} \le (\underline r + \Delta^-) u_{p,t-1} - \underline r u_{pt} + (\bar r^w - \underline r - \Delta^-) w_{pt}`."""
    one = m.process[p]
    reach = one.least + one.fall
    terms = [
        (m.process_rate[p, t], -1.0),
        (m.process_on[p, t], one.least),
        (m.process_stop[p, t], reach - one.stop_most),
    ]
    if t == 0:
        return weighted(terms) <= reach * one.was_on - one.rate_before
    return weighted([*terms, (m.process_rate[p, t - 1], 1.0), (m.process_on[p, t - 1], -reach)]) <= 0.0


def quota_least(m: ConcreteModel, p: str, q: int) -> object:
    r"""(R9) :math:`\Delta \sum_{t \in T_{pq}} r_{pt} + f_{pq} \ge L_{pq}`."""
    done = [(m.process_rate[p, t], m.process[p].step_h) for t in m.QUOTA_STEPS[p, q]]
    lacking = [(m.quota_shortfall[p, q], 1.0)] if (p, q) in m.PRICED_QUOTAS else []
    return weighted([*done, *lacking]) >= m.quota_least_units[p, q]


def quota_most(m: ConcreteModel, p: str, q: int) -> object:
    r"""(R10) :math:`\Delta \sum_{t \in T_{pq}} r_{pt} \le M_{pq}`."""
    return (
        weighted((m.process_rate[p, t], m.process[p].step_h) for t in m.QUOTA_STEPS[p, q]) <= m.quota_most_units[p, q]
    )


def starts_of_day(m: ConcreteModel, p: str, day: int) -> object:
    r"""(R11) :math:`\sum_{t \in \text{day}} v_{pt} \le N_p`."""
    return weighted((m.process_start[p, t], 1.0) for t in m.process[p].days[day]) <= m.most_starts[p]


def rises_freely(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R12) :math:`r_{pt} - r_{p,t-1} \le \Delta^+_p`."""
    one = m.process[p]
    if t == 0:
        return weighted([(m.process_rate[p, t], 1.0)]) <= one.rise + one.rate_before
    return weighted([(m.process_rate[p, t], 1.0), (m.process_rate[p, t - 1], -1.0)]) <= one.rise


def falls_freely(m: ConcreteModel, p: str, t: int) -> object:
    r"""(R13) :math:`r_{p,t-1} - r_{pt} \le \Delta^-_p`."""
    one = m.process[p]
    if t == 0:
        return weighted([(m.process_rate[p, t], -1.0)]) <= one.fall - one.rate_before
    return weighted([(m.process_rate[p, t - 1], 1.0), (m.process_rate[p, t], -1.0)]) <= one.fall


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the processes' data, variables and equations to a model that has STEPS and step_h."""
    found = sets.processes
    m.process = found
    m.SWITCHED = [p for p, one in found.items() if one.is_switched]
    m.COUNTED = [p for p, one in found.items() if one.counts_starts]
    m.process_rate = Var(
        list(found), m.STEPS, bounds={(p, t): span for p, one in found.items() for t, span in _rate_spans(one)}
    )
    m.process_on = Var(
        m.SWITCHED,
        m.STEPS,
        domain=Binary,
        bounds={(p, t): (int(found[p].must_run[t]), int(found[p].may_run[t])) for p in m.SWITCHED for t in m.STEPS},
    )
    m.process_start = Var(m.COUNTED, m.STEPS, domain=UnitInterval)
    m.process_stop = Var(m.COUNTED, m.STEPS, domain=UnitInterval)
    _declare_quotas(m, found)
    _enter(m, sets)

    m.switches = Constraint(m.COUNTED, m.STEPS, rule=switches, doc="R1")
    m.least_run = Constraint(m.COUNTED, m.STEPS, rule=least_run, doc="R2")
    m.least_pause = Constraint(m.COUNTED, m.STEPS, rule=least_pause, doc="R3")
    m.least_rate_on = Constraint([p for p in m.SWITCHED if found[p].least > 0], m.STEPS, rule=least_rate_on, doc="R4")
    m.most_rate_on = Constraint(m.SWITCHED, m.STEPS, rule=most_rate_on, doc="R5")
    slow = [p for p in m.COUNTED if found[p].stop_most < found[p].most and found[p].n_run_steps == 1]
    m.most_rate_before_stop = Constraint(
        [(p, t) for p in slow for t in list(m.STEPS)[:-1]], rule=most_rate_before_stop, doc="R6"
    )
    m.rises = Constraint([p for p in m.COUNTED if found[p].rise is not None], m.STEPS, rule=rises, doc="R7")
    m.falls = Constraint([p for p in m.COUNTED if found[p].fall is not None], m.STEPS, rule=falls, doc="R8")
    free = [p for p, one in found.items() if not one.is_switched]
    m.rises_freely = Constraint([p for p in free if found[p].rise is not None], m.STEPS, rule=rises_freely, doc="R12")
    m.falls_freely = Constraint([p for p in free if found[p].fall is not None], m.STEPS, rule=falls_freely, doc="R13")


def _rate_spans(one: ProcessSteps) -> Iterator[tuple[int, tuple[float, float]]]:
    least, most = one.rate_limits
    return enumerate(zip(least.tolist(), most.tolist(), strict=True))


def _declare_quotas(m: ConcreteModel, found: dict[str, ProcessSteps]) -> None:
    quotas = {(p, q): quota for p, one in found.items() for q, quota in one.quotas.items()}
    m.QUOTA_STEPS = {key: range(one.first, one.stop) for key, one in quotas.items()}
    least = {key: one.quota.least for key, one in quotas.items() if one.binds}
    most = {key: one.quota.most for key, one in quotas.items() if one.quota.most is not None}
    capped = {p: float(one.process.max_starts_count) for p, one in found.items() if one.process.max_starts_count}
    m.PRICED_QUOTAS = {key for key in least if quotas[key].is_priced}
    m.quota_least_units, m.quota_most_units, m.most_starts = least, most, capped
    m.quota_shortfall = Var(
        sorted(m.PRICED_QUOTAS), domain=NonNegativeReals, bounds={key: (0.0, least[key]) for key in m.PRICED_QUOTAS}
    )
    m.quota_least = Constraint(list(least), rule=quota_least, doc="R9")
    m.quota_most = Constraint(list(most), rule=quota_most, doc="R10")
    days = [(p, day) for p in capped for day in range(len(found[p].days))]
    m.starts_of_day = Constraint(days, rule=starts_of_day, doc="R11")
    for p, q in sorted(m.PRICED_QUOTAS):
        m.ledger.cost.append((m.quota_shortfall[p, q], quotas[p, q].quota.shortfall_cost_per_unit or 0.0))


def _enter(m: ConcreteModel, sets: PlanSets) -> None:
    """Enter what processes draw, bring, occupy, need and cost."""
    tangents = sets.reactive.tangents.of_process if sets.reactive is not None else {}
    for p, one in sets.processes.items():
        tangent = tangents.get(p, 0.0)
        for t in m.STEPS:
            _enter_rate(m, one, (p, t), tangent)
            if one.is_switched:
                _enter_on(m, one, (p, t), tangent)
            if one.counts_starts:
                m.ledger.draws(t, m.process_start[p, t], one.process.start_kwh / one.step_h, tangent=tangent)
                if one.process.start_cost:
                    m.ledger.cost.append((m.process_start[p, t], one.process.start_cost))


def _enter_rate(m: ConcreteModel, one: ProcessSteps, at: tuple[str, int], tangent: float) -> None:
    """Enter what each unit of a process' rate in a step draws, brings, takes and costs."""
    ledger, process, rate, t = m.ledger, one.process, m.process_rate[at], at[1]
    ledger.draws(t, rate, process.kwh_per_unit, safe=process.kwh_per_unit > 0, tangent=tangent)
    if one.unit_cost:
        ledger.cost.append((rate, one.unit_cost * one.step_h))
    for flow in process.flows:
        if flow.quantity_per_unit:
            ledger.store_flow[flow.store_id, t].append((rate, flow.quantity_per_unit * one.step_h))
    for use in process.utilities:
        if use.quantity_per_rate:
            ledger.utility_use[use.utility_id, t].append((rate, use.quantity_per_rate))


def _enter_on(m: ConcreteModel, one: ProcessSteps, at: tuple[str, int], tangent: float) -> None:
    """Enter what being on in a step draws, brings, occupies, needs and costs, whatever the rate."""
    ledger, process, on, t = m.ledger, one.process, m.process_on[at], at[1]
    ledger.draws(t, on, process.fixed_kw, tangent=tangent)
    if one.on_cost_per_h[t]:
        ledger.cost.append((on, float(one.on_cost_per_h[t]) * one.step_h))
    for flow in process.flows:
        if flow.quantity_per_h:
            ledger.store_flow[flow.store_id, t].append((on, flow.quantity_per_h * one.step_h))
    for use in process.utilities:
        if use.quantity:
            ledger.utility_use[use.utility_id, t].append((on, use.quantity))
    for machine_id in process.machine_ids:
        ledger.machine_use[machine_id, t].append((on, 1.0))
    if process.crew_count:
        ledger.people[t].append((on, process.crew_count))
