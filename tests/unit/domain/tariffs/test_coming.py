"""What a plan's peaks make later months pay, held against the later months' own bills."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import InvalidFieldError
from domain.tariffs import (
    BandCalendar,
    BilledLoad,
    BillingWindow,
    DemandTier,
    Facts,
    LookBack,
    OverStep,
    PastMonth,
    PowerFactorCharge,
    TaxCharge,
    bill,
    priced_terms,
)
from domain.tariffs.coming import ComingMonthUnknownError, coming_as_last_year, valued_months
from domain.tariffs.facts import ComingMonth
from domain.time import TimeGrid, next_month
from tests.tariff_cases import SHANGHAI, demand, flat_energy, rule, supply_of, tariff_of, words

HOUR = 60
DAY = 24
EVENING = BandCalendar(rules=(rule("rest", "00:00-18:00", "22:00-24:00"), rule("evening", "18:00-22:00")))
YEARLY = {"price_per_kw_month": None, "price_per_kw_year": Decimal(120), "levied": "year", "measurement_min": 60}


def months_from(first: date, n_months: int) -> list[date]:
    found = [first]
    while len(found) < n_months:
        found.append(next_month(found[-1]))
    return found


def grid_of(first: date, n_months: int) -> TimeGrid:
    last = months_from(first, n_months + 1)[-1]
    return TimeGrid.of_local_days(first, (last - first).days, SHANGHAI, HOUR)


def window_of(first: date, n_months: int, facts: Facts, horizon: tuple[int, int], rows: np.ndarray) -> BillingWindow:
    grid = grid_of(first, n_months)
    around = np.array(rows)
    around[:, horizon[0] : horizon[1]] = np.nan
    return BillingWindow(
        grid=grid,
        zone=SHANGHAI,
        first=horizon[0],
        stop=horizon[1],
        around_kw=around,
        power_factor=Decimal("0.88"),
        facts=facts,
    )


def coming(first: date, *peaks: object, key: str = "demand.max_demand_kw") -> tuple[ComingMonth, ...]:
    values = [one if isinstance(one, tuple) else (one,) for one in peaks]
    return tuple(
        ComingMonth(month=month, quantities={key: tuple(Decimal(str(kw)) for kw in here)})
        for month, here in zip(months_from(first, len(values)), values, strict=True)
    )


def later_bills(tariff, supply, load_kw, *, first, n_months, own_kw, facts) -> float:
    """Bill the later months by themselves, each a flat load at its own peak, with all earlier months' loads before it."""
    months = months_from(first, n_months + len(own_kw))
    grid = grid_of(first, len(months))
    days = [TimeGrid.of_local_days(one, (next_month(one) - one).days, SHANGHAI, HOUR).n_steps for one in months]
    full = np.concatenate([load_kw, *(np.full(n, kw) for n, kw in zip(days[n_months:], own_kw, strict=True))])
    whole = BilledLoad(grid=grid, import_kw=full, power_factor=Decimal("0.88"), facts=replace(facts, coming=()))
    found = [bill(whole, tariff, supply, one) for one in months[n_months:]]
    return float(
        sum(line.exact_amount for one in found for line in one.lines if line.kind in ("demand", "power_factor", "tax"))
    )


@st.composite
def looking_back(draw):
    kind = draw(st.sampled_from(["plain", "months", "window", "tiers", "contract", "year", "year months"]))
    fields = {
        "look_back": LookBack(
            peak_share=Decimal(draw(st.sampled_from(["0.5", "0.85", "1"]))), months_count=draw(st.integers(1, 11))
        ),
        "measurement_min": 60,
    }
    price = "10"
    if kind == "months":
        fields["months"] = draw(st.sampled_from([(5, 6, 7), (4, 8), (1, 2, 12)]))
        fields["look_back"] = LookBack(peak_share=Decimal("0.9"), months_count=6, peak_months=(4, 6, 7, 8))
    elif kind == "window":
        fields |= {"calendar": EVENING, "bands": ("evening",)}
    elif kind == "tiers":
        price = None
        fields["tiers"] = (
            DemandTier(up_to_kw=Decimal(150), price_per_kw_month=Decimal(3)),
            DemandTier(price_per_kw_month=Decimal(8)),
        )
    elif kind == "contract":
        rule_name = draw(st.sampled_from(["actual_plus_double", "contract_plus_double", "stepped"]))
        fields |= {"basis": "contract", "contract_demand_kw": Decimal(170), "over_rule": rule_name}
        if rule_name == "stepped":
            fields["over_steps"] = (
                OverStep(from_share=Decimal(1), multiplier=Decimal("1.5")),
                OverStep(from_share=Decimal("1.2"), multiplier=Decimal(2)),
            )
    elif kind == "year":
        price, fields = None, {k: v for k, v in YEARLY.items() if k != "price_per_kw_month"}
    elif kind == "year months":
        price, fields = None, {k: v for k, v in YEARLY.items() if k != "price_per_kw_month"} | {"months": (4, 6, 9)}
    extra = draw(
        st.sampled_from(
            [
                (),
                (TaxCharge(charge_id="vat", label=words("vat"), tax_share=Decimal("0.13")),),
                (PowerFactorCharge(charge_id="pf", label=words("pf"), standard="cn_0.90"),),
            ]
        )
    )
    return tariff_of(demand(price, **fields), *extra)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(looking_back(), st.integers(0, 9999), st.integers(1, 2), st.integers(1, 11))
def test_the_terms_rise_by_what_later_bills_rise(tariff, seed, n_months, n_coming):
    rng = np.random.default_rng(seed)
    first, supply = date(2026, 4, 1), supply_of(capacity_kva="100")
    after = months_from(first, n_months + 1)[-1]
    n_samples = 2
    own = rng.uniform(50, 250, (n_coming, n_samples))
    past = tuple(
        PastMonth(
            month=date(2025 + (3 + back) // 12, (3 + back) % 12 + 1, 1),
            quantities={"demand.max_demand_kw": Decimal(str(round(float(kw), 1)))},
        )
        for back, kw in enumerate(rng.uniform(50, 220, 12))
    )
    facts = Facts(past=past, coming=coming(after, *(tuple(round(float(kw), 3) for kw in row) for row in own)))
    grid = grid_of(first, n_months)
    start = int(rng.integers(0, grid.n_steps - 72))
    horizon = (start, start + 72)
    rows = rng.uniform(20, 160, (n_samples, grid.n_steps))
    with_them = priced_terms(tariff, supply, window_of(first, n_months, facts, horizon, rows))
    without = priced_terms(tariff, supply, window_of(first, n_months, replace(facts, coming=()), horizon, rows))
    found, exact = [], []
    for scale in (30.0, 150.0, 400.0):
        load = rng.uniform(0, scale, 72)
        found.append(with_them.cost(load) - without.cost(load))
        full = np.array(rows)
        full[:, horizon[0] : horizon[1]] = load
        each = [
            later_bills(
                tariff,
                supply,
                row,
                first=first,
                n_months=n_months,
                facts=facts,
                own_kw=[round(float(kw), 3) for kw in own[:, k]],
            )
            for k, row in enumerate(full)
        ]
        exact.append(sum(each) / n_samples)
    assert np.diff(found) == pytest.approx(np.diff(exact), abs=1e-5)
    if tariff.charges[0].levied == "month":
        assert found[0] >= -1e-7  # what they owe beyond a month without any load


def test_a_ratchet_by_hand():
    # 80 % of a peak counts for two more months. They measure 100 and 300 kW by themselves; a peak of 200 kW adds 60 kW to the
    # first, nothing to the second.
    tariff = tariff_of(demand("10", look_back=LookBack(peak_share=Decimal("0.8"), months_count=2), measurement_min=60))
    past = tuple(
        PastMonth(month=date(2026, month, 1), quantities={"demand.max_demand_kw": Decimal(0)}) for month in (2, 3)
    )
    facts = Facts(past=past, coming=coming(date(2026, 5, 1), 100, 300))
    rows = np.full((1, 30 * DAY), 10.0)
    terms = priced_terms(tariff, supply_of(), window_of(date(2026, 4, 1), 1, facts, (0, DAY), rows))
    load = np.full(DAY, 200.0)
    assert terms.cost(load) == pytest.approx(10 * 200 + 10 * 60)
    assert terms.cost(np.full(DAY, 10.0)) == pytest.approx(10 * 10)
    assert terms.cost(np.full(DAY, 500.0)) == pytest.approx(10 * 500 + 10 * 300 + 10 * 100)
    assert [term.price_per_kw for term in terms.demand] == pytest.approx([10.0, 16.0])


def test_a_yearly_price_is_owed_to_december():
    tariff = tariff_of(demand(None, **{k: v for k, v in YEARLY.items() if k != "price_per_kw_month"}))
    past = tuple(
        PastMonth(month=date(2026, month, 1), quantities={"demand.max_demand_kw": Decimal(80)})
        for month in range(1, 10)
    )
    rows = np.full((1, 31 * DAY), 10.0)
    facts = Facts(past=past, coming=coming(date(2026, 11, 1), 90, 90, 500))
    window = window_of(date(2026, 10, 1), 1, facts, (0, DAY), rows)
    terms = priced_terms(tariff, supply_of(), window)
    low, high = np.full(DAY, 50.0), np.full(DAY, 100.0)
    # December closes the year at 120 · max(80, 90, peak): 10 kW above 90; without the coming months 10/12 of 20 kW were seen
    assert terms.cost(high) - terms.cost(low) == pytest.approx(120 * (100 - 90) + 120 * 0)
    assert len(terms.demand) == 1
    (said,) = valued_months(tariff, window)
    assert said.months == (date(2026, 11, 1), date(2026, 12, 1))


def test_the_value_ends_with_the_contract_and_says_so():
    tariff = tariff_of(
        demand("10", look_back=LookBack(peak_share=Decimal("0.8"), months_count=11), measurement_min=60),
        valid_until=date(2026, 7, 1),
    )
    past = tuple(
        PastMonth(
            month=date(2025 + (3 + n) // 12, (3 + n) % 12 + 1, 1), quantities={"demand.max_demand_kw": Decimal(0)}
        )
        for n in range(12)
    )
    facts = Facts(past=past, coming=coming(date(2026, 5, 1), 100, 100, 100, 100))
    window = window_of(date(2026, 4, 1), 1, facts, (0, DAY), np.full((1, 30 * DAY), 10.0))
    (said,) = valued_months(tariff, window)
    assert said.months == (date(2026, 5, 1), date(2026, 6, 1))
    assert "2026-07" in said.ends.en
    terms = priced_terms(tariff, supply_of(), window)
    assert terms.cost(np.full(DAY, 200.0)) == pytest.approx(10 * 200 + 2 * 10 * 60)


def test_a_coming_month_without_the_charge_is_refused_by_name():
    tariff = tariff_of(demand("10", look_back=LookBack(peak_share=Decimal("0.8"), months_count=1), measurement_min=60))
    past = (PastMonth(month=date(2026, 3, 1), quantities={"demand.max_demand_kw": Decimal(0)}),)
    rows = np.full((1, 30 * DAY), 10.0)
    for named, error in (
        (coming(date(2026, 5, 1), 100, key="other.max_demand_kw"), ComingMonthUnknownError),
        (coming(date(2026, 5, 1), (1, 2, 3)), InvalidFieldError),
    ):
        with pytest.raises(error):
            priced_terms(
                tariff, supply_of(), window_of(date(2026, 4, 1), 1, Facts(past=past, coming=named), (0, DAY), rows)
            )


def test_last_year_as_this_year():
    tariff = tariff_of(
        flat_energy("1"),
        demand("10", look_back=LookBack(peak_share=Decimal("0.8"), months_count=11), measurement_min=60),
    )
    grid = grid_of(date(2025, 6, 1), 3)
    load = np.full(grid.n_steps, 70.0)
    load[30 * DAY + 5] = 90.0
    found = coming_as_last_year(BilledLoad(grid=grid, import_kw=load), tariff, supply_of(), date(2026, 5, 20))
    assert [one.month for one in found] == [date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)]
    assert [float(one.quantities["demand.max_demand_kw"][0]) for one in found] == [70.0, 90.0, 70.0]
