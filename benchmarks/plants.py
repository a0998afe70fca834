"""Random plants of realistic shape, each with a plan that was built first and proves that it can be done.

``plant(seed, n_days=7, n_tasks=20)`` places every run, then draws the windows, stores, limits and waits around what it
has placed. So ``Plant.constructed`` is a schedule of the problem, and a search that gives none has failed.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from benchmarks.plant_bills import DAY_STEPS, STEP_H, ZONE, events_of, site_of, terms_of
from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import (
    Flow,
    Machine,
    Mode,
    ModulatingLoad,
    PlannedRate,
    PowerPhase,
    Precedence,
    Process,
    ProductionPlan,
    RateFlow,
    ShiftEnergy,
    Store,
    StoreDraw,
    Task,
)
from domain.time import TimeGrid

FIRST_DAY = date(2026, 11, 23)
STEP_MIN = 15
HALF = 0.5
"""Share of the plants whose people have planned the mill. [-]"""
MILL_T_PER_H = (30.0, 45.0)
"""Least and greatest throughput of the mill. [t / h]"""
MILL_LEAST_RUN_H, MILL_LEAST_PAUSE_H = 4, 2


@noun(eq=False)
class Plant:
    """A problem and the plan that was built before it."""

    problem: ResponseProblem
    constructed_steps: dict[str, int]
    """Start step by way id (``task`` or ``task@mode``): feasible by construction."""
    mill_rate: FloatArray | None
    """Throughput of the mill in the constructed plan, shape (n_steps,). [t / h]"""


@noun
class _Placed:
    """A run where the construction put it."""

    task_id: str
    machine_id: str
    first: int
    n_steps: int
    powers_kw: tuple[float, ...]
    """Two phases of equal length (within a step). [kW]"""

    @property
    def stop(self) -> int:
        return self.first + self.n_steps

    def drawn_kw(self) -> FloatArray:
        half = self.n_steps // 2
        return np.array([self.powers_kw[0]] * half + [self.powers_kw[1]] * (self.n_steps - half))


def plant(
    seed: int, *, n_days: int = 7, n_tasks: int = 20, tight: bool = False, mill: bool = True, ways: bool = True
) -> Plant:
    """Give a random plant.

    Parameters
    ----------
    seed : int
        The same seed gives the same plant.
    n_days, n_tasks : int
        Days of quarter hours, batch jobs.
    tight : bool
        Machines are busy nine tenths of the time, windows and limits leave little room.
    mill, ways : bool
        With a mill that feeds a silo; with jobs that may run on another machine.
    """
    random = np.random.default_rng([seed, n_days, n_tasks, int(tight)])
    n_steps = n_days * DAY_STEPS
    grid = TimeGrid.of_local_days(FIRST_DAY, n_days, ZONE, STEP_MIN)
    placed, n_machines = _place(random, n_steps, n_tasks, tight=tight)
    tasks = _tasks(random, placed, n_machines, grid, tight=tight, ways=ways)
    tasks, shelf = _shelf(random, tasks, placed, grid, tight=tight)
    loads = _modulating(random, grid, n_days, tight=tight)
    base_kw = _base_kw(random, n_steps)
    drawn_kw = np.array(base_kw)
    for one in placed:
        drawn_kw[one.first : one.stop] += one.drawn_kw()
    for load in loads:
        for shift in load.shifts:
            first, stop = grid.edge_of(shift.start), grid.edge_of(shift.end)
            drawn_kw[first:stop] += shift.energy_kwh / ((stop - first) * STEP_H)
    processes: tuple[Process, ...] = ()
    stores, rate = shelf, None
    if mill:
        process, silo, rate = _mill(random, grid, n_days, tight=tight)
        processes, stores = (process,), (*shelf, silo)
        drawn_kw += np.where(rate > 0, process.fixed_kw, 0.0) + process.kwh_per_unit * rate
    plan = ProductionPlan(
        plan_id=f"plant-{seed}",
        zone=ZONE,
        start=grid.start,
        end=grid.end,
        machines=tuple(Machine(machine_id=f"m{number}", name=f"Line {number}") for number in range(n_machines)),
        stores=stores,
        tasks=tasks,
        precedences=_precedences(random, placed, tight=tight),
        modulating_loads=loads,
        processes=processes,
    )
    problem = ResponseProblem(
        site=site_of(random, float(drawn_kw.max()), tight=tight),
        plan=plan,
        horizon=grid,
        base_kw=base_kw,
        terms=terms_of(random, grid, n_days, drawn_kw),
        events=events_of(random, n_days, drawn_kw),
    )
    return Plant(problem=problem, constructed_steps={one.task_id: one.first for one in placed}, mill_rate=rate)


def _place(random: np.random.Generator, n_steps: int, n_tasks: int, *, tight: bool) -> tuple[list[_Placed], int]:
    """Put runs on machines; each where it first fits after a random moment, turning around at the end."""
    durations = random.integers(4, 29, n_tasks)  # one to seven hours
    if n_steps == DAY_STEPS:
        durations = random.integers(3, 17, n_tasks)
    busy_share = 0.9 if tight else 0.5
    n_machines = max(1 if tight else 2, int(np.ceil(durations.sum() / (n_steps * busy_share))))
    free = np.ones((n_machines, n_steps), dtype=bool)
    found: list[_Placed] = []
    for number in np.argsort(-durations, kind="stable").tolist():
        length = int(durations[number])
        wished = int(random.integers(0, n_steps))
        ends = np.concatenate([np.zeros((n_machines, 1), dtype=int), np.cumsum(~free, axis=1)], axis=1)
        fits = ends[:, length:] == ends[:, :-length]
        while not fits.any():
            # no room is left on these machines: one more
            free = np.vstack([free, np.ones((1, n_steps), dtype=bool)])
            n_machines += 1
            ends = np.concatenate([np.zeros((n_machines, 1), dtype=int), np.cumsum(~free, axis=1)], axis=1)
            fits = ends[:, length:] == ends[:, :-length]
        order = np.roll(np.arange(fits.shape[1]), -min(wished, fits.shape[1] - 1))
        first = int(order[np.flatnonzero(fits[:, order].any(axis=0))[0]])
        machine = int(random.choice(np.flatnonzero(fits[:, first])))
        free[machine, first : first + length] = False
        level = float(np.round(random.uniform(80, 420), 1))
        found.append(
            _Placed(
                task_id=f"job-{number:03d}",
                machine_id=f"m{machine}",
                first=first,
                n_steps=length,
                powers_kw=(level, float(np.round(level * random.uniform(0.4, 1.0), 1))),
            )
        )
    return sorted(found, key=lambda one: one.task_id), n_machines


def _tasks(
    random: np.random.Generator, placed: list[_Placed], n_machines: int, grid: TimeGrid, *, tight: bool, ways: bool
) -> tuple[Task, ...]:
    """Give tasks whose windows reach up to two days (tight: half a day) beyond where the run stands."""
    widest = 48 if tight else 192
    found = []
    for one in placed:
        first = max(0, one.first - int(random.integers(8, widest + 1)))
        stop = min(grid.n_steps, one.stop + int(random.integers(8, widest + 1)))
        half = one.n_steps // 2
        phases = tuple(
            PowerPhase(power_kw=power, duration_min=STEP_MIN * length)
            for power, length in zip(one.powers_kw, (half, one.n_steps - half), strict=True)
        )
        modes: tuple[Mode, ...] = ()
        takes_way = random.random() < 0.3  # noqa: PLR2004 -- three jobs in ten
        other = int(random.integers(0, n_machines))
        if ways and takes_way and f"m{other}" != one.machine_id:
            hungrier = tuple(replace(phase, power_kw=round(phase.power_kw * 1.12, 1)) for phase in phases)
            modes = (Mode(mode_id="other", machine_ids=(f"m{other}",), phases=hungrier),)
        found.append(
            Task(
                task_id=one.task_id,
                name=f"Job {one.task_id}",
                machine_ids=(one.machine_id,),
                phases=phases,
                earliest=grid.at(first),
                latest_end=_at(grid, stop),
                start_every_min=STEP_MIN,
                modes=modes,
                start_cost=float(np.round(random.uniform(0, 30), 2)),
            )
        )
    return tuple(found)


def _shelf(
    random: np.random.Generator, tasks: tuple[Task, ...], placed: list[_Placed], grid: TimeGrid, *, tight: bool
) -> tuple[tuple[Task, ...], tuple[Store, ...]]:
    """Let a third of the jobs bring parts to a shelf and a quarter take some; its limits hold what was built."""
    flow = np.zeros(grid.n_steps)
    changed = []
    for task, one in zip(tasks, placed, strict=True):
        drawn = random.random()
        quantity = float(random.integers(2, 9))
        if drawn < 0.33:  # noqa: PLR2004 -- a third
            changed.append(replace(task, flows=(Flow(store_id="shelf", quantity=quantity, when="end"),)))
            flow[one.stop - 1] += quantity
        elif drawn < 0.58:  # noqa: PLR2004 -- and a quarter
            changed.append(replace(task, flows=(Flow(store_id="shelf", quantity=-quantity, when="start"),)))
            flow[one.first] -= quantity
        else:
            changed.append(task)
    level = np.cumsum(flow)
    spare = 2.0 if tight else 15.0
    start = spare - min(0.0, float(level.min()))
    store = Store(
        store_id="shelf",
        name="Shelf",
        unit="pieces",
        max_level=start + max(0.0, float(level.max())) + spare,
        start_level=start,
        end_min_level=max(0.0, start + float(level[-1]) - 0.5 * spare),
    )
    return tuple(changed), (store,)


def _precedences(random: np.random.Generator, placed: list[_Placed], *, tight: bool) -> tuple[Precedence, ...]:
    """Let about a third of the jobs follow one that ended within the day before; one in three may not wait long."""
    found = []
    for one in placed:
        earlier = [other for other in placed if 0 <= one.first - other.stop <= DAY_STEPS and other is not one]
        if not earlier or random.random() > 0.35:  # noqa: PLR2004 -- about a third
            continue
        other = earlier[int(random.integers(0, len(earlier)))]
        wait = one.first - other.stop
        most = None
        if random.random() < 0.33:  # noqa: PLR2004 -- one in three
            most = (wait + int(random.integers(4, 8 if tight else 32))) * STEP_MIN
        least = int(random.integers(0, min(wait, 4) + 1)) * STEP_MIN
        found.append(Precedence(before=other.task_id, after=one.task_id, min_gap_min=least, max_gap_min=most))
    return tuple(found)


def _modulating(random: np.random.Generator, grid: TimeGrid, n_days: int, *, tight: bool) -> tuple[ModulatingLoad, ...]:
    """Give compressors with three shifts a day and an oxygen plant with one span a day."""
    found = []
    for load_id, n_shifts, most_kw in (("air", 3, 260.0), ("oxygen", 1, 420.0)):
        length = DAY_STEPS // n_shifts
        shifts = []
        for number in range(n_days * n_shifts):
            share = random.uniform(0.75, 0.9) if tight else random.uniform(0.45, 0.8)
            shifts.append(
                ShiftEnergy(
                    start=grid.at(number * length),
                    end=_at(grid, (number + 1) * length),
                    energy_kwh=round(most_kw * share * length * STEP_H, 1),
                )
            )
        found.append(
            ModulatingLoad(load_id=load_id, name=load_id, min_kw=0.2 * most_kw, max_kw=most_kw, shifts=tuple(shifts))
        )
    return tuple(found)


def _mill(
    random: np.random.Generator, grid: TimeGrid, n_days: int, *, tight: bool
) -> tuple[Process, Store, FloatArray]:
    """Give a cement mill that runs at least four hours at a time into a silo from which lorries draw by day."""
    least, most = MILL_T_PER_H
    rate = np.zeros(grid.n_steps)
    planned: list[PlannedRate] = []
    for day in range(n_days):
        first = day * DAY_STEPS + int(random.integers(0, 13))
        length = int(random.integers(40, 61))
        level = float(np.round(random.uniform(least + 2.0, most - 2.0), 1))
        rate[first : first + length] = level
        rate[[first, first + length - 1]] = least  # it starts and stops at its least rate
        for start, stop, held in (
            (first, first + 1, least),
            (first + 1, first + length - 1, level),
            (first + length - 1, first + length, least),
        ):
            planned.append(PlannedRate(start=grid.at(start), end=_at(grid, stop), rate=held))
    draws, drawn = [], np.zeros(grid.n_steps)
    for day in range(n_days):
        made = float(rate[day * DAY_STEPS : (day + 1) * DAY_STEPS].sum()) * STEP_H
        for hour, share in ((8, 0.3), (11, 0.3), (15, 0.4)):
            t = day * DAY_STEPS + hour * 4
            quantity = round(made * share * random.uniform(0.93, 1.0), 2)
            draws.append(StoreDraw(at=grid.at(t), quantity=quantity))
            drawn[t] += quantity
    level_t = np.cumsum(rate * STEP_H - drawn)
    spare = 15.0 if tight else 150.0
    start = round(spare - min(0.0, float(level_t.min())), 2)
    silo = Store(
        store_id="silo",
        name="Cement silo",
        unit="t",
        max_level=round(start + max(0.0, float(level_t.max())) + spare, 2),
        start_level=start,
        end_min_level=round(start + min(0.0, float(level_t[-1])), 2),
        draws=tuple(draws),
    )
    process = Process(
        process_id="mill",
        name="Cement mill",
        unit="t",
        min_rate=least,
        max_rate=most,
        fixed_kw=90.0,
        kwh_per_unit=24.0,
        flows=(RateFlow(store_id="silo", quantity_per_unit=1.0),),
        min_run_min=MILL_LEAST_RUN_H * 60,
        min_pause_min=MILL_LEAST_PAUSE_H * 60,
        max_rise_per_h=60.0,
        max_fall_per_h=60.0,
        start_cost=85.0,
        planned=tuple(planned) if random.random() < HALF else (),
    )
    return process, silo, rate


def _base_kw(random: np.random.Generator, n_steps: int) -> FloatArray:
    hour = (np.arange(n_steps) % DAY_STEPS) * STEP_H
    shape = 350 + 220 * np.exp(-(((hour - 13) / 4.5) ** 2))
    return np.asarray(np.round(shape + random.normal(0, 12, n_steps), 2))


def _at(grid: TimeGrid, step: int) -> datetime:
    """Give the moment of a step's edge, the horizon's end included."""
    return grid.start + timedelta(minutes=STEP_MIN * step)
