import numpy as np
import pytest

from domain.errors import InvalidFieldError
from domain.metering import PeakForecast

SOUND = {
    "period": "day",
    "first": 0,
    "stop": 96,
    "quantile_levels": (0.1, 0.5, 0.9),
    "quantiles_kw": np.array([400.0, 450.0, 520.0]),
    "origin_count": 60,
}


def test_a_peak_gives_its_quantiles():
    peak = PeakForecast(**SOUND)
    assert peak.quantile_kw(0.9) == 520.0
    with pytest.raises(InvalidFieldError, match="level"):
        peak.quantile_kw(0.8)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("quantiles_kw", {"quantiles_kw": np.array([400.0, 450.0, 440.0])}),
        ("quantiles_kw", {"quantiles_kw": np.array([400.0, np.nan, 440.0])}),
        ("quantiles_kw", {"quantiles_kw": np.array([400.0])}),
        ("stop", {"stop": 0}),
    ],
)
def test_impossible_peaks_are_refused_by_name(field, changed):
    with pytest.raises(InvalidFieldError, match=field):
        PeakForecast(**{**SOUND, **changed})
