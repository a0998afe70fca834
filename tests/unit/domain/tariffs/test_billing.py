from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.tariffs import (
    BandCalendar,
    BilledLoad,
    CapacityCharge,
    FixedCharge,
    MonthNotCoveredError,
    OneLoadOnlyError,
    PowerFactorCharge,
    PurchaseMode,
    Rounding,
    Tariff,
    bill,
    bills,
    sample_amounts,
)
from domain.tariffs.tariff import TariffNotForCustomerError, TariffNotInForceError
from domain.text import Language
from tests.tariff_cases import (
    BERLIN,
    SHANGHAI,
    calendars,
    component,
    demand,
    energy,
    flat_energy,
    load_at,
    month_grid,
    rule,
    supplies,
    supply_of,
    tariff_of,
    tariffs,
    words,
)

MARCH = date(2026, 3, 1)
SUPPLY = supply_of(capacity_kva="630", contract_demand_kw="400", power_factor="0.93")
PF = PowerFactorCharge(charge_id="pf", label=words("Power factor"), standard="cn_0.90")
CAPACITY = CapacityCharge(charge_id="capacity", label=words("Capacity"), price_per_kva_month=Decimal("22.6"))
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def two_part() -> Tariff:
    bands = BandCalendar(rules=(rule("day", "08:00-20:00"), rule("night", "20:00-08:00")))
    parts = (
        component("0.5", floats=True),
        component("0.11", floats=False),
        component("0.03", floats=False, fund=True),
    )
    return tariff_of(
        PF,
        FixedCharge(
            charge_id="fixed", label=words("Fixed"), amount_per_month=Decimal(7), amount_per_day=Decimal("0.3")
        ),
        energy(bands, components=parts, factors={"day": Decimal("1.6"), "night": Decimal("0.4")}),
        demand("36.1"),
        CAPACITY,
    )


def test_a_bill_worked_by_hand():
    made = bill(load_at(month_grid(MARCH), 10.0, s40=35.0), two_part(), SUPPLY, date(2026, 3, 9))
    found = [(line.charge_id, line.kind, line.quantity, line.unit, line.unit_price, line.amount) for line in made.lines]
    # day 31·12·10 + (35-10)/4 kWh at 0.5·1.6+0.14; night 3720 kWh at 0.5·0.4+0.14; pf 0.93: -0.45 %
    subject = (
        Decimal("3726.25") * Decimal("0.91")  # less funds
        + Decimal(3720) * Decimal("0.31")
        + 35 * Decimal("36.1")
        + 630 * Decimal("22.6")
    )
    assert found == [
        ("fixed", "fixed", 1, "month", 7, Decimal("7.00")),
        ("fixed", "fixed", 31, "day", Decimal("0.3"), Decimal("9.30")),
        ("energy", "energy", Decimal("3726.25"), "kWh", Decimal("0.94"), Decimal("3502.68")),
        ("energy", "energy", 3720, "kWh", Decimal("0.34"), Decimal("1264.80")),
        ("demand", "demand", 35, "kW", Decimal("36.1"), Decimal("1263.50")),
        ("capacity", "capacity", 630, "kVA", Decimal("22.6"), Decimal("14238.00")),
        ("pf", "power_factor", subject, "CNY", Decimal("-0.0045"), Decimal("-90.21")),
    ]
    assert made.total == Decimal("20195.07")
    assert made.month == MARCH
    assert made.amount_of("energy", "demand") == Decimal("6030.98")
    assert made.lines[2].label.say(Language.ZH) == "中：Energy：日间"


def test_lines_keep_the_exact_amount_beside_the_rounded_one():
    made = bill(load_at(month_grid(MARCH), 1 / 3), tariff_of(flat_energy("0.1234567")), supply_of(), MARCH)
    (line,) = made.lines
    assert line.quantity == Decimal("248.000000")
    assert float(line.exact_amount) == pytest.approx(744 / 3 * 0.1234567, rel=1e-13)
    assert line.amount == Decimal("30.62")


def test_quantities_and_amounts_are_rounded_as_the_tariff_says():
    rounding = Rounding(amount_decimals=1, quantity_decimals=0)
    load = load_at(month_grid(MARCH), 1.0, s5=3.0)  # 744.5 kWh, half up to 745
    (line,) = bill(load, tariff_of(flat_energy("0.21"), rounding=rounding), supply_of(), MARCH).lines
    assert (str(line.quantity), str(line.amount)) == ("745", "156.5")  # 156.45
    assert line.exact_amount == Decimal("156.345")


def test_a_contract_charge_rounds_the_measured_demand_before_its_rule():
    charge = demand("10", basis="contract", contract_demand_kw=Decimal(1000))
    load = load_at(month_grid(MARCH), 100.0, s5=1100.4)
    tariff = tariff_of(charge, rounding=Rounding(quantity_decimals=0))
    (line,) = bill(load, tariff, supply_of(), MARCH).lines
    assert line.quantity == 1150  # 2 · 1100 - 1050
    assert line.exact_amount == Decimal("11508.0")


def test_a_fixed_charge_of_nothing_still_stands_on_the_bill():
    tariff = tariff_of(FixedCharge(charge_id="f", label=words("f")))
    (line,) = bill(load_at(month_grid(MARCH), 1.0), tariff, supply_of(), MARCH).lines
    assert (line.unit, line.amount) == ("month", 0)


def test_the_typical_power_factor_is_a_finding():
    grid = month_grid(MARCH)
    typical = bill(load_at(grid, 1.0), two_part(), SUPPLY, MARCH)
    assert [one.code for one in typical.findings] == ["power_factor_typical"]
    assert "0.93" in typical.findings[0].say()
    assert "2026-03" in typical.findings[0].say(Language.ZH)
    known = BilledLoad(grid=grid, import_kw=np.ones(grid.n_steps), power_factor=Decimal("0.91"))
    assert bill(known, two_part(), SUPPLY, MARCH).findings == ()


def test_holidays_not_announced_are_a_finding():
    month = date(2035, 3, 1)
    made = bill(load_at(month_grid(month), 1.0), tariff_of(flat_energy("1"), country="CN"), supply_of(), month)
    assert [one.code for one in made.findings] == ["holidays_not_announced"]


def test_a_bill_is_for_one_load():
    grid = month_grid(MARCH)
    load = BilledLoad(grid=grid, import_kw=np.ones((3, grid.n_steps)))
    for ask in (lambda: bill(load, two_part(), SUPPLY, MARCH), lambda: bills(load, two_part(), SUPPLY)):
        with pytest.raises(OneLoadOnlyError, match="3 samples") as caught:
            ask()
    assert "3 条" in caught.value.say(Language.ZH)


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ({"valid_from": date(2026, 3, 2)}, "2026-03-01"),
        ({"valid_until": date(2026, 3, 31)}, "2026-03-31"),
        ({"valid_until": date(2026, 1, 1)}, "2026-03-01"),
    ],
)
def test_a_tariff_must_hold_all_month(fields, day):
    tariff = tariff_of(flat_energy("1"), **fields)
    with pytest.raises(TariffNotInForceError, match=day):
        bill(load_at(month_grid(MARCH), 1.0), tariff, supply_of(), MARCH)
    with pytest.raises(TariffNotInForceError, match=day):
        sample_amounts(load_at(month_grid(MARCH), 1.0), tariff, supply_of(), MARCH)


def test_a_tariff_that_ends_with_the_month_holds():
    tariff = tariff_of(flat_energy("1"), valid_from=MARCH, valid_until=date(2026, 4, 1))
    assert bill(load_at(month_grid(MARCH), 1.0), tariff, supply_of(), MARCH).total == 744


def test_a_market_customer_is_not_billed_by_agency_factors():
    tariff = tariff_of(flat_energy("1"), purchase_modes=(PurchaseMode.MARKET_RETAIL,))
    with pytest.raises(TariffNotForCustomerError, match="market_retail"):
        bill(load_at(month_grid(MARCH), 1.0), tariff, supply_of(), MARCH)


def test_bills_of_every_whole_month():
    grid = month_grid(date(2026, 2, 1), n_months=4)
    values = np.repeat([1.0, 2.0, 3.0, 4.0], [28 * 96, 31 * 96, 30 * 96, 31 * 96])
    part = BilledLoad(grid=grid.part(5, grid.n_steps - 5), import_kw=values[5:-5])
    made = bills(part, tariff_of(flat_energy("1")), supply_of())
    assert [(one.month, one.total) for one in made] == [(MARCH, 1488), (date(2026, 4, 1), 2160)]


def test_no_whole_month_is_refused():
    grid = month_grid(MARCH).part(3, 900)
    with pytest.raises(MonthNotCoveredError, match="2026-03-01T00:00:00"):
        bills(load_at(grid, 1.0), tariff_of(flat_energy("1")), supply_of())


@QUICK
@given(st.data(), st.sampled_from([15, 30]), st.sampled_from([(SHANGHAI, MARCH), (BERLIN, date(2026, 10, 1))]))
def test_sample_amounts_equal_the_bills_of_the_rows(case, step_min, place):
    zone, month = place
    tariff, supply = case.draw(tariffs(step_min, zone)), case.draw(supplies())
    grid = month_grid(month, zone, step_min)
    rng = np.random.default_rng(case.draw(st.integers(0, 999)))
    rows = rng.uniform(0, 900, (3, grid.n_steps))
    reactive = rng.uniform(0, 500, rows.shape) if case.draw(st.booleans()) else None
    amounts = sample_amounts(BilledLoad(grid=grid, import_kw=rows, reactive_kvar=reactive), tariff, supply, month)
    for row in range(3):
        one = BilledLoad(grid=grid, import_kw=rows[row], reactive_kvar=None if reactive is None else reactive[row])
        made = bill(one, tariff, supply, month)
        assert {kind: values[row] for kind, values in amounts.items()} == {
            line.kind: made.amount_of(line.kind) for line in made.lines
        }


@QUICK
@given(st.data(), st.sampled_from([15, 30]))
def test_each_line_is_rounded_by_at_most_half_a_cent(case, step_min):
    tariff, supply = case.draw(tariffs(step_min, SHANGHAI)), case.draw(supplies())
    grid = month_grid(MARCH, SHANGHAI, step_min)
    load = BilledLoad(
        grid=grid, import_kw=np.random.default_rng(case.draw(st.integers(0, 999))).uniform(0, 900, grid.n_steps)
    )
    for line in bill(load, tariff, supply, MARCH).lines:
        assert abs(line.amount - line.quantity * line.unit_price) <= Decimal("0.005")
        # the quantity's sixth decimal; a demand's counts three times in a stepped overrun
        kept = Decimal("1e-4") if line.kind == "power_factor" else 4 * Decimal("5e-7")
        assert abs(line.amount - line.exact_amount) <= Decimal("0.005") + kept * abs(line.unit_price)


@QUICK
@given(st.integers(0, 999), st.sampled_from(["0.31", "-0.07", "1.2345"]))
def test_a_flat_price_does_not_care_when_load_runs(seed, price):
    grid = month_grid(MARCH)
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 4000, grid.n_steps) / 4
    tariff = tariff_of(flat_energy(price))
    one, other = (
        bill(BilledLoad(grid=grid, import_kw=kw), tariff, supply_of(), MARCH)
        for kw in (values, rng.permutation(values))
    )
    assert one.total == other.total
    assert one.exact_total == other.exact_total


@QUICK
@given(st.data(), st.sampled_from([SHANGHAI, BERLIN]))
def test_splitting_steps_into_halves_leaves_the_bill_the_same(case, zone):
    tariff, supply = case.draw(tariffs(30, zone)), case.draw(supplies())
    coarse, fine = month_grid(MARCH, zone, 30), month_grid(MARCH, zone, 15)
    values = np.random.default_rng(case.draw(st.integers(0, 999))).integers(0, 900, coarse.n_steps).astype(float)
    one = bill(BilledLoad(grid=coarse, import_kw=values), tariff, supply, MARCH)
    other = bill(BilledLoad(grid=fine, import_kw=np.repeat(values, 2)), tariff, supply, MARCH)
    assert [line.amount for line in one.lines] == [line.amount for line in other.lines]


@QUICK
@given(
    st.integers(0, 999),
    st.sampled_from(["energy", "demand", "capacity", "fixed"]),
    st.sampled_from(["actual_plus_double", "contract_plus_double"]),
    st.decimals(Decimal("0.01"), Decimal(9), places=2),
)
def test_raising_a_price_never_lowers_the_bill(seed, which, over_rule, extra):
    grid = month_grid(MARCH)
    values = np.random.default_rng(seed).uniform(0, 700, grid.n_steps)
    supply = supply_of(capacity_kva="800", contract_demand_kw="500", power_factor="0.97")

    def total(raised: dict[str, Decimal]) -> Decimal:
        more = {name: raised.get(name, Decimal(0)) for name in ("energy", "demand", "capacity", "fixed")}
        bands = calendars()[2]
        prices = {band: Decimal("0.4") + (more["energy"] if band == "peak" else 0) for band in bands.bands}
        tariff = tariff_of(
            PF,
            energy(bands, band_prices=prices),
            demand(str(30 + more["demand"]), basis="contract", over_rule=over_rule),
            CapacityCharge(charge_id="c", label=words("c"), price_per_kva_month=9 + more["capacity"]),
            FixedCharge(charge_id="f", label=words("f"), amount_per_day=more["fixed"]),
            country="CN",
        )
        return bill(BilledLoad(grid=grid, import_kw=values), tariff, supply, MARCH).total

    assert total({which: extra}) >= total({})
