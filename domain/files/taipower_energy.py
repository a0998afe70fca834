"""Energy prices of a Taipower plan: by season, day type and period, in tiers, with a surcharge for high use."""

from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

from domain.files.clauses import ClauseBook
from domain.files.taipower_plan import SEASONS_ZH, TIERED, Row, TaipowerPlan, amount, price_key
from domain.tariffs import BandCalendar, BandRule, EnergyCharge
from domain.tariffs.charges import ZERO, EnergyTier, EnergyTiers
from domain.text import Text

DAYS_OF = {"weekday": ("weekday",), "saturday": ("sat",), "sunday_holiday": ("sun",)}
ENERGY = Text(en="Energy", zh="流动电费")
SURCHARGE = "over_2000_kwh_surcharge"
ALL_DAY = ("00:00-24:00",)


def energy_charge(plan: TaipowerPlan, book: ClauseBook) -> EnergyCharge | None:
    """Make the energy charge; None, with clauses in the book, where it cannot be priced."""
    if plan.fields["type"] == TIERED:
        return _tiered(plan, book)
    book.read("rates", *(("schedules",) if plan.rows("schedules") else ()))
    calendar = _by_period(plan, book) if plan.rows("schedules") else _by_season(plan)
    by_day = any("day_type" in rate for rate in plan.rows("rates"))
    names = {_band(plan, rate): rate for rate in plan.rows("rates")}
    if not plan.rows("schedules"):
        names = {rate["season"]: rate for rate in plan.rows("rates")}
        if by_day or len(plan.rows("rates")) != len(names) or set(names) != set(SEASONS_ZH):
            raise plan.wrong("rates", Text(en="must give one price for each season", zh="须为每季给出唯一价格"))
    prices = {band: amount(names[band]["cost"]) or ZERO for band in calendar.bands}
    return EnergyCharge(
        charge_id="energy",
        label=ENERGY,
        calendar=calendar,
        band_prices=prices,
        tiers=_surcharge(plan, calendar, book),
    )


def _dates(plan: TaipowerPlan) -> dict[str, tuple[str, ...]]:
    return {season.name: (f"{season.start}..{season.end}",) for season in plan.seasons}


def _by_season(plan: TaipowerPlan) -> BandCalendar:
    return BandCalendar(
        rules=tuple(BandRule(band=name, windows=ALL_DAY, dates=dates) for name, dates in _dates(plan).items())
    )


def _band(plan: TaipowerPlan, row: Row) -> str:
    """Name a band after season and period, and after the day type where the price differs by it."""
    season, day_type, period = price_key(row)
    prices = {rate["cost"] for rate in plan.rows("rates") if (rate["season"], rate["period"]) == (season, period)}
    return f"{season}_{period}" if len(prices) == 1 else f"{season}_{day_type}_{period}"


def _by_period(plan: TaipowerPlan, book: ClauseBook) -> BandCalendar:
    rules: list[BandRule] = []
    windows: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in plan.rows("schedules"):
        windows[price_key(row)].append(f"{row['start']}-{row['end']}")
    dates = _dates(plan)
    for (season, day_type, period), spans in windows.items():
        band = _band(plan, {"season": season, "day_type": day_type, "period": period})
        days = DAYS_OF[day_type]
        rules.append(BandRule(band=band, windows=tuple(spans), dates=dates[season], days=days))
        if day_type == "sunday_holiday":
            rules.append(BandRule(band=band, windows=tuple(spans), dates=dates[season], days=("holiday",), layer=1))
    why = Text(
        en="the off-peak days are Sundays and all public holidays of Taiwan, days off in lieu included",
        zh="离峰日为周日及台湾全部公共假日（含补假）",
    )
    book.assume("day_types.sunday_holiday", why)
    return BandCalendar(rules=tuple(rules))


def _surcharge(plan: TaipowerPlan, calendar: BandCalendar, book: ClauseBook) -> tuple[EnergyTiers, ...]:
    """Give what each kWh above a month's limit costs more."""
    rule = plan.rules.get(SURCHARGE)
    if rule is None and SURCHARGE not in plan.fields:
        return ()
    given = rule if isinstance(rule, dict) else {}
    limit, price = amount(given.get("threshold_kwh")), amount(given.get("cost_per_kwh"))
    stated = amount(plan.fields.get(SURCHARGE, given.get("cost_per_kwh")))
    if limit is None or price is None or limit <= 0 or stated != price or len(given) != 2:  # noqa: PLR2004 -- both
        why = Text(
            en="a surcharge without threshold_kwh and one cost_per_kwh",
            zh="加价未给出 threshold_kwh 与唯一的 cost_per_kwh",
        )
        book.refuse(SURCHARGE, why, rule, essential=True)
        return ()
    book.read(SURCHARGE)
    tiers = (EnergyTier(up_to_kwh=limit, price_per_kwh=ZERO), EnergyTier(price_per_kwh=price))
    return (EnergyTiers(bands=calendar.bands, tiers=tiers),)


def _tiered(plan: TaipowerPlan, book: ClauseBook) -> EnergyCharge | None:
    rows = plan.rows("tiers")
    if not rows:
        raise plan.wrong("tiers", Text(en="must be a list of objects", zh="须为对象列表"))
    ends = [amount(row.get("max")) for row in rows]
    starts = [amount(row.get("min")) for row in rows]
    joined = all(
        end is not None and start is not None and start == end + 1
        for end, start in zip(ends[:-1], starts[1:], strict=True)
    )
    inner = [end for end in ends[:-1] if end is not None]
    if (
        ends[-1] is not None
        or not joined
        or any(later <= one for one, later in pairwise(inner))
        or (inner and inner[0] <= 0)
    ):
        book.refuse("tiers", Text(en="tiers that do not join, or end", zh="阶梯不相接，或有上限"), essential=True)
        return None
    if any(not season.start.endswith("-01") for season in plan.seasons):
        why = Text(en="tiers of seasons that change inside a month", zh="季节在月中切换的阶梯")
        book.refuse("tiers", why, essential=True)
        return None
    book.read("tiers")
    prices = {season: [amount(row[season]) or Decimal(0) for row in rows] for season in SEASONS_ZH}
    return EnergyCharge(
        charge_id="energy",
        label=ENERGY,
        calendar=_by_season(plan),
        band_prices={season: climb[0] for season, climb in prices.items()},
        tiers=tuple(
            EnergyTiers(
                bands=(season,),
                tiers=tuple(
                    EnergyTier(up_to_kwh=end, price_per_kwh=price - climb[0])
                    for end, price in zip(ends, climb, strict=True)
                ),
            )
            for season, climb in prices.items()
            if len(climb) > 1
        ),
    )
