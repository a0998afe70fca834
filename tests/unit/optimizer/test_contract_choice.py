"""Schedule and contract chosen together, against every schedule under every contract of tiny plants."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import numpy as np
import pytest

from domain.errors import InvalidFieldError
from domain.offers import ResponseProblem
from domain.tariffs import (
    BillingWindow,
    CapacityCharge,
    FixedCharge,
    MinimumCharge,
    OverStep,
    PowerFactorCharge,
    TaxCharge,
    UsageRebateCharge,
    bill,
    priced_terms,
)
from domain.tariffs.billing_modes import BillingMode, SizePrices, in_mode
from domain.tariffs.contract_terms import open_contract, with_contract
from domain.tariffs.free_contract import ContractLimits, ContractNotChoosableError
from optimizer.audit import audit
from optimizer.contract_choice import BillingOption, best_contract, choose_billing
from tests.optimizer_cases import EXACT, machine, plan, problem, site, task
from tests.tariff_cases import BandCalendar, demand, energy, month_grid, rule, supply_of, tariff_of, words

MONTH = date(2026, 11, 1)
HOURS = 24
TOU = BandCalendar(rules=(rule("day", "08:00-20:00"), rule("night", "20:00-08:00")))
STEPS = (
    OverStep(from_share=Decimal(1), multiplier=Decimal("1.5")),
    OverStep(from_share=Decimal("1.2"), multiplier=Decimal(3)),
)
RULES = {
    "actual_plus_double": {"over_rule": "actual_plus_double"},
    "contract_plus_double": {"over_rule": "contract_plus_double"},
    "stepped": {"over_rule": "stepped", "over_steps": STEPS},
}
LIMITS = ContractLimits(least_kw=Decimal(150), most_kw=Decimal(330))


def tariff_by(rule_name: str, *more, price: str = "9"):
    contract = demand(price, basis="contract", measurement_min=60, floor_share=Decimal("0.40"), **RULES[rule_name])
    prices = {"day": Decimal("0.9"), "night": Decimal("0.35")}
    return tariff_of(energy(TOU, band_prices=prices), contract, *more, zone="UTC")


def asked_with(seed: int, n_samples: int, supply) -> tuple[ResponseProblem, BillingWindow]:
    """Give two runs that may stand anywhere in a day, and a month around it in which some samples reach higher peaks."""
    rng = np.random.default_rng(seed)
    grid = month_grid(MONTH, "UTC", 60)
    first = 5 * HOURS
    around = rng.uniform(40, 120, (n_samples, grid.n_steps))
    around[np.arange(n_samples), 400] = rng.uniform(80, 420, n_samples)
    around[:, first : first + HOURS] = np.nan
    window = BillingWindow(
        grid=grid, zone="UTC", first=first, stop=first + HOURS, around_kw=around, power_factor=Decimal("0.88")
    )
    horizon = window.horizon
    runs = (
        task("A", 150.0, 3, "M", earliest=horizon.start, latest_end=horizon.end),
        task("B", 110.0, 4, "N", earliest=horizon.start + timedelta(hours=6), latest_end=horizon.end),
    )
    works = plan(horizon, machines=(machine("M"), machine("N")), tasks=runs)
    base = rng.uniform(50, 140, HOURS)
    return problem(horizon, base, site=site(supply=supply), plan=works), window


def every_load(asked: ResponseProblem) -> np.ndarray:
    """Give the load of every combination of starts."""
    loads = []
    for a, b in product(range(HOURS - 2), range(6, HOURS - 3)):
        load = np.array(asked.base_kw)
        load[a : a + 3] += 150.0
        load[b : b + 4] += 110.0
        loads.append(load)
    return np.array(loads)


def cheapest(asked, tariff, window, contracts) -> float:
    """Price every schedule under every contract."""
    loads = every_load(asked)
    best = np.inf
    for contract_kw in contracts:
        terms = priced_terms(with_contract(tariff, "demand", contract_kw), asked.site.supply, window)
        best = min(best, *(terms.cost(load) for load in loads))
    return best


@pytest.mark.parametrize("rule_name", sorted(RULES))
@pytest.mark.parametrize("seed", range(4))
def test_no_schedule_under_any_contract_is_cheaper(rule_name, seed):
    supply = supply_of(capacity_kva="420") if seed == 3 else supply_of()
    tariff = tariff_by(
        rule_name, *((TaxCharge(charge_id="vat", label=words("v"), tax_share=Decimal("0.13")),) if seed == 1 else ())
    )
    asked, window = asked_with(seed, 1 + seed, supply)
    answer = best_contract(asked, tariff, window, charge_id="demand", limits=LIMITS, options=EXACT)
    (chosen,) = answer.contracts
    assert audit(answer.response.schedule, replace(asked, terms=answer.terms)).violations == ()
    # the declared value's own terms price the schedule alike, and so does the bill itself
    declared = with_contract(tariff, "demand", chosen.contract_kw)
    load = answer.response.schedule.import_kw
    assert priced_terms(declared, supply, window).cost(load) == pytest.approx(answer.total_cost)
    filled = window.fill(load)
    each = [replace(filled, import_kw=row[None, :], export_kw=None) for row in filled.import_kw]
    exact = float(sum(bill(one, declared, supply, MONTH).exact_total for one in each)) / len(each)
    assert answer.total_cost == pytest.approx(exact, rel=1e-9)
    # every tenth contract and the neighbours of the chosen one, under every schedule
    whole = {Decimal(kw) for kw in range(150, 331, 10)} | {chosen.contract_kw + one for one in (-2, -1, 0, 1, 2)}
    by_hand = cheapest(asked, tariff, window, sorted(kw for kw in whole if 150 <= kw <= 330))
    assert answer.bound <= by_hand + 1e-6
    assert answer.total_cost <= by_hand + 1e-6 + 9 * 1.13 * 2  # the rounding of a contract to whole kW
    finer = replace(LIMITS, step_kw=Decimal("0.001"))
    fine = best_contract(asked, tariff, window, charge_id="demand", limits=finer, options=EXACT)
    assert fine.total_cost == pytest.approx(fine.bound, abs=0.05)
    assert fine.total_cost <= by_hand + 0.05


def test_the_best_contract_of_a_known_month_is_its_105th_part():
    supply = supply_of()
    asked, window = asked_with(0, 1, supply)
    around = np.where(np.isnan(window.around_kw), np.nan, 10.0)
    window = replace(window, around_kw=around)
    answer = best_contract(
        asked, tariff_by("actual_plus_double", price="30"), window, charge_id="demand", limits=LIMITS, options=EXACT
    )
    (chosen,) = answer.contracts
    peak_kw = float(answer.response.schedule.import_kw.max())
    assert chosen.peak_kw == pytest.approx(peak_kw)
    assert chosen.contract_kw == np.ceil(round(peak_kw / 1.05, 6))
    assert chosen.over_share == 0.0


def test_the_floor_is_kept():
    asked, window = asked_with(1, 2, supply_of(capacity_kva="700"))
    answer = best_contract(
        asked, tariff_by("actual_plus_double"), window, charge_id="demand", limits=LIMITS, options=EXACT
    )
    assert answer.contracts[0].contract_kw >= 280


@pytest.mark.parametrize(
    "charge",
    [
        UsageRebateCharge(
            charge_id="rebate",
            label=words("r"),
            of=("demand",),
            from_kwh_per_kva=Decimal(260),
            rebate_share=Decimal("0.1"),
        ),
        MinimumCharge(charge_id="minimum", label=words("m"), amount_per_month=Decimal(60000)),
    ],
)
def test_what_others_rest_on_is_refused_and_can_be_compared_by_name(charge):
    supply = supply_of(capacity_kva="300")
    asked, window = asked_with(2, 2, supply)
    tariff = tariff_by("contract_plus_double", charge)
    with pytest.raises(ContractNotChoosableError, match="rebate"):
        open_contract(tariff, supply, window, "demand", LIMITS)
    named = (Decimal(200), Decimal(240))
    option = BillingOption(option_id="c", name=words("c"), tariff=tariff, charge_id="demand", contracts_kw=named)
    (only,) = choose_billing(asked, window, [option], EXACT).outcomes
    assert only.total_cost == pytest.approx(cheapest(asked, tariff, window, named), rel=1e-6)
    assert only.answer.contracts[0].contract_kw in named


def test_a_charge_without_a_contract_is_refused():
    asked, window = asked_with(0, 1, supply_of())
    for name in ("energy", "none"):
        with pytest.raises(InvalidFieldError):
            open_contract(tariff_by("stepped"), supply_of(), window, name, LIMITS)
    several = tariff_of(demand("9", basis="contract", peaks_count=2, measurement_min=60), zone="UTC")
    with pytest.raises(ContractNotChoosableError, match="2026-11"):
        open_contract(several, supply_of(), window, "demand", LIMITS)
    assert asked.horizon == window.horizon


def test_three_ways_to_be_billed_are_compared_exactly():
    supply = supply_of(capacity_kva="500")
    tariff = tariff_of(
        energy(TOU, band_prices={"day": Decimal("0.9"), "night": Decimal("0.35")}),
        CapacityCharge(charge_id="capacity", label=words("c"), price_per_kva_month=Decimal("22.6")),
        PowerFactorCharge(charge_id="pf", label=words("pf"), standard="cn_0.90"),
        FixedCharge(charge_id="fixed", label=words("f"), amount_per_month=Decimal(50)),
        zone="UTC",
    )
    prices = SizePrices(price_per_kva_month=Decimal("22.6"), price_per_kw_month=Decimal("36.1"), measurement_min=60)
    asked, window = asked_with(5, 3, supply)
    ways = []
    for mode in BillingMode:
        made = in_mode(tariff, mode, prices, replaces=("capacity",))
        choosable = {"charge_id": "size", "limits": LIMITS} if mode is BillingMode.CONTRACT_DEMAND else {}
        ways.append(BillingOption(option_id=mode, name=words(mode), tariff=made, **choosable))
    choice = choose_billing(asked, window, ways, EXACT)
    costs = {one.option.option_id: one.total_cost for one in choice.outcomes}
    assert list(costs.values()) == sorted(costs.values())
    loads = every_load(asked)
    for mode in (BillingMode.CAPACITY, BillingMode.ACTUAL_DEMAND):
        made = in_mode(tariff, mode, prices, replaces=("capacity",))
        by_hand = min(priced_terms(made, supply, window).cost(load) for load in loads)
        assert costs[mode] == pytest.approx(by_hand, rel=1e-6)
    # whoever may choose the contract pays at most a 1.05th part of the actual demand and the rounding, if the month is known
    assert choice.best.option.option_id == min(costs, key=costs.get)
    assert choice.difference_cost(choice.best.option.option_id) == 0.0
    assert choice.difference_cost(BillingMode.CAPACITY) == pytest.approx(
        costs[BillingMode.CAPACITY] - choice.best.total_cost
    )
    assert choice.is_proven
    with pytest.raises(InvalidFieldError):
        choice.difference_cost("unknown")


def test_a_mode_takes_the_rebates_along_or_leaves_them_out():
    rebate = UsageRebateCharge(
        charge_id="rebate", label=words("r"), of=("demand",), from_kwh_per_kva=Decimal(260), rebate_share=Decimal("0.1")
    )
    tariff = tariff_by("contract_plus_double", rebate)
    prices = SizePrices(price_per_kva_month=Decimal("22.6"), price_per_kw_month=Decimal("36.1"))
    by_actual = in_mode(tariff, BillingMode.ACTUAL_DEMAND, prices, replaces=("demand",))
    assert [one.charge_id for one in by_actual.charges] == ["energy", "size", "rebate"]
    assert by_actual.charges[2].of == ("size",)
    by_capacity = in_mode(tariff, BillingMode.CAPACITY, prices, replaces=("demand",))
    assert [one.charge_id for one in by_capacity.charges] == ["energy", "size"]
    with pytest.raises(InvalidFieldError):
        in_mode(tariff, BillingMode.CAPACITY, prices, replaces=("missing",))


def test_options_say_how_a_contract_is_chosen():
    for fields in (
        {"charge_id": "size"},
        {"limits": LIMITS},
        {"charge_id": "size", "limits": LIMITS, "contracts_kw": (Decimal(5),)},
    ):
        with pytest.raises(InvalidFieldError):
            BillingOption(option_id="o", name=words("o"), tariff=tariff_by("stepped"), **fields)
