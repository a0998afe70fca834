"""Random tariffs over every kind of charge, and the facts they ask for."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st

from domain.tariffs import (
    AtypicalUse,
    BandCalendar,
    BandLoadStep,
    CapacityCharge,
    CoincidentCharge,
    DayFlag,
    DemandCharge,
    DemandTier,
    EnergyCharge,
    EnergyTier,
    EnergyTiers,
    ExcessCapacityCharge,
    ExportCredit,
    Facts,
    FixedCharge,
    FlaggedDays,
    LookBack,
    MinimumCharge,
    NetworkCharge,
    OverStep,
    PastMonth,
    PowerFactorCharge,
    PriceCapCharge,
    PriceComponent,
    PricePair,
    PriceSeries,
    ProfitShareCharge,
    ReactiveCharge,
    SpotCharge,
    SystemPeaks,
    TaxCharge,
    UsageRebateCharge,
)
from domain.tariffs.bands import always
from domain.time import TimeGrid
from tests.tariff_cases import calendars, decimals, rule, tariff_of, words

DAY_NIGHT = BandCalendar(rules=(rule("day", "07:00-21:00"), rule("night", "21:00-07:00")))


@lru_cache(maxsize=1)
def flagged_calendar() -> BandCalendar:
    return BandCalendar(
        rules=(
            rule("flat", "00:00-24:00"),
            rule("critical", "16:00-20:00", days=("flag:hot",), layer=1),
            rule("called", "10:00-12:00", days=("flag:call",), layer=2),
        )
    )


FLAGS = (
    DayFlag(flag="hot", label=words("hot day"), decided="temperature", from_temp_c=Decimal(35)),
    DayFlag(flag="call", label=words("called"), decided="called", most_days_count=15),
)


def _id(prefix: str, number: int) -> dict:
    return {"charge_id": f"{prefix}{number}", "label": words(prefix)}


@st.composite
def tiers(draw, calendar: BandCalendar, demand_id: str | None) -> tuple[EnergyTiers, ...]:
    bands = draw(st.sampled_from([calendar.bands, calendar.bands[:1]]))
    basis = draw(st.sampled_from(["month", "day", "kva", *(["kw"] if demand_id else [])]))
    size = {"month": (2_000, 90_000), "day": (300, 4_000), "kva": (10, 200), "kw": (20, 300)}[basis]
    limits = sorted(draw(st.sets(st.integers(*size), min_size=1, max_size=2)))
    prices = [draw(decimals("-0.2", "0.4", 4)) for _ in range(len(limits) + 1)]
    steps = [
        EnergyTier(up_to_kwh=None if limit is None else Decimal(limit), price_per_kwh=price)
        for limit, price in zip([*limits, None], prices, strict=True)
    ]
    return (
        EnergyTiers(
            bands=bands, basis=basis, demand_charge_id=demand_id if basis == "kw" else None, tiers=tuple(steps)
        ),
    )


@st.composite
def energy_charges(draw, number: int, demand_id: str | None) -> EnergyCharge:
    calendar = draw(st.sampled_from([*calendars(), flagged_calendar(), flagged_calendar()]))
    return EnergyCharge(
        **_id("energy", number),
        calendar=calendar,
        band_prices={band: draw(decimals("-0.3", "1.5", 4)) for band in calendar.bands},
        components=(PriceComponent(name=words("fund"), price_per_kwh=Decimal("0.029"), floats=False, is_fund=True),),
        factors={band: draw(decimals("0.2", "2.2", 2)) for band in calendar.bands},
        price_decimals=draw(st.sampled_from([None, 4])),
        tiers=draw(tiers(calendar, demand_id)) if draw(st.booleans()) else (),
        energy_share=draw(st.sampled_from([Decimal(1), Decimal("0.7")])),
        months=draw(st.sampled_from([(), (), (3, 10)])),
    )


@st.composite
def demand_charges(draw, number: int, step_min: int) -> DemandCharge:
    levied = draw(st.sampled_from(["month", "month", "month", "day", "year"]))
    calendar = draw(st.sampled_from([None, DAY_NIGHT, calendars()[2]]))
    plain = {
        **_id("demand", number),
        "levied": levied,
        f"price_per_kw_{levied}": draw(decimals("0", "50", 2)),
        "calendar": calendar,
        "bands": () if calendar is None else (calendar.bands[0],),
        "measurement_min": draw(st.sampled_from([m for m in (15, 30, 60) if m % step_min == 0])),
        "measured_as": draw(st.sampled_from(["kw", "kw", "kva"])),
        "sliding": draw(st.booleans()),
        "least_kw": draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(350)])),
        "floor_share": Decimal(0),
    }
    if levied == "month":
        shape = draw(st.sampled_from(["plain", "contract", "ratchet", "tiers", "top", "top_days"]))
        if shape == "contract":
            over_rule = draw(st.sampled_from(["actual_plus_double", "contract_plus_double", "stepped"]))
            steps = (
                OverStep(from_share=Decimal("1.0"), multiplier=Decimal(2)),
                OverStep(from_share=Decimal("1.1"), multiplier=Decimal(3)),
            )
            plain |= {"basis": "contract", "over_rule": over_rule, "least_kw": Decimal(0)}
            plain["over_steps"] = steps if over_rule == "stepped" else ()
        elif shape == "ratchet":
            plain["look_back"] = LookBack(
                peak_share=draw(st.sampled_from([Decimal("0.75"), Decimal(1)])),
                months_count=draw(st.integers(1, 11)),
                peak_months=draw(st.sampled_from([(), (1, 2, 3)])),
            )
        elif shape == "tiers":
            plain["tiers"] = (
                DemandTier(up_to_kw=Decimal(300), price_per_kw_month=draw(decimals("-5", "9", 2))),
                DemandTier(price_per_kw_month=draw(decimals("-5", "9", 2))),
            )
        elif shape.startswith("top"):
            plain |= {"peaks_count": draw(st.integers(2, 4)), "sliding": False}
            plain["peaks_on"] = "days" if shape == "top_days" else "any"
    return DemandCharge(**plain)


@st.composite
def other_charges(draw, step_min: int, demand_ids: list[str], energy_ids: list[str]) -> list:
    made: list = []

    def maybe(charge) -> None:
        if draw(st.integers(0, 3)) == 0:
            made.append(charge)

    maybe(FixedCharge(**_id("fixed", 0), amount_per_month=Decimal("12.345"), amount_per_day=Decimal("1.2")))
    maybe(CapacityCharge(**_id("capacity", 0), price_per_kva_month=Decimal(22), price_per_kva_day=Decimal("0.07")))
    maybe(ExcessCapacityCharge(**_id("excess", 0), price_per_kva_day=Decimal("0.3"), measurement_min=30))
    maybe(
        SpotCharge(
            **_id("spot", 0),
            index_id="idx",
            settled=draw(st.sampled_from(["interval", "month_mean"])),
            index_share=Decimal("1.03"),
            fee_per_kwh=Decimal("0.012"),
            cap_per_kwh=draw(st.sampled_from([None, Decimal("0.3")])),
            floor_per_kwh=draw(st.sampled_from([None, Decimal("-0.05")])),
            energy_share=Decimal("0.3"),
        )
    )
    maybe(
        ProfitShareCharge(
            **_id("gain", 0),
            reference_per_kwh=Decimal("0.2"),
            index_id="idx",
            customer_share=Decimal("0.6"),
            shares_losses=draw(st.booleans()),
        )
    )
    maybe(
        ExportCredit(
            **_id("feed", 0), calendar=DAY_NIGHT, band_prices={"day": Decimal("0.11"), "night": Decimal("0.05")}
        )
    )
    maybe(ExportCredit(**_id("feed", 1), index_id="idx", index_share=Decimal("0.9"), fee_per_kwh=Decimal("0.004")))
    maybe(CoincidentCharge(**_id("cp", 0), system_peak_id="cp", price_per_kw_month=Decimal(4)))
    maybe(CoincidentCharge(**_id("cp", 1), system_peak_id="cp", price_per_kw_month=Decimal(3), counts="highest"))
    maybe(CoincidentCharge(**_id("cp", 2), system_peak_id="cp", price_per_kw_year=Decimal(30), yearly_peaks_count=5))
    maybe(CoincidentCharge(**_id("cp", 3), system_peak_id="cp", price_per_kw_year=Decimal(30), counts="highest"))
    maybe(
        ReactiveCharge(
            **_id("kvar", 0),
            price_per_kvarh=Decimal("0.02"),
            free_kvarh_per_kwh=Decimal("0.5"),
            price_per_kvar_month=Decimal("0.6"),
            free_kvar_per_kw=Decimal("0.3"),
            measurement_min=60,
        )
    )
    maybe(draw(networks(step_min)))
    monthly = [one for one in demand_ids if one]
    if monthly:
        maybe(UsageRebateCharge(**_id("rebate", 0), of=tuple(monthly), from_kwh_per_kva=draw(decimals("60", "300", 2))))
    if energy_ids:
        cap = draw(decimals("0.1", "0.9", 3))
        maybe(
            PriceCapCharge(
                **_id("cap", 0), of=tuple(energy_ids[:1]), cap_per_kwh=cap, floor_per_kwh=cap - Decimal("0.08")
            )
        )
    standard = draw(st.sampled_from(["cn_0.90", "cn_0.85", "tw_0.80"]))
    maybe(PowerFactorCharge(**_id("pf", 0), standard=standard))
    maybe(
        MinimumCharge(
            **_id("minimum", 0),
            amount_per_month=draw(decimals("1000", "90000", 2)),
            amount_per_day=Decimal(3),
            amount_per_kva_month=Decimal("2.5"),
        )
    )
    maybe(TaxCharge(**_id("vat", 0), tax_share=Decimal("0.19")))
    return made


@st.composite
def networks(draw, step_min: int) -> NetworkCharge:
    individual: dict = draw(
        st.sampled_from(
            [
                {},
                {
                    "atypical": AtypicalUse(
                        calendar=DAY_NIGHT,
                        bands=("night",),
                        least_reduction_share=Decimal("0.2"),
                        least_reduction_kw=Decimal(50),
                    )
                },
                {
                    "band_load": (
                        BandLoadStep(from_h=Decimal(3500), fee_share=Decimal("0.6")),
                        BandLoadStep(from_h=Decimal(4500), fee_share=Decimal("0.3")),
                    ),
                    "band_load_from_kwh": Decimal(1_000_000),
                },
            ]
        )
    )
    return NetworkCharge(
        **_id("net", 0),
        below=PricePair(price_per_kw_year=Decimal("18.4"), price_per_kwh=Decimal("0.049")),
        above=PricePair(price_per_kw_year=Decimal("112.7"), price_per_kwh=Decimal("0.011")),
        switch_h=draw(decimals("2000", "5000", 0)),
        measurement_min=step_min,
        **individual,
    )


@st.composite
def tariffs(draw, step_min: int, zone: str, **fields):
    demand = [draw(demand_charges(number, step_min)) for number in range(draw(st.integers(0, 2)))]
    monthly = [one.charge_id for one in demand if one.levied == "month"]
    energy = [draw(energy_charges(n, monthly[0] if monthly else None)) for n in range(draw(st.integers(1, 2)))]
    others = draw(other_charges(step_min, monthly, [one.charge_id for one in energy]))
    charges = draw(st.permutations([*energy, *demand, *others]))
    return tariff_of(*charges, zone=zone, day_flags=FLAGS, **fields)


def facts_for(grid: TimeGrid, zone: str, month: date, seed: int) -> Facts:
    """Give all that any of the tariffs may ask for."""
    rng = np.random.default_rng(seed)
    hours = TimeGrid(start=grid.start, step_min=60, n_steps=int((grid.end - grid.start) / timedelta(hours=1)))
    days = [one.day for one in grid.local_days(zone)]
    past = []
    first = month
    for _ in range(24):
        first = (first - timedelta(days=1)).replace(day=1)
        window_kw, peak_kw = sorted(rng.uniform(0, 700, 2).round(3))
        named = {f"demand{n}.max_demand_kw": peak_kw for n in range(2)}
        named |= {"net0.max_demand_kw": peak_kw, "net0.window_demand_kw": window_kw, "cp3.coincident_kw": window_kw}
        named["net0.energy_kwh"] = round(rng.uniform(50_000, 300_000), 2)
        past.append(PastMonth(month=first, quantities={name: Decimal(str(value)) for name, value in named.items()}))
    start = grid.start.replace(minute=0)
    peaks = tuple(start + timedelta(hours=int(h)) for h in rng.choice(hours.n_steps, 5, replace=False))
    return Facts(
        prices=(
            PriceSeries(index_id="idx", currency="CNY", grid=hours, prices_per_kwh=rng.normal(0.2, 0.2, hours.n_steps)),
        ),
        flags=(
            FlaggedDays(flag="hot", days=tuple(days[3::5]), known_until=date(2100, 1, 1)),
            FlaggedDays(flag="call", days=tuple(days[4::7]), known_until=date(2100, 1, 1)),
        ),
        system_peaks=(
            SystemPeaks(
                system_peak_id="cp",
                starts=peaks,
                step_min=60,
                known_from=date(2000, 1, 1),
                known_until=date(2100, 1, 1),
            ),
        ),
        past=tuple(past),
    )


def utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


__all__ = ["always", "facts_for", "flagged_calendar", "tariffs", "utc"]
