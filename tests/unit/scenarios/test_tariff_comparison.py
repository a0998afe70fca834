"""One load under several tariffs: exact bills, sorted, with their differences, and what could not be compared."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.tariffs import SupplyPoint, TariffVersions, bill
from scenarios.tariff_comparison import Candidate, as_if_in_force, compare
from tests.tariff_cases import demand, flat_energy, load_at, month_grid, supply_of, tariff_of, words

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
GRID = month_grid(MARCH, n_months=2)
LOADS = dict.fromkeys((MARCH, APRIL), load_at(GRID, 100.0, s7=300.0))


def candidate(name: str, *charges, supply: SupplyPoint | None = None, **fields) -> Candidate:
    record = tariff_of(*charges, tariff_id=name, **fields)
    return Candidate(tariff=record, name=words(name), supply=supply or supply_of())


def test_the_cheapest_comes_first_with_its_difference_by_kind():
    """March 744 h and April 720 h at 100 kW, one quarter-hour of March at 300 kW: 146 450 kWh, peaks 300 and 100."""
    today = candidate("today", flat_energy("0.5"), demand("10"))
    made = compare(LOADS, [today, candidate("flat", flat_energy("0.52"))], "today")
    first, second = made.compared
    assert (first.tariff_id, second.tariff_id) == ("flat", "today")
    assert first.total == Decimal("76154.00")
    assert second.total == Decimal("73225.00") + 4000
    assert second.by_month == {"2026-03": Decimal("40225.00"), "2026-04": Decimal("37000.00")}
    assert first.kind_differences == {"energy": Decimal("2929.00"), "demand": Decimal("-4000.00")}
    assert first.difference == Decimal("-1071.00")
    assert first.difference_share == Decimal("-1071.00") / Decimal("77225.00")
    assert second.difference == 0


def test_without_a_present_tariff_there_are_no_differences():
    made = compare(LOADS, [candidate("a", flat_energy("0.5"))])
    assert (made.compared[0].difference, made.compared[0].kind_differences) == (None, {})


def test_refusals_are_kept_with_their_reason():
    made = compare(
        LOADS,
        [
            candidate("yuan", flat_energy("0.5")),
            candidate("euro", flat_energy("0.1"), currency="EUR"),
            candidate("late", flat_energy("0.1"), valid_from=APRIL),
            candidate("contract", demand("1", basis="contract")),
        ],
    )
    assert [one.tariff_id for one in made.compared] == ["yuan"]
    assert {one.tariff_id: one.code for one in made.not_compared} == {
        "euro": "currency_mix",
        "late": "tariff_not_in_force",
        "contract": "contract_demand_unknown",
    }
    reason = next(one.reason for one in made.not_compared if one.tariff_id == "late")
    assert "2026-03-01" in reason.en
    assert "不生效" in reason.zh


def test_a_present_tariff_that_cannot_bill_gives_no_differences():
    made = compare(LOADS, [candidate("a", flat_energy("0.5")), candidate("b", flat_energy("1"), valid_from=APRIL)], "b")
    assert [one.tariff_id for one in made.compared] == ["a"]
    assert made.compared[0].difference is None


def test_bills_that_lack_a_part_are_told():
    made = compare(LOADS, [candidate("whole", flat_energy("0.5"), demand("1")), candidate("part", flat_energy("0.5"))])
    (finding,) = made.findings
    assert (finding.code, finding.data["tariffs"]) == ("parts_missing", "part")
    assert compare(LOADS, [candidate("part", flat_energy("0.5"))]).findings == ()


def test_as_if_in_force_holds_any_day_but_leaves_versions_dated():
    late = tariff_of(flat_energy("1"), valid_from=APRIL, valid_until=date(2026, 5, 1))
    held = as_if_in_force(late)
    held.must_hold(date(2000, 1, 1), date(2100, 1, 1))
    versions = TariffVersions(tariff_id="v", versions=(late,))
    assert as_if_in_force(versions) is versions


@settings(max_examples=25, deadline=None)
@given(prices=st.lists(st.integers(1, 999), min_size=1, max_size=4, unique=True))
def test_totals_are_those_of_the_bills_and_ascend(prices):
    candidates = [candidate(f"t{price}", flat_energy(str(Decimal(price) / 1000)), demand("7")) for price in prices]
    made = compare(LOADS, candidates)
    totals = [one.total for one in made.compared]
    assert totals == sorted(totals)
    for one in candidates:
        exact = sum((bill(LOADS[month], one.tariff, one.supply, month).total for month in LOADS), Decimal(0))
        found = next(each for each in made.compared if each.tariff_id == one.tariff.tariff_id)
        assert found.total == exact == sum(found.by_kind.values())
