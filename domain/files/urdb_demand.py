"""Demand charges of a URDB rate: flat by month, by time of use, at the grid's peaks, reactive."""

from dataclasses import replace
from decimal import Decimal

from domain.files.clauses import ClauseBook
from domain.files.urdb_fields import ALL_HOURS, N_MONTHS, UrdbRecord
from domain.files.urdb_ratchets import Ratchets
from domain.files.urdb_schedules import band_calendar, band_name, months_with, used_periods
from domain.files.urdb_tiers import PeriodTiers, price_of, tiers_of
from domain.files.urdb_units import DemandUnit, demand_unit
from domain.tariffs import DemandCharge
from domain.tariffs.charges import MEASUREMENT_MIN, CoincidentCharge, DemandTier, LookBack, ReactiveCharge
from domain.text import Text

DEFAULT_WINDOW_MIN = 15
FLAT, TOU, COINCIDENT = "flatdemandstructure", "demandratestructure", "coincidentratestructure"


def window_min(record: UrdbRecord, book: ClauseBook) -> int:
    """Give the interval over which demand is averaged. [min]."""
    if not any(record.has(field) for field in (FLAT, TOU)):
        return DEFAULT_WINDOW_MIN
    given = record.number("demandwindow")
    if given is None:
        why = Text(
            en=f"demand is averaged over {DEFAULT_WINDOW_MIN} minutes (one of {MEASUREMENT_MIN})",
            zh=f"需量按 {DEFAULT_WINDOW_MIN} 分钟平均（可选 {MEASUREMENT_MIN}）",
        )
        book.assume("demandwindow", why)
        return DEFAULT_WINDOW_MIN
    if given not in MEASUREMENT_MIN:
        what = Text(en=f"not one of {MEASUREMENT_MIN}", zh=f"不属于 {MEASUREMENT_MIN}")
        book.refuse(record.spelt("demandwindow"), what, given, essential=True)
        return DEFAULT_WINDOW_MIN
    book.read(record.spelt("demandwindow"))
    return int(given)


def flat_demand(record: UrdbRecord, looks_back: Ratchets, measurement_min: int, book: ClauseBook) -> list[DemandCharge]:
    """Give the flat demand charges: one for each price and ratchet, in its months."""
    charges: list[DemandCharge] = []
    if record.has(FLAT):
        months_of = _flat_months(record, looks_back, book)
        unit = demand_unit(record, FLAT, ("flatdemandunit",), book)
        for (tiers, look_back), (period, *months) in months_of.items():
            if unit is None or not _is_priced(tiers, unit, FLAT, period, book):
                continue
            if unit.is_daily and look_back:
                what = Text(en="a ratchet on each day's demand", zh="对每日需量适用棘轮")
                book.refuse(FLAT, what, essential=True)
                continue
            name = f"flat_demand_{period}" + (f"_{months[0]}" if any(_is_of(period, one) for one in charges) else "")
            charge = demand_charge(name, Text(en="Demand", zh="需量电费"), tiers, unit, measurement_min)
            held = () if len(months) == N_MONTHS else tuple(months)
            charges.append(replace(charge, months=held, look_back=look_back))
    _check_ratchet(record, looks_back, charges, book)
    return charges


def _is_of(period: int, charge: DemandCharge) -> bool:
    return charge.charge_id == f"flat_demand_{period}"


def _flat_months(
    record: UrdbRecord, looks_back: Ratchets, book: ClauseBook
) -> dict[tuple[PeriodTiers, LookBack | None], list[int]]:
    """Give, by tiers and ratchet, the first period that has them and the months in which they hold."""
    book.read(*(record.spelt(field) for field in (FLAT, "flatdemandmonths") if record.has(field)))
    periods, structure = record.months("flatdemandmonths"), record.structure(FLAT)
    tiers = {period: tiers_of(structure[period], FLAT, period, "", book) for period in sorted(set(periods))}
    found: dict[tuple[PeriodTiers, LookBack | None], list[int]] = {}
    for month, period in sorted(enumerate(periods, start=1), key=lambda item: (item[1], item[0])):
        here = tiers[period]
        if here is not None:
            found.setdefault((here, looks_back.get(month)), [period]).append(month)
    return {key: [period, *sorted(months)] for key, (period, *months) in found.items()}


def _check_ratchet(record: UrdbRecord, looks_back: Ratchets, charges: list[DemandCharge], book: ClauseBook) -> None:
    if not looks_back:
        return
    if not book.refuses and not any(charge.look_back for charge in charges):
        what = Text(en="a ratchet without a flat demand charge to hold", zh="有需量棘轮，却没有可适用的统一需量电费")
        fields = [field for field in ("demandratchetpercentage", "lookbackpercent") if record.has(field)]
        book.refuse(record.spelt(fields[0]), what)
    elif record.has(TOU):
        why = Text(
            en="the ratchet holds flat demand, not demand by time of use",
            zh="棘轮仅适用于统一需量，不适用于分时需量",
        )
        book.assume("ratchet", why)


def tou_demand(record: UrdbRecord, measurement_min: int, book: ClauseBook) -> list[DemandCharge]:
    """Give one demand charge for each priced period."""
    if not record.has(TOU):
        return []
    book.read(*map(record.spelt, (TOU, "demandweekdayschedule", "demandweekendschedule")))
    unit = demand_unit(record, TOU, _units_of_tou(record), book)
    weekday, weekend = record.schedule("demandweekdayschedule"), record.schedule("demandweekendschedule")
    calendar = band_calendar(weekday, weekend)
    charges = []
    for period in used_periods(weekday, weekend):
        tiers = tiers_of(record.structure(TOU)[period], TOU, period, "", book)
        if unit is None or tiers is None or not _is_priced(tiers, unit, TOU, period, book):
            continue
        label = Text(en=f"Demand in {band_name(period)}", zh=f"{band_name(period)} 时段需量电费")
        charge = demand_charge(f"tou_demand_{period}", label, tiers, unit, measurement_min)
        held = months_with(period, weekday, weekend)
        charges.append(replace(charge, calendar=calendar, bands=(band_name(period),), months=held))
    return charges


def _units_of_tou(record: UrdbRecord) -> tuple[str, ...]:
    """Give the field of the unit: ``demandunits`` says who may take the rate, and stands in where nothing else does."""
    return ("demandrateunit",) if record.has("demandrateunit") else ("demandunits",)


def _is_priced(tiers: PeriodTiers, unit: DemandUnit, field: str, period: int, book: ClauseBook) -> bool:
    """Say whether a period's demand asks for money that can be priced."""
    if any(step.price < 0 for step in tiers.steps):
        what = Text(en=f"period {period}: a negative demand price", zh=f"时段 {period}：需量电价为负")
        book.refuse(field, what, essential=True)
        return False
    if unit.is_daily and tiers.climb:
        what = Text(en=f"period {period}: tiers on each day's demand", zh=f"时段 {period}：每日需量的阶梯电价")
        book.refuse(field, what, essential=True)
        return False
    return any(step.price for step in tiers.steps)


def demand_charge(
    charge_id: str, label: Text, tiers: PeriodTiers, unit: DemandUnit, measurement_min: int
) -> DemandCharge:
    """Make a demand charge over all hours of all months."""
    climbs = len(tiers.steps) > 1
    price = None if climbs else unit.price(tiers.base)
    return DemandCharge(
        charge_id=charge_id,
        label=label,
        price_per_kw_month=None if unit.is_daily else price,
        price_per_kw_day=price if unit.is_daily else None,
        levied=unit.levied,
        measured_as=unit.measured_as,
        measurement_min=measurement_min,
        floor_share=Decimal(0),
        tiers=tuple(
            DemandTier(
                up_to_kw=None if step.limit is None else step.limit * unit.unit_kw,
                price_per_kw_month=unit.price(step.price),
            )
            for step in tiers.steps
            if climbs
        ),
    )


def coincident(record: UrdbRecord, book: ClauseBook) -> list[CoincidentCharge]:
    """Give the charges at the grid's own peaks, one for each priced period of their schedule."""
    structure = record.structure(COINCIDENT)
    if not any(price_of(tier) for tiers in structure for tier in tiers):
        return []
    field = record.spelt(COINCIDENT)
    schedule = record.schedule("coincidentschedule") if record.has("coincidentschedule") else ALL_HOURS
    if len(structure) > 1 and not record.has("coincidentschedule"):
        book.refuse(field, Text(en="several periods without a schedule", zh="有多个时段却没有时间表"))
        return []
    unit = demand_unit(record, COINCIDENT, ("coincidentrateunit",), book)
    charges = []
    for period in used_periods(schedule, schedule):
        tiers = structure[period]
        if not any(map(price_of, tiers)):
            continue
        if unit is None or len(tiers) > 1 or unit.measured_as != "kw" or unit.is_daily or price_of(tiers[0]) < 0:
            what = Text(
                en="coincident peak in tiers or not in kW of the month", zh="系统同时最大负荷分档或单位非当月 kW"
            )
            book.refuse(field, what)
            continue
        peak_id = f"coincident-{period}"
        charges.append(
            CoincidentCharge(
                charge_id=f"coincident_{period}",
                label=Text(en="Demand at the grid's peak", zh="系统高峰时刻需量电费"),
                system_peak_id=peak_id,
                price_per_kw_month=unit.price(price_of(tiers[0])),
                counts="highest",
            )
        )
        hours = "" if len(used_periods(schedule, schedule)) == 1 else f" that fall into period {period} of the schedule"
        hours_zh = "" if not hours else f"（仅限时间表中时段 {period} 内的）"
        why = Text(
            en=f"the month's highest load at the grid's peaks; a bill needs those{hours} as system_peaks {peak_id!r}",
            zh=f"取当月系统高峰时刻的最高负荷；计费须以 system_peaks {peak_id!r} 给出系统高峰{hours_zh}",
        )
        book.assume(field, why)
    book.read(field, *(record.spelt(one) for one in ("coincidentschedule",) if record.has(one)))
    return charges


def reactive(record: UrdbRecord, measurement_min: int, book: ClauseBook) -> list[ReactiveCharge]:
    """Give the charge on the month's highest kvar."""
    field = "demandreactivepowercharge"
    price = record.number(field)
    if not price:
        return []
    if price < 0:
        book.refuse(record.spelt(field), Text(en="a negative price", zh="价格为负"), price)
        return []
    book.read(record.spelt(field))
    why = Text(
        en="in $/kvar and month on the month's highest kvar, none of it free; many tariffs free a share of the kW",
        zh="按当月最高无功需量计，单位 $/kvar·月，且无免费额度；许多电价对有功需量的一定比例免收",
    )
    book.assume(record.spelt(field), why)
    return [
        ReactiveCharge(
            charge_id="reactive",
            label=Text(en="Reactive demand", zh="无功需量电费"),
            price_per_kvar_month=price,
            measurement_min=measurement_min,
        )
    ]
