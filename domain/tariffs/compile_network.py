r"""The German network fee as a line: price pair by hours' use, atypical use, band load; billed to date.

After month *n* of the calendar year, with energy E and highest quarter hour D so far, the year is taken to go on
alike: its hours' use is :math:`12 E / (n D)`, its fee to date :math:`F_n = \tfrac{n}{12} p_L D + p_A E` at the pair that
those hours choose. The month's line is :math:`F_n - F_{n-1}`; December's closes the year at its exact fee.
"""

from datetime import date
from decimal import Decimal

from domain.noun import noun
from domain.tariffs.charges import ONE, AtypicalUse, NetworkCharge, PricePair
from domain.tariffs.compile_demand import YEAR_MONTHS
from domain.tariffs.line import Compiled, line_of
from domain.tariffs.periods import Period
from domain.tariffs.quantities import Energy, Given, Largest, Peak, Quantity, Step, Sum, minus
from domain.tariffs.rules_more import network_rule


@noun(eq=False)
class NetworkMonth:
    """What one month brings to the year."""

    kwh: Quantity
    peak: Quantity
    window_peak: Quantity
    """Peak within the high-load windows; the same as ``peak`` without an agreement on atypical use."""


@noun(eq=False)
class _ToDate:
    """The year so far."""

    n: int
    kwh: Quantity
    peak: Quantity
    window_peak: Quantity


def network(charge: NetworkCharge, period: Period) -> Compiled:
    """Give one line: the year's fee to date less what was billed before. [currency]."""
    months = [
        network_month(charge, period, date(period.month.year, number, 1)) for number in range(1, period.month.month + 1)
    ]
    now = _to_date(charge, period, months)
    owed = _fee(charge, now, period)
    parts = [(float(period.share), owed)]
    if len(months) > 1:
        parts.append((-float(period.share), _fee(charge, _to_date(charge, period, months[:-1]), period)))
    quantity = Sum(parts=tuple(parts))
    line = line_of(
        charge,
        unit=period.tariff.currency,
        quantity=quantity,
        unit_price=ONE,
        rule=lambda values: network_rule(
            charge, (values(now.kwh), values(now.peak), values(now.window_peak), values(owed)), now.n, period.tariff
        ),
    )
    here = months[-1]
    measured = {
        "energy_kwh": here.kwh,
        "max_demand_kw": here.peak,
        "window_demand_kw": here.window_peak,
        "network_fee": quantity,
    }
    if charge.atypical is None:
        del measured["window_demand_kw"]
    return Compiled(charge_id=charge.charge_id, lines=(line,), measured=measured)


def network_month(charge: NetworkCharge, period: Period, month: date) -> NetworkMonth:
    """Give what a month brings to the year: as the facts say, else from the load."""
    part = period.whole if month == period.month else period.earlier(month)
    atypical = charge.atypical
    names = ["energy_kwh", "max_demand_kw", *([] if atypical is None else ["window_demand_kw"])]
    if part is None or (month != period.month and period.knows(charge.charge_id, month, *names)):
        known = {
            name: Given(value=period.past(charge.charge_id, month, name)) for name in ("energy_kwh", "max_demand_kw")
        }
        window = known["max_demand_kw"]
        if atypical is not None:
            window = Given(value=period.past(charge.charge_id, month, "window_demand_kw"))
        return NetworkMonth(kwh=known["energy_kwh"], peak=known["max_demand_kw"], window_peak=window)
    label = f"{charge.charge_id} {month:%Y-%m}"
    windows = period.windows(charge.charge_id, measurement_min=charge.measurement_min, part=part)
    peak = Peak(label=label, windows=windows)
    window_peak = peak
    if atypical is not None:
        inside = period.windows(
            charge.charge_id,
            calendar=atypical.calendar,
            bands=atypical.bands,
            measurement_min=charge.measurement_min,
            part=part,
        )
        window_peak = Peak(label=f"{label} high-load windows", windows=inside)
    return NetworkMonth(kwh=Energy(first=part.first, stop=part.stop), peak=peak, window_peak=window_peak)


def _to_date(charge: NetworkCharge, period: Period, months: list[NetworkMonth]) -> _ToDate:
    label = f"{charge.charge_id} {period.month:%Y} to {len(months):02d}"
    peak = Largest(label=label, parts=tuple((1.0, one.peak) for one in months))
    window_peak = peak
    if charge.atypical is not None:
        window_peak = Largest(label=f"{label} windows", parts=tuple((1.0, one.window_peak) for one in months))
    return _ToDate(
        n=len(months), kwh=Sum(parts=tuple((1.0, one.kwh) for one in months)), peak=peak, window_peak=window_peak
    )


def _pair_fee(pair: PricePair, year: _ToDate, demand: Quantity) -> Quantity:
    share = year.n / YEAR_MONTHS
    return Sum(parts=((share * float(pair.price_per_kw_year), demand), (float(pair.price_per_kwh), year.kwh)))


def _hours_reached(year: _ToDate, hours: Decimal) -> Quantity:
    """Give a quantity that is not negative where the year's hours' use reach so many. [kWh]."""
    return minus(year.kwh, Sum(parts=((float(hours) * year.n / YEAR_MONTHS, year.peak),)))


def _published(charge: NetworkCharge, year: _ToDate, demand: Quantity, label: str) -> Quantity:
    below, above = (_pair_fee(pair, year, demand) for pair in (charge.below, charge.above))
    switch = Step(label=f"{label} pair", when=_hours_reached(year, charge.switch_h), amount=minus(above, below))
    return Sum(parts=((1.0, below), (1.0, switch)))


def _fee(charge: NetworkCharge, year: _ToDate, period: Period) -> Quantity:
    label = f"{charge.charge_id} {period.month:%Y} to {year.n:02d}"
    published = _published(charge, year, year.peak, label)
    if charge.atypical is not None:
        return _atypical_fee(charge.atypical, charge, year, published, label)
    if charge.band_load:
        return _band_load_fee(charge, year, published, label)
    return published


def _atypical_fee(rule: AtypicalUse, charge: NetworkCharge, year: _ToDate, published: Quantity, label: str) -> Quantity:
    """Give the individual fee where the windows' peak lies low enough and the saving is worth it, else the published.

    Three conditions, each a step of its own; the fee is at least a share of the published one.
    """
    by_window = _published(charge, year, year.window_peak, f"{label} windows")
    least = Sum(parts=((float(rule.least_fee_share), published),))
    fee = Largest(label=f"{label} least fee", parts=((1.0, by_window), (1.0, least)))
    saving = minus(published, fee)
    worth = minus(saving, float(rule.least_saving) * year.n / YEAR_MONTHS)
    low_share = Sum(parts=((1 - float(rule.least_reduction_share), year.peak), (-1.0, year.window_peak)))
    low_kw = minus(minus(year.peak, year.window_peak), float(rule.least_reduction_kw))
    granted: Quantity = Step(label=f"{label} worth", when=worth, amount=saving)
    granted = Step(label=f"{label} reduction share", when=low_share, amount=granted)
    granted = Step(label=f"{label} reduction kW", when=low_kw, amount=granted)
    return minus(published, granted)


def _band_load_fee(charge: NetworkCharge, year: _ToDate, published: Quantity, label: str) -> Quantity:
    """Give the share of the published fee that the hours' use reach, from so much energy on."""
    given_back: list[tuple[float, Quantity]] = []
    before = 1.0
    for step in charge.band_load:
        reached = Step(label=f"{label} {step.from_h} h", when=_hours_reached(year, step.from_h), amount=published)
        given_back.append((before - float(step.fee_share), reached))
        before = float(step.fee_share)
    from_kwh = float(charge.band_load_from_kwh) * year.n / YEAR_MONTHS
    enough = Step(
        label=f"{label} energy", when=minus(year.kwh, from_kwh), amount=Sum(parts=tuple(given_back)), strict=True
    )
    return minus(published, enough)
