"""Whether a standing plan belongs to the plant, the plan and the horizon that it is to be changed for.

A standing plan comes from a file that somebody may have mixed up or edited. What it says about other plants, things that
the plan does not know, or times outside of the horizon would be passed over in silence; here it is refused by name.
"""

from collections.abc import Iterator

import numpy as np

from domain.checks import FloatArray
from domain.errors import InvalidFieldError
from domain.files.problems import pointer_of
from domain.offers import ResponseProblem, StandingPlan
from domain.plant import Schedule
from domain.text import Text
from optimizer.standing import local_minute, standing_series

NOTHING_SHARE = 1e-4
"""Less than this part of a process' greatest rate is no rate. [-]"""
MOST_SHOWN = 12
"""Of more names than this only so many are listed. [-]"""
STANDING, SCHEDULE = "standing", "schedule"


class StandingSiteError(InvalidFieldError):
    """A standing plan was made for another site."""

    code = "standing_of_other_site"
    words = Text(
        en="The standing plan was made for site {value}, and this case is about site {ours}. Give the plan of this site; if it "
        "is, mend its site_id.",
        zh="现行计划属于厂区 {value}，而本案例为厂区 {ours}。请提供本厂区的计划；若确属本厂区，请更正其 site_id。",
    )


class StandingHorizonError(InvalidFieldError):
    """A standing plan and the horizon have no step in common."""

    code = "standing_outside_horizon"
    words = Text(
        en="The standing plan covers {value}, and the case plans {ours}: they have no step in common. Give the plan that covers "
        "those days, or leave the standing plan out.",
        zh="现行计划覆盖 {value}，而案例的计划期为 {ours}，两者没有重叠。请提供覆盖该时段的计划，或不提供现行计划。",
    )


class StandingNowError(InvalidFieldError):
    """The moment from which a plan may change does not lie within the horizon."""

    code = "standing_now_outside"
    words = Text(
        en="What began before {value} is to be kept, but the case plans {ours}. Give a time from the first of these to before "
        "the last (--now; over HTTP standing.now); where nothing has begun yet, the first.",
        zh="要求保留 {value} 之前已开始的内容，但案例的计划期为 {ours}。请给出该时段内的时间（--now；HTTP 为 standing.now）；"
        "若尚未开始，请给出其起点。",
    )


class StandingUnknownError(InvalidFieldError):
    """A standing plan names what the plan does not have."""

    code = "standing_unknown_id"
    words = Text(
        en="The standing plan's {place} names {value!r}, which the case's plan does not have (it has {known}). Take it out of the "
        "standing plan if it is no longer wanted, put it back into the plan, or give the file of this plant.",
        zh="现行计划的 {place} 指向 {value!r}，但案例的计划中没有该项，只有：{known}。"
        "若不再需要，请将其从现行计划中删除；否则请补回计划中，或提供本厂的文件。",
    )


class StandingRateError(InvalidFieldError):
    """By the standing plan a process ran at a rate that it does not have."""

    code = "standing_rate"
    words = Text(
        en="By the standing plan's {place}, process {process_id} ran at {value:g} {unit}/h at {at}, which is past; while it is "
        "on it can run at {least:g} … {most:g} {unit}/h. Mend the rate there, or the process' min_rate and max_rate.",
        zh="按现行计划的 {place}，连续设备 {process_id} 在已过去的 {at} 以 {value:g} {unit}/h 运行，而其运行速率为 "
        "{least:g} … {most:g} {unit}/h。请更正该处速率，或该设备的 min_rate 与 max_rate。",
    )


def standing_must_fit(problem: ResponseProblem) -> None:
    """Refuse a standing plan that is not one of this problem's plant and horizon.

    Runs that start, and series that say something, outside of the horizon may be of things that the plan no longer has.

    Raises
    ------
    StandingSiteError, StandingHorizonError, StandingNowError, StandingUnknownError, StandingRateError
        Naming the field of the standing plan.
    StandingGridError
        If its steps do not fall on the horizon's.
    """
    standing = problem.standing
    if standing is None:
        return
    _must_be_of_here(standing, problem)
    for parts, value, known in _named(standing, problem):
        if value not in known:
            raise StandingUnknownError(
                **_field(SCHEDULE, *parts),
                value=value,
                place="/".join(map(str, parts)),
                known=_listed(known),
            )
    _rates_must_be_possible(standing, problem)


def _listed(known: set[str]) -> Text:
    """List what there is, as much as people read."""
    if not known:
        return Text(en="nothing of that kind", zh="没有此类项目")
    names = sorted(known)
    shown, more = ", ".join(names[:MOST_SHOWN]), len(names) - MOST_SHOWN
    return (
        Text(en=f"{shown} and {more} more", zh=f"{shown} 等 {len(names)} 项") if more > 0 else Text(en=shown, zh=shown)
    )


def is_whole(schedule: Schedule, problem: ResponseProblem) -> bool:
    """Say whether a schedule covers the horizon's steps and says of everything of the plan, and of no more, what it does."""
    plan, site = problem.plan, problem.site
    there = [
        ({one.load_id for one in plan.modulating_loads}, set(schedule.modulating_kw)),
        ({one.battery_id for one in site.batteries}, set(schedule.batteries)),
        ({one.pv_id for one in site.pv}, set(schedule.pv_used_kw)),
        ({one.process_id for one in plan.processes}, set(schedule.processes)),
    ]
    if problem.base_kvar is not None and schedule.forward_kvar is not None:
        there.append(({one.compensator_id for one in site.compensators}, set(schedule.compensation_kvar)))
    return schedule.grid == problem.horizon and all(ours == theirs for ours, theirs in there)


def _must_be_of_here(standing: StandingPlan, problem: ResponseProblem) -> None:
    ours, theirs = problem.horizon, standing.schedule.grid

    def span(start: object, end: object) -> str:
        return f"{start} … {end}"

    if standing.site_id not in (None, problem.site.site_id):
        raise StandingSiteError(**_field(SCHEDULE, "site_id"), value=standing.site_id, ours=problem.site.site_id)
    horizon = span(local_minute(ours.start, problem), local_minute(ours.end, problem))
    if theirs.end <= ours.start or ours.end <= theirs.start:
        covered = span(local_minute(theirs.start, problem), local_minute(theirs.end, problem))
        raise StandingHorizonError(**_field(SCHEDULE, "grid"), value=covered, ours=horizon)
    if not ours.start <= standing.now < ours.end:
        raise StandingNowError(**_field("now"), value=local_minute(standing.now, problem), ours=horizon)


def _field(*parts: str | int) -> dict[str, str]:
    """Name a field of the standing plan, and its place in a request for a plan."""
    whole = (STANDING, *parts)
    return {"noun": "PlanAsked", "field": ".".join(map(str, whole)), "pointer": pointer_of(*whole)}


_Named = tuple[tuple[str | int, ...], str, set[str]]
"""Where something is named, its name, and what there is."""


def _named(standing: StandingPlan, problem: ResponseProblem) -> Iterator[_Named]:
    plan, grid, schedule = problem.plan, problem.horizon, standing.schedule
    modes = {task.task_id: {one.mode_id for one in task.modes} for task in plan.tasks}
    for number, run in enumerate(schedule.runs):
        if grid.start <= run.start < grid.end:
            yield ("runs", number, "task_id"), run.task_id, set(modes)
            if run.mode_id is not None:
                yield ("runs", number, "mode_id"), run.mode_id, modes[run.task_id]
    changes = {f"{one.machine_id}: {one.from_family} → {one.to_family}" for one in plan.changeovers}
    for number, change in enumerate(schedule.changeovers):
        if grid.start <= change.start < grid.end:
            yield ("changeovers", number), f"{change.machine_id}: {change.from_family} → {change.to_family}", changes
    for name, series, known in _series(standing, problem):
        for subject, values in series.items():
            if np.nan_to_num(standing_series(values, standing, grid)).any():
                yield (name, subject), subject, known


def _series(standing: StandingPlan, problem: ResponseProblem) -> Iterator[tuple[str, dict[str, FloatArray], set[str]]]:
    """Give what the schedule says step by step, by kind, and whose it may be."""
    schedule, plan, site = standing.schedule, problem.plan, problem.site
    yield "modulating_kw", schedule.modulating_kw, {one.load_id for one in plan.modulating_loads}
    moved = {name: use.charge_kw + use.discharge_kw for name, use in schedule.batteries.items()}
    yield "batteries", moved, {one.battery_id for one in site.batteries}
    yield "pv_used_kw", schedule.pv_used_kw, {one.pv_id for one in site.pv}
    does = {name: use.rate + use.is_on for name, use in schedule.processes.items()}
    yield "processes", does, {one.process_id for one in plan.processes}
    yield "compensation_kvar", schedule.compensation_kvar, {one.compensator_id for one in site.compensators}
    disposing = {one.store_id for one in plan.stores if one.disposal_cost_per_unit is not None}
    yield "disposed", schedule.disposed, disposing


def _rates_must_be_possible(standing: StandingPlan, problem: ResponseProblem) -> None:
    """Refuse rates of the past that a process does not have: what has begun is kept as it is."""
    grid = problem.horizon
    shift = (grid.start - standing.schedule.grid.start) // grid.step
    for process in problem.plan.processes:
        use = standing.schedule.processes.get(process.process_id)
        if use is None:
            continue
        rate, is_on = (
            standing_series(np.asarray(one, dtype=np.float64), standing, grid) for one in (use.rate, use.is_on)
        )
        slack = NOTHING_SHARE * process.max_rate
        least = np.where(is_on > 0, process.min_rate, 0.0)
        past = np.array([grid.at(t) < standing.now for t in range(grid.n_steps)])
        bad = np.flatnonzero(past & ((rate < least - slack) | (rate > process.max_rate + slack)))
        if bad.size:
            place = ("processes", process.process_id, "rate", int(bad[0]) + shift)
            raise StandingRateError(
                **_field(SCHEDULE, *place),
                value=float(rate[bad[0]]),
                place="/".join(map(str, place)),
                process_id=process.process_id,
                at=local_minute(grid.at(int(bad[0])), problem),
                least=process.min_rate,
                most=process.max_rate,
                unit=process.unit,
            )
