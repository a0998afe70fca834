"""Charges that follow an index, other lines, a network's year or flagged days, worked by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.errors import InvalidFieldError, UnknownReferenceError
from domain.tariffs import (
    AtypicalUse,
    BandCalendar,
    BandLoadStep,
    BilledLoad,
    CapacityCharge,
    CoincidentCharge,
    CurrencyMixError,
    DayFlag,
    ExcessCapacityCharge,
    ExportCredit,
    Facts,
    FixedCharge,
    FlaggedDays,
    LookBack,
    MinimumCharge,
    NetworkCharge,
    PastMonth,
    PowerFactorCharge,
    PriceCapCharge,
    PricePair,
    PriceSeries,
    PricesUnknownError,
    ProfitShareCharge,
    ReactiveCharge,
    SpotCharge,
    SystemPeaks,
    TariffVersions,
    TaxCharge,
    UsageRebateCharge,
    bill,
    bills,
)
from domain.tariffs.facts import TooManySystemPeaksError
from domain.text import Language
from domain.time import TimeGrid
from tests.hand_cases import APRIL, DAY_NIGHT, MARCH, SUPPLY, lines_of, march, named
from tests.tariff_cases import (
    BERLIN,
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


def spot_facts(grid: TimeGrid, prices, currency: str = "CNY") -> Facts:
    hours = TimeGrid(start=grid.start, step_min=60, n_steps=grid.n_steps // 4)
    values = np.resize(np.asarray(prices, dtype=float), hours.n_steps)
    return Facts(prices=(PriceSeries(index_id="da", currency=currency, grid=hours, prices_per_kwh=values),))


def test_spot_with_cap_floor_fee_and_negative_prices():
    """Hours at -0.10 and 0.60 in turn, 100 kW: 0.9 × index + 0.02 = -0.07 and 0.56, held within 0 … 0.40."""
    grid = month_grid(MARCH)
    load = replace(load_at(grid, 100.0), facts=spot_facts(grid, [-0.10, 0.60]))
    free = SpotCharge(**named("spot"), index_id="da", index_share=Decimal("0.9"), fee_per_kwh=Decimal("0.02"))
    assert lines_of(load, free)[0] == [("18228.000000", "1", "18228.00")]  # 37 200 × (-0.07 + 0.56)
    held = replace(free, cap_per_kwh=Decimal("0.40"), floor_per_kwh=Decimal(0))
    found, billed = lines_of(load, held)
    assert found == [("14880.000000", "1", "14880.00")]  # 37 200 × (0 + 0.40)
    assert "74400 kWh at a mean of 0.2 CNY/kWh" in billed.lines[0].rule.say()
    by_month = replace(free, settled="month_mean", energy_share=Decimal("0.25"))
    assert lines_of(load, by_month)[0] == [("4557.000000", "1", "4557.00")]  # 18 600 × (0.9 × 0.25 + 0.02)


def test_spot_prices_that_are_missing_are_named():
    grid = month_grid(MARCH)
    charge = SpotCharge(**named("spot"), index_id="da")
    with pytest.raises(PricesUnknownError, match="da, which is not given"):
        lines_of(load_at(grid, 1.0), charge)
    facts = spot_facts(grid, [0.2])
    holed = facts.prices[0].prices_per_kwh.copy()
    holed[5] = np.nan
    broken = Facts(prices=(replace(facts.prices[0], prices_per_kwh=holed),))
    with pytest.raises(PricesUnknownError, match="2026-02-28T21:00"):
        lines_of(replace(load_at(grid, 1.0), facts=broken), charge)
    with pytest.raises(CurrencyMixError, match="EUR"):
        lines_of(replace(load_at(grid, 1.0), facts=spot_facts(grid, [0.2], "EUR")), charge)


def test_fixed_and_linked_with_a_cap_on_the_mean_price():
    """70 % at 0.50, 30 % at index 0.90: mean 0.62; capped at 0.554, 0.066 × 74 400 are given back."""
    grid = month_grid(MARCH)
    load = replace(load_at(grid, 100.0), facts=spot_facts(grid, [0.90]))
    fixed = replace(flat_energy("0.50"), energy_share=Decimal("0.7"))
    linked = SpotCharge(**named("linked"), index_id="da", energy_share=Decimal("0.3"))
    cap = PriceCapCharge(**named("cap"), of=("energy", "linked"), cap_per_kwh=Decimal("0.554"))
    found, _ = lines_of(load, fixed, linked, cap)
    assert [amount for _, _, amount in found] == ["26040.00", "20088.00", "-4910.40"]
    floor = replace(cap, cap_per_kwh=None, floor_per_kwh=Decimal("0.70"))
    assert lines_of(load, fixed, linked, floor)[0][2] == ("5952.000000", "1", "5952.00")


def test_profit_share():
    """Reference 0.463, index 0.40 and 0.50 in turn: gain 37 200 × (0.063 − 0.037) = 967.20, 60 % of it."""
    grid = month_grid(MARCH)
    charge = ProfitShareCharge(
        **named("share"), reference_per_kwh=Decimal("0.463"), index_id="da", customer_share=Decimal("0.6")
    )
    gain = replace(load_at(grid, 100.0), facts=spot_facts(grid, [0.40, 0.50]))
    assert lines_of(gain, charge)[0] == [("967.200000", "-0.6", "-580.32")]
    loss = replace(load_at(grid, 100.0), facts=spot_facts(grid, [0.50]))
    assert lines_of(loss, charge)[0] == [("0.000000", "-0.6", "0.00")]
    shared = replace(charge, shares_losses=True)
    assert lines_of(loss, shared)[0] == [("-2752.800000", "-0.6", "1651.68")]


def test_export_is_credited():
    """20 kW fed in by day at 0.35, by night at -0.01 (paid for): 12 h × 31 d × 20 kW = 7 440 kWh each."""
    load = replace(march(50.0), export_kw=march(20.0).import_kw)
    prices = {"day": Decimal("0.35"), "night": Decimal("-0.01")}
    found, billed = lines_of(load, ExportCredit(**named("feed"), calendar=DAY_NIGHT, band_prices=prices))
    assert [amount for _, _, amount in found] == ["-2604.00", "74.40"]
    assert billed.findings == ()
    _, unmetered = lines_of(march(50.0), ExportCredit(**named("feed"), calendar=DAY_NIGHT, band_prices=prices))
    assert [one.code for one in unmetered.findings] == ["export_not_metered"]


def test_capacity_by_day_and_its_excess():
    """500 kVA × 31 d × 0.05; 520 kW at power factor 0.8 are 650 kVA, 150 too many, for 31 days at 0.11."""
    load = replace(march(100.0, s40=520.0, s41=520.0), power_factor=Decimal("0.8"))
    found, billed = lines_of(
        load,
        CapacityCharge(**named("capacity"), price_per_kva_day=Decimal("0.05")),
        ExcessCapacityCharge(**named("excess"), price_per_kva_day=Decimal("0.11")),
    )
    assert found == [("15500.000000", "0.05", "775.00"), ("4650.000000", "0.11", "511.50")]
    assert "650 kVA against 500 kVA agreed" in billed.lines[1].rule.say()


def test_reactive_energy_and_demand_above_what_is_free():
    """60 kvar on 100 kW: 44 640 − 0.5 × 74 400 = 7 440 kvarh; 60 − 0.3 × 100 = 30 kvar."""
    load = replace(march(100.0), reactive_kvar=march(60.0).import_kw)
    charge = ReactiveCharge(
        **named("reactive"),
        price_per_kvarh=Decimal("0.02"),
        free_kvarh_per_kwh=Decimal("0.5"),
        price_per_kvar_month=Decimal("0.7"),
        free_kvar_per_kw=Decimal("0.3"),
    )
    assert lines_of(load, charge)[0] == [("7440.000000", "0.02", "148.80"), ("30.000000", "0.7", "21.00")]


@pytest.mark.parametrize(("kwh_per_kva", "amount"), [("259.99", "0.00"), ("260.00", "-1747.31")])
def test_the_rebate_step_at_260_kwh_per_kva(kwh_per_kva, amount):
    """500 kVA × 260 = 130 000 kWh; the flat load that gives it is 174.731183 kW at 100 a month, 10 % waived."""
    kw = float(kwh_per_kva) * 500 / 744
    rebate = UsageRebateCharge(**named("rebate"), of=("demand",))
    found, billed = lines_of(march(kw), demand("100"), rebate)
    assert found[1][2] == amount
    assert ("260 reached" in billed.lines[1].rule.say()) == (amount != "0.00")


def test_the_power_factor_adjusts_the_rebated_demand():
    """Demand 100 kW × 36 less 10 %, energy 74 400 × 0.5: base 3 240 + 37 200, 0.88 costs +1 %."""
    rebate = UsageRebateCharge(**named("rebate"), of=("demand",), from_kwh_per_kva=Decimal(100))
    pf = PowerFactorCharge(**named("pf"), standard="cn_0.90")
    load = replace(march(100.0), power_factor=Decimal("0.88"))
    found, _ = lines_of(load, pf, flat_energy("0.5"), demand("36"), rebate)
    assert found[-1] == ("40440.000000", "0.010", "404.40")


def test_minimum_and_tax_come_last_and_add_up():
    """7 440 of energy, at least 9 000 + 31 × 10 = 9 310: 1 870 made up; 13 % of 9 310."""
    minimum = MinimumCharge(**named("minimum"), amount_per_month=Decimal(9000), amount_per_day=Decimal(10))
    vat = TaxCharge(**named("vat"), tax_share=Decimal("0.13"))
    found, billed = lines_of(march(100.0), vat, minimum, flat_energy("0.1"))
    assert found == [
        ("74400.000000", "0.1", "7440.00"),
        ("1870.000000", "1", "1870.00"),
        ("9310.000000", "0.13", "1210.30"),
    ]
    assert billed.total == Decimal("10520.30")
    enough, _ = lines_of(march(100.0), minimum, flat_energy("0.2"))
    assert enough[1][2] == "0.00"


def network(**fields) -> NetworkCharge:
    return NetworkCharge(
        **named("net"),
        below=PricePair(price_per_kw_year=Decimal(12), price_per_kwh=Decimal("0.05")),
        above=PricePair(price_per_kw_year=Decimal(90), price_per_kwh=Decimal("0.01")),
        **fields,
    )


def year_of(kw: float, zone: str = BERLIN, **peaks: float) -> BilledLoad:
    return load_at(TimeGrid.of_local_days(date(2025, 1, 1), 365, zone), kw, **peaks)


def fee_of(load: BilledLoad, charge: NetworkCharge) -> float:
    supply = supply_of(capacity_kva="5000")
    return float(sum(one.exact_total for one in bills(load, tariff_of(charge, zone=BERLIN, currency="EUR"), supply)))


def test_the_network_pair_closes_the_year_exactly():
    """100 kW all year, 876 000 kWh. Peak 400 kW: 2 190 h use, below: 12 × 400 + 0.05 × kWh. Peak 300: 2 920 h, above."""
    spiked = year_of(100.0, s20=400.0)
    kwh = 876_000 + 75
    assert fee_of(spiked, network()) == pytest.approx(12 * 400 + 0.05 * kwh)
    smoother = year_of(100.0, s20=300.0)
    assert fee_of(smoother, network()) == pytest.approx(90 * 300 + 0.01 * (876_000 + 50))


def test_band_load_pays_a_share_from_its_hours_on():
    """Flat 1 500 kW is 8 760 h and 13.14 GWh: 10 %; with a peak of 1 800 kW 7 300 h: 20 %; 2 000 kW: 6 570 h, all."""
    steps = tuple(
        BandLoadStep(from_h=Decimal(hours), fee_share=Decimal(share))
        for hours, share in ((7000, "0.20"), (7500, "0.15"), (8000, "0.10"))
    )
    charge = network(band_load=steps)
    kwh = 1500.0 * 8760
    assert fee_of(year_of(1500.0), charge) == pytest.approx(0.10 * (90 * 1500 + 0.01 * kwh))
    assert fee_of(year_of(1500.0, s9=1800.0), charge) == pytest.approx(0.20 * (90 * 1800 + 0.01 * (kwh + 75)))
    assert fee_of(year_of(1500.0, s9=2000.0), charge) == pytest.approx(90 * 2000 + 0.01 * (kwh + 125))
    assert fee_of(year_of(1000.0), charge) == pytest.approx(90 * 1000 + 0.01 * 8_760_000)  # under 10 GWh


def test_atypical_use_pays_the_windows_peak_where_it_is_low_enough():
    """Window 10-14 at 300 kW, peak 900 outside, 20 % and 100 kW lower. 300 kW all year: 2 628 000 kWh, 2 920 h."""
    windows = BandCalendar(rules=(rule("high", "10:00-14:00"), rule("other", "14:00-10:00")))
    charge = network(atypical=AtypicalUse(calendar=windows, bands=("high",), least_reduction_share=Decimal("0.20")))
    low = year_of(300.0, s8=900.0)
    kwh = 300 * 8760 + 150
    assert fee_of(low, charge) == pytest.approx(90 * 300 + 0.01 * kwh)
    near = year_of(300.0, s8=380.0)  # 80 kW lower only
    assert fee_of(near, charge) == pytest.approx(90 * 380 + 0.01 * (300 * 8760 + 20))


def test_hot_and_called_days_have_their_bands():
    """Two hot days: 4 h each at 1.2 instead of 0.4; one called day: 2 h at 2.0."""
    bands = BandCalendar(
        rules=(
            rule("flat", "00:00-24:00"),
            rule("critical", "16:00-20:00", days=("flag:hot",), layer=1),
            rule("called", "10:00-12:00", days=("flag:call",), layer=2),
        )
    )
    charge = energy(bands, band_prices={"flat": Decimal("0.4"), "critical": Decimal("1.2"), "called": Decimal(2)})
    flags = (
        DayFlag(flag="hot", label=words("hot"), decided="temperature", from_temp_c=Decimal(35)),
        DayFlag(flag="call", label=words("call"), decided="called", most_days_count=1),
    )
    hot = flags[0].by_temperature({date(2026, 3, 5): 36.0, date(2026, 3, 6): 34.9, date(2026, 3, 9): 35.0})
    facts = Facts(
        flags=(
            FlaggedDays(flag="hot", days=hot, known_until=APRIL),
            FlaggedDays(flag="call", days=(date(2026, 3, 9),), known_until=date(2026, 3, 20)),
        )
    )
    found, billed = lines_of(replace(march(100.0), facts=facts), charge, day_flags=flags)
    assert [quantity for quantity, _, _ in found] == ["73400.000000", "800.000000", "200.000000"]
    (unknown,) = billed.findings
    assert unknown.code == "flag_not_known"
    assert "2026-03-20" in unknown.say()
    assert "2026-03-20" in unknown.say(Language.ZH)


def test_a_run_of_hot_days_flags_its_last_and_later_ones():
    flag = DayFlag(flag="hot", label=words("hot"), decided="temperature", from_temp_c=Decimal(35), run_days=3)
    temps = {date(2026, 7, day): 36.0 for day in (1, 2, 3, 4, 8, 9)}
    assert flag.by_temperature(temps) == (date(2026, 7, 3), date(2026, 7, 4))


def test_a_month_over_a_change_is_billed_in_parts():
    """Ten days at 0.30 and 20 a kW, 21 days at 0.50 and 40 a kW; 100 kW, peak 150 in the first part."""

    def version(tariff_id, price, per_kw, fixed, **dates):
        charges = (
            flat_energy(price),
            demand(per_kw),
            FixedCharge(**named("fixed"), amount_per_month=Decimal(fixed), amount_per_day=Decimal(1)),
        )
        return tariff_of(*charges, tariff_id=tariff_id, **dates)

    change = date(2026, 3, 11)
    family = TariffVersions(
        tariff_id="family",
        versions=(
            version("old", "0.30", "20", "310", valid_from=date(2025, 1, 1), valid_until=change),
            version("new", "0.50", "40", "620", valid_from=change),
        ),
    )
    billed = bill(march(100.0, s7=150.0), family, SUPPLY, MARCH)
    amounts = [str(line.amount) for line in billed.lines]
    old_kwh, new_kwh = 24_000 + 12.5, 21 * 2400
    assert amounts[0] == f"{old_kwh * 0.30:.2f}"
    assert amounts[1] == "967.74"  # 150 kW × 10/31 × 20
    assert amounts[2:4] == ["100.00", "10.00"]
    assert amounts[4] == f"{new_kwh * 0.50:.2f}"
    assert amounts[5] == "4064.52"  # 150 kW × 21/31 × 40: the month's one maximum demand
    assert amounts[6:8] == ["420.00", "21.00"]
    assert "new from 2026-03-11: 21 of 31 days" in billed.lines[5].rule.say()
    april = bill(load_at(month_grid(APRIL), 100.0), family, SUPPLY, APRIL)
    assert len(april.lines) == 4


def test_instants_of_facts_are_utc():
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    known = SystemPeaks(system_peak_id="cp", starts=(at,), step_min=60, known_from=MARCH, known_until=APRIL)
    assert known.spans() == ((at, at + timedelta(hours=1)),)


def test_a_charge_cannot_rest_on_what_comes_after_it():
    """A cap of a tax, a minimum of a tax, a tax of a tax: none would ever be added up, so each is refused by name."""
    vat = TaxCharge(**named("vat"), tax_share=Decimal("0.13"))
    minimum = MinimumCharge(**named("minimum"), amount_per_month=Decimal(1))
    for later in (
        PriceCapCharge(**named("cap"), of=("energy", "vat"), cap_per_kwh=Decimal(1)),
        replace(minimum, of=("vat",)),
        TaxCharge(**named("levy"), tax_share=Decimal("0.1"), of=("vat",)),
        UsageRebateCharge(**named("rebate"), of=("energy",)),
    ):
        with pytest.raises(UnknownReferenceError, match=r"of names '(vat|energy)'"):
            tariff_of(flat_energy("1"), demand("1"), vat, later)
    assert tariff_of(flat_energy("1"), minimum, replace(vat, of=("minimum", "energy")))


def test_a_mean_price_needs_each_kwh_once():
    """Two charges that both bill every kWh, and a demand charge alone, have no mean price per kWh."""
    stacked = PriceCapCharge(**named("cap"), of=("energy", "adder"), cap_per_kwh=Decimal("0.5"))
    with pytest.raises(InvalidFieldError, match="bill 2 of the energy"):
        tariff_of(flat_energy("0.3"), flat_energy("0.3", charge_id="adder"), stacked)
    with pytest.raises(InvalidFieldError, match="bill 0 of the energy"):
        tariff_of(flat_energy("0.3"), demand("9"), replace(stacked, of=("demand",)))
    seasons = [
        replace(flat_energy("0.3", charge_id=name), months=months) for name, months in (("a", (1, 2)), ("b", (3,)))
    ]
    assert tariff_of(*seasons, replace(stacked, of=("a", "b")))


def test_published_peaks_do_not_overlap():
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    for twin in (at, at + timedelta(minutes=30)):
        with pytest.raises(InvalidFieldError, match="overlaps the peak at 2026-03-02T08:00"):
            SystemPeaks(system_peak_id="cp", starts=(twin, at), step_min=60, known_from=MARCH, known_until=APRIL)


def test_what_the_facts_say_of_a_past_month_stands_over_the_load():
    grid = month_grid(MARCH, n_months=2)
    charge = demand("10", look_back=LookBack(peak_share=Decimal("0.5"), months_count=1))
    told = Facts(past=(PastMonth(month=MARCH, quantities={"demand.max_demand_kw": Decimal(300)}),))
    load = BilledLoad(grid=grid, import_kw=load_at(grid, 100.0).import_kw, facts=told)
    assert lines_of(load, charge, month=APRIL)[0] == [("150.000000", "10", "1500.00")]


def test_prices_finer_than_the_load_are_told_apart_from_missing_ones():
    grid = month_grid(MARCH, step_min=60)
    quarters = month_grid(MARCH)
    series = PriceSeries(index_id="da", currency="CNY", grid=quarters, prices_per_kwh=np.ones(quarters.n_steps))
    load = replace(load_at(grid, 1.0), facts=Facts(prices=(series,)))
    with pytest.raises(PricesUnknownError, match="steps of 15 min"):
        lines_of(load, SpotCharge(**named("spot"), index_id="da"))


@pytest.mark.parametrize("field", ["reactive_kvar", "export_kw"])
def test_reactive_power_and_feed_in_are_sizes(field):
    with pytest.raises(InvalidFieldError, match=field):
        replace(march(10.0), **{field: march(-1.0).import_kw})


def test_more_peaks_than_bear_the_yearly_price_are_refused():
    """Three of a price for two lie in one summer; two winters' ends in one calendar year are two seasons."""

    def known(*days: tuple[int, int]) -> Facts:
        at = tuple(datetime(2026, month, day, 8, tzinfo=UTC) for month, day in days)
        year = {"known_from": date(2026, 1, 1), "known_until": date(2027, 1, 1)}
        return Facts(system_peaks=(SystemPeaks(system_peak_id="cp", starts=at, step_min=60, **year),))

    charge = CoincidentCharge(**named("cp"), system_peak_id="cp", price_per_kw_year=Decimal(30), yearly_peaks_count=2)
    with pytest.raises(TooManySystemPeaksError, match="over 2 peaks"):
        lines_of(replace(march(10.0), facts=known((3, 2), (6, 8), (7, 9))), charge)
    winters = known((1, 12), (3, 2), (11, 24), (12, 8))
    assert lines_of(replace(march(10.0), facts=winters), charge)[0] == [("5.000000", "30", "150.00")]
