"""Ours and EMHASS find the same optimal cost, and what EMHASS answers is judged, not trusted."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import peers_schedule
from benchmarks.peers import asking, emhass_words
from benchmarks.peers.schedule_plants import Plant, PlantSize
from domain.offers import SolveOptions
from domain.plant import Order, Precedence
from optimizer.audit import audit
from optimizer.response import best_response

SHARED = PlantSize(name="one machine", n_days=1, step_min=30, n_loads=3, n_machines=1, demand_price="2.00", seed=5)
"""Its three loads would rather overlap: with machines of their own they cost less."""


need_emhass = pytest.mark.skipif(
    not asking.EMHASS_PYTHON.exists(), reason="EMHASS' environment is absent (.venv-peers/emhass): make peers"
)


def answer_of(plant, start_steps, **changed):
    """Give what EMHASS would answer with loads at these steps and an idle battery, by hand."""
    problem = plant.problem
    n_steps = problem.horizon.n_steps
    columns = {"P_batt": np.zeros(n_steps), "SOC_opt": np.full(n_steps, 0.5)}
    total_w = problem.base_kw * 1000
    for number, (task, first) in enumerate(zip(problem.plan.tasks, start_steps, strict=True)):
        power_w = np.zeros(n_steps)
        power_w[first : first + task.duration_min // problem.horizon.step_min] = task.phases[0].power_kw * 1000
        columns[f"P_deferrable{number}"] = power_w
        total_w = total_w + power_w
    columns |= {"P_grid_pos": total_w, "P_grid_neg": np.zeros(n_steps)} | changed
    return {"columns": {name: values.tolist() for name, values in columns.items()}}


def earliest_steps(plant):
    return [plant.problem.horizon.edge_of(plant.problem.plan.window_of(task)[0]) for task in plant.problem.plan.tasks]


@need_emhass
@pytest.mark.parametrize("size", [peers_schedule.TINY, SHARED], ids=["own machines", "one machine"])
def test_both_find_the_same_optimal_cost(size):
    assert peers_schedule.must_agree(size) < 0.01


def test_sharing_a_machine_costs_something():
    exact = SolveOptions(deadline_s=60.0, gap_share=0.0)
    shared, apart = (
        best_response(Plant.made(size).problem, exact).costs.total_cost
        for size in (SHARED, replace(SHARED, n_machines=0))
    )
    assert shared > apart + 1.0


def test_an_answer_is_written_down_as_it_was_given():
    plant = Plant.made(peers_schedule.TINY)
    steps = earliest_steps(plant)
    heard = emhass_words.heard(answer_of(plant, steps), plant.problem)
    starts = {run.task_id: plant.problem.horizon.edge_of(run.start) for run in heard.schedule.runs}
    assert [starts[task.task_id] for task in plant.problem.plan.tasks] == steps
    assert heard.broken == ()
    assert heard.import_off_kw < 1e-9
    assert audit(heard.schedule, plant.problem).violations == ()


def test_a_load_outside_its_window_is_a_violation():
    plant = Plant.made(peers_schedule.TINY)
    steps = earliest_steps(plant)
    number = next(number for number, step in enumerate(steps) if step > 0)
    steps[number] -= 1
    judged = peers_schedule.judged(emhass_words.heard(answer_of(plant, steps), plant.problem).schedule, plant.problem)
    assert any(f"load{number}" in text for text in judged["violations"])


def test_a_load_in_two_pieces_is_named():
    plant = Plant.made(peers_schedule.TINY)
    steps = earliest_steps(plant)
    plain = answer_of(plant, steps)
    power_w = np.array(plain["columns"]["P_deferrable1"])
    last = int(np.flatnonzero(power_w)[-1])
    power_w[last + 2], power_w[last] = power_w[last], 0.0
    heard = emhass_words.heard(answer_of(plant, steps, P_deferrable1=power_w), plant.problem)
    assert len(heard.broken) == 1
    assert heard.broken[0].startswith("load1: ")


def test_what_is_no_schedule_has_no_cost():
    plant = Plant.made(peers_schedule.TINY)
    record = dict.fromkeys(("status", "total_s", "cpu_s", "stages_s", "highs_s", "bound", "n_integers"))
    half_w = {"P_deferrable0": np.full(plant.problem.horizon.n_steps, 1000.0)}
    for answer in (answer_of(plant, earliest_steps(plant), **half_w), {"columns": {}}):
        judged = peers_schedule.judged_answer(record | answer, plant.problem)
        assert judged["cost_eur"] is None
        assert len(judged["broken"]) == 1


def test_a_battery_that_ends_emptier_is_a_violation():
    plant = Plant.made(peers_schedule.TINY)
    flow_w = np.zeros(plant.problem.horizon.n_steps)
    flow_w[40] = 19_000.0
    soc = 0.5 - np.cumsum(flow_w) / 0.95 * 0.5 / 600_000
    answer = answer_of(plant, earliest_steps(plant), P_batt=flow_w, SOC_opt=soc)
    judged = peers_schedule.judged(emhass_words.heard(answer, plant.problem).schedule, plant.problem)
    assert len(judged["violations"]) == 1
    assert "battery" in judged["violations"][0]


def test_what_emhass_has_no_words_for_is_refused_by_name():
    problem = Plant.made(peers_schedule.TINY).problem
    linked = replace(problem.plan, precedences=(Precedence(before="load0", after="load1"),))
    promised = replace(problem.plan, orders=(Order(order_id="o", due=problem.plan.end),))
    for plan, word in ((linked, "precedences"), (promised, "orders")):
        with pytest.raises(emhass_words.CannotSayError, match=word):
            emhass_words.said(replace(problem, plan=plan), "constant", {})


def test_the_plants_are_made_from_their_seed():
    ours, same, other = (Plant.made(replace(peers_schedule.TINY, seed=seed)).problem for seed in (1, 1, 2))
    assert ours.plan == same.plan
    assert np.array_equal(ours.base_kw, same.base_kw)
    assert ours.plan != other.plan


def test_a_bound_that_a_schedule_undercuts_is_no_result():
    one = {"cost_eur": 99.0, "bound": 100.0, "broken": [], "violations": []}
    with pytest.raises(SystemExit, match="less than the bound"):
        peers_schedule.best_bound([{"ours": [one]}])
