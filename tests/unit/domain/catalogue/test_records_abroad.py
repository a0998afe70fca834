"""The records from elsewhere, each against a number that was published, or worked out by hand."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from domain.catalogue import retail_packages, tariff, tariffs
from domain.tariffs import BilledLoad, PurchaseMode, Status, SupplyPoint, bill
from domain.tariffs.facts import Facts, PastMonth, SystemPeaks
from domain.time import next_month
from tests.record_cases import (
    ANYONE,
    amounts,
    band_at,
    billed,
    by_charge,
    index,
    load_of,
)
from tests.tariff_cases import month_grid


def year_of(record: str, kw: float, **steps: float) -> Decimal:
    """Bill all months of 2025 and add up the network fee."""
    load = load_of(record, date(2025, 1, 1), kw, n_months=12, **steps)
    months = [date(2025, month, 1) for month in range(1, 13)]
    return sum((by_charge(bill(load, tariff(record), ANYONE, month))["network"] for month in months), Decimal(0))


def test_the_price_pair_follows_the_hours_use():
    """Stadtwerke Malchow 2025, MS: 119.08 EUR/kW + 1.09 ct/kWh at 8760 h; 21.49 + 5.00 at 876 h."""
    assert year_of("de-malchow-mv-network-2025", 1000.0) == pytest.approx(Decimal("214564.00"), abs=Decimal("0.06"))
    short = year_of("de-malchow-mv-network-2025", 100.0, s4000=1000.0)
    assert short == pytest.approx(Decimal("65301.25"), abs=Decimal("0.06"))  # 21 490 + 876 225 kWh × 0.05


def test_atypical_use_pays_for_the_peak_inside_the_windows():
    """500 kW all year, 1000 kW at 03:00-03:15 each day: 500 × 119.08 + 4 425 625 kWh × 1.09 ct."""
    grid = month_grid(date(2025, 1, 1), "Europe/Berlin", n_months=12)
    local = grid.local_starts("Europe/Berlin")
    nights = {f"s{n}": 1000.0 for n in np.flatnonzero((local.hour == 3) & (local.minute == 0)).tolist()}
    assert len(nights) == 365
    paid = year_of("de-mv-atypical-2025", 500.0, **nights)
    assert paid == pytest.approx(Decimal("107779.31"), abs=Decimal("0.06"))


@pytest.mark.parametrize(
    ("at", "band"),
    [
        ("2025-11-03T12:30", "high_load"),  # a meter that stamps ends writes 12:45
        ("2025-11-03T12:15", "low_load"),
        ("2025-11-03T12:45", "low_load"),
        ("2025-01-07T09:30", "high_load"),
        ("2025-01-07T14:30", "low_load"),
        ("2025-01-07T17:15", "high_load"),
        ("2025-01-06T10:00", "low_load"),  # Epiphany in Baden-Württemberg
        ("2025-01-11T10:00", "low_load"),  # a Saturday
        ("2025-12-29T10:00", "low_load"),  # between Christmas and New Year
        ("2026-01-02T10:00", "low_load"),  # a bridge day
        ("2025-12-22T10:00", "high_load"),
        ("2025-04-08T10:00", "low_load"),  # no window in spring
    ],
)
def test_high_load_windows_of_hellenstein(at, band):
    """Hochlastzeitfenster 2025, MS: winter 09:30-14:30 and 17:00-17:30, autumn 12:30-12:45."""
    assert band_at("de-mv-atypical-2025", at, "network") == band


def test_band_load_pays_a_tenth_from_8000_hours():
    """1500 kW flat: 13.14 GWh, 8760 h; 10 % of 1500 × 119.08 + 13 140 000 × 0.0109."""
    assert year_of("de-mv-band-load-2025", 1500.0) == pytest.approx(Decimal("32184.60"), abs=Decimal("0.06"))


def test_a_german_bill_of_january():
    """744 h × 100 kW: day-ahead 8.0 + 0.5 ct, network to date, levies 3.253 + 1.558 ct, value-added tax 19 %."""
    month = date(2025, 1, 1)
    prices = index("de-lu-day-ahead", month, 0.08, zone="Europe/Berlin", currency="EUR")
    found = by_charge(billed("de-mv-spot-2025", month, 100.0, ANYONE, Facts(prices=(prices,))))
    assert found == {
        "spot": Decimal("6324.00"),
        "network": Decimal("1803.29"),  # 119.08 × 100 / 12 + 74 400 × 0.0109
        "levies": Decimal("3579.38"),
        "reactive": Decimal("0.00"),
        "vat": Decimal("2224.27"),
    }


# --- Others --------------------------------------------------------------------------------------------------------


def test_distribution_charges_of_the_uk():
    """SP Distribution HV, April 2026: 22 weekdays, 8 weekend days, 100 kW and one half-hour of 600 kVA over 500."""
    grid = month_grid(date(2026, 4, 1), "Europe/London", 30)
    values = np.full(grid.n_steps, 100.0)
    supply = SupplyPoint(purchase_mode=PurchaseMode.REGULATED, capacity_kva=Decimal(500))
    record = tariff("uk-spd-hv-duos-2026")

    def of(kw) -> dict[str, Decimal]:
        load = BilledLoad(grid=grid, import_kw=kw, reactive_kvar=np.zeros(grid.n_steps))
        return amounts(bill(load, record, supply, date(2026, 4, 1)))

    assert of(values) == {
        "duos: green": Decimal("3.69"),  # 36 900 kWh
        "duos: amber": Decimal("91.77"),  # 22 × 11.5 h + 8 × 4 h
        "duos: red": Decimal("288.88"),  # 22 × 3 h
        "fixed: Fixed charge": Decimal("47.94"),
        "capacity: Agreed capacity": Decimal("1348.50"),
        "excess: Exceeded capacity": Decimal("0.00"),
        "reactive: Reactive energy": Decimal("0.00"),
    }
    values[3] = 600.0
    assert of(values)["excess: Exceeded capacity"] == Decimal("269.70")  # 100 kVA × 30 d × 0.0899


def test_smud_bills_the_twelve_months_peak():
    """1-GS-TOU3 2016, July: 20 workdays, 100 kW; 150 kW in June."""
    before = Facts(past=(PastMonth(month=date(2016, 6, 1), quantities={"site.max_demand_kw": Decimal(150)}),))
    facts = Facts(past=before.past, supplied_from=date(2016, 6, 15))
    made = by_charge(billed("us-ca-smud-gs-tou3-2016", date(2016, 7, 1), 100.0, ANYONE, facts))
    assert made == {
        "system": Decimal("104.15"),
        "energy": Decimal("9104.48"),  # 12 000 × 0.1936 + 8 000 × 0.1323 + 54 400 × 0.1052
        "site": Decimal("550.50"),
        "super_peak": Decimal("738.00"),
    }


@pytest.mark.parametrize(
    ("month", "kw", "last_summer_kw", "demand"),
    [
        (date(2012, 7, 1), 100.0, 0, "14887.50"),  # the ordinance's summer minimum for 750 kW
        (date(2012, 11, 1), 100.0, 0, "11910.00"),  # and its minimum of the other months
        (date(2012, 7, 1), 800.0, 0, "15880.00"),  # 800 × 19.85
        (date(2012, 11, 1), 500.0, 1200, "14292.00"),  # 75 % of 1200 × 15.88
    ],
)
def test_columbia_bills_at_least_three_quarters_of_the_summer(month, kw, last_summer_kw, demand):
    """Code of Ordinances 27-117: $14,887.50 / $11,910.00 for 750 kW or less, 19.85 / 15.88 above."""
    peaks = {f"{charge}.max_demand_kw": Decimal(last_summer_kw) for charge in ("demand", "summer_demand")}
    past = tuple(PastMonth(month=one, quantities=peaks) for one in months_before(month))
    made = by_charge(billed("us-mo-columbia-industrial", month, kw, ANYONE, Facts(past=past)))
    assert made["demand"] + made.get("summer_demand", Decimal(0)) == Decimal(demand)


def months_before(month: date) -> list[date]:
    return [date(month.year - (month.month <= n), (month.month - n - 1) % 12 + 1, 1) for n in range(1, 12)]


def test_hours_use_of_the_billing_demand():
    """R.O. 2012 § 715.390: 1000 kW, 720 h: 300 h at 0.07, 420 h at 0.06, $9.50/kW, $1,000."""
    made = by_charge(billed("us-mo-large-industrial-2023", date(2026, 6, 1), 1000.0, ANYONE))
    assert made == {"service": Decimal("1000.00"), "demand": Decimal("9500.00"), "energy": Decimal("46200.00")}


def test_coincident_peaks_and_a_minimum_bill():
    """62 USD/kW·a, a quarter of it at the peak of July; a small load pays the minimum of 900."""
    zone = ZoneInfo("America/Chicago")
    peak = SystemPeaks(
        system_peak_id="us-sample-4cp",
        starts=(datetime(2026, 7, 21, 16, tzinfo=zone),),
        step_min=60,
        known_from=date(2026, 1, 1),
        known_until=date(2026, 9, 1),
    )
    facts = Facts(system_peaks=(peak,), supplied_from=date(2026, 7, 1))
    at = (20 * 24 + 16) * 4
    hour = {f"s{at + n}": 400.0 for n in range(4)}
    made = by_charge(billed("us-sample-tou-ratchet-4cp", date(2026, 7, 1), 100.0, ANYONE, facts, **hour))
    assert made["transmission"] == Decimal("6200.00")
    small = billed("us-sample-tou-ratchet-4cp", date(2026, 7, 1), 1.0, ANYONE, facts)
    assert small.total == Decimal("900.00")


def test_norwegian_blocks_of_demand():
    """Tensio TS 2022, November, 450 kW: 100 × 46 + 300 × 38 + 50 × 30."""
    peak = {f"s{400 + n}": 450.0 for n in range(4)}
    made = by_charge(billed("no-tensio-ts-nmt-2022", date(2022, 11, 1), 50.0, ANYONE, **peak))
    assert made["winter_demand"] == Decimal("17500.00")
    assert made["fixed"] == Decimal("324.17")  # 3890 / 12
    assert "summer_demand" not in made


def test_the_mean_of_three_peaks_on_three_days():
    """90, 80 and 70 kW on three days, a second hour of 85 on the first: (90 + 80 + 70) / 3 × 48."""
    hours = ((0, 90.0), (5, 85.0), (24, 80.0), (48, 70.0))
    steps = {f"s{hour * 4 + n}": kw for hour, kw in hours for n in range(4)}
    made = by_charge(billed("no-sample-three-peaks", date(2026, 3, 1), 10.0, ANYONE, **steps))
    assert made["demand"] == Decimal("3840.00")


def test_every_record_names_its_document_and_none_is_official():
    for record in (*tariffs(), *(one.tariff for one in retail_packages())):
        assert record.source.document.strip()
        assert record.source.note.strip()
        assert record.status is not Status.OFFICIAL


FILES = ("test_library.py", "test_records_china.py", "test_records_abroad.py")


def test_every_record_has_its_number_here():
    """A new record brings its test: its id stands in one of these files."""
    here = Path(__file__).parent
    said = "".join((here / name).read_text(encoding="utf-8") for name in FILES)
    assert [one.tariff_id for one in tariffs() if f'"{one.tariff_id}"' not in said] == []


def test_the_next_month_is_where_the_helper_puts_it():
    assert months_before(date(2012, 11, 1))[-1] == date(2011, 12, 1)
    assert next_month(months_before(date(2012, 7, 1))[0]) == date(2012, 7, 1)
