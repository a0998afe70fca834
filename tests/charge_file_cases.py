"""Charges of every kind, tariffs of them, versions of tariffs and facts, for tests of files."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st

from domain.tariffs import (
    AtypicalUse,
    BandCalendar,
    BandLoadStep,
    BandRule,
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
    FixedCharge,
    LookBack,
    MinimumCharge,
    NetworkCharge,
    OverStep,
    PowerFactorCharge,
    PriceCapCharge,
    PriceComponent,
    PricePair,
    ProfitShareCharge,
    PurchaseMode,
    ReactiveCharge,
    Rounding,
    Source,
    SpotCharge,
    Status,
    Tariff,
    TariffVersions,
    TaxCharge,
    UsageRebateCharge,
)
from domain.tariffs.charges import Charge
from domain.tariffs.facts import Facts, FlaggedDays, PastMonth, PriceSeries, SystemPeaks
from domain.text import Text
from domain.time import TimeGrid

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(str.strip)
TEXTS = st.builds(Text, en=WORDS, zh=WORDS)
PRICES = st.decimals(-5, 50, places=5)
AMOUNTS = st.decimals(0, 5000, places=4)
POSITIVE = st.decimals(Decimal("0.001"), 90_000, places=3)
SHARES = st.decimals(0, 1, places=3)
MONTHS = st.sets(st.integers(1, 12), max_size=11).map(lambda found: tuple(sorted(found)))
MEASUREMENT = st.sampled_from((5, 10, 15, 30, 60))
ID = "under test"
FLAG = "hot"

CALENDARS = st.sampled_from(
    (
        BandCalendar(rules=(BandRule(band="all", windows=("00:00-24:00",)),)),
        BandCalendar(
            rules=(
                BandRule(band="peak", windows=("08:00-11:30", "22:00-02:00"), days=("workday",)),
                BandRule(band="flat", windows=("02:00-08:00", "11:30-22:00"), days=("workday",)),
                BandRule(band="flat", windows=("00:00-24:00",), days=("restday",)),
                BandRule(band="peak", windows=("11:00-12:00",), dates=("07-15..08-31",), layer=1),
                BandRule(band="sharp", windows=("15:00-17:00",), days=(f"flag:{FLAG}",), layer=2),
            )
        ),
    )
)


def prices_of(calendar: BandCalendar) -> st.SearchStrategy[dict[str, Decimal]]:
    return st.fixed_dictionaries(dict.fromkeys(calendar.bands, PRICES))


def windows(calendar: BandCalendar) -> dict[str, Any]:
    return {"calendar": calendar, "bands": calendar.bands[:1]}


WINDOWS = st.just({}) | CALENDARS.map(windows)


def ends(limits: set[Decimal]) -> list[Decimal | None]:
    return [*sorted(limits), None]


LIMITS = st.sets(POSITIVE, min_size=1, max_size=3).map(ends)


@st.composite
def energy(draw: st.DrawFn) -> EnergyCharge:
    calendar = draw(CALENDARS)
    band_prices = draw(st.just({}) | prices_of(calendar))
    components = draw(
        st.lists(
            st.builds(PriceComponent, name=TEXTS, price_per_kwh=PRICES, floats=st.booleans(), is_fund=st.booleans()),
            min_size=0 if band_prices else 1,
            max_size=3,
        )
    )
    tiers = ()
    if draw(st.booleans()):
        steps = tuple(EnergyTier(up_to_kwh=end, price_per_kwh=draw(PRICES)) for end in draw(LIMITS))
        basis = draw(st.sampled_from(("month", "month_days", "day", "kw", "kva")))
        demand_id = "plain demand" if basis == "kw" else None
        tiers = (EnergyTiers(bands=calendar.bands[:1], basis=basis, demand_charge_id=demand_id, tiers=steps),)
    return EnergyCharge(
        charge_id=ID,
        label=draw(TEXTS),
        calendar=calendar,
        band_prices=band_prices,
        components=tuple(components),
        factors=draw(st.just({}) | prices_of(calendar)),
        price_decimals=draw(st.none() | st.integers(0, 12)),
        tiers=tiers,
        energy_share=draw(SHARES),
        months=draw(MONTHS),
    )


@st.composite
def demand(draw: st.DrawFn) -> DemandCharge:
    shape = draw(st.sampled_from(("plain", "day", "year", "look_back", "tiers", "contract", "stepped")))
    changes: dict[str, Any] = {"price_per_kw_month": draw(AMOUNTS)}
    if shape in ("day", "year"):
        changes = {"levied": shape, f"price_per_kw_{shape}": draw(AMOUNTS)}
    elif shape == "look_back":
        changes["look_back"] = LookBack(
            peak_share=draw(SHARES), months_count=draw(st.integers(1, 24)), peak_months=draw(MONTHS)
        )
        changes["least_kw"] = draw(AMOUNTS)
    elif shape == "tiers":
        changes["tiers"] = tuple(DemandTier(up_to_kw=end, price_per_kw_month=draw(PRICES)) for end in draw(LIMITS))
    elif shape == "contract":
        rule = draw(st.sampled_from(("actual_plus_double", "contract_plus_double")))
        changes |= {"basis": "contract", "over_rule": rule, "contract_demand_kw": draw(st.none() | POSITIVE)}
    elif shape == "stepped":
        shares = sorted(draw(st.sets(st.decimals(1, 3, places=2), min_size=1, max_size=3)))
        steps = tuple(OverStep(from_share=share, multiplier=draw(POSITIVE)) for share in shares)
        changes |= {"basis": "contract", "over_rule": "stepped", "over_steps": steps}
        changes["charged_contract_kw"] = draw(st.none() | AMOUNTS)
    return DemandCharge(
        charge_id=ID,
        label=draw(TEXTS),
        months=draw(MONTHS),
        measured_as=draw(st.sampled_from(("kw", "kva"))),
        measurement_min=draw(MEASUREMENT),
        sliding=draw(st.booleans()),
        peaks_count=1 if shape == "day" else draw(st.integers(1, 5)),
        peaks_on=draw(st.sampled_from(("any", "days"))),
        floor_share=draw(SHARES),
        **draw(WINDOWS),
        **changes,
    )


@st.composite
def coincident(draw: st.DrawFn) -> CoincidentCharge:
    common = {"charge_id": ID, "label": draw(TEXTS), "system_peak_id": draw(WORDS)}
    yearly, counts = draw(st.booleans()), draw(st.sampled_from(("mean", "highest")))
    price = draw(POSITIVE)
    if not yearly:
        return CoincidentCharge(price_per_kw_month=price, counts=counts, **common)
    count = draw(st.integers(1, 12)) if counts == "mean" else None
    return CoincidentCharge(price_per_kw_year=price, counts=counts, yearly_peaks_count=count, **common)


@st.composite
def spot(draw: st.DrawFn) -> SpotCharge:
    low, high = sorted((draw(PRICES), draw(PRICES)))
    return SpotCharge(
        charge_id=ID,
        label=draw(TEXTS),
        index_id=draw(WORDS),
        settled=draw(st.sampled_from(("interval", "month_mean"))),
        index_share=draw(AMOUNTS),
        fee_per_kwh=draw(PRICES),
        cap_per_kwh=draw(st.none() | st.just(high)),
        floor_per_kwh=draw(st.none() | st.just(low)),
        energy_share=draw(SHARES),
    )


@st.composite
def price_cap(draw: st.DrawFn) -> PriceCapCharge:
    low, high = sorted((draw(PRICES), draw(PRICES)))
    floor = draw(st.none() | st.just(low))
    cap = draw(st.just(high) if floor is None else st.none() | st.just(high))
    return PriceCapCharge(charge_id=ID, label=draw(TEXTS), of=("plain energy",), cap_per_kwh=cap, floor_per_kwh=floor)


@st.composite
def export(draw: st.DrawFn) -> ExportCredit:
    if draw(st.booleans()):
        return ExportCredit(
            charge_id=ID,
            label=draw(TEXTS),
            index_id=draw(WORDS),
            index_share=draw(AMOUNTS),
            fee_per_kwh=draw(PRICES),
        )
    calendar = draw(CALENDARS)
    return ExportCredit(charge_id=ID, label=draw(TEXTS), calendar=calendar, band_prices=draw(prices_of(calendar)))


PAIRS = st.builds(PricePair, price_per_kw_year=AMOUNTS, price_per_kwh=AMOUNTS)


@st.composite
def network(draw: st.DrawFn) -> NetworkCharge:
    shape = draw(st.sampled_from(("plain", "atypical", "band_load")))
    changes: dict[str, Any] = {}
    if shape == "atypical":
        calendar = draw(CALENDARS)
        changes["atypical"] = AtypicalUse(
            **windows(calendar),
            least_reduction_share=draw(SHARES),
            least_reduction_kw=draw(AMOUNTS),
            least_saving=draw(AMOUNTS),
            least_fee_share=draw(SHARES),
        )
    elif shape == "band_load":
        hours = sorted(draw(st.sets(POSITIVE, min_size=1, max_size=3)))
        changes["band_load"] = tuple(BandLoadStep(from_h=hour, fee_share=draw(SHARES)) for hour in hours)
        changes["band_load_from_kwh"] = draw(AMOUNTS)
    return NetworkCharge(
        charge_id=ID,
        label=draw(TEXTS),
        below=draw(PAIRS),
        above=draw(PAIRS),
        switch_h=draw(POSITIVE),
        measurement_min=draw(MEASUREMENT),
        **changes,
    )


NAMED = {"charge_id": st.just(ID), "label": TEXTS}
CHARGES: dict[str, st.SearchStrategy[Charge]] = {
    "fixed": st.builds(FixedCharge, **NAMED, amount_per_month=PRICES, amount_per_day=PRICES, months=MONTHS),
    "energy": energy(),
    "spot": spot(),
    "demand": demand(),
    "coincident": coincident(),
    "capacity": st.builds(CapacityCharge, **NAMED, price_per_kva_month=AMOUNTS, price_per_kva_day=AMOUNTS),
    "excess_capacity": st.builds(
        ExcessCapacityCharge,
        **NAMED,
        price_per_kva_month=AMOUNTS,
        price_per_kva_day=AMOUNTS,
        measurement_min=MEASUREMENT,
    ),
    "usage_rebate": st.builds(
        UsageRebateCharge, **NAMED, of=st.just(("plain demand",)), from_kwh_per_kva=POSITIVE, rebate_share=SHARES
    ),
    "network": network(),
    "reactive": st.builds(
        ReactiveCharge,
        **NAMED,
        price_per_kvarh=AMOUNTS,
        free_kvarh_per_kwh=AMOUNTS,
        price_per_kvar_month=AMOUNTS,
        free_kvar_per_kw=AMOUNTS,
        measurement_min=MEASUREMENT,
    ),
    "price_cap": price_cap(),
    "profit_share": st.builds(
        ProfitShareCharge,
        **NAMED,
        reference_per_kwh=PRICES,
        index_id=WORDS,
        customer_share=SHARES,
        shares_losses=st.booleans(),
        energy_share=SHARES,
    ),
    "export": export(),
    "power_factor": st.builds(
        PowerFactorCharge, **NAMED, standard=st.sampled_from(("cn_0.90", "cn_0.85", "cn_0.80", "tw_0.80"))
    ),
    "minimum": st.builds(
        MinimumCharge,
        **NAMED,
        amount_per_month=POSITIVE,
        amount_per_day=AMOUNTS,
        amount_per_kva_month=AMOUNTS,
        of=st.sampled_from(((), ("plain energy",))),
    ),
    "tax": st.builds(TaxCharge, **NAMED, tax_share=SHARES, of=st.sampled_from(((), ("plain demand",)))),
}
"""By kind: any charge of it."""

PLAIN = (
    EnergyCharge(
        charge_id="plain energy",
        label=Text(en="energy", zh="电度"),
        calendar=BandCalendar(rules=(BandRule(band="all", windows=("00:00-24:00",)),)),
        band_prices={"all": Decimal("0.5")},
    ),
    DemandCharge(charge_id="plain demand", label=Text(en="demand", zh="需量"), price_per_kw_month=Decimal(38)),
)
"""Charges that others point at."""

FLAGS = (
    DayFlag(
        flag=FLAG,
        label=Text(en="hot day", zh="高温日"),
        decided="temperature",
        from_temp_c=Decimal(35),
        run_days=3,
        station="Guangzhou",
        days=(date(2026, 7, 1),),
    ),
)


def tariff_of(charge: Charge, **changes: Any) -> Tariff:
    """Give a tariff with one charge under test, and those it may point at."""
    values: dict[str, Any] = {
        "tariff_id": "kinds",
        "name": Text(en="kinds", zh="各类"),
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "country": "DE",
        "valid_from": date(2026, 1, 1),
        "status": Status.TO_VERIFY,
        "source": Source(document="made for a test", issuer="tests"),
        "day_flags": FLAGS,
        "charges": (*PLAIN, charge),
    }
    return Tariff(**(values | changes))


def tariffs_of(kind: str) -> st.SearchStrategy[Tariff]:
    return st.builds(
        tariff_of,
        CHARGES[kind],
        purchase_modes=st.sampled_from(((), (PurchaseMode.GRID_AGENCY, PurchaseMode.REGULATED))),
        government_tou=st.booleans(),
        prices_include_tax=st.booleans(),
        rounding=st.builds(Rounding, amount_decimals=st.integers(0, 6), quantity_decimals=st.integers(0, 9)),
        valid_until=st.none() | st.just(date(2027, 7, 1)),
    )


@st.composite
def versions(draw: st.DrawFn) -> TariffVersions:
    cuts = sorted(draw(st.sets(st.dates(date(2024, 1, 1), date(2028, 1, 1)), min_size=2, max_size=4)))
    charges = [draw(CHARGES[draw(st.sampled_from(sorted(CHARGES)))]) for _ in cuts[1:]]
    return TariffVersions(
        tariff_id="kinds",
        versions=tuple(
            tariff_of(charge, tariff_id=f"kinds-{first}", valid_from=first, valid_until=stop)
            for charge, first, stop in zip(charges, cuts[:-1], cuts[1:], strict=True)
        ),
    )


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    prices = []
    for number in range(draw(st.integers(0, 2))):
        values = draw(st.lists(st.floats(-10, 10) | st.just(float("nan")), min_size=1, max_size=20))
        start = datetime(2026, 3, 28, draw(st.integers(0, 23)), tzinfo=UTC)
        grid = TimeGrid(start=start, step_min=draw(st.sampled_from((15, 60))), n_steps=len(values))
        prices.append(
            PriceSeries(index_id=f"index {number}", currency="EUR", grid=grid, prices_per_kwh=np.array(values))
        )
    days = draw(st.sets(st.dates(date(2026, 1, 1), date(2026, 6, 30)), max_size=3))
    starts = draw(st.sets(st.integers(0, 5000), max_size=3))
    return Facts(
        prices=tuple(prices),
        flags=(FlaggedDays(flag=FLAG, days=tuple(sorted(days)), known_until=date(2026, 7, 1)),),
        system_peaks=(
            SystemPeaks(
                system_peak_id="grid",
                starts=tuple(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in sorted(starts)),
                step_min=60,
                known_from=date(2026, 1, 1),
                known_until=date(2026, 8, 1),
            ),
        ),
        past=tuple(
            PastMonth(month=date(2025, month, 1), quantities={"plain demand.max_demand_kw": draw(AMOUNTS)})
            for month in sorted(draw(st.sets(st.integers(1, 12), max_size=4)))
        ),
        supplied_from=draw(st.none() | st.just(date(2025, 3, 1))),
    )
