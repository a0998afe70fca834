"""A tariff's charges in words: what each counts and what it costs, in two languages."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from domain.noun import noun
from domain.tariffs.bands import band_zh
from domain.tariffs.charges import (
    ONE,
    ZERO,
    CapacityCharge,
    Charge,
    CoincidentCharge,
    DemandCharge,
    EnergyCharge,
    ExcessCapacityCharge,
    ExportCredit,
    FixedCharge,
    MinimumCharge,
    NetworkCharge,
    PowerFactorCharge,
    PriceCapCharge,
    ProfitShareCharge,
    ReactiveCharge,
    SpotCharge,
    TaxCharge,
    UsageRebateCharge,
)
from domain.tariffs.decimals import plain
from domain.tariffs.lines import band_price_per_kwh
from domain.text import Text
from scenarios.demand_words import demand_rows, months_words

PERCENT = 100
TIER_UNITS = {
    "month": Text(en="a month", zh="每月"),
    "month_days": Text(en="a day of the month, counted on the month", zh="每日（按月合计）"),
    "day": Text(en="a day", zh="每日"),
    "kw": Text(en="per kW of billing demand", zh="每千瓦计费需量"),
    "kva": Text(en="per contract kVA", zh="每千伏安合同容量"),
}
KIND_WORDS = {
    "fixed": Text(en="fixed", zh="固定费"),
    "energy": Text(en="energy", zh="电度"),
    "spot": Text(en="spot", zh="现货"),
    "demand": Text(en="demand", zh="需量"),
    "coincident": Text(en="system peaks", zh="系统高峰"),
    "capacity": Text(en="capacity", zh="容量"),
    "excess_capacity": Text(en="excess capacity", zh="超容"),
    "usage_rebate": Text(en="usage rebate", zh="用电量优惠"),
    "network": Text(en="network", zh="网费"),
    "reactive": Text(en="reactive", zh="无功"),
    "price_cap": Text(en="price cap", zh="封顶"),
    "profit_share": Text(en="profit share", zh="分成"),
    "export": Text(en="feed-in", zh="上网"),
    "power_factor": Text(en="power factor", zh="力调"),
    "minimum": Text(en="minimum", zh="最低电费"),
    "tax": Text(en="tax", zh="税"),
}
"""Short words for the kinds of a bill's lines."""


@noun
class ChargeRow:
    """One line of a tariff's description."""

    charge_id: str
    kind: str
    label: Text
    words: Text
    """Price and what it is for."""


def charge_rows(charges: Sequence[Charge]) -> tuple[ChargeRow, ...]:
    """Describe every charge, an energy charge band by band."""
    return tuple(
        ChargeRow(charge_id=charge.charge_id, kind=charge.kind, label=label, words=words)
        for charge in charges
        for label, words in _rows(charge)
    )


def _rows(charge: Charge) -> Iterator[tuple[Text, Text]]:
    if isinstance(charge, tuple(_SEVERAL)):
        yield from _SEVERAL[type(charge)](charge)
    else:
        yield charge.label, _ONE[type(charge)](charge)


def percent(share: Decimal) -> str:
    """Write a share as a percentage."""
    return f"{plain((share * PERCENT).normalize())} %"


def _listed(charge_ids: Sequence[str], *, en: str, zh: str) -> Text:
    return Text(en=", ".join(charge_ids), zh="、".join(charge_ids)) if charge_ids else Text(en=en, zh=zh)


def _share(share: Decimal) -> tuple[str, str]:
    """Say that a charge bills a part of the energy only."""
    return ("", "") if share == ONE else (f" ({percent(share)} of the energy)", f"（{percent(share)} 的电量）")


def _energy(charge: EnergyCharge) -> Iterator[tuple[Text, Text]]:
    share_en, share_zh = _share(charge.energy_share)
    months = months_words(charge.months)
    for band in charge.calendar.bands:
        price = plain(band_price_per_kwh(charge, band))
        label = Text(en=f"{charge.label.en} · {band}", zh=f"{charge.label.zh} · {band_zh(band)}")
        yield label, Text(en=f"{price} per kWh{share_en}{months.en}", zh=f"{price} 每千瓦时{share_zh}{months.zh}")
    for group in charge.tiers:
        unit = TIER_UNITS[group.basis]
        told_en, told_zh = ", ".join(group.bands), "、".join(map(band_zh, group.bands))
        low = "0"
        for number, tier in enumerate(group.tiers, start=1):
            price = plain(tier.price_per_kwh)
            high = None if tier.up_to_kwh is None else plain(tier.up_to_kwh)
            span_en = f"above {low}" if high is None else f"{low} to {high}"
            span_zh = f"{low} 以上" if high is None else f"{low} 至 {high}"
            label = Text(en=f"{charge.label.en}, tier {number}", zh=f"{charge.label.zh}，第 {number} 档")
            yield (
                label,
                Text(
                    en=f"+ {price} per kWh, {span_en} kWh {unit.en} ({told_en})",
                    zh=f"+ {price} 每千瓦时，{unit.zh} {span_zh} 千瓦时（{told_zh}）",
                ),
            )
            low = high or low


def _fixed(charge: FixedCharge) -> Iterator[tuple[Text, Text]]:
    months = months_words(getattr(charge, "months", ()))
    if charge.amount_per_month or not charge.amount_per_day:
        amount = plain(charge.amount_per_month)
        yield charge.label, Text(en=f"{amount} per month{months.en}", zh=f"{amount} 每月{months.zh}")
    if charge.amount_per_day:
        amount = plain(charge.amount_per_day)
        yield charge.label, Text(en=f"{amount} per day{months.en}", zh=f"{amount} 每日{months.zh}")


def _spot(charge: SpotCharge) -> Text:
    part = "" if charge.index_share == ONE else f"{plain(charge.index_share)} × "
    fee = "" if not charge.fee_per_kwh else f" + {plain(charge.fee_per_kwh)}"
    share_en, share_zh = _share(charge.energy_share)
    how_en = "each interval at its own price" if charge.settled == "interval" else "all at the month's mean"
    how_zh = "逐时段计价" if charge.settled == "interval" else "按月均价"
    limits_en = limits_zh = ""
    if charge.floor_per_kwh is not None:
        limits_en += f", at least {plain(charge.floor_per_kwh)}"
        limits_zh += f"，不低于 {plain(charge.floor_per_kwh)}"
    if charge.cap_per_kwh is not None:
        limits_en += f", at most {plain(charge.cap_per_kwh)}"
        limits_zh += f"，不高于 {plain(charge.cap_per_kwh)}"
    return Text(
        en=f"{part}index {charge.index_id}{fee} per kWh, {how_en}{limits_en}{share_en}",
        zh=f"{part}指数 {charge.index_id}{fee} 每千瓦时，{how_zh}{limits_zh}{share_zh}",
    )


def _capacity(charge: CapacityCharge) -> Text:
    return _per_kva(charge, en="of contract capacity", zh="合同容量")


def _excess(charge: ExcessCapacityCharge) -> Text:
    minutes = charge.measurement_min
    en = f"by which the highest {minutes}-minute kVA exceeds the contract capacity"
    return _per_kva(charge, en=en, zh=f"最大 {minutes} 分钟视在功率超出合同容量的部分")


def _power_factor(charge: PowerFactorCharge) -> Text:
    return Text(en=f"by the month's power factor, {charge.standard}", zh=f"按当月功率因数，{charge.standard}")


def _tax(charge: TaxCharge) -> Text:
    of, share = _listed(charge.of, en="all other charges", zh="全部其他费用"), percent(charge.tax_share)
    return Text(en=f"{share} of {of.en}", zh=f"{of.zh}的 {share}")


def _per_kva(charge: CapacityCharge | ExcessCapacityCharge, *, en: str, zh: str) -> Text:
    said_en, said_zh = [], []
    if charge.price_per_kva_month is not None:
        said_en.append(f"{plain(charge.price_per_kva_month or ZERO)} per kVA and month")
        said_zh.append(f"{plain(charge.price_per_kva_month or ZERO)} 每千伏安·月")
    if charge.price_per_kva_day is not None:
        said_en.append(f"{plain(charge.price_per_kva_day or ZERO)} per kVA and day")
        said_zh.append(f"{plain(charge.price_per_kva_day or ZERO)} 每千伏安·日")
    return Text(en=f"{' + '.join(said_en)} {en}", zh=f"{' + '.join(said_zh)}，{zh}")


def _coincident(charge: CoincidentCharge) -> Text:
    yearly = bool(charge.price_per_kw_year)
    price = plain((charge.price_per_kw_year if yearly else charge.price_per_kw_month) or ZERO)
    period = ("year", "年") if yearly else ("month", "月")
    how = {"mean": ("mean", "均值"), "highest": ("highest", "最大值")}[charge.counts]
    n = charge.yearly_peaks_count
    of_en = f", each of {n} peaks a year bears 1/{n}" if n else ""
    of_zh = f"，全年 {n} 次高峰各计 1/{n}" if n else ""
    return Text(
        en=f"{price} per kW and {period[0]} on the {how[0]} load at the grid's peaks {charge.system_peak_id}{of_en}",
        zh=f"{price} 每千瓦·{period[1]}，按系统高峰 {charge.system_peak_id} 时负荷的{how[1]}{of_zh}",
    )


def _rebate(charge: UsageRebateCharge) -> Text:
    of, share, limit = ", ".join(charge.of), percent(charge.rebate_share), plain(charge.from_kwh_per_kva)
    return Text(
        en=f"− {share} of {of} in a month of at least {limit} kWh per contract kVA",
        zh=f"当月每千伏安用电量达到 {limit} 千瓦时，{of} 减收 {share}",
    )


def _network(charge: NetworkCharge) -> Iterator[tuple[Text, Text]]:
    hours = plain(charge.switch_h)
    for pair, en, zh in (
        (charge.below, f"below {hours} h", f"{hours} 小时以下"),
        (charge.above, f"from {hours} h", f"{hours} 小时及以上"),
    ):
        kw, kwh = plain(pair.price_per_kw_year), plain(pair.price_per_kwh)
        words = Text(
            en=f"{kw} per kW of the year's {charge.measurement_min}-minute peak + {kwh} per kWh, hours' use {en}",
            zh=f"年最大 {charge.measurement_min} 分钟功率每千瓦 {kw} + 每千瓦时 {kwh}，利用小时 {zh}",
        )
        yield charge.label, words
    if charge.atypical is not None:
        one = charge.atypical
        share, kw, least = (
            percent(one.least_reduction_share),
            plain(one.least_reduction_kw),
            percent(one.least_fee_share),
        )
        yield (
            charge.label,
            Text(
                en=f"atypical use: the peak inside {', '.join(one.bands)} counts if it lies {share} and {kw} kW below the "
                f"year's and saves {plain(one.least_saving)}; at least {least} of the published fee",
                zh=f"非典型用网：{'、'.join(map(band_zh, one.bands))} 内的峰值若低于年峰值 {share} 且 {kw} 千瓦、节省不少于 "
                f"{plain(one.least_saving)}，则按其计收；不低于公布网费的 {least}",
            ),
        )
    if charge.band_load:
        steps_en = ", ".join(f"{percent(step.fee_share)} from {plain(step.from_h)} h" for step in charge.band_load)
        steps_zh = "、".join(f"{plain(step.from_h)} 小时起 {percent(step.fee_share)}" for step in charge.band_load)
        energy = plain(charge.band_load_from_kwh)
        yield (
            charge.label,
            Text(
                en=f"band load above {energy} kWh a year: {steps_en} of the published fee",
                zh=f"年用电量超过 {energy} 千瓦时的带状负荷：公布网费的 {steps_zh}",
            ),
        )


def _reactive(charge: ReactiveCharge) -> Iterator[tuple[Text, Text]]:
    if charge.price_per_kvarh is not None:
        price, free = plain(charge.price_per_kvarh or ZERO), percent(charge.free_kvarh_per_kwh)
        yield (
            charge.label,
            Text(
                en=f"{price} per kvarh above {free} of the active energy",
                zh=f"{price} 每千乏时，超过有功电量 {free} 的部分",
            ),
        )
    if charge.price_per_kvar_month is not None:
        price, free = plain(charge.price_per_kvar_month or ZERO), percent(charge.free_kvar_per_kw)
        yield (
            charge.label,
            Text(
                en=f"{price} per kvar and month above {free} of the maximum demand",
                zh=f"{price} 每千乏·月，超过最大需量 {free} 的部分",
            ),
        )


def _cap(charge: PriceCapCharge) -> Text:
    said_en, said_zh = [], []
    if charge.cap_per_kwh is not None:
        said_en.append(f"at most {plain(charge.cap_per_kwh)}")
        said_zh.append(f"不高于 {plain(charge.cap_per_kwh)}")
    if charge.floor_per_kwh is not None:
        said_en.append(f"at least {plain(charge.floor_per_kwh)}")
        said_zh.append(f"不低于 {plain(charge.floor_per_kwh)}")
    of_en, of_zh = ", ".join(charge.of), "、".join(charge.of)
    return Text(
        en=f"{' and '.join(said_en)} per kWh on the month's mean price of {of_en}",
        zh=f"{of_zh} 的月均价{'且'.join(said_zh)} 每千瓦时",
    )


def _profit(charge: ProfitShareCharge) -> Text:
    share, reference = percent(charge.customer_share), plain(charge.reference_per_kwh)
    part_en, part_zh = _share(charge.energy_share)
    loss_en = ", losses alike" if charge.shares_losses else ", losses are the retailer's"
    loss_zh = "，亏损同样分摊" if charge.shares_losses else "，亏损由售电公司承担"
    return Text(
        en=f"− {share} of what {charge.index_id} lies below {reference} per kWh{part_en}{loss_en}",
        zh=f"{charge.index_id} 低于 {reference} 每千瓦时的差额返还 {share}{part_zh}{loss_zh}",
    )


def _export(charge: ExportCredit) -> Iterator[tuple[Text, Text]]:
    fee = "" if not charge.fee_per_kwh else f" − {plain(charge.fee_per_kwh)}"
    if charge.calendar is None:
        part = "" if charge.index_share == ONE else f"{plain(charge.index_share)} × "
        yield (
            charge.label,
            Text(
                en=f"pays {part}index {charge.index_id}{fee} per kWh fed in",
                zh=f"上网电量按 {part}指数 {charge.index_id}{fee} 付费",
            ),
        )
        return
    for band in charge.calendar.bands:
        price = plain(charge.band_prices[band])
        label = Text(en=f"{charge.label.en} · {band}", zh=f"{charge.label.zh} · {band_zh(band)}")
        yield label, Text(en=f"pays {price}{fee} per kWh fed in", zh=f"上网电量每千瓦时付 {price}{fee}")


def _minimum(charge: MinimumCharge) -> Text:
    parts = (
        (charge.amount_per_month, "a month", "每月"),
        (charge.amount_per_day, "a day", "每日"),
        (charge.amount_per_kva_month, "per contract kVA and month", "每千伏安·月"),
    )
    given = [(plain(amount), en, zh) for amount, en, zh in parts if amount]
    of = _listed(charge.of, en="all charges but taxes and feed-in", zh="除税与上网外的全部费用")
    said_en = " + ".join(f"{amount} {en}" for amount, en, _ in given) or "0"
    said_zh = " + ".join(f"{amount} {zh}" for amount, _, zh in given) or "0"
    return Text(en=f"at least {said_en} for {of.en}", zh=f"{of.zh}不低于 {said_zh}")


_SEVERAL: dict[type, Callable[[Any], Iterator[tuple[Text, Text]]]] = {
    EnergyCharge: _energy,
    DemandCharge: demand_rows,
    FixedCharge: _fixed,
    NetworkCharge: _network,
    ReactiveCharge: _reactive,
    ExportCredit: _export,
}
"""Kinds that take several rows."""
_ONE: dict[type, Callable[[Any], Text]] = {
    SpotCharge: _spot,
    CapacityCharge: _capacity,
    ExcessCapacityCharge: _excess,
    CoincidentCharge: _coincident,
    UsageRebateCharge: _rebate,
    PriceCapCharge: _cap,
    ProfitShareCharge: _profit,
    PowerFactorCharge: _power_factor,
    MinimumCharge: _minimum,
    TaxCharge: _tax,
}
"""Kinds that take one."""
