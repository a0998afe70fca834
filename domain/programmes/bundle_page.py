"""A settlement bundle as a page that a person can work through with a pocket calculator."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from domain.checks import FloatArray
from domain.programmes.baseline import Baseline
from domain.programmes.bundle import Bundle, BundleCheck
from domain.programmes.bundle_lines import BundleLine
from domain.programmes.event_clock import event_clock, loads_for
from domain.programmes.programme import Programme, SettlementBand
from domain.programmes.slots import POWER_DECIMALS
from domain.tariffs.decimals import as_decimal, half_up, plain
from domain.text import Language, Text
from domain.time import said_at, zone_of

WORDS = {
    "title": Text(en="Settlement of event {event}", zh="事件 {event} 结算单"),
    "intro": Text(
        en="Meter {meter}, programme {programme} ({status}), {start} to {end}, clock of {zone}. Source: {source}.",
        zh="计量点 {meter}，项目 {programme}（{status}），{start} 至 {end}，时区 {zone}。依据：{source}。",
    ),
    "status_official": Text(en="compared with the notice", zh="已与文件核对"),
    "status_compiled": Text(en="compiled, not compared with the notice", zh="资料汇编，未与文件核对"),
    "status_to_verify": Text(en="to verify: decides no money", zh="待核实，不得据此结算"),
    "result": Text(
        en="**Pay {pay} {currency}, penalty {penalty} {currency}, net {net} {currency}.**",
        zh="**补偿 {pay} {currency}，考核 {penalty} {currency}，净额 {net} {currency}。**",
    ),
    "days": Text(en="1. Days", zh="一、日期"),
    "days_note": Text(
        en="Baseline method {method}. Loads in kW at the event's clock times; the baseline is the mean of each column.",
        zh="基线方法 {method}。下表为各日同一时刻的负荷（kW），基线为各列平均值。",
    ),
    "day": Text(en="day", zh="日期"),
    "ranked": Text(en="ranked by, kW", zh="排序负荷 kW"),
    "not_days": Text(en="This method averages no past days.", zh="该方法不取历史日平均。"),
    "hours": Text(en="Other hours that the method reads, kW", zh="该方法读取的其他时段（kW）"),
    "event_day": Text(en="{day} (the event's day)", zh="{day}（事件日）"),
    "left": Text(en="Days looked at and not averaged", zh="已考察但未采用的日期"),
    "why": Text(en="why not", zh="原因"),
    "table": Text(en="2. Settlement table", zh="二、结算档"),
    "from": Text(en="response rate from", zh="响应率起"),
    "to": Text(en="below", zh="止（不含）"),
    "pays": Text(en="pays", zh="计酬方式"),
    "work": Text(en="3. The work, line by line", zh="三、逐行计算"),
    "line": Text(en="line", zh="项目"),
    "value": Text(en="value", zh="数值"),
    "unit": Text(en="unit", zh="单位"),
    "how": Text(en="how", zh="算法"),
    "again": Text(
        en="`wattplan settle --bundle <this bundle's .json>` works all of it out again and names what differs.",
        zh="运行 `wattplan settle --bundle <本结算包的 .json>` 可重新计算全部数值并指出差异。",
    ),
    "nothing": Text(en="nothing", zh="不予补偿"),
    "delivered": Text(en="{k} × delivered", zh="{k} × 实际响应量"),
    "committed": Text(en="{k} × committed", zh="{k} × 申报容量"),
}


def bundle_page(bundle: Bundle, check: BundleCheck, language: Language) -> str:
    """Give the page as Markdown: days with their loads, the settlement table, and every line of the work."""

    def say(key: str, **values: object) -> str:
        return WORDS[key].say(language, **values)

    programme, settled = bundle.programme, check.settlement
    status = say(f"status_{programme.status}")
    start, end = said_at(bundle.event.start, bundle.zone), said_at(bundle.event.end, bundle.zone)
    parts = [
        f"# {say('title', event=bundle.event.event_id)}",
        say(
            "intro",
            meter=bundle.meter_id,
            programme=programme.programme_id,
            status=status,
            start=start,
            end=end,
            zone=bundle.zone,
            source=programme.source.document,
        ),
        say("result", pay=settled.pay, penalty=settled.penalty, net=settled.net, currency=settled.currency),
        f"## {say('days')}",
        *_days(check.baseline, language),
        *_hours(bundle, check.baseline, language),
        f"## {say('table')}",
        _table((say("from"), say("to"), say("pays")), _bands(programme, language)),
        f"## {say('work')}",
        _table((say("line"), say("value"), say("unit"), say("how")), _work(bundle.lines, language)),
        say("again"),
    ]
    return "\n\n".join(parts) + "\n"


def _days(baseline: Baseline, language: Language) -> Iterator[str]:
    say = {key: words.say(language, method=baseline.rule_key) for key, words in WORDS.items() if key in _OF_DAYS}
    yield say["days_note"]
    if baseline.chosen:
        starts = [_clock(baseline.grid.at(step), baseline.zone) for step in range(baseline.grid.n_steps)]
        rows = [
            (str(one.day), _kw(one.usage_kw), *(_kw(value) for value in one.values_kw.tolist()))
            for one in baseline.chosen
        ]
        yield _table((say["day"], say["ranked"], *starts), iter(rows))
    else:
        yield say["not_days"]
    if baseline.rejected:
        yield f"### {say['left']}"
        left = [
            (str(one.day), "" if one.usage_kw is None else _kw(one.usage_kw), one.reason.say(language))
            for one in baseline.rejected
        ]
        yield _table((say["day"], say["ranked"], say["why"]), iter(left))


def _hours(bundle: Bundle, baseline: Baseline, language: Language) -> Iterator[str]:
    """Give the readings of the event's day, and of the averaged days, in the hours beside the event."""
    clock = event_clock(bundle.event, baseline.rule, bundle.zone, bundle.step_min)
    loads = loads_for(bundle.meter, baseline.rule, clock)
    for span in (*clock.hours_read, *(() if clock.adjustment is None else (clock.adjustment,))):
        own = WORDS["event_day"].say(language, day=clock.event_day)
        rows = [(own, *_readings(loads.between_kw(span.start, span.end)))]
        if baseline.rule.method == "past_days":
            window = loads.window(span.offsets)
            rows += [(str(day), *_readings(window[loads.row(day)])) for day in baseline.days]
        yield f"### {WORDS['hours'].say(language)}"
        yield _table((WORDS["day"].say(language), *(f"{at:%H:%M}" for at in span.clocks)), iter(rows))


def _readings(values_kw: FloatArray) -> Iterator[str]:
    return (_kw(value) for value in values_kw.tolist())


_OF_DAYS = frozenset({"days_note", "day", "ranked", "not_days", "left", "why"})


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(zone_of(zone)):%H:%M}"


def _kw(value: float) -> str:
    return plain(half_up(as_decimal(value), POWER_DECIMALS))


def _bands(programme: Programme, language: Language) -> Iterator[tuple[str, ...]]:
    for band in programme.settlement:
        yield plain(band.from_rate), _end(band.to_rate), _pays(band, language)


def _end(rate: Decimal | None) -> str:
    return "∞" if rate is None else plain(rate)


def _pays(band: SettlementBand, language: Language) -> str:
    return WORDS[band.pays].say(language, k=plain(band.coefficient))


def _work(lines: tuple[BundleLine, ...], language: Language) -> Iterator[tuple[str, ...]]:
    for line in lines:
        yield line.label.say(language), line.value, line.unit, line.how.say(language)


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    listed = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in listed)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
