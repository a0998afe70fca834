"""What a schedule costs, part by part, from the nouns alone."""

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import CostParts, ResponseProblem
from domain.plant import Schedule
from domain.plant.expand import change_steps, lateness_h, n_occupied, plan_ways, wages_per_h
from optimizer.formulation.emissions import co2_cost_per_kg, grid_co2_kg_per_kwh
from optimizer.process_costs import process_costs
from optimizer.standing import change_cost
from optimizer.utility_use import utility_costs


@noun
class ChangeoversCost:
    """What changeovers cost. [currency]"""

    changeover_cost: float
    """Material, tooling, lost product."""
    labour_cost: float


def changeovers_cost(schedule: Schedule, problem: ResponseProblem, wages: FloatArray) -> ChangeoversCost:
    """Price a schedule's changeovers. [currency]."""
    grid = problem.horizon
    kinds = {(one.machine_id, one.from_family, one.to_family): one for one in problem.plan.changeovers}
    cost = labour = 0.0
    for one in schedule.changeovers:
        kind, first = kinds[one.machine_id, one.from_family, one.to_family], grid.edge_of(one.start)
        cost += kind.cost
        if kind.crew_count > 0:
            worked = wages[first : first + change_steps(kind, grid.step_min)]
            labour += kind.crew_count * float(worked.sum()) * grid.step_h
    return ChangeoversCost(changeover_cost=cost, labour_cost=labour)


def schedule_costs(schedule: Schedule, problem: ResponseProblem) -> CostParts:
    """Price a schedule: the bill's terms, the work, the wear, the events. [currency]."""
    grid, plan = problem.horizon, problem.plan
    wages = wages_per_h(plan, grid, problem.calendar)
    labour = lateness = starts = 0.0
    ways = plan_ways(plan)
    for run in schedule.runs:
        task = ways[run.task_id, run.mode_id]
        first = grid.edge_of(run.start)
        if task.crew_count > 0:
            worked = wages[first : first + n_occupied(task, grid.step_min)]
            labour += task.crew_count * float(worked.sum()) * grid.step_h
        order = plan.order_of(task)
        if order is not None and order.lateness_cost_per_h is not None:
            lateness += lateness_h(task, plan, run.start) * order.lateness_cost_per_h
        starts += task.start_cost
    turned = changeovers_cost(schedule, problem, wages)
    wear = sum(
        battery.wear_cost_per_kwh * float(schedule.batteries[battery.battery_id].discharge_kw.sum()) * grid.step_h
        for battery in problem.site.batteries
    )
    processes = process_costs(schedule, problem)
    utility_cost, utility_kg = utility_costs(schedule, problem)
    drawn_kg = float(grid_co2_kg_per_kwh(problem) @ schedule.import_kw) * grid.step_h
    pay = penalty = 0.0
    for event in problem.events:
        committed_kw = schedule.commitments_kw.get(event.event_id, 0.0)
        mean_kw = float(schedule.import_kw[event.first : event.stop].mean())
        pay += event.pay(committed_kw, mean_kw)
        penalty += event.penalty(committed_kw, mean_kw)
    return CostParts(
        constant_cost=problem.terms.constant,
        energy_cost=problem.terms.energy_cost(schedule.import_kw, schedule.export_kw),
        demand_cost=problem.terms.demand_cost(schedule.import_kw),
        coupled_cost=problem.terms.coupled_cost(schedule.import_kw, schedule.export_kw, schedule.reactive_kvar),
        labour_cost=labour + processes.labour_cost + turned.labour_cost,
        lateness_cost=lateness,
        start_cost=starts + processes.start_cost,
        wear_cost=wear,
        event_pay=pay,
        event_penalty=penalty,
        change_cost=change_cost(schedule, problem),
        co2_cost=(drawn_kg + processes.co2_kg + utility_kg) * co2_cost_per_kg(problem),
        fuel_cost=processes.fuel_cost,
        utility_cost=utility_cost,
        changeover_cost=turned.changeover_cost,
        disposal_cost=sum(
            (one.disposal_cost_per_unit or 0.0) * float(schedule.disposed[one.store_id].sum())
            for one in plan.stores
            if one.store_id in schedule.disposed
        ),
        shortfall_cost=processes.shortfall_cost,
    )
