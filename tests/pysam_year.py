"""The manufacturer's 2012 on its way into PySAM's year, and our bills of it part by part.

PySAM's year has 8 760 h, begins on a Monday and knows no clock changes. A bill is therefore made four times, each
time one thing nearer to PySAM's year, so that each difference has one cause.
"""

import gzip
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from domain.files.urdb import read_urdb
from domain.files.urdb_options import UrdbOptions
from domain.tariffs import Bill, BilledLoad, PurchaseMode, SupplyPoint, Tariff, bills
from domain.time import TimeGrid
from tests.realdata import REAL_DATA

LOCAL, STANDARD = "America/Los_Angeles", "Etc/GMT+8"
N_STEPS_A_DAY = 96
N_DAYS_TO_MARCH = 59
"""Days of January and February without the 29th."""
LIKE_2012_TO_FEBRUARY, LIKE_2012_FROM_MARCH = 2017, 2018
"""Common years with the weekdays of 2012 before and after its 29 February; the second begins on a Monday."""
SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.REGULATED)
PARTS = ("fixed", "energy", "demand", "minimum")
Parts = dict[str, np.ndarray]
"""Amounts per month, shape (12,), by part of the bill. [USD]"""

EXTRAS = {"53ac8daa": ("demandattrs",), "55fc81d7": ("energyattrs", "demandattrs"), "5cef0a41": ("demandattrs",)}
"""Discounts of other voltages and a power factor's rate in free words: the plant's contract has none of them."""
AT_THE_GRIDS_PEAK = ("coincidentratestructure", "coincidentrateunit", "coincidentschedule")
"""PECO's transmission charge: PySAM does not read it, and nobody says when the grid's peaks of 2012 were."""


class Year(Enum):
    """Whose year a load is billed in."""

    METERED = "local clock with its changes, 29 February"
    STANDARD_TIME = "standard time all year"
    COMMON = "and no 29 February"
    PYSAM = "and 1 January a Monday"


@cache
def manufacturer_kw() -> np.ndarray:
    """Give the plant's 2012 (the same instants on the local clock and in standard time). [kW]."""
    with gzip.open(REAL_DATA / "normalised" / "manufacturer.csv.gz") as file:
        meter = pd.read_csv(file)
    stamps = pd.to_datetime(meter["start_utc"])
    year = (stamps >= pd.Timestamp("2012-01-01", tz=LOCAL)) & (stamps < pd.Timestamp("2013-01-01", tz=LOCAL))
    return meter["energy_kwh"].to_numpy(dtype=np.float64)[year.to_numpy()] * 4


def without_29_february(year_kw: np.ndarray) -> np.ndarray:
    """Give PySAM's 365 days. [kW]."""
    first = N_DAYS_TO_MARCH * N_STEPS_A_DAY
    return np.delete(year_kw, slice(first, first + N_STEPS_A_DAY))


def on_the_wall_clock(year_kw: np.ndarray) -> np.ndarray:
    """Give PySAM's 365 days as the local clock showed them: an hour of March at 0, two hours of November in one. [kW]."""
    grid = TimeGrid.of_local_days(date(2012, 1, 1), 366, LOCAL)
    local = grid.local_starts(LOCAL).tz_localize(None)
    shown = pd.Series(year_kw, index=local).groupby(level=0).sum()
    every = pd.date_range("2012-01-01", "2012-12-31 23:45", freq="15min")
    return without_29_february(shown.reindex(every, fill_value=0.0).to_numpy())


def record(label: str) -> dict[str, Any]:
    """Give one URDB record of the optional real-data folder by the start of its label."""
    (path,) = (REAL_DATA / "tariffs_urdb").glob(f"{label}*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def tariff_of(plain: dict[str, Any]) -> Tariff:
    """Read a record as a tariff of any year."""
    held = {key: value for key, value in plain.items() if key not in AT_THE_GRIDS_PEAK}
    options = UrdbOptions(absent=EXTRAS.get(str(plain.get("label"))[:8], ()))
    source = json.dumps(held).encode()
    reading = read_urdb(source, zone=LOCAL, country=None, valid_from=date(2000, 1, 1), options=options)
    assert isinstance(reading.tariff, Tariff)
    return replace(reading.tariff, valid_until=None)


def _days(first: date, days_kw: np.ndarray, zone: str) -> BilledLoad:
    grid = TimeGrid.of_local_days(first, len(days_kw) // N_STEPS_A_DAY, zone)
    return BilledLoad(grid=grid, import_kw=days_kw, power_factor=Decimal(1))


def loads(year: Year) -> tuple[BilledLoad, ...]:
    """Give the load in one of the four years, as consecutive parts."""
    year_kw = manufacturer_kw()
    common_kw = without_29_february(year_kw)
    edge = N_DAYS_TO_MARCH * N_STEPS_A_DAY
    match year:
        case Year.METERED | Year.STANDARD_TIME:  # the same instants under two clocks
            return (_days(date(2012, 1, 1), year_kw, LOCAL),)
        case Year.COMMON:
            return (
                _days(date(LIKE_2012_TO_FEBRUARY, 1, 1), common_kw[:edge], STANDARD),
                _days(date(LIKE_2012_FROM_MARCH, 3, 1), common_kw[edge:], STANDARD),
            )
        case Year.PYSAM:
            return (_days(date(LIKE_2012_FROM_MARCH, 1, 1), common_kw, STANDARD),)


def our_bills(tariff: Tariff, year: Year) -> tuple[Bill, ...]:
    """Bill the twelve months of one of the four years."""
    zone = LOCAL if year is Year.METERED else STANDARD
    held = replace(tariff, zone=zone)
    return tuple(one for load in loads(year) for one in bills(load, held, SUPPLY))


def parts_of(made: tuple[Bill, ...], *, rounded: bool = False) -> Parts:
    """Give the bills' amounts by part, before rounding unless asked for. [USD]."""
    found = {part: np.zeros(len(made)) for part in PARTS}
    for month, one in enumerate(made):
        for line in one.lines:
            amount = line.amount if rounded else line.exact_amount
            found.setdefault(line.kind, np.zeros(len(made)))[month] += float(amount)
    return found
