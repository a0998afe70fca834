"""A plant whose work has ways, lots, set-ups, stores that spoil, shared utilities and few people; all numbers different."""

from datetime import time

import numpy as np

from domain.offers import ResponseProblem
from domain.plant import (
    Changeover,
    Flow,
    Interval,
    Mode,
    Order,
    PowerPhase,
    Precedence,
    Process,
    RateFlow,
    Shift,
    Store,
    StoreDraw,
    Utility,
    UtilityGap,
    UtilityUse,
)
from tests.optimizer_cases import grid, hour, machine, plan, problem, site, task, terms


def works_problem() -> ResponseProblem:
    """Give a plant in which every equation of ways, lots, stores, utilities, people and set-ups has a row.

    A is done on N in 3 h or on K in 5 h, once or twice, in lots from 0.4. B needs the mixers M (two of them) set to red,
    C to blue; both stand red at first, one change takes 1.5 h. D follows A2, which K does as well.
    """
    horizon = grid()
    return problem(
        horizon,
        base_kw=60.0 + 2.0 * np.arange(24),
        site=site(co2_price_per_t=80.0),
        plan=plan(
            horizon,
            machines=(
                machine("N"),
                machine("K"),
                machine("M", count=2, family_at_start="red", outages=(Interval(start=hour(13), end=hour(14)),)),
            ),
            stores=(
                Store(
                    store_id="I",
                    name="cold store",
                    unit="kWh",
                    min_level=3.0,
                    max_level=70.0,
                    start_level=30.0,
                    end_min_level=7.0,
                    end_max_level=47.0,
                    decay_share_per_h=0.1,
                    rest_level=5.0,
                    disposal_cost_per_unit=0.7,
                    draws=(StoreDraw(at=hour(9.5), quantity=7.0),),
                ),
                Store(
                    store_id="H",
                    name="dough",
                    unit="t",
                    max_level=40.0,
                    start_level=2.0,
                    end_min_level=0.0,
                    max_hold_min=200,
                    disposal_cost_per_unit=0.45,
                    draws=(
                        StoreDraw(at=hour(2), quantity=-6.0),
                        StoreDraw(at=hour(2.25), quantity=0.35),
                        StoreDraw(at=hour(6), quantity=-9.0),
                        StoreDraw(at=hour(7), quantity=8.5),
                    ),
                ),
            ),
            orders=(Order(order_id="O", due=hour(15), lateness_cost_per_h=17.0),),
            tasks=(
                task(
                    "A",
                    90.0,
                    3,
                    "N",
                    count=2,
                    min_count=1,
                    least_lot_share=0.4,
                    flows=(
                        Flow(store_id="I", quantity=12.0, when="evenly"),
                        Flow(store_id="H", quantity=-1.5, when="start"),
                    ),
                    crew_count=1.5,
                    start_cost=13.0,
                    utilities=(UtilityUse(utility_id="S", quantity=2.5),),
                    modes=(
                        Mode(
                            mode_id="slow",
                            machine_ids=("K",),
                            phases=(PowerPhase(power_kw=50.0, duration_min=300),),
                            crew_count=0.5,
                        ),
                    ),
                ),
                task("B", 75.0, 2, "M", count=2, family="red", utilities=(UtilityUse(utility_id="S", quantity=3.5),)),
                task("C", 65.0, 2.5, "M", count=3, family="blue", crew_count=1.0),
                task(
                    "A2",
                    35.0,
                    1,
                    "N",
                    modes=(
                        Mode(mode_id="slow", machine_ids=("K",), phases=(PowerPhase(power_kw=22.0, duration_min=120),)),
                    ),
                ),
                task("D", 33.0, 2, "K", order_id="O"),
            ),
            precedences=(Precedence(before="A2", after="D", min_gap_min=30, max_gap_min=240),),
            processes=(
                Process(
                    process_id="P",
                    name="mill",
                    unit="t",
                    min_rate=1.0,
                    max_rate=4.0,
                    kwh_per_unit=6.0,
                    machine_ids=("N",),
                    crew_count=1.25,
                    flows=(RateFlow(store_id="H", quantity_per_unit=0.3),),
                    utilities=(UtilityUse(utility_id="S", quantity=0.75, quantity_per_rate=0.2),),
                ),
            ),
            utilities=(
                Utility(
                    utility_id="S",
                    name="steam",
                    unit="t/h",
                    limit=7.0,
                    gaps=(UtilityGap(start=hour(6.5), end=hour(9), limit=4.0),),
                    price_per_unit_h=19.0,
                    co2_kg_per_unit_h=55.0,
                ),
            ),
            changeovers=(
                Changeover(
                    machine_id="M",
                    from_family="red",
                    to_family="blue",
                    duration_min=90,
                    power_kw=8.0,
                    cost=31.0,
                    crew_count=2.0,
                ),
                Changeover(machine_id="M", from_family="blue", to_family="red", duration_min=45, cost=23.0),
            ),
            shifts=(
                Shift(name="day", start=time(6), end=time(18), wage_per_h=37.0, people_count=4.0),
                Shift(name="night", start=time(18), end=time(6), wage_per_h=53.0, people_count=3.0),
            ),
        ),
        terms=terms(horizon, np.where(np.arange(24) < 7, 0.29, 0.83)),
    )
