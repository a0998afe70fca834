"""The report's charts of the plant: when machines run, how full stores and batteries are."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from matplotlib.dates import date2num
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from domain.checks import FloatArray
from domain.noun import noun
from domain.plant import ProductionPlan, Run, Schedule, Task
from domain.plant.expand import plan_ways
from domain.text import Language
from domain.time import TimeGrid
from scenarios.report_charts import WIDTH_IN, Edges, EventSpan, lane_name, stairs, time_axis, wall_clock
from scenarios.report_svg import EVENT, FAINT, GRID, INK, MOVED, OFFER, STILL, TODAY, Chart, legend_below
from scenarios.report_words import word

LANE_IN = 0.68
MAX_PANELS = 12


@noun(eq=False)
class LevelPanel:
    """One quantity over the horizon, today and under the offer, with its limits."""

    label: str
    today: FloatArray | None
    offer: FloatArray
    low: float
    high: float


def moved_runs(today: Schedule, offer: Schedule) -> set[Run]:
    """Give the offer's runs that have no equal run today."""
    return set(offer.runs) - set(today.runs)


def runs_chart(
    plan: ProductionPlan,
    today: Schedule,
    offer: Schedule,
    *,
    zone: str,
    events: Sequence[EventSpan],
    language: Language,
) -> str:
    """Draw a Gantt chart: per machine one lane of today's runs over one of the offer's."""
    ways = plan_ways(plan)
    used = {machine_id for way in ways.values() for machine_id in way.machine_ids}
    machines = [one for one in plan.machines if one.machine_id in used]
    chart = Chart(width_in=WIDTH_IN, height_in=1.0 + LANE_IN * max(1, len(machines)))
    axes = chart.axes()
    axes.grid(axis="x", color=GRID)
    edges = wall_clock(offer.grid, zone)
    moved = moved_runs(today, offer)
    changes = {
        (one.machine_id, one.from_family, one.to_family): timedelta(minutes=one.duration_min)
        for one in plan.changeovers
    }
    for place, machine in enumerate(machines):
        here = {key for key, way in ways.items() if machine.machine_id in way.machine_ids}
        now = [run for run in offer.runs if (run.task_id, run.mode_id) in here]
        lanes = (
            ([run for run in today.runs if (run.task_id, run.mode_id) in here], TODAY, place - 0.2),
            ([run for run in now if run not in moved], STILL, place + 0.1),
            ([run for run in now if run in moved], MOVED, place + 0.1),
        )
        for runs, colour, bottom in lanes:
            bars = [_bar(ways[run.task_id, run.mode_id], run.start, offer.grid, edges) for run in runs]
            axes.broken_barh(bars, (bottom, 0.28), facecolor=colour, edgecolor="white", linewidth=0.5)
        for schedule, bottom in ((today, place - 0.2), (offer, place + 0.1)):
            set_ups = [
                _span(one.start, changes[one.machine_id, one.from_family, one.to_family], offer.grid, edges)
                for one in schedule.changeovers
                if one.machine_id == machine.machine_id
            ]
            axes.broken_barh(set_ups, (bottom, 0.28), facecolor="white", edgecolor=INK, hatch="////", linewidth=0.5)
        lane_name(axes, place - 0.22, chart.say(_machine_name(machine.name, machine.count)))
    for event in events:
        first, stop = (_wall(offer.grid, edges, at) for at in (event.start, event.end))
        axes.axvspan(first, stop, facecolor="none", edgecolor=EVENT, linewidth=1.4, zorder=4)
    time_axis(axes, edges)
    axes.set_yticks([])
    axes.set_ylim(max(1, len(machines)) - 0.5, -0.6)
    handles: list[object] = [
        Patch(facecolor=TODAY, label=chart.say(word("today", language))),
        Patch(facecolor=STILL, label=chart.say(word("runs_same", language))),
        Patch(facecolor=MOVED, label=chart.say(word("runs_moved", language))),
    ]
    if today.changeovers or offer.changeovers:
        handles.append(Patch(facecolor="white", edgecolor=INK, hatch="////", label=chart.say(word("set_up", language))))
    if events:
        handles.append(Patch(facecolor="none", edgecolor=EVENT, label=chart.say(word("event", language))))
    legend_below(axes, handles, columns=5)
    return chart.svg(title=word("chart_runs", language))


def _machine_name(name: str, count: int) -> str:
    return name if count == 1 else f"{name} ×{count}"


def _wall(grid: TimeGrid, edges: Edges, at: datetime) -> float:
    step = min(max((at - grid.start) / grid.step, 0.0), float(grid.n_steps))
    whole = min(int(step), grid.n_steps - 1)
    number = date2num(edges)  # type: ignore[no-untyped-call]
    return float(number[whole] + (step - whole) * (number[whole + 1] - number[whole]))


def _bar(way: Task, start: datetime, grid: TimeGrid, edges: Edges) -> tuple[float, float]:
    return _span(start, way.duration, grid, edges)


def _span(start: datetime, length: timedelta, grid: TimeGrid, edges: Edges) -> tuple[float, float]:
    first = _wall(grid, edges, start)
    return first, _wall(grid, edges, start + length) - first


def levels_chart(
    panels: Sequence[LevelPanel], *, grid: TimeGrid, zone: str, at_step_end: bool, title: str, language: Language
) -> str:
    """Draw one small panel per store, battery or modulating load, under one time axis."""
    shown = panels[:MAX_PANELS]
    chart = Chart(width_in=WIDTH_IN, height_in=0.5 + 1.25 * len(shown))
    edges = wall_clock(grid, zone)
    first = None
    for row, panel in enumerate(shown, start=1):
        axes = chart.axes(len(shown), row, first)
        first = first or axes
        axes.grid(axis="y", color=GRID)
        for limit in (panel.low, panel.high):
            axes.axhline(limit, color=FAINT, linewidth=1, linestyle=":")
        for values, colour, width in ((panel.today, TODAY, 1.1), (panel.offer, OFFER, 1.5)):
            if values is None:
                continue
            if at_step_end:
                axes.plot(edges[1:], values, color=colour, linewidth=width)
            else:
                stairs(axes, edges, values, color=colour, linewidth=width)
        axes.set_title(chart.say(panel.label), loc="left", fontsize=9, color=INK, pad=3)
        axes.tick_params(labelbottom=row == len(shown))
        axes.locator_params(axis="y", nbins=4)
        time_axis(axes, edges)
    assert first is not None  # noqa: S101 -- callers give at least one panel
    handles: list[object] = [
        Line2D([], [], color=TODAY, label=chart.say(word("today", language))),
        Line2D([], [], color=OFFER, label=chart.say(word("offer", language))),
    ]
    first.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=9)
    return chart.svg(title=title)
