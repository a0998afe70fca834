"""Numbers that others published, reproduced by real months' bills and baselines; each names its document."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from domain.programmes import make_baseline
from domain.programmes.programme import BaselineRule
from domain.tariffs import (
    BandCalendar,
    Bill,
    BilledLoad,
    CapacityCharge,
    EnergyCharge,
    FixedCharge,
    PowerFactorCharge,
    adjustment_rate,
    best_contract_demand_kw,
    bill,
    break_even_kw_per_kva,
)
from domain.time import Calendar
from tests.programme_cases import dated_meter, event_of
from tests.tariff_cases import (
    BERLIN,
    SHANGHAI,
    component,
    demand,
    energy,
    flat_energy,
    load_at,
    month_grid,
    rule,
    supply_of,
    tariff_of,
    words,
)

PF_090 = PowerFactorCharge(charge_id="pf", label=words("Power factor"), standard="cn_0.90")


def month_bill(charge: EnergyCharge, month: date, **fields) -> Bill:
    return bill(load_at(month_grid(month), 100.0), tariff_of(charge, **fields), supply_of(), month)


def unit_prices(made: Bill) -> dict[str, Decimal]:
    return {line.label.en.removeprefix("Energy: "): line.unit_price for line in made.lines}


def kwh(made: Bill) -> dict[str, Decimal]:
    return {line.label.en.removeprefix("Energy: "): line.quantity for line in made.lines}


def test_shandong_2026_prices_at_110_kv():
    """鲁发改价格〔2023〕914号: sharp +100, peak +70, valley −70, deep −90 % on the floating base; 2026 agency prices."""
    january = BandCalendar(
        rules=(
            rule("sharp", "16:00-19:00"),
            rule("peak", "07:00-09:00", "19:00-21:00"),
            rule("deep_valley", "11:00-14:00"),
            rule("valley", "02:00-06:00", "10:00-11:00", "14:00-15:00"),
            rule("flat", "00:00-02:00", "06:00-07:00", "09:00-10:00", "15:00-16:00", "21:00-24:00"),
        )
    )
    floating = [component(price, floats=True) for price in ("0.4", "0.0705", "0.01", "0.0209")]
    fixed = [component("0.106", floats=False), component("0.02717", floats=False, fund=True)]
    factors = {"sharp": "2", "peak": "1.7", "valley": "0.3", "deep_valley": "0.1"}
    charge = energy(
        january,
        components=(*floating, *fixed),
        factors={band: Decimal(factor) for band, factor in factors.items()},
    )
    made = month_bill(charge, date(2026, 1, 1))
    assert unit_prices(made) == {
        "sharp": Decimal("1.13597"),
        "peak": Decimal("0.98555"),
        "flat": Decimal("0.63457"),
        "valley": Decimal("0.28359"),
        "deep_valley": Decimal("0.18331"),
    }
    assert kwh(made) == {"sharp": 9300, "peak": 12400, "deep_valley": 9300, "valley": 18600, "flat": 24800}


def test_guangdong_shantou_september_2026():
    """粤发改价格〔2021〕331号: 1.7 : 1 : 0.38, sharp = peak × 1.25; only the funds (0.02766875) do not float."""
    bands = BandCalendar(
        rules=(
            rule("valley", "00:00-08:00"),
            rule("peak", "10:00-12:00", "14:00-19:00"),
            rule("flat", "08:00-10:00", "12:00-14:00", "19:00-24:00"),
            rule("sharp", "11:00-12:00", "15:00-17:00", months=(7, 8, 9), layer=1),
        )
    )
    funds = Decimal("0.02766875")
    charge = energy(
        bands,
        components=(
            component(str(Decimal("0.6483") - funds), floats=True),
            component(str(funds), floats=False, fund=True),
        ),
        factors={"sharp": Decimal("1.7") * Decimal("1.25"), "peak": Decimal("1.7"), "valley": Decimal("0.38")},
        price_decimals=4,
    )
    made = month_bill(charge, date(2026, 9, 1))
    assert unit_prices(made) == {
        "valley": Decimal("0.2635"),
        "flat": Decimal("0.6483"),
        "peak": Decimal("1.0827"),
        "sharp": Decimal("1.3465"),
    }
    assert kwh(made)["sharp"] == 30 * 3 * 100
    assert "sharp" not in unit_prices(month_bill(charge, date(2026, 10, 1)))


def jiangsu() -> EnergyCharge:
    summer, spring = (6, 7, 8, 12, 1, 2), (3, 4, 5, 9, 10, 11)
    bands = BandCalendar(
        rules=(
            rule("peak", "14:00-22:00", months=summer),
            rule("flat", "06:00-11:00", "13:00-14:00", "22:00-24:00", months=summer),
            rule("valley", "00:00-06:00", "11:00-13:00", months=summer),
            rule("peak", "15:00-22:00", months=spring),
            rule("flat", "06:00-10:00", "14:00-15:00", "22:00-02:00", months=spring),
            rule("valley", "02:00-06:00", "10:00-14:00", months=spring),
            rule("sharp", "14:00-15:00", "19:30-21:30", months=(7, 8), layer=1),
        )
    )
    purchase = Decimal("0.39575")
    return energy(
        bands,
        components=(component(str(purchase), floats=True), component(str(Decimal("0.6400") - purchase), floats=False)),
        factors={"peak": Decimal("1.80"), "valley": Decimal("0.35"), "sharp": Decimal("1.80") * Decimal("1.2")},
        price_decimals=4,
    )


def test_jiangsu_october_2026():
    """苏发改价格发〔2025〕426号: only the purchase price 0.39575 floats, peak +80 %, valley −65 %."""
    made = month_bill(jiangsu(), date(2026, 10, 1))
    assert unit_prices(made) == {"valley": Decimal("0.3828"), "flat": Decimal("0.6400"), "peak": Decimal("0.9566")}


def test_a_band_over_midnight_and_a_half_hour_edge():
    """苏发改价格发〔2025〕426号: flat 22:00–02:00 in autumn; sharp 14:00–15:00 and 19:30–21:30 in July and August."""
    october = kwh(month_bill(jiangsu(), date(2026, 10, 1)))
    assert october == {"peak": 31 * 700, "flat": 31 * (400 + 100 + 400), "valley": 31 * 800}
    july = kwh(month_bill(jiangsu(), date(2026, 7, 1)))
    assert july == {"peak": 31 * 500, "flat": 31 * 800, "valley": 31 * 800, "sharp": 31 * 300}


def test_hubei_bill_demand_and_power_factor():
    """State Grid bill, Hubei 110 kV: 30 842.066223 kW at 39; base 6 137 186.5 at pf 0.91 (−0.15 %) → −9 205.79."""
    month, grid = date(2025, 10, 1), month_grid(date(2025, 10, 1))
    load = BilledLoad(
        grid=grid,
        import_kw=load_at(grid, 20000.0, s700=30842.066223).import_kw,
        power_factor=Decimal("0.91"),
    )
    energy_kwh = Decimal("14882710.51655575")  # 744 h at 20 MW and one quarter-hour more
    price = (Decimal("6137186.5") - Decimal("1202840.582697")) / energy_kwh  # what makes the bill's base
    parts = (component(str(price), floats=False), component("0.04517", floats=False, fund=True))
    tariff = tariff_of(energy(components=parts), demand("39"), PF_090)
    made = bill(load, tariff, supply_of(), month)
    assert made.amount_of("demand") == Decimal("1202840.58")
    (line,) = (one for one in made.lines if one.kind == "power_factor")
    assert line.unit_price == Decimal("-0.0015")
    assert line.quantity == pytest.approx(Decimal("6137186.5"), abs=Decimal("0.01"))
    assert line.amount == Decimal("-9205.78")
    assert abs(line.amount - Decimal("-9205.79")) <= Decimal("0.02")


@pytest.mark.parametrize(
    ("pf", "percent"),
    [
        ("0.95", "-0.75"),
        ("0.94", "-0.60"),
        ("0.91", "-0.15"),
        ("0.90", "0"),
        ("0.89", "0.5"),
        ("0.70", "10"),
        ("0.69", "11"),
        ("0.65", "15"),
        ("0.64", "17"),
        ("0.60", "25"),
    ],
)
def test_power_factor_table_of_standard_090(pf, percent):
    """(83)水电财字第215号, standard 0.90; once as a rate and once as money on 744 kWh at 100."""
    assert adjustment_rate("cn_0.90", Decimal(pf)) * 100 == Decimal(percent)
    grid = month_grid(date(2026, 3, 1))
    load = BilledLoad(grid=grid, import_kw=np.ones(grid.n_steps), power_factor=Decimal(pf))
    made = bill(load, tariff_of(flat_energy("100"), PF_090), supply_of(), date(2026, 3, 1))
    assert made.amount_of("power_factor") == 744 * Decimal(percent)


@pytest.mark.parametrize(
    ("peak_kw", "over_rule", "amount"),
    [
        (1050, "actual_plus_double", "36100.00"),
        (1051, "actual_plus_double", "37977.20"),
        (1100, "actual_plus_double", "41515.00"),
        (1050, "contract_plus_double", "36100.00"),
        (1051, "contract_plus_double", "36172.20"),
        (1100, "contract_plus_double", "39710.00"),
    ],
)
def test_the_contract_demand_table(peak_kw, over_rule, amount):
    """发改办价格〔2016〕1583号 at 36.1 yuan/kW and 1000 kW (Guangdong Huizhou, 2026-02), both readings."""
    assert contract_bill(peak_kw, Decimal(1000), over_rule) == Decimal(amount)


def contract_bill(peak_kw: float, contract_kw: Decimal, over_rule: str = "actual_plus_double") -> Decimal:
    charge = demand("36.1", basis="contract", over_rule=over_rule)
    load = load_at(month_grid(date(2026, 3, 1)), 10.0, s88=peak_kw)
    return bill(load, tariff_of(charge), supply_of(contract_demand_kw=str(contract_kw)), date(2026, 3, 1)).total


def test_the_best_contract_value_for_a_known_peak():
    """发改办价格〔2016〕1583号: 2399 kW → declare 2285 kW, 82 488.50 a month; 2284 kW would cost 86 632.78."""
    best = best_contract_demand_kw(Decimal(2399))
    assert best == 2285
    assert contract_bill(2399.0, best) == Decimal("82488.50")
    assert contract_bill(2399.0, best - 1) == Decimal("86632.78")
    assert contract_bill(2399.0, best + 1) == Decimal("82524.60")


@pytest.mark.parametrize(
    ("rebate", "price", "break_even", "below_kw"), [("0", "36.1", "0.626", 626), ("0.10", "32.49", "0.696", 695)]
)
def test_break_even_of_capacity_and_demand_billing(rebate, price, break_even, below_kw):
    """Guangdong Huizhou 2026-02, 1–10(20) kV: 36.1 yuan/kW and 22.6 yuan/kVA; 90 % of 36.1 with the rebate."""
    share = break_even_kw_per_kva(Decimal("22.6"), Decimal("36.1"), demand_rebate_share=Decimal(rebate))
    assert share.quantize(Decimal("0.001"), ROUND_HALF_UP) == Decimal(break_even)
    month, supply = date(2026, 3, 1), supply_of(capacity_kva="1000")
    capacity = CapacityCharge(charge_id="c", label=words("Capacity"), price_per_kva_month=Decimal("22.6"))

    def by(charge, peak_kw: float) -> Decimal:
        return bill(load_at(month_grid(month), 10.0, s9=peak_kw), tariff_of(charge), supply, month).total

    assert by(demand(price), below_kw) < by(capacity, below_kw)
    assert by(demand(price), below_kw + 1) > by(capacity, below_kw + 1)


def test_an_event_on_monday_with_a_make_up_saturday_in_the_pool():
    """国务院办公厅 2026 放假安排: Saturday 2026-02-28 is worked for Monday 2026-02-23 (Jiangsu 2015: last five workdays)."""
    event = event_of("2026-03-02T10:00", "2026-03-02T12:00", "2026-03-01T09:00")
    meter = dated_meter(date(2026, 1, 20), 42)
    made = make_baseline(meter, BaselineRule(), event, Calendar(country="CN"), SHANGHAI)
    assert made.days == tuple(date(2026, 2, day) for day in (28, 27, 26, 25, 24))
    assert made.mean_kw == pytest.approx(100 + 31 + 26)
    weekdays_only = make_baseline(meter, BaselineRule(), event, Calendar(), SHANGHAI)
    assert weekdays_only.days == tuple(date(2026, 2, day) for day in (27, 26, 25, 24, 23))


@pytest.mark.parametrize(
    ("zone", "month", "hours", "two_to_three_h"),
    [
        (BERLIN, date(2026, 3, 1), 743, 30),
        (BERLIN, date(2026, 10, 1), 745, 32),
        ("America/Los_Angeles", date(2026, 3, 1), 743, 30),
        ("America/Los_Angeles", date(2026, 11, 1), 721, 30),
        (SHANGHAI, date(2026, 3, 1), 744, 31),
    ],
)
def test_days_of_23_and_25_hours(zone, month, hours, two_to_three_h):
    """EU 2000/84/EC and US Energy Policy Act 2005 clock changes; China has none since 1991.

    Los Angeles repeats 01:00–02:00, Berlin 02:00–03:00.
    """
    bands = BandCalendar(rules=(rule("night", "02:00-03:00"), rule("rest", "03:00-02:00")))
    per_day = FixedCharge(charge_id="f", label=words("Fixed"), amount_per_day=Decimal("0.37"))
    prices = {"night": Decimal("0.25"), "rest": Decimal("0.5")}
    tariff = tariff_of(energy(bands, band_prices=prices), per_day, demand("2", measurement_min=60), zone=zone)
    made = bill(load_at(month_grid(month, zone), 4.0), tariff, supply_of(), month)
    assert kwh(made)["night"] == two_to_three_h * 4
    assert kwh(made)["rest"] == (hours - two_to_three_h) * 4
    assert made.amount_of("fixed") == Decimal("0.37") * (30 if month.month == 11 else 31)
    assert made.amount_of("demand") == 8


def test_a_band_that_ends_at_24_00():
    """粤发改价格〔2021〕331号 writes day ends as 24:00; the last quarter-hour of a day and of a month belongs to it."""
    bands = BandCalendar(rules=(rule("late", "19:00-24:00"), rule("rest", "00:00-19:00")))
    grid = month_grid(date(2026, 3, 1))
    load = load_at(grid, 0.0, s95=8.0, s96=16.0, **{f"s{grid.n_steps - 1}": 32.0})
    tariff = tariff_of(energy(bands, band_prices={"late": Decimal(1), "rest": Decimal(100)}))
    assert kwh(bill(load, tariff, supply_of(), date(2026, 3, 1))) == {"late": 10, "rest": 4}


def test_negative_prices_pay_the_customer():
    """Shandong 2025 counted more than 1500 hours of negative spot prices; 2 h at noon at −0.08 yuan/kWh."""
    bands = BandCalendar(rules=(rule("noon", "11:00-13:00"), rule("rest", "13:00-11:00")))
    charge = energy(bands, band_prices={"noon": Decimal("-0.08"), "rest": Decimal("0.4")})
    made = month_bill(charge, date(2026, 3, 1))
    assert [line.amount for line in made.lines] == [Decimal("-496.00"), Decimal("27280.00")]
    assert made.total == Decimal("26784.00")


def test_a_holiday_layer_follows_the_state_councils_days():
    """国务院办公厅 2026 放假安排: Spring Festival off from 2026-02-15 to 02-23; 02-14 and 02-28 are worked.

    The calendar tags the six weekdays among them as holidays (16–20, 23); the weekend days are rest days.
    """
    bands = BandCalendar(
        rules=(rule("flat", "00:00-24:00"), rule("deep_valley", "09:00-15:00", days=("holiday",), layer=1))
    )
    charge = energy(bands, band_prices={"flat": Decimal("0.6"), "deep_valley": Decimal("0.2")})
    made = month_bill(charge, date(2026, 2, 1), country="CN")
    assert kwh(made) == {"deep_valley": 6 * 600, "flat": 28 * 2400 - 6 * 600}
