"""Diagnose a meter's past on the command line."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import typer

from api.cli.bill_load import facts_of
from api.cli.bill_work import supply_for
from api.cli.case_work import MeterAsked, read_series
from api.cli.output import err, out, print_json, say_findings, simple_table
from api.cli.tariff_find import find
from domain import catalogue
from domain.files.documents import to_plain
from domain.text import Language, Text
from domain.time import Calendar
from forecasting.patterns import Billing, Diagnosis, PatternFinding, diagnose
from forecasting.patterns.found import SURE_WORDS
from scenarios.patterns_report import write_report
from scenarios.patterns_words import clock, kind_of_day
from scenarios.report_numbers import cents, whole

HALF_KWH = 0.5
HEAD = Text(
    en="{meter}: {days:,.0f} measured days, {kwh} kWh, highest {peak} kW",
    zh="{meter}：实测 {days:,.0f} 天，{kwh} kWh，最高 {peak} kW",
)
BILLED = Text(
    en="{n} month(s) billed, {total} {currency}; the money below is these bills as they were, minus without the finding "
    "(findings overlap and do not add up)",
    zh="共计费 {n} 个月，{total} {currency}；下列金额为原账单减去剔除该项后的账单（各项可能重叠，不可相加）",
)
FACTORS = Text(
    en="load factor {day:.2f} of a day, {month:.2f} of a month, {whole:.2f} of all; {used} h at full load",
    zh="负荷率：日 {day:.2f}，月 {month:.2f}，全期 {whole:.2f}；最大负荷利用 {used} 小时",
)
LEVELS = Text(
    en="running {running} kW, night {night} kW, days off {rest} kW, always on {base} kW (best weeks {best} kW)",
    zh="运行 {running} kW，夜间 {night} kW，休息日 {rest} kW，常开 {base} kW（最好的周 {best} kW）",
)
HABITS = Text(
    en="busiest four hours from {busy} ({busy_share:.0%} of the day's mean), quietest from {quiet} ({quiet_share:.0%})",
    zh="最忙四小时自 {busy} 起（为日均的 {busy_share:.0%}），最闲四小时自 {quiet} 起（{quiet_share:.0%}）",
)
DIP = Text(
    en="midday dip at {at}: {depth} kW below {shoulder} kW, {kwh} kWh a day",
    zh="午间低谷在 {at}：较 {shoulder} kW 低 {depth} kW，每日 {kwh} kWh",
)
KIND, DAYS = Text(en="kind of day", zh="日类型"), Text(en="days", zh="天数")
DAY_KWH = Text(en="kWh a day", zh="日电量 kWh")
LOWEST, HIGHEST = Text(en="lowest P50 kW", zh="P50 最低 kW"), Text(en="highest P50 kW", zh="P50 最高 kW")
OF_BILLED = Text(en="{money} (of {kwh} kWh in billed months)", zh="{money}（所计费月份内 {kwh} kWh）")
FOUND, KWH = Text(en="finding", zh="发现"), Text(en="kWh", zh="电量 kWh")
MONEY, SURE = Text(en="money", zh="金额"), Text(en="how sure", zh="把握程度")
SEEN = Text(en="seen", zh="依据")
PEAK, PER_KW = Text(en="peak", zh="峰值"), Text(en="per kW", zh="每 kW")
BAND, SHARE = Text(en="band", zh="时段"), Text(en="share", zh="占比")
FITS = {True: Text(en="fits", zh="适合"), False: Text(en="no", zh="不适合"), None: Text(en="unsaid", zh="无法判断")}
CANDIDATE, WHY = Text(en="candidate", zh="候选"), Text(en="why", zh="理由")


def answer(
    meter: Path,
    asked: MeterAsked,
    *,
    tariff: str | None,
    as_if_in_force: bool,
    candidates: bool,
    country: str | None,
    purchase_mode: str | None,
    supply_options: dict[str, float | bool | None],
    facts: Path | None,
    out: Path | None,
    language: Language,
    json_wanted: bool,
) -> None:
    """Read, diagnose, show, write."""
    found = None if tariff is None else find(tariff)
    zone = asked.zone or (None if found is None else found.latest.zone)
    if zone is None:
        raise typer.BadParameter("--zone is needed: the IANA zone of the meter's clock, such as Asia/Shanghai")
    billing = None
    if found is not None:
        billing = Billing(
            tariff=found.tariff,
            supply=supply_for(found, purchase_mode, language, **supply_options),
            facts=facts_of(facts, zone),
            as_if_in_force=as_if_in_force,
        )
    reading = read_series(meter, asked, language, zone=zone)
    seen = diagnose(
        reading.series,
        zone=zone,
        calendar=Calendar(country=country),
        billing=billing,
        packages=catalogue.packages() if candidates else (),
        programmes=catalogue.programmes() if candidates else (),
    )
    say_findings(seen.notes, language)
    if json_wanted:
        print_json(diagnosis_to_plain(seen))
    else:
        print_diagnosis(seen, language)
    if out is not None:
        write_report(out, seen, language)
        err().print(str(out), markup=False, soft_wrap=True)


def diagnosis_to_plain(seen: Diagnosis) -> dict[str, Any]:
    """Give a diagnosis as JSON values, each finding with its words in both languages."""
    plain: dict[str, Any] = to_plain(replace(seen, by_day_kw=np.zeros((0, 0)), dates=()))
    del plain["by_day_kw"], plain["dates"]  # that is the meter file again
    plain["findings"] = [_finding_to_plain(one) for one in seen.findings]
    found = {
        "peaks": [one.found for one in seen.peaks],
        "changes": [one.found for one in seen.changes],
        "low_months": [one.found for one in seen.low_months],
    }
    for name, parts in found.items():
        for part, one in zip(plain[name], parts, strict=True):
            part["found"] = _finding_to_plain(one)
    if seen.shiftable is not None:
        plain["shiftable"]["found"] = _finding_to_plain(seen.shiftable.found)
    return plain


def _finding_to_plain(one: PatternFinding) -> dict[str, Any]:
    words = {language.value: one.finding.say(language) for language in Language}
    return dict(to_plain(one)) | {"code": one.code, "words": words}


def print_diagnosis(seen: Diagnosis, language: Language) -> None:
    """Print the diagnosis as tables."""
    for line in _head(seen, language):
        out().print(line, markup=False)
    _print_days(seen, language)
    _print_bands(seen, language)
    _print_findings(seen, language)
    _print_peaks(seen, language)
    _print_candidates(seen, language)


def _head(seen: Diagnosis, language: Language) -> list[str]:
    factors, levels = seen.factors, seen.levels
    lines = [
        HEAD.say(
            language,
            meter=seen.meter_id,
            days=seen.measured_days,
            kwh=whole(seen.measured_kwh),
            peak=whole(factors.highest_kw),
        ),
        FACTORS.say(
            language,
            day=factors.day_share,
            month=factors.month_share,
            whole=factors.whole_share,
            used=whole(factors.used_h),
        ),
        LEVELS.say(
            language,
            running=whole(levels.running_kw),
            night="–" if levels.night_kw is None else whole(levels.night_kw),
            rest="–" if levels.rest_kw is None else whole(levels.rest_kw),
            base=whole(levels.base_kw),
            best=whole(levels.best_base_kw),
        ),
    ]
    if seen.busiest is not None and seen.quietest is not None:
        lines.append(
            HABITS.say(
                language,
                busy=clock(seen.busiest.from_min),
                busy_share=seen.busiest.to_day_mean_share,
                quiet=clock(seen.quietest.from_min),
                quiet_share=seen.quietest.to_day_mean_share,
            )
        )
    if seen.dip is not None:
        dip = seen.dip
        numbers = {"depth": whole(dip.depth_kw), "shoulder": whole(dip.shoulder_kw), "kwh": whole(dip.dip_kwh)}
        lines.append(DIP.say(language, at=clock(dip.at_min), **numbers))
    if seen.billed_cost is not None:
        lines.append(
            BILLED.say(language, n=seen.n_billed_months, total=cents(seen.billed_cost), currency=seen.currency)
        )
    return lines


def _print_days(seen: Diagnosis, language: Language) -> None:
    heads = (KIND, DAYS, DAY_KWH, LOWEST, HIGHEST)
    table = simple_table(*(one.say(language) for one in heads), numbers=(1, 2, 3, 4))
    for day in seen.days:
        known = day.p50_kw[day.p50_kw == day.p50_kw]
        row = (day.day_kwh, float(known.min()), float(known.max()))
        table.add_row(kind_of_day(day.kind, language), str(day.n_days), *(whole(one) for one in row))
    out().print(table)


def _print_bands(seen: Diagnosis, language: Language) -> None:
    if not seen.band_kwh:
        return
    table = simple_table(BAND.say(language), KWH.say(language), SHARE.say(language), numbers=(1, 2))
    total = sum(seen.band_kwh.values())
    for band, kwh in seen.band_kwh.items():
        table.add_row(band, whole(kwh), f"{kwh / total:.1%}" if total else "")
    out().print(table)


def _print_findings(seen: Diagnosis, language: Language) -> None:
    heads = (FOUND, KWH, MONEY, SURE, SEEN)
    table = simple_table(*(one.say(language) for one in heads), numbers=(1, 2))
    for one in seen.findings:
        table.add_row(
            one.finding.say(language),
            whole(one.energy_kwh),
            _money(one, language),
            SURE_WORDS[one.sure].say(language),
            one.evidence[0].said(seen.zone) if one.evidence else "",
        )
    out().print(table)


def _money(one: PatternFinding, language: Language) -> str:
    """Write the money, and how much of the energy it covers where that is not all."""
    if one.saving is None:
        return "–"
    billed_kwh = one.billed_kwh or 0.0
    if abs(billed_kwh - one.energy_kwh) <= HALF_KWH:
        return cents(one.saving)
    return OF_BILLED.say(language, money=cents(one.saving), kwh=whole(billed_kwh))


def _print_peaks(seen: Diagnosis, language: Language) -> None:
    table = simple_table(*(one.say(language) for one in (PEAK, MONEY, PER_KW)), numbers=(1, 2))
    for one in seen.peaks:
        money = (one.found.saving, one.worth_per_kw)
        table.add_row(one.found.finding.say(language), *("–" if part is None else cents(part) for part in money))
    out().print(table)


def _print_candidates(seen: Diagnosis, language: Language) -> None:
    if not seen.candidates:
        return
    table = simple_table(CANDIDATE.say(language), "", WHY.say(language))
    for one in seen.candidates:
        table.add_row(one.candidate_id, FITS[one.fits].say(language), one.why.say(language))
    out().print(table)
