"""Plants and tariffs for tests of files: one of everything, all numbers different; strategies that vary them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.plant import PastRun, PlantFile
from domain.offers import Preferences
from domain.plant import (
    Battery,
    Compensator,
    Interval,
    Pv,
    Site,
)
from domain.tariffs import (
    BandCalendar,
    BandRule,
    CapacityCharge,
    DemandCharge,
    EnergyCharge,
    FixedCharge,
    OverStep,
    PowerFactorCharge,
    PriceComponent,
    PurchaseMode,
    Rounding,
    Source,
    Status,
    SupplyPoint,
    Tariff,
)
from domain.text import Text
from tests.full_plan import ZONE, at, full_plan


def words(english: str) -> Text:
    return Text(en=english, zh=f"测试 {english}")


def full_tariff() -> Tariff:
    """Give a tariff with every kind of charge."""
    calendar = BandCalendar(
        rules=(
            BandRule(band="peak", windows=("07:30-11:00", "18:00-21:15")),
            BandRule(band="flat", windows=("11:00-18:00", "21:15-23:00")),
            BandRule(band="valley", windows=("23:00-07:30",)),
            BandRule(band="deep", windows=("10:00-14:00",), days=("holiday",), dates=("02-15..03-01",), layer=3),
        )
    )
    return Tariff(
        tariff_id="full",
        name=words("full: one of each"),
        currency="CNY",
        zone="Asia/Shanghai",
        country="CN",
        valid_from=date(2026, 6, 1),
        valid_until=date(2027, 6, 1),
        status=Status.TO_VERIFY,
        source=Source(document="made for a test", issuer="tests", note="NO: 08:00"),
        purchase_modes=(PurchaseMode.GRID_AGENCY, PurchaseMode.REGULATED),
        prices_include_tax=False,
        rounding=Rounding(amount_decimals=3, quantity_decimals=1),
        charges=(
            FixedCharge(charge_id="fixed", label=words("fixed"), amount_per_month=Decimal("12.50")),
            EnergyCharge(
                charge_id="energy",
                label=words("energy"),
                calendar=calendar,
                components=(
                    PriceComponent(name=words("purchase"), price_per_kwh=Decimal("0.39575"), floats=True),
                    PriceComponent(name=words("funds"), price_per_kwh=Decimal("0.0294"), floats=False, is_fund=True),
                ),
                factors={"peak": Decimal("1.8"), "valley": Decimal("0.35"), "deep": Decimal("0.28")},
                price_decimals=4,
            ),
            DemandCharge(
                charge_id="demand",
                label=words("demand"),
                price_per_kw_month=Decimal("51.2"),
                calendar=calendar,
                bands=("peak",),
                months=(7, 8),
                measurement_min=30,
                basis="contract",
                contract_demand_kw=Decimal(4321),
                over_rule="stepped",
                over_steps=(OverStep(from_share=Decimal("1.1"), multiplier=Decimal(2)),),
                floor_share=Decimal("0.41"),
            ),
            CapacityCharge(charge_id="capacity", label=words("capacity"), price_per_kva_month=Decimal("22.6")),
            PowerFactorCharge(charge_id="pf", label=words("pf"), standard="cn_0.85"),
        ),
    )


def full_site() -> Site:
    """Give a site with a battery and PV."""
    return Site(
        site_id="S-3",
        customer_id="C-9",
        name="电炉厂",
        zone=ZONE,
        country="DE",
        supply=SupplyPoint(
            purchase_mode=PurchaseMode.GRID_AGENCY,
            capacity_kva=Decimal(126000),
            high_voltage_motor_kva=Decimal("1500.5"),
            contract_demand_kw=Decimal(90000),
            voltage_level="66_110kv",
            power_factor=Decimal("0.93"),
        ),
        import_limit_kw=120000,
        export_limit_kw=450,
        safety_load_kw=75.5,
        co2_price_per_t=81,
        grid_co2_kg_per_kwh=(0.41,),
        batteries=(
            Battery(
                battery_id="B1",
                capacity_kwh=2000,
                max_charge_kw=990,
                max_discharge_kw=1010,
                charge_eff=0.95,
                discharge_eff=0.97,
                soc_start_kwh=700,
                soc_min_kwh=105,
                soc_end_min_kwh=650,
                wear_cost_per_kwh=0.07,
            ),
        ),
        pv=(
            Pv(
                pv_id="R",
                daily_kw=tuple(float(max(0, 12 - abs(12 - hour))) for hour in range(24)),
                in_meter_history=False,
            ),
        ),
        base_kvar=tuple(2000.5 + hour for hour in range(24)),
        compensators=(
            Compensator(
                compensator_id="K1",
                name="bank",
                kvar_per_step=300.5,
                steps_count=6,
                loss_kw_per_kvar=0.0015,
                is_switched=False,
                hours=(Interval(start=at(1), end=at(30)), Interval(start=at(31), end=at(70))),
            ),
            Compensator(compensator_id="SVG", stepless_kvar=900),
        ),
    )


def full_plant() -> PlantFile:
    """Give a plant with one of everything."""
    return PlantFile(
        site=full_site(),
        plan=full_plan(),
        present_tariff_id="full",
        base_load_source="site_less_history",
        past_runs=(
            PastRun(start=at(-100), end=at(-99.25), power_kw=61000, name="H0"),
            PastRun(start=at(-99), end=at(-98), power_kw=12.5),
        ),
        preferences=Preferences(accept_dr=False, risk_weight=0.25, min_saving_share=0.015),
    )


money = st.decimals(min_value=0, max_value=9999, places=6)
ids = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
texts = st.builds(Text, en=ids, zh=ids)


@st.composite
def calendars(draw: Any) -> BandCalendar:
    """Give a day cut at a few quarters, one band per piece."""
    cuts = sorted(draw(st.sets(st.integers(1, 95), min_size=1, max_size=4)))
    edges = [0, *cuts, 96]
    names = draw(st.lists(ids, min_size=len(edges) - 1, max_size=len(edges) - 1, unique=True))
    clock = [f"{edge // 4:02d}:{edge % 4 * 15:02d}" for edge in edges]
    return BandCalendar(
        rules=tuple(
            BandRule(band=name, windows=(f"{clock[number]}-{clock[number + 1]}",)) for number, name in enumerate(names)
        )
    )


@st.composite
def energy_charges(draw: Any) -> EnergyCharge:
    calendar = draw(calendars())
    return EnergyCharge(
        charge_id="energy",
        label=draw(texts),
        calendar=calendar,
        band_prices={band: draw(st.decimals(min_value=-2, max_value=5, places=8)) for band in calendar.bands},
        components=tuple(
            draw(st.lists(st.builds(PriceComponent, name=texts, price_per_kwh=money, floats=st.booleans()), max_size=2))
        ),
        price_decimals=draw(st.none() | st.integers(2, 6)),
    )


tariffs = st.builds(
    lambda charges, **fields: Tariff(charges=tuple(charges), **fields),
    charges=st.tuples(
        energy_charges(),
        st.builds(FixedCharge, charge_id=st.just("fixed"), label=texts, amount_per_month=money, amount_per_day=money),
        st.builds(
            DemandCharge,
            charge_id=st.just("demand"),
            label=texts,
            price_per_kw_month=money,
            measurement_min=st.sampled_from((15, 30, 60)),
            contract_demand_kw=st.none() | st.decimals(min_value="0.001", max_value=10**9, places=3),
        ),
    ),
    tariff_id=ids,
    name=texts,
    currency=st.sampled_from(("CNY", "EUR", "USD")),
    zone=st.sampled_from(("Asia/Shanghai", "Europe/Berlin", "UTC")),
    country=st.sampled_from((None, "CN", "NO")),
    valid_from=st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)),
    status=st.sampled_from(Status),
    source=st.builds(Source, document=ids, issuer=ids, note=st.just("") | ids),
    purchase_modes=st.lists(st.sampled_from(PurchaseMode), unique=True).map(tuple),
    prices_include_tax=st.booleans(),
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.decimals()
    | st.text(max_size=12)
    | st.sampled_from(
        (
            "2026-11-24",
            "9999-12-31T23:59:59-12:00",
            "0001-01-01T00:00:00+12:00",
            "2026-11-24T00:00:00+08:00",
            "20261124",
            "1e999",
            "24:00",
            "\ud800",
            10**400,
        )
    )
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=12,
)


def outcome(read: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Give what a reader gives, or the refusal of the house that it raises; anything else stays an exception."""
    try:
        return read(*args, **named)
    except WattplanError as error:
        return error


def places(tree: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the place of every node of a tree."""
    found = [here]
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += places(value, (*here, key))
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            found += places(value, (*here, number))
    return found


def changed(tree: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Give a tree with one node put in the place of another."""
    if not place:
        return value
    key, rest = place[0], place[1:]
    if isinstance(tree, dict):
        return {**tree, key: changed(tree[key], rest, value)}
    return [*tree[:key], changed(tree[key], rest, value), *tree[key + 1 :]]
