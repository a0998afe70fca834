"""What moved and why, and what to do in an event: hand-made responses, prices that differ in every hour."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from domain.offers import ResponseProblem
from domain.plant import (
    Battery,
    BatteryUse,
    Machine,
    ModulatingLoad,
    PowerPhase,
    ProductionPlan,
    Run,
    Schedule,
    ShiftEnergy,
    Task,
)
from domain.programmes.terms import EventTerm
from domain.tariffs import PricedTerms
from domain.time import TimeGrid, local_midnight
from scenarios.reasons import Explainer
from tests import small_case

DAY = date(2026, 6, 9)
GRID = TimeGrid.of_local_days(DAY, 1, small_case.ZONE, 60)
PRICES = np.array([7, 5, 3, 2, 11, 13, 17, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 37, 31, 29, 23, 19, 12]) / 100
BASE_KW = 200.0 + np.arange(24)


def event(event_id="e1", first=10, stop=12, sign=1) -> EventTerm:
    return EventTerm(
        event_id=event_id,
        programme_id="p1",
        first=first,
        stop=stop,
        baseline_kw=500.0,
        sign=sign,
        min_commitment_kw=10.0,
        max_commitment_kw=400.0,
        pay_per_kw=3.0,
        penalty_per_kw=0.0,
    )


def task(task_id="press", powers=(100.0, 30.0), count=2) -> Task:
    """Give a task whose runs draw other power in each of their hours."""
    return Task(
        task_id=task_id,
        name=f"the {task_id}",
        machine_ids=("m",),
        phases=tuple(PowerPhase(power_kw=power_kw, duration_min=60) for power_kw in powers),
        count=count,
        start_every_min=60,
    )


def explainer(*events: EventTerm, tasks=None) -> Explainer:
    start, end = (local_midnight(DAY + timedelta(days=number), small_case.ZONE) for number in (0, 1))
    plan = ProductionPlan(
        plan_id="day",
        zone=small_case.ZONE,
        start=start,
        end=end,
        machines=(Machine(machine_id="m", name="m", count=9),),
        tasks=(task(),) if tasks is None else tasks,
        modulating_loads=(
            ModulatingLoad(
                load_id="air",
                name="Air",
                max_kw=90.0,
                shifts=(ShiftEnergy(start=start, end=end, energy_kwh=960.0),),
            ),
        ),
    )
    battery = Battery(
        battery_id="bess", capacity_kwh=300.0, max_charge_kw=80.0, max_discharge_kw=80.0, soc_start_kwh=100.0
    )
    terms = PricedTerms(
        tariff_id="t", currency="EUR", horizon=GRID, constant=0.0, energy_price_per_kwh=PRICES, demand=()
    )
    problem = ResponseProblem(
        site=replace(small_case.site(), batteries=(battery,)),
        plan=plan,
        horizon=GRID,
        base_kw=BASE_KW,
        terms=terms,
        events=events,
    )
    return Explainer(problem=problem, tariff=small_case.day_night())


def hours(**kw_at: float) -> np.ndarray:
    """Give a day's power from hours named like h7."""
    power_kw = np.zeros(24)
    for name, kw in kw_at.items():
        power_kw[int(name[1:])] = kw
    return power_kw


def response(
    *starts: int | tuple[str, int], air=None, charge=None, discharge=None, committed=None, peak_kw=900.0
) -> Schedule:
    """Give a schedule with runs of the press (or of a task named) started at given hours."""
    runs = [("press", one) if isinstance(one, int) else one for one in starts]
    zeros = np.zeros(24)
    import_kw = BASE_KW.copy()
    import_kw[0] = peak_kw
    return Schedule(
        grid=GRID,
        runs=tuple(Run(task_id=task_id, start=GRID.at(hour)) for task_id, hour in runs),
        base_kw=BASE_KW,
        modulating_kw={"air": np.full(24, 40.0) if air is None else air},
        batteries={
            "bess": BatteryUse(
                charge_kw=zeros if charge is None else charge,
                discharge_kw=zeros if discharge is None else discharge,
                soc_kwh=np.full(24, 100.0),
            )
        },
        pv_used_kw={},
        import_kw=import_kw,
        export_kw=zeros,
        commitments_kw=committed or {},
    )


def paired(found):
    return [(GRID.edge_of(one.from_start), GRID.edge_of(one.to_start)) for one in found]


def test_nothing_moved_nothing_said():
    same = response(9, 13, discharge=hours(h3=0.4))
    assert explainer().moves(same, same) == ()


def test_a_run_that_moves_says_what_its_energy_saves():
    (move,) = explainer().moves(response(9, 13), response(9, 2))
    assert (move.what, move.subject_id, move.name, move.moved_kwh) == ("run", "press", "the press", 130.0)
    assert paired([move]) == [(13, 2)]
    # 100 kW at 0.67 and 30 kW at 0.71, then 100 kW at 0.03 and 30 kW at 0.02
    assert move.saving == pytest.approx(67.0 + 21.3 - 3.0 - 0.6)
    assert (move.reason.en, move.reason.zh) == ("starts in valley instead of peak", "由高峰改到低谷开始")


def test_equal_runs_are_paired_in_order_and_those_that_stay_are_left_alone():
    before, after = response(20, 8, 14, 9), response(8, 3, 22, 1)
    found = explainer().moves(before, after)
    assert sorted(paired(found)) == [(9, 1), (14, 3), (20, 22)]
    assert [one.saving for one in found] == sorted((one.saving for one in found), reverse=True)


def test_two_runs_started_at_once_count_twice():
    assert paired(explainer().moves(response(9, 9), response(9, 4))) == [(9, 4)]


def test_within_a_band_more_of_it_runs_in_cheaper_hours():
    (move,) = explainer().moves(response(13), response(8))
    assert move.saving > 0
    assert move.reason.en == "more of it runs in cheaper hours"


def test_a_dearer_start_is_no_reason_for_a_saving():
    tail = task(powers=(1.0, 1000.0))  # nearly all is drawn in the second hour
    (move,) = explainer(tasks=(tail,)).moves(response(5), response(20))  # 0.13 then 0.17; 0.29 then 0.23
    assert move.saving < 0
    (move,) = explainer(tasks=(tail,)).moves(response(6), response(20))  # 0.17 then 0.41; 0.29 then 0.23
    assert move.saving == pytest.approx(410.17 - 230.29)
    assert move.reason.en == "more of it runs in cheaper hours"  # though it starts in the peak band at last


@pytest.mark.parametrize(
    ("peak_kw", "words"), [(880.0, "keeps the site's peak lower"), (899.5, "makes room for other runs")]
)
def test_a_dearer_run_serves_the_peak_or_other_runs(peak_kw, words):
    (move,) = explainer().moves(response(2), response(15, peak_kw=peak_kw))
    assert move.saving < 0
    assert move.reason.en.startswith(words)


def test_a_lower_peak_is_no_reason_where_no_peak_is_billed():
    whole = explainer()
    energy_only = replace(whole.tariff, charges=tuple(one for one in whole.tariff.charges if one.kind == "energy"))
    (move,) = Explainer(problem=whole.problem, tariff=energy_only).moves(response(2), response(15, peak_kw=880.0))
    assert move.reason.en.startswith("makes room")


def test_a_saving_that_no_bill_shows_is_none():
    whole = explainer()
    prices = np.full(24, 0.3)
    prices[15] -= 1e-9
    problem = replace(whole.problem, terms=replace(whole.problem.terms, energy_price_per_kwh=prices))
    (move,) = replace(whole, problem=problem).moves(response(2), response(15))
    assert move.saving > 0
    assert move.reason.en.startswith("makes room")


def test_a_run_keeps_clear_of_the_event_that_is_committed_to():
    both = explainer(event("early", 8, 9), event("late", 10, 12))
    before = response(9)  # on from 9 to 11
    (move,) = both.moves(before, response(13, committed={"early": 0.0, "late": 50.0}))
    assert move.reason.en == "keeps clear of event late"
    (move,) = both.moves(before, response(13, committed={"early": 50.0, "late": 0.0}))
    assert move.reason.en.startswith("makes room")
    (move,) = both.moves(before, response(10, committed={"late": 50.0}))  # still on in it
    assert "event" not in move.reason.en


def test_the_event_left_is_named_even_where_a_run_reached_over_two():
    both = explainer(event("one", 9, 10), event("two", 10, 11))
    (move,) = both.moves(response(9), response(13, committed={"two": 50.0}))
    assert move.reason.en == "keeps clear of event two"


def test_a_run_draws_its_power_in_an_event_that_fills_a_valley():
    filling = explainer(event("noon", 12, 13, sign=-1))
    (move,) = filling.moves(response(2), response(11, committed={"noon": 50.0}))
    assert (move.reason.en, move.reason.zh) == ("draws its power in event noon", "在响应事件 noon 期间用电")
    (move,) = filling.moves(response(12), response(14, committed={"noon": 50.0}))
    assert "event" not in move.reason.en


def test_a_modulating_load_says_how_much_energy_moved():
    before = response(air=np.full(24, 40.0))
    after = response(air=np.full(24, 40.0) + hours(h3=50.0, h17=-35.0, h9=-15.0))
    (move,) = explainer().moves(before, after)
    assert (move.what, move.subject_id, move.moved_kwh) == ("modulating_load", "air", 50.0)
    assert move.saving == pytest.approx(35 * 0.83 + 15 * 0.47 - 50 * 0.02)
    assert (move.from_start, move.to_start) == (None, None)


def test_a_battery_counts_only_what_it_does_otherwise_than_today():
    before = response(charge=hours(h7=20.0))  # today it must be charged at once, at 0.41
    after = response(charge=hours(h3=70.0), discharge=hours(h17=45.0))
    (move,) = explainer().moves(before, after)
    assert (move.what, move.subject_id, move.moved_kwh) == ("battery", "bess", 45.0)
    assert move.saving == pytest.approx(45 * 0.83 - 70 * 0.02 + 20 * 0.41)


def playbook(whole, without, with_dr):
    return [
        (one.event_id, one.subject_id, GRID.edge_of(one.at), one.action.en) for one in whole.playbook(without, with_dr)
    ]


def test_the_playbook_says_each_run_that_leaves_or_enters_the_event():
    whole = explainer(event())
    without = response(9, 2, 20)
    with_dr = response(13, 3, 11, committed={"e1": 60.0})
    # pairs: 2 → 3 (nowhere near), 9 → 11 (in and in), 20 → 13 (neither)
    assert playbook(whole, without, with_dr) == [
        ("e1", "press", 9, "start the press at 06-09 11:00 instead of 06-09 09:00")
    ]
    assert playbook(whole, without, response(13, 3, 11, committed={"e1": 0.0})) == []


def test_a_run_over_two_events_stands_in_both_playbooks():
    whole = explainer(event("one", 9, 10), event("two", 10, 11))
    found = playbook(whole, response(9), response(13, committed={"one": 50.0, "two": 40.0}))
    assert [(event_id, at) for event_id, _, at, _ in found] == [("one", 9), ("two", 9)]


def test_the_playbook_gives_levels_and_battery_power_within_the_event():
    whole = explainer(event())
    without = response(9, air=np.full(24, 40.0))
    with_dr = response(
        9,
        air=np.full(24, 40.0) + hours(h10=-30.0, h11=-20.0, h17=50.0),
        discharge=hours(h10=50.0, h11=74.0, h17=9.0),
        committed={"e1": 60.0},
    )
    assert playbook(whole, without, with_dr) == [
        ("e1", "air", 10, "run Air at 15 kW (otherwise 40 kW)"),
        ("e1", "bess", 10, "discharge battery bess at 62 kW on average"),
    ]
    charging = response(9, charge=hours(h10=33.0, h11=11.0, h3=80.0), committed={"e1": 60.0})
    assert playbook(whole, without, charging) == [("e1", "bess", 10, "charge battery bess at 22 kW on average")]


def test_changes_too_small_for_an_instruction_are_left_out():
    whole = explainer(event())
    with_dr = response(9, air=np.full(24, 40.0) + hours(h10=1.9), discharge=hours(h11=1.9), committed={"e1": 60.0})
    assert playbook(whole, response(9), with_dr) == []


def test_a_step_has_the_band_of_the_local_clock():
    whole = explainer()
    assert [whole.band_at(GRID.at(hour)) for hour in (6, 7, 20, 21)] == ["valley", "peak", "peak", "valley"]
    without_energy = replace(whole, tariff=replace(whole.tariff, charges=whole.tariff.charges[:1]))
    assert without_energy.band_at(GRID.at(3)) == "-"
