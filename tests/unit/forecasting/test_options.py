import numpy as np
import pytest

from domain.errors import InvalidFieldError
from forecasting import ForecastOptions, KnownLoad
from forecasting.errors import PlanTooShortError
from forecasting.options import whole


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantile_levels": ()},
        {"quantile_levels": (0.5, 0.5)},
        {"quantile_levels": (0.0, 0.5)},
        {"quantile_levels": (0.5, 1.0)},
        {"quantile_levels": (0.9, 0.1)},
        {"n_samples": 0},
        {"seed": -1},
        {"history_days": 13},
        {"backend": "newton"},
    ],
)
def test_options_that_mean_nothing_are_refused_by_field(wrong):
    with pytest.raises(InvalidFieldError) as caught:
        ForecastOptions(**wrong)
    assert caught.value.data["field"] in wrong


def test_a_known_load_may_have_holes_but_no_infinities():
    known = KnownLoad(history_kw=np.array([1.0, np.nan]), horizon_kw=np.array([2.0]))
    assert not known.history_kw.flags.writeable
    with pytest.raises(InvalidFieldError):
        KnownLoad(history_kw=np.array([np.inf]), horizon_kw=np.array([2.0]))


def test_a_plan_must_be_whole():
    assert whole("horizon_kw", np.array([1.0, 2.0]), 2).tolist() == [1.0, 2.0]
    with pytest.raises(PlanTooShortError, match="each of 3 steps; it has 2"):
        whole("horizon_kw", np.array([1.0, 2.0]), 3)
    with pytest.raises(PlanTooShortError) as caught:
        whole("horizon_kw", np.array([1.0, np.nan, 3.0]), 3)
    assert caught.value.data == {"field": "horizon_kw", "needed": 3, "given": 2}
