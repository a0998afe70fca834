"""Each kind of limit, contradicted by a plan of a few hours: its owner and its numbers are named in both languages."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from domain.offers import ResponseProblem
from domain.plant import (
    Changeover,
    Flow,
    Interval,
    Process,
    Quota,
    RateFlow,
    Shift,
    Store,
    StoreDraw,
    Utility,
    UtilityUse,
)
from domain.text import Text
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response
from tests.optimizer_cases import EXACT, grid, hour, machine, plan, problem, site, task

GRID = grid()


def mill(**changed: Any) -> Process:
    plain: dict[str, Any] = {
        "process_id": "Z", "name": "raw mill", "unit": "t", "min_rate": 10.0, "max_rate": 40.0, "kwh_per_unit": 2.0,
    }  # fmt: skip
    return Process(**(plain | changed))


def steam_for_both() -> ResponseProblem:
    use = (UtilityUse(utility_id="S", quantity=6.0),)
    tasks = tuple(task(name, 30.0, 3, "M", latest_end=hour(5), utilities=use) for name in "AB")
    steam = Utility(utility_id="S", name="steam", unit="t/h", limit=10.0)
    return planned(tasks=tasks, machines=(machine("M", count=2),), utilities=(steam,))


def people_for_both() -> ResponseProblem:
    shift = Shift(name="all", start=time(0), end=time(0), wage_per_h=1.0, people_count=3.0)
    tasks = tuple(task(name, 30.0, 3, "M", latest_end=hour(5), crew_count=2.0) for name in "AB")
    return planned(tasks=tasks, machines=(machine("M", count=2),), shifts=(shift,))


def no_time_to_set_up() -> ResponseProblem:
    tasks = (
        task("A", 30.0, 2, "M", latest_end=hour(3), family="red"),
        task("B", 30.0, 2, "M", latest_end=hour(5), family="blue"),
    )
    change = Changeover(machine_id="M", from_family="red", to_family="blue", duration_min=90)
    return planned(tasks=tasks, machines=(machine("M", family_at_start="red"),), changeovers=(change,))


def too_few_hours() -> ResponseProblem:
    quota = Quota(start=hour(0), end=hour(24), least=130.0)
    return planned(processes=(mill(quotas=(quota,), hours=(Interval(start=hour(2), end=hour(5)),)),))


def held_too_long() -> ResponseProblem:
    draws = (StoreDraw(at=hour(2), quantity=-6.0), StoreDraw(at=hour(10), quantity=6.0))
    dough = Store(
        store_id="H", name="dough", unit="t", max_level=40.0, start_level=0.0, max_hold_min=180, draws=draws
    )  # fmt: skip
    return planned(stores=(dough,))


def too_warm_at_the_end() -> ResponseProblem:
    room = Store(
        store_id="R", name="cold room", unit="°C", min_level=-25.0, max_level=0.0, start_level=-18.0,
        end_min_level=-25.0, end_max_level=-18.0, decay_share_per_h=0.02, rest_level=20.0,
    )  # fmt: skip
    chiller = mill(
        process_id="C", name="chiller", unit="kWh", min_rate=0.0, max_rate=50.0, kwh_per_unit=1.0,
        flows=(RateFlow(store_id="R", quantity_per_unit=-0.01),),
    )  # fmt: skip
    return planned(stores=(room,), processes=(chiller,))


def nothing_to_keep_running() -> ResponseProblem:
    """The base load carries 100 of 180 kW, the only run two hours more of it."""
    one_run = planned(tasks=(task("A", 90.0, 2, "M"),), machines=(machine("M"),))
    return replace(one_run, site=site(safety_load_kw=180.0))


def one_start_for_two_shifts() -> ResponseProblem:
    quotas = tuple(Quota(start=hour(a), end=hour(b), least=25.0) for a, b in ((0, 6), (14, 20)))
    down = (Interval(start=hour(8), end=hour(12)),)
    return planned(processes=(mill(quotas=quotas, outages=down, max_starts_count=1),))


def starved_process() -> ResponseProblem:
    """The mill must grind 30 t by 6; clinker comes from a kiln run that cannot end before 5."""
    clinker = Store(store_id="K", name="clinker", unit="t", max_level=90.0, start_level=4.0, end_min_level=0.0)
    kiln = task("A", 60.0, 2, "M", earliest=hour(3), flows=(Flow(store_id="K", quantity=50.0),))
    grinding = mill(
        flows=(RateFlow(store_id="K", quantity_per_unit=-1.0),),
        quotas=(Quota(start=hour(0), end=hour(4), least=30.0),),
    )
    return planned(tasks=(kiln,), machines=(machine("M"),), stores=(clinker,), processes=(grinding,))


def planned(**parts: Any) -> ResponseProblem:
    return problem(GRID, plan=plan(GRID, **parts))


CASES = [
    (steam_for_both, "utility steam gives 10 t/h", "公用工程 steam"),
    (people_for_both, "3 people are there", "在岗 3 人"),
    (no_time_to_set_up, "machine M (name of M) is not set up for blue", "来不及换型到 blue"),
    (too_few_hours, "process raw mill must do at least 130 t", "连续设备 raw mill"),
    (held_too_long, "what is in store H (dough) must leave it within 3 h", "小时内取出"),
    (too_warm_at_the_end, "store R (cold room)", "料仓 R（cold room）"),
    (nothing_to_keep_running, "at least 180 kW must be running", "至少须有 180 kW"),
    (one_start_for_two_shifts, "process raw mill must do at least 25 t", "至少完成 25 t"),
    (starved_process, "store K (clinker)", "料仓 K（clinker）"),
]


@pytest.mark.parametrize(("case", "en", "zh"), CASES, ids=[case.__name__ for case, _, _ in CASES])
def test_the_limit_is_named(case, en, zh):
    with pytest.raises(InfeasiblePlanError) as refused:
        best_response(case(), EXACT)
    conflicts: tuple[Text, ...] = refused.value.data["conflicts"]
    assert any(en in one.en for one in conflicts), [one.en for one in conflicts]
    assert any(zh in one.zh for one in conflicts), [one.zh for one in conflicts]
