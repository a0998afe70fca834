"""Whatever the bill and whatever the tariff: effects add up, and a hidden rule is found."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.shadow.compare import check_bill
from domain.shadow.ebill import BilledCharge, EBill
from domain.shadow.own_load import own_question
from domain.shadow.sample import sample_ebill
from domain.tariffs import Tariff, bill
from tests.ebill_cases import ENERGY, adds_up, read, supply, tariff

MONTH = read().month
SOUND = read()
amounts = st.decimals(Decimal(-500_000), Decimal(500_000), places=2)
quantities = st.none() | st.decimals(Decimal(-10), Decimal(900_000), places=3)
prices = st.none() | st.decimals(Decimal("-0.5"), Decimal(2), places=5)
categories = st.sampled_from(
    [
        "(1)代理购电电费",
        "(2)上网环节线损费用",
        "(3)输配电量电费",
        "输配需量电费",
        "功率因数调整电费",
        "退补电费",
        "目录电费",
        "容量电费",
    ]
)
changes = st.fixed_dictionaries(
    {},
    optional={
        "category": categories,
        "band": st.sampled_from(["total", "peak", "flat", "valley"]),
        "quantity": quantities,
        "unit_price": prices,
        "amount": amounts,
    },
)


@st.composite
def damaged(draw: st.DrawFn) -> EBill:
    """Give the sound bill with rows changed, doubled and lost, and another printed amount."""
    rows: list[BilledCharge] = []
    for row in SOUND.charges:
        fate = draw(st.sampled_from(["keep", "keep", "keep", "change", "lose", "double"]))
        if fate == "change":
            rows.append(replace(row, **draw(changes)))
        elif fate != "lose":
            rows += [row] * (2 if fate == "double" else 1)
    overview = replace(SOUND.overview, amount=draw(st.none() | amounts | st.just(SOUND.overview.amount)))
    block = replace(
        SOUND.blocks[0],
        demand_amount=draw(st.none() | amounts | st.just(Decimal(40000))),
        rebated_demand_amount=draw(st.none() | amounts),
        power_factor_amount=draw(st.none() | amounts | st.just(Decimal("-449.96"))),
    )
    blocks = draw(st.sampled_from([(), (block,), (block, block)]))
    return replace(SOUND, charges=tuple(rows), overview=overview, blocks=blocks)


@pytest.mark.slow
@given(ebill=damaged())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_explained_and_unexplained_are_the_whole_difference(ebill):
    known = supply(contract_demand_kw=Decimal(1000), power_factor=Decimal("0.91"))
    try:
        made = check_bill(ebill, tariff(), known)
    except WattplanError as refusal:
        assert refusal.say()
        return
    adds_up(made)
    if ebill.overview.amount is not None:
        assert made.real_total == ebill.overview.amount


@st.composite
def rules(draw: st.DrawFn) -> Tariff:
    """Give the tariff under one choice of each rule that provinces and years differ in."""
    floats = draw(st.lists(st.booleans(), min_size=4, max_size=4))
    components = [replace(one, floats=on) for one, on in zip(ENERGY.components[:4], floats, strict=True)]
    return tariff(
        energy={"components": (*components, ENERGY.components[4])},
        demand={
            "basis": draw(st.sampled_from(["contract", "actual"])),
            "over_rule": draw(st.sampled_from(["actual_plus_double", "contract_plus_double"])),
            "floor_share": draw(st.sampled_from([Decimal(0), Decimal("0.40")])),
        },
        standard=draw(st.sampled_from(["cn_0.90", "cn_0.85", "cn_0.80"])),
    )


@pytest.mark.slow
@given(
    hidden=rules(), given_one=rules(), demand_kw=st.sampled_from([1000, 1080, 1200]), kva=st.sampled_from([2000, 3000])
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_rules_that_made_a_bill_are_found(hidden, given_one, demand_kw, kva):
    ebill = sample_ebill(
        hidden,
        MONTH,
        band_kwh={"peak": Decimal(123_456), "flat": Decimal(200_000), "valley": Decimal(98_765)},
        demand_kw=Decimal(demand_kw),
        contract_kw=Decimal(1000),
        capacity_kva=Decimal(kva),
        reactive_kvarh=Decimal(190_000),
    )
    made = check_bill(ebill, given_one, supply())
    adds_up(made)
    assert made.is_explained, [(line.label.en, one.cause, one.amount) for line in made.lines for one in line.effects]
    own = own_question(ebill, made.tariff_as_billed, supply())
    again = bill(own.load, own.tariff, own.supply, MONTH)
    assert abs(again.total - made.real_total) <= Decimal("0.10")
