"""Read high-voltage time-of-use plans of Taiwan Power Company from a ``plans.json``.

Energy by season, day type and period; the regular contract's capacity fee with its two steps of
overrun; the power-factor rule of the 80 % standard. Other kinds of contract are left out by name, as
not agreed; whatever else asks for money refuses the plan.
"""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from domain.files.clauses import CLAUSE_ASSUMED, CLAUSE_IGNORED, UnpricedClauseError, shorten
from domain.files.taipower_plan import (
    HOUSEHOLD_UNIT,
    KW_UNIT,
    REGULAR,
    Season,
    TaipowerPlan,
    read_plan,
    unpriced_clauses,
)
from domain.findings import Finding
from domain.noun import noun
from domain.tariffs import (
    BandCalendar,
    BandRule,
    DemandCharge,
    EnergyCharge,
    FixedCharge,
    OverStep,
    PowerFactorCharge,
    PurchaseMode,
    Source,
    Status,
    Tariff,
)
from domain.tariffs.charges import Charge
from domain.text import Text

ZONE, COUNTRY, CURRENCY = "Asia/Taipei", "TW", "TWD"
DAYS_OF = {"weekday": ("weekday",), "saturday": ("sat",), "sunday_holiday": ("sun",)}


@noun
class TaipowerReading:
    """A tariff read from a Taipower plan, what was left out, and what had to be assumed."""

    tariff: Tariff
    read: tuple[str, ...]
    """Parts of the plan that the tariff is made of."""
    ignored: tuple[Finding, ...]
    """Contracts not agreed, and parts without money here."""
    assumptions: tuple[Finding, ...]
    """Where the plan is silent or cannot be said exactly; to be verified."""


def read_taipower(source: Path | bytes, plan_id: str) -> TaipowerReading:
    """Read one high-voltage time-of-use plan as a tariff.

    Parameters
    ----------
    source : Path or bytes
        The ``plans.json`` of one tariff date.
    plan_id : str
        Such as ``high_voltage_batch`` or ``extra_high_voltage_three_stage``.

    Raises
    ------
    UnpricedClauseError
        Naming every clause of the plan that cannot be priced.
    TariffFileError
        If the file or the plan is not as the format says, or the plan is not there.
    """
    plan = read_plan(source, plan_id)
    clauses = unpriced_clauses(plan)
    if clauses:
        raise UnpricedClauseError(file=f"{plan.file}:{plan_id}", clauses=clauses)
    charges: list[Charge] = [*_household(plan), *_demand(plan), _energy(plan)]
    if plan.power_factor:
        charges.append(
            PowerFactorCharge(
                charge_id="power_factor",
                label=Text(en="Power-factor adjustment", zh="功率因数调整费"),
                standard="tw_0.80",
            )
        )
    name = str(plan.fields["name"])
    tariff = Tariff(
        tariff_id=f"tw-taipower-{plan_id.replace('_', '-')}-{plan.valid_from:%Y-%m-%d}",
        name=Text(en=f"Taipower {plan_id.replace('_', ' ')}", zh=f"台电 {name}"),
        currency=CURRENCY,
        zone=ZONE,
        country=COUNTRY,
        valid_from=plan.valid_from,
        status=Status.TO_VERIFY,
        source=Source(
            document=f"Taipower tariff of {plan.valid_from:%Y-%m-%d}, plan {plan_id}",
            issuer="台灣電力公司",
            note="Read from a machine-readable copy; not compared with the tariff book.",
        ),
        purchase_modes=(PurchaseMode.REGULATED,),
        charges=tuple(charges),
    )
    read = ("basic_fees", "rates", "schedules", "billing_rules.over_contract_penalty")
    return TaipowerReading(tariff=tariff, read=read, ignored=_ignored(plan), assumptions=_assumptions(plan))


def _household(plan: TaipowerPlan) -> list[FixedCharge]:
    return [
        FixedCharge(
            charge_id="household",
            label=Text(en="Basic fee per customer", zh="按户计收基本电费"),
            amount_per_month=Decimal(str(fee["cost"])),
        )
        for fee in plan.fees
        if fee["unit"] == HOUSEHOLD_UNIT
    ]


def _demand(plan: TaipowerPlan) -> list[DemandCharge]:
    """Give one charge per season: the month's fee follows the season of its first day."""
    regular = next(fee for fee in plan.fees if fee["label"] == REGULAR)
    penalty = plan.penalty
    steps = (
        OverStep(from_share=Decimal(1), multiplier=Decimal(str(penalty["rate_low"]))),
        OverStep(
            from_share=Decimal(1) + Decimal(str(penalty["threshold_ratio"])),
            multiplier=Decimal(str(penalty["rate_high"])),
        ),
    )
    return [
        DemandCharge(
            charge_id=f"contract_{season.name}",
            label=Text(en=f"Regular contract capacity, {_words(season.name)}", zh=f"经常契约容量（{season.zh}）"),
            price_per_kw_month=Decimal(str(regular[season.name])),
            months=months_of(season),
            basis="contract",
            over_rule="stepped",
            over_steps=steps,
            floor_share=Decimal(0),
        )
        for season in plan.seasons
    ]


def months_of(season: Season) -> tuple[int, ...]:
    """Give the months whose first day lies in a season."""
    first, last = (tuple(map(int, edge.split("-"))) for edge in (season.start, season.end))
    if first <= last:
        return tuple(month for month in range(1, 13) if first <= (month, 1) <= last)
    return tuple(month for month in range(1, 13) if (month, 1) >= first or (month, 1) <= last)


def _words(name: str) -> str:
    return name.replace("_", "-")


def _band(plan: TaipowerPlan, season: str, day_type: str, period: str) -> str:
    """Name a band after season and period, and after the day type where the price differs by it."""
    prices = {rate["cost"] for rate in plan.rates if (rate["season"], rate["period"]) == (season, period)}
    return f"{season}_{period}" if len(prices) == 1 else f"{season}_{day_type}_{period}"


def _energy(plan: TaipowerPlan) -> EnergyCharge:
    rules: list[BandRule] = []
    windows: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in plan.schedules:
        windows[row["season"], row["day_type"], row["period"]].append(f"{row['start']}-{row['end']}")
    dates = {season.name: (f"{season.start}..{season.end}",) for season in plan.seasons}
    for (season, day_type, period), spans in windows.items():
        band = _band(plan, season, day_type, period)
        days = DAYS_OF[day_type]
        rules.append(BandRule(band=band, windows=tuple(spans), dates=dates[season], days=days))
        if day_type == "sunday_holiday":
            rules.append(BandRule(band=band, windows=tuple(spans), dates=dates[season], days=("holiday",), layer=1))
    return EnergyCharge(
        charge_id="energy",
        label=Text(en="Energy", zh="流动电费"),
        calendar=BandCalendar(rules=tuple(rules)),
        band_prices={
            _band(plan, rate["season"], rate["day_type"], rate["period"]): Decimal(str(rate["cost"]))
            for rate in plan.rates
            if (rate["season"], rate["day_type"], rate["period"]) in windows
        },
    )


def _ignored(plan: TaipowerPlan) -> tuple[Finding, ...]:
    found = [
        CLAUSE_IGNORED.at(
            field=f"basic_fees.{fee['label']}",
            value=shorten({name: fee[name] for name in fee if name not in ("label", "unit")}),
            why_en="a contract of this kind is taken as not agreed",
            why_zh="视为未签订此类契约",
        )
        for fee in plan.fees
        if fee["unit"] == KW_UNIT and fee["label"] != REGULAR
    ]
    ratio = plan.rules.get("zero_usage_basic_fee_ratio")
    if ratio is not None:
        found.append(
            CLAUSE_IGNORED.at(
                field="billing_rules.zero_usage_basic_fee_ratio",
                value=ratio,
                why_en="it holds only for a month without any use",
                why_zh="仅适用于整月未用电的情形",
            )
        )
    return tuple(found)


def _assumptions(plan: TaipowerPlan) -> tuple[Finding, ...]:
    starts = [season.start for season in plan.seasons]
    found = [
        CLAUSE_ASSUMED.at(
            field="day_types.sunday_holiday",
            why_en="the off-peak days are Sundays and all public holidays of Taiwan, days off in lieu included",
            why_zh="离峰日为周日及台湾全部公共假日（含补假）",
        )
    ]
    if any(not start.endswith("-01") for start in starts):
        found.append(
            CLAUSE_ASSUMED.at(
                field="basic_fees",
                why_en=f"seasons begin on {' and '.join(starts)}, inside a month; the whole month's capacity fee "
                "follows the season of its first day",
                why_zh=f"季节自 {'、'.join(starts)} 起，不在月初；整月基本电费按当月第一天所属季节计",
            )
        )
    return tuple(found)
