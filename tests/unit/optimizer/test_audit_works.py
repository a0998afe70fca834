"""The judge of modes, lots, changeovers, processes, stores, utilities and people: one sound day, one slip per rule."""

import sys
from dataclasses import replace
from datetime import datetime, time
from typing import Any

import numpy as np
import pytest

from domain.findings import FindingKind
from domain.offers.response import ResponseProblem
from domain.plant import (
    ChangeoverRun,
    Interval,
    PlannedRate,
    PowerPhase,
    ProcessState,
    ProcessUse,
    Quota,
    Run,
    UtilityGap,
    UtilityUse,
)
from domain.text import Language
from optimizer.audit import audit
from tests.audited_day import N_STEPS, at, steps
from tests.audited_works import mill, plan, problem, schedule, stores
from tests.audited_works_changes import (
    Asked,
    Done,
    both,
    codes,
    disposed,
    of_change,
    of_machine,
    of_mode,
    of_process,
    of_quota,
    of_run,
    of_shift,
    of_site,
    of_steam,
    of_store,
    of_task,
    of_use,
    swapped,
)
from tests.unit.optimizer.test_audit import OF_PROBLEM, OF_SCHEDULE
from tests.unit.optimizer.test_audit_standing import MADE, OF_WORKS
from tests.unit.optimizer.test_reactive import OF_REACTIVE


def span(*clock: tuple[int, int]) -> Interval:
    return Interval(start=at(*clock[0]), end=at(*clock[1]))


def alone_at_dawn(p: ResponseProblem) -> ResponseProblem:
    """The early shift comes at 07:00; the mill needs nobody, the changeover at 06:30 does."""
    shifts = swapped(plan().shifts, 0, start=time(7))
    return replace(p, plan=replace(p.plan, shifts=shifts, processes=swapped(plan().processes, 0, crew_count=0)))


WORKS_PROBLEM: list[tuple[str, str, Asked]] = [
    ("a sixth and seventh mould", "run_count", of_task(0, count=8, min_count=6)),
    ("four moulds at most", "run_count", of_task(0, count=4)),
    ("half a lot is too small", "run_lot_share", of_task(0, least_lot_share=0.51)),
    ("one press only", "machine_overbooked", of_machine(0, count=1)),
    ("a press out during its changeover", "machine_overbooked", of_machine(0, outages=(span((6, 40), (6, 50)),))),
    ("hydraulic press out", "machine_overbooked", of_machine(1, outages=(span((9, 59), (10, 5)),))),
    ("kiln out", "machine_overbooked", of_machine(2, outages=(span((6, 40), (6, 50)),))),
    ("presses set to B at first", "machine_not_set", of_machine(0, family_at_start="B")),
    ("trimming is of another family", "machine_not_set", of_task(1, family="C")),
    ("moulding is of another family", "machine_not_set", of_task(0, family="B")),
    ("nobody at the mill at dawn", "process_crew_missing", of_shift(0, start=time(6, 30))),
    ("nobody for the changeover", "changeover_crew_missing", alone_at_dawn),
    ("too few people", "people_short", of_shift(0, people_count=3.4)),
    ("mode takes more people", "people_short", of_mode(crew_count=2.6)),
    ("changeover takes more people", "people_short", of_change(1, crew_count=1.1)),
    ("mill takes more people", "people_short", of_process(0, crew_count=0.6)),
    ("less steam", "utility_limit", of_steam(limit=2.4)),
    ("less steam for a moment", "utility_limit", of_steam(gaps=(UtilityGap(start=at(9, 10), end=at(9, 11), limit=1.9),))),
    ("mode takes more steam", "utility_limit", of_mode(utilities=(UtilityUse(utility_id="steam", quantity=2.4),))),
    ("generator gives less steam", "utility_limit", of_process(1, utilities=(UtilityUse(utility_id="steam", quantity_per_rate=-0.019),))),
    ("parts keep for less", "store_held_too_long", of_store(0, max_hold_min=179)),
    ("a draw comes late", "store_held_too_long", of_store(0, draws=swapped(stores()[0].draws, 1, at=at(11)))),
    ("start stock is not drawn", "store_held_too_long", of_store(0, draws=swapped(stores()[0].draws, 0, at=at(3, 15)))),
    ("less powder may be left", "store_end_too_high", of_store(1, end_max_level=73.8)),
    ("more powder must be left", "store_end_too_low", of_store(1, end_min_level=73.9)),
    ("room for fewer parts", "store_too_high", of_store(0, max_level=39.5)),
    ("warmer around the cold store", "store_end_too_high", of_store(2, rest_level=15.8)),
    ("leakier cold store", "store_end_too_high", of_store(2, decay_share_per_h=0.021)),
    ("a slower mill", "process_rate_limit", of_process(0, max_rate=7.9)),
    ("a mill that idles higher", "process_rate_limit", of_process(0, min_rate=4.1)),
    ("mill out for a moment", "process_not_available", of_process(0, outages=(span((10, 10), (10, 20)),))),
    ("mill's hours end", "process_not_available", of_process(0, hours=(span((6, 0), (14, 0)),))),
    ("mill's hours have a hole", "process_not_available", of_process(0, hours=(span((6, 0), (9, 59)), span((10, 0), (21, 0))))),
    ("mill runs longer at a time", "process_run_too_short", of_process(0, min_run_min=91)),
    ("mill was on just before", "process_run_too_short", of_process(0, before=ProcessState(is_on=True, rate=4, since_min=85))),
    ("mill pauses longer", "process_pause_too_short", of_process(0, min_pause_min=61)),
    ("chiller was off too shortly", "process_pause_too_short", of_process(3, min_pause_min=30, before=ProcessState(since_min=25))),
    ("mill starts once", "process_starts_too_often", of_process(0, max_starts_count=1)),
    ("mill rises slower", "process_rises_too_fast", of_process(0, max_rise_per_h=5.8)),
    ("mill starts slower", "process_starts_too_fast", of_process(0, max_rise_per_h=7.8, min_rate=3.8, max_fall_per_h=8)),
    ("mill falls slower", "process_falls_too_fast", of_process(0, max_fall_per_h=6.4)),
    ("mill stops from less", "process_stops_too_fast", of_process(0, min_rate=3.6)),
    ("mill was fast before", "process_stops_too_fast", of_process(0, before=ProcessState(is_on=True, rate=4.2))),
    ("more in the morning", "process_quota_short", of_quota(0, least=37.7)),
    ("less in the morning", "process_quota_exceeded", of_quota(0, most=37.6)),
    ("falling short is forbidden", "process_quota_short", of_quota(1, shortfall_cost_per_unit=None)),
    ("quota begins in a step", "process_quota_off_edge", of_quota(0, start=at(6, 50))),
    ("fan planned faster", "process_moved", of_process(2, planned=swapped(plan().processes[2].planned, 1, rate=2.1))),
    ("fan planned longer", "process_moved", of_process(2, planned=swapped(plan().processes[2].planned, 1, end=at(12)))),
    ("fan's plan changes in a step", "process_plan_off_edge", of_process(2, planned=swapped(plan().processes[2].planned, 1, end=at(11, 20)))),
    ("more must run", "safety_load", of_site(safety_load_kw=215)),
    ("lots draw more", "power_balance", of_task(0, phases=(PowerPhase(power_kw=91, duration_min=60),))),
    ("mode draws more", "power_balance", of_mode(phases=(PowerPhase(power_kw=131, duration_min=45),))),
    ("changeover draws more", "power_balance", of_change(0, power_kw=23)),
    ("changeover draws longer", "power_balance", of_change(1, duration_min=41)),
    ("mill draws more", "power_balance", of_process(0, fixed_kw=16)),
    ("mill draws more per unit", "power_balance", of_process(0, kwh_per_unit=6.1)),
    ("mill warms up longer", "power_balance", of_process(0, start_kwh=6)),
    ("generator gives more", "power_balance", of_process(1, kwh_per_unit=-0.41)),
]  # fmt: skip


def one_more_change(**data: Any) -> Done:
    more = ChangeoverRun(**({"machine_id": "press", "from_family": "A", "to_family": "C", "start": at(15)} | data))
    return lambda s: replace(s, changeovers=(*s.changeovers, more))


FAN = ProcessUse(rate=steps(s16_19=3, s20_22=2), is_on=steps(s16_22=1) > 0)
WORKS_SCHEDULE: list[tuple[str, str, Done]] = [
    ("immovable run in another mode", "run_in_other_mode", of_run(6, mode_id="other")),
    ("lot too large", "run_lot_share", of_run(0, lot_share=1.000002)),
    ("ghost mode", "schedule_unknown_id", of_run(0, mode_id="ghost")),
    ("mode of another task", "schedule_unknown_id", of_run(1, mode_id="big")),
    ("endless lot", "schedule_not_finite", of_run(0, lot_share=np.inf)),
    ("ghost changeover", "schedule_unknown_id", one_more_change(from_family="B", to_family="C")),
    ("ghost process", "schedule_unknown_id", lambda s: replace(s, processes={**s.processes, "x": FAN})),
    ("silent process", "schedule_missing_id", lambda s: replace(s, processes={k: v for k, v in s.processes.items() if k != "fan"})),
    ("ghost disposal", "schedule_unknown_id", disposed(cold=np.zeros(N_STEPS))),
    ("silent disposal", "schedule_missing_id", lambda s: replace(s, disposed={"parts": s.disposed["parts"]})),
    ("a hole in a rate", "schedule_not_finite", of_use("mill", at_step=3, rate=np.nan)),
    ("numbers instead of switches", "schedule_wrong_shape", lambda s: replace(s, processes={**s.processes, "fan": replace(FAN, is_on=FAN.rate)})),
    ("switches of one step", "schedule_wrong_shape", lambda s: replace(s, processes={**s.processes, "fan": replace(FAN, is_on=FAN.is_on[:1])})),
    ("a hole in a disposal", "schedule_not_finite", disposed(powder=steps(s9=np.nan))),
    ("disposal undone", "store_negative_disposal", disposed(powder=steps(s2=-0.5, s3=0.5))),
    ("changeover off the edge", "changeover_off_edge", lambda s: replace(s, changeovers=swapped(s.changeovers, 1, start=at(9, 10)))),
    ("changeover past the end", "changeover_outside_horizon", one_more_change(start=at(23))),
    ("changeover before the start", "changeover_outside_horizon", one_more_change(start=at(-1), from_family="A")),
    ("three at once", "machine_overbooked", one_more_change(start=at(7))),
    ("set back for one run too few", "machine_not_set", one_more_change(start=at(4))),
    ("off and yet running", "process_rate_limit", of_use("chp", at_step=22, is_on=False)),
    ("on beside the plan", "process_moved", of_use("fan", at_step=23, is_on=True)),
]  # fmt: skip


def test_the_sound_day_breaks_no_rule():
    assert audit(schedule(), problem()).violations == ()


@pytest.mark.parametrize(("code", "change"), [pytest.param(*rest, id=name) for name, *rest in WORKS_PROBLEM])
def test_a_rule_that_moves_is_found_by_its_own_code(code, change):
    assert codes(schedule(), change(problem())) == {code}


@pytest.mark.parametrize(("code", "change"), [pytest.param(*rest, id=name) for name, *rest in WORKS_SCHEDULE])
def test_a_schedule_that_slips_is_found_by_its_own_code(code, change):
    assert codes(change(schedule()), problem()) == {code}


TOUCHING: dict[str, Asked] = {
    "five moulds and no fewer": of_task(0, min_count=5, count=5),
    "half a lot": of_task(0, least_lot_share=0.5),
    "an outage up to the changeover": of_machine(0, outages=(span((0, 0), (6, 30)),)),
    "an outage after the changeover": of_machine(0, outages=(span((11, 0), (24, 0)),)),
    "just enough people": of_shift(1, people_count=0.5),
    "just enough steam": of_steam(limit=2.5),
    "overlapping gaps": of_steam(gaps=(UtilityGap(start=at(9), end=at(10), limit=2), UtilityGap(start=at(8, 30), end=at(9, 30), limit=2.1))),
    "more steam for a whole step": both(of_steam(limit=2.4), of_steam(gaps=(UtilityGap(start=at(10), end=at(11), limit=2.5),), limit=2.4)),
    "parts keep for a little longer": of_store(0, max_hold_min=209),
    "just the powder that is left": of_store(1, end_max_level=73.8375, end_min_level=73.8375),
    "a mill as fast as it runs": of_process(0, max_rate=8),
    "hours in pieces": of_process(0, hours=(span((5, 59), (9, 15)), span((9, 15), (14, 31)))),
    "mill's first run just long enough": of_process(0, min_run_min=90, before=ProcessState(is_on=True, rate=3, since_min=90)),
    "mill on for ever before": of_process(0, before=ProcessState(is_on=True, rate=4)),
    "mill's ramps just wide enough": of_process(0, max_rise_per_h=6, max_fall_per_h=6.5),
    "quota met to the kilogram": of_quota(0, least=37.625, most=37.625),
    "quota of another day": of_quota(2, start=at(-5), end=at(0)),
    "quota half in the horizon": of_quota(2, start=at(13), end=at(30), least=7.25),
    "safety load carried to the watt": of_site(safety_load_kw=214.97),
}  # fmt: skip


@pytest.mark.parametrize("change", TOUCHING.values(), ids=TOUCHING)
def test_touching_a_limit_is_sound(change):
    assert codes(schedule(), change(problem())) == set()


def test_a_run_over_the_end_of_the_horizon_may_be_cut():
    """The mill starts again at 23:00 without anybody; an hour is shorter than 90 minutes."""
    asked = of_process(0, crew_count=0, max_starts_count=3, hours=())(problem())
    use = schedule().processes["mill"]
    rate = use.rate + steps(s46_47=4)
    import_kw = schedule().import_kw + steps(s46=49, s47=39)
    done = replace(
        schedule(),
        import_kw=import_kw,
        processes={**schedule().processes, "mill": ProcessUse(rate=rate, is_on=rate > 0)},
    )
    assert codes(done, of_store_and(asked)) == set()


def of_store_and(asked: ResponseProblem) -> ResponseProblem:
    """4 t more at 0.9, less 0.2 for an hour: 3.4 t more powder."""
    return replace(asked, plan=replace(asked.plan, stores=swapped(stores(), 1, end_max_level=77.2375)))


def test_starts_belong_to_local_days():
    """22:00 UTC is 06:00 of the next local day: on the local clock both starts are on the 24th."""
    (found,) = audit(schedule(), of_process(0, max_starts_count=1)(problem())).violations
    assert found.data == {"process_id": "mill", "found": 2, "day": "2026-11-24", "limit": 1}


# Parts kept for five steps: 6 t of 08:30 are there at 11:30; 5 t, 5.6 t and 1.6 t at other times.
# Presses set to B: the changeover and all but one of the four mouldings find no press set to A.
TOLD: dict[str, tuple[Asked, dict[str, Any]]] = {
    "process_rate_limit": (of_process(0, max_rate=7.9), {"rate": 8.0, "most": 7.9, "least": 4.0, "at": "07:00", "n_steps": 8}),
    "process_rises_too_fast": (of_process(0, max_rise_per_h=5.8), {"before": 4.0, "rate": 7.0, "limit": 2.9, "at": "06:30", "n_steps": 1}),
    "process_stops_too_fast": (of_process(0, min_rate=3.6), {"before": 4.0, "limit": 3.6, "at": "12:00", "n_steps": 2}),
    "process_run_too_short": (of_process(0, min_run_min=91), {"minutes": 90.0, "limit_min": 91, "at": "14:30"}),
    "process_pause_too_short": (of_process(0, min_pause_min=61), {"minutes": 60.0, "limit_min": 61, "at": "13:00"}),
    "process_quota_short": (of_quota(0, least=37.7), {"made": 37.625, "limit": 37.7, "at": "07:00"}),
    "process_not_available": (of_process(0, hours=(span((6, 0), (14, 0)),)), {"at": "14:00", "n_steps": 1}),
    "process_moved": (of_process(2, planned=swapped(plan().processes[2].planned, 0, rate=3.2)), {"rate": 3.0, "expected": 3.2, "at": "08:00", "n_steps": 4}),
    "store_held_too_long": (of_store(0, max_hold_min=179), {"quantity": 6.0, "at": "11:00", "n_steps": 4}),
    "people_short": (of_shift(0, people_count=3.4), {"needed_count": 3.5, "people_count": 3.4, "at": "10:00", "n_steps": 2}),
    "utility_limit": (of_steam(limit=2.4), {"used": 2.5, "limit": 2.4, "at": "10:00", "n_steps": 2}),
    "machine_not_set": (of_machine(0, family_at_start="B"), {"work": "A → B", "family": "A", "at": "06:30", "n_times": 4}),
    "run_lot_share": (of_task(0, least_lot_share=0.51), {"lot_share": 0.5, "least_lot_share": 0.51, "at": "08:00"}),
    "safety_load": (of_site(safety_load_kw=215), {"value_kw": 214.97, "limit_kw": 215, "at": "00:00", "n_steps": 32}),
}  # fmt: skip


@pytest.mark.parametrize(("code", "change", "expected"), [(code, *rest) for code, rest in TOLD.items()])
def test_findings_say_who_when_and_by_how_much(code, change, expected):
    (found,) = audit(schedule(), change(problem())).violations
    told = {name: found.data[name] for name in expected}
    told["at"] = f"{datetime.fromisoformat(told['at']):%H:%M}"
    assert found.code == code
    assert told == {name: value if isinstance(value, str) else pytest.approx(value) for name, value in expected.items()}


def test_every_rule_has_its_mutation():
    rooms = [m for name, m in sys.modules.items() if name.startswith("optimizer.audit_")]
    kinds = [k for m in rooms for v in vars(m).values() for k in (v.values() if isinstance(v, dict) else [v])]
    declared = {kind.code for kind in kinds if isinstance(kind, FindingKind)}
    mutations = [*OF_PROBLEM, *OF_SCHEDULE, *WORKS_PROBLEM, *WORKS_SCHEDULE, *OF_WORKS, *MADE, *OF_REACTIVE]
    assert declared == {code for _, code, _ in mutations}


@pytest.mark.parametrize("language", list(Language))
def test_every_finding_can_be_said_with_its_numbers(language):
    found = [one for _, _, change in WORKS_PROBLEM for one in audit(schedule(), change(problem())).violations]
    found += [one for _, _, change in WORKS_SCHEDULE for one in audit(change(schedule()), problem()).violations]
    said = [one.say(language) for one in found]
    assert len(said) >= len(WORKS_PROBLEM) + len(WORKS_SCHEDULE)
    assert not any("{" in sentence for sentence in said)


def test_runs_of_equal_copies_are_given_any_of_them():
    """Both presses are set to A in the afternoon; three short runs at once are one too many, two are not."""
    two = tuple(Run(task_id="mould", start=at(10)) for _ in range(2))
    assert [run for run in schedule().runs if run.start == at(10)] == list(two)


def test_a_plan_that_may_move_needs_no_plan():
    asked = of_process(2, movable=True, planned=(PlannedRate(start=at(1), end=at(2), rate=1),))(problem())
    assert codes(schedule(), asked) == set()


def test_overlapping_quotas_are_each_counted():
    quotas = (*mill().quotas, Quota(start=at(6), end=at(15), least=50, most=50.4))
    assert codes(schedule(), of_process(0, quotas=quotas)(problem())) == set()
    quotas = (*mill().quotas, Quota(start=at(6), end=at(15), least=50, most=50.3))
    assert codes(schedule(), of_process(0, quotas=quotas)(problem())) == {"process_quota_exceeded"}
