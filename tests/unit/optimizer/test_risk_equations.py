"""One hand-worked point per equation of promises and of the tail; all numbers different."""

import pytest
from pyomo.environ import ConcreteModel, value

from optimizer.formulation import build, plan_sets
from tests.optimizer_answers import broken_by, place
from tests.risk_cases import promised_problem, tail_model


@pytest.fixture(scope="module")
def tail() -> ConcreteModel:
    return tail_model()


POINTS = {
    # The block of hours 8 and 9 (window 0): (300 + 250)/2 = 275, sample 0 adds 9; 261 are counted.
    "T1": ("peak_of_sample", (0, 0, 0), {("import_kw", 8): 300, ("import_kw", 9): 250, ("sample_peak_kw", (0, 0)): 261}, 23.0),
    # The block of hours 10 and 11: (320 + 264)/2 = 292, sample 2 takes 4 off; 301 are counted.
    "T1 below": ("peak_of_sample", (0, 1, 2), {("import_kw", 10): 320, ("import_kw", 11): 264, ("sample_peak_kw", (0, 2)): 301}, -13.0),
    # Sample 2 adds (-4 + 70)/2 = 33: 308 against 299.
    "T1 spike": ("peak_of_sample", (0, 0, 2), {("import_kw", 8): 300, ("import_kw", 9): 250, ("sample_peak_kw", (0, 2)): 299}, 9.0),
    # 447 kW are 27 above 420; 8 are counted.
    "T2": ("excess_of_sample", (0, 1, 0), {("sample_peak_kw", (0, 1)): 447, ("sample_excess_kw", (0, 1, 0)): 8}, 19.0),
    # Not over: at most 420 less a millionth.
    "T3": ("jump_of_sample", (0, 2), {("sample_peak_kw", (0, 2)): 433}, 13.00042),
}  # fmt: skip


@pytest.mark.parametrize("name", POINTS)
def test_tail_rows_at_a_point(tail: ConcreteModel, name: str) -> None:
    row, index, point, by = POINTS[name]
    assert broken_by(tail, row, index, point) == pytest.approx(by, abs=1e-9)


def test_a_sample_that_is_over_has_room_up_to_its_greatest_peak(tail: ConcreteModel) -> None:
    most_kw = float(tail.SAMPLED[0].most_kw[2])
    assert most_kw > 420
    room = broken_by(tail, "jump_of_sample", (0, 2), {("sample_peak_kw", (0, 2)): 433, ("sample_over", (0, 2)): 1})
    assert room == pytest.approx(433 - most_kw)


# Sample 1 costs -20 otherwise; its contract 41·400 = 16400 and 41·2·8 = 656 above 420, 41·20 = 820 for being over; its
# event pays 4·60 = 240 and 4·1.2·10 = 48 and fines 1.5·7 = 10.5.
SAMPLE_1 = {
    ("sample_excess_kw", (0, 1, 0)): 8.0,
    ("sample_over", (0, 1)): 1,
    ("delivered_kw", ("E#1", 2)): 60.0,
    ("committed_kw", ("E#1", 3)): 10.0,
    ("shortfall_kw", ("E#1", 2)): 7.0,
}
COSTS_1 = 16400 + 656 + 820 - 240 - 48 + 10.5


def test_a_dear_outcome_is_all_that_differs(tail: ConcreteModel) -> None:
    point = {**SAMPLE_1, ("tail_from", None): 17000.0, ("tail_excess", 1): 300.0}
    assert broken_by(tail, "dear_outcome", 1, point) == pytest.approx(COSTS_1 - 20 - 17000 - 300, abs=1e-9)


def test_the_weighed_cost(tail: ConcreteModel) -> None:
    place(tail, {**SAMPLE_1, ("tail_from", None): 17000.0, ("tail_excess", 1): 300.0})
    # (O1) here: 900 and a third of sample 1's event. The mean of the peaks' cost: 16400 and a third of 656 + 820.
    events = (-240 - 48 + 10.5) / 3
    mean = 900 + 16400 + (656 + 820) / 3 + events
    tail_mean = 900 + 17000 + 300 / (0.5 * 3)
    assert value(tail.weighed_cost) == pytest.approx(0.6 * mean + 0.4 * tail_mean, rel=1e-12)
    assert not tail.total_cost.active


def test_windows_that_cannot_be_the_highest_have_no_row(tail: ConcreteModel) -> None:
    # Sample 1 has 520 kW outside of the horizon, and no window of it can come so high; the other two have 310 and 290.
    assert {(w, k) for _, w, k in tail.SAMPLE_WINDOWS} == {(w, k) for w in range(8) for k in (0, 2)}
    assert tail.SAMPLED[0].floor_kw.tolist() == [310.0, 520.0, 290.0]
    assert tail.SAMPLED[0].most_kw[1] == 520.0


def test_terms_of_one_promise_are_one_commitment() -> None:
    model = build(plan_sets(promised_problem()))
    assert list(model.PROMISED) == ["E#1"]
    # 90 + 13 under two rows of the second term, 71 under the first's: 32 apart
    point = {
        ("committed_kw", ("E#1", 2)): 90.0,
        ("committed_kw", ("E#1", 3)): 13.0,
        ("committed_kw", ("E#0", 2)): 71.0,
    }
    assert broken_by(model, "one_promise", "E#1", point) == pytest.approx(32.0)


def test_rows_that_pay_nothing_are_stated_for_a_promise() -> None:
    model = build(plan_sets(promised_problem()))
    rates = sorted({round(value(one), 6) for key, one in model.least_rate.items() if key[0] == "E#0"})
    assert rates == [0.0, 0.800001, 1.200001]  # below 0.8 nothing is paid
    assert len(model.ROWS_OF["E#0"]) == 4  # and a response below nothing has a row of its own
