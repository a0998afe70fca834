from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import DuplicateIdError, InvalidFieldError, UnknownReferenceError
from domain.plant import (
    Battery,
    Flow,
    Machine,
    ModulatingLoad,
    Order,
    PowerPhase,
    Precedence,
    ProductionPlan,
    Pv,
    Shift,
    ShiftEnergy,
    Store,
    Task,
)

START = datetime(2026, 11, 23, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def task(task_id: str = "t1", **changes: Any) -> Task:
    fields = {
        "task_id": task_id,
        "name": "Melt",
        "machine_ids": ("m1",),
        "phases": (PowerPhase(power_kw=800.0, duration_min=50), PowerPhase(power_kw=300.0, duration_min=40)),
    }
    return Task(**(fields | changes))


def plan(**changes: Any) -> ProductionPlan:
    fields = {
        "plan_id": "p",
        "zone": "UTC",
        "start": START,
        "end": at(48),
        "machines": (Machine(machine_id="m1", name="Furnace"),),
        "tasks": (task(),),
    }
    return ProductionPlan(**(fields | changes))


def test_a_task_knows_its_length_and_energy():
    assert task().duration_min == 90
    assert task().energy_kwh == pytest.approx(800 * 50 / 60 + 300 * 40 / 60)


def test_windows_come_from_plan_order_and_task():
    order = Order(order_id="o", release=at(3), due=at(20))
    late = Order(order_id="late", release=at(5), due=at(20), lateness_cost_per_h=40.0)
    asked = plan(
        orders=(order, late),
        tasks=(
            task("free"),
            task("of-order", order_id="o"),
            task("tight", order_id="o", earliest=at(4), latest_end=at(19)),
            task("may-be-late", order_id="late"),
        ),
    )
    hours = {
        one.task_id: tuple((edge - START) / timedelta(hours=1) for edge in asked.window_of(one)) for one in asked.tasks
    }
    assert hours == {"free": (0, 48), "of-order": (3, 20), "tight": (4, 19), "may-be-late": (5, 48)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"machines": ()}, "m1"),
        ({"tasks": (task(order_id="nobody"),)}, "nobody"),
        ({"tasks": (task(flows=(Flow(store_id="silo", quantity=3.0),)),)}, "silo"),
        ({"precedences": (Precedence(before="t1", after="ghost"),)}, "ghost"),
    ],
)
def test_what_is_not_there_is_named(changes, words):
    with pytest.raises(UnknownReferenceError, match=words):
        plan(**changes)


def test_an_id_used_twice_is_named():
    with pytest.raises(DuplicateIdError, match="t1"):
        plan(tasks=(task(), task()))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": at(1)}, "midnight"),
        ({"end": START}, "end after it starts"),
        ({"tasks": (task(latest_end=at(1)),)}, "does not fit"),
        (
            {"tasks": (task(count=2), task("b")), "precedences": (Precedence(before="t1", after="b"),)},
            "must have exactly one run",
        ),
        (
            {
                "tasks": (task("a"), task("b"), task("c")),
                "precedences": tuple(Precedence(before=x, after=y) for x, y in ("ab", "bc", "ca")),
            },
            "circle",
        ),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(changes, words):
    with pytest.raises(InvalidFieldError, match=words):
        plan(**changes)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: task(phases=()), "empty"),
        (lambda: task(count=0), "greater than 0"),
        (lambda: PowerPhase(power_kw=5.0, duration_min=0), "greater than 0"),
        (lambda: PowerPhase(power_kw=float("nan"), duration_min=5), "finite"),
        (lambda: task(planned_starts=(at(1),), count=2), "none or all 2 runs"),
        (lambda: task(movable=False), "planned starts"),
        (lambda: task(earliest=at(1), latest_end=at(2)), "less time than one run of 90 min"),
        (lambda: task(earliest=at(1).replace(tzinfo=None)), "UTC offset"),
        (lambda: Precedence(before="a", after="a"), "follow itself"),
        (lambda: Precedence(before="a", after="b", min_gap_min=9, max_gap_min=3), "max_gap_min"),
        (lambda: Order(order_id="o", release=at(5), due=at(4)), "end after"),
        (lambda: Store(store_id="s", name="s", unit="t", max_level=5.0, start_level=7.0), "within 0.0 … 5.0"),
        (lambda: Store(store_id="s", name="s", unit="t", min_level=9.0, max_level=5.0, start_level=5.0), "max_level"),
        (
            lambda: ModulatingLoad(
                load_id="l", name="l", max_kw=10.0, shifts=(ShiftEnergy(start=at(0), end=at(2), energy_kwh=21.0),)
            ),
            "within 0 … 20 kWh",
        ),
        (
            lambda: ModulatingLoad(
                load_id="l",
                name="l",
                max_kw=10.0,
                shifts=(
                    ShiftEnergy(start=at(0), end=at(2), energy_kwh=3.0),
                    ShiftEnergy(start=at(1), end=at(3), energy_kwh=3.0),
                ),
            ),
            "before the shift before it ends",
        ),
        (
            lambda: Battery(
                battery_id="b", capacity_kwh=10.0, max_charge_kw=5.0, max_discharge_kw=5.0, soc_start_kwh=11.0
            ),
            "capacity_kwh",
        ),
        (
            lambda: Battery(
                battery_id="b",
                capacity_kwh=10.0,
                max_charge_kw=5.0,
                max_discharge_kw=5.0,
                soc_start_kwh=1.0,
                charge_eff=1.2,
            ),
            "between 0 and 1",
        ),
        (lambda: Pv(pv_id="v", daily_kw=(1.0,) * 23), "24, 48 or 96"),
        (lambda: Shift(name="s", start=at(0).time(), end=at(8).time(), days=("someday",), wage_per_h=3.0), "someday"),
    ],
)
def test_crooked_parts_are_refused_with_a_reason(make, words):
    with pytest.raises((InvalidFieldError, UnknownReferenceError), match=words):
        make()


def test_energy_of_a_shift_over_a_clock_change_counts_real_hours():
    """Night of 25 October 2026 in Berlin: 22:00 to 06:00 lasts nine hours."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 -- only here

    berlin = ZoneInfo("Europe/Berlin")
    start, end = datetime(2026, 10, 24, 22, tzinfo=berlin), datetime(2026, 10, 25, 6, tzinfo=berlin)
    load = ModulatingLoad(
        load_id="l", name="l", min_kw=10.0, max_kw=10.0, shifts=(ShiftEnergy(start=start, end=end, energy_kwh=90.0),)
    )
    assert load.shifts[0].end - load.shifts[0].start == timedelta(hours=9)
