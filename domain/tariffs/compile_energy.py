"""Charges on energy as lines: bands, tiers, indexes, profit shares, feed-in."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache

import numpy as np

from domain.checks import FloatArray
from domain.tariffs.bands import BandCalendar
from domain.tariffs.charges import (
    ONE,
    ZERO,
    EnergyCharge,
    EnergyTiers,
    ExportCredit,
    PriceComponent,
    ProfitShareCharge,
    SpotCharge,
)
from domain.tariffs.decimals import half_up
from domain.tariffs.facts import PriceSeries, PricesUnknownError
from domain.tariffs.line import Compiled, Line, line_of
from domain.tariffs.periods import Period
from domain.tariffs.quantities import Energy, Hinge, Quantity, Sum, scaled, within
from domain.tariffs.rules import band_label, energy_rule, tier_label, tier_rule
from domain.tariffs.rules_more import export_rule, profit_share_rule, spot_rule
from domain.tariffs.tariff import CurrencyMixError
from domain.text import Text
from domain.time import TimeGrid


def _floating(charge: EnergyCharge, band: str, component: PriceComponent) -> Decimal:
    factor = charge.factors.get(band, ONE) if component.floats else ONE
    return factor * component.price_per_kwh


def band_price_per_kwh(charge: EnergyCharge, band: str) -> Decimal:
    """Give the price of a kWh in a band: printed price + factor · Σ floating + Σ fixed, rounded. [currency / kWh]."""
    parts = sum((_floating(charge, band, one) for one in charge.components), ZERO)
    price = charge.band_prices.get(band, ZERO) + parts
    return price if charge.price_decimals is None else half_up(price, charge.price_decimals)


def band_fund_per_kwh(charge: EnergyCharge, band: str) -> Decimal:
    """Give the part of a band's price that is government funds. [currency / kWh]."""
    return sum((_floating(charge, band, one) for one in charge.components if one.is_fund), ZERO)


def energy(charge: EnergyCharge, period: Period, demand_of: Callable[[str], Quantity]) -> Compiled:
    """Give a line for each band that the period meets, and one for each tier.

    A band that climbs tiers alone has one line per tier at its whole price; bands that climb together keep their own
    lines, and each tier adds a line at what it costs on top.
    """
    if charge.months and period.month.month not in charge.months:
        return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    bands: dict[str, Quantity] = {}
    for band in charge.calendar.bands:
        weights = period.weights(charge.calendar, band)
        if weights is not None:
            of_band = Energy(first=period.first, stop=period.stop, weights=weights)
            bands[band] = scaled(float(charge.energy_share), of_band)
    alone = {group.bands[0]: group for group in charge.tiers if len(group.bands) == 1}
    lines: list[Line] = []
    for band, quantity in bands.items():
        if band in alone:
            lines += _tier_lines(charge, alone[band], (band,), period, demand_of)
        else:
            lines.append(_band_line(charge, band, quantity, period))
    for group in charge.tiers:
        if len(group.bands) > 1:
            lines += _tier_lines(charge, group, tuple(band for band in group.bands if band in bands), period, demand_of)
    return Compiled(
        charge_id=charge.charge_id,
        lines=tuple(lines),
        measured={f"energy_kwh.{band}": quantity for band, quantity in bands.items()},
    )


def _band_line(charge: EnergyCharge, band: str, quantity: Quantity, period: Period) -> Line:
    price = band_price_per_kwh(charge, band)
    rule = energy_rule(charge, band, price, period.tariff)
    return line_of(
        charge,
        label=band_label(charge, band),
        unit="kWh",
        quantity=quantity,
        unit_price=price,
        rule=rule,
        fund_per_unit=band_fund_per_kwh(charge, band),
    )


def _tier_lines(
    charge: EnergyCharge,
    group: EnergyTiers,
    bands: tuple[str, ...],
    period: Period,
    demand_of: Callable[[str], Quantity],
) -> Iterator[Line]:
    if not bands:
        return
    alone = len(group.bands) == 1
    price = band_price_per_kwh(charge, bands[0]) if alone else ZERO
    fund = band_fund_per_kwh(charge, bands[0]) if alone else ZERO
    climbs = tuple(_climbing(charge, bands, period, per_day=group.basis == "day"))
    unit_of_limit = _limit_unit(group, period, demand_of)
    low = ZERO
    for number, tier in enumerate(group.tiers):
        label = f"{charge.charge_id} {'+'.join(bands)} tier {number + 1} {period.month:%Y-%m}"
        edges = (_edge(low, unit_of_limit), None if tier.up_to_kwh is None else _edge(tier.up_to_kwh, unit_of_limit))
        parts = tuple((1.0, within(label, one, edges)) for one in climbs)
        yield line_of(
            charge,
            label=tier_label(charge, bands, number + 1),
            unit="kWh",
            quantity=parts[0][1] if len(parts) == 1 else Sum(parts=parts),
            unit_price=price + tier.price_per_kwh,
            rule=tier_rule(group, number, price, period.tariff),
            fund_per_unit=fund,
        )
        low = tier.up_to_kwh or ZERO


def _climbing(charge: EnergyCharge, bands: tuple[str, ...], period: Period, *, per_day: bool) -> Iterator[Quantity]:
    """Give what climbs the tiers: the energy of the bands together, of the month or of each of its days."""
    of_bands = [one for band in bands if (one := period.weights(charge.calendar, band)) is not None]
    weights: FloatArray = np.add.reduce(of_bands)
    first, stop, share = period.first, period.stop, float(charge.energy_share)
    if not per_day:
        yield scaled(share, Energy(first=first, stop=stop, weights=weights))
        return
    for day in period.held_grid.local_days(period.tariff.zone):
        of_day = Energy(first=first + day.first, stop=first + day.stop, weights=weights[day.first : day.stop])
        yield scaled(share, of_day)


def _limit_unit(group: EnergyTiers, period: Period, demand_of: Callable[[str], Quantity]) -> Quantity | float:
    """Give what one unit of a tier's limit is worth: the part of the month billed, kW, kVA, or a day."""
    if group.basis == "day":
        return 1.0
    share = float(period.share)
    if group.basis == "month_days":
        return float(period.days_count)
    if group.basis == "kw":
        return scaled(share, demand_of(str(group.demand_charge_id)))
    if group.basis == "kva":
        return share * float(period.capacity_kva(" + ".join(group.bands)))
    return share


def _edge(limit_kwh: Decimal, unit: Quantity | float) -> Quantity | float:
    if limit_kwh == 0:
        return 0.0
    return float(limit_kwh) * unit if isinstance(unit, int | float) else scaled(float(limit_kwh), unit)


@lru_cache(maxsize=256)
def _aligned(series: PriceSeries, grid: TimeGrid) -> FloatArray:
    """Give a series' price of each step of a grid; NaN where it has none, or does not fit the steps."""
    found = np.full(grid.n_steps, np.nan)
    if series.grid.step_min % grid.step_min:
        return found
    minutes = grid.step_min * np.arange(grid.n_steps) + int((grid.start - series.grid.start).total_seconds()) // 60
    steps = minutes // series.grid.step_min
    inside = (steps >= 0) & (steps < series.grid.n_steps)
    found[inside] = series.prices_per_kwh[steps[inside]]
    return found


def index_prices_per_kwh(charge_id: str, index_id: str, period: Period, *, whole: bool = False) -> FloatArray:
    """Give an index's price of each step of the held days (or of the whole month). [currency / kWh].

    Raises
    ------
    PricesUnknownError
        If the series is not given, in coarser or unfitting steps, or has a hole here.
    CurrencyMixError
        If it is in another currency.
    """
    series = period.facts.series(index_id)
    grid = period.whole.grid if whole else period.held_grid
    if series is None:
        raise PricesUnknownError(charge_id=charge_id, index_id=index_id, problem=Text(en="is not given", zh="未提供"))
    if series.currency != period.tariff.currency:
        raise CurrencyMixError(
            tariff_id=period.tariff.tariff_id,
            currency=period.tariff.currency,
            what=index_id,
            other=series.currency,
        )
    if series.grid.step_min % grid.step_min:
        problem = Text(
            en=f"has steps of {series.grid.step_min} min, which the load's steps of {grid.step_min} min do not divide; "
            "give the load in shorter steps",
            zh=f"步长为 {series.grid.step_min} 分钟，不能被负荷步长 {grid.step_min} 分钟整除；请提供更短步长的负荷",
        )
        raise PricesUnknownError(charge_id=charge_id, index_id=index_id, problem=problem)
    prices = _aligned(series, grid)
    if np.isnan(prices).any():
        first = grid.at(int(np.flatnonzero(np.isnan(prices))[0])).isoformat()
        problem = Text(
            en=f"has no price at {first} (its steps: {series.grid.step_min} min)",
            zh=f"在 {first} 没有价格（其步长 {series.grid.step_min} 分钟）",
        )
        raise PricesUnknownError(charge_id=charge_id, index_id=index_id, problem=problem)
    return prices


def spot(charge: SpotCharge, period: Period) -> Compiled:
    """Give one line: the energy of each step at its own price, in money; its rule names the mean price."""
    month_mean = charge.settled == "month_mean"
    index = index_prices_per_kwh(charge.charge_id, charge.index_id, period, whole=month_mean)
    if month_mean:
        index = np.full(period.held_grid.n_steps, index.mean())
    prices = float(charge.index_share) * index + float(charge.fee_per_kwh)
    low, high = charge.floor_per_kwh, charge.cap_per_kwh
    if low is not None or high is not None:
        prices = np.clip(prices, None if low is None else float(low), None if high is None else float(high))
    share = float(charge.energy_share)
    kwh = scaled(share, Energy(first=period.first, stop=period.stop))
    money = scaled(share, Energy(first=period.first, stop=period.stop, weights=prices))
    line = line_of(
        charge,
        unit=period.tariff.currency,
        quantity=money,
        unit_price=ONE,
        rule=lambda values: spot_rule(charge, values(kwh), values(money), period.tariff),
    )
    return Compiled(
        charge_id=charge.charge_id, lines=(line,), measured={"energy_kwh": kwh, f"amount_{charge.kind}": money}
    )


def profit_share(charge: ProfitShareCharge, period: Period) -> Compiled:
    """Give one line: the customer's share of the month's gain against the reference, as a credit."""
    index = index_prices_per_kwh(charge.charge_id, charge.index_id, period)
    gained = float(charge.energy_share) * (float(charge.reference_per_kwh) - index)
    gain: Quantity = Energy(first=period.first, stop=period.stop, weights=gained)
    shared = gain if charge.shares_losses else Hinge(label=f"{charge.charge_id} {period.month:%Y-%m}", of=gain)
    line = line_of(
        charge,
        unit=period.tariff.currency,
        quantity=shared,
        unit_price=-charge.customer_share,
        rule=lambda values: profit_share_rule(charge, values(gain), period.tariff),
    )
    return Compiled(charge_id=charge.charge_id, lines=(line,), measured={"gain": gain})


def _export_prices(charge: ExportCredit, period: Period) -> Iterator[tuple[str, Decimal, FloatArray]]:
    calendar: BandCalendar | None = charge.calendar
    if calendar is None:
        index = index_prices_per_kwh(charge.charge_id, str(charge.index_id), period)
        yield "", ONE, float(charge.index_share) * index - float(charge.fee_per_kwh)
        return
    for band in calendar.bands:
        weights = period.weights(calendar, band)
        if weights is not None:
            yield band, charge.band_prices[band] - charge.fee_per_kwh, weights


def export(charge: ExportCredit, period: Period) -> Compiled:
    """Give a credit for each band's feed-in, or for all of it at an index."""
    lines, measured = [], {}
    for band, price, weights in _export_prices(charge, period):
        fed_in = Energy(first=period.first, stop=period.stop, weights=weights, channel="export")
        measured[f"export_kwh.{band}" if band else "export_credit"] = fed_in
        rule = export_rule(charge, band, price, period.tariff)
        label = Text(en=f"{charge.label.en}: {band}", zh=f"{charge.label.zh}：{band}") if band else charge.label
        lines.append(
            line_of(
                charge,
                label=label,
                unit="kWh" if band else period.tariff.currency,
                quantity=fed_in,
                unit_price=-price,
                rule=rule,
            )
        )
    return Compiled(charge_id=charge.charge_id, lines=tuple(lines), measured=measured)
