"""Each replayed quantity against numbers counted by hand, on ordinary days and on those that change the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from domain.offers.response import ResponseProblem
from domain.plant import (
    Flow,
    Interval,
    Machine,
    Order,
    PowerPhase,
    ProductionPlan,
    Pv,
    Run,
    Schedule,
    Shift,
    Site,
    Store,
    StoreDraw,
    Task,
)
from domain.tariffs import PurchaseMode, SupplyPoint
from domain.tariffs.terms import PricedTerms
from domain.time import Calendar, TimeGrid
from optimizer.audit import audit
from optimizer.audit_machines import machines_ready
from optimizer.audit_people import crews_of
from optimizer.audit_replay import pv_ready_kw, replay_of, run_kw
from optimizer.audit_stores import store_levels

BERLIN = ZoneInfo("Europe/Berlin")


def task(task_id: str = "t", *phases: tuple[float, int], **more) -> Task:
    made = tuple(PowerPhase(power_kw=kw, duration_min=minutes) for kw, minutes in phases)
    return Task(task_id=task_id, name="t", machine_ids=(), phases=made, **more)


def plan(first: datetime, *, zone: str = "Europe/Berlin", **more) -> ProductionPlan:
    next_day = (first.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=first.tzinfo)
    return ProductionPlan(plan_id="p", zone=zone, start=first, end=next_day, **more)


def grid_of(day_plan: ProductionPlan, step_min: int) -> TimeGrid:
    return TimeGrid.between(day_plan.start.astimezone(UTC), day_plan.end, step_min)


def problem_of(day_plan: ProductionPlan, grid: TimeGrid) -> ResponseProblem:
    zeros = np.zeros(grid.n_steps)
    return ResponseProblem(
        site=Site(
            site_id="s",
            customer_id="c",
            name="s",
            zone=day_plan.zone,
            supply=SupplyPoint(purchase_mode=PurchaseMode.REGULATED),
            import_limit_kw=900,
        ),
        plan=day_plan,
        horizon=grid,
        base_kw=zeros,
        terms=PricedTerms(
            tariff_id="t", currency="EUR", horizon=grid, constant=0, energy_price_per_kwh=zeros, demand=()
        ),
    )


def only_runs(grid: TimeGrid, import_kw: np.ndarray, *runs: Run) -> Schedule:
    return Schedule(
        grid=grid,
        runs=runs,
        base_kw=np.zeros(grid.n_steps),
        modulating_kw={},
        batteries={},
        pv_used_kw={},
        import_kw=import_kw,
        export_kw=np.zeros(grid.n_steps),
        commitments_kw={},
    )


@pytest.mark.parametrize(
    ("phases", "step_min", "expected"),
    [
        (((600, 45), (200, 30)), 30, [600, 400, 100]),
        (((600, 45), (200, 30)), 60, [500, 50]),
        (((90, 7), (30, 5), (12, 9)), 15, [(90 * 7 + 30 * 5 + 12 * 3) / 15, 12 * 6 / 15]),
        (((80, 10),), 10, [80]),
    ],
)
def test_run_power_keeps_the_energy_of_each_step(phases, step_min, expected):
    assert run_kw(task("t", *phases).phases, step_min) == pytest.approx(expected)


def test_store_level_counts_start_even_end_and_draws():
    """Three steps each: +6 in the first, −9 evenly, +4 in the last; 1.5 brought at once, 2.5 drawn in step 3."""
    flows = tuple(
        Flow(store_id="s", quantity=quantity, when=when)
        for quantity, when in ((6, "start"), (-9, "evenly"), (4, "end"))
    )
    day = plan(
        datetime(2026, 11, 24, tzinfo=BERLIN),
        tasks=(task("t", (10, 70), flows=flows),),
        stores=(
            Store(
                store_id="s",
                name="s",
                unit="t",
                max_level=50,
                start_level=20,
                draws=(
                    StoreDraw(at=datetime(2026, 11, 24, 1, 59, tzinfo=BERLIN), quantity=2.5),
                    StoreDraw(at=datetime(2026, 11, 24, tzinfo=BERLIN), quantity=-1.5),
                    StoreDraw(at=datetime(2026, 11, 25, tzinfo=BERLIN), quantity=100),
                    StoreDraw(at=datetime(2026, 11, 23, 23, 59, tzinfo=BERLIN), quantity=200),
                ),
            ),
        ),
    )
    grid = grid_of(day, 30)
    run = Run(task_id="t", start=datetime(2026, 11, 24, 0, 30, tzinfo=BERLIN))
    replay = replay_of(only_runs(grid, np.zeros(grid.n_steps), run), day)
    assert store_levels(day.stores[0], replay)[:6] == pytest.approx([21.5, 24.5, 21.5, 20, 20, 20])


@pytest.mark.parametrize(
    ("first_min", "last_min", "expected"),
    [(44, 60, [3, 3, 0, 0, 3, 3]), (45, 60, [3, 3, 3, 0, 3, 3]), (46, 61, [3, 3, 3, 0, 0, 3])],
)
def test_an_outage_takes_every_step_it_touches(first_min, last_min, expected):
    start = datetime(2026, 11, 24, tzinfo=BERLIN)
    outage = Interval(start=start + timedelta(minutes=first_min), end=start + timedelta(minutes=last_min))
    ready = machines_ready(
        Machine(machine_id="m", name="m", count=3, outages=(outage,)),
        TimeGrid(start=start.astimezone(UTC), step_min=15, n_steps=6),
    )
    assert ready.tolist() == expected


NIGHTS = (
    Shift(name="night", start=time(22), end=time(6), wage_per_h=51),
    Shift(name="day", start=time(6), end=time(14), wage_per_h=33),
)


@pytest.mark.parametrize(("day", "night_h"), [((2026, 10, 25), 7), ((2026, 3, 29), 5), ((2026, 11, 24), 6)])
def test_a_night_shift_is_as_long_as_the_night(day, night_h):
    """At the clock change the night from 22:00 to 06:00 has an hour more or less after midnight."""
    changed = plan(datetime(*day, tzinfo=BERLIN), shifts=NIGHTS)
    crews = crews_of(changed, grid_of(changed, 30), Calendar())
    expected = [51.0] * (2 * night_h) + [33.0] * 16 + [0.0] * 16 + [51.0] * 4
    assert crews.wage_per_h.tolist() == expected
    assert crews.n_shifts.tolist() == [int(wage > 0) for wage in expected]


def test_shifts_come_back_on_their_days_and_may_last_all_day():
    """Monday evening to Wednesday: the round-the-clock shift of Mondays and Wednesdays hands over at 07:00."""
    around = (
        Shift(name="even", start=time(7), end=time(7), days=("mon", "wed"), wage_per_h=21),
        Shift(name="odd", start=time(7), end=time(7), days=("tue",), wage_per_h=34),
    )
    start = datetime(2026, 11, 23, 23, tzinfo=UTC)
    two_days = ProductionPlan(
        plan_id="p", zone="Europe/Berlin", start=start, end=start + timedelta(days=2), shifts=around
    )
    crews = crews_of(two_days, TimeGrid.between(start, two_days.end, 60), Calendar())
    assert crews.wage_per_h.tolist() == [21.0] * 7 + [34.0] * 24 + [21.0] * 17
    assert set(crews.n_shifts.tolist()) == {1}


def test_a_shift_that_ends_inside_a_step_leaves_it_to_the_next():
    odd = (
        Shift(name="a", start=time(0), end=time(8, 10), wage_per_h=21),
        Shift(name="b", start=time(8, 10), end=time(0), wage_per_h=34),
    )
    day = plan(datetime(2026, 11, 24, tzinfo=BERLIN), shifts=odd)
    crews = crews_of(day, grid_of(day, 60), Calendar())
    assert crews.wage_per_h.tolist() == [21.0] * 8 + [34.0] * 16
    assert set(crews.n_shifts.tolist()) == {1}


def test_labour_and_lateness_on_the_long_day_count_real_hours():
    """From 00:00 summer time 8 h last until 07:00 winter time: 7 h of night, 1 h of day; due 06:15, 0.75 h late."""
    start = datetime(2026, 10, 25, tzinfo=BERLIN)
    order = Order(order_id="o", due=datetime(2026, 10, 25, 6, 15, tzinfo=BERLIN), lateness_cost_per_h=44)
    day = plan(
        start,
        shifts=NIGHTS,
        orders=(order,),
        tasks=(task("t", (10, 480), order_id="o", crew_count=2),),
    )
    grid = grid_of(day, 30)
    assert grid.n_steps == 50
    import_kw = np.where(np.arange(50) < 16, 10.0, 0.0)
    judged = audit(only_runs(grid, import_kw, Run(task_id="t", start=start)), problem_of(day, grid))
    assert judged.violations == ()
    assert judged.costs.labour_cost == pytest.approx(2 * (7 * 51 + 33))
    assert judged.costs.lateness_cost == pytest.approx(0.75 * 44)


def test_an_end_limit_given_in_the_zone_counts_real_hours():
    """On the short day 5 h from 01:00 end at 07:00; the wall clock alone would say 06:00."""
    start = datetime(2026, 3, 29, tzinfo=BERLIN)
    limit = datetime(2026, 3, 29, 6, 0, tzinfo=BERLIN)
    day = plan(start, tasks=(task("t", (10, 300), latest_end=limit),))
    grid = grid_of(day, 60)
    import_kw = np.where((np.arange(23) >= 1) & (np.arange(23) < 6), 10.0, 0.0)
    judged = audit(only_runs(grid, import_kw, Run(task_id="t", start=start.replace(hour=1))), problem_of(day, grid))
    assert [(one.code, one.data["minutes"]) for one in judged.violations] == [("run_too_late", 60.0)]


@pytest.mark.parametrize(("fold", "hour", "expected"), [(0, 2, []), (1, 2, []), (0, 3, ["run_off_rhythm"]), (0, 4, [])])
def test_the_start_rhythm_follows_the_wall_clock(fold, hour, expected):
    """On the long day 03:00 is four hours after midnight, and still no even hour."""
    start = datetime(2026, 10, 25, tzinfo=BERLIN)
    day = plan(start, tasks=(task("t", (10, 60), start_every_min=120),))
    grid = grid_of(day, 60)
    begin = datetime(2026, 10, 25, hour, tzinfo=BERLIN, fold=fold)
    import_kw = np.zeros(25)
    import_kw[grid.edge_of(begin.astimezone(UTC))] = 10.0
    judged = audit(only_runs(grid, import_kw, Run(task_id="t", start=begin)), problem_of(day, grid))
    assert [one.code for one in judged.violations] == expected


@pytest.mark.parametrize(("minute", "expected"), [(90, []), (105, ["run_off_rhythm"])])
def test_the_start_rhythm_counts_hours_and_minutes(minute, expected):
    """Every 45 minutes: 01:30 is one of them, 01:45 is not; a task that needs nobody runs without a shift."""
    start = datetime(2026, 11, 24, tzinfo=BERLIN)
    day = plan(start, tasks=(task("t", (10, 15), start_every_min=45),), shifts=(NIGHTS[1],))
    grid = grid_of(day, 15)
    import_kw = np.where(np.arange(96) == minute // 15, 10.0, 0.0)
    begun = Run(task_id="t", start=start + timedelta(minutes=minute))
    judged = audit(only_runs(grid, import_kw, begun), problem_of(day, grid))
    assert [one.code for one in judged.violations] == expected
    assert judged.costs.labour_cost == 0


def test_pv_follows_the_local_clock_through_the_repeated_hour():
    hourly = Pv(pv_id="x", daily_kw=tuple(float(hour) for hour in range(24)))
    grid = TimeGrid.between(datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC), 60)
    assert pv_ready_kw(hourly, grid, "Europe/Berlin").tolist() == [0, 1, 2, 2, 3]


def test_pv_of_a_long_step_is_its_mean():
    """96 values of which the first four are 8, 6, 3, 1; the hour has 4.5, the half-hours 7 and 2."""
    quarters = Pv(pv_id="x", daily_kw=(8.0, 6.0, 3.0, 1.0, *[0.0] * 92))
    start = datetime(2026, 11, 23, 16, tzinfo=UTC)
    hour = TimeGrid(start=start, step_min=60, n_steps=1)
    halves = TimeGrid(start=start, step_min=30, n_steps=2)
    assert pv_ready_kw(quarters, hour, "Asia/Shanghai").tolist() == [4.5]
    assert pv_ready_kw(quarters, halves, "Asia/Shanghai").tolist() == [7, 2]


def test_pv_of_a_zone_half_an_hour_off_mixes_two_hours():
    """A UTC hour begins at half past in India: half of the hour before, half of the hour after."""
    hourly = Pv(pv_id="x", daily_kw=tuple(float(hour**2) for hour in range(24)))
    grid = TimeGrid(start=datetime(2026, 11, 24, 0, tzinfo=UTC), step_min=60, n_steps=2)
    assert pv_ready_kw(hourly, grid, "Asia/Kolkata").tolist() == [(25 + 36) / 2, (36 + 49) / 2]
