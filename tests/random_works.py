"""Random small works of one day: every kind of equipment and limit, sizes that an exact search masters in a second."""

from datetime import time
from typing import Any

import numpy as np

from domain.offers import ResponseProblem
from domain.plant import (
    Battery,
    Changeover,
    Flow,
    Interval,
    Machine,
    Mode,
    ModulatingLoad,
    Order,
    PowerPhase,
    Precedence,
    Process,
    ProcessState,
    Quota,
    RateFlow,
    Shift,
    ShiftEnergy,
    Store,
    StoreDraw,
    Task,
    Utility,
    UtilityGap,
    UtilityUse,
)
from domain.tariffs import DemandTerm
from domain.time import TimeGrid
from tests.optimizer_cases import demand, grid, hour, machine, plan, problem, site, terms

N_HOURS = 24


class Dice:
    """A generator with the throws that plants need."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def whole(self, least: int, most: int) -> int:
        return int(self.rng.integers(least, most + 1))

    def number(self, least: float, most: float, decimals: int = 2) -> float:
        return round(float(self.rng.uniform(least, most)), decimals)

    def maybe(self, share: float, value: Any, other: Any = None) -> Any:
        return value if self.chance(share) else other

    def span(self, least_h: int, most_h: int) -> tuple[int, int]:
        first = self.whole(0, N_HOURS - most_h)
        return first, first + self.whole(least_h, most_h)


def _phases(dice: Dice) -> tuple[PowerPhase, ...]:
    minutes = [(60,), (120,), (90,), (45, 75), (30,)]
    chosen = minutes[dice.whole(0, len(minutes) - 1)]
    return tuple(PowerPhase(power_kw=dice.number(20, 140), duration_min=one) for one in chosen)


def _uses(dice: Dice, share: float) -> tuple[UtilityUse, ...]:
    return (UtilityUse(utility_id="steam", quantity=dice.number(0.2, 2.0)),) if dice.chance(share) else ()


def _flows(dice: Dice, share: float, *, brings: bool) -> tuple[Flow, ...]:
    if not dice.chance(share):
        return ()
    sign = 1 if brings else -1
    when = ("start", "end", "evenly")[dice.whole(0, 2)]
    return (Flow(store_id="silo", quantity=sign * dice.number(1.0, 6.0), when=when),)


def _task(dice: Dice, number: int, *, with_families: bool, brings: bool) -> Task:
    count = dice.whole(1, 3)
    first, stop = dice.span(10, 22)
    machine_id = ("set", "oven")[dice.whole(0, 1)]
    modes: tuple[Mode, ...] = ()
    if dice.chance(0.4):
        other = "oven" if machine_id == "set" else "spare"
        modes = (
            Mode(
                mode_id="other",
                machine_ids=(other,),
                phases=_phases(dice),
                flows=dice.maybe(0.3, _flows(dice, 0.9, brings=brings)),
                utilities=dice.maybe(0.3, ()),
                crew_count=dice.maybe(0.4, float(dice.whole(0, 2))),
                start_cost=dice.maybe(0.5, dice.number(-3, 12)),
            ),
        )
    return Task(
        task_id=f"T{number}",
        name=f"work {number}",
        machine_ids=(machine_id,),
        phases=_phases(dice),
        earliest=dice.maybe(0.4, hour(first)),
        latest_end=dice.maybe(0.5, hour(stop)),
        count=count,
        min_count=dice.maybe(0.3, dice.whole(0, count)),
        start_every_min=(60, 60, 120, 180)[dice.whole(0, 3)],
        flows=_flows(dice, 0.6, brings=brings),
        order_id=dice.maybe(0.3, "order"),
        crew_count=float(dice.whole(0, 2)),
        start_cost=dice.number(0, 15),
        modes=modes,
        least_lot_share=dice.maybe(0.3, dice.number(0.3, 0.9), 1.0),
        family="AB"[dice.whole(0, 1)] if with_families else None,
        utilities=_uses(dice, 0.5),
    )


def _process(dice: Dice, number: int) -> Process:
    least = dice.maybe(0.6, dice.number(1, 4), 0.0)
    most = least + dice.number(3, 8)
    is_on = dice.chance(0.3)
    generates = number == 1 and dice.chance(0.4)
    first, stop = dice.span(4, 12)
    quota_most = most * (stop - first)
    flows = dice.chance(0.5) and not generates
    quotas = dice.maybe(
        0.7 if flows or generates else 1.0,  # what serves nothing stays off
        (
            Quota(
                start=hour(first),
                end=hour(stop),
                least=round(quota_most * dice.number(0.1, 0.5), 2),
                most=dice.maybe(0.4, round(quota_most * 0.7, 2)),
                shortfall_cost_per_unit=dice.maybe(0.5, dice.number(1, 20)),
            ),
        ),
        (),
    )
    opens, closes = dice.span(12, 22)
    out = dice.whole(0, 22)
    return Process(
        process_id=f"R{number}",
        name=f"unit {number}",
        unit="t",
        min_rate=least,
        max_rate=most,
        fixed_kw=dice.maybe(0.4, dice.number(1, 12), 0.0),
        kwh_per_unit=dice.number(-9, -2) if generates else dice.number(2, 14),
        flows=(
            (
                RateFlow(
                    store_id="silo",
                    quantity_per_unit=dice.number(0.1, 0.8),
                    quantity_per_h=dice.maybe(0.3, dice.number(-0.6, 0.3), 0.0),
                ),
            )
            if flows
            else ()
        ),
        quotas=quotas,
        machine_ids=("spare",) if dice.chance(0.25) else (),
        utilities=(
            (
                UtilityUse(
                    utility_id="steam",
                    quantity=dice.maybe(0.4, dice.number(0.1, 0.8), 0.0),
                    quantity_per_rate=dice.number(-0.3, 0.2),
                ),
            )
            if dice.chance(0.5)
            else ()
        ),
        outages=dice.maybe(0.3, (Interval(start=hour(out + 0.25), end=hour(out + 1.5)),), ()),
        hours=dice.maybe(0.3, (Interval(start=hour(opens), end=hour(closes)),), ()),
        min_run_min=dice.maybe(0.4, dice.whole(2, 4) * 45, 0),
        min_pause_min=dice.maybe(0.4, dice.whole(1, 3) * 50, 0),
        max_rise_per_h=dice.maybe(0.35, dice.number(1.5, 5)),
        max_fall_per_h=dice.maybe(0.35, dice.number(1.5, 5)),
        start_cost=dice.maybe(0.4, dice.number(2, 25), 0.0),
        start_kwh=dice.maybe(0.3, dice.number(1, 15), 0.0),
        max_starts_count=dice.maybe(0.3, dice.whole(1, 2)),
        crew_count=dice.maybe(0.3, 1.0, 0.0),
        cost_per_unit=dice.number(2, 9) if generates else dice.number(0, 0.4),
        cost_per_h=dice.maybe(0.3, dice.number(0.5, 4), 0.0),
        co2_kg_per_unit=dice.number(0, 0.4),
        co2_kg_per_h=dice.maybe(0.3, dice.number(0.1, 1), 0.0),
        before=ProcessState(
            is_on=is_on,
            rate=round(least + 0.25 * (most - least), 3) if is_on else 0.0,
            since_min=dice.maybe(0.5, dice.whole(0, 4) * 40),
        ),
    )


def _store(dice: Dice) -> Store:
    start = dice.number(5, 14)
    holds = dice.chance(0.3)
    draws = tuple(
        StoreDraw(at=hour(dice.number(0.1, 23.9)), quantity=dice.number(-2, 2.5)) for _ in range(dice.whole(1, 4))
    )
    if holds:
        draws = (StoreDraw(at=hour(2.5), quantity=start), *draws)
    decay = 0.0 if holds else dice.maybe(0.4, dice.number(0.01, 0.08, 3), 0.0)
    return Store(
        store_id="silo",
        name="silo",
        unit="t",
        max_level=dice.number(18, 40),
        start_level=start,
        end_min_level=0.0 if holds else dice.maybe(0.85, dice.number(0, 5)),
        end_max_level=dice.maybe(0.4, dice.number(13, 17)),
        decay_share_per_h=decay,
        rest_level=dice.maybe(0.4, dice.number(0, 5), 0.0) if decay else 0.0,
        max_hold_min=dice.whole(3, 10) * 50 if holds else None,
        disposal_cost_per_unit=dice.number(0.5, 6) if holds else dice.maybe(0.4, dice.number(0.5, 6)),
        draws=draws,
    )


def _machines(dice: Dice, *, with_families: bool) -> tuple[Machine, ...]:
    out = dice.whole(0, 22)
    outages = dice.maybe(0.3, (Interval(start=hour(out + 0.5), end=hour(out + 1.25)),), ())
    return (
        machine("set", count=dice.whole(1, 2), family_at_start="A" if with_families else None, outages=outages),
        machine("oven", count=dice.whole(1, 2)),
        machine("spare"),
    )


def _changeovers(dice: Dice) -> tuple[Changeover, ...]:
    return tuple(
        Changeover(
            machine_id="set",
            from_family=before,
            to_family=after,
            duration_min=(30, 60, 90)[dice.whole(0, 2)],
            power_kw=dice.maybe(0.6, dice.number(5, 40), 0.0),
            cost=dice.number(0, 30),
            crew_count=dice.maybe(0.4, 1.0, 0.0),
        )
        for before, after in (("A", "B"), ("B", "A"))
    )


def _shifts(dice: Dice) -> tuple[Shift, ...]:
    kind = dice.whole(0, 3)
    if kind == 0:
        return ()
    people = [dice.maybe(0.6, float(dice.whole(2, 4))) for _ in range(2)]
    day = Shift(name="day", start=time(6), end=time(18), wage_per_h=dice.number(3, 12), people_count=people[0])
    ends = time(6) if kind > 1 else time(23)
    night = Shift(name="night", start=time(18), end=ends, wage_per_h=dice.number(6, 20), people_count=people[1])
    return (day, night)


def _demand(dice: Dice, horizon: TimeGrid) -> tuple[DemandTerm, ...]:
    if not dice.chance(0.5):
        return ()
    return (demand(horizon, price_per_kw=dice.number(0.1, 2), other_peak_kw=np.array([dice.number(50, 260)])),)


def works(seed: int, step_min: int = 60) -> ResponseProblem:
    """Give a small works; some cannot be run at all."""
    dice = Dice(seed)
    horizon = grid(step_min=step_min)
    with_families = dice.chance(0.5)
    tasks = tuple(
        _task(dice, number, with_families=with_families, brings=dice.chance(0.5)) for number in range(dice.whole(1, 3))
    )
    single = [one.task_id for one in tasks if one.count == 1 and one.min_count != 0]
    links: tuple[Precedence, ...] = ()
    if len(single) > 1 and dice.chance(0.6):
        links = (
            Precedence(
                before=single[0],
                after=single[1],
                min_gap_min=dice.whole(0, 2) * 45,
                max_gap_min=dice.maybe(0.5, dice.whole(2, 6) * 60),
            ),
        )
    processes = tuple(_process(dice, number) for number in range(dice.whole(0, 2)))
    gap = dice.whole(0, 20)
    steam = Utility(
        utility_id="steam",
        name="steam",
        unit="t/h",
        limit=dice.number(1.5, 4),
        gaps=dice.maybe(0.4, (UtilityGap(start=hour(gap + 0.5), end=hour(gap + 3), limit=dice.number(0.5, 5)),), ()),
        price_per_unit_h=dice.maybe(0.6, dice.number(0.5, 8), 0.0),
        co2_kg_per_unit_h=dice.maybe(0.4, dice.number(1, 40), 0.0),
    )
    loads: tuple[ModulatingLoad, ...] = ()
    if dice.chance(0.3):
        first, stop = dice.span(4, 10)
        energy_kwh = round((stop - first) * dice.number(22, 55), 1)
        shift = ShiftEnergy(start=hour(first), end=hour(stop), energy_kwh=energy_kwh)
        loads = (ModulatingLoad(load_id="air", name="air", min_kw=20, max_kw=60, shifts=(shift,)),)
    prices = np.round(dice.rng.uniform(0.05, 1.2, horizon.n_steps), 3)
    if dice.chance(0.25):
        prices[dice.whole(0, 20) * 60 // step_min :][: 180 // step_min] = dice.number(-0.2, 0.0)
    exports = dice.chance(0.3)
    batteries = (
        Battery(
            battery_id="cell",
            capacity_kwh=90,
            max_charge_kw=25,
            max_discharge_kw=30,
            charge_eff=0.95,
            discharge_eff=0.93,
            soc_start_kwh=20,
            wear_cost_per_kwh=dice.number(0.01, 0.1),
        ),
    )
    base_kw = np.round(dice.rng.uniform(20, 90, horizon.n_steps), 1)
    return problem(
        horizon,
        base_kw=base_kw,
        site=site(
            import_limit_kw=dice.number(220, 420, 1),
            export_limit_kw=dice.number(10, 60, 1) if exports else 0.0,
            safety_load_kw=dice.maybe(0.25, round(float(base_kw.min()) + dice.number(0, 12), 1), 0.0),
            co2_price_per_t=dice.maybe(0.4, dice.number(20, 120), 0.0),
            grid_co2_kg_per_kwh=tuple(np.round(dice.rng.uniform(0.1, 0.9, 24), 3)),
            batteries=dice.maybe(0.3, batteries, ()),
        ),
        plan=plan(
            horizon,
            machines=_machines(dice, with_families=with_families),
            stores=(_store(dice),),
            orders=(Order(order_id="order", due=hour(dice.whole(10, 18)), lateness_cost_per_h=dice.number(1, 9)),),
            tasks=tasks,
            precedences=links,
            modulating_loads=loads,
            shifts=_shifts(dice),
            processes=processes,
            utilities=(steam,),
            changeovers=_changeovers(dice) if with_families else (),
        ),
        terms=terms(
            horizon,
            prices,
            _demand(dice, horizon),
            constant=dice.number(0, 50),
            **({"export_price_per_kwh": np.full(horizon.n_steps, dice.number(0.0, 0.04, 3))} if exports else {}),
        ),
    )
