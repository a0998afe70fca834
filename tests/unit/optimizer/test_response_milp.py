"""Another solver on an on/off formulation of its own finds nothing cheaper."""

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import lil_array

from domain.offers import ResponseProblem
from domain.plant import (
    Battery,
    Flow,
    ModulatingLoad,
    Pv,
    ShiftEnergy,
    Store,
    StoreDraw,
)
from tests.optimizer_answers import best_cost
from tests.optimizer_cases import (
    demand,
    grid,
    hour,
    machine,
    plan,
    problem,
    site,
    task,
    terms,
)

HOURS = np.arange(24)
TOU = np.where(HOURS < 8, 0.3, np.where((HOURS >= 18) & (HOURS < 22), 1.2, 0.7))


def continuous_problem(seed: int) -> ResponseProblem:
    """Make a plant with battery, PV, a modulating load, a store and one task of many runs."""
    random = np.random.default_rng(1000 + seed)
    horizon = grid()
    return problem(
        horizon,
        base_kw=random.uniform(80, 140, 24),
        site=site(
            import_limit_kw=420.0,
            export_limit_kw=float(random.choice([0.0, 25.0])),
            batteries=(
                Battery(
                    battery_id="B",
                    capacity_kwh=150.0,
                    max_charge_kw=40.0,
                    max_discharge_kw=60.0,
                    charge_eff=0.95,
                    discharge_eff=0.91,
                    soc_start_kwh=50.0,
                    wear_cost_per_kwh=0.02,
                ),
            ),
            pv=(Pv(pv_id="G", daily_kw=(0.0,) * 8 + tuple(random.uniform(20, 170, 8)) + (0.0,) * 8),),
        ),
        plan=plan(
            horizon,
            machines=(machine("M"),),
            stores=(
                Store(
                    store_id="I",
                    name="silo",
                    unit="t",
                    max_level=30.0,
                    start_level=14.0,
                    draws=tuple(StoreDraw(at=hour(h), quantity=2.0) for h in range(6, 18)),
                ),
            ),
            tasks=(task("K", 150.0, 2, "M", count=3, flows=(Flow(store_id="I", quantity=8.0, when="end"),)),),
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="chiller",
                    min_kw=5.0,
                    max_kw=70.0,
                    shifts=(ShiftEnergy(start=hour(4), end=hour(16), energy_kwh=300.0),),
                ),
            ),
        ),
        terms=terms(horizon, TOU, (demand(horizon, price_per_kw=6.0, other_peak_kw=np.array([150.0, 260.0])),)),
    )


def cheapest_by_milp(asked: ResponseProblem) -> float:
    """State the same plant by hand as arrays: starts, import, export, charge, discharge, energy, PV, load, level, peaks."""
    n = 24
    names = ["x", "i", "o", "c", "d", "e", "u", "p", "l"]
    at = {name: number * n for number, name in enumerate(names)}
    n_columns = len(names) * n + 2
    battery, sun, load, silo = (
        asked.site.batteries[0],
        asked.site.pv[0],
        asked.plan.modulating_loads[0],
        asked.plan.stores[0],
    )
    cost, least, most = np.zeros(n_columns), np.zeros(n_columns), np.full(n_columns, np.inf)
    cost[at["i"] : at["i"] + n] = TOU
    cost[at["d"] : at["d"] + n] = battery.wear_cost_per_kwh
    cost[-2:] = 6.0 / 2
    least[-2:] = (150.0, 260.0)
    for name, limit in (
        ("x", 1),
        ("i", 420.0),
        ("o", asked.site.export_limit_kw),
        ("c", 40.0),
        ("d", 60.0),
        ("e", 150.0),
        ("l", 30.0),
    ):
        most[at[name] : at[name] + n] = limit
    most[at["u"] : at["u"] + n] = sun.daily_kw
    most[at["x"] + 23] = 0  # a run of two hours from 23 does not end within the day
    most[at["p"] : at["p"] + n] = 0
    least[at["p"] + 4 : at["p"] + 16], most[at["p"] + 4 : at["p"] + 16] = load.min_kw, load.max_kw
    least[at["e"] + n - 1], least[at["l"] + n - 1] = 50.0, 14.0
    rows: list[tuple[dict[int, float], float, float]] = []
    for t in range(n):
        on = [s for s in (t - 1, t) if s >= 0]
        rows.append(({at["x"] + s: 1.0 for s in on}, 0, 1))
        balance = {at["i"] + t: 1.0, at["o"] + t: -1, at["c"] + t: -1, at["d"] + t: 1, at["u"] + t: 1, at["p"] + t: -1}
        rows.append((balance | {at["x"] + s: -150.0 for s in on}, asked.base_kw[t], asked.base_kw[t]))
        energy = {at["e"] + t: 1.0, at["c"] + t: -0.95, at["d"] + t: 1 / 0.91} | ({at["e"] + t - 1: -1.0} if t else {})
        rows.append((energy, 0 if t else 50.0, 0 if t else 50.0))
        drawn = 2.0 if 6 <= t < 18 else 0.0
        level = {at["l"] + t: 1.0} | ({at["l"] + t - 1: -1.0, at["x"] + t - 1: -8.0} if t else {})
        rows.append((level, -drawn if t else silo.start_level, -drawn if t else silo.start_level))
        rows += [({n_columns - 2 + k: 1.0, at["i"] + t: -1.0}, 0, np.inf) for k in range(2)]
    rows.append(({at["x"] + t: 1.0 for t in range(n)}, 3, 3))
    rows.append(({at["p"] + t: 1.0 for t in range(n)}, 300, 300))
    matrix = lil_array((len(rows), n_columns))
    for number, (entries, _, _) in enumerate(rows):
        for column, entry in entries.items():
            matrix[number, column] = entry
    integrality = np.zeros(n_columns)
    integrality[:n] = 1
    solved = milp(
        cost,
        constraints=LinearConstraint(matrix.tocsr(), [row[1] for row in rows], [row[2] for row in rows]),
        bounds=(least, most),
        integrality=integrality,
        options={"mip_rel_gap": 0},
    )
    assert solved.success
    return float(solved.fun)


@pytest.mark.parametrize("seed", range(6))
def test_another_solver_finds_nothing_cheaper(seed: int):
    asked = continuous_problem(seed)
    assert best_cost(asked) == pytest.approx(cheapest_by_milp(asked), rel=2e-6)
