"""Every URDB rate of the optional real-data folder is read or refused by name."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.files.clauses import UnpricedClauseError
from domain.files.urdb import read_urdb
from domain.files.urdb_options import UrdbOptions
from domain.tariffs import BilledLoad, PurchaseMode, Rounding, SupplyPoint, Tariff
from domain.tariffs.billing import bill
from domain.tariffs.facts import Facts, PastMonth
from domain.time import TimeGrid
from tests.realdata import REAL_DATA

RATES = REAL_DATA / "tariffs_urdb"
SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.REGULATED)
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not RATES.is_dir(), reason="the optional real-data folder is absent"),
]

READ = {
    "674e0b87": "fixed energy flat_demand_0 tou_demand_1 tou_demand_2 reactive",
    "6757525f": "fixed energy flat_demand_0 reactive",
    "6776f983": "fixed energy tou_demand_0 tou_demand_1",
    "6776fc80": "fixed energy flat_demand_0 minimum",
    "68c0ca32": "fixed energy flat_demand_0 tou_demand_1",
    "68c0cb49": "fixed energy flat_demand_0 tou_demand_1",
    "leap_year": "fixed energy flat_demand_1 tou_demand_2",
    "multi_tier": "fixed energy tou_demand_1",
    "subhourly": "fixed energy flat_demand_0 flat_demand_1 tou_demand_0",
    "tiered_energy": "energy tou_demand_0",
    "tiered_tou": "energy tou_demand_0",
}
REFUSED = {
    "53ac8daa": ("Discount for service at 33,000 volts per kW", "demandattrs"),
    "55fc81d7": ("California Climate credit", "Time Voltage Discount >220 kV"),
    "5cef0a41": ("Power-Factor-Adjustment-Rate-$ = 0.00005",),
    "customRate": ("tiers_count: period",),
}
OPTIONS = {
    "53ac8daa": ({"absent": ("demandattrs",)}, "fixed energy flat_demand_0 coincident_0"),
    "55fc81d7": ({"absent": ("demandattrs", "energyattrs")}, "fixed energy flat_demand_0 tou_demand_1 tou_demand_2"),
    "5cef0a41": (
        {"absent": ("Power-Factor-Adjustment-Rate-$",)},
        "fixed energy flat_demand_0 tou_demand_1 tou_demand_2 tou_demand_3",
    ),
    "customRate": ({"tiers_count": "period"}, "energy tou_demand_1 tou_demand_2 tou_demand_3"),
}


def ids(label: str, **options: object) -> str:
    (file,) = RATES.glob(f"{label}*.json")
    starts_on = date(2025, 1, 1) if "_test" in file.name else None  # made for tests, without a start date
    reading = read_urdb(file, zone="America/New_York", valid_from=starts_on, options=UrdbOptions(**options))  # type: ignore[arg-type]
    return " ".join(charge.charge_id for charge in reading.tariff.charges)


def test_every_file_has_its_answer_here() -> None:
    labels = [file.name for file in RATES.glob("*.json") if file.name != "reopt_test_vectors.json"]
    known = tuple(READ | REFUSED)
    assert [name for name in labels if not name.startswith(known)] == []
    assert len(labels) == len(known)


@pytest.mark.parametrize("label", READ)
def test_rates_that_can_be_priced_are_read(label: str) -> None:
    assert ids(label) == READ[label]


@pytest.mark.parametrize("label", REFUSED)
def test_rates_that_cannot_are_refused_by_name(label: str) -> None:
    with pytest.raises(UnpricedClauseError) as caught:
        ids(label)
    for clause in REFUSED[label]:
        assert clause in caught.value.say()


@pytest.mark.parametrize("label", OPTIONS)
def test_and_read_once_told_what_the_file_does_not_say(label: str) -> None:
    options, expected = OPTIONS[label]
    assert ids(label, **options) == expected


def test_smuds_ci_tod4_is_read_in_full_and_billed_as_by_hand() -> None:
    (file,) = RATES.glob("68c0cb49*.json")
    tariff = read_urdb(file, zone="America/Los_Angeles").tariff
    import_kw = np.full(2880, 1200.0)
    import_kw[96 + 14 * 4] = 1500.0  # Monday 2 June, 14:00
    grid = TimeGrid.of_local_days(date(2025, 6, 1), 30, "America/Los_Angeles")
    made = bill(BilledLoad(grid=grid, import_kw=import_kw), tariff, SUPPLY, date(2025, 6, 1))
    # 21 weekdays x 5 h: 126 000 kWh at 0.2370; the rest, 738 075 kWh, at 0.1154; 1500 kW x 5.539; 1200 kW x 11.609
    assert made.amount_of("energy") == Decimal("29862.00") + Decimal("85173.86")
    assert made.amount_of("demand") == Decimal("8308.50") + Decimal("13930.80")
    assert made.total == Decimal("141172.56")
    assert tariff.valid_from == date(2025, 5, 1)


def year_of(hourly_kw: np.ndarray, tariff: Tariff, **facts: Any) -> list[dict[str, Decimal]]:
    """Bill each month of 2022 (no leap day) by kind of charge, without rounding to cents."""
    exact = replace(tariff, rounding=Rounding(amount_decimals=8))
    grid = TimeGrid.of_local_days(date(2022, 1, 1), 365, "UTC")
    load = BilledLoad(grid=grid, import_kw=np.repeat(hourly_kw, 4), facts=Facts(**facts))
    bills = [bill(load, exact, SUPPLY, date(2022, month, 1)) for month in range(1, 13)]
    return [{kind: made.amount_of(kind) for kind in ("energy", "demand")} for made in bills]


def in_2022(source: Path | bytes) -> Tariff:
    tariff = read_urdb(source, zone="UTC", country=None, valid_from=date(2022, 1, 1)).tariff
    assert isinstance(tariff, Tariff)
    return tariff


def one(label: str) -> Path:
    (file,) = RATES.glob(f"{label}*.json")
    return file


@pytest.mark.parametrize("load_kw", [200.0, 50.0, 30.0])
def test_tiered_demand_by_time_of_use_as_reopt_prints_it(load_kw: float) -> None:
    # vectors of REopt.jl: 12 x (50 kW free, the rest at 12)
    owed = sum(month["demand"] for month in year_of(np.full(8760, load_kw), in_2022(one("tiered_tou"))))
    assert owed == 12 * max(0, Decimal(load_kw) - 50) * 12


def test_tiered_energy_and_demand_as_pysam_bills_them() -> None:
    # PySAM Utilityrate5 at 200 kW all year: January 148 800 kWh = 74 400 x .1 + 74 400 x .05, 100 x 10 + 100 x 5
    months = year_of(np.full(8760, 200.0), in_2022(one("tiered_energy")))
    assert (months[0]["energy"], months[0]["demand"]) == (Decimal(11160), Decimal(1500))
    # February, 134 400 kWh: by hand
    assert months[1]["energy"] == Decimal(7440) + 60_000 * Decimal("0.05")


def test_a_ratchet_over_named_months_as_reopt_prints_it() -> None:
    vectors = json.loads((RATES / "reopt_test_vectors.json").read_text())["vectors"]
    (vector,) = [found for found in vectors if found["id"] == "ratchet_named_months"]
    hourly_kw = np.full(8760, float(vector["load"]["base_kw"]))
    for hour, kw in vector["load"]["set"].items():
        hourly_kw[int(hour) - 1] = kw
    prices = vector["monthly_demand_rates"]
    record = {
        "energyratestructure": [[{"rate": 0}]],
        "energyweekdayschedule": [[0] * 24] * 12,
        "energyweekendschedule": [[0] * 24] * 12,
        "flatdemandstructure": [[{"rate": price}] for price in prices],
        "flatdemandmonths": list(range(12)),
        "lookbackPercent": vector["lookback_percent"],
        "lookbackMonths": vector["lookback_months"],
    }
    tariff = in_2022(json.dumps(record).encode())
    # the vector's year is a circle: January looks back at the April and December of a year like it
    peaks = {month: Decimal(100) for month in range(1, 13)} | {
        1: Decimal(200),
        4: Decimal(400),
        6: Decimal(500),
        12: Decimal(300),
    }
    past = tuple(
        PastMonth(
            month=date(2021, month, 1),
            quantities={f"{charge.charge_id}.max_demand_kw": peak for charge in tariff.charges},
        )
        for month, peak in peaks.items()
    )
    owed = [month["demand"] for month in year_of(hourly_kw, tariff, past=past)]
    assert owed == [kw * price for kw, price in zip(vector["expect"]["billed_kw"], prices, strict=True)]
    assert sum(owed) == vector["expect"]["annual_demand_cost"]
