"""The words of lines that follow an index, the grid's peaks, other lines or a network's year."""

from decimal import Decimal

from domain.tariffs.bands import band_zh
from domain.tariffs.charges import (
    CoincidentCharge,
    ExportCredit,
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
from domain.tariffs.power_factor import adjustment_rate
from domain.tariffs.rules import cited, literal, shown
from domain.tariffs.tariff import Tariff
from domain.text import Text


def spot_rule(charge: SpotCharge, energy_kwh: Decimal, amount: Decimal, tariff: Tariff) -> Text:
    """Say which index was followed and what it came to per kWh."""
    mean = shown(amount / energy_kwh) if energy_kwh else "–"
    index, share, fee = literal(charge.index_id), plain(charge.index_share), plain(charge.fee_per_kwh)
    en, zh = f"{share} × index {index} + {fee}", f"{share} × 指数 {index} + {fee}"
    for name_en, name_zh, limit in (
        ("at most", "上限", charge.cap_per_kwh),
        ("at least", "下限", charge.floor_per_kwh),
    ):
        if limit is not None:
            en, zh = f"{en}, {name_en} {plain(limit)}", f"{zh}，{name_zh} {plain(limit)}"
    month = charge.settled == "month_mean"
    how_en = "the month's mean" if month else "each step at its own price"
    how_zh = "月均价" if month else "逐时段计价"
    unit = f"{tariff.currency}/kWh"
    return cited(
        f"{en} ({how_en}); {shown(energy_kwh)} kWh at a mean of {mean} {unit}",
        f"{zh}（{how_zh}）；{shown(energy_kwh)} kWh，均价 {mean} {unit}",
        tariff,
    )


def profit_share_rule(charge: ProfitShareCharge, gain: Decimal, tariff: Tariff) -> Text:
    """Say what was gained against the reference and who gets how much of it."""
    share, reference = plain(charge.customer_share * 100), plain(charge.reference_per_kwh)
    index = literal(charge.index_id)
    losses_en = "losses shared alike" if charge.shares_losses else "losses are the retailer's"
    losses_zh = "亏损按同比例分担" if charge.shares_losses else "亏损由售电公司承担"
    return cited(
        f"{share} % of the gain against {reference} {tariff.currency}/kWh at index {index}: {shown(gain)} ({losses_en})",
        f"相对 {reference} {tariff.currency}/kWh、按指数 {index} 的收益 {shown(gain)}，用户分成 {share} %（{losses_zh}）",
        tariff,
    )


def export_rule(charge: ExportCredit, band: str, price: Decimal, tariff: Tariff) -> Text:
    """Say what is paid for feed-in."""
    if band:
        return cited(
            f"feed-in in {literal(band)} paid {plain(price)} {tariff.currency}/kWh",
            f"{literal(band_zh(band))}上网电量按 {plain(price)} {tariff.currency}/kWh 结算",
            tariff,
        )
    index, share, fee = literal(str(charge.index_id)), plain(charge.index_share), plain(charge.fee_per_kwh)
    return cited(
        f"feed-in paid {share} × index {index} − {fee}", f"上网电量按 {share} × 指数 {index} − {fee} 结算", tariff
    )


def coincident_rule(charge: CoincidentCharge, n_peaks: int, tariff: Tariff) -> Text:
    """Say at which of the grid's peaks the load was taken."""
    name = literal(charge.system_peak_id)
    yearly_en, yearly_zh = (", year to date", "，本年累计") if charge.is_yearly else ("", "")
    how_en, how_zh = ("mean", "平均") if charge.counts == "mean" else ("highest", "最大")
    return cited(
        f"{how_en} load at {n_peaks} published peaks of the grid ({name}) this month{yearly_en}",
        f"本月 {n_peaks} 个已公布系统高峰（{name}）时刻的{how_zh}负荷{yearly_zh}",
        tariff,
    )


def reactive_rule(charge: ReactiveCharge, unit: str, tariff: Tariff) -> Text:
    """Say how much reactive energy or power is free."""
    if unit == "kvarh":
        free = plain(charge.free_kvarh_per_kwh)
        return cited(f"reactive energy above {free} kvarh per kWh", f"超过 {free} kvarh/kWh 的无功电量", tariff)
    free = plain(charge.free_kvar_per_kw)
    return cited(
        f"highest reactive power above {free} kvar per kW of demand", f"超过 {free} kvar/kW 的最大无功功率", tariff
    )


def usage_rebate_rule(charge: UsageRebateCharge, kwh_per_kva: Decimal, tariff: Tariff) -> Text:
    """Say whether the month reached the kWh per kVA of the rebate."""
    limit, share = plain(charge.from_kwh_per_kva), plain(charge.rebate_share * 100)
    reached = kwh_per_kva >= charge.from_kwh_per_kva
    en, zh = ("reached", "达到") if reached else ("not reached", "未达到")
    return cited(
        f"{shown(kwh_per_kva)} kWh per kVA, {limit} {en}: {share} % of the demand charge {'is' if reached else 'would be'} waived",
        f"月每千伏安用电量 {shown(kwh_per_kva)}，{zh} {limit}：{'减收' if reached else '不减收'}需量电费 {share} %",
        tariff,
    )


def price_cap_rule(charge: PriceCapCharge, limit: Decimal, tariff: Tariff, *, is_cap: bool) -> Text:
    """Say what the mean price is held to."""
    of = literal(", ".join(charge.of))
    en, zh = ("at most", "不高于") if is_cap else ("at least", "不低于")
    unit = f"{tariff.currency}/kWh"
    return cited(f"mean price of {of} {en} {plain(limit)} {unit}", f"{of} 的月均价{zh} {plain(limit)} {unit}", tariff)


def power_factor_rule(charge: PowerFactorCharge, power_factor: Decimal, subject: Decimal, tariff: Tariff) -> Text:
    """Say which rate a power factor earns and on what."""
    percent = plain(adjustment_rate(charge.standard, power_factor) * 100)
    pf, base = plain(power_factor), shown(subject)
    return cited(
        f"power factor {pf}, standard {charge.standard}: {percent} % of {base} {tariff.currency} "
        "(energy less government funds, demand, capacity)",
        f"功率因数 {pf}，标准 {charge.standard}：{base} {tariff.currency} 的 {percent} %"
        "（电度电费扣除政府性基金、需量电费、容量电费）",
        tariff,
    )


def minimum_rule(charge: MinimumCharge, owed: Decimal, tariff: Tariff) -> Text:
    """Say what the least is."""
    least = f"{shown(owed)} {tariff.currency}"
    of_en = literal(", ".join(charge.of)) if charge.of else "all charges but taxes and feed-in"
    of_zh = literal(", ".join(charge.of)) if charge.of else "除税费与上网外的全部费用"
    return cited(
        f"{of_en} bring at least {least}; what lacks is made up", f"{of_zh} 最低 {least}，不足部分补足", tariff
    )


def tax_rule(charge: TaxCharge, tariff: Tariff) -> Text:
    """Say what is taxed."""
    percent = plain(charge.tax_share * 100)
    of_en = literal(", ".join(charge.of)) if charge.of else "all other lines"
    of_zh = literal(", ".join(charge.of)) if charge.of else "其余各项"
    return cited(f"{percent} % of {of_en}", f"{of_zh}的 {percent} %", tariff)


def network_rule(
    charge: NetworkCharge, values: tuple[Decimal, Decimal, Decimal, Decimal], n_months: int, tariff: Tariff
) -> Text:
    """Say how the year's fee to date comes about."""
    kwh, peak_kw, window_kw, owed = values
    hours = "–" if peak_kw == 0 else shown(kwh * 12 / (n_months * peak_kw))
    extra_en = extra_zh = ""
    if charge.atypical is not None:
        extra_en, extra_zh = (
            f", {shown(window_kw)} kW in the high-load windows",
            f"，高负荷时段内 {shown(window_kw)} kW",
        )
    elif charge.band_load:
        extra_en, extra_zh = ", band load agreed", "，已约定带状负荷"
    money = f"{shown(owed)} {tariff.currency}"
    return cited(
        f"year to date, {n_months}/12: {shown(kwh)} kWh, peak {shown(peak_kw)} kW{extra_en}, hours' use {hours} h; owed {money}, "
        "less what was billed before",
        f"本年累计 {n_months}/12：{shown(kwh)} kWh，最大 {shown(peak_kw)} kW{extra_zh}，利用小时 {hours} h；累计应收 {money}，"
        "扣除此前已计收部分",
        tariff,
    )
