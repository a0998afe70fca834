"""Tiny plants in each of which a few equations bind: where one of these is missing, the cheapest answer breaks it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from domain.offers import ResponseProblem, StandingPlan
from domain.plant import (
    Battery,
    Changeover,
    Flow,
    Precedence,
    Process,
    ProcessState,
    Pv,
    Quota,
    RateFlow,
    Run,
    Schedule,
    Store,
    StoreDraw,
)
from tests.optimizer_cases import (
    affine,
    coupled_problem,
    demand,
    during,
    equipped_problem,
    event,
    grid,
    hinge,
    hour,
    machine,
    peak,
    plan,
    problem,
    site,
    step,
    task,
    terms,
)
from tests.process_cases import processed_problem
from tests.random_works import works
from tests.reactive_cases import lossy_problem, reactive_problem
from tests.works_cases import works_problem

HOURS = np.arange(24)


def priced_at(**by_hour: float) -> np.ndarray:
    """Give prices from names like h3_7=0.5: both hours included; 1.0 elsewhere."""
    price = np.ones(24)
    for name, value in by_hour.items():
        first, _, last = name[1:].partition("_")
        price[int(first) : int(last or first) + 1] = value
    return price


def paid_to_burn() -> ResponseProblem:
    """For six hours drawing earns money: a battery would charge while it discharges."""
    cell = Battery(
        battery_id="B",
        capacity_kwh=50.0,
        max_charge_kw=40.0,
        max_discharge_kw=30.0,
        charge_eff=0.8,
        discharge_eff=0.7,
        soc_start_kwh=20.0,
    )
    return problem(grid(), site=site(batteries=(cell,)), terms=terms(grid(), priced_at(h2_7=-0.6)))


def late_follower() -> ResponseProblem:
    """B is cheap ten hours after A, which is cheap at once; three hours are the most between them."""
    price = priced_at(h0=0.1, h12=0.2, h3=0.8)
    runs = (task("A", 50.0, 1), task("B", 70.0, 1))
    links = (Precedence(before="A", after="B", max_gap_min=180),)
    return problem(grid(), plan=plan(grid(), tasks=runs, precedences=links), terms=terms(grid(), price))


def jump_worth_taking() -> ResponseProblem:
    """The one cheap hour has a base of 300 kW: a run of 200 there jumps over 420 kW and is worth it; one of 150 is not."""
    contract = demand(
        grid(), price_per_kw=0.1, contract_kw=400.0, thresholds_kw=(420.0,), multipliers=(2.0,), jump_kw=20.0
    )
    base_kw = np.where(HOURS == 5, 300.0, 60.0)
    price = terms(grid(), priced_at(h5=0.05, h7=0.02), (contract,))
    runs = (task("A", 200.0, 1, latest_end=hour(6)), task("B", 150.0, 1))
    return problem(grid(), base_kw, plan=plan(grid(), tasks=runs), terms=price)


def answering(response_kw: float, **changed: Any) -> ResponseProblem:
    """Let a run leave the event's hours, which lie 20 kW above the baseline's 120: the response is its power less 20."""
    runs = (task("A", response_kw + 20.0, 2, planned_starts=(hour(18),)),)
    one = event(**({"baseline_kw": 100.0 + response_kw, "pay_per_kw": 9.0, "penalty_per_kw": 2.5} | changed))
    return problem(grid(), plan=plan(grid(), tasks=runs), terms=terms(grid(), priced_at(h18_19=0.9)), events=(one,))


def least_promise() -> ResponseProblem:
    """Promising the 41 kW that can be delivered would pay most; 50 are the least."""
    return answering(41.0)


def great_response() -> ResponseProblem:
    """150 kW can be delivered and 60 be promised: two rows of the table at once would pay both."""
    return answering(150.0, max_commitment_kw=60.0, min_commitment_kw=10.0)


def not_worth_promising() -> ResponseProblem:
    """Less than the least promise can be delivered, and what is short is fined more than the rest is paid."""
    return answering(25.0, pay_per_kw=1.0, penalty_per_kw=30.0)


def _delivers_anyway(response_kw: float, commitment_kw: float) -> ResponseProblem:
    """A promise that was made, and a load that lies below its baseline whatever is done."""
    promise = {"min_commitment_kw": commitment_kw, "max_commitment_kw": commitment_kw, "is_committed": True}
    return problem(grid(), events=(event(baseline_kw=100.0 + response_kw, pay_per_kw=9.0, **promise),))


def kept() -> ResponseProblem:
    """57 of 60 kW are delivered and paid, 3 fined."""
    return _delivers_anyway(57.0, 60.0)


def overdelivered() -> ResponseProblem:
    """1.2 times the promise is paid at most: 72 kW of 100."""
    return _delivers_anyway(100.0, 60.0)


def missed() -> ResponseProblem:
    """A promise that was made: 30 kW can be delivered, 50 must be promised, and what is short is fined."""
    return answering(30.0, is_committed=True)


def two_samples() -> ResponseProblem:
    """One promise is settled on two samples of the base load, of which each alone would promise its own response."""
    first = event(event_id="E", baseline_kw=160.0, promise_id="p", pay_per_kw=9.0, min_commitment_kw=10.0)
    asked = answering(60.0)
    return replace(asked, events=(first, replace(first, event_id="F", baseline_kw=184.0)))


def _unit(process_id: str, **changed: Any) -> Process:
    plain: dict[str, Any] = {
        "process_id": process_id,
        "name": process_id,
        "unit": "t",
        "min_rate": 2.0,
        "max_rate": 8.0,
        "kwh_per_unit": 5.0,
    }
    return Process(**(plain | changed))


def dear_hour() -> ResponseProblem:
    """One hour amid the units' work is dear. U may not pause for less than three hours, V may stop from 4 t/h only, W was on
    and must stay so, X earns and may make 9 t."""
    units = (
        _unit("U", min_pause_min=180, quotas=(Quota(start=hour(0), end=hour(6), least=36.0),)),
        _unit("V", max_fall_per_h=4.0, start_cost=0.1, quotas=(Quota(start=hour(3), end=hour(6), least=16.0),)),
        _unit(
            "W", min_rate=0.0, fixed_kw=6.0, min_run_min=240, before=ProcessState(is_on=True, rate=3.0, since_min=60)
        ),
        _unit("X", cost_per_unit=-9.0, quotas=(Quota(start=hour(0), end=hour(24), most=9.0),)),
    )
    price = terms(grid(), priced_at(h3=4.0))
    return problem(grid(), plan=plan(grid(), processes=units), terms=price)


def full_stores() -> ResponseProblem:
    """Cheap hours fill one store to its brim for the day's draws; runs that earn would fill the other beyond its end."""
    stores = (
        Store(
            store_id="tank",
            name="tank",
            unit="t",
            max_level=20.0,
            start_level=5.0,
            end_min_level=0.0,
            draws=tuple(StoreDraw(at=hour(h), quantity=4.0) for h in range(8, 18)),
        ),
        Store(store_id="yard", name="yard", unit="t", max_level=60.0, start_level=5.0, end_max_level=14.0),
    )
    pump = _unit("P", min_rate=0.0, max_rate=9.0, flows=(RateFlow(store_id="tank", quantity_per_unit=1.0),))
    earning = task("A", 10.0, 1, count=5, min_count=0, start_cost=-50.0, flows=(Flow(store_id="yard", quantity=3.0),))
    return problem(
        grid(),
        plan=plan(grid(), stores=stores, tasks=(earning,), processes=(pump,)),
        terms=terms(grid(), priced_at(h0_6=0.1)),
    )


def sun_fed_in() -> ResponseProblem:
    """More sun than load at noon, and a turbine in the base that must feed in; that is paid."""
    priced = terms(grid(), 0.7, export_price_per_kwh=np.full(24, 0.13))
    sun = Pv(pv_id="G", daily_kw=(*[0.0] * 11, 190.0, 210.0, *[0.0] * 11))
    base_kw = np.where(HOURS == 14, -40.0, 100.0)
    return problem(grid(), base_kw, site=site(export_limit_kw=100.0, pv=(sun,)), terms=priced)


def half_a_change() -> ResponseProblem:
    """A demand charge would have the changeover done by halves in different hours."""
    change = Changeover(machine_id="M", from_family="a", to_family="b", duration_min=60, power_kw=60.0, cost=3.0)
    runs = (task("B", 10.0, 1, "M", family="b", earliest=hour(20)),)
    makers = plan(grid(), machines=(machine("M", family_at_start="a"),), tasks=runs, changeovers=(change,))
    return problem(grid(), plan=makers, terms=terms(grid(), 0.5, (demand(grid()),)))


def both_turned() -> ResponseProblem:
    """Two runs in one hour need both machines of the kind to be set to b."""
    change = Changeover(machine_id="M", from_family="a", to_family="b", duration_min=60, power_kw=30.0)
    runs = (task("B", 10.0, 1, "M", family="b", count=2, earliest=hour(10), latest_end=hour(11)),)
    machines = (machine("M", count=2, family_at_start="a"),)
    return problem(grid(), plan=plan(grid(), machines=machines, tasks=runs, changeovers=(change,)))


def _runs_by_day(price: np.ndarray, *atoms: Any, charged: tuple[tuple[float, int], ...]) -> ResponseProblem:
    """Two runs of 100 kWh, by day (from 8 to 20) or outside of it; the base by day is 300 kWh."""
    runs = plan(grid(), machines=(machine("M"),), tasks=(task("R", 100.0, 1, "M", count=2),))
    base_kw = np.where((HOURS >= 8) & (HOURS < 20), 25.0, 5.0)
    return problem(grid(), base_kw, plan=runs, terms=terms(grid(), price, atoms=atoms, charged=charged))


BY_DAY = during(range(8, 20))


def two_rebates() -> ResponseProblem:
    """With one run by day, 350 kWh are reached: 20 back. 450 would bring 60 more, and cost 90 more."""
    low, high = (step(affine(-edge, BY_DAY), affine(1.0)) for edge in (350.0, 450.0))
    return _runs_by_day(priced_at(h8=0.2, h9_19=1.0, h0_7=0.1, h20_23=0.1), low, high, charged=((-20.0, 0), (-60.0, 1)))


def fine_worth_paying() -> ResponseProblem:
    """Beyond 350 kWh by day 5 are to be paid; the day is cheap."""
    beyond = step(affine(-350.0, BY_DAY), affine(1.0))
    return _runs_by_day(np.where(BY_DAY > 0, 0.2, 0.9), beyond, charged=((5.0, 0),))


def higher_peak_pays() -> ResponseProblem:
    """1400 kWh are cheap up to five hours of the peak: runs are stacked to raise it, in the cheapest hour, 5."""
    runs = plan(grid(), tasks=(task("A", 100.0, 1), task("B", 100.0, 1)))
    beyond = hinge(affine(0.0, np.ones(24), (-5.0, 0)))
    price = np.where(HOURS == 5, 0.03, 0.04)
    priced = terms(grid(), price, atoms=(peak(range(24)), beyond), charged=((0.2, 0), (0.06, 1)))
    return problem(grid(), 50.0, plan=runs, terms=priced)


def declining(day_price: float = 0.1) -> ResponseProblem:
    """Beyond 400 kWh by day a kWh costs 0.08 less: both runs are drawn there, or stay where it is cheap."""
    price = np.where(BY_DAY > 0, day_price, 0.09)
    return _runs_by_day(price, hinge(affine(-400.0, BY_DAY)), charged=((-0.08, 0),))


def rebate_of_peak(day_price: float = 0.22) -> ResponseProblem:
    """Who draws 350 kWh by day gets a part of his peak back."""
    reached = step(affine(-350.0, BY_DAY), affine(0.0, None, (1.0, 0)))
    price = np.where(BY_DAY > 0, day_price, 0.2)
    return _runs_by_day(price, peak(range(24)), reached, charged=((0.5, 0), (-0.4, 1)))


def changed_plan() -> ResponseProblem:
    """Two runs stand in dear hours; leaving them costs 40 each and three an hour; one is worth it."""
    machines = (machine("M", count=2),)
    asked = problem(
        grid(),
        plan=plan(grid(), machines=machines, tasks=(task("A", 100.0, 1, "M", count=2),)),
        terms=terms(grid(), priced_at(h10=1.2, h14=0.4, h20=1.9)),
    )
    runs = (Run(task_id="A", start=hour(10)), Run(task_id="A", start=hour(20)))
    zeros = np.zeros(24)
    stands = Schedule(
        grid=asked.horizon,
        runs=runs,
        base_kw=zeros,
        modulating_kw={},
        batteries={},
        pv_used_kw={},
        import_kw=zeros,
        export_kw=zeros,
        commitments_kw={},
    )
    standing = StandingPlan(schedule=stands, now=hour(3), run_change_cost=40.0, run_shift_cost_per_h=3.0)
    return replace(asked, standing=standing)


SEEDS = (1, 3, 4, 5, 8, 9, 12, 14)
PLANTS: dict[str, Callable[[], ResponseProblem]] = {
    "late follower": late_follower,
    "paid to burn": paid_to_burn,
    "jump worth taking": jump_worth_taking,
    "least promise": least_promise,
    "great response": great_response,
    "not worth promising": not_worth_promising,
    "kept": kept,
    "overdelivered": overdelivered,
    "missed": missed,
    "two samples": two_samples,
    "dear hour": dear_hour,
    "full stores": full_stores,
    "sun fed in": sun_fed_in,
    "half a change": half_a_change,
    "both turned": both_turned,
    "two rebates": two_rebates,
    "fine worth paying": fine_worth_paying,
    "higher peak pays": higher_peak_pays,
    "declining": declining,
    "rebate of peak": rebate_of_peak,
    "declining where it is cheap": lambda: declining(0.005),
    "rebate where it is cheap": lambda: rebate_of_peak(0.1),
    "changed plan": changed_plan,
    "compensated": reactive_problem,
    "losses that pay": lossy_problem,
    "processes": processed_problem,
    "everything of the bill": coupled_problem,
    "everything behind the meter": equipped_problem,
    "set-ups and stores": works_problem,
    **{f"works {seed}": lambda seed=seed: works(seed) for seed in SEEDS},
}
"""By name; small ones first, so that what they notice needs no large one."""
