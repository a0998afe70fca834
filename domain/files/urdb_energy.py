"""Energy charges of a URDB rate: periods, tiers, fuel adjustments, pay for what is fed in."""

from collections import defaultdict
from decimal import Decimal

from domain.files.clauses import ClauseBook
from domain.files.urdb_fields import N_MONTHS, Schedule, UrdbRecord
from domain.files.urdb_options import UrdbOptions
from domain.files.urdb_schedules import band_calendar, band_name, used_periods
from domain.files.urdb_tiers import PeriodTiers, price_of, tiers_of
from domain.tariffs import EnergyCharge
from domain.tariffs.bands import BandCalendar, always
from domain.tariffs.charges import DemandCharge, EnergyTier, EnergyTiers, ExportCredit, TierBasis
from domain.text import Text

BASES: dict[str, TierBasis] = {"kWh": "month", "kWh/kW": "kw", "kWh daily": "month_days"}
FIELD = "energyratestructure"
BILLING_DEMAND = "billing_demand"


def energy_charge(record: UrdbRecord, options: UrdbOptions, demand_id: str, book: ClauseBook) -> EnergyCharge | None:
    """Make the energy charge; None, with clauses in the book, where it cannot be priced.

    Parameters
    ----------
    record : UrdbRecord
    options : UrdbOptions
    demand_id : str
        The demand charge whose kW widen tiers in kWh per kW.
    book : ClauseBook
    """
    weekday, weekend = record.schedule("energyweekdayschedule"), record.schedule("energyweekendschedule")
    book.read(*map(record.spelt, (FIELD, "energyweekdayschedule", "energyweekendschedule")))
    structure = record.structure(FIELD)
    periods: dict[int, PeriodTiers] = {}
    for period in used_periods(weekday, weekend):
        found = tiers_of(structure[period], FIELD, period, "kWh", book)
        if found is not None and _is_priced_by(found, record, period, book):
            periods[period] = found
    if len(periods) < len(used_periods(weekday, weekend)):
        return None
    groups = _groups(periods, weekday, weekend, options, book)
    return EnergyCharge(
        charge_id="energy",
        label=Text(en="Energy", zh="电度电费"),
        calendar=band_calendar(weekday, weekend),
        band_prices={band_name(period): tiers.base for period, tiers in periods.items()},
        tiers=tuple(_energy_tiers(group, periods, demand_id) for group in groups),
    )


def _is_priced_by(tiers: PeriodTiers, record: UrdbRecord, period: int, book: ClauseBook) -> bool:
    if len(tiers.steps) > 1 and tiers.unit not in BASES:
        why = Text(en=f"period {period}: tiers in {tiers.unit}", zh=f"时段 {period}：阶梯单位为 {tiers.unit}")
        book.refuse(record.spelt(FIELD), why, essential=True)
        return False
    if len(tiers.steps) > 1 and tiers.unit == "kWh daily":
        why = Text(
            en="limits in kWh daily times the days of the month, on the month's total, as SAM does",
            zh="kWh daily 的上限乘以当月天数，按当月合计（与 SAM 的读法一致）",
        )
        book.assume(FIELD, why)
    return True


def per_kw(record: UrdbRecord) -> bool:
    """Say whether some reached period has tiers that widen with the demand."""
    weekday, weekend = record.schedule("energyweekdayschedule"), record.schedule("energyweekendschedule")
    structure = record.structure(FIELD)
    return any(
        str(tier.get("unit")).strip() == "kWh/kW"
        for period in used_periods(weekday, weekend)
        for tier in structure[period]
    )


def _groups(
    periods: dict[int, PeriodTiers], weekday: Schedule, weekend: Schedule, options: UrdbOptions, book: ClauseBook
) -> list[tuple[int, ...]]:
    """Give the periods whose energy is counted together."""
    tiered = [period for period, tiers in periods.items() if tiers.climb]
    if not tiered:
        return []
    if options.tiers_count == "period":
        if any(len(_in_month(weekday, weekend, month)) > 1 for month in range(N_MONTHS)):
            why = Text(en="each period's tiers count that period's kWh only", zh="各时段的阶梯仅计本时段的电量")
            book.assume(FIELD, why)
        return [(period,) for period in tiered]
    alike: dict[object, list[int]] = defaultdict(list)
    for period in tiered:
        alike[periods[period].unit, periods[period].climb].append(period)
    clashing = [
        month + 1
        for month in range(N_MONTHS)
        if len(
            {
                (periods[one].unit if periods[one].climb else "", periods[one].climb)
                for one in _in_month(weekday, weekend, month)
            }
        )
        > 1
    ]
    if clashing:
        _refuse_clash(clashing, book)
        return []
    if any(len(_in_month(weekday, weekend, month) & set(tiered)) > 1 for month in range(N_MONTHS)):
        why = Text(
            en="the tiers count the month's kWh of all periods together, as SAM does",
            zh="阶梯按当月各时段电量合计（与 SAM 的读法一致）",
        )
        book.assume(FIELD, why)
    return [tuple(group) for group in alike.values()]


def _in_month(weekday: Schedule, weekend: Schedule, month: int) -> set[int]:
    return set(weekday[month]) | set(weekend[month])


def _refuse_clash(months: list[int], book: ClauseBook) -> None:
    shown = ", ".join(map(str, months))
    why = Text(
        en=f"in months {shown} periods have different tiers: counted on the month's total, the order of the hours "
        "would decide what a kWh costs; say tiers_count: period if each period counts by itself",
        zh=f"第 {shown} 月内各时段阶梯不同：若按当月合计，用电先后将决定电价；"
        "若各时段分别计算，请指定 tiers_count: period",
    )
    book.refuse(FIELD, why, essential=True)


def _energy_tiers(group: tuple[int, ...], periods: dict[int, PeriodTiers], demand_id: str) -> EnergyTiers:
    first = periods[group[0]]
    basis = BASES[first.unit]
    return EnergyTiers(
        bands=tuple(band_name(period) for period in group),
        basis=basis,
        demand_charge_id=demand_id if basis == "kw" else None,
        tiers=tuple(EnergyTier(up_to_kwh=limit, price_per_kwh=more) for limit, more in first.climb),
    )


def billing_demand(measurement_min: int) -> DemandCharge:
    """Give the charge without a price whose measured kW widen the tiers."""
    return DemandCharge(
        charge_id=BILLING_DEMAND,
        label=Text(en="Billing demand of the energy tiers", zh="电度阶梯所用需量"),
        price_per_kw_month=Decimal(0),
        measurement_min=measurement_min,
        floor_share=Decimal(0),
    )


def fuel_adjustments(record: UrdbRecord, book: ClauseBook) -> list[EnergyCharge]:
    """Give one charge per distinct adjustment, in its months."""
    field = "fueladjustmentsmonthly"
    amounts = record.numbers(field)
    if not any(amounts):
        return []
    book.read(record.spelt(field))
    book.assume(
        record.spelt(field),
        Text(en="in $/kWh, added to the price of every kWh of its month", zh="单位为 $/kWh，加在当月每千瓦时上"),
    )
    charges: list[EnergyCharge] = []
    for amount in dict.fromkeys(one for one in amounts if one):
        months = tuple(month for month, one in enumerate(amounts, start=1) if one == amount)
        charges.append(
            EnergyCharge(
                charge_id=f"fuel_{len(charges) + 1}",
                label=Text(en="Fuel adjustment", zh="燃料调整费"),
                calendar=always(),
                band_prices={"all": amount},
                months=() if len(months) == N_MONTHS else months,
            )
        )
    return charges


def export_credit(
    record: UrdbRecord, options: UrdbOptions, calendar: BandCalendar, book: ClauseBook
) -> list[ExportCredit]:
    """Give the pay for energy fed in, where it is asked for and given."""
    weekday, weekend = record.schedule("energyweekdayschedule"), record.schedule("energyweekendschedule")
    structure = record.structure(FIELD)
    sells = {
        period: {None if "sell" not in tier else price_of(tier, "sell") for tier in structure[period]}
        for period in used_periods(weekday, weekend)
    }
    if not any(price for prices in sells.values() for price in prices):
        return []
    shown = ", ".join(sorted(str(price) for prices in sells.values() for price in prices))
    if options.export == "ignore":
        why = Text(
            en="concerns energy fed in, which is priced on request only (export: sell)",
            zh="涉及上网电量，仅在要求时计价（export: sell）",
        )
        book.ignore(f"{FIELD}.sell", shown, why)
        return []
    rule = record.text("dgrules")
    foreign = bool(rule) and not rule.startswith("Net Billing")
    if foreign or any(len(prices) > 1 or None in prices for prices in sells.values()):
        why = Text(
            en=f"pay for energy fed in under {rule or 'no rule'}, by tier or for some periods only",
            zh=f"上网电价的规则为 {rule or '未说明'}，或按阶梯、仅部分时段给出",
        )
        book.refuse(f"{FIELD}.sell", why, shown)
        return []
    book.read(f"{FIELD}.sell")
    return [
        ExportCredit(
            charge_id="export",
            label=Text(en="Energy fed in", zh="上网电量"),
            calendar=calendar,
            band_prices={band_name(period): next(iter(prices)) or Decimal(0) for period, prices in sells.items()},
        )
    ]
