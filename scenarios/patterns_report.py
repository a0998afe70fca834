"""A page of a load's patterns: the findings, typical days with their spread, the year as a map; works offline."""

import html
from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D

from domain.errors import WattplanError
from domain.text import Language, Text
from forecasting.patterns import Diagnosis
from forecasting.patterns.found import SURE_WORDS
from scenarios.patterns_words import kind_of_day
from scenarios.report_numbers import cents, whole
from scenarios.report_svg import EVENT, GAIN, GRID, OFFER, Chart, legend_below
from scenarios.tariff_picture import COOL_TO_WARM

COLOURS = (OFFER, EVENT, GAIN)
HOURS = Text(en="hour of the day", zh="时刻")
TITLE = Text(en="Load patterns of {meter}", zh="{meter} 的用电特征")
DAYS_TITLE = Text(en="Typical days: P50, and P10 to P90 shaded", zh="典型日：P50，阴影为 P10 至 P90")
MAP_TITLE = Text(en="Every day (down) by hour (across)", zh="逐日（纵）逐时（横）负荷图")
COLUMNS = (
    Text(en="finding", zh="发现"),
    Text(en="kWh", zh="电量 kWh"),
    Text(en="money", zh="金额"),
    Text(en="how sure", zh="把握程度"),
    Text(en="seen", zh="依据"),
)
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#1f2933}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.4em .6em;border-bottom:1px solid #dfe4ea;text-align:left;"
    "vertical-align:top}td.n{text-align:right;white-space:nowrap}svg{width:100%;height:auto}"
)


class PatternsReportNotWrittenError(WattplanError):
    """The page cannot be written."""

    code = "patterns_report_not_written"
    words = Text(
        en="{path} cannot be written: {reason}. Choose another place.", zh="无法写入 {path}：{reason}。请更换位置。"
    )


def write_report(path: Path, seen: Diagnosis, language: Language) -> None:
    """Write the page.

    Raises
    ------
    PatternsReportNotWrittenError
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(seen, language), encoding="utf-8")
    except OSError as error:
        raise PatternsReportNotWrittenError(path=str(path), reason=error.strerror or str(error)) from error


def page(seen: Diagnosis, language: Language) -> str:
    """Give the page as one HTML text without anything from outside."""
    title = html.escape(TITLE.say(language, meter=seen.meter_id))
    heads = "".join(f"<th>{html.escape(one.say(language))}</th>" for one in COLUMNS)
    every = (*seen.findings, *(one.found for one in seen.peaks))
    rows = "".join(
        f"<tr><td>{html.escape(one.finding.say(language))}</td><td class=n>{whole(one.energy_kwh)}</td>"
        f"<td class=n>{'–' if one.saving is None else f'{cents(one.saving)} {one.currency}'}</td>"
        f"<td>{html.escape(SURE_WORDS[one.sure].say(language))}</td>"
        f"<td>{'<br>'.join(html.escape(part.said(seen.zone)) for part in one.evidence)}</td></tr>"
        for one in every
    )
    return (
        f'<!doctype html><html lang="{language.value}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>{days_chart(seen, language)}{year_map(seen, language)}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></body></html>\n"
    )


def days_chart(seen: Diagnosis, language: Language) -> str:
    """Draw the typical days as an SVG element."""
    chart = Chart(width_in=9.2, height_in=3.6)
    axes = chart.axes()
    axes.grid(axis="y", color=GRID)
    handles: list[object] = []
    for colour, day in zip(COLOURS, seen.days, strict=False):
        hours = np.arange(day.p50_kw.size) * 24 / day.p50_kw.size
        axes.fill_between(hours, day.p10_kw, day.p90_kw, step="post", color=colour, alpha=0.15, linewidth=0)
        axes.step(hours, day.p50_kw, where="post", color=colour, linewidth=1.5)
        label = chart.say(f"{kind_of_day(day.kind, language)} ({day.n_days})")
        handles.append(Line2D([], [], color=colour, label=label))
    axes.set_xlim(0, 24)
    axes.set_xticks(range(0, 25, 3))
    axes.set_ylabel("kW")
    axes.set_xlabel(chart.say(HOURS.say(language)))
    axes.set_title(chart.say(DAYS_TITLE.say(language)), fontsize=10)
    legend_below(axes, handles, len(handles))
    return chart.svg(title=DAYS_TITLE.say(language))


def year_map(seen: Diagnosis, language: Language) -> str:
    """Draw every day's load as one row of colours, as an SVG element; a day not measured stays blank."""
    chart = Chart(width_in=9.2, height_in=min(1.6 + 0.016 * len(seen.by_day_kw), 8.0))
    axes = chart.axes()
    picture = axes.imshow(
        seen.by_day_kw, aspect="auto", interpolation="none", cmap=COOL_TO_WARM, extent=(0, 24, len(seen.by_day_kw), 0)
    )
    firsts = [place for place, day in enumerate(seen.dates) if day.day == 1]
    axes.set_yticks(firsts, [f"{seen.dates[place]:%Y-%m}" for place in firsts])
    axes.set_xticks(range(0, 25, 3))
    axes.set_xlabel(chart.say(HOURS.say(language)))
    axes.set_title(chart.say(MAP_TITLE.say(language)), fontsize=10)
    chart.figure.colorbar(picture, ax=axes, label="kW", pad=0.02)
    return chart.svg(title=MAP_TITLE.say(language))
