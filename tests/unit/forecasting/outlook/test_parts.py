"""Growth, spreads, courses of plans and the bands of a tariff, each by numbers from outside."""

from datetime import date

import numpy as np
import pytest

from domain import catalogue
from domain.errors import WattplanError
from domain.tariffs import BandCalendar, BandRule
from domain.time import Calendar, TimeGrid
from forecasting.outlook import Expansion, TariffBands, bands_of
from forecasting.outlook.expansions import courses_of
from forecasting.outlook.hindcast import Spread, growth_of, months_later
from forecasting.outlook.outlook import mixed

JUNE = (date(2026, 6, 1),)


def test_growth_is_shrunk_by_its_doubt():
    grown = growth_of([0.10] * 12)
    assert grown.measured_rate == pytest.approx(0.10)
    assert grown.mean_rate == pytest.approx(0.10 * 25 / 29)  # 0.05² : 0.05² + 0.02²
    assert grown.sd_rate == pytest.approx(0.05 * 0.02 / np.hypot(0.05, 0.02), abs=0.002)


def test_scattered_months_say_little_of_growth():
    steady, scattered = growth_of([0.10] * 12), growth_of([0.40, -0.20] * 6)
    assert abs(scattered.mean_rate) < 0.5 * steady.mean_rate
    assert scattered.sd_rate > steady.sd_rate


def test_one_wild_month_does_not_move_growth():
    assert growth_of([0.02] * 11 + [3.0]).measured_rate == pytest.approx(0.02)


def test_no_months_no_growth():
    none = growth_of([])
    assert (none.mean_rate, none.sd_rate, none.n_months) == (0.0, 0.05, 0)


def test_a_spread_is_students():
    # Student's 90 % point for 4 degrees of freedom is 1.533; 12 months count as 4; sqrt(13 / 12) for the estimate.
    factor = Spread(sd_log=0.1, n_checked=12).factors((0.5, 0.9))
    assert factor[0] == pytest.approx(1)
    assert np.log(factor[1]) == pytest.approx(0.1 * 1.5332 * np.sqrt(13 / 12), rel=1e-4)
    assert Spread(sd_log=0.1, n_checked=12).below_share(factor) == pytest.approx([0.5, 0.9])


def test_nothing_lies_below_a_ratio_of_nothing():
    assert Spread(sd_log=0.1, n_checked=12).below_share(np.array([0.0, -2.0])).tolist() == [0, 0]


def test_courses_are_counted_one_by_one():
    plans = (
        Expansion(name="a", starts=date(2026, 6, 1), adds_kw=100, adds_kwh_per_month=10, probability=0.5),
        Expansion(name="b", starts=date(2026, 6, 1), adds_kw=30, adds_kwh_per_month=0, probability=0.2),
        Expansion(name="c", starts=date(2026, 5, 1), adds_kw=7, adds_kwh_per_month=0),
        Expansion(name="never", starts=date(2026, 5, 1), adds_kw=999, adds_kwh_per_month=0, probability=0),
    )
    made = courses_of(plans, JUNE, (30,))
    found = sorted(zip(made.added_kw[:, 0].tolist(), made.weights_share.tolist(), strict=True))
    assert [one for one, _ in found] == pytest.approx([7, 37, 107, 137])
    assert [share for _, share in found] == pytest.approx([0.4, 0.1, 0.4, 0.1])


def test_quantiles_over_courses_follow_their_weights():
    plan = Expansion(name="a", starts=date(2026, 6, 1), adds_kw=100, adds_kwh_per_month=0, probability=0.2)
    made = courses_of((plan,), JUNE, (30,))
    sure = Spread(sd_log=1e-9, n_checked=30)
    values = mixed(1000.0, made.added_kw[:, 0], made, sure, (0.1, 0.79, 0.81, 0.9))
    assert values == pytest.approx([1000, 1000, 1100, 1100], rel=2e-3)


def test_two_plans_of_one_name_and_too_many_unsure_ones_are_refused():
    one = Expansion(name="a", starts=date(2026, 6, 1), adds_kw=1, adds_kwh_per_month=0, probability=0.5)
    with pytest.raises(WattplanError, match="more than once"):
        courses_of((one, one), JUNE, (30,))
    many = tuple(
        Expansion(name=str(n), starts=date(2026, 6, 1), adds_kw=1, adds_kwh_per_month=0, probability=0.5)
        for n in range(7)
    )
    with pytest.raises(WattplanError, match="more than 6"):
        courses_of(many, JUNE, (30,))


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("adds_kw", float("nan")), ("adds_kwh_per_month", float("inf")), ("probability", 1.2)],
)
def test_a_plan_that_cannot_be_is_refused(field, value):
    good = {"name": "a", "starts": date(2026, 6, 1), "adds_kw": 1.0, "adds_kwh_per_month": 0.0}
    with pytest.raises(WattplanError, match=field):
        Expansion(**(good | {field: value}))


def test_months_go_over_new_year():
    assert months_later(date(2026, 11, 1), 3) == date(2027, 2, 1)
    assert months_later(date(2026, 12, 1), 12) == date(2027, 12, 1)


def test_a_tariff_gives_its_bands_and_interval():
    made = bands_of(catalogue.any_tariff("cn-js-agency-10kv-capacity"))
    assert made is not None
    assert {"peak", "flat", "valley"} <= set(made.bands.bands)
    assert (made.zone, made.interval_min) == ("Asia/Shanghai", 15)


def test_days_that_the_weather_decides_are_said_to_be_unknown():
    made = bands_of(catalogue.any_tariff("cn-gd-shantou-agency-hot-days"))
    assert made is not None
    assert made.unknown_flags
    assert "outlook_flag_days_unknown" in {one.code for one in made.findings(date(2026, 9, 1), date(2027, 7, 31))}


def test_listed_flag_days_have_their_bands():
    bands = BandCalendar(
        rules=(
            BandRule(band="flat", windows=("00:00-24:00",)),
            BandRule(band="sharp", windows=("10:00-12:00",), days=("flag:event",), layer=1),
        )
    )
    made = TariffBands(
        tariff_id="x",
        bands=bands,
        zone="Asia/Shanghai",
        calendar=Calendar(),
        flagged=frozenset({("event", date(2026, 6, 2))}),
    )
    grid = TimeGrid.of_local_days(date(2026, 6, 1), 3, "Asia/Shanghai", 60)
    assert np.flatnonzero(made.on(grid) == bands.bands.index("sharp")).tolist() == [34, 35]
