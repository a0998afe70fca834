"""PySAM's Utilityrate5 as a peer: bills of one year for records of the U.S. Utility Rate Database.

Runs in the peers' environment. Its year has 8 760 h, begins on a Monday and knows neither clock changes nor holidays.
"""

from copy import deepcopy
from importlib.metadata import version
from typing import Any

from answering import answer, timed
from PySAM import Utilityrate5
from PySAM.UtilityRateTools import URDBv8_to_ElectricityRates

N_HOURS = 8760
PARTS = {
    "energy": "charge_wo_sys_ec_ym",
    "demand_flat": "charge_wo_sys_dc_fixed_ym",
    "demand_tou": "charge_wo_sys_dc_tou_ym",
    "fixed": "charge_wo_sys_fixed_ym",
    "minimum": "charge_wo_sys_minimum_ym",
    "total": "utility_bill_wo_sys_ym",
}
"""Parts of a month's bill and PySAM's outputs; row 0 of each is the year before the analysis."""
COLUMN_OF_PRICE = {"ur_ec_tou_mat": 4, "ur_dc_tou_mat": 3, "ur_dc_flat_mat": 3}

loads_kw: list[list[float]] = []
kept: dict[str, Any] = {}


def rates_of(record: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Give PySAM's inputs for a record, by its own converter, which changes what it is given."""
    plain = {key.lower(): deepcopy(value) for key, value in record.items()}
    return URDBv8_to_ElectricityRates(plain) | {"rate_escalation": [0], "TOU_demand_single_peak": 0} | overrides


def model_of(load_kw: list[float], rates: dict[str, Any]) -> Any:
    """Make a model with one load, no generation and one year."""
    model = Utilityrate5.new()
    model.Lifetime.assign({"analysis_period": 1, "inflation_rate": 0, "system_use_lifetime_output": 0})
    model.SystemOutput.assign({"gen": [0.0] * len(load_kw), "degradation": [0]})
    model.Load.assign({"load": load_kw, "load_escalation": [0]})
    model.ElectricityRates.assign(rates)
    return model


def executed(model: Any) -> dict[str, list[float]]:
    """Run a model and read its monthly charges. [USD]."""
    model.execute(0)
    return {part: list(getattr(model.Outputs, name)[1]) for part, name in PARTS.items()}


def load(rows_kw: list[list[float]]) -> int:
    """Take the loads that later commands bill."""
    loads_kw[:] = rows_kw
    return len(rows_kw[0])


def bill(record: dict[str, Any], row: int = 0, overrides: dict[str, Any] | None = None) -> dict[str, list[float]]:
    """Bill one load under one record. [USD]."""
    return executed(model_of(loads_kw[row], rates_of(record, overrides or {})))


def keep(record: dict[str, Any]) -> dict[str, list[float]]:
    """Keep a model of a record for timing; give the bills of the first load."""
    kept["rates"] = rates_of(record, {})
    kept["model"] = model_of(loads_kw[0], kept["rates"])
    return executed(kept["model"])


def _with_new_load(turn: int) -> None:
    kept["model"].Load.load = loads_kw[turn % len(loads_kw)]
    executed(kept["model"])


def _from_nothing(turn: int) -> None:
    executed(model_of(loads_kw[turn % len(loads_kw)], kept["rates"]))


def _execute_only(turn: int) -> None:  # noqa: ARG001 -- a turn of timed
    kept["model"].execute(0)


def time_bills(how: str, n_times: int) -> list[float]:
    """Time whole years of bills: ``new_load``, ``from_nothing`` or ``execute_only``. [s]."""
    ways = {"new_load": _with_new_load, "from_nothing": _from_nothing, "execute_only": _execute_only}
    return timed(ways[how], n_times)


def _priced(table: str, prices: list[float]) -> list[list[float]]:
    column = COLUMN_OF_PRICE[table]
    return [[*row[:column], price, *row[column + 1 :]] for row, price in zip(kept["rates"][table], prices, strict=True)]


def _variant(variant: dict[str, Any]) -> dict[str, list[float]]:
    rates = kept["model"].ElectricityRates
    rates.ur_ec_tou_mat = _priced("ur_ec_tou_mat", variant["energy"])
    rates.ur_dc_tou_mat = _priced("ur_dc_tou_mat", variant["demand_tou"])
    rates.ur_dc_flat_mat = _priced("ur_dc_flat_mat", variant["demand_flat"])
    rates.ur_monthly_fixed_charge = variant["fixed"]
    return executed(kept["model"])


def variants(prices: list[dict[str, Any]]) -> dict[str, Any]:
    """Bill the first load under several price variants; give the totals and the time of each. [USD, s]."""
    kept["model"].Load.load = loads_kw[0]
    totals: list[float] = []
    spent = timed(lambda turn: totals.append(sum(_variant(prices[turn])["total"])), len(prices))
    return {"totals": totals, "spent_s": spent}


if __name__ == "__main__":
    answer(
        {
            "version": lambda: version("NREL-PySAM"),
            "load": load,
            "bill": bill,
            "keep": keep,
            "time_bills": time_bills,
            "variants": variants,
        }
    )
