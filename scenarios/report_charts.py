"""The report's charts of money and of load: ranges, split of the saving, load against prices."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, DayLocator, HourLocator
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import MoneyRange, SavingSplit
from domain.text import Language
from domain.time import TimeGrid
from scenarios.report_bands import PriceStretch, tint_of
from scenarios.report_svg import EVENT, FAINT, GAIN, GRID, INK, LOSS, OFFER, TODAY, Chart, legend_below
from scenarios.report_words import word

WIDTH_IN = 9.2
Edges = npt.NDArray[np.datetime64]
SPLIT_PARTS = ("tariff", "shifting", "demand", "dr", "production")


@noun
class RangeRow:
    """One bar of the chart of ranges."""

    label: str
    bill: MoneyRange
    is_today: bool


@noun
class EventSpan:
    """One demand-response event to mark on a chart."""

    start: datetime
    end: datetime


def _money_ticks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def ranges_chart(rows: Sequence[RangeRow], *, currency: str, language: Language) -> str:
    """Draw P10–P50–P90 of the bill for today and each offer, on one scale."""
    chart = Chart(width_in=WIDTH_IN, height_in=0.8 + 0.5 * len(rows))
    axes = chart.axes()
    axes.grid(axis="x", color=GRID)
    for place, row in enumerate(rows):
        low, middle, high = (float(value) for value in (row.bill.p10, row.bill.p50, row.bill.p90))
        colour = TODAY if row.is_today else OFFER
        axes.barh(place, high - low, left=low, height=0.42, color=colour, alpha=0.45)
        axes.plot([middle, middle], [place - 0.21, place + 0.21], color=colour, linewidth=2.5)
        axes.annotate(
            f"{middle:,.0f}",
            (high, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize=9,
        )
        lane_name(axes, place - 0.3, chart.say(row.label))
    axes.set_yticks([])
    axes.set_ylim(len(rows) - 0.6, -0.7)
    axes.margins(x=0.1)
    _money_ticks(axes)
    axes.set_xlabel(chart.say(currency), color=INK)
    return chart.svg(title=word("chart_ranges", language))


def lane_name(axes: Axes, height: float, name: str) -> None:
    """Write a lane's name above it, where a long one takes no room from the chart."""
    axes.text(0.004, height, name, transform=axes.get_yaxis_transform(), va="bottom", color=INK, fontsize=8.5, zorder=5)


def split_chart(split: SavingSplit, *, currency: str, language: Language) -> str:
    """Draw the saving's parts as a waterfall that ends at the net saving."""
    chart = Chart(width_in=WIDTH_IN, height_in=2.9)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    axes.axhline(0, color=FAINT, linewidth=1)
    level = Decimal(0)
    for place, part in enumerate(SPLIT_PARTS):
        amount = getattr(split, part)
        _pillar(axes, place, level, amount, GAIN if amount >= 0 else LOSS)
        level += amount
        axes.plot([place - 0.3, place + 1.3], [float(level)] * 2, color=FAINT, linewidth=0.8)
    _pillar(axes, len(SPLIT_PARTS), Decimal(0), split.total, OFFER if split.total >= 0 else LOSS)
    names = [word(f"split_{part}", language) for part in (*SPLIT_PARTS, "total")]
    axes.set_xticks(range(len(names)), [chart.say(name) for name in names])
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_ylabel(chart.say(currency), color=INK)
    axes.margins(y=0.16)
    return chart.svg(title=word("chart_split", language))


def _pillar(axes: Axes, place: int, start: Decimal, amount: Decimal, colour: str) -> None:
    axes.bar(place, float(amount), bottom=float(start), width=0.6, color=colour)
    top = float(max(start, start + amount))
    axes.annotate(
        f"{amount:+,.0f}", (place, top), xytext=(0, 3), textcoords="offset points", ha="center", color=INK, fontsize=9
    )


def wall_clock(grid: TimeGrid, zone: str) -> Edges:
    """Give the edges of all steps as wall-clock times without a zone, shape (n_steps + 1,)."""
    edges = TimeGrid(start=grid.start, step_min=grid.step_min, n_steps=grid.n_steps + 1)
    return np.asarray(edges.local_starts(zone).tz_localize(None).to_numpy())


def time_axis(axes: Axes, edges: Edges) -> None:
    """Label days (and six-hour marks) along the x axis."""
    axes.set_xlim(edges[0], edges[-1])
    days = (edges[-1] - edges[0]) / np.timedelta64(1, "D")
    axes.xaxis.set_major_locator(DayLocator(interval=max(1, round(days / 10))))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%m-%d"))  # type: ignore[no-untyped-call]
    if days <= 10:  # noqa: PLR2004 -- more would crowd the axis
        axes.xaxis.set_minor_locator(HourLocator(byhour=(6, 12, 18)))  # type: ignore[no-untyped-call]
    axes.tick_params(axis="x", which="minor", length=2, color=FAINT)


def stairs(axes: Axes, edges: Edges, values: FloatArray, **style: Any) -> None:
    """Draw a mean over each step as a level line."""
    axes.step(edges, np.append(values, values[-1]), where="post", **style)


def load_chart(
    today_kw: FloatArray,
    offer_kw: FloatArray,
    *,
    grid: TimeGrid,
    zone: str,
    stretches: Sequence[PriceStretch],
    events: Sequence[EventSpan],
    currency: str,
    language: Language,
) -> str:
    """Draw both loads over the plan's days, prices shaded behind them, events outlined."""
    chart = Chart(width_in=WIDTH_IN, height_in=3.7)
    axes = chart.axes()
    edges = wall_clock(grid, zone)
    tints = tint_of(stretches)
    for stretch in stretches:
        axes.axvspan(edges[stretch.first], edges[stretch.stop], color=tints[stretch.label], linewidth=0)
    top = float(max(today_kw.max(), offer_kw.max())) * 1.12
    for event in events:
        first, stop = (min(max(grid.step_of(at), 0), grid.n_steps) for at in (event.start, event.end))
        axes.axvspan(edges[first], edges[stop], facecolor="none", edgecolor=EVENT, linewidth=1.6, zorder=4)
    stairs(axes, edges, today_kw, color=TODAY, linewidth=1.3)
    stairs(axes, edges, offer_kw, color=OFFER, linewidth=1.5)
    time_axis(axes, edges)
    axes.set_ylim(0, top or 1)
    axes.grid(axis="y", color="#ffffff", linewidth=0.8)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_ylabel(chart.say(word("load_kw", language)), color=INK)
    handles: list[object] = [
        Line2D([], [], color=TODAY, label=chart.say(word("today", language))),
        Line2D([], [], color=OFFER, label=chart.say(word("offer", language))),
    ]
    if events:
        handles.append(Patch(facecolor="none", edgecolor=EVENT, label=chart.say(word("event", language))))
    prices = {stretch.label: stretch.price_per_kwh for stretch in stretches}
    handles += [
        Patch(facecolor=tints[label], edgecolor=GRID, label=chart.say(f"{label} {prices[label]:.4g} {currency}/kWh"))
        for label in sorted(prices, key=lambda label: prices[label])
    ]
    legend_below(axes, handles, columns=4)
    return chart.svg(title=word("chart_load", language))
