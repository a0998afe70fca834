"""Charges that rest on other charges' lines: rebate, cap, power factor, minimum, tax."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from domain.tariffs.charges import (
    ONE,
    ZERO,
    MinimumCharge,
    PowerFactorCharge,
    PriceCapCharge,
    TaxCharge,
    UsageRebateCharge,
)
from domain.tariffs.line import Compiled, Line, Summed, line_of
from domain.tariffs.periods import Period
from domain.tariffs.quantities import Energy, PowerFactor, Quantity, Rated, Sum, minus
from domain.tariffs.rules_more import minimum_rule, power_factor_rule, price_cap_rule, tax_rule, usage_rebate_rule
from domain.text import Text

ADJUSTED_KINDS = ("energy", "spot", "price_cap", "profit_share", "demand", "usage_rebate", "capacity")
"""Kinds of lines that the power factor raises or lowers, government funds excepted."""
NOT_FOR_MINIMUM = ("tax", "export")


def _of(lines: Sequence[Line], charge_ids: Sequence[str]) -> list[Line]:
    return [line for line in lines if line.charge_id in charge_ids]


def usage_rebate(charge: UsageRebateCharge, period: Period, lines: Sequence[Line]) -> Compiled:
    """Give a credit of a share of the demand lines in a month that reaches the kWh per kVA.

    The energy is the whole month's, also where a version holds for a part of it.
    """
    label = f"{charge.charge_id} {period.month:%Y-%m}"
    capacity_kva = float(period.capacity_kva(charge.charge_id))
    kwh = Energy(first=period.whole.first, stop=period.whole.stop)
    reached = minus(kwh, float(charge.from_kwh_per_kva) * capacity_kva)
    summed = Summed(lines=tuple((ONE, line) for line in _of(lines, charge.of)), when=reached)
    quantity = summed.quantity(label)
    line = line_of(
        charge,
        unit=period.tariff.currency,
        quantity=quantity,
        unit_price=-charge.rebate_share,
        rule=lambda values: usage_rebate_rule(
            charge, values(kwh) / period.capacity_kva(charge.charge_id), period.tariff
        ),
        summed=summed,
    )
    per_kva = Sum(parts=((1 / capacity_kva, kwh),))
    return Compiled(charge_id=charge.charge_id, lines=(line,), measured={"energy_kwh_per_kva": per_kva})


def _priced_kwh(lines: Sequence[Line], measured: dict[str, Compiled]) -> Quantity:
    """Give the energy that some charges bill. [kWh]."""
    parts: list[tuple[float, Quantity]] = []
    for charge_id in dict.fromkeys(line.charge_id for line in lines):
        known = measured[charge_id].measured.items()
        parts += [(1.0, quantity) for name, quantity in known if name == "energy_kwh" or name.startswith("energy_kwh.")]
    return Sum(parts=tuple(parts))


def _with(label: Text, en: str, zh: str) -> Text:
    return Text(en=f"{label.en}, {en}", zh=f"{label.zh}（{zh}）")


def price_cap(charge: PriceCapCharge, period: Period, lines: Sequence[Line], measured: dict[str, Compiled]) -> Compiled:
    """Give back what the charges' mean price exceeds the cap by, and make up what it falls short of the floor by."""
    capped = _of(lines, charge.of)
    kwh = _priced_kwh(capped, measured)
    amounts = tuple((ONE, line) for line in capped)
    found: list[Line] = []
    for limit, sign in ((charge.cap_per_kwh, ONE), (charge.floor_per_kwh, -ONE)):
        if limit is None:
            continue
        label = f"{charge.charge_id} {'cap' if sign > 0 else 'floor'} {period.month:%Y-%m}"
        summed = Summed(
            lines=tuple((sign * one, line) for one, line in amounts), others=((-sign * limit, kwh),), positive_part=True
        )
        text = price_cap_rule(charge, limit, period.tariff, is_cap=sign > 0)
        found.append(
            line_of(
                charge,
                label=_with(charge.label, "above the cap", "超出上限")
                if sign > 0
                else _with(charge.label, "below the floor", "低于下限"),
                unit=period.tariff.currency,
                quantity=summed.quantity(label),
                unit_price=-sign,
                rule=text,
                summed=summed,
            )
        )
    return Compiled(charge_id=charge.charge_id, lines=tuple(found), measured={"capped_kwh": kwh})


def power_factor(
    charge: PowerFactorCharge, period: Period, lines: Sequence[Line], *, is_given: bool = False
) -> Compiled:
    """Give the line that raises or lowers the others by the rate of the month's power factor (``is_given``: as given)."""
    subject = [line for line in lines if line.kind in ADJUSTED_KINDS]
    summed = Summed(lines=tuple((ONE, line) for line in subject), less_funds=True)
    base = summed.quantity(charge.charge_id)
    first, stop = period.whole.first, period.whole.stop
    rated = Rated(standard=charge.standard, of=base, first=first, stop=stop, is_given=is_given)
    active, reactive = Energy(first=first, stop=stop), Energy(first=first, stop=stop, channel="reactive")
    factor = PowerFactor(first=first, stop=stop)
    line = line_of(
        charge,
        unit=period.tariff.currency,
        quantity=base,
        unit_price=ZERO,
        rule=lambda values: power_factor_rule(charge, values(factor), values(base), period.tariff),
        summed=summed,
        rated=rated,
    )
    return Compiled(
        charge_id=charge.charge_id,
        lines=(line,),
        measured={"active_kwh": active, "reactive_kvarh": reactive, "power_factor": factor},
    )


def minimum(charge: MinimumCharge, period: Period, lines: Sequence[Line]) -> Compiled:
    """Make up what the charges bring less than the minimum."""
    owed = charge.amount_per_month * period.share + charge.amount_per_day * Decimal(period.days_count)
    if charge.amount_per_kva_month:
        owed += charge.amount_per_kva_month * period.capacity_kva(charge.charge_id) * period.share
    counted = _of(lines, charge.of) if charge.of else [line for line in lines if line.kind not in NOT_FOR_MINIMUM]
    label = f"{charge.charge_id} {period.month:%Y-%m}"
    summed = Summed(lines=tuple((-ONE, line) for line in counted), constant=owed, positive_part=True)
    line = line_of(
        charge,
        unit=period.tariff.currency,
        quantity=summed.quantity(label),
        unit_price=ONE,
        rule=minimum_rule(charge, owed, period.tariff),
        summed=summed,
    )
    return Compiled(charge_id=charge.charge_id, lines=(line,), measured={"made_up": line.quantity})


def taxes(charges: Sequence[TaxCharge], period: Period, lines: Sequence[Line]) -> Iterator[Compiled]:
    """Give each tax on what stands before all taxes."""
    for charge in charges:
        taxed = _of(lines, charge.of) if charge.of else list(lines)
        summed = Summed(lines=tuple((ONE, line) for line in taxed))
        text = tax_rule(charge, period.tariff)
        line = line_of(
            charge,
            unit=period.tariff.currency,
            quantity=summed.quantity(f"{charge.charge_id} {period.month:%Y-%m}"),
            unit_price=charge.tax_share,
            rule=text,
            summed=summed,
        )
        yield Compiled(charge_id=charge.charge_id, lines=(line,), measured={"taxed": line.quantity})
