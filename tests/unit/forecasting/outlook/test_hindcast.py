"""What the method says of its own past: only from what was known at each origin."""

from datetime import date

import numpy as np
import pytest

from domain.time import local_midnight
from forecasting import quality
from forecasting.outlook.anchored import site_of
from forecasting.outlook.hindcast import errors_of
from tests.outlook_cases import by_kind, ruled
from tests.synthetic_load import BERLIN, GERMAN

USUAL = by_kind()
YEARS_2023 = (date(2023, 1, 1), 1096)
"""2023 to 2025."""


def errors(meter):
    measured = quality.measured_before(meter, meter.grid.end, 9999, BERLIN)
    site = site_of(measured, GERMAN, last_day=date(2025, 12, 31), bands=None, interval_min=60)
    return errors_of(site, site.sums(measured.grid, measured.load_kw))


def test_growth_of_the_last_year_was_not_foreseen():
    found = errors(ruled(*YEARS_2023, lambda day: USUAL(day) * (1.2 if day.year == 2025 else 1.0)))
    assert not found.by_neighbours
    assert found.total_log.max() == pytest.approx(np.log(1.2), abs=2e-3)
    assert found.peak_log.max() == pytest.approx(np.log(1.2), abs=2e-3)


def test_steady_growth_leaves_what_damping_takes():
    found = errors(ruled(*YEARS_2023, lambda day: USUAL(day) * 1.1 ** (day.year - 2023)))
    # From January 2025 on twelve months of 10 % are known, and 25 / 29 of it is carried on.
    left = np.log(1.1) * 4 / 29
    assert found.total_log[-12:] == pytest.approx([left] * 12, abs=2e-3)
    assert found.peak_log[-12:] == pytest.approx([left] * 12, abs=1e-6)


def test_days_after_an_origin_lend_nothing_to_it():
    # The end of December 2024 is missing; what followed it was three times as high, for one month.
    meter = ruled(date(2024, 1, 1), 731, lambda day: USUAL(day) * (3.0 if (day.year, day.month) == (2025, 1) else 1.0))
    import_kw = meter.import_kw.copy()
    first, stop = (meter.grid.edge_of(local_midnight(one, BERLIN)) for one in (date(2024, 12, 22), date(2025, 1, 1)))
    import_kw[first:stop] = np.nan
    found = errors(type(meter)(meter_id="holed", grid=meter.grid, import_kw=import_kw))
    # Origins February to December 2024 foretell 1 to 11 months of 2025 each: 66 rows; then January's twelve.
    january = found.total_log[66:78]
    assert january[0] == pytest.approx(np.log(3.0), abs=0.01)
    assert january[1:] == pytest.approx(np.zeros(11), abs=0.02)


def test_one_year_is_checked_by_its_neighbours():
    found = errors(ruled(date(2025, 1, 1), 365, USUAL))
    assert found.by_neighbours
    assert found.n_checked == 12
    assert found.total_log == pytest.approx(np.zeros(12), abs=0.02)
