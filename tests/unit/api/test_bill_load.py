"""What is cut out of a meter for a bill: complete months, and those before that ratchets look at."""

from datetime import date

import numpy as np
import pytest
import typer

from api.cli.bill_load import MonthHasHolesError, NoMonthMeteredError, is_complete, month_load, months_asked
from domain.metering import MeterSeries
from domain.time import TimeGrid
from tests.tariff_cases import SHANGHAI

JANUARY = date(2026, 1, 1)


def series(n_days: int, *, holes: tuple[int, ...] = (), reactive_holes: tuple[int, ...] = ()) -> MeterSeries:
    """Give hours from 1 January 2026; holes are hours of the year."""
    grid = TimeGrid.of_local_days(JANUARY, n_days, SHANGHAI, 60)
    kw, kvar = np.arange(grid.n_steps, dtype=float), np.full(grid.n_steps, 5.0)
    kw[list(holes)] = np.nan
    kvar[list(reactive_holes)] = np.nan
    return MeterSeries(meter_id="m", grid=grid, import_kw=kw, reactive_kvar=kvar)


def test_a_month_comes_with_the_complete_months_before_it():
    load = month_load(series(90), date(2026, 3, 1), SHANGHAI)
    assert load.grid.n_steps == 90 * 24
    assert load.import_kw[0, 0] == 0.0
    assert load.reactive_kvar is not None


def test_a_hole_ends_the_months_before():
    load = month_load(series(90, holes=(40 * 24,)), date(2026, 3, 1), SHANGHAI)
    assert load.grid.n_steps == 31 * 24
    assert load.import_kw[0, 0] == 59 * 24


def test_reactive_energy_of_the_month_is_worth_more_than_months_without_it():
    load = month_load(series(90, reactive_holes=(3,)), date(2026, 3, 1), SHANGHAI)
    assert load.grid.n_steps == 59 * 24
    assert load.reactive_kvar is not None
    without = month_load(series(90, reactive_holes=(89 * 24,)), date(2026, 3, 1), SHANGHAI)
    assert without.reactive_kvar is None
    assert without.grid.n_steps == 90 * 24


def test_a_month_with_holes_is_refused_with_the_first():
    with pytest.raises(MonthHasHolesError, match="2026-02-10T00:00"):
        month_load(series(90, holes=(40 * 24, 41 * 24)), date(2026, 2, 1), SHANGHAI)


def test_the_months_of_a_year_are_those_metered_whole():
    meter = series(80, holes=(5,))
    months, (finding,) = months_asked(meter, SHANGHAI, month=None, year=2026)
    assert months == (date(2026, 2, 1),)
    assert finding.data["months"].startswith("2026-01, 2026-03, 2026-04")
    everything, (less,) = months_asked(meter, SHANGHAI, month=None, year=None)
    assert everything == months
    assert less.data["months"] == "2026-01, 2026-03"
    assert not is_complete(meter, JANUARY, SHANGHAI)


def test_a_year_that_is_not_metered_is_refused_with_what_is():
    with pytest.raises(NoMonthMeteredError, match=r"2026-01-01.*2026-03-01"):
        months_asked(series(59), SHANGHAI, month=None, year=2025)


@pytest.mark.parametrize("month", ["October", "2026-13", "1500-01"])
def test_a_month_is_written_like_2026_10(month):
    with pytest.raises(typer.BadParameter):
        months_asked(series(59), SHANGHAI, month=month, year=None)
