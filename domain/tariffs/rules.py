"""The words of a bill's lines: the rule that made each, with its numbers, in two languages."""

from collections.abc import Iterable
from decimal import Decimal

from domain.tariffs.bands import band_zh
from domain.tariffs.charges import ZERO, DemandCharge, EnergyCharge, PowerFactorCharge
from domain.tariffs.contract import OverTerms
from domain.tariffs.decimals import plain
from domain.tariffs.tariff import Tariff
from domain.text import Text

_READINGS = {
    "actual_plus_double": Text(en="D + (D − 1.05 C), jumping at 1.05 C", zh="D + (D − 1.05 C)，在 1.05 C 处跳变"),
    "contract_plus_double": Text(en="C + 2 (D − 1.05 C)", zh="C + 2 (D − 1.05 C)"),
    "stepped": Text(en="C + Σ multiplier × kW of D within each step", zh="C + Σ 倍数 × D 落在各档内的千瓦数"),
}


def _literal(text: str) -> str:
    """Keep braces of names and documents out of the way of ``Text.say``."""
    return text.replace("{", "{{").replace("}", "}}")


def _cited(en: str, zh: str, tariff: Tariff) -> Text:
    document = _literal(tariff.source.document)
    return Text(en=f"{en}; {document}", zh=f"{zh}；{document}")


def band_label(charge: EnergyCharge, band: str) -> Text:
    """Name one band's line."""
    return Text(en=f"{charge.label.en}: {_literal(band)}", zh=f"{charge.label.zh}：{_literal(band_zh(band))}")


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
    return _cited(
        f"{_literal(band)} = {' + '.join(parts_en)}{tail_en}"
        + (f", rounded to {charge.price_decimals} decimals" if rounded else ""),
        f"{_literal(band_zh(band))} = {' + '.join(parts_zh)}{tail_en}"
        + (f"，保留 {charge.price_decimals} 位小数" if rounded else ""),
        tariff,
    )


def _window(charge: DemandCharge) -> tuple[str, str]:
    if not charge.bands:
        return "all hours", "全部时段"
    return (
        _literal(", ".join(charge.bands)),
        _literal("、".join(band_zh(band) for band in charge.bands)),
    )


def measured_rule(charge: DemandCharge, peak_kw: Decimal, tariff: Tariff) -> Text:
    """Say that the demand is billed as measured."""
    en, zh = _window(charge)
    return _cited(
        f"highest {charge.measurement_min}-minute mean ({en}): {plain(peak_kw)} kW, billed as measured",
        f"最大 {charge.measurement_min} 分钟平均需量（{zh}）：{plain(peak_kw)} kW，按实际计收",
        tariff,
    )


def contract_rule(charge: DemandCharge, over: OverTerms, peak_kw: Decimal, billed_kw: Decimal, tariff: Tariff) -> Text:
    """Say which reading of the contract rule was applied and what it gives."""
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
    return _cited(en, zh, tariff)


def power_factor_rule(
    charge: PowerFactorCharge, power_factor: Decimal, rate: Decimal, subject: Decimal, tariff: Tariff
) -> Text:
    """Say which rate a power factor earns and on what."""
    pf, percent, base = plain(power_factor), plain(rate * 100), plain(subject)
    return _cited(
        f"power factor {pf}, standard {charge.standard}: {percent} % of {base} {tariff.currency} "
        "(energy less government funds, demand, capacity)",
        f"功率因数 {pf}，标准 {charge.standard}：{base} {tariff.currency} 的 {percent} %"
        "（电度电费扣除政府性基金、需量电费、容量电费）",
        tariff,
    )
