from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tariffs import PowerFactorOutOfRangeError, PowerFactorUnknownError, adjustment_rate, power_factor_of
from domain.tariffs.power_factor import STANDARDS, given_power_factor, rate_edges
from domain.text import Language
from tests.tariff_cases import supply_of


@pytest.mark.parametrize(
    ("active", "reactive", "expected"),
    [
        ("4", "3", "0.80"),
        ("100", "0", "1.00"),
        ("0", "7", "0.00"),
        ("905", "425.40539", "0.91"),  # 0.905 and a hair more
        ("904", "427.5", "0.90"),
    ],
)
def test_power_factor_is_rounded_half_up_to_two_decimals(active, reactive, expected):
    assert str(power_factor_of(Decimal(active), Decimal(reactive))) == expected


def test_no_energy_has_no_power_factor():
    with pytest.raises(PowerFactorUnknownError, match="without energy"):
        power_factor_of(Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("standard", "pf", "percent"),
    [
        # 0.85 and 0.80 columns of (83)水电财字第215号; 0.90 stands among the golden numbers
        ("cn_0.85", "1.00", "-1.10"),
        ("cn_0.85", "0.94", "-1.10"),
        ("cn_0.85", "0.93", "-0.95"),
        ("cn_0.85", "0.92", "-0.80"),
        ("cn_0.85", "0.91", "-0.65"),
        ("cn_0.85", "0.90", "-0.50"),
        ("cn_0.85", "0.86", "-0.10"),
        ("cn_0.85", "0.85", "0"),
        ("cn_0.85", "0.84", "0.5"),
        ("cn_0.85", "0.65", "10"),
        ("cn_0.85", "0.64", "11"),
        ("cn_0.85", "0.60", "15"),
        ("cn_0.85", "0.59", "17"),
        ("cn_0.80", "0.92", "-1.30"),
        ("cn_0.80", "0.91", "-1.15"),
        ("cn_0.80", "0.90", "-1.00"),
        ("cn_0.80", "0.81", "-0.10"),
        ("cn_0.80", "0.80", "0"),
        ("cn_0.80", "0.79", "0.5"),
        ("cn_0.80", "0.60", "10"),
        ("cn_0.80", "0.59", "11"),
        ("cn_0.80", "0.55", "15"),
        ("cn_0.80", "0.54", "17"),
        # Taipower: 0.1 % of the bill per point from 80 %, up to 95 %
        ("tw_0.80", "1.00", "-1.5"),
        ("tw_0.80", "0.95", "-1.5"),
        ("tw_0.80", "0.94", "-1.4"),
        ("tw_0.80", "0.80", "0"),
        ("tw_0.80", "0.73", "0.7"),
    ],
)
def test_rates_of_the_published_tables(standard, pf, percent):
    assert adjustment_rate(standard, Decimal(pf)) * 100 == Decimal(percent)


def test_a_power_factor_is_rounded_before_the_table_is_read():
    assert adjustment_rate("cn_0.90", Decimal("0.905")) == Decimal("-0.0015")
    assert adjustment_rate("cn_0.90", Decimal("0.9049")) == 0


@given(st.sampled_from(sorted(STANDARDS)), st.integers(0, 99))
def test_a_better_power_factor_never_costs_more(standard, points):
    worse, better = Decimal(points) / 100, Decimal(points + 1) / 100
    assert adjustment_rate(standard, better) <= adjustment_rate(standard, worse)


@pytest.mark.parametrize("power_factor", ["92", "-0.1", "1.01"])
def test_impossible_power_factors_are_refused(power_factor):
    with pytest.raises(PowerFactorOutOfRangeError, match=r"Write 0\.92, not 92"):
        adjustment_rate("cn_0.90", Decimal(power_factor))


def test_the_months_own_power_factor_comes_first():
    supply = supply_of(power_factor="0.88")
    assert given_power_factor(Decimal("0.93"), supply) == Decimal("0.93")
    assert given_power_factor(None, supply) == Decimal("0.88")
    with pytest.raises(PowerFactorUnknownError, match=r"supply\.power_factor") as caught:
        given_power_factor(None, supply_of())
    assert "功率因数" in caught.value.say(Language.ZH)


@given(st.sampled_from(list(STANDARDS)), st.integers(1, 10**7), st.integers(0, 4 * 10**7))
def test_the_rate_adds_up_from_the_edges_that_the_reactive_energy_stays_below(standard, kwh, kvarh):
    at_worst, edges = rate_edges(standard)
    reached = sum(one.change for one in edges if kvarh <= one.most_kvarh_per_kwh * kwh)
    assert at_worst + reached == adjustment_rate(standard, power_factor_of(Decimal(kwh), Decimal(kvarh)))


def test_edges_stand_where_the_power_factor_rounds_up():
    _, edges = rate_edges("cn_0.90")
    by_point = {str(one.from_pf): one for one in edges}
    # tan(arccos 0.895) = 0.49839792, tan(arccos 0.945) = 0.34610617
    assert by_point["0.90"].most_kvarh_per_kwh == pytest.approx(0.49839792, abs=1e-7)
    assert by_point["0.95"].most_kvarh_per_kwh == pytest.approx(0.34610617, abs=1e-7)
    assert by_point["0.90"].change == Decimal("-0.005")
    assert by_point["0.95"].change == Decimal("-0.0015")
    assert "0.96" not in by_point
