"""The billing months around a horizon and the base load within it; a fake stands for the fitted load."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from domain.metering import MeterSeries
from domain.metering.series import Quality
from domain.plant import Pv
from domain.time import TimeGrid, local_midnight
from forecasting.errors import NoUsableDataError
from scenarios import loads
from scenarios.loads import StepsDifferError, TariffZoneError, base_samples, billing_window, forecast_site
from tests import small_case

ZONE = small_case.ZONE
EPOCH = local_midnight(date(2026, 1, 1), ZONE)
HALF_HOUR = timedelta(minutes=30)
FORECAST_KW, EXPECTED_KW = 10_000.0, 500_000.0
N_SAMPLES = 3


def numbers(grid: TimeGrid) -> np.ndarray:
    """Give each step a number of its own, the same on every grid."""
    first = (grid.start - EPOCH) // HALF_HOUR
    return np.arange(first, first + grid.n_steps, dtype=np.float64)


class FakeFitted:
    """Forecasts 10 000 × (sample + 1) kW more than a step's number, and expects 500 000 kW more."""

    def __init__(self, history: MeterSeries) -> None:
        self.history = history

    def forecast(self, grid: TimeGrid) -> SimpleNamespace:
        samples_kw = np.array([FORECAST_KW * (row + 1) + numbers(grid) for row in range(N_SAMPLES)])
        return SimpleNamespace(samples_kw=samples_kw, degraded_reasons=(), versions={"fake": "1"})

    def expected_kw(self, grid: TimeGrid) -> np.ndarray:
        return EXPECTED_KW + numbers(grid)


@pytest.fixture(autouse=True)
def fits(monkeypatch):
    """Put the fake in Prophet's place and keep what was to be learned."""
    histories = []

    def fit(history, **_):
        histories.append(history)
        return FakeFitted(history)

    monkeypatch.setattr(loads, "fit_load", fit)
    return histories


def numbered_meter(first_day=small_case.FIRST_DAY, *, days=35, late=timedelta(0), **fields) -> MeterSeries:
    """Give a meter that measured each step's number, until ``late`` before the noon of issue."""
    start = local_midnight(first_day - timedelta(days=days), ZONE)
    grid = TimeGrid.between(start, local_midnight(first_day, ZONE) - timedelta(hours=12) - late, 30)
    return MeterSeries(**({"meter_id": "numbers", "grid": grid, "import_kw": numbers(grid)} | fields))


def numbered_case(first_day=small_case.FIRST_DAY, **fields):
    return small_case.case(first_day, **({"meter": numbered_meter(first_day)} | fields))


def laid_out(case):
    """Give the window, its findings, and the number of each of its steps."""
    window, found = billing_window(case, forecast_site(case))
    return window, found, numbers(window.grid)


def test_measured_then_forecast_then_horizon_then_forecast():
    case = numbered_case()
    window, found, number = laid_out(case)
    assert (window.months, window.grid.n_steps) == ((date(2026, 6, 1),), 30 * 48)
    assert (window.first, window.stop) == (8 * 48, 10 * 48)
    issued = 7 * 48 + 24
    for row in range(N_SAMPLES):
        np.testing.assert_array_equal(window.around_kw[row, :issued], number[:issued])
        for part in (slice(issued, window.first), slice(window.stop, None)):
            np.testing.assert_array_equal(window.around_kw[row, part], FORECAST_KW * (row + 1) + number[part])
    assert np.isnan(window.around_kw[:, window.first : window.stop]).all()
    assert found == []


def test_a_horizon_in_two_months_bills_both():
    window, found, number = laid_out(numbered_case(date(2026, 6, 30)))
    assert window.months == (date(2026, 6, 1), date(2026, 7, 1))
    assert window.grid.n_steps == 61 * 48
    assert (window.first, window.stop) == (29 * 48, 31 * 48)
    issued = 28 * 48 + 24
    np.testing.assert_array_equal(window.around_kw[2, :issued], number[:issued])
    np.testing.assert_array_equal(window.around_kw[2, window.stop :], 3 * FORECAST_KW + number[window.stop :])
    assert found == []


def test_a_month_that_begins_after_the_issue_has_no_past():
    window, found, number = laid_out(numbered_case(date(2026, 7, 2)))
    assert window.months == (date(2026, 7, 1),)
    assert window.first == 48
    np.testing.assert_array_equal(window.around_kw[0, :24], number[:24])  # issued at noon of the first
    np.testing.assert_array_equal(window.around_kw[0, 24:48], FORECAST_KW + number[24:48])
    window, found, number = laid_out(numbered_case(date(2026, 7, 1)))
    assert window.first == 0
    np.testing.assert_array_equal(window.around_kw[1, 96:], 2 * FORECAST_KW + number[96:])
    assert found == []


def test_a_month_in_which_the_clock_changes_has_its_own_length():
    window, _, number = laid_out(numbered_case(date(2026, 3, 28)))
    assert window.grid.n_steps == 31 * 48 - 2
    assert (window.first, window.stop) == (27 * 48, 29 * 48 - 2)
    np.testing.assert_array_equal(window.around_kw[0, window.stop :], FORECAST_KW + number[window.stop :])


def test_a_meter_that_ends_early_is_filled_and_said():
    late = timedelta(hours=3)
    window, found, number = laid_out(numbered_case(meter=numbered_meter(late=late)))
    end, issued = 7 * 48 + 18, 7 * 48 + 24
    np.testing.assert_array_equal(window.around_kw[1, end - 1], number[end - 1])
    np.testing.assert_array_equal(window.around_kw[1, end:issued], EXPECTED_KW + number[end:issued])
    np.testing.assert_array_equal(window.around_kw[1, issued], 2 * FORECAST_KW + number[issued])
    assert [(one.code, one.data["count"]) for one in found] == [("month_to_date_filled", 6)]
    assert found[0].data["first"] == "2026-06-08 09:00 +02:00"
    assert found[0].data["last"] == "2026-06-08 12:00 +02:00"


def test_holes_of_the_month_are_filled_and_holes_before_it_are_not_its_matter():
    meter = numbered_meter()
    holes = np.array(meter.import_kw)
    june = meter.grid.edge_of(local_midnight(date(2026, 6, 1), ZONE))
    holes[[june - 5, june + 11, june + 13]] = np.nan
    window, found, number = laid_out(numbered_case(meter=replace(meter, import_kw=holes, quality=None)))
    np.testing.assert_array_equal(window.around_kw[:, [11, 13]], np.tile(EXPECTED_KW + number[[11, 13]], (3, 1)))
    assert window.around_kw[0, 12] == number[12]
    assert [one.data["count"] for one in found] == [2]


def test_a_suspect_value_of_the_month_is_billed_and_said():
    meter = numbered_meter()
    kw, quality = np.array(meter.import_kw), np.array(meter.quality)
    june = meter.grid.edge_of(local_midnight(date(2026, 6, 1), ZONE))
    for place, spike_kw in ((june - 3, 98_765.0), (june + 17, 43_210.0), (june + 29, 54_321.0)):
        kw[place], quality[place] = spike_kw, Quality.SUSPECT
    window, found, _ = laid_out(numbered_case(meter=replace(meter, import_kw=kw, quality=quality)))
    assert list(window.around_kw[0, [17, 29]]) == [43_210.0, 54_321.0]
    assert [one.code for one in found] == ["month_to_date_suspect"]
    assert found[0].data == {"count": 2, "highest_kw": 54_321.0, "at": "2026-06-01 14:30 +02:00"}


def test_the_step_in_which_the_case_is_issued_is_neither_measured_nor_forecast():
    issued_at = local_midnight(small_case.FIRST_DAY, ZONE) - timedelta(hours=11, minutes=50)
    meter = numbered_meter(late=-timedelta(hours=12))
    case = numbered_case(issued_at=issued_at, meter=meter)
    site = forecast_site(case)
    assert site.measured.grid.end == issued_at - timedelta(minutes=10)
    assert site.after.start == issued_at + timedelta(minutes=20)
    window, found, number = laid_out(case)
    issued = 7 * 48 + 24
    assert window.around_kw[0, issued] == EXPECTED_KW + number[issued]
    assert window.around_kw[0, issued + 1] == FORECAST_KW + number[issued + 1]
    assert [one.data["count"] for one in found] == [1]


def test_a_case_issued_before_the_meter_is_refused_by_the_meter_name():
    late = numbered_meter(small_case.FIRST_DAY + timedelta(days=60))
    with pytest.raises(NoUsableDataError, match="numbers"):
        forecast_site(numbered_case(meter=late))


def with_pv(export_limit_kw=0.0):
    standing = Pv(pv_id="old", daily_kw=tuple(float(hour) for hour in range(24)))
    new = Pv(pv_id="new", daily_kw=(77.0,) * 24, in_meter_history=False)
    return replace(small_case.site(), pv=(standing, new), export_limit_kw=export_limit_kw)


def test_pv_that_stood_in_the_history_is_put_back_and_new_pv_is_not(fits):
    case = numbered_case(site=with_pv())
    site = forecast_site(case)
    base_kw, found = base_samples(case, site, np.zeros(96))
    hours = np.tile(np.repeat(np.arange(24.0), 2), 2)
    np.testing.assert_array_equal(base_kw, site.horizon_samples_kw + hours)
    np.testing.assert_array_equal(site.horizon_samples_kw[1], 2 * FORECAST_KW + numbers(site.horizon))
    assert found == []
    assert len(fits) == 1


def test_a_site_that_fed_in_is_learned_from_what_it_consumed(fits):
    meter = numbered_meter()
    exported = np.where(np.arange(meter.grid.n_steps) % 7 == 0, 3.5, 0.0)
    case = numbered_case(site=with_pv(export_limit_kw=50.0), meter=replace(meter, export_kw=exported))
    base_samples(case, forecast_site(case), np.zeros(96))
    hour = np.asarray(meter.grid.local_starts(ZONE).hour, dtype=float)
    assert len(fits) == 2
    np.testing.assert_allclose(fits[1].import_kw, numbers(meter.grid) - exported + hour)


def test_the_past_base_load_is_consumption_less_planned_equipment(fits):
    meter = numbered_meter()
    process = MeterSeries(
        meter_id="presses", grid=meter.grid.part(4, meter.grid.n_steps), import_kw=np.full(meter.grid.n_steps - 4, 21.5)
    )
    case = numbered_case(
        site=with_pv(export_limit_kw=50.0),
        meter=replace(meter, export_kw=np.full(meter.grid.n_steps, 2.25)),
        process_history=process,
        base_load_source="site_less_history",
    )
    base_kw, found = base_samples(case, forecast_site(case), np.full(96, 1e9))
    hour = np.asarray(meter.grid.local_starts(ZONE).hour, dtype=float)
    learned = fits[1].import_kw
    assert np.isnan(learned[:4]).all()
    np.testing.assert_allclose(learned[4:], (numbers(meter.grid) - 2.25 + hour - 21.5)[4:])
    assert base_kw.shape == (N_SAMPLES, 96)
    assert found == []


def test_planned_equipment_that_drew_more_than_the_site_is_said(fits):
    meter = numbered_meter()
    drawn = np.where(np.arange(meter.grid.n_steps) < 42, 1e6, 0.0)
    process = MeterSeries(meter_id="presses", grid=meter.grid, import_kw=drawn)
    case = numbered_case(process_history=process, base_load_source="site_less_history")
    _, found = base_samples(case, forecast_site(case), np.zeros(96))
    assert [one.code for one in found] == ["base_load_clipped"]
    assert found[0].data["share"] == pytest.approx(42 / meter.grid.n_steps)
    assert (fits[1].import_kw[:42] == 0).all()


def test_past_runs_in_other_steps_are_refused():
    hourly = TimeGrid.between(numbered_meter().grid.start, numbered_meter().grid.end, 60)
    process = MeterSeries(meter_id="presses", grid=hourly, import_kw=np.ones(hourly.n_steps))
    case = numbered_case(process_history=process, base_load_source="site_less_history")
    with pytest.raises(StepsDifferError, match="60 min"):
        base_samples(case, forecast_site(case), np.zeros(96))


def test_the_plan_is_taken_off_the_forecast_and_what_is_cut_is_said():
    case = numbered_case(base_load_source="site_less_plan")
    site = forecast_site(case)
    drawn = np.zeros(96)
    drawn[5] = FORECAST_KW + numbers(site.horizon)[5] + 300  # more than the first sample, less than the others
    drawn[6] = 13.0
    base_kw, found = base_samples(case, site, drawn)
    assert base_kw[0, 5] == 0
    assert base_kw[1, 5] == FORECAST_KW - 300
    np.testing.assert_array_equal(base_kw[:, 6], site.horizon_samples_kw[:, 6] - 13.0)
    np.testing.assert_array_equal(base_kw[:, 7:], site.horizon_samples_kw[:, 7:])
    assert [one.code for one in found] == ["base_load_from_plan"]
    assert found[0].data["clipped"] == pytest.approx(1 / (3 * 96))


def test_the_power_factor_is_the_declared_one_else_that_of_thirty_metered_days():
    meter = numbered_meter(import_kw=np.full(35 * 48 - 24, 400.0))
    reactive = np.full(meter.grid.n_steps, 300.0)  # 400 and 300: 0.80
    reactive[: -30 * 48] = 9_999.0
    meter = replace(meter, reactive_kvar=reactive)
    window, found, _ = laid_out(numbered_case(meter=meter))
    assert window.power_factor == Decimal("0.80")
    assert [one.code for one in found] == ["power_factor_from_meter"]
    supply = replace(small_case.site().supply, power_factor=Decimal("0.93"))
    window, found, _ = laid_out(numbered_case(meter=meter, site=replace(small_case.site(), supply=supply)))
    assert window.power_factor == Decimal("0.93")
    assert found == []


def test_a_tariff_by_another_clock_is_refused_and_one_by_the_same_clock_is_not():
    case = numbered_case()
    grid = loads.months_around(loads.horizon_of(case), ZONE)
    loads.must_share_clock(case, replace(case.present_tariff, zone="Europe/Paris"), grid)
    with pytest.raises(TariffZoneError, match="Europe/London"):
        loads.must_share_clock(case, replace(case.present_tariff, zone="Europe/London"), grid)


def test_the_cases_options_reach_the_forecast():
    case = small_case.case()
    assert loads.options_of(case).backend == "exact"
    asked = replace(case, options=replace(case.options, forecast_backend="stan", seed=9))
    assert (loads.options_of(asked).backend, loads.options_of(asked).seed) == ("stan", 9)
