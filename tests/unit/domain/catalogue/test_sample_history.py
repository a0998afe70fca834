from datetime import date

import numpy as np
import pytest

from domain.catalogue.cement import cement_plan, cement_site
from domain.catalogue.sample_history import OVERHAUL_AFTER_DAYS, sample_meter_history
from domain.metering import MeterSeries

SITE, PLAN = cement_site(), cement_plan(date(2026, 11, 23))


def history(seed: int, n_days: int = 80) -> tuple[MeterSeries, MeterSeries]:
    return sample_meter_history(SITE, PLAN, start=date(2026, 8, 20), n_days=n_days, seed=seed)


def daily_mean_kw(series_kw: np.ndarray, series: MeterSeries) -> dict[date, float]:
    return {
        day.day: float(np.nanmean(series_kw[day.first : day.stop])) for day in series.grid.local_days("Asia/Shanghai")
    }


def test_equal_seeds_make_equal_histories_and_others_do_not() -> None:
    site, process = history(7)
    again, process_again = history(7)
    other, _ = history(8)
    np.testing.assert_array_equal(site.import_kw, again.import_kw)
    np.testing.assert_array_equal(process.import_kw, process_again.import_kw)
    np.testing.assert_array_equal(site.reactive_kvar, again.reactive_kvar)
    assert np.nanmax(np.abs(site.import_kw - other.import_kw)) > 1000


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_site_stays_within_its_connection_and_above_zero(seed: int) -> None:
    site, process = history(seed)
    assert np.nanmax(site.import_kw) <= SITE.import_limit_kw
    assert np.nanmin(site.import_kw) >= 0
    apparent_kva = np.hypot(site.import_kw, site.reactive_kvar)
    assert np.nanmax(apparent_kva) <= float(SITE.supply.capacity_kva)
    base_kw = site.import_kw - process.import_kw
    hour = np.asarray(site.grid.local_starts("Asia/Shanghai").hour)
    assert np.nanmin(base_kw[(hour < 5) | (hour >= 20)]) > 100  # no sun: the base load alone
    assert np.nanmin(base_kw) > 100 - 1000 * len(SITE.pv)  # at noon PV lowers what the meter sees
    assert np.nanmax(base_kw) < 1100


def test_some_quarters_are_missing_and_never_zero() -> None:
    site, process = history(3)
    assert 0 < process.missing_share < site.missing_share < 0.02
    assert (np.isnan(site.import_kw) == np.isnan(site.reactive_kvar)).all()


def test_holidays_are_quiet_and_make_up_days_are_not() -> None:
    site, process = history(5)
    base = daily_mean_kw(site.import_kw - process.import_kw, site)
    national_day, make_up_saturday, saturday = date(2026, 10, 3), date(2026, 10, 10), date(2026, 10, 17)
    assert base[make_up_saturday] > base[saturday] + 30
    assert base[national_day] < base[saturday]


def test_mill_1_rests_while_it_is_overhauled() -> None:
    _, process = history(2)
    day = process.grid.local_days("Asia/Shanghai")[OVERHAUL_AFTER_DAYS + 1]
    # mill 2 with bag line and compressors, never mill 1 on top
    assert np.nanmax(process.import_kw[day.first : day.stop]) < 3200


def test_power_factor_is_near_the_supply_points() -> None:
    site, _ = history(4)
    active, reactive = np.nansum(site.import_kw), np.nansum(site.reactive_kvar)
    assert active / np.hypot(active, reactive) == pytest.approx(0.93, abs=0.005)
