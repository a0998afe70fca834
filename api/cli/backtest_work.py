"""Backtest a meter on the command line."""

import csv
import gzip
import io
import json
import math
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from datetime import time
from pathlib import Path
from typing import Any

import typer

from api.cli.case_work import MeterAsked, read_series
from api.cli.output import err, out, print_json, simple_table
from api.cli.watching import watching
from domain.metering import MeterSeries
from domain.text import Language, Text
from domain.time import Calendar
from forecasting.backtest import FourWeekMean, OwnForecast, SameTimeLastWeek, rolling_origins, run_backtest
from forecasting.backtest.origins import arrivals
from forecasting.backtest.runner import Backtest, Forecaster
from forecasting.backtest.scores import Score
from scenarios.backtest_report import (
    FOUR_WEEKS,
    LAST_WEEK,
    OWN,
    BacktestAsked,
    render_backtest,
    scores_of,
    verdict,
)
from scenarios.backtest_words import name_of, word
from scenarios.progress import Progress

FORECASTING = Text(en="forecasts", zh="次预测")
COLUMNS = ("wape", "mae", "mase", "pinball", "cover80", "cover90", "peak_mae", "peak_cover")


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestOptions:
    """What the command line asks of a backtest."""

    issue: time
    n_origins: int
    horizon_days: int
    delay_min: int
    country: str | None
    n_workers: int


def time_of_day(said: str) -> time:
    """Read a time of the day such as 12:00."""
    try:
        at = time.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or at.second or at.microsecond:
        raise typer.BadParameter(f"--issue is {said!r}; write a time of the day such as 12:00 or 00:00")
    return at


def answer(
    meter: Path, asked: MeterAsked, options: BacktestOptions, *, out: Path | None, language: Language, json_wanted: bool
) -> None:
    """Read, ask again, score, show, write."""
    reading = read_series(meter, asked, language)
    if asked.zone is None:  # read_series has refused already
        raise typer.BadParameter("--zone is needed")
    tested = backtest_of(reading.series, asked.zone, options, language, quiet=json_wanted)
    scores = scores_of(tested)
    plain = plain_of(tested, scores, options)
    if json_wanted:
        print_json(plain)
    else:
        _print(tested, scores, language)
    if out is not None:
        _write(tested, plain, options, out, language)


def backtest_of(
    meter: MeterSeries, zone: str, options: BacktestOptions, language: Language, *, quiet: bool = False
) -> Backtest:
    """Run our forecaster and its two naive rivals."""
    origins = rolling_origins(
        meter,
        zone=zone,
        issue=options.issue,
        horizon_days=options.horizon_days,
        n_origins=options.n_origins,
    )
    forecasters: dict[str, Forecaster] = {
        OWN: OwnForecast(zone=zone, calendar=Calendar(country=options.country)),
        LAST_WEEK: SameTimeLastWeek(zone=zone),
        FOUR_WEEKS: FourWeekMean(zone=zone),
    }
    with watching(language, quiet=quiet) as listener:
        return run_backtest(
            meter,
            origins,
            forecasters,
            zone=zone,
            available_at=arrivals(meter.grid, options.delay_min),
            executor=_executor(options.n_workers),
            listener=lambda done, total: listener(Progress(stage=FORECASTING, done=done, total=total)),
        )


def _executor(workers: int) -> Executor | None:
    if workers <= 1:
        return None
    from loky import get_reusable_executor  # noqa: PLC0415 -- only for several workers

    executor: Executor = get_reusable_executor(max_workers=workers)
    return executor


def plain_of(tested: Backtest, scores: dict[str, Score], options: BacktestOptions) -> dict[str, Any]:
    """Give scores as JSON values; what cannot be said, or is infinite, is null."""
    return {
        "meter_id": tested.meter_id,
        "zone": tested.zone,
        "issue": f"{options.issue:%H:%M}",
        "horizon_days": options.horizon_days,
        "delay_min": options.delay_min,
        "n_origins": len(tested.origins),
        "first_issued_at": tested.origins[0].issued_at.isoformat(),
        "last_issued_at": tested.origins[-1].issued_at.isoformat(),
        "scores": {name: _finite(asdict(one)) for name, one in scores.items()},
        "refusals": {name: [one.say() for one in tested.refusals(name)] for name in tested.answers},
    }


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print(tested: Backtest, scores: dict[str, Score], language: Language) -> None:
    headings = (word("forecaster", language), *(word(key, language) for key in COLUMNS))
    table = simple_table(*headings, numbers=tuple(range(1, len(headings))))
    for name, one in scores.items():
        table.add_row(name_of(name, language), *_cells(one))
    out().print(table)
    for sentence in verdict(scores[OWN], scores[LAST_WEEK], language):
        out().print(sentence, markup=False)
    counted = word("scores_note", language, count=scores[OWN].n_origins)
    out().print(counted, style="dim", markup=False)
    for name in tested.answers:
        for reason in dict.fromkeys(one.say(language) for one in tested.refusals(name)):
            err().print(f"{name_of(name, language)}: {reason}", markup=False)


def _cells(one: Score) -> tuple[str, ...]:
    peak = one.peak
    return (
        _percent(one.wape_share),
        f"{one.mae_kw:,.1f}",
        "–" if one.mase is None else f"{one.mase:.2f}",
        f"{one.mean_pinball_kw:,.2f}",
        _percent(one.coverage_share.get("80")),
        _percent(one.coverage_share.get("90")),
        _percent(None if peak is None else peak.mae_share),
        _percent(None if peak is None else peak.coverage_share),
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _write(tested: Backtest, plain: dict[str, Any], options: BacktestOptions, out: Path, language: Language) -> None:
    out.mkdir(parents=True, exist_ok=True)
    asked = BacktestAsked(issue=options.issue, horizon_days=options.horizon_days, delay_min=options.delay_min)
    page = render_backtest(tested, asked, language)
    (out / "backtest.html").write_text(page, encoding="utf-8")
    (out / "scores.json").write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (out / "forecasts.csv.gz").write_bytes(gzip.compress(forecasts_csv(tested).encode(), mtime=0))
    for name in ("backtest.html", "scores.json", "forecasts.csv.gz"):
        err().print(str(out / name), markup=False, soft_wrap=True)


def forecasts_csv(tested: Backtest) -> str:
    """Give every forecast beside what came, one row a step: local times, quantiles, the measured load."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    is_headed = False
    for name, answers in tested.answers.items():
        for origin, said, actual_kw in zip(tested.origins, answers, tested.actual_kw, strict=True):
            if said.forecast is None:
                continue
            if not is_headed:
                levels = (f"p{100 * level:g}_kw" for level in said.forecast.quantile_levels)
                rows.writerow(["forecaster", "issued_at", "start", "actual_kw", *levels])
                is_headed = True
            issued_at = origin.issued_at.isoformat()
            for step, start in enumerate(origin.horizon.local_starts(tested.zone)):
                measured = "" if math.isnan(actual_kw[step]) else f"{actual_kw[step]:.3f}"
                quantiles = [f"{value:.3f}" for value in said.forecast.quantiles_kw[:, step]]
                rows.writerow([name, issued_at, start.isoformat(), measured, *quantiles])
    return text.getvalue()
