"""Each kind of charge worked by hand: quantities, prices and amounts with all-different numbers."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.tariffs import (
    BilledLoad,
    CoincidentCharge,
    DayFlag,
    DemandTier,
    EnergyTier,
    EnergyTiers,
    Facts,
    FlaggedDays,
    LookBack,
    PastMonth,
    PastMonthUnknownError,
    SystemPeaks,
    SystemPeaksUnknownError,
    TariffNotInForceError,
    TariffVersions,
    bill,
    bills,
)
from domain.tariffs.past import past_months, with_past
from domain.text import Language
from domain.time import TimeGrid
from tests.hand_cases import APRIL, DAY_NIGHT, MARCH, SUPPLY, lines_of, march, named
from tests.tariff_cases import (
    SHANGHAI,
    demand,
    energy,
    flat_energy,
    load_at,
    month_grid,
    supply_of,
    tariff_of,
    words,
)


def tiers(*pairs, basis="month", bands=("all",), demand_charge_id=None) -> EnergyTiers:
    steps = tuple(
        EnergyTier(up_to_kwh=None if limit is None else Decimal(limit), price_per_kwh=Decimal(price))
        for limit, price in pairs
    )
    return EnergyTiers(bands=bands, basis=basis, demand_charge_id=demand_charge_id, tiers=steps)


def test_tiers_of_the_month():
    """100 kW flat = 74 400 kWh: 50 000 at 0.10 + 0.30, the rest at 0.10 + 0.17."""
    charge = replace(flat_energy("0.10"), tiers=(tiers((50_000, "0.30"), (None, "0.17")),))
    found, billed = lines_of(march(100.0), charge)
    assert found == [("50000.000000", "0.40", "20000.00"), ("24400.000000", "0.27", "6588.00")]
    assert billed.lines[1].label.en == "Energy: all, tier 2"
    assert "above 50000 kWh a month: tier 0.17 + band 0.1 = 0.27" in billed.lines[1].rule.say()
    assert "每月 50000 kWh 以上" in billed.lines[1].rule.say(Language.ZH)


def test_tiers_by_hours_use_of_demand():
    """Peak 160 kW: the first 200 h × 160 = 32 000 kWh at 0.21, the rest at 0.08."""
    charge = replace(
        flat_energy("0.0"), tiers=(tiers((200, "0.21"), (None, "0.08"), basis="kw", demand_charge_id="demand"),)
    )
    found, _ = lines_of(march(100.0, s9=160.0), charge, demand("7"))
    kwh = 100 * 744 + 15
    assert found[:2] == [
        ("32000.000000", "0.21", "6720.00"),
        (f"{kwh - 32_000}.000000", "0.08", f"{(kwh - 32_000) * 0.08:.2f}"),
    ]


def test_tiers_by_capacity_and_by_day():
    """500 kVA × 60 = 30 000 kWh; a day has 2 400 kWh, 1 000 of them in the first tier, 31 times."""
    by_kva = replace(flat_energy("0"), tiers=(tiers((60, "0.3"), (None, "0.1"), basis="kva"),))
    assert [one[0] for one in lines_of(march(100.0), by_kva)[0]] == ["30000.000000", "44400.000000"]
    by_day = replace(flat_energy("0"), tiers=(tiers((1_000, "0.3"), (None, "0.1"), basis="day"),))
    assert [one[0] for one in lines_of(march(100.0), by_day)[0]] == ["31000.000000", "43400.000000"]
    month_days = replace(flat_energy("0"), tiers=(tiers((1_000, "0.3"), (None, "0.1"), basis="month_days"),))
    one_day = march(0.0, **{f"s{n}": 96.0 for n in range(96)})  # 2 304 kWh on one day only
    assert [one[0] for one in lines_of(one_day, by_day)[0]] == ["1000.000000", "1304.000000"]
    assert [one[0] for one in lines_of(one_day, month_days)[0]] == ["2304.000000", "0.000000"]


def test_bands_that_climb_together_keep_their_lines():
    """Day and night 37 200 kWh each; together 74 400, of which 60 000 cost 0.02 and 14 400 cost 0.05 more."""
    charge = energy(
        DAY_NIGHT,
        band_prices={"day": Decimal("0.5"), "night": Decimal("0.3")},
        tiers=(tiers((60_000, "0.02"), (None, "0.05"), bands=("day", "night")),),
    )
    found, _ = lines_of(march(100.0), charge)
    assert [amount for _, _, amount in found] == ["18600.00", "11160.00", "1200.00", "720.00"]


def test_a_ratchet_looks_at_the_months_before():
    """March 150 kW against 75 % of January's 260 kW = 195 kW; April against March 150, January 260."""
    charge = demand("10", look_back=LookBack(peak_share=Decimal("0.75"), months_count=3))
    facts = Facts(
        past=tuple(
            PastMonth(month=month, quantities={"demand.max_demand_kw": Decimal(kw)})
            for month, kw in ((date(2025, 12, 1), 90), (date(2026, 1, 1), 260), (date(2026, 2, 1), 120))
        )
    )
    grid = month_grid(MARCH, n_months=2)
    load = BilledLoad(grid=grid, import_kw=load_at(grid, 100.0, s5=150.0).import_kw, facts=facts)
    found, billed = lines_of(load, charge)
    assert found == [("195.000000", "10", "1950.00")]
    assert "billed 195 kW by 75 % of the highest of the 3 months before" in billed.lines[0].rule.say()
    assert lines_of(load, charge, month=APRIL)[0] == [("195.000000", "10", "1950.00")]
    named_months = replace(charge, look_back=replace(charge.look_back, peak_months=(2, 3)))
    assert lines_of(load, named_months, month=APRIL)[0] == [("112.500000", "10", "1125.00")]  # 0.75 × March's 150


def test_a_past_month_that_nobody_knows_is_named():
    charge = demand("10", look_back=LookBack(peak_share=Decimal("0.75"), months_count=2))
    with pytest.raises(PastMonthUnknownError, match=r"2026-02.*demand\.max_demand_kw"):
        lines_of(march(100.0), charge)
    begun = replace(march(100.0), facts=Facts(supplied_from=date(2026, 2, 10)))
    with pytest.raises(PastMonthUnknownError, match="2026-02"):
        lines_of(begun, charge)
    fresh = replace(march(100.0), facts=Facts(supplied_from=MARCH))
    assert lines_of(fresh, charge)[0] == [("100.000000", "10", "1000.00")]


def test_named_months_of_a_cyclic_year():
    """REopt's vector: 75 % of the highest of January, April and December bills every month; 74 500 in the year."""
    prices = [10, 10, 20, 50, 20, 10, 20, 20, 20, 20, 20, 5]
    grid = TimeGrid.of_local_days(date(2021, 1, 1), 730, "Etc/GMT", 60)
    kw = np.full(grid.n_steps, 100.0)
    for year in (0, 8760):
        for hour, value in ((22, 200), (2403, 400), (4088, 500), (8333, 300)):
            kw[year + hour - 1] = value
    back = LookBack(peak_share=Decimal("0.75"), months_count=11, peak_months=(1, 4, 12))
    charges = [
        demand(str(price), charge_id=f"d{number}", months=(number,), look_back=back, measurement_min=60)
        for number, price in enumerate(prices, start=1)
    ]
    load = BilledLoad(grid=grid, import_kw=kw, facts=Facts(supplied_from=date(2021, 1, 1)))
    tariff = tariff_of(*charges, zone="Etc/GMT")
    months = [bill(load, tariff, SUPPLY, date(2022, number, 1)) for number in range(1, 13)]
    assert [int(one.lines[0].quantity) for one in months] == [300, 300, 300, 400, 300, 500, *[300] * 6]
    assert sum(one.total for one in months) == Decimal(74_500)


def test_coincident_peaks_of_a_year():
    """REopt's vector: two sets of hours, each billed once a year at its highest load: 10 × 1 + 5 × 1."""
    grid = TimeGrid.of_local_days(date(2022, 1, 1), 365, "Etc/GMT", 60)
    start = grid.start

    def peaks(name: str, hours) -> SystemPeaks:
        at = tuple(start + timedelta(hours=hour - 1) for hour in hours)
        year = {"known_from": date(2022, 1, 1), "known_until": date(2023, 1, 1)}
        return SystemPeaks(system_peak_id=name, starts=at, step_min=60, **year)

    facts = Facts(system_peaks=(peaks("a", (1, 2, 100)), peaks("b", range(6000, 7001))))
    load = BilledLoad(grid=grid, import_kw=np.ones(grid.n_steps), facts=facts)
    charges = [
        CoincidentCharge(**named(name), system_peak_id=name, price_per_kw_year=Decimal(price), counts="highest")
        for name, price in (("a", 10), ("b", 5))
    ]
    total = sum(one.exact_total for one in bills(load, tariff_of(*charges, zone="Etc/GMT"), SUPPLY))
    assert float(total) == pytest.approx(15.0)


def test_coincident_means_and_unknown_peaks():
    """Two peaks at 40 and 70 kW: 55 kW in the month; of a yearly price with three peaks a third each."""
    grid = month_grid(MARCH)
    at = (grid.at(100), grid.at(300))
    known = SystemPeaks(system_peak_id="cp", starts=at, step_min=15, known_from=MARCH, known_until=APRIL)
    load = replace(load_at(grid, 10.0, s100=40.0, s300=70.0), facts=Facts(system_peaks=(known,)))
    monthly = CoincidentCharge(**named("cp"), system_peak_id="cp", price_per_kw_month=Decimal(6))
    yearly = CoincidentCharge(
        **named("triad"), system_peak_id="cp", price_per_kw_year=Decimal(30), yearly_peaks_count=3
    )
    found, _ = lines_of(load, monthly, yearly)
    assert found == [("55.000000", "6", "330.00"), ("36.666667", "30", "1100.00")]
    with pytest.raises(SystemPeaksUnknownError, match="2026-04"):
        bill(replace(load_at(month_grid(APRIL), 1.0), facts=load.facts), tariff_of(monthly), SUPPLY, APRIL)


def test_demand_tiers_least_and_means_of_several_peaks():
    """230 kW: 50 at 2 + 1, 150 at 2 + 4, 30 at 2 + 6."""
    steps = (
        DemandTier(up_to_kw=Decimal(50), price_per_kw_month=Decimal(1)),
        DemandTier(up_to_kw=Decimal(200), price_per_kw_month=Decimal(4)),
        DemandTier(price_per_kw_month=Decimal(6)),
    )
    found, _ = lines_of(march(90.0, s7=230.0), demand("2", tiers=steps))
    assert found == [("50.000000", "3", "150.00"), ("150.000000", "6", "900.00"), ("30.000000", "8", "240.00")]
    assert lines_of(march(90.0), demand("2", least_kw=Decimal(120)))[0] == [("120.000000", "2", "240.00")]
    # the three highest quarters: 300, 240, 210 on one day; by days 300, 150, 120
    load = march(20.0, s8=300.0, s9=240.0, s10=210.0, s200=150.0, s500=120.0)
    assert lines_of(load, demand("1", peaks_count=3))[0][0][0] == "250.000000"
    assert lines_of(load, demand("1", peaks_count=3, peaks_on="days"))[0][0][0] == "190.000000"


def test_a_sliding_window_sees_what_blocks_split():
    """60 minutes sliding over 300, 300, 300, 300 kW that begin at 00:30: blocks give 160 kW, sliding 300 kW."""
    load = march(20.0, s2=300.0, s3=300.0, s4=300.0, s5=300.0)
    assert lines_of(load, demand("1", measurement_min=60))[0][0][0] == "160.000000"
    assert lines_of(load, demand("1", measurement_min=60, sliding=True))[0][0][0] == "300.000000"


def test_daily_and_apparent_demand():
    """31 days at 100 kW, one of them 180: 3 180 kW·d; at power factor 0.8, 100 kW are 125 kVA."""
    daily = demand(None, levied="day", price_per_kw_day=Decimal("0.5"))
    assert lines_of(march(100.0, s700=180.0), daily)[0] == [("3180.000000", "0.5", "1590.00")]
    load = replace(march(100.0), power_factor=Decimal("0.8"))
    assert lines_of(load, demand("3", measured_as="kva"))[0] == [("125.000000", "3", "375.00")]
    metered = replace(march(100.0), reactive_kvar=march(75.0).import_kw)
    assert lines_of(metered, demand("3", measured_as="kva"))[0] == [("125.000000", "3", "375.00")]


def test_a_yearly_price_is_billed_to_date():
    """Peaks 100, 250, 200 kW at 120 a year: 1/12 · 100, 2/12 · 250 − 1/12 · 100, 3/12 · 250 − 2/12 · 250."""
    grid = TimeGrid.of_local_days(date(2026, 1, 1), 90, SHANGHAI)
    kw = np.full(grid.n_steps, 80.0)
    kw[[50, 31 * 96 + 40, 59 * 96 + 3]] = 100.0, 250.0, 200.0
    charge = demand(None, levied="year", price_per_kw_year=Decimal(120))
    months = bills(BilledLoad(grid=grid, import_kw=kw), tariff_of(charge), SUPPLY)
    assert [str(one.total) for one in months] == ["1000.00", "4000.00", "2500.00"]
    assert "3/12 of the yearly price is owed to date" in months[2].lines[0].rule.say()


def test_the_past_is_measured_from_a_longer_load():
    """January 260 kW and February 120 kW become facts; the bill of March alone then finds its ratchet."""
    grid = TimeGrid.of_local_days(date(2026, 1, 1), 59, SHANGHAI)
    kw = np.full(grid.n_steps, 80.0)
    kw[[7, 31 * 96 + 5]] = 260.0, 120.0
    charge = demand("10", look_back=LookBack(peak_share=Decimal("0.75"), months_count=11))
    tariff = tariff_of(charge, flat_energy("0.3"))
    past = past_months(BilledLoad(grid=grid, import_kw=kw), tariff, SUPPLY, MARCH)
    assert [(one.month, one.quantities) for one in past] == [
        (date(2026, 1, 1), {"demand.max_demand_kw": Decimal("260.000000")}),
        (date(2026, 2, 1), {"demand.max_demand_kw": Decimal("120.000000")}),
    ]
    facts = with_past(Facts(supplied_from=date(2026, 1, 1)), past)
    assert lines_of(replace(march(100.0), facts=facts), charge)[0] == [("195.000000", "10", "1950.00")]
    told = PastMonth(month=date(2026, 1, 9), quantities={"demand.max_demand_kw": Decimal(300)})
    assert with_past(Facts(past=(told,)), past).past[0].quantities == {"demand.max_demand_kw": Decimal(300)}


def test_a_floor_that_cannot_be_told_is_said():
    charge = demand("10", basis="contract", contract_demand_kw=Decimal(300))
    _, billed = lines_of(march(100.0), charge, supply=supply_of())
    assert [one.code for one in billed.findings] == ["contract_floor_not_known"]
    assert "--capacity-kva" in billed.findings[0].say()
    assert lines_of(march(100.0), charge)[1].findings == ()
    assert lines_of(march(100.0), replace(charge, floor_share=Decimal(0)), supply=supply_of())[1].findings == ()


def test_a_flag_that_the_tariff_does_not_know_is_said():
    flags = (DayFlag(flag="hot", label=words("hot"), decided="listed"),)
    facts = Facts(flags=(FlaggedDays(flag="hott", days=(), known_until=APRIL),))
    _, billed = lines_of(replace(march(1.0), facts=facts), flat_energy("1"), day_flags=flags)
    assert [(one.code, one.data["flag"]) for one in billed.findings] == [("flag_not_used", "hott")]


def test_versions_with_a_gap_name_their_spans():
    versions = (
        tariff_of(flat_energy("1"), tariff_id="a", valid_from=date(2026, 1, 1), valid_until=date(2026, 3, 10)),
        tariff_of(flat_energy("1"), tariff_id="b", valid_from=date(2026, 3, 11)),
    )
    family = TariffVersions(tariff_id="family", versions=versions)
    with pytest.raises(TariffNotInForceError, match=r"2026-03-10 \(valid 2026-01-01 … 2026-03-10, 2026-03-11 …\)"):
        bill(march(1.0), family, SUPPLY, MARCH)
