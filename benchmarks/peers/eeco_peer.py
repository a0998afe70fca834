"""The package electric-emission-cost as a peer: bills of one year for records of the U.S. Utility Rate Database.

Runs in the peers' environment. A record becomes the package's own table (a row per charge, window and block); each
month is one call of the package, with naive stamps of a year that begins on a Monday.
"""

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pandas as pd
from answering import answer, timed
from electric_emission_cost import costs

STARTS = [*(datetime(2018, month, 1) for month in range(1, 13)), datetime(2019, 1, 1)]  # noqa: DTZ001 -- naive stamps
N_HOURS, N_DAYS = 24, 7
PARTS = ("customer", "energy", "demand")

loads_kw: list[Any] = []
kept: dict[str, Any] = {}


def _row(kind: str, name: str, price: float, window: tuple[float, ...], limit: float) -> dict[str, Any]:
    places = ("month_start", "month_end", "weekday_start", "weekday_end", "hour_start", "hour_end")
    return {
        "utility": "electric",
        "type": kind,
        "period": name,
        "basic_charge_limit (metric)": limit,
        "charge (metric)": price,
        **dict(zip(places, window, strict=True)),
    }


def _tiers(period: list[dict[str, Any]]) -> Iterator[tuple[float, float]]:
    """Give each block's lower limit and price."""
    lower = 0.0
    for tier in period:
        yield lower, tier.get("rate", 0) + tier.get("adj", 0)
        lower = tier.get("max", 0.0)


def _windows(weekday: list[list[int]], weekend: list[list[int]]) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Give each period's windows: months, weekdays, hours."""
    days = list(zip(weekday, weekend, strict=True))
    for same, group in groupby(range(len(days)), key=lambda month: days[month]):
        months = [month + 1 for month in group]
        for hours, span in zip(same, ((0, 4), (5, 6)), strict=True):
            for period, run in groupby(range(N_HOURS), key=lambda hour, hours=hours: hours[hour]):
                held = list(run)
                yield period, (months[0], months[-1], *span, held[0], held[-1] + 1)


def table_of(record: dict[str, Any]) -> pd.DataFrame:
    """Give the package's table for a record; prices of zero are left out."""
    plain = {key.lower(): value for key, value in record.items()}
    rows = [_row("customer", "fixed", plain.get("fixedchargefirstmeter", 0.0), (np.nan,) * 6, 0.0)]
    for kind in ("energy", "demand"):
        structure = plain.get(f"{kind}ratestructure", [])
        for period, window in _windows(plain[f"{kind}weekdayschedule"], plain[f"{kind}weekendschedule"]):
            rows += [_row(kind, f"p{period}", price, window, lower) for lower, price in _tiers(structure[period])]
    for month, period in enumerate(plain.get("flatdemandmonths", []), start=1):
        window = (month, month, 0, N_DAYS - 1, 0, N_HOURS)
        rows += [
            _row("demand", f"flat{period}", price, window, lower)
            for lower, price in _tiers(plain["flatdemandstructure"][period])
        ]
    return pd.DataFrame([row for row in rows if row["charge (metric)"]])


def charge_dicts(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the package's charge arrays of each month, from the rows in force in it."""
    found = []
    for month, (start, end) in enumerate(pairwise(STARTS), start=1):
        held = (table.type == "customer") | ((table.month_start <= month) & (table.month_end >= month))
        found.append(costs.get_charge_dict(start, end, table[held], resolution="15m"))
    return found


def month_of(load_kw: Any, month: int) -> Any:
    """Give one month (from 0) of a load. [kW]."""
    first, stop = ((STARTS[edge] - STARTS[0]).days * N_HOURS * 4 for edge in (month, month + 1))
    return load_kw[first:stop]


def cost_of(charges: dict[str, Any], load_kw: Any, kinds: tuple[str, ...] | None = None) -> float:
    """Give one month's cost. [USD]."""
    return float(costs.calculate_cost(charges, {"electric": load_kw}, resolution="15m", desired_charge_type=kinds)[0])


def _year(months: list[dict[str, Any]], load_kw: Any) -> list[float]:
    return [cost_of(charges, month_of(load_kw, month)) for month, charges in enumerate(months)]


def load(rows_kw: list[list[float]]) -> int:
    """Take the loads that later commands bill."""
    loads_kw[:] = [np.array(row_kw) for row_kw in rows_kw]
    return len(loads_kw[0])


def keep(record: dict[str, Any]) -> dict[str, list[float]]:
    """Keep a record's charge arrays for timing; give the bills of the first load. [USD]."""
    kept["table"] = table_of(record)
    kept["months"] = charge_dicts(kept["table"])
    kept["units"] = charge_dicts(kept["table"].assign(**{"charge (metric)": 1.0}))
    return {
        part: [cost_of(one, month_of(loads_kw[0], month), (part,)) for month, one in enumerate(kept["months"])]
        for part in PARTS
    } | {"total": _year(kept["months"], loads_kw[0])}


def _with_new_load(turn: int) -> None:
    _year(kept["months"], loads_kw[turn % len(loads_kw)])


def _from_nothing(turn: int) -> None:
    _year(charge_dicts(kept["table"]), loads_kw[turn % len(loads_kw)])


def time_bills(how: str, n_times: int) -> list[float]:
    """Time whole years of bills: ``new_load`` (charge arrays kept) or ``from_nothing``. [s]."""
    return timed({"new_load": _with_new_load, "from_nothing": _from_nothing}[how], n_times)


def _variant(prices: dict[str, float]) -> list[float]:
    priced = [
        {key: array * prices["_".join(key.split("_")[1:3])] for key, array in month.items()} for month in kept["units"]
    ]
    return _year(priced, loads_kw[0])


def variants(prices: list[dict[str, float]]) -> dict[str, Any]:
    """Bill the first load under price variants (by type_name); give the totals and the time of each. [USD, s]."""
    totals: list[float] = []
    spent = timed(lambda turn: totals.append(sum(_variant(prices[turn]))), len(prices))
    return {"totals": totals, "spent_s": spent}


if __name__ == "__main__":
    answer(
        {
            "version": lambda: version("electric-emission-cost"),
            "load": load,
            "keep": keep,
            "time_bills": time_bills,
            "variants": variants,
        }
    )
