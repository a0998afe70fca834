"""The independent judge of every schedule: nobody has to trust the solver.

``audit`` replays a schedule in plain numbers from the nouns. It shares no line with the model: not its
expansion of the plan, not its costs, not Pyomo. It runs on every answer, in production too.
"""

import math

from domain.findings import Finding
from domain.offers.response import Audit, CostParts, ResponseProblem
from domain.plant import Schedule
from domain.text import Language, Text
from optimizer.audit_batteries import battery_findings
from optimizer.audit_costs import replayed_costs
from optimizer.audit_machines import machine_findings
from optimizer.audit_people import crews_of, people_findings
from optimizer.audit_power import power_findings
from optimizer.audit_processes import process_findings
from optimizer.audit_reactive import reactive_findings
from optimizer.audit_reading import reading_findings
from optimizer.audit_replay import replay_of
from optimizer.audit_runs import run_findings
from optimizer.audit_standing import standing_findings
from optimizer.audit_stores import store_findings
from optimizer.audit_tolerances import COST_TOLERANCE_SHARE, LEAST_SCALE
from optimizer.audit_utilities import utility_findings
from optimizer.errors import ObjectiveMismatchError, UnsoundScheduleError

__all__ = ["ObjectiveMismatchError", "UnsoundScheduleError", "audit", "must_agree", "must_be_sound"]

NO_COSTS = CostParts(
    constant_cost=math.nan,
    energy_cost=math.nan,
    demand_cost=math.nan,
    labour_cost=math.nan,
    lateness_cost=math.nan,
    start_cost=math.nan,
    wear_cost=math.nan,
    event_pay=math.nan,
    event_penalty=math.nan,
    coupled_cost=math.nan,
    change_cost=math.nan,
    co2_cost=math.nan,
    fuel_cost=math.nan,
    utility_cost=math.nan,
    changeover_cost=math.nan,
    disposal_cost=math.nan,
    shortfall_cost=math.nan,
)


def audit(schedule: Schedule, problem: ResponseProblem) -> Audit:
    """Replay a schedule and count its costs again.

    Parameters
    ----------
    schedule : Schedule
        What is to be judged, whoever made it.
    problem : ResponseProblem
        The question it answers.

    Returns
    -------
    Audit
        Its ``violations`` name each broken rule with its owner, instant and numbers. A schedule that
        cannot be read (wrong grid, shape, number or name) is not replayed: its costs are NaN.
    """
    unreadable = reading_findings(schedule, problem)
    if unreadable:
        return Audit(costs=NO_COSTS, violations=tuple(unreadable))
    plan = problem.plan
    replay = replay_of(schedule, plan)
    crews = crews_of(plan, problem.horizon, problem.calendar)
    violations = run_findings(replay) + machine_findings(replay) + people_findings(replay, crews)
    for process in plan.processes:
        violations += process_findings(process, replay)
    for store in plan.stores:
        violations += store_findings(store, replay)
    for utility in plan.utilities:
        violations += utility_findings(utility, replay)
    for battery in problem.site.batteries:
        violations += battery_findings(battery, schedule.batteries[battery.battery_id], problem)
    violations += power_findings(replay, problem) + reactive_findings(replay, problem)
    violations += standing_findings(replay, problem)
    return Audit(costs=replayed_costs(replay, problem, crews), violations=tuple(violations))


def must_be_sound(judged: Audit) -> None:
    """Refuse a schedule that breaks any rule.

    Raises
    ------
    UnsoundScheduleError
        Listing every violation in both languages.
    """
    if judged.violations:
        raise UnsoundScheduleError(
            n_violations=len(judged.violations),
            codes=tuple(one.code for one in judged.violations),
            violations=tuple(_spoken(one) for one in judged.violations),
        )


def must_agree(objective: float, costs: CostParts) -> None:
    """Refuse an objective that is not the cost the replay gives. [currency].

    Raises
    ------
    ObjectiveMismatchError
        If they differ by more than ``COST_TOLERANCE_SHARE``, or either is no number.
    """
    difference = objective - costs.total_cost
    if not abs(difference) <= COST_TOLERANCE_SHARE * max(LEAST_SCALE, abs(costs.total_cost)):
        raise ObjectiveMismatchError(objective=objective, total_cost=costs.total_cost, difference=difference)


def _spoken(finding: Finding) -> Text:
    """Say a finding in both languages; what looks like a placeholder in a name stays as it is."""
    said = {language: finding.say(language).replace("{", "{{").replace("}", "}}") for language in Language}
    return Text(en=said[Language.EN], zh=said[Language.ZH])
