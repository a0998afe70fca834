"""Bills of real US tariffs on a real factory meter, against bills that others worked out.

The vectors give customer, energy and demand parts of 100 monthly bills by two separate programs: the open package
electric-emission-cost, and a calculation without tiers. Where both agree, so must we; where a tariff has tiers the
package alone speaks, by the rule that its limits start marginal blocks, on the month's kWh and on the peak of the
charge's own window.
"""

import csv
import gzip
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pytest

from domain.files.clauses import UnpricedClauseError
from domain.files.us_workbook import UsBook, UsOptions, read_us_workbook, us_book
from domain.tariffs import BilledLoad, PurchaseMode, Rounding, SupplyPoint, Tariff
from domain.tariffs.billing import bill
from domain.time import TimeGrid
from tests.realdata import REAL_DATA

ZONE = "America/Los_Angeles"
VECTORS = REAL_DATA / "bill_vectors" / "wwtp50_x_manufacturer_2012.csv"
SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.REGULATED)
PARTS = {"customer": "fixed", "energy": "energy", "demand": "demand"}
CENT = Decimal("0.005")
OVERLAPPING = "39002093001"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.slow,
    pytest.mark.skipif(not VECTORS.is_file(), reason="the optional real-data folder is absent"),
]


@lru_cache(maxsize=1)
def book() -> UsBook:
    return us_book(REAL_DATA / "tariffs_wwtp_us" / "WWTP_Billing.xlsx")


@lru_cache(maxsize=60)
def tariff(sheet: str) -> Tariff:
    """Read a sheet for 2012, with more decimals than a cent so that no rounding hides a difference."""
    options = UsOptions(zone=ZONE, valid_from=date(2012, 1, 1), uncovered="free")
    read = read_us_workbook(book(), sheet, options=options).tariff
    assert isinstance(read, Tariff)
    return replace(read, rounding=Rounding(amount_decimals=6))


@lru_cache(maxsize=1)
def meter() -> BilledLoad:
    with gzip.open(REAL_DATA / "normalised" / "manufacturer.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    starts = [row["start_utc"] for row in rows]
    import_kw = np.array([float(row["energy_kwh"]) * 4 for row in rows])
    grid = TimeGrid.of_local_days(date(2012, 1, 1), 366, ZONE)
    first = starts.index(f"{grid.start:%Y-%m-%dT%H:%M:%SZ}")
    return BilledLoad(grid=grid, import_kw=import_kw[first : first + grid.n_steps])


def vectors() -> list[dict[str, str]]:
    if not VECTORS.is_file():
        return []
    with VECTORS.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


ROWS = {f"{row['cwns_no']}-{row['month']}": row for row in vectors()}


@pytest.mark.parametrize("name", [name for name in ROWS if not name.startswith(OVERLAPPING)])
def test_each_part_of_each_bill_is_the_vectors_to_the_cent(name: str) -> None:
    row = ROWS[name]
    made = bill(meter(), tariff(row["cwns_no"]), SUPPLY, date.fromisoformat(row["month"] + "-01"))
    for part, kind in PARTS.items():
        amount = made.amount_of(kind)
        assert abs(amount - Decimal(row[f"eeco_{part}"])) < CENT, (part, amount, row[f"eeco_{part}"])
        if row[f"agree_{part}"] == "True":
            assert abs(amount - Decimal(row[f"own_{part}"])) < CENT, (part, amount, row[f"own_{part}"])


def test_the_sheet_that_overlaps_itself_is_refused_by_its_rows() -> None:
    with pytest.raises(UnpricedClauseError, match="rows 4, 5, 6, 7 of the demand period 'maximum'"):
        tariff(OVERLAPPING)


def test_the_vectors_are_all_there() -> None:
    assert len(ROWS) == 100
    assert sum(row["tiered"] == "True" for row in ROWS.values()) == 8
    untiered = [row for row in ROWS.values() if row["tiered"] == "False"]
    assert all(row["agree_customer"] == row["agree_energy"] == "True" for row in untiered)
