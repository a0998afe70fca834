"""Small tariffs, loads and random tariffs for the tests of bills and of their terms."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st

from domain.tariffs import (
    BandCalendar,
    BandRule,
    BilledLoad,
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
from domain.tariffs.bands import always
from domain.text import Text
from domain.time import TimeGrid, next_month

SHANGHAI = "Asia/Shanghai"
BERLIN = "Europe/Berlin"


def words(english: str) -> Text:
    return Text(en=english, zh=f"中：{english}")


def tariff_of(*charges, zone=SHANGHAI, country=None, document="test document", **fields) -> Tariff:
    plain = {
        "tariff_id": "t",
        "name": words("tariff"),
        "currency": "CNY",
        "valid_from": date(2020, 1, 1),
        "status": Status.COMPILED,
        "source": Source(document=document, issuer="test"),
    }
    return Tariff(zone=zone, country=country, charges=charges, **(plain | fields))


def energy(calendar: BandCalendar | None = None, **fields) -> EnergyCharge:
    return EnergyCharge(charge_id="energy", label=words("Energy"), calendar=calendar or always(), **fields)


def flat_energy(price: str, charge_id: str = "energy") -> EnergyCharge:
    return EnergyCharge(
        charge_id=charge_id, label=words("Energy"), calendar=always(), band_prices={"all": Decimal(price)}
    )


def demand(price: str | None, **fields) -> DemandCharge:
    plain = {"charge_id": "demand", "label": words("Demand")}
    return DemandCharge(price_per_kw_month=None if price is None else Decimal(price), **(plain | fields))


def component(price: str, *, floats: bool, fund: bool = False) -> PriceComponent:
    return PriceComponent(name=words("part"), price_per_kwh=Decimal(price), floats=floats, is_fund=fund)


def supply_of(**fields) -> SupplyPoint:
    return SupplyPoint(
        purchase_mode=PurchaseMode.GRID_AGENCY,
        **{name: Decimal(value) for name, value in fields.items()},
    )


def month_grid(month: date, zone: str = SHANGHAI, step_min: int = 15, n_months: int = 1) -> TimeGrid:
    end = month
    for _ in range(n_months):
        end = next_month(end)
    return TimeGrid.of_local_days(month, (end - month).days, zone, step_min)


def load_at(grid: TimeGrid, kw: float, **peaks: float) -> BilledLoad:
    """Give a flat load with other values at some steps: ``s7=120`` puts 120 kW into step 7."""
    values = np.full(grid.n_steps, kw)
    for name, value in peaks.items():
        values[int(name[1:])] = value
    return BilledLoad(grid=grid, import_kw=values)


def rule(band: str, *windows: str, **fields) -> BandRule:
    return BandRule(band=band, windows=windows, **fields)


@lru_cache(maxsize=1)
def calendars() -> tuple[BandCalendar, ...]:
    """Give calendars with half-hours, bands over midnight, seasons and holidays."""
    return (
        always(),
        BandCalendar(rules=(rule("day", "07:00-21:00"), rule("night", "21:00-07:00"))),
        BandCalendar(
            rules=(
                rule("peak", "08:30-11:30", "19:30-21:30", days=("workday",)),
                rule("flat", "06:00-08:30", "11:30-19:30", "21:30-22:00", days=("workday",)),
                rule("valley", "22:00-06:00", days=("workday",)),
                rule("valley", "00:00-24:00", days=("restday",)),
            )
        ),
        BandCalendar(
            rules=(
                rule("flat", "00:00-24:00"),
                rule("sharp", "18:00-20:00", months=(1, 7, 8, 12), layer=1),
                rule("deep_valley", "10:00-14:00", days=("holiday",), layer=2),
            )
        ),
    )


def decimals(low: str, high: str, places: int):
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False)


@st.composite
def energy_charges(draw, number: int) -> EnergyCharge:
    calendar = draw(st.sampled_from(calendars()))
    bands = calendar.bands
    printed = draw(st.booleans())
    parts = draw(
        st.lists(
            st.builds(
                PriceComponent,
                name=st.just(words("part")),
                price_per_kwh=decimals("-0.3", "0.9", 5),
                floats=st.booleans(),
                is_fund=st.booleans(),
            ),
            min_size=0 if printed else 1,
            max_size=3,
        )
    )
    return EnergyCharge(
        charge_id=f"energy{number}",
        label=words("Energy"),
        calendar=calendar,
        band_prices={band: draw(decimals("-0.5", "1.5", 4)) for band in bands} if printed else {},
        components=tuple(parts),
        factors={band: draw(decimals("0.1", "2.2", 2)) for band in bands if draw(st.booleans())},
        price_decimals=draw(st.sampled_from([None, 4, 2])),
    )


@st.composite
def demand_charges(draw, number: int, step_min: int) -> DemandCharge:
    calendar = draw(st.sampled_from((None, *calendars()[1:])))
    over_rule = draw(st.sampled_from(["actual_plus_double", "contract_plus_double", "stepped"]))
    steps = (
        OverStep(from_share=Decimal("1.0"), multiplier=Decimal(2)),
        OverStep(from_share=Decimal("1.1"), multiplier=Decimal(3)),
    )
    return DemandCharge(
        charge_id=f"demand{number}",
        label=words("Demand"),
        price_per_kw_month=draw(decimals("0", "50", 2)),
        calendar=calendar,
        bands=() if calendar is None else (draw(st.sampled_from(calendar.bands)),),
        months=draw(st.sampled_from([(), (), (3,), (1, 4, 10)])),
        measurement_min=draw(st.sampled_from([m for m in (15, 30, 60) if m % step_min == 0])),
        basis=draw(st.sampled_from(["actual", "contract"])),
        over_rule=over_rule,
        over_steps=steps if over_rule == "stepped" else (),
        floor_share=draw(st.sampled_from([Decimal(0), Decimal("0.40")])),
    )


@st.composite
def tariffs(draw, step_min: int, zone: str) -> Tariff:
    """Give any tariff whose demand charges the step can measure."""
    charges = [draw(energy_charges(number)) for number in range(draw(st.integers(0, 2)))]
    charges += [draw(demand_charges(number, step_min)) for number in range(draw(st.integers(0, 2)))]
    if draw(st.booleans()) or not charges:
        charges.append(
            FixedCharge(
                charge_id="fixed",
                label=words("Fixed"),
                amount_per_month=draw(decimals("-20", "900", 3)),
                amount_per_day=draw(decimals("0", "9", 3)),
            )
        )
    if draw(st.booleans()):
        price = draw(decimals("0", "40", 2))
        charges.append(CapacityCharge(charge_id="capacity", label=words("Capacity"), price_per_kva_month=price))
    if draw(st.booleans()):
        standard = draw(st.sampled_from(["cn_0.90", "cn_0.85", "cn_0.80", "tw_0.80"]))
        charges.insert(0, PowerFactorCharge(charge_id="pf", label=words("Power factor"), standard=standard))
    country = draw(st.sampled_from([None, "CN" if zone == SHANGHAI else "DE"]))
    return tariff_of(*charges, zone=zone, country=country, rounding=Rounding())


@st.composite
def supplies(draw) -> SupplyPoint:
    return SupplyPoint(
        purchase_mode=PurchaseMode.GRID_AGENCY,
        capacity_kva=draw(decimals("300", "2500", 0)),
        high_voltage_motor_kva=draw(decimals("0", "300", 0)),
        contract_demand_kw=draw(decimals("200", "900", 0)),
        power_factor=draw(decimals("0.40", "1", 3)),
    )
