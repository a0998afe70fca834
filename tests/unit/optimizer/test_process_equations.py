"""One hand-worked point per equation of processes, all numbers different; and what they enter in the balances.

``by`` says by how much a row is broken at the point: negative where it holds with room to spare, for an equality the
distance.
"""

import pytest
from pyomo.environ import ConcreteModel, value

from optimizer.formulation import build, plan_sets
from tests.optimizer_answers import broken_by, place
from tests.process_cases import processed_problem


@pytest.fixture
def model() -> ConcreteModel:
    return build(plan_sets(processed_problem()))


RATE, ON, START, STOP = "process_rate", "process_on", "process_start", "process_stop"
POINTS = {
    # off after on, and nothing said of a stop
    "R1": ("switches", ("K", 5), {(ON, ("K", 4)): 1}, 1.0),
    # on before the horizon, off in its first step
    "R1 first": ("switches", ("K", 0), {(STOP, ("K", 0)): 0.25}, 0.75),
    # 170 min are 3 steps: a start in 5 keeps it on in 7, where it is off
    "R2": ("least_run", ("K", 7), {(START, ("K", 5)): 1}, 1.0),
    "R2 after": ("least_run", ("K", 8), {(START, ("K", 5)): 1}, 0.0),
    # 120 min are 2 steps: a stop in 9 keeps it off in 10, where it is on
    "R3": ("least_pause", ("K", 10), {(STOP, ("K", 9)): 1, (ON, ("K", 10)): 1}, 1.0),
    "R3 after": ("least_pause", ("K", 11), {(STOP, ("K", 9)): 1, (ON, ("K", 11)): 1}, 0.0),
    "R4": ("least_rate_on", ("K", 3), {(RATE, ("K", 3)): 2.7, (ON, ("K", 3)): 1}, 1.3),
    # it starts: 10 - (10 - 4); 4 is its least and more than its rise of 3
    "R5 start": ("most_rate_on", ("K", 3), {(RATE, ("K", 3)): 6.5, (ON, ("K", 3)): 1, (START, ("K", 3)): 1}, 2.5),
    # it stops in the next step: 10 - (10 - 5)
    "R5 stop": ("most_rate_on", ("K", 3), {(RATE, ("K", 3)): 8.5, (ON, ("K", 3)): 1, (STOP, ("K", 4)): 1}, 3.5),
    "R5 off": ("most_rate_on", ("K", 23), {(RATE, ("K", 23)): 1.7}, 1.7),
    # V stops in the next step, falling by 2.5 at most
    "R6": ("most_rate_before_stop", ("V", 6), {(RATE, ("V", 6)): 6.2, (ON, ("V", 6)): 1, (STOP, ("V", 7)): 1}, 3.7),
    # from 4.5 to 9.1 in an hour; 3 are allowed
    "R7": ("rises", ("K", 8), {(RATE, ("K", 7)): 4.5, (RATE, ("K", 8)): 9.1, (ON, ("K", 7)): 1, (ON, ("K", 8)): 1}, 1.6),
    # a start at 7.2, where max(4, 3) is allowed
    "R7 start": ("rises", ("K", 8), {(RATE, ("K", 8)): 7.2, (ON, ("K", 8)): 1, (START, ("K", 8)): 1}, 3.2),
    # 9 before the horizon: up to 12 in its first step
    "R7 first": ("rises", ("K", 0), {(RATE, ("K", 0)): 9.6, (ON, ("K", 0)): 1}, -2.4),
    # from 9.9 to 4.3 in an hour; 5 are allowed
    "R8": ("falls", ("K", 8), {(RATE, ("K", 7)): 9.9, (RATE, ("K", 8)): 4.3, (ON, ("K", 7)): 1, (ON, ("K", 8)): 1}, 0.6),
    # a stop from 7.4, where max(4, 5) is allowed
    "R8 stop": ("falls", ("K", 8), {(RATE, ("K", 7)): 7.4, (ON, ("K", 7)): 1, (STOP, ("K", 8)): 1}, 2.4),
    # 9 before the horizon, and off in its first step: max(4, 5) is allowed
    "R8 first": ("falls", ("K", 0), {(STOP, ("K", 0)): 1}, 4.0),
    # 23 wanted from 6 to 14; 5.5 + 7.1 done, 3.2 owned up to; what is done at 14 comes too late
    "R9": ("quota_least", ("K", 1), {(RATE, ("K", 6)): 5.5, (RATE, ("K", 13)): 7.1, (RATE, ("K", 14)): 8.8, ("quota_shortfall", ("K", 1)): 3.2}, 7.2),
    "R10": ("quota_most", ("V", 0), {(RATE, ("V", 0)): 7.7, (RATE, ("V", 23)): 7.6}, 1.3),
    "R11": ("starts_of_day", ("K", 0), {(START, ("K", 2)): 1, (START, ("K", 9)): 1, (START, ("K", 16)): 1}, 1.0),
    "R12": ("rises_freely", ("W", 4), {(RATE, ("W", 3)): 2.1, (RATE, ("W", 4)): 5.4}, 2.1),
    # off before the horizon
    "R12 first": ("rises_freely", ("W", 0), {(RATE, ("W", 0)): 3.4}, 2.2),
    "R13": ("falls_freely", ("W", 4), {(RATE, ("W", 3)): 5.7, (RATE, ("W", 4)): 1.6}, 3.3),
    "R13 first": ("falls_freely", ("W", 0), {(RATE, ("W", 0)): 0.3}, -1.1),
    # base 61 + 2·4 = 69, V 7·1.3 = 9.1, generation does not count: 0.9 of 79 kW are missing
    "G4": ("safety_load", 4, {(RATE, ("V", 4)): 1.3, (RATE, ("X", 4)): 30.0}, 0.9),
    # K starts at 5: 20 + 13·5 + 29 kWh
    "G4 start": ("safety_load", 4, {(RATE, ("K", 4)): 5.0, (ON, ("K", 4)): 1, (START, ("K", 4)): 1}, -104.0),
    # base 61 + 2·9 = 79, K 20 + 13·6 + 29, X generates 37: net 169; said to be 158
    "G1": ("power_balance", 9, {("import_kw", 9): 158, (RATE, ("K", 9)): 6, (ON, ("K", 9)): 1, (START, ("K", 9)): 1, (RATE, ("X", 9)): 37}, 11.0),
    # 21 t at the start, K at 8 brings 0.9·8 and takes 0.4, 1.1 are drawn: 26.7; said to be 24
    "S1": ("store_balance", ("I", 0), {(RATE, ("K", 0)): 8, (ON, ("K", 0)): 1, ("level", ("I", 0)): 24}, 2.7),
}  # fmt: skip


@pytest.mark.parametrize("tag", POINTS)
def test_equation_at_a_hand_worked_point(model: ConcreteModel, tag: str):
    name, index, point, by = POINTS[tag]
    assert model.component(name).doc == tag.split(maxsplit=1)[0]
    assert broken_by(model, name, index, point) == pytest.approx(by, abs=1e-6)


def test_what_each_costs(model: ConcreteModel):
    place(
        model,
        {
            (RATE, ("K", 6)): 5.0,  # 2.2 + 12.5 kg at 0.08: 3.2 · 5 = 16
            (ON, ("K", 6)): 1,  # 3.7 + 50 kg at 0.08 + 1.5 people at 31: 54.2
            (ON, ("K", 20)): 1,  # 3.7 + 4 + 1.5 · 43 = 72.2
            (START, ("K", 20)): 1,  # 17
            ("quota_shortfall", ("K", 1)): 2.0,  # 38
            (RATE, ("X", 9)): 10.0,  # 9
            ("import_kw", 6): 100.0,  # 0.35 and 0.5 kg at 0.08: 39
            ("import_kw", 18): 10.0,  # 1.13 and 0.7 kg: 11.86
        },
    )
    assert value(model.total_cost) == pytest.approx(16 + 54.2 + 72.2 + 17 + 38 + 9 + 39 + 11.86, rel=1e-12)


def test_what_the_state_before_leaves_no_choice_about(model: ConcreteModel):
    """K has run 60 of 170 min: 2 more steps. Y runs as planned. X may run in steps wholly within 7:30 … 21:00."""
    assert [model.process_on["K", t].lb for t in range(4)] == [1, 1, 0, 0]
    assert [model.process_rate["Y", t].bounds for t in range(2, 6)] == [(0, 0), (9.5, 9.5), (9.5, 9.5), (0, 0)]
    assert [t for t in range(24) if model.process_rate["X", t].ub > 0] == list(range(8, 21))
    assert {p for p, _ in model.process_on} == {"K", "V"}
    assert {p for p, _ in model.process_start} == {"K", "V"}


def test_machines_utilities_and_people_see_a_process(model: ConcreteModel):
    ledger = model.ledger
    on, rate = model.process_on["K", 5], model.process_rate["K", 5]
    assert [(variable is on, n) for variable, n in ledger.machine_use["M", 5]] == [(True, 1.0)]
    assert {(id(variable), n) for variable, n in ledger.utility_use["S", 5]} == {(id(on), 0.3), (id(rate), 0.15)}
    assert [(variable is on, n) for variable, n in ledger.people[5]] == [(True, 1.5)]
