"""Pictures of what is decided under uncertainty: a playbook, an availability curve, two plans on the same samples."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from matplotlib.dates import date2num
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.offers.playbook import AvailabilityPoint, Playbook
from domain.text import Language, Text
from domain.time import zone_of
from scenarios.report_svg import EVENT, FAINT, GAIN, GRID, INK, LOSS, OFFER, TODAY, Chart, legend_below

WIDTH_IN = 9.2
N_MARKS = 8
"""Times written below a chart. [-]"""
BASE = Text(en="if nothing is called", zh="未被调用时")
CALLED = Text(en="if {names} is called ({share:.0%})", zh="{names} 被调用时（{share:.0%}）")
NOTICE = Text(en="notice", zh="通知")
WINDOW = Text(en="event", zh="事件")
IMPORT = Text(en="Site import, kW", zh="用电功率，kW")
LEVEL = Text(en="Response held over the window, kW", zh="时段内保持的响应，kW")
EXTRA = Text(en="Least extra cost, {currency}", zh="最低额外费用，{currency}")
PARTS = {
    "energy_cost": Text(en="energy", zh="电量"),
    "demand_cost": Text(en="demand charges", zh="需量电费"),
    "work_cost": Text(en="work and wear", zh="人工与损耗"),
}
PER_KWH = Text(en="{pay:.2f} / kWh", zh="{pay:.2f} / kWh")
EXPECTED = Text(en="plan for the expected load", zh="按期望负荷的计划")
AWARE = Text(en="plan for the samples", zh="按样本的计划")
SAMPLES = Text(en="Fresh samples, cheapest first, % of all", zh="新样本（由低到高），占比 %")
COST = Text(en="Month's cost, {currency}", zh="当月费用，{currency}")
PLAYBOOK_TITLE = Text(en="The base plan and what is done if an event is called", zh="基准计划与事件被调用时的安排")
CURVE_TITLE = Text(en="What each level of response costs", zh="各响应水平的费用")
VALUE_TITLE = Text(en="Both plans on samples that neither was made for", zh="两种计划在新样本上的费用")
COLOURS = (EVENT, LOSS, GAIN)


def playbook_chart(book: Playbook, problem: ResponseProblem, language: Language) -> str:
    """Draw the site's import in the base plan and in the plan for each course of events."""
    chart = Chart(width_in=WIDTH_IN, height_in=3.6)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    edges = [_local(problem, step) for step in range(problem.horizon.n_steps + 1)]
    drawn = [(book.base.schedule.import_kw, TODAY, BASE.say(language))]
    for number, plan in enumerate(book.plans):
        words = CALLED.say(language, names=" + ".join(plan.called), share=plan.probability)
        drawn.append((plan.response.schedule.import_kw, COLOURS[number % len(COLOURS)], words))
        notice = problem.horizon.edge_of(plan.notice_at)
        axes.axvline(edges[notice], color=COLOURS[number % len(COLOURS)], linestyle=":", linewidth=1.2)
    handles: list[object] = []
    for import_kw, colour, words in drawn:
        axes.stairs(import_kw, edges, color=colour, linewidth=1.8, baseline=None)
        handles.append(Line2D([], [], color=colour, linewidth=1.8, label=chart.say(words)))
    for event in problem.events:
        axes.axvspan(edges[event.first], edges[event.stop], color=EVENT, alpha=0.10, linewidth=0)
    handles.append(Patch(color=EVENT, alpha=0.18, label=chart.say(WINDOW.say(language))))
    handles.append(Line2D([], [], color=INK, linestyle=":", linewidth=1.2, label=chart.say(NOTICE.say(language))))
    axes.set_ylim(bottom=0)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylabel(chart.say(IMPORT.say(language)), color=INK)
    marked = range(0, problem.horizon.n_steps + 1, max(1, problem.horizon.n_steps // N_MARKS))
    axes.set_xticks([edges[step] for step in marked], [f"{_at(problem, step):%H:%M}" for step in marked])
    legend_below(axes, handles, 2)
    return chart.svg(title=PLAYBOOK_TITLE.say(language))


def _at(problem: ResponseProblem, step: int) -> datetime:
    """Give a step's edge on the site's clock."""
    at = problem.horizon.start + step * problem.horizon.step
    return at.astimezone(zone_of(problem.site.zone)).replace(tzinfo=None)


def _local(problem: ResponseProblem, step: int) -> float:
    """Give the same as matplotlib counts time."""
    return float(date2num(_at(problem, step)))  # type: ignore[no-untyped-call]


def availability_chart(points: Sequence[AvailabilityPoint], *, currency: str, language: Language) -> str:
    """Draw what each level costs, part by part, with the pay per kWh from which it is worth it."""
    possible = [one for one in points if one.is_possible]
    chart = Chart(width_in=WIDTH_IN, height_in=3.2)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    places = np.arange(len(possible))
    above, below = np.zeros(places.size), np.zeros(places.size)
    handles: list[object] = []
    for (field, words), colour in zip(PARTS.items(), (OFFER, EVENT, LOSS), strict=True):
        parts = np.array([getattr(one, field) for one in possible], dtype=np.float64)
        starts = np.where(parts >= 0, above, below)
        axes.bar(places, parts, bottom=starts, width=0.62, color=colour, alpha=0.75)
        above, below = above + np.maximum(parts, 0.0), below + np.minimum(parts, 0.0)
        handles.append(Patch(color=colour, alpha=0.75, label=chart.say(words.say(language))))
    for place, one in zip(places.tolist(), possible, strict=True):
        pay = chart.say(PER_KWH.say(language, pay=one.pay_per_kwh or 0.0))
        axes.annotate(
            pay, (place, above[place]), xytext=(0, 3), textcoords="offset points", ha="center", color=INK, fontsize=9
        )
    axes.axhline(0, color=FAINT, linewidth=1)
    axes.set_xticks(places, [f"{one.level_kw:.0f}" for one in possible])
    axes.set_xlabel(chart.say(LEVEL.say(language)), color=INK)
    axes.set_ylabel(chart.say(EXTRA.say(language, currency=currency)), color=INK)
    axes.margins(y=0.15)
    axes.legend(handles=handles, loc="upper left", frameon=False, fontsize=9)
    return chart.svg(title=CURVE_TITLE.say(language))


def value_chart(deterministic: FloatArray, stochastic: FloatArray, *, currency: str, language: Language) -> str:
    """Draw both plans' costs on the same samples, each from the cheapest to the dearest."""
    chart = Chart(width_in=WIDTH_IN, height_in=3.2)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    share = (np.arange(deterministic.size) + 0.5) / deterministic.size * 100
    handles: list[object] = []
    for costs, colour, words in ((deterministic, TODAY, EXPECTED), (stochastic, OFFER, AWARE)):
        label = chart.say(words.say(language))
        axes.plot(share, np.sort(costs), color=colour, linewidth=2)
        axes.axhline(float(costs.mean()), color=colour, linewidth=1, linestyle="--")
        handles.append(Line2D([], [], color=colour, linewidth=2, label=label))
    axes.set_xlabel(chart.say(SAMPLES.say(language)), color=INK)
    axes.set_ylabel(chart.say(COST.say(language, currency=currency)), color=INK)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.legend(handles=handles, loc="upper left", frameon=False, fontsize=9)
    return chart.svg(title=VALUE_TITLE.say(language))
