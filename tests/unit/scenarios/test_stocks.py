"""Work done in advance is said, not counted as saving in silence."""

import pytest

from domain.plant import Flow, Run, Store
from domain.text import Language
from optimizer.assemble import assemble
from scenarios.stocks import stock_findings
from tests.optimizer_cases import grid, hour, machine, plan, problem, task

GRID = grid()


def schedules(*counts: int, **changed):
    """Give schedules with some runs of 4 t each into a silo of 100 t."""
    silo = Store(store_id="S", name="silo", unit="t", max_level=100.0, start_level=10.0, **changed)
    mill = task("G", 50.0, 1, "M", count=6, flows=(Flow(store_id="S", quantity=4.0),))
    asked = problem(GRID, plan=plan(GRID, tasks=(mill,), machines=(machine("M"),), stores=(silo,)))
    made = [
        assemble(
            asked,
            runs=[Run(task_id="G", start=hour(n)) for n in range(count)],
            modulating_kw={},
            processes={},
            batteries={},
            pv_used_kw={},
            commitments_kw={},
        )
        for count in counts
    ]
    return asked.plan, *made


def test_a_fuller_silo_is_named_with_both_levels():
    worked, today, then = schedules(5, 3)
    (found,) = stock_findings(worked, today, then)
    assert found.data == {"name": "silo", "now": pytest.approx(22.0), "today": pytest.approx(30.0), "unit": "t"}
    assert "silo ends with 22.0 t where today's plan leaves 30.0" in found.say()
    assert "期末为 22.0 t" in found.say(Language.ZH)


def test_equal_stocks_and_what_fades_say_nothing():
    worked, today, then = schedules(4, 4)
    assert stock_findings(worked, today, then) == []
    fading, before, after = schedules(5, 3, decay_share_per_h=0.05, rest_level=0.0)
    assert stock_findings(fading, before, after) == []
