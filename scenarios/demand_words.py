"""Demand charges in words: which peak, in which window, against which contract, with which past."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from domain.tariffs.bands import band_zh
from domain.tariffs.charges import DemandCharge
from domain.tariffs.decimals import plain
from domain.text import Text

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PERIODS = {"month": ("month", "月"), "day": ("day", "日"), "year": ("year", "年")}
LEVIED = {
    "month": ("month's", "当月"),
    "day": ("each day's", "每日"),
    "year": ("year's", "当年"),
}


def months_words(months: Sequence[int]) -> Text:
    """Say in which months; nothing for all of them. Runs over New Year are told as one."""
    if not months or len(months) == len(MONTHS):
        return Text(en="", zh="")
    runs = month_runs(months)
    en = ", ".join(MONTHS[a - 1] if a == b else f"{MONTHS[a - 1]}–{MONTHS[b - 1]}" for a, b in runs)
    zh = "、".join(f"{a}月" if a == b else f"{a}–{b}月" for a, b in runs)
    return Text(en=f", {en}", zh=f"，{zh}")


def month_runs(months: Sequence[int]) -> list[tuple[int, int]]:
    """Join months into runs: 12, 1, 2 is one run."""
    inside = sorted(set(months))
    runs: list[list[int]] = []
    for month in inside:
        if runs and month == runs[-1][1] + 1:
            runs[-1][1] = month
        else:
            runs.append([month, month])
    if len(runs) > 1 and runs[0][0] == 1 and runs[-1][1] == len(MONTHS):
        runs[0][0] = runs.pop()[0]
    return [(first, last) for first, last in runs]


def demand_rows(charge: DemandCharge) -> Iterator[tuple[Text, Text]]:
    """Describe a demand charge; each of its tiers has a line."""
    unit = ("kVA", "千伏安") if charge.measured_as == "kva" else ("kW", "千瓦")
    period = PERIODS[charge.levied]
    how = _how(charge)
    if not charge.tiers:
        price = plain(charge.price_per_kw)
        words = Text(
            en=f"{price} per {unit[0]} and {period[0]}: {how.en}", zh=f"{price} 每{unit[1]}·{period[1]}：{how.zh}"
        )
        yield charge.label, words
        return
    low = "0"
    for number, tier in enumerate(charge.tiers, start=1):
        price = plain(charge.price_per_kw + tier.price_per_kw_month)
        high = None if tier.up_to_kw is None else plain(tier.up_to_kw)
        span_en = f"above {low}" if high is None else f"{low} to {high}"
        span_zh = f"{low} 以上" if high is None else f"{low} 至 {high}"
        label = Text(en=f"{charge.label.en}, tier {number}", zh=f"{charge.label.zh}，第 {number} 档")
        yield (
            label,
            Text(
                en=f"{price} per {unit[0]} and month, {span_en} {unit[0]}: {how.en}",
                zh=f"{price} 每{unit[1]}·月，{span_zh} {unit[1]}：{how.zh}",
            ),
        )
        low = high or low


def _how(charge: DemandCharge) -> Text:
    parts = [_peak(charge)]
    if charge.look_back is not None:
        parts.append(_look_back(charge))
    if charge.least_kw:
        least = plain(charge.least_kw)
        parts.append(Text(en=f"at least {least} kW", zh=f"不低于 {least} 千瓦"))
    if charge.basis == "contract":
        parts.append(_contract(charge))
    if months_words(charge.months).en:
        months = months_words(charge.months)
        parts.append(Text(en=f"levied{months.en.replace(',', ' in', 1)}", zh=f"仅 {months.zh.removeprefix('，')} 计收"))
    return Text(en="; ".join(one.en for one in parts), zh="；".join(one.zh for one in parts))


def _peak(charge: DemandCharge) -> Text:
    whose = LEVIED[charge.levied]
    sliding = ("sliding ", "滑差 ") if charge.sliding else ("", "")
    minutes = charge.measurement_min
    window = Text(
        en="" if not charge.bands else f" in {', '.join(charge.bands)}",
        zh="" if not charge.bands else f"（{'、'.join(map(band_zh, charge.bands))}）",
    )
    if charge.peaks_count > 1:
        days = (" on different days", "（不同日）") if charge.peaks_on == "days" else ("", "")
        n = charge.peaks_count
        return Text(
            en=f"mean of the {whose[0]} {n} highest {sliding[0]}{minutes}-minute means{days[0]}{window.en}",
            zh=f"{whose[1]} {n} 个最大 {sliding[1]}{minutes} 分钟平均功率的均值{days[1]}{window.zh}",
        )
    return Text(
        en=f"{whose[0]} highest {sliding[0]}{minutes}-minute mean{window.en}",
        zh=f"{whose[1]}最大 {sliding[1]}{minutes} 分钟平均功率{window.zh}",
    )


def _look_back(charge: DemandCharge) -> Text:
    ratchet = charge.look_back
    assert ratchet is not None  # noqa: S101 -- asked of charges with one only
    share = f"{plain((ratchet.peak_share * Decimal(100)).normalize())} %"
    months = months_words(ratchet.peak_months)
    counted_zh = months.zh.removeprefix("，")
    return Text(
        en=f"at least {share} of the highest of the {ratchet.months_count} months before{_only(months.en)}",
        zh=f"不低于前 {ratchet.months_count} 个月最大值的 {share}" + (f"（仅 {counted_zh}）" if counted_zh else ""),
    )


def _only(months: str) -> str:
    """Put months behind what they narrow."""
    return f" ({months.removeprefix(', ')} only)" if months else ""


def _contract(charge: DemandCharge) -> Text:
    value = "" if charge.contract_demand_kw is None else f" {plain(charge.contract_demand_kw)} kW"
    floor = plain((charge.floor_share * Decimal(100)).normalize())
    steps = ", ".join(f"× {plain(step.multiplier)} from {plain(step.from_share)} C" for step in charge.over_steps)
    over_en = f"above it {steps}" if steps else f"rule {charge.over_rule}"
    over_zh = f"超出部分 {steps}" if steps else f"规则 {charge.over_rule}"
    floor_en = f", C at least {floor} % of the connected kVA" if charge.floor_share else ""
    floor_zh = f"，C 不低于装接容量的 {floor} %" if charge.floor_share else ""
    return Text(
        en=f"billed against the contract value C{value} ({over_en}{floor_en})",
        zh=f"按合同最大需量 C{value} 计收（{over_zh}{floor_zh}）",
    )
