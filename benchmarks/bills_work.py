"""The work that ``benchmarks.bills`` times, and our side of it: one tariff, several loads, many price variants."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Self

import numpy as np

from domain.noun import noun
from domain.tariffs import BilledLoad, Tariff, bills
from domain.tariffs.repricing import BillEngine, PriceKey
from domain.time import TimeGrid
from tests import pysam_year
from tests.pysam_year import STANDARD, SUPPLY

LABEL = "68c0cb49"
"""SMUD CI-TOD4: five energy periods, flat and peak demand, a fixed charge; both peers can price all of it."""
N_LOADS = 5
SEED = 20120229
N_MONTHS = 12
Variant = dict[str, Any]
"""Prices of the record's structures by name, each a list by period (``fixed``: one number). [USD / unit]"""


@noun(eq=False)
class Work:
    """What all three bill, and how we do it."""

    record: dict[str, Any]
    tariff: Tariff
    grid: TimeGrid
    """A year that begins on a Monday, in standard time: PySAM's."""
    loads_kw: np.ndarray
    """Shape (N_LOADS, n_steps): the plant's 2012, and the same with noise. [kW]"""
    engine: BillEngine
    variants: list[Variant]
    prices: np.ndarray
    """The variants in the order of the engine's keys, shape (n_variants, n_keys)."""

    @classmethod
    def made(cls, n_variants: int) -> Self:
        """Take the plant's year, SMUD CI-TOD4, and prices up to 20 % off."""
        random = np.random.default_rng(SEED)
        record = pysam_year.record(LABEL)
        tariff = replace(pysam_year.tariff_of(record), zone=STANDARD)
        year_kw = pysam_year.without_29_february(pysam_year.manufacturer_kw())
        noise = random.uniform(0.8, 1.2, (N_LOADS - 1, year_kw.size))
        grid = TimeGrid.of_local_days(date(2018, 1, 1), 365, STANDARD)
        engine = BillEngine(tariff, SUPPLY, grid)
        variants = [variant(record, random) for _ in range(n_variants)]
        return cls(
            record=record,
            tariff=tariff,
            grid=grid,
            loads_kw=np.vstack([year_kw, year_kw * noise]),
            engine=engine,
            variants=variants,
            prices=np.array([[price_of(key, one) for key in engine.keys] for one in variants]),
        )

    @property
    def pysam_prices(self) -> list[Variant]:
        """The variants as PySAM's tables want them: flat demand by month."""
        months = self.record["flatdemandmonths"]
        return [one | {"demand_flat": [one["demand_flat"][period] for period in months]} for one in self.variants]

    @property
    def eeco_prices(self) -> list[dict[str, float]]:
        """The variants by the names that the other peer's charges have."""
        return [
            {f"energy_p{period}": price for period, price in enumerate(one["energy"])}
            | {f"demand_p{period}": price for period, price in enumerate(one["demand_tou"])}
            | {f"demand_flat{period}": price for period, price in enumerate(one["demand_flat"])}
            | {"customer_fixed": one["fixed"]}
            for one in self.variants
        ]

    def load(self, turn: int) -> BilledLoad:
        """Give one of the loads as a noun, checked and copied."""
        return BilledLoad(grid=self.grid, import_kw=self.loads_kw[turn % N_LOADS])

    def month_totals(self, turn: int) -> np.ndarray:
        """Give the year's months under the tariff's own prices. [USD]."""
        return self.engine.month_amounts(self.load(turn))[0]

    def new_load(self, turn: int) -> np.ndarray:
        """Bill a load that was not seen before, with the tariff compiled for its year."""
        return self.month_totals(turn)

    def from_nothing(self, n_times: int) -> list[float]:
        """Time compiling the tariff and billing a load, nothing of the calendar being known. [s]."""
        spent = []
        for turn in range(n_times):
            forget_calendars()
            start = time.perf_counter()
            BillEngine(self.tariff, SUPPLY, self.grid).month_amounts(self.load(turn))
            spent.append(time.perf_counter() - start)
        return spent

    def lines(self, turn: int) -> object:
        """Make the twelve bills to the cent, line by line with rules in two languages."""
        return bills(self.load(turn), self.tariff, SUPPLY)

    def reprice(self, turn: int) -> np.ndarray:
        """Measure a load once and bill it under every variant, shape (n_variants, 12). [USD]."""
        measured = self.engine.measure(self.load(turn))
        return self.engine.month_totals(self.engine.reprice(measured, self.prices))

    def variant_totals(self) -> np.ndarray:
        """Give the first load's year under every variant, by re-pricing. [USD]."""
        return self.reprice(0).sum(axis=1)

    def variant_totals_one_by_one(self, chosen: slice) -> np.ndarray:
        """Give the same for some variants by the exact bills of a tariff of its own each. [USD]."""
        tariffs = [pysam_year.tariff_of(self.record | repriced(self.record, one)) for one in self.variants[chosen]]
        made = [bills(self.load(0), replace(tariff, zone=STANDARD), SUPPLY) for tariff in tariffs]
        return np.array([float(sum(one.exact_total for one in year)) for year in made])


STRUCTURES = {
    "energy": "energyratestructure",
    "demand_tou": "demandratestructure",
    "demand_flat": "flatdemandstructure",
}


def variant(record: dict[str, Any], random: np.random.Generator) -> Variant:
    """Draw every price of a record within 20 %, to six decimals."""

    def near(price: float) -> float:
        return round(price * random.uniform(0.8, 1.2), 6)

    drawn: Variant = {
        name: [near(tiers[0]["rate"] + tiers[0].get("adj", 0)) for tiers in record[field]]
        for name, field in STRUCTURES.items()
    }
    return drawn | {"fixed": near(record["fixedchargefirstmeter"])}


def repriced(record: dict[str, Any], prices: Variant) -> dict[str, Any]:
    """Give a record's fields with a variant's prices."""
    fields: dict[str, Any] = {
        field: [
            [{"rate": price, "unit": tiers[0].get("unit", "kW")}]
            for tiers, price in zip(record[field], prices[name], strict=True)
        ]
        for name, field in STRUCTURES.items()
    }
    return fields | {"fixedchargefirstmeter": prices["fixed"]}


def price_of(key: PriceKey, prices: Variant) -> float:
    """Give a variant's price for one of the engine's keys, such as ``energy`` of ``period_3``."""
    if key.charge_id == "fixed":
        return float(prices["fixed"])
    if key.charge_id == "energy":
        return float(prices["energy"][int(key.label.rsplit("_", 1)[1])])
    kind, period = key.charge_id.rsplit("_", 1)
    return float(prices[{"flat_demand": "demand_flat", "tou_demand": "demand_tou"}[kind]][int(period)])


def different_by(left: Any, right: Any) -> float:
    """Give the greatest difference of two rows of amounts. [USD]."""
    return float(np.abs(np.asarray(left) - np.asarray(right)).max())


def forget_calendars() -> None:
    """Empty every cache of the domain, so that a bill begins from nothing."""
    for cached in _caches():
        cached.cache_clear()


def _caches() -> Iterator[Any]:
    for name, module in list(sys.modules.items()):
        if name.split(".", 1)[0] == "domain":
            yield from (found for found in vars(module).values() if hasattr(found, "cache_clear"))
