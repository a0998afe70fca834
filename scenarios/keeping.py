"""Keeping a plan that stands: never answered with a dearer one."""

from dataclasses import replace

from domain.offers import Response, ResponseProblem
from domain.plant import Schedule
from optimizer.assemble import assemble
from optimizer.audit import audit
from optimizer.standing_checks import is_whole


def kept_as_it_is(schedule: Schedule, problem: ResponseProblem) -> Schedule:
    """Give the decisions of a schedule over the base load of a problem on the same steps."""
    return assemble(
        problem,
        runs=schedule.runs,
        modulating_kw=schedule.modulating_kw,
        batteries=schedule.batteries,
        pv_used_kw=schedule.pv_used_kw,
        commitments_kw=schedule.commitments_kw,
        processes=schedule.processes,
        changeovers=schedule.changeovers,
        disposed=schedule.disposed,
        compensation_kvar=schedule.compensation_kvar if schedule.forward_kvar is not None else None,
    )


def no_dearer_than_kept(found: Response, problem: ResponseProblem) -> Response:
    """Give the standing plan itself where it is sound and costs less than what was found; the bound stays."""
    standing = problem.standing
    if standing is None or not is_whole(standing.schedule, problem):
        return found
    events = {event.event_id for event in problem.events}
    if set(standing.schedule.commitments_kw) != events:
        return found
    kept = kept_as_it_is(standing.schedule, problem)
    judged = audit(kept, problem)
    cost = judged.costs.total_cost
    if judged.violations or not cost < found.costs.total_cost:
        return found
    solve = found.solve
    decided = (solve.objective - solve.bound) / solve.gap_share - (solve.objective - cost) if solve.gap_share else cost
    left = max(0.0, cost - solve.bound)
    return Response(
        schedule=kept,
        costs=judged.costs,
        solve=replace(
            solve,
            objective=cost,
            bound=min(solve.bound, cost),
            gap_share=left / max(abs(decided), 1e-9) if left else 0.0,
        ),
    )
