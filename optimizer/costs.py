"""What a schedule costs, part by part, from the nouns alone."""

from domain.offers import CostParts, ResponseProblem
from domain.plant import Schedule
from domain.plant.expand import lateness_h, n_occupied, plan_ways, wages_per_h
from optimizer.formulation.emissions import co2_cost_per_kg, grid_co2_kg_per_kwh
from optimizer.process_costs import process_costs


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
    wear = sum(
        battery.wear_cost_per_kwh * float(schedule.batteries[battery.battery_id].discharge_kw.sum()) * grid.step_h
        for battery in problem.site.batteries
    )
    processes = process_costs(schedule, problem)
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
        coupled_cost=problem.terms.coupled_cost(schedule.import_kw, schedule.export_kw),
        labour_cost=labour + processes.labour_cost,
        lateness_cost=lateness,
        start_cost=starts + processes.start_cost,
        wear_cost=wear,
        event_pay=pay,
        event_penalty=penalty,
        co2_cost=(drawn_kg + processes.co2_kg) * co2_cost_per_kg(problem),
        fuel_cost=processes.fuel_cost,
        shortfall_cost=processes.shortfall_cost,
    )
