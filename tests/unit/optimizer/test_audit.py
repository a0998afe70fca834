"""The judge, judged: one hand-worked day that is sound, and one mutation of it per rule."""

import ast
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import optimizer.audit
from domain.offers.response import Audit, ResponseProblem
from domain.plant import BatteryUse, Interval, Machine, PowerPhase, Precedence, Pv, Run, Schedule, ShiftEnergy
from domain.text import Language
from optimizer.audit import audit, must_be_sound
from optimizer.errors import UnsoundScheduleError
from tests.audited_day import N_STEPS, at, plan, problem, schedule, site, steps, tasks


def codes(judged: Audit) -> set[str]:
    return {one.code for one in judged.violations}


def put(values: np.ndarray, step: int, value: float) -> np.ndarray:
    changed = values.copy()
    changed[step] = value
    return changed


# --- mutations of the question: the schedule stays, a rule moves under it ---


def of_plan(**changes: Any) -> Callable[[ResponseProblem], ResponseProblem]:
    return lambda p: replace(p, plan=replace(p.plan, **changes))


def of_task(task_id: str, **changes: Any) -> Callable[[ResponseProblem], ResponseProblem]:
    changed = tuple(replace(one, **changes) if one.task_id == task_id else one for one in tasks())
    return of_plan(tasks=changed)


def of_site(**changes: Any) -> Callable[[ResponseProblem], ResponseProblem]:
    return lambda p: replace(p, site=replace(p.site, **changes))


def of_battery(**changes: Any) -> Callable[[ResponseProblem], ResponseProblem]:
    return of_site(batteries=(replace(site().batteries[0], **changes),))


def of_store(**changes: Any) -> Callable[[ResponseProblem], ResponseProblem]:
    return of_plan(stores=(replace(plan().stores[0], **changes),))


def of_load(**changes: Any) -> Callable[[ResponseProblem], ResponseProblem]:
    return of_plan(modulating_loads=(replace(plan().modulating_loads[0], **changes),))


def of_strict_order(**changes: Any) -> Callable[[ResponseProblem], ResponseProblem]:
    orders = plan().orders
    return of_plan(orders=(orders[0], replace(orders[1], **changes)))


def of_event(**changes: Any) -> Callable[[ResponseProblem], ResponseProblem]:
    return lambda p: replace(p, events=(replace(p.events[0], **changes), p.events[1]))


def air_shift(first: int, start: datetime, energy_kwh: float) -> tuple[ShiftEnergy, ...]:
    shifts = list(plan().modulating_loads[0].shifts)
    shifts[first] = ShiftEnergy(start=start, end=shifts[first].end, energy_kwh=energy_kwh)
    return tuple(shifts)


def gap(least: int, most: int | None) -> tuple[Precedence, ...]:
    return (Precedence(before="cast", after="grind", min_gap_min=least, max_gap_min=most),)


EAF_OUT = Machine(machine_id="eaf", name="电炉", outages=(Interval(start=at(9, 20), end=at(9, 25)),))
LONG_CAST = (PowerPhase(power_kw=150, duration_min=60), PowerPhase(power_kw=0, duration_min=30))
LATE_FROM_13 = (plan().shifts[0], replace(plan().shifts[1], start=time(13)))

OF_PROBLEM: list[tuple[str, str, Callable[[ResponseProblem], ResponseProblem]]] = [
    (
        "prices on another grid",
        "schedule_wrong_grid",
        lambda p: replace(p, terms=replace(p.terms, horizon=p.horizon.part(0, 47))),
    ),
    ("event past the end", "event_off_grid", of_event(stop=49)),
    ("third melt asked for", "run_count", of_task("melt", count=3)),
    ("rhythm of three hours", "run_off_rhythm", of_task("melt", start_every_min=180)),
    ("released a minute later", "run_too_early", of_strict_order(release=at(10, 1))),
    ("earliest a minute later", "run_too_early", of_task("grind", earliest=at(13, 1))),
    ("due a minute earlier", "run_too_late", of_strict_order(due=at(10, 59))),
    ("must end a minute earlier", "run_too_late", of_task("melt", latest_end=at(12, 14))),
    ("immovable planned elsewhere", "run_moved", of_task("test", planned_starts=(at(21),))),
    ("outage in the begun step", "machine_overbooked", of_plan(machines=(EAF_OUT, plan().machines[1]))),
    ("two runs on one furnace", "machine_overbooked", of_task("cast", machine_ids=("eaf",), phases=LONG_CAST)),
    ("longer wait asked for", "gap_too_short", of_plan(precedences=gap(121, 150))),
    ("shorter wait asked for", "gap_too_long", of_plan(precedences=gap(30, 119))),
    ("turned round", "starts_before_end", of_plan(precedences=(Precedence(before="grind", after="cast"),))),
    ("no late shift", "crew_missing", of_plan(shifts=plan().shifts[:1])),
    (
        "shifts on Wednesdays",
        "crew_missing",
        of_plan(shifts=tuple(replace(one, days=("wed",)) for one in plan().shifts)),
    ),
    ("late shift comes early", "crew_shifts_clash", of_plan(shifts=LATE_FROM_13)),
    ("store needs more", "store_too_low", of_store(min_level=19.5)),
    ("store holds less", "store_too_high", of_store(max_level=54)),
    ("more must be left", "store_end_too_low", of_store(end_min_level=19.5)),
    ("weaker charger", "battery_power_limit", of_battery(max_charge_kw=59)),
    ("weaker inverter", "battery_power_limit", of_battery(max_discharge_kw=44)),
    ("worse charging", "battery_state_balance", of_battery(charge_eff=0.94)),
    ("worse discharging", "battery_state_balance", of_battery(discharge_eff=0.91)),
    ("other start", "battery_state_balance", of_battery(soc_start_kwh=79)),
    ("smaller battery", "battery_state_limit", of_battery(capacity_kwh=136.9)),
    ("higher reserve", "battery_end_too_low", of_battery(soc_end_min_kwh=88)),
    ("weaker compressor", "load_power_limit", of_load(max_kw=129)),
    ("compressor idles higher", "load_power_limit", of_load(min_kw=71)),
    ("shift begins later", "load_outside_shift", of_load(shifts=air_shift(1, at(12, 30), 345))),
    ("shift needs more", "load_shift_energy", of_load(shifts=air_shift(0, at(8), 321))),
    ("shift edge in a step", "load_shift_off_edge", of_load(shifts=air_shift(0, at(8, 10), 320))),
    (
        "less sun",
        "pv_beyond_available",
        of_site(pv=(Pv(pv_id="roof", daily_kw=(*[0.0] * 10, 55.0, 75.0, 95.0, 364.0, *[0.0] * 10)),)),
    ),
    ("thinner cable", "import_limit", of_site(import_limit_kw=789)),
    ("less feed-in", "export_limit", of_site(export_limit_kw=74)),
    ("other base load", "base_load_changed", lambda p: replace(p, base_kw=put(p.base_kw, 3, 121))),
    ("other power of a task", "power_balance", of_task("grind", phases=(PowerPhase(power_kw=71, duration_min=90),))),
    ("higher least commitment", "commitment_limit", of_event(min_commitment_kw=61)),
    ("lower most commitment", "commitment_limit", of_event(max_commitment_kw=59)),
]


# --- mutations of the schedule ---


def start_of(task_id: str, start: datetime) -> Callable[[Schedule], Schedule]:
    def change(s: Schedule) -> Schedule:
        return replace(s, runs=tuple(replace(r, start=start) if r.task_id == task_id else r for r in s.runs))

    return change


def battery_use(**changes: Any) -> dict[str, BatteryUse]:
    return {"b1": replace(schedule().batteries["b1"], **changes)}


def both_ways(s: Schedule) -> Schedule:
    """0.95 · 10 kW in is 8.55 kW / 0.9 out: the state does not notice, the meter sees 1.45 kW."""
    use = s.batteries["b1"]
    changed = battery_use(charge_kw=put(use.charge_kw, 5, 10), discharge_kw=put(use.discharge_kw, 5, 8.55))
    return replace(s, batteries=changed, import_kw=put(s.import_kw, 5, 121.45))


NAN = float("nan")
OF_SCHEDULE: list[tuple[str, str, Callable[[Schedule], Schedule]]] = [
    ("an hour later", "schedule_wrong_grid", lambda s: replace(s, grid=replace(s.grid, start=at(1)))),
    ("a step short", "schedule_wrong_shape", lambda s: replace(s, import_kw=s.import_kw[:-1])),
    ("two rows", "schedule_wrong_shape", lambda s: replace(s, pv_used_kw={"roof": np.zeros((2, N_STEPS))})),
    ("a hole", "schedule_not_finite", lambda s: replace(s, import_kw=put(s.import_kw, 7, NAN))),
    ("a hole in the state", "schedule_not_finite", lambda s: replace(s, batteries=battery_use(soc_kwh=steps(s3=NAN)))),
    ("endless promise", "schedule_not_finite", lambda s: replace(s, commitments_kw={"e1": np.inf, "e2": 0.0})),
    ("ghost task", "schedule_unknown_id", lambda s: replace(s, runs=(*s.runs, Run(task_id="ghost", start=at(3))))),
    ("ghost load", "schedule_unknown_id", lambda s: replace(s, modulating_kw={**s.modulating_kw, "x": s.base_kw})),
    ("ghost event", "schedule_unknown_id", lambda s: replace(s, commitments_kw={**s.commitments_kw, "e3": 0.0})),
    ("silent battery", "schedule_missing_id", lambda s: replace(s, batteries={})),
    ("silent PV", "schedule_missing_id", lambda s: replace(s, pv_used_kw={})),
    ("silent event", "schedule_missing_id", lambda s: replace(s, commitments_kw={"e1": 60.0})),
    ("ten past", "run_off_edge", start_of("cast", at(10, 10))),
    ("drawn twice", "battery_both_ways", both_ways),
    (
        "state out of nothing",
        "battery_state_balance",
        lambda s: replace(s, batteries=battery_use(soc_kwh=put(s.batteries["b1"].soc_kwh, 47, 90))),
    ),
    (
        "negative import",
        "import_limit",
        lambda s: replace(s, import_kw=put(s.import_kw, 27, -1), export_kw=put(s.export_kw, 27, 74)),
    ),
    (
        "in and out at once",
        "import_and_export",
        lambda s: replace(s, import_kw=put(s.import_kw, 27, 5), export_kw=put(s.export_kw, 27, 80)),
    ),
    ("a kW from nowhere", "power_balance", lambda s: replace(s, import_kw=put(s.import_kw, 3, 121))),
    ("crumb of a promise", "commitment_limit", lambda s: replace(s, commitments_kw={"e1": 60.0, "e2": 1e-9})),
    ("negative promise", "commitment_limit", lambda s: replace(s, commitments_kw={"e1": 60.0, "e2": -30.0})),
]


def test_the_sound_day_breaks_no_rule():
    judged = audit(schedule(), problem())
    assert judged.violations == ()
    must_be_sound(judged)


@pytest.mark.parametrize(("code", "change"), [pytest.param(*rest, id=name) for name, *rest in OF_PROBLEM])
def test_a_rule_that_moves_is_found_by_its_own_code(code, change):
    assert codes(audit(schedule(), change(problem()))) == {code}


@pytest.mark.parametrize(("code", "change"), [pytest.param(*rest, id=name) for name, *rest in OF_SCHEDULE])
def test_a_schedule_that_slips_is_found_by_its_own_code(code, change):
    assert codes(audit(change(schedule()), problem())) == {code}


BEYOND = (*plan().modulating_loads[0].shifts, ShiftEnergy(start=at(24), end=at(26), energy_kwh=200))
TOUCHING: dict[str, Callable[[ResponseProblem], ResponseProblem]] = {
    "released as it starts": of_strict_order(release=at(10)),
    "due as it ends": of_strict_order(due=at(11)),
    "must end as it ends": of_task("melt", latest_end=at(12, 15)),
    "waits exactly as asked": of_plan(precedences=gap(120, 120)),
    "outage from the next step": of_plan(
        machines=(replace(EAF_OUT, outages=(Interval(start=at(9, 30), end=at(11)),)), plan().machines[1])
    ),
    "store down to its least": of_store(min_level=19, end_min_level=19),
    "store up to its most": of_store(max_level=55),
    "battery full and empty enough": of_battery(capacity_kwh=137, soc_end_min_kwh=87, max_discharge_kw=45),
    "cables just thick enough": of_site(import_limit_kw=790, export_limit_kw=75),
    "event over the whole day": of_event(first=0, stop=48),
    "least commitment within the tolerance": of_event(min_commitment_kw=60.00005),
    "most commitment within the tolerance": of_event(max_commitment_kw=59.99995),
    "a shift of tomorrow": of_load(shifts=BEYOND),
}


@pytest.mark.parametrize("change", TOUCHING.values(), ids=TOUCHING)
def test_touching_a_limit_is_sound(change):
    assert audit(schedule(), change(problem())).violations == ()


MOVED = {
    "run_too_early": (of_strict_order(release=at(10, 1)), {"minutes": 1.0, "at": 10.0, "limit": "10:01"}),
    "run_too_late": (of_task("melt", latest_end=at(12, 14)), {"minutes": 1.0, "at": 11.0, "limit": "12:14"}),
    "run_moved": (of_task("test", planned_starts=(at(21),)), {"at": 21.5, "expected": "21:00"}),
    "gap_too_long": (of_plan(precedences=gap(30, 119)), {"gap_min": 120.0, "limit_min": 119, "at": 13.0}),
    "machine_overbooked": (of_plan(machines=(EAF_OUT, plan().machines[1])), {"taken": 1, "ready": 0, "at": 9.0}),
    "crew_missing": (of_plan(shifts=plan().shifts[:1]), {"task_id": "grind", "n_steps": 1, "at": 14.0}),
    "crew_shifts_clash": (of_plan(shifts=LATE_FROM_13), {"n_shifts": 2, "n_steps": 2, "at": 13.0}),
}


@pytest.mark.parametrize(("code", "change", "expected"), [(code, *rest) for code, rest in MOVED.items()])
def test_findings_of_runs_say_when_and_by_how_much(code, change, expected):
    found = audit(schedule(), change(problem())).violations[0]
    told = {name: found.data[name] for name in expected}
    clock = datetime.fromisoformat(told["at"])
    told["at"] = clock.hour + clock.minute / 60
    told |= {name: f"{datetime.fromisoformat(told[name]):%H:%M}" for name in ("limit", "expected") if name in told}
    assert (found.code, told) == (code, expected)


def test_a_task_that_never_runs_is_counted_and_not_compared():
    lazy = replace(schedule(), runs=tuple(run for run in schedule().runs if run.task_id != "grind"))
    assert codes(audit(lazy, problem())) == {"run_count", "power_balance"}


def test_a_start_inside_a_step_is_told_as_it_is():
    (found,) = audit(start_of("cast", at(10, 10))(schedule()), problem()).violations
    assert found.data == {"task_id": "cast", "at": "2026-11-24T10:10:00+08:00", "step_min": 30}


def test_a_wrong_grid_is_told_with_both():
    (found,) = audit(replace(schedule(), grid=schedule().grid.part(1, 48)), problem()).violations
    told = {"found": "2026-11-23T16:30:00+00:00 + 47 × 30 min", "expected": "2026-11-23T16:00:00+00:00 + 48 × 30 min"}
    assert found.data == {"subject": "schedule", **told}


def test_an_event_has_at_least_one_step():
    assert codes(audit(schedule(), of_event(first=40, stop=40)(problem()))) == {"event_off_grid"}


def test_a_shift_over_the_end_needs_its_share():
    """240 kWh from 22:00 to 02:00: half of it, 60 kW, falls into today."""
    asked = of_load(shifts=(*plan().modulating_loads[0].shifts, ShiftEnergy(start=at(22), end=at(26), energy_kwh=240)))
    night = slice(44, 48)
    air_kw, import_kw = schedule().modulating_kw["air"].copy(), schedule().import_kw.copy()
    air_kw[night], import_kw[night] = 60, 180
    run = replace(schedule(), modulating_kw={"air": air_kw}, import_kw=import_kw)
    assert audit(run, asked(problem())).violations == ()
    assert codes(audit(schedule(), asked(problem()))) == {"load_shift_energy", "load_power_limit"}


@pytest.mark.parametrize(("shift", "edge"), [((at(8, 10), at(12)), "08:10"), ((at(8), at(11, 50)), "11:50")])
def test_the_shift_edge_inside_a_step_is_named(shift, edge):
    shifts = (ShiftEnergy(start=shift[0], end=shift[1], energy_kwh=320),)
    (found,) = audit(schedule(), of_load(shifts=shifts)(problem())).violations
    assert found.data["at"] == f"2026-11-24T{edge}:00+08:00"


def test_the_first_number_that_is_none_is_named():
    holes = put(put(schedule().import_kw, 7, NAN), 9, -np.inf)
    (found,) = audit(replace(schedule(), import_kw=holes), problem()).violations
    assert (found.data["value"], found.data["n_values"]) == ("nan", 2)
    assert found.data["at"] == "2026-11-24T03:30:00+08:00"


def test_grid_and_names_are_told_together():
    wrong = replace(schedule(), grid=replace(schedule().grid, n_steps=47), batteries={}, base_kw=np.zeros(3))
    assert codes(audit(wrong, problem())) == {"schedule_wrong_grid", "schedule_missing_id"}
    holey = replace(schedule(), pv_used_kw={}, base_kw=put(schedule().base_kw, 2, NAN))
    assert codes(audit(holey, problem())) == {"schedule_missing_id", "schedule_not_finite"}


@pytest.mark.parametrize("language", list(Language))
def test_every_finding_can_be_said_with_its_numbers(language):
    found = [one for _, _, change in OF_PROBLEM for one in audit(schedule(), change(problem())).violations]
    found += [one for _, _, change in OF_SCHEDULE for one in audit(change(schedule()), problem()).violations]
    said = [one.say(language) for one in found]
    assert len(said) >= len(OF_PROBLEM) + len(OF_SCHEDULE)
    assert not any("{" in sentence for sentence in said)


def test_findings_name_owner_instant_and_numbers():
    (found,) = audit(schedule(), of_store(max_level=54)(problem())).violations
    assert found.data == {
        "store_id": "billets",
        "unit": "t",
        "level": 55.0,
        "limit": 54,
        "at": "2026-11-24T12:00:00+08:00",
        "n_steps": 2,
    }
    assert "billets" in found.say()
    assert "55 t" in found.say(Language.ZH)


@pytest.mark.parametrize(("share", "expected"), [(0.5e-6, set()), (2e-6, {"power_balance"})])
def test_the_tolerance_is_a_millionth_of_the_site(share, expected):
    slipped = replace(schedule(), import_kw=put(schedule().import_kw, 3, 120 + 1500 * share))
    assert codes(audit(slipped, problem())) == expected


def test_both_sides_of_the_meter_share_the_tolerance():
    fed_in = replace(schedule(), export_kw=steps(s27=75.001))
    assert audit(fed_in, of_site(export_limit_kw=75)(problem())).violations == ()


def test_a_schedule_that_cannot_be_read_has_no_cost():
    judged = audit(replace(schedule(), import_kw=np.full(3, 1.0)), problem())
    assert np.isnan(judged.costs.total_cost)


def test_an_unsound_schedule_is_refused_in_both_languages():
    judged = audit(replace(schedule(), export_kw=steps(s27=75, s30=2)), problem())
    with pytest.raises(UnsoundScheduleError) as caught:
        must_be_sound(judged)
    assert caught.value.data["codes"] == ("import_and_export", "power_balance")
    assert "15:00" in caught.value.say(Language.EN)
    assert all(one.say(Language.ZH) in caught.value.say(Language.ZH) for one in judged.violations)


def test_braces_in_a_name_do_not_break_the_refusal():
    ghost = replace(schedule(), runs=(*schedule().runs, Run(task_id="{x}", start=at(3))))
    with pytest.raises(UnsoundScheduleError, match=r"\{x\}"):
        must_be_sound(audit(ghost, problem()))


def test_the_judge_shares_nothing_with_the_model():
    """It knows the nouns, its own rooms and its errors; of the nouns not what works plans out for the model."""
    folder = Path(optimizer.audit.__file__).parent
    own = ("optimizer.audit", "optimizer.errors")
    worked_out = {"ways", "in_mode", "window_of", "kept_share", "shortest", "duration"}
    rooms = sorted(folder.glob("audit*.py"))
    assert len(rooms) > 12
    for path in rooms:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names]
        ours = [name for name in names if name.split(".")[0] in ("optimizer", "scenarios", "api", "forecasting")]
        assert [name for name in ours if not name.startswith(own)] == [], path.name
        assert [name for name in names if name.startswith(("pyomo", "highspy", "domain.plant.expand"))] == [], path.name
        asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert asked & worked_out == set(), path.name


def test_importing_the_judge_loads_no_solver():
    code = "import sys, optimizer.audit; sys.exit(any(n.split('.')[0] in ('pyomo', 'highspy') for n in sys.modules))"
    root = Path(optimizer.audit.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0  # noqa: S603 -- our own interpreter


def test_instants_of_any_offset_are_the_same_schedule():
    moved = tuple(replace(run, start=run.start.astimezone(UTC)) for run in schedule().runs)
    assert audit(replace(schedule(), runs=moved), problem()).violations == ()
