"""Why a level of response cannot be held: what draws power in the window all the same."""

from collections.abc import Iterator

from domain.plant import Schedule
from domain.plant.expand import plan_ways
from domain.text import Text
from optimizer.assemble import runs_kw
from optimizer.availability_window import AskedWindow
from optimizer.formulation.events import response_limits_kw
from optimizer.process_use import process_kw
from optimizer.words import at_step, clock, filled, joined

NAMED_KW = 0.5
"""What draws less than this in the window is not named. [kW]"""


def out_of_reach(asked: AskedWindow, level_kw: float) -> tuple[Text, ...]:
    """Say where a level exceeds what any import between nothing and the limit could give."""
    limit_kw = asked.problem.site.import_limit_kw
    for term in asked.terms(level_kw):
        _, most_kw = response_limits_kw(term, limit_kw)
        if level_kw > most_kw:
            said = filled(
                "only {most:.0f} kW could go even with nothing drawn at all ({at})"
                if asked.window.sign > 0
                else "only {most:.0f} kW more fit below the connection's limit ({at})",
                "即使完全不用电，也最多只能降 {most:.0f} kW（{at}）"
                if asked.window.sign > 0
                else "受电上限之下最多只能再增加 {most:.0f} kW（{at}）",
                most=most_kw,
                at=at_step(term.first, asked.problem),
            )
            return (said,)
    return ()


def what_stays(asked: AskedWindow, schedule: Schedule, response_kw: float) -> tuple[Text, ...]:
    """Say how much the greatest response found is, and what still draws power in the window then."""
    less = asked.window.sign > 0
    parts = list(_drawing(asked, schedule))
    said = filled(
        "the most that can be held is {most:.1f} kW less than the baseline; what still draws power then: {parts}"
        if less
        else "the most that can be held is {most:.1f} kW more than the baseline; what draws power then: {parts}",
        "最多只能比基线低 {most:.1f} kW；届时仍在用电的有：{parts}"
        if less
        else "最多只能比基线高 {most:.1f} kW；届时用电的有：{parts}",
        most=response_kw,
        parts=joined(parts),
    )
    return (said,)


def _drawing(asked: AskedWindow, schedule: Schedule) -> Iterator[Text]:
    problem, inside = asked.problem, slice(asked.first, asked.stop)
    base_kw = float(schedule.base_kw[inside].mean())
    yield filled("{kw:.0f} kW that the plan does not move", "计划不可移动的负荷 {kw:.0f} kW", kw=base_kw)
    ways = plan_ways(problem.plan)
    for run in schedule.runs:
        kw = float(runs_kw(problem, (run,))[inside].mean())
        if kw > NAMED_KW:
            first, last = problem.plan.window_of(problem.plan.task(run.task_id))
            yield filled(
                "{name} {kw:.0f} kW (runs between {first} and {last})",
                "{name} {kw:.0f} kW（须在{first}至{last}之间运行）",
                name=ways[run.task_id, run.mode_id].name,
                kw=kw,
                first=clock(first, problem),
                last=clock(last, problem),
            )
    for load in problem.plan.modulating_loads:
        kw = float(schedule.modulating_kw[load.load_id][inside].mean())
        if kw > NAMED_KW:
            yield filled(
                "{name} {kw:.0f} kW (at least {least:.0f} within its shifts)",
                "{name} {kw:.0f} kW（班次内不低于 {least:.0f}）",
                name=load.name,
                kw=kw,
                least=load.min_kw,
            )
    yield from _devices(asked, schedule)


def _devices(asked: AskedWindow, schedule: Schedule) -> Iterator[Text]:
    problem, inside = asked.problem, slice(asked.first, asked.stop)
    for process in problem.plan.processes:
        kw = float(process_kw(process, schedule.processes[process.process_id], problem.horizon)[inside].mean())
        if abs(kw) > NAMED_KW:
            yield filled("{name} {kw:.0f} kW", "{name} {kw:.0f} kW", name=process.name, kw=kw)
    for battery_id, use in schedule.batteries.items():
        kw = float((use.charge_kw - use.discharge_kw)[inside].mean())
        if abs(kw) > NAMED_KW:
            yield filled("battery {name} {kw:+.0f} kW", "储能 {name} {kw:+.0f} kW", name=battery_id, kw=kw)
    for pv_id, used_kw in schedule.pv_used_kw.items():
        kw = float(used_kw[inside].mean())
        if kw > NAMED_KW:
            yield filled("PV {name} {kw:.0f} kW less", "光伏 {name} 抵减 {kw:.0f} kW", name=pv_id, kw=kw)
