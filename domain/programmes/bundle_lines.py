"""Every number on the way from meter readings to money, one line each, in the order of the work."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain import checks
from domain.noun import noun
from domain.programmes.baseline import Baseline
from domain.programmes.programme import Event, Programme
from domain.programmes.settlement import Settlement
from domain.programmes.slots import POWER_DECIMALS, SlotSettlement
from domain.tariffs.decimals import as_decimal, half_up, plain
from domain.text import Text
from domain.time import said_at

POOL_CODES = frozenset({"passed_over", "low_usage", "high_usage"})


@noun
class BundleLine:
    """One number, and how it comes about."""

    key: str
    label: Text
    value: str
    unit: str = ""
    how: Text = Text(en="", zh="")

    def __post_init__(self) -> None:
        checks.not_empty(self, "key", self.key)


def bundle_lines(programme: Programme, event: Event, baseline: Baseline, settled: Settlement) -> tuple[BundleLine, ...]:
    """Give every number of a settlement in the order of the work."""
    return (
        *_day_lines(baseline),
        *_adjustment_lines(baseline),
        *_step_lines(baseline, settled),
        *_response_lines(settled, baseline.zone),
        *_money_lines(programme, event, settled),
    )


def _kw(value: float | Decimal) -> str:
    exact = value if isinstance(value, Decimal) else as_decimal(value)
    return plain(half_up(exact, POWER_DECIMALS))


def _line(key: str, label: tuple[str, str], value: str, unit: str = "", how: tuple[str, str] = ("", "")) -> BundleLine:
    said = Text(en=how[0], zh=how[1])
    return BundleLine(key=key, label=Text(en=label[0], zh=label[1]), value=value, unit=unit, how=said)


def _day_lines(baseline: Baseline) -> Iterator[BundleLine]:
    """Say of each day looked at whether it is averaged, and by what number it was ranked."""
    by_day: dict[date, tuple[str, float | None, tuple[str, str]]] = {
        one.day: ("averaged", one.usage_kw, ("", "")) for one in baseline.chosen
    }
    by_day |= {
        one.day: (one.code, one.usage_kw if one.code in POOL_CODES else None, (one.reason.en, one.reason.zh))
        for one in baseline.rejected
        if one.day not in by_day
    }
    for day in sorted(by_day, reverse=True):
        code, usage_kw, how = by_day[day]
        yield _line(f"day.{day}", (f"day {day}", f"{day} 日"), code, how=how)
        if usage_kw is not None:
            label = (f"mean load of {day} by which it is ranked", f"{day} 日用于排序的平均负荷")
            yield _line(f"usage.{day}", label, _kw(usage_kw), "kW")


def _adjustment_lines(baseline: Baseline) -> Iterator[BundleLine]:
    found = baseline.adjustment
    if found is None:
        return
    start, end = said_at(found.start, baseline.zone), said_at(found.end, baseline.zone)
    hours = (f"mean of {start} … {end}", f"{start} … {end} 的平均值")
    yield _line(
        "adjustment.measured_kw",
        ("load before the event", "事件前负荷"),
        _kw(found.measured_kw),
        "kW",
        hours,
    )
    same = ("mean of the averaged days at the same clock times", "所选日同一时刻的平均值")
    yield _line(
        "adjustment.baseline_kw", ("baseline before the event", "事件前基线"), _kw(found.baseline_kw), "kW", same
    )
    if found.uncapped_kw is not None and found.added_kw is not None:
        less = ("load less baseline, before the event", "事件前负荷 − 事件前基线")
        yield _line(
            "adjustment.uncapped_kw", ("correction asked for", "修正量（限幅前）"), _kw(found.uncapped_kw), "kW", less
        )
        within = ("the same within the rule's caps; added to each step", "按规则限幅，加到每个时段")
        yield _line("adjustment.added_kw", ("correction", "修正量"), _kw(found.added_kw), "kW", within)
    if found.uncapped_factor is not None and found.applied_factor is not None:
        ratio = ("load ÷ baseline, before the event", "事件前负荷 ÷ 事件前基线")
        yield _line(
            "adjustment.uncapped_factor", ("factor asked for", "系数（限幅前）"), _kw(found.uncapped_factor), "", ratio
        )
        within = ("the same within the rule's caps; multiplies each step", "按规则限幅，乘到每个时段")
        yield _line("adjustment.applied_factor", ("factor", "系数"), _kw(found.applied_factor), "", within)


def _step_lines(baseline: Baseline, settled: Settlement) -> Iterator[BundleLine]:
    averaged = ("mean of the averaged days at this clock time", "所选日同一时刻的平均值")
    corrected = ("the uncorrected baseline with its correction", "修正前基线加以修正")
    made = averaged if baseline.rule.method == "past_days" else ("by the rule's hours or level", "按规则时段或水平")
    for step in range(baseline.grid.n_steps):
        at = said_at(baseline.grid.at(step), baseline.zone)
        if baseline.unadjusted_kw is not None:
            before = _kw(float(baseline.unadjusted_kw[step]))
            yield _line(f"unadjusted.{at}", (f"uncorrected baseline {at}", f"修正前基线 {at}"), before, "kW", averaged)
        how = made if baseline.unadjusted_kw is None else corrected
        value = _kw(settled.baseline_steps_kw[step])
        yield _line(f"baseline.{at}", (f"baseline {at}", f"基线 {at}"), value, "kW", how)
        metered = ("meter reading", "计量读数")
        drawn = _kw(settled.measured_steps_kw[step])
        yield _line(f"measured.{at}", (f"load {at}", f"实测负荷 {at}"), drawn, "kW", metered)


def _response_lines(settled: Settlement, zone: str) -> Iterator[BundleLine]:
    mean = ("mean of the steps", "各时段平均值")
    yield _line("baseline_kw", ("baseline over the event", "事件平均基线"), _kw(settled.baseline_kw), "kW", mean)
    yield _line("measured_kw", ("load over the event", "事件平均负荷"), _kw(settled.measured_kw), "kW", mean)
    less = ("baseline less load; for valley filling load less baseline", "基线 − 负荷；填谷为负荷 − 基线")
    yield _line("delivered_kw", ("delivered", "实际响应"), _kw(settled.delivered_kw), "kW", less)
    awarded = ("as awarded", "中标容量")
    yield _line("commitment_kw", ("committed", "申报容量"), _kw(settled.commitment_kw), "kW", awarded)
    ratio = ("delivered ÷ committed, at least 0, six decimals", "实际响应 ÷ 申报容量，不小于 0，六位小数")
    yield _line("response_rate", ("response rate", "响应率"), plain(settled.response_rate), "", ratio)
    if settled.band is not None:
        yield from _band_lines("", settled.band.from_rate, settled.band.pays, settled.band.coefficient)
    for slot in settled.slots:
        yield from _slot_lines(slot, said_at(slot.start, zone))
    paid = ("coefficient × delivered or committed; slots: their mean", "系数 × 实际响应或申报容量；分时段时取平均")
    yield _line("paid_kw", ("kW that are paid", "计酬响应量"), _kw(settled.paid_kw), "kW", paid)
    short = ("committed less delivered, at least 0; slots: their mean", "申报容量 − 实际响应，不小于 0；分时段时取平均")
    yield _line("short_kw", ("kW not delivered", "未响应量"), _kw(settled.short_kw), "kW", short)


def _slot_lines(slot: SlotSettlement, at: str) -> Iterator[BundleLine]:
    def line(name: str, label: tuple[str, str], value: str, unit: str, how: tuple[str, str]) -> BundleLine:
        return _line(f"slot.{at}.{name}", (f"slot {at}: {label[0]}", f"时段 {at}：{label[1]}"), value, unit, how)

    mean = ("mean of its steps", "该时段各步平均值")
    yield line("baseline_kw", ("baseline", "基线"), _kw(slot.baseline_kw), "kW", mean)
    yield line("measured_kw", ("load", "负荷"), _kw(slot.measured_kw), "kW", mean)
    less = ("baseline less load; for valley filling load less baseline", "基线 − 负荷；填谷为负荷 − 基线")
    yield line("delivered_kw", ("delivered", "实际响应"), _kw(slot.delivered_kw), "kW", less)
    ratio = ("delivered ÷ committed, at least 0, six decimals", "实际响应 ÷ 申报容量，不小于 0，六位小数")
    yield line("response_rate", ("response rate", "响应率"), plain(slot.response_rate), "", ratio)
    yield from _band_lines(f"slot.{at}.", slot.band.from_rate, slot.band.pays, slot.band.coefficient)
    paid = ("coefficient × delivered or committed", "系数 × 实际响应或申报容量")
    yield line("paid_kw", ("kW that are paid", "计酬响应量"), _kw(slot.paid_kw), "kW", paid)
    short = ("committed less delivered, at least 0", "申报容量 − 实际响应，不小于 0")
    yield line("short_kw", ("kW not delivered", "未响应量"), _kw(slot.short_kw), "kW", short)


def _band_lines(prefix: str, from_rate: Decimal, pays: str, coefficient: Decimal) -> Iterator[BundleLine]:
    row = ("row of the settlement table that holds the rate: from this rate on", "响应率所在结算档：起始响应率")
    yield _line(
        f"{prefix}band", ("row of the table", "结算档"), f"{plain(from_rate)} {pays} {plain(coefficient)}", "", row
    )


def _money_lines(programme: Programme, event: Event, settled: Settlement) -> Iterator[BundleLine]:
    unit = settled.currency
    length = ("end less start", "结束 − 开始")
    yield _line(
        "event_h", ("length of the event", "事件时长"), plain(half_up(settled.event_h, POWER_DECIMALS)), "h", length
    )
    price = (f"by {programme.source.document}", f"依据 {programme.source.document}")
    yield _line("price", ("price", "单价"), plain(settled.price), f"{unit} {settled.price_unit}", price)
    hours = settled.price_unit == "per_kwh"
    table = ("paid kW × hours × price, two decimals", "计酬响应量 × 小时 × 单价，两位小数")
    once = ("paid kW × price, two decimals", "计酬响应量 × 单价，两位小数")
    yield _line(
        "table_pay", ("pay by the table", "按结算表补偿"), str(settled.table_pay), unit, table if hours else once
    )
    for check in settled.checks:
        said = (check.words.en, check.words.zh)
        label = (f"validity: {check.code}", f"有效性：{check.code}")
        yield _line(f"validity.{check.code}", label, "holds" if check.held else "broken", how=said)
    for name, label, cap in (
        ("cap_per_event", ("most for one event", "单次事件上限"), programme.cap_per_event),
        ("cap_per_year", ("most for a year", "年度上限"), programme.cap_per_year),
    ):
        if cap is not None:
            yield _line(name, label, plain(cap), unit)
    if programme.cap_per_year is not None:
        before = ("for earlier events of the year", "当年之前事件")
        yield _line("paid_this_year", ("paid before", "此前已付"), plain(settled.paid_this_year), unit, before)
    final = ("0 if a rule of validity is broken; else within the caps", "有效性不满足则为 0；否则不超过上限")
    yield _line("pay", ("pay", "补偿"), str(settled.pay), unit, final)
    fine = (
        f"kW not delivered × hours × {plain(settled.penalty_per_kwh)} {unit} per kWh, two decimals",
        f"未响应量 × 小时 × {plain(settled.penalty_per_kwh)} {unit}/kWh，两位小数",
    )
    yield _line("penalty", ("penalty", "考核"), str(settled.penalty), unit, fine)
    rest = (f"pay less penalty of event {event.event_id}", f"事件 {event.event_id} 的补偿 − 考核")
    yield _line("net", ("net", "净额"), str(settled.net), unit, rest)
