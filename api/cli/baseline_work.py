"""Baselines on the command line."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from rich.markup import escape

from api.cli.case_work import MeterAsked, read_series
from api.cli.event_options import notice_of
from api.cli.output import err, out, print_json, say_findings, simple_table
from domain.catalogue.baseline_methods import baseline_method, baseline_methods
from domain.files.documents import to_plain
from domain.programmes import (
    Baseline,
    BaselineMethod,
    BaselineRule,
    ClockWindow,
    Event,
    MethodScore,
    PlaceboTable,
    make_baseline,
    placebo_table,
)
from domain.programmes.placebo import DayChoice
from domain.text import Language, Text
from domain.time import Calendar, said_at
from scenarios.report_numbers import share
from scenarios.report_words import word

HEADS = {
    "method": Text(en="method", zh="方法"),
    "name": Text(en="name", zh="名称"),
    "status": Text(en="status", zh="状态"),
    "ahead": Text(en="ahead", zh="可事前"),
    "possible": Text(en="days", zh="天数"),
    "load": Text(en="load kW", zh="负荷 kW"),
    "bias": Text(en="bias", zh="平均偏差"),
    "std": Text(en="spread kW", zh="标准差 kW"),
    "cv": Text(en="CV", zh="变异系数"),
    "range": Text(en="P10 / P90 kW", zh="P10 / P90 kW"),
    "verdict": Text(en="verdict", zh="结论"),
    "day": Text(en="day", zh="日期"),
    "ranked": Text(en="ranked by, kW", zh="排序负荷 kW"),
    "reason": Text(en="reason", zh="原因"),
    "time": Text(en="time", zh="时刻"),
    "baseline": Text(en="baseline kW", zh="基线 kW"),
    "unadjusted": Text(en="uncorrected kW", zh="修正前 kW"),
}
VERDICTS = {
    "sufficient": Text(en="sufficient", zh="可用"),
    "usable_with_warnings": Text(en="warnings", zh="须注意"),
    "insufficient": Text(en="insufficient", zh="不可用"),
}
STYLES = {"sufficient": "green", "usable_with_warnings": "yellow", "insufficient": "red"}
YES, NO = Text(en="yes", zh="是"), Text(en="no", zh="否")
PARTLY = Text(en="partly", zh="部分")
"""A day-of correction comes later."""
AVERAGED = Text(en="averaged", zh="采用")
TRIED = Text(
    en="{meter}: {n} days without an event from {first} to {last}, window {window}, notice {notice_min} min before. "
    "Error = baseline − load; above 0 the customer would be paid for nothing.",
    zh="{meter}：{first} 至 {last} 共 {n} 个无事件日，时段 {window}，提前 {notice_min} 分钟通知。"
    "误差 = 基线 − 负荷；大于 0 时客户无须响应即可获得补偿。",
)
FEW = 4
ASK_FEWER = Text(
    en="--method KEY (repeatable) says the reasons of a verdict in words; --json has all of them",
    zh="用 --method KEY（可重复）查看结论的理由；--json 给出全部理由",
)
LEFT_OUT = Text(en="not tried: {method}: {why}", zh="未试算：{method}：{why}")
NO_COUNTRY = Text(
    en="no --country: only weekdays and weekends are told apart", zh="未给出 --country：仅区分工作日与周末"
)
HEADING = Text(
    en="{method}: {start} to {end}, told at {told}; mean {mean} kW",
    zh="{method}：{start} 至 {end}，{told} 通知；平均 {mean} kW",
)
CORRECTED = Text(
    en="corrected by {start} … {end}: load {measured} kW, baseline {baseline} kW, {what}",
    zh="按 {start} … {end} 修正：负荷 {measured} kW，基线 {baseline} kW，{what}",
)
ADDED = Text(en="{kw} kW are added to each step", zh="每个时段加 {kw} kW")
FACTOR = Text(en="each step is multiplied by {factor}", zh="每个时段乘以 {factor}")


@dataclass(frozen=True, slots=True)
class Compared:
    """What ``baseline compare`` was asked."""

    window: ClockWindow
    country: str | None
    methods: tuple[str, ...]
    days: DayChoice
    notice_min: int
    event_days: frozenset[date]
    atypical_days: frozenset[date]
    reference_kw: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What ``baseline show`` was asked."""

    method: str
    reference_kw: float | None
    day: date
    window: ClockWindow
    notice: str | None
    notice_min: int
    country: str | None
    event_days: frozenset[date]
    atypical_days: frozenset[date]


def calendar_of(country: str | None, language: Language) -> Calendar:
    """Give the working calendar; say so where it knows no holidays."""
    if country is None:
        err().print(NO_COUNTRY.say(language), markup=False)
    return Calendar(country=country)


def rule_of(method: BaselineMethod, reference_kw: float | None) -> BaselineRule:
    """Give a method's rule, with the customer's level where it takes one."""
    if method.rule.method != "firm_level" or reference_kw is None:
        return method.rule
    return replace(method.rule, reference_kw=reference_kw)


def list_all(language: Language, *, json_wanted: bool) -> None:
    """List the catalogue's methods."""
    found = baseline_methods()
    if json_wanted:
        print_json([to_plain(method) | {"key": method.key, "ahead": method.ahead} for method in found])
        return
    table = simple_table(*(HEADS[key].say(language) for key in ("method", "name", "status", "ahead")))
    for method in found:
        status = word(f"status_{method.status}", language)
        ahead = _ahead(method).say(language)
        table.add_row(method.key, escape(method.name.say(language)), status, ahead)
    out().print(table)


def _ahead(method: BaselineMethod) -> Text:
    if not method.ahead:
        return NO
    return YES if method.rule.adjustment is None else PARTLY


def compare(
    meter: Path, asked: MeterAsked, question: Compared, *, language: Language, json_wanted: bool, daily: bool
) -> None:
    """Read the meter, try every method, print them side by side."""
    methods = tuple(baseline_method(key) for key in question.methods) or baseline_methods()
    series = read_series(meter, asked, language).series
    assert asked.zone is not None  # noqa: S101 -- read_series refuses without a zone
    table = placebo_table(
        series,
        tuple(rule_of(method, question.reference_kw) for method in methods),
        calendar_of(question.country, language),
        asked.zone,
        question.window,
        notice_min=question.notice_min,
        days=question.days,
        event_days=question.event_days,
        atypical_days=question.atypical_days,
    )
    if json_wanted:
        print_json(_plain(table, daily=daily))
        return
    _print_table(table, {method.key: method for method in methods}, meter.name, language)


def _plain(table: PlaceboTable, *, daily: bool) -> Any:
    plain = to_plain(table)
    for score in plain["scores"]:
        if not daily:
            del score["days"]
        score["reasons"] = dict(score["reasons"])
    plain["left_out"] = dict(plain["left_out"])
    return plain


def _print_table(table: PlaceboTable, methods: dict[str, BaselineMethod], meter: str, language: Language) -> None:
    window = f"{table.window.start:%H:%M}–{table.window.end:%H:%M}"
    said = TRIED.say(
        language,
        meter=meter,
        n=table.n_days,
        first=table.first_day,
        last=table.last_day,
        window=window,
        notice_min=table.notice_min,
    )
    out().print(said, markup=False)
    keys = ("method", "possible", "load", "bias", "std", "cv", "range", "ahead", "verdict")
    shown = simple_table(*(HEADS[key].say(language) for key in keys), numbers=(1, 2, 3, 4, 5, 6))
    for column in shown.columns:
        column.no_wrap = True
    for score in sorted(table.scores, key=_by_error):
        method = methods[score.key]
        shown.add_row(
            score.key,
            f"{score.n_possible} / {score.n_tried}",
            *_numbers(score),
            _ahead(method).say(language),
            f"[{STYLES[score.verdict]}]{VERDICTS[score.verdict].say(language)}[/]",
        )
    out().print(shown)
    if len(table.scores) <= FEW:
        for score in table.scores:
            say_findings(score.findings, language)
    else:
        err().print(ASK_FEWER.say(language), markup=False)
    for key, why in table.left_out:
        err().print(LEFT_OUT.say(language, method=key, why=why.say(language)), markup=False)


def _by_error(score: MethodScore) -> float:
    return float("inf") if score.cv_share is None else score.cv_share


def _numbers(score: MethodScore) -> tuple[str, ...]:
    if not score.n_possible:
        return ("–",) * 5
    return (
        f"{score.load_kw:,.1f}",
        "–" if score.bias_share is None else share(score.bias_share),
        f"{score.std_kw:,.1f}",
        "–" if score.cv_share is None else f"{score.cv_share * 100:.1f} %",
        f"{score.p10_error_kw:+,.1f} / {score.p90_error_kw:+,.1f}",
    )


def show(meter: Path, asked: MeterAsked, question: Shown, *, language: Language, json_wanted: bool) -> None:
    """Read the meter, make one event's baseline, print its days and reasons."""
    rule = rule_of(baseline_method(question.method), question.reference_kw)
    series = read_series(meter, asked, language).series
    assert asked.zone is not None  # noqa: S101 -- read_series refuses without a zone
    start, end = question.window.on(question.day, asked.zone)
    event = Event(
        event_id=f"{question.day}",
        programme_id="-",
        start=start,
        end=end,
        notice_at=notice_of(question.notice, start, question.notice_min, asked.zone),
    )
    made = make_baseline(
        series,
        rule,
        event,
        calendar_of(question.country, language),
        asked.zone,
        event_days=question.event_days,
        atypical_days=question.atypical_days,
    )
    if json_wanted:
        print_json(to_plain(made) | {"mean_kw": made.mean_kw})
    else:
        _print_baseline(made, event, language)
    say_findings(made.findings, language)


def _print_baseline(made: Baseline, event: Event, language: Language) -> None:
    times = {name: said_at(at, made.zone) for name, at in (("start", event.start), ("end", event.end))}
    told = said_at(event.notice_at, made.zone)
    heading = HEADING.say(language, method=made.rule_key, told=told, mean=f"{made.mean_kw:,.3f}", **times)
    out().print(heading, markup=False)
    if made.chosen or made.rejected:
        days = simple_table(*(HEADS[key].say(language) for key in ("day", "ranked", "reason")), numbers=(1,))
        for one in made.chosen:
            days.add_row(str(one.day), f"{one.usage_kw:,.3f}", f"[green]{AVERAGED.say(language)}[/]")
        for other in made.rejected:
            usage = "" if other.usage_kw is None else f"{other.usage_kw:,.3f}"
            days.add_row(str(other.day), usage, escape(other.reason.say(language)))
        out().print(days)
    if made.adjustment is not None:
        out().print(_correction(made, language), markup=False)
    keys = ("time", "baseline") if made.unadjusted_kw is None else ("time", "baseline", "unadjusted")
    steps = simple_table(*(HEADS[key].say(language) for key in keys), numbers=(1, 2))
    for step in range(made.grid.n_steps):
        before = () if made.unadjusted_kw is None else (f"{made.unadjusted_kw[step]:,.3f}",)
        steps.add_row(said_at(made.grid.at(step), made.zone), f"{made.values_kw[step]:,.3f}", *before)
    out().print(steps)


def _correction(made: Baseline, language: Language) -> str:
    found = made.adjustment
    assert found is not None  # noqa: S101 -- the caller asks only then
    if found.added_kw is not None:
        what = ADDED.say(language, kw=f"{found.added_kw:+,.3f}")
    else:
        what = FACTOR.say(language, factor=f"{found.applied_factor:.6f}")
    return CORRECTED.say(
        language,
        start=said_at(found.start, made.zone),
        end=said_at(found.end, made.zone),
        measured=f"{found.measured_kw:,.3f}",
        baseline=f"{found.baseline_kw:,.3f}",
        what=what,
    )
