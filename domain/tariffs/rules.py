"""The words of a bill's lines: the rule that made each, with its numbers, in two languages."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.tariffs.bands import band_zh
from domain.tariffs.charges import ZERO, DemandCharge, EnergyCharge, EnergyTiers, ExcessCapacityCharge
from domain.tariffs.contract import OverTerms
from domain.tariffs.decimals import half_up, plain
from domain.tariffs.tariff import Tariff
from domain.text import Text

if TYPE_CHECKING:
    from domain.tariffs.periods import Period

SHOWN_DECIMALS = 6
"""Decimals of the quantities that a rule names."""

_READINGS = {
    "actual_plus_double": Text(en="D + (D − 1.05 C), jumping at 1.05 C", zh="D + (D − 1.05 C)，在 1.05 C 处跳变"),
    "contract_plus_double": Text(en="C + 2 (D − 1.05 C)", zh="C + 2 (D − 1.05 C)"),
    "stepped": Text(en="C + Σ multiplier × kW of D within each step", zh="C + Σ 倍数 × D 落在各档内的千瓦数"),
}


def literal(text: str) -> str:
    """Keep braces of names and documents out of the way of ``Text.say``."""
    return text.replace("{", "{{").replace("}", "}}")


def cited(en: str, zh: str, tariff: Tariff) -> Text:
    """Give a rule's words with the tariff's document behind them."""
    document = literal(tariff.source.document)
    return Text(en=f"{en}; {document}", zh=f"{zh}；{document}")


def band_label(charge: EnergyCharge, band: str) -> Text:
    """Name one band's line."""
    return Text(en=f"{charge.label.en}: {literal(band)}", zh=f"{charge.label.zh}：{literal(band_zh(band))}")


def _sum(prices: Iterable[Decimal]) -> str:
    return plain(sum(prices, ZERO))


def energy_rule(charge: EnergyCharge, band: str, price_per_kwh: Decimal, tariff: Tariff) -> Text:
    """Say how a band's price comes about, such as ``peak = 1.8 × 0.39575 floating + 0.24425 fixed``."""
    parts_en, parts_zh = [], []
    if band in charge.band_prices:
        printed = plain(charge.band_prices[band])
        parts_en.append(f"{printed} printed")
        parts_zh.append(f"公布价 {printed}")
    floating = [one.price_per_kwh for one in charge.components if one.floats]
    fixed = [one.price_per_kwh for one in charge.components if not one.floats]
    if floating:
        factor = plain(charge.factors.get(band, Decimal(1)))
        parts_en.append(f"{factor} × {_sum(floating)} floating")
        parts_zh.append(f"{factor} × 浮动部分 {_sum(floating)}")
    if fixed:
        parts_en.append(f"{_sum(fixed)} fixed")
        parts_zh.append(f"固定部分 {_sum(fixed)}")
    rounded = charge.price_decimals is not None
    tail_en = f" = {plain(price_per_kwh)} {tariff.currency}/kWh"
    return cited(
        f"{literal(band)} = {' + '.join(parts_en)}{tail_en}"
        + (f", rounded to {charge.price_decimals} decimals" if rounded else ""),
        f"{literal(band_zh(band))} = {' + '.join(parts_zh)}{tail_en}"
        + (f"，保留 {charge.price_decimals} 位小数" if rounded else ""),
        tariff,
    )


def _window(charge: DemandCharge) -> tuple[str, str]:
    if not charge.bands:
        return "all hours", "全部时段"
    return (
        literal(", ".join(charge.bands)),
        literal("、".join(band_zh(band) for band in charge.bands)),
    )


def shown(value: Decimal) -> str:
    """Write a measured quantity with as many decimals as people read."""
    return plain(half_up(value, SHOWN_DECIMALS))


def part_of_month(period: "Period") -> tuple[str, str]:
    """Say which part of the month a version bills; nothing where it is all of it."""
    if period.share == 1:
        return "", ""
    days, of = period.days_count, period.whole.days_count
    return (
        f"; {period.tariff.tariff_id} from {period.held.first_day}: {days} of {of} days",
        f"；{period.tariff.tariff_id} 自 {period.held.first_day} 起：{of} 天中的 {days} 天",
    )


def measured_words(charge: DemandCharge) -> tuple[str, str]:
    """Say what a demand charge measures."""
    en, zh = _window(charge)
    slide_en, slide_zh = (", sliding", "（滑差）") if charge.sliding else ("", "")
    if charge.peaks_count == 1:
        return (
            f"highest {charge.measurement_min}-minute mean{slide_en} ({en})",
            f"最大 {charge.measurement_min} 分钟平均需量{slide_zh}（{zh}）",
        )
    days_en, days_zh = (" on different days", "（不同日）") if charge.peaks_on == "days" else ("", "")
    return (
        f"mean of the {charge.peaks_count} highest {charge.measurement_min}-minute means{slide_en}{days_en} ({en})",
        f"{charge.peaks_count} 个最大 {charge.measurement_min} 分钟平均需量{slide_zh}{days_zh}的均值（{zh}）",
    )


def measured_rule(charge: DemandCharge, peak_kw: Decimal, billed_kw: Decimal, period: "Period") -> Text:
    """Say that the demand is billed as measured, or what the look-back or the least demand makes of it."""
    en, zh = measured_words(charge)
    part_en, part_zh = part_of_month(period)
    unit = "kVA" if charge.measured_as == "kva" else "kW"
    how_en, how_zh = ", billed as measured", "，按实际计收"
    if billed_kw != peak_kw:
        how_en, how_zh = f"; billed {plain(billed_kw)} {unit}", f"；计收 {plain(billed_kw)} {unit}"
        if charge.look_back is not None:
            share = plain(charge.look_back.peak_share * 100)
            how_en += f" by {share} % of the highest of the {charge.look_back.months_count} months before"
            how_zh += f"（前 {charge.look_back.months_count} 个月最大值的 {share} %）"
        if charge.least_kw:
            how_en += f", at least {plain(charge.least_kw)} {unit}"
            how_zh += f"，最低 {plain(charge.least_kw)} {unit}"
    return cited(
        f"{en}: {plain(peak_kw)} {unit}{how_en}{part_en}",
        f"{zh}：{plain(peak_kw)} {unit}{how_zh}{part_zh}",
        period.tariff,
    )


def demand_tier_rule(charge: DemandCharge, number: int, period: "Period") -> Text:
    """Say which kW a tier counts."""
    low = ZERO if number == 0 else charge.tiers[number - 1].up_to_kw or ZERO
    high = charge.tiers[number].up_to_kw
    part_en, part_zh = part_of_month(period)
    en, zh = measured_words(charge)
    to_en, to_zh = ("and above", "以上") if high is None else (f"to {plain(high)}", f"至 {plain(high)}")
    return cited(
        f"{en}: kW from {plain(low)} {to_en}{part_en}", f"{zh}：{plain(low)} {to_zh} kW{part_zh}", period.tariff
    )


def daily_rule(charge: DemandCharge, period: "Period") -> Text:
    """Say that each day's peak is billed."""
    en, zh = measured_words(charge)
    return cited(
        f"sum of {period.days_count} daily peaks, each the {en}",
        f"{period.days_count} 个日最大需量之和，每日为{zh}",
        period.tariff,
    )


def to_date_rule(
    charge: DemandCharge, peak_kw: Decimal, year_kw: Decimal, fraction: tuple[int, int], tariff: Tariff
) -> Text:
    """Say how the year to date comes about."""
    en, zh = measured_words(charge)
    n, of = fraction
    return cited(
        f"{en}: {shown(peak_kw)} kW, highest of the year so far {shown(year_kw)} kW; {n}/{of} of the yearly price is owed "
        "to date, less what was billed before",
        f"{zh}：{shown(peak_kw)} kW，本年截至当月最大 {shown(year_kw)} kW；累计应收年价的 {n}/{of}，扣除此前已计收部分",
        tariff,
    )


def contract_rule(
    charge: DemandCharge, over: OverTerms, peak_kw: Decimal, billed_kw: Decimal, period: "Period"
) -> Text:
    """Say which reading of the contract rule was applied and what it gives."""
    tariff = period.tariff
    part_en, part_zh = part_of_month(period)
    window_en, window_zh = _window(charge)
    d, c, limit, f = plain(peak_kw), plain(over.contract_kw), plain(over.thresholds_kw[0]), plain(billed_kw)
    en = f"highest {charge.measurement_min}-minute mean ({window_en}) D = {d} kW, contract C = {c} kW"
    zh = f"最大 {charge.measurement_min} 分钟平均需量（{window_zh}）D = {d} kW，合同最大需量 C = {c} kW"
    if over.contract_kw > over.declared_kw:
        declared, share = plain(over.declared_kw), plain(charge.floor_share * 100)
        en += f" (declared {declared} kW, raised to {share} % of the connected kVA)"
        zh += f"（申报 {declared} kW，提高至装接容量的 {share} %）"
    if over.is_over(peak_kw):
        reading = _READINGS[charge.over_rule]
        en += f"; above {limit} kW, rule {charge.over_rule}: {reading.en} = {f} kW"
        zh += f"；超过 {limit} kW，规则 {charge.over_rule}：{reading.zh} = {f} kW"
    else:
        en += f"; not above {limit} kW (rule {charge.over_rule}): C is billed"
        zh += f"；未超过 {limit} kW（规则 {charge.over_rule}）：按 C 计收"
    return cited(en + part_en, zh + part_zh, tariff)


def tier_label(charge: EnergyCharge, bands: tuple[str, ...], number: int) -> Text:
    """Name a tier's line."""
    en, zh = literal(", ".join(bands)), literal("、".join(map(band_zh, bands)))
    return Text(en=f"{charge.label.en}: {en}, tier {number}", zh=f"{charge.label.zh}：{zh}，第 {number} 档")


_BASIS = {
    "month": Text(en="a month", zh="每月"),
    "month_days": Text(en="for each day of the month, counted together", zh="当月每日（合并计算）"),
    "day": Text(en="a day", zh="每日"),
    "kw": Text(en="per kW of demand", zh="每千瓦需量"),
    "kva": Text(en="per contract kVA", zh="每千伏安合同容量"),
}


def tier_rule(group: EnergyTiers, number: int, band_price_per_kwh: Decimal, tariff: Tariff) -> Text:
    """Say which kWh a tier counts and how its price comes about."""
    low = ZERO if number == 0 else group.tiers[number - 1].up_to_kwh or ZERO
    tier, basis = group.tiers[number], _BASIS[group.basis]
    if tier.up_to_kwh is None:
        span_en, span_zh = f"above {plain(low)} kWh {basis.en}", f"{basis.zh} {plain(low)} kWh 以上"
    else:
        high = plain(tier.up_to_kwh)
        span_en, span_zh = f"{plain(low)} to {high} kWh {basis.en}", f"{basis.zh} {plain(low)} 至 {high} kWh"
    added, price = plain(tier.price_per_kwh), plain(band_price_per_kwh + tier.price_per_kwh)
    sum_en = f"tier {added} + band {plain(band_price_per_kwh)} = {price}" if band_price_per_kwh else f"{price}"
    sum_zh = f"档 {added} + 时段 {plain(band_price_per_kwh)} = {price}" if band_price_per_kwh else f"{price}"
    unit = f"{tariff.currency}/kWh"
    return cited(f"{span_en}: {sum_en} {unit}", f"{span_zh}：{sum_zh} {unit}", tariff)


def capacity_rule(period: "Period") -> Text:
    """Say that the contract capacity is billed."""
    part_en, part_zh = part_of_month(period)
    return Text(en=f"contract transformer capacity{part_en}", zh=f"按合同变压器容量计收{part_zh}")


def excess_rule(charge: ExcessCapacityCharge, peak_kva: Decimal, period: "Period") -> Text:
    """Say by how much the agreed capacity was exceeded."""
    agreed = plain(period.capacity_kva(charge.charge_id))
    return cited(
        f"highest {charge.measurement_min}-minute mean {shown(peak_kva)} kVA against {agreed} kVA agreed",
        f"最大 {charge.measurement_min} 分钟平均 {shown(peak_kva)} kVA，约定容量 {agreed} kVA",
        period.tariff,
    )


def fixed_rule(period: "Period", *, per_day: bool) -> Text:
    """Say that an amount is fixed."""
    if per_day:
        days = period.days_count
        return Text(en=f"fixed amount per day, {days} local calendar days", zh=f"按日固定金额，当地自然日 {days} 天")
    part_en, part_zh = part_of_month(period)
    return Text(en=f"fixed amount per month{part_en}", zh=f"按月固定金额{part_zh}")
