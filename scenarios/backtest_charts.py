"""The pictures of a backtest: where it errs, whether its quantiles hold, its best and its worst day."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from domain.checks import FloatArray
from domain.metering import LoadForecast
from domain.noun import noun
from domain.text import Language
from domain.time import LocalDay
from forecasting.backtest.scores import Joined, wape_share
from scenarios.backtest_words import name_of, word
from scenarios.report_svg import FAINT, GRID, INK, LOSS, OFFER, TODAY, Chart, legend_below

WIDTH_IN = 9.2
HEIGHT_IN = 3.1
COLOURS = (OFFER, TODAY, LOSS)
PERCENT = 100


@noun(eq=False)
class JudgedDay:
    """One day of the first lead: what was said and what came."""

    forecast: LoadForecast
    day: LocalDay
    actual_kw: FloatArray
    """NaN where nothing was measured. [kW]"""

    @property
    def off_share(self) -> float:
        """WAPE of the day. [-]."""
        median_kw = self.forecast.quantile_kw(0.5)[self.day.first : self.day.stop]
        return wape_share(self.actual_kw, median_kw)


def hours_chart(joined: dict[str, Joined], language: Language) -> str:
    """Draw the error by hour of the local day."""
    chart = Chart(width_in=WIDTH_IN, height_in=HEIGHT_IN)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    handles: list[object] = []
    for (name, one), colour in zip(joined.items(), COLOURS, strict=False):
        off_kw = np.abs(one.actual_kw - one.median_kw)
        hours = np.unique(one.hour_h)
        means_kw = [float(off_kw[one.hour_h == hour].mean()) for hour in hours]
        axes.plot(hours, means_kw, color=colour, linewidth=1.8)
        handles.append(Line2D([], [], color=colour, label=chart.say(name_of(name, language))))
    axes.set_xticks(range(0, 24, 3))
    axes.set_ylim(bottom=0)
    axes.set_xlabel(chart.say(word("hour_axis", language)), color=INK)
    axes.set_ylabel(chart.say(word("kw_axis", language)), color=INK)
    legend_below(axes, handles, len(handles))
    return chart.svg(title=word("chart_hours", language))


def leads_chart(by_lead: dict[str, tuple[float, ...]], language: Language) -> str:
    """Draw the error by local day of the horizon, as bars side by side."""
    chart = Chart(width_in=WIDTH_IN, height_in=HEIGHT_IN)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    handles: list[object] = []
    width = 0.8 / len(by_lead)
    for place, ((name, shares), colour) in enumerate(zip(by_lead.items(), COLOURS, strict=False)):
        middles = np.arange(1, len(shares) + 1) + (place - (len(by_lead) - 1) / 2) * width
        axes.bar(middles, PERCENT * np.array(shares), width=0.9 * width, color=colour)
        handles.append(Patch(color=colour, label=chart.say(name_of(name, language))))
    axes.set_xticks(range(1, 1 + max(len(shares) for shares in by_lead.values())))
    axes.set_xlabel(chart.say(word("lead_axis", language)), color=INK)
    axes.set_ylabel(chart.say(word("share_axis", language)), color=INK)
    legend_below(axes, handles, len(handles))
    return chart.svg(title=word("chart_leads", language))


def days_chart(days: Mapping[str, Sequence[JudgedDay]], language: Language) -> str:
    """Draw the error of each judged day."""
    chart = Chart(width_in=WIDTH_IN, height_in=HEIGHT_IN)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    handles: list[object] = []
    for (name, judged), colour in zip(days.items(), COLOURS, strict=False):
        stamps = np.array([np.datetime64(one.day.day) for one in judged])
        shares = [PERCENT * one.off_share for one in judged]
        axes.plot(stamps, shares, color=colour, linewidth=1.4, marker="o", markersize=3)
        handles.append(Line2D([], [], color=colour, label=chart.say(name_of(name, language))))
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=10))  # type: ignore[no-untyped-call]
    # In digits: month names would follow the machine's language, not the page's.
    axes.xaxis.set_major_formatter(DateFormatter("%m-%d"))  # type: ignore[no-untyped-call]
    axes.set_ylabel(chart.say(word("share_axis", language)), color=INK)
    axes.tick_params(axis="x", labelrotation=0)
    legend_below(axes, handles, len(handles))
    return chart.svg(title=word("chart_days", language))


def coverage_chart(joined: dict[str, Joined], language: Language) -> str:
    """Draw how many values lay below each quantile, against how many should."""
    chart = Chart(width_in=WIDTH_IN, height_in=3.6)
    axes = chart.axes()
    axes.grid(color=GRID)
    axes.plot([0, PERCENT], [0, PERCENT], color=FAINT, linewidth=1, linestyle="--")
    handles: list[object] = [Line2D([], [], color=FAINT, linestyle="--", label=chart.say(word("ideal", language)))]
    for (name, one), colour in zip(joined.items(), COLOURS, strict=False):
        below = (one.actual_kw <= one.quantiles_kw).mean(axis=1)
        nominal = PERCENT * np.array(one.quantile_levels)
        axes.plot(nominal, PERCENT * below, color=colour, marker="o", markersize=4, linewidth=1.4)
        handles.append(Line2D([], [], color=colour, marker="o", label=chart.say(name_of(name, language))))
    axes.set_xlim(0, PERCENT)
    axes.set_ylim(0, PERCENT)
    axes.set_xlabel(chart.say(word("nominal_axis", language)), color=INK)
    axes.set_ylabel(chart.say(word("below_axis", language)), color=INK)
    legend_below(axes, handles, len(handles))
    return chart.svg(title=word("chart_cover", language))


def day_chart(judged: JudgedDay, title: str, language: Language) -> str:
    """Draw one day: the band, its median, and what was measured."""
    chart = Chart(width_in=WIDTH_IN, height_in=HEIGHT_IN)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    forecast, steps = judged.forecast, slice(judged.day.first, judged.day.stop)
    # Elapsed hours, so that a day with a changed clock is drawn 23 or 25 hours long.
    edges = np.arange(judged.day.stop - judged.day.first + 1) * forecast.grid.step_h
    low_kw, high_kw = forecast.quantile_kw(0.1)[steps], forecast.quantile_kw(0.9)[steps]
    axes.stairs(high_kw, edges, baseline=low_kw, fill=True, color=OFFER, alpha=0.25)
    axes.stairs(forecast.quantile_kw(0.5)[steps], edges, baseline=None, color=OFFER, linewidth=1.6)
    axes.stairs(judged.actual_kw, edges, baseline=None, color=INK, linewidth=1.3)
    axes.set_xlim(0, edges[-1])
    axes.set_xticks(np.arange(0, edges[-1] + 0.01, 3))
    axes.set_xlabel(chart.say(word("hour_axis", language)), color=INK)
    axes.set_ylabel(chart.say(word("kw_axis", language)), color=INK)
    handles: list[object] = [
        Line2D([], [], color=INK, label=chart.say(word("actual", language))),
        Line2D([], [], color=OFFER, label=chart.say(word("median", language))),
        Patch(color=OFFER, alpha=0.25, label=chart.say(word("band", language))),
    ]
    legend_below(axes, handles, len(handles))
    return chart.svg(title=title)
