"""Forecast a meter on the command line."""

import csv
import io
from pathlib import Path

import numpy as np
import typer

from api.cli.case_work import MeterAsked, read_series
from api.cli.output import err, out, print_json, say_findings, simple_table
from api.services.requests import ForecastRequest, forecast_to_plain
from api.services.use_cases import forecast_meter
from domain.metering import LoadForecast, PeakForecast
from domain.text import Language, Text
from domain.time import LocalDay, said_at
from scenarios.report_numbers import whole

DAY = Text(en="day", zh="日期")
ENERGY = Text(en="energy kWh (P50)", zh="电量 kWh（P50）")
PEAK = Text(en="peak kW P10 / P50 / P90", zh="峰值 kW P10 / P50 / P90")
LONGER_PEAK = {
    "week": Text(
        en="highest load of the first 7 days, kW P10 / P50 / P90: {peak}",
        zh="前 7 天最高负荷 kW P10 / P50 / P90：{peak}",
    ),
    "rest_of_month": Text(
        en="highest load to the end of the month, kW P10 / P50 / P90: {peak}",
        zh="至月末最高负荷 kW P10 / P50 / P90：{peak}",
    ),
}

ISSUED = Text(en="issued {at}; {model}", zh="发布于 {at}；{model}")


def answer(
    meter: Path,
    asked: MeterAsked,
    *,
    days: int,
    country: str | None,
    seed: int,
    n_samples: int,
    out: Path | None,
    language: Language,
    json_wanted: bool,
) -> None:
    """Read, forecast, show, write."""
    if asked.zone is None:
        raise typer.BadParameter("--zone is needed: the IANA zone of the meter's clock, such as Asia/Shanghai")
    zone = asked.zone
    reading = read_series(meter, asked, language)
    request = ForecastRequest(
        meter=reading.series,
        zone=zone,
        country=country,
        issued_at=reading.series.grid.end,
        days=days,
        n_samples=n_samples,
        seed=seed,
    )
    forecast = forecast_meter(request)
    say_findings(forecast.degraded_reasons, language)
    if json_wanted:
        print_json(forecast_to_plain(forecast))
    else:
        _print_days(forecast, zone, language)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(forecast_csv(forecast, zone), encoding="utf-8", newline="")
        err().print(str(out), markup=False, soft_wrap=True)


def day_energy_kwh(forecast: LoadForecast, day: LocalDay) -> float:
    """Give the median of one day's energy. [kWh].

    It is not the sum of the steps' medians: a batch runs or it does not.
    """
    days_kwh = forecast.samples_kw[:, day.first : day.stop].sum(axis=1) * forecast.grid.step_h
    return float(np.median(days_kwh))


def _print_days(forecast: LoadForecast, zone: str, language: Language) -> None:
    table = simple_table(DAY.say(language), ENERGY.say(language), PEAK.say(language), numbers=(1, 2))
    days = {one.first: one for one in forecast.peaks if one.period == "day"}
    for day in forecast.grid.local_days(zone):
        table.add_row(f"{day.day:%Y-%m-%d}", whole(day_energy_kwh(forecast, day)), _said_peak(days[day.first]))
    out().print(table)
    for peak in forecast.peaks:
        if peak.period != "day":
            out().print(LONGER_PEAK[peak.period].say(language, peak=_said_peak(peak)), markup=False)
    issued = ISSUED.say(language, at=said_at(forecast.issued_at, zone), model=forecast.model)
    out().print(issued, style="dim", markup=False)


def _said_peak(peak: PeakForecast) -> str:
    return " / ".join(whole(peak.quantile_kw(level)) for level in (0.1, 0.5, 0.9))


def forecast_csv(forecast: LoadForecast, zone: str) -> str:
    """Give a forecast as CSV: local start of each step, quantiles and mean."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["start", *(f"p{level * 100:g}_kw" for level in forecast.quantile_levels), "mean_kw"])
    mean_kw = forecast.samples_kw.mean(axis=0)
    for step, start in enumerate(forecast.grid.local_starts(zone)):
        quantiles = [f"{value:.3f}" for value in forecast.quantiles_kw[:, step]]
        rows.writerow([start.isoformat(), *quantiles, f"{mean_kw[step]:.3f}"])
    return text.getvalue()
