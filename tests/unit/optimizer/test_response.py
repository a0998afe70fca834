"""The oracle against enumeration, another solver, and cases a person can work out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import lil_array

from domain.offers import ResponseProblem, SolveOptions
from domain.plant import (
    Battery,
    Flow,
    ModulatingLoad,
    Order,
    Precedence,
    Pv,
    Run,
    ShiftEnergy,
    Store,
    StoreDraw,
    Task,
)
from domain.programmes.terms import EventTerm
from optimizer.audit import audit
from optimizer.costs import schedule_costs
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response, today_response
from tests.optimizer_cases import (
    EXACT,
    START,
    TABLE,
    demand,
    equipped_problem,
    event,
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


def best_cost(asked: ResponseProblem) -> float:
    """Solve to the end and have the answer replayed."""
    answer = best_response(asked, EXACT)
    assert audit(answer.schedule, asked).violations == ()
    assert answer.solve.stopped_by == "optimal"
    assert answer.solve.bound == pytest.approx(answer.costs.total_cost, rel=2e-6)
    return answer.costs.total_cost


# --- enumeration -----------------------------------------------------------------------------------------


def random_problem(seed: int) -> ResponseProblem:
    """Make a plant of two or three tasks on one or two machines, with whatever else the dice say."""
    random = np.random.default_rng(seed)
    horizon = grid()
    tasks: list[Task] = []
    for number in range(int(random.integers(2, 4))):
        first = int(random.integers(0, 12))
        last = min(24, first + int(random.integers(8, 13)))
        tasks.append(
            task(
                f"K{number}",
                float(random.integers(50, 300)),
                float(random.choice([1.5, 2.0, 3.0])),
                f"M{random.integers(2)}",
                earliest=hour(first),
                latest_end=hour(last),
                count=2 if number == 0 and random.random() < 0.4 else 1,
                order_id="O" if random.random() < 0.5 else None,
                start_cost=float(random.integers(0, 20)),
            )
        )
    singles = [one.task_id for one in tasks if one.count == 1]
    links = (
        (Precedence(before=singles[0], after=singles[1], min_gap_min=30, max_gap_min=480),)
        if len(singles) > 1 and random.random() < 0.5
        else ()
    )
    contract = random.random() < 0.5
    peak = demand(
        horizon,
        price_per_kw=float(random.integers(1, 20)),
        block_of_step=HOURS // int(random.choice([1, 2])),
        other_peak_kw=random.uniform(100, 450, 3),
        **(
            {"contract_kw": 280.0, "thresholds_kw": (294.0, 350.0), "multipliers": (2.0, 3.0), "jump_kw": 14.0}
            if contract
            else {}
        ),
    )
    price = TOU - (0.5 if random.random() < 0.3 else 0.0)
    call = event(
        first=int(random.integers(6, 18)),
        stop=20,
        baseline_kw=float(random.integers(150, 320)),
        min_commitment_kw=20.0,
        max_commitment_kw=150.0,
        pay_per_kw=float(random.uniform(0, 6)),
        penalty_per_kw=float(random.choice([0.0, 2.0])),
        sign=int(random.choice([1, -1])),
    )
    return problem(
        horizon,
        base_kw=random.uniform(60, 160, 24),
        site=site(import_limit_kw=600.0),
        plan=plan(
            horizon,
            machines=(machine("M0"), machine("M1", count=2)),
            orders=(Order(order_id="O", due=hour(12), lateness_cost_per_h=9.0),),
            tasks=tuple(tasks),
            precedences=links,
        ),
        terms=terms(horizon, price, (peak,), 77.0),
        events=(call,) if random.random() < 0.7 else (),
    )


def every_plan(asked: ResponseProblem) -> Iterator[dict[str, tuple[int, ...]]]:
    """Give every combination of hourly starts that machines and precedences allow."""
    choices = []
    for one in asked.plan.tasks:
        first, last = asked.plan.window_of(one)
        least = -((START - first) // asked.horizon.step)
        most = (last - one.duration - START) // asked.horizon.step
        held = -(-one.duration_min // 60)
        steps = [step for step in range(least, most + 1) if step + held <= 24]
        choices.append(list(combinations_with_replacement(steps, one.count)))
    for chosen in product(*choices):
        starts = {one.task_id: steps for one, steps in zip(asked.plan.tasks, chosen, strict=True)}
        taken = {one.machine_id: np.zeros(24, dtype=int) for one in asked.plan.machines}
        for one in asked.plan.tasks:
            for step in starts[one.task_id]:
                taken[one.machine_ids[0]][step : step - (-one.duration_min // 60)] += 1
        if any((taken[one.machine_id] > one.count).any() for one in asked.plan.machines):
            continue
        waits = [
            starts[link.after][0] * 60 - starts[link.before][0] * 60 - asked.plan.task(link.before).duration_min
            for link in asked.plan.precedences
        ]
        if all(30 <= wait <= 480 for wait in waits):
            yield starts


def cheapest_by_enumeration(asked: ResponseProblem) -> float:
    best = np.inf
    for starts in every_plan(asked):
        load = np.array(asked.base_kw)
        cost = 0.0
        for one in asked.plan.tasks:
            for step in starts[one.task_id]:
                whole, part = divmod(one.duration_min, 60)
                load[step : step + whole] += one.phases[0].power_kw
                if part:
                    load[step + whole] += one.phases[0].power_kw * part / 60
                cost += one.start_cost
                if one.order_id:
                    cost += 9.0 * max(0.0, step + one.duration_min / 60 - 12)
        if load.max() > asked.site.import_limit_kw:
            continue
        cost += asked.terms.cost(load)
        for call in asked.events:
            cost -= best_commitment(call, float(load[call.first : call.stop].mean()))
        best = min(best, cost)
    return best


def best_commitment(call: EventTerm, mean_kw: float) -> float:
    """Give the most an event can earn at a given load: the worth is linear between the edges of the rates."""
    response = call.delivered_kw(mean_kw)
    edges = [rate * (1 + off) for rate in (0.8, 1.0, 1.2) for off in (-1e-6, 0, 1e-6)]
    candidates = [call.min_commitment_kw, call.max_commitment_kw, *(response / rate for rate in edges)]
    usable = [kw for kw in candidates if call.min_commitment_kw <= kw <= call.max_commitment_kw]
    return max([0.0, *(call.pay(kw, mean_kw) - call.penalty(kw, mean_kw) for kw in usable)])


@pytest.mark.parametrize("seed", range(30))
def test_no_enumerated_plan_is_cheaper(seed: int):
    asked = random_problem(seed)
    by_hand = cheapest_by_enumeration(asked)
    if np.isinf(by_hand):
        with pytest.raises(InfeasiblePlanError):
            best_response(asked, EXACT)
    else:
        assert best_cost(asked) == pytest.approx(by_hand, rel=3e-6)


def test_the_dice_make_both_kinds_of_plans():
    feasible = [np.isfinite(cheapest_by_enumeration(random_problem(seed))) for seed in (19, 20)]
    assert feasible == [True, False]


# --- another solver on an on/off formulation of its own -----------------------------------------------------


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


# --- cases a person can work out --------------------------------------------------------------------------


def furnace(horizon_demand: dict[str, object] | None = None, **parts: object) -> ResponseProblem:
    """One task of 200 kW for 2 h, base 100 kW, day and night prices."""
    horizon = grid()
    charges = () if horizon_demand is None else (demand(horizon, **horizon_demand),)
    plain = {
        "plan": plan(horizon, machines=(machine("M"),), tasks=(task("A", 200.0, 2, "M", earliest=hour(9)),)),
        "terms": terms(horizon, TOU, charges),
    }
    return problem(horizon, **(plain | parts))


def test_energy_goes_to_the_cheapest_hours():
    # base: 100·(8·0.3 + 12·0.7 + 4·1.2) = 1560; from 9 on the cheapest 2 h cost 0.7: 400 kWh · 0.7 = 280
    assert best_cost(furnace()) == pytest.approx(1560 + 280)


def test_a_sunk_peak_costs_what_it_costs():
    # every sample's rest of the month lies above 300 kW: 10 · (350 + 410)/2
    answer = best_cost(furnace({"other_peak_kw": np.array([350.0, 410.0])}))
    assert answer == pytest.approx(1560 + 280 + 3800)


def test_a_contract_with_a_jump_is_worth_keeping():
    # two tasks together reach 300 kW: C = 280, jump at 294. Apart 200 kW: the contract alone is paid.
    horizon = grid()
    two = plan(
        horizon,
        machines=(machine("M"), machine("N")),
        tasks=(task("A", 100.0, 2, "M", latest_end=hour(3)), task("B", 100.0, 2, "N", latest_end=hour(4))),
    )
    contract = {"contract_kw": 280.0, "thresholds_kw": (294.0,), "multipliers": (2.0,), "jump_kw": 14.0}
    asked = problem(horizon, plan=two, terms=terms(horizon, TOU, (demand(horizon, **contract),)))
    # A must start by 1, B by 2: apart is possible only as A 0..2, B 2..4.
    assert best_cost(asked) == pytest.approx(1560 + 400 * 0.3 + 10 * 280)
    forced = plan(
        horizon,
        machines=two.machines,
        tasks=(task("A", 100.0, 2, "M", latest_end=hour(2)), task("B", 100.0, 2, "N", latest_end=hour(3))),
    )
    # now they overlap: 300 kW, billed 280 + 2·(300 - 294) + 14 = 306
    assert best_cost(replace(asked, plan=forced)) == pytest.approx(1560 + 400 * 0.3 + 10 * 306)


def test_negative_prices_do_not_make_energy_vanish():
    battery = Battery(battery_id="B", capacity_kwh=100.0, max_charge_kw=50.0, max_discharge_kw=50.0, soc_start_kwh=40.0)
    horizon = grid()
    asked = problem(
        horizon,
        site=site(batteries=(battery,), export_limit_kw=90.0),
        terms=terms(horizon, np.where(HOURS == 3, -1.0, 0.5)),
    )
    answer = best_response(asked, EXACT)
    use = answer.schedule.batteries["B"]
    assert (np.minimum(use.charge_kw, use.discharge_kw) == 0).all()
    assert (np.minimum(answer.schedule.import_kw, answer.schedule.export_kw) == 0).all()
    assert answer.schedule.import_kw[3] == pytest.approx(150.0)
    assert audit(answer.schedule, asked).violations == ()


def test_an_event_worth_committing_to():
    # the task leaves 18…20 anyway: response 400 - 100 = 300 kW. At most 300/1.2 = 250 kW pay 1.2·c, 300/0.8 = 375 pay r.
    answer = best_response(furnace(events=(event(),)), EXACT)
    assert answer.costs.event_pay - answer.costs.event_penalty == pytest.approx(4 * 300, rel=1e-5)
    assert 250 - 0.1 <= answer.schedule.commitments_kw["E"] <= 300 + 0.1


def test_an_event_not_worth_committing_to():
    # 30 kW are there, 50 the least; to reach 80 % of 50 costs more than it pays
    shy = event(baseline_kw=130.0)
    asked = furnace(events=(shy,))
    assert best_cost(asked) == pytest.approx(best_cost(replace(asked, events=())))
    assert best_response(asked, EXACT).schedule.commitments_kw == {"E": 0.0}


def test_filling_a_valley_moves_the_task_into_it():
    # baseline 100 kW from 12 to 14; running A there delivers 200 kW: pays 4 · 200
    fill = event(first=12, stop=14, baseline_kw=100.0, sign=-1, max_commitment_kw=200.0)
    answer = best_response(furnace(events=(fill,)), EXACT)
    assert answer.schedule.runs == (Run(task_id="A", start=hour(12)),)
    assert answer.costs.event_pay == pytest.approx(800.0, rel=1e-5)


@pytest.mark.parametrize(("day", "n_hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_on_which_the_clock_is_changed(day: date, n_hours: int):
    horizon = grid(zone="Europe/Berlin", first=day)
    assert horizon.n_steps == n_hours
    sun = tuple(float(n) for n in range(24))
    asked = problem(
        horizon,
        site=site(zone="Europe/Berlin", pv=(Pv(pv_id="G", daily_kw=sun),)),
        plan=plan(horizon, zone="Europe/Berlin", machines=(machine("M"),), tasks=(task("A", 40.0, 23, "M"),)),
    )
    answer = best_response(asked, EXACT)
    assert audit(answer.schedule, asked).violations == ()
    missing, twice = (2, None) if n_hours == 23 else (None, 2)
    used = sum(sun) - (missing or 0) + (twice or 0)
    assert answer.costs.energy_cost == pytest.approx(0.5 * (100 * n_hours + 40 * 23 - used))


def test_permuting_tasks_changes_nothing():
    asked = random_problem(4)
    turned = replace(asked, plan=replace(asked.plan, tasks=asked.plan.tasks[::-1]))
    assert best_cost(turned) == pytest.approx(best_cost(asked), rel=1e-6)


def test_everything_at_once_passes_the_audit_and_beats_today():
    asked = equipped_problem()
    best, today = best_response(asked, EXACT), today_response(asked, EXACT)
    for answer in (best, today):
        replayed = audit(answer.schedule, asked)
        assert replayed.violations == ()
        assert replayed.costs.total_cost == pytest.approx(answer.costs.total_cost, rel=1e-9)
        assert schedule_costs(answer.schedule, asked) == answer.costs
    assert best.costs.total_cost < today.costs.total_cost
    assert set(today.schedule.commitments_kw.values()) == {0.0}


def test_the_same_question_gives_the_same_answer():
    first, second = (best_response(equipped_problem(), EXACT) for _ in range(2))
    assert first.schedule.runs == second.schedule.runs
    assert np.array_equal(first.schedule.import_kw, second.schedule.import_kw)


def test_a_warm_start_is_never_made_worse():
    asked = equipped_problem()
    best = best_response(asked, EXACT)
    hurried = best_response(asked, SolveOptions(deadline_s=0.5, gap_share=1.0), warm_start=best.schedule)
    assert hurried.costs.total_cost <= best.costs.total_cost * (1 + 1e-6)


def test_a_warm_start_of_another_plan_is_left_aside():
    other = best_response(furnace(), EXACT).schedule
    assert best_response(equipped_problem(), EXACT, warm_start=other).solve.stopped_by == "optimal"


def test_no_time_gives_todays_way_of_running_with_an_honest_gap():
    asked = equipped_problem()
    answer = best_response(asked, SolveOptions(deadline_s=1e-6, gap_share=0.0))
    assert answer.solve.stopped_by == "deadline"
    assert audit(answer.schedule, asked).violations == ()
    assert answer.solve.bound <= best_response(asked, EXACT).costs.total_cost
    assert answer.solve.gap_share > 0


def test_rows_of_zero_table_are_left_out():
    assert TABLE[0].per_delivered == TABLE[0].per_committed == 0.0
    asked = furnace(events=(event(bands=TABLE[:1]),))
    assert best_response(asked, EXACT).schedule.commitments_kw == {"E": 0.0}
