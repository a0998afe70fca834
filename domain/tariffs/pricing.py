"""A tariff's charges as the terms of a model over one planning horizon.

``priced_terms(...).cost(horizon)`` equals the mean over the window's samples of the exact month bills
before rounding. The power factor is taken not to depend on the schedule; its rate multiplies what it
adjusts.
"""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.bills import BillingWindow
from domain.tariffs.charges import ZERO, CapacityCharge, DemandCharge, EnergyCharge, FixedCharge, PowerFactorCharge
from domain.tariffs.contract import OverTerms, over_terms
from domain.tariffs.determinants import (
    CapacityUnknownError,
    IntArray,
    MonthPart,
    block_peaks_kw,
    demand_blocks,
    is_levied,
    month_part,
    step_bands,
)
from domain.tariffs.lines import band_fund_per_kwh, band_price_per_kwh
from domain.tariffs.power_factor import adjustment_rate, given_power_factor
from domain.tariffs.tariff import SupplyPoint, Tariff
from domain.tariffs.terms import UNBLOCKED, DemandTerm, PricedTerms
from domain.text import Text
from domain.time import next_month, zone_of


class HorizonSplitsBlockError(WattplanError):
    """The planning horizon begins or ends inside a measurement block."""

    code = "horizon_splits_block"
    words = Text(
        en="Charge {charge_id} measures over {measurement_min} minutes and the horizon's edge {edge} lies inside "
        "such a block. Start and end the horizon on the block's edges.",
        zh="费用项 {charge_id} 的需量周期为 {measurement_min} 分钟，而计划期边界 {edge} 落在周期之内。"
        "请使计划期的起止与需量周期对齐。",
    )


@noun(eq=False)
class _Question:
    """What all the pieces need: who is priced, by which tariff, in which window."""

    tariff: Tariff
    supply: SupplyPoint
    window: BillingWindow
    rate: Decimal
    """The power factor's adjustment. [-]"""


def priced_terms(tariff: Tariff, supply: SupplyPoint, window: BillingWindow) -> PricedTerms:
    """Give a tariff's cost of a planning horizon as terms of a model. [tariff.currency].

    Parameters
    ----------
    window : BillingWindow
        The whole months that the horizon touches, with the load around it.

    Returns
    -------
    PricedTerms
        ``cost(horizon_kw)`` is the mean over the samples of the months' bills before rounding. A demand charge
        gives one term for each month that it is levied in and whose window meets the horizon; elsewhere it
        is part of ``constant``.

    Raises
    ------
    TariffNotInForceError, TariffNotForCustomerError
        If the tariff does not hold in all of the window's months, or not for this customer.
    HorizonSplitsBlockError
        If the horizon begins or ends inside a measurement block.
    MonthNotCoveredError, StepTooCoarseError, BandEdgeError
        If the window does not fit the tariff's local clock.
    CapacityUnknownError, ContractDemandUnknownError, PowerFactorUnknownError
        If the supply point lacks what a charge bills.
    """
    months = window.months
    tariff.must_hold(months[0], next_month(months[-1]) - timedelta(days=1))
    tariff.must_fit(supply)
    asked = _Question(tariff=tariff, supply=supply, window=window, rate=_rate(tariff, supply, window))
    parts = [month_part(window.grid, tariff.zone, month) for month in months]
    constant = float(sum((_standing(asked, part) for part in parts), ZERO))
    price_per_kwh = np.concatenate([_energy_price_per_kwh(asked, part) for part in parts])
    terms = _demand_terms(asked, parts)
    standing = [term for term in terms if (term.block_of_step == UNBLOCKED).all()]
    constant += sum(term.cost(np.zeros(window.horizon.n_steps)) for term in standing)
    around_kw = window.around_kw.mean(axis=0)
    around_kw[window.first : window.stop] = 0.0
    return PricedTerms(
        tariff_id=tariff.tariff_id,
        currency=tariff.currency,
        horizon=window.horizon,
        constant=constant + float(price_per_kwh @ around_kw) * window.grid.step_h,
        energy_price_per_kwh=price_per_kwh[window.first : window.stop],
        demand=tuple(term for term in terms if term not in standing),
    )


def _rate(tariff: Tariff, supply: SupplyPoint, window: BillingWindow) -> Decimal:
    for charge in tariff.charges:
        if isinstance(charge, PowerFactorCharge):
            return adjustment_rate(charge.standard, given_power_factor(window.power_factor, supply))
    return ZERO


def _standing(asked: _Question, part: MonthPart) -> Decimal:
    """Give a month's fixed and capacity charges. [currency]."""
    owed = ZERO
    for charge in asked.tariff.charges:
        if isinstance(charge, FixedCharge):
            owed += charge.amount_per_month + charge.amount_per_day * part.days_count
        elif isinstance(charge, CapacityCharge):
            if asked.supply.capacity_kva is None:
                raise CapacityUnknownError(charge_id=charge.charge_id)
            owed += (1 + asked.rate) * charge.price_per_kva_month * asked.supply.capacity_kva
    return owed


def _energy_price_per_kwh(asked: _Question, part: MonthPart) -> FloatArray:
    """Give the price of a kWh in each of a month's steps, power-factor adjustment included. [currency / kWh]."""
    price_per_kwh = np.zeros(part.grid.n_steps)
    for charge in asked.tariff.charges:
        if isinstance(charge, EnergyCharge):
            by_band = [
                float(
                    (1 + asked.rate) * band_price_per_kwh(charge, band) - asked.rate * band_fund_per_kwh(charge, band)
                )
                for band in charge.calendar.bands
            ]
            bands = step_bands(charge.calendar, part.grid, asked.tariff.zone, asked.tariff.calendar)
            price_per_kwh += np.array(by_band)[bands]
    return price_per_kwh


def _demand_terms(asked: _Question, parts: list[MonthPart]) -> list[DemandTerm]:
    charges = [charge for charge in asked.tariff.charges if isinstance(charge, DemandCharge)]
    return [
        _demand_term(asked, charge, over_terms(charge, asked.supply), part)
        for charge in charges
        for part in parts
        if is_levied(charge, part.month)
    ]


def _demand_term(asked: _Question, charge: DemandCharge, over: OverTerms | None, part: MonthPart) -> DemandTerm:
    window = asked.window
    blocks = np.full(window.grid.n_steps, UNBLOCKED, dtype=np.int64)
    blocks[part.first : part.stop] = demand_blocks(charge, asked.tariff, part.grid)
    _must_not_split(asked, charge, blocks)
    outside = blocks.copy()
    outside[window.first : window.stop] = UNBLOCKED
    return DemandTerm(
        label=_label(charge, part.month),
        price_per_kw=float((1 + asked.rate) * charge.price_per_kw_month),
        block_of_step=_from_zero(blocks[window.first : window.stop]),
        other_peak_kw=block_peaks_kw(window.around_kw, outside),
        contract_kw=None if over is None else float(over.contract_kw),
        thresholds_kw=() if over is None else tuple(map(float, over.thresholds_kw)),
        multipliers=() if over is None else tuple(map(float, over.multipliers)),
        jump_kw=0.0 if over is None else float(over.jump_kw),
    )


def _label(charge: DemandCharge, month: date) -> str:
    return f"{charge.charge_id} {month:%Y-%m}"


def _from_zero(blocks: IntArray) -> IntArray:
    inside = blocks != UNBLOCKED
    return np.where(inside, blocks - blocks[inside].min(initial=np.iinfo(np.int64).max), UNBLOCKED)


def _must_not_split(asked: _Question, charge: DemandCharge, blocks: IntArray) -> None:
    for edge in (asked.window.first, asked.window.stop):
        before, after = blocks[:edge], blocks[edge:]
        here = before.max(initial=UNBLOCKED)
        if here != UNBLOCKED and (after == here).any():
            raise HorizonSplitsBlockError(
                charge_id=charge.charge_id,
                measurement_min=charge.measurement_min,
                edge=asked.window.grid.at(edge).astimezone(zone_of(asked.tariff.zone)).isoformat(),
            )
