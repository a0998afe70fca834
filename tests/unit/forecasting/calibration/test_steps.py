import numpy as np
import pytest

from domain.errors import InvalidFieldError
from forecasting.calibration import PastDays
from forecasting.calibration.steps import neighbours

BAND = (0.1, 0.9)


def past(errors_kw: np.ndarray, kinds: np.ndarray | None = None, lead_days: int = 1) -> PastDays:
    n_days = len(errors_kw)
    return PastDays(
        errors_kw=errors_kw,
        kinds=np.zeros(n_days, int) if kinds is None else kinds,
        numbers=np.arange(n_days),
        lead_days=lead_days,
    )


def test_a_steady_process_gets_its_own_quantiles():
    """Normal errors whose spread grows over the day: +-1.2816 sigma at 10 and 90 %."""
    sigma_kw = np.linspace(1.0, 5.0, 8)
    errors_kw = np.random.default_rng(2).normal(size=(3000, 8)) * sigma_kw
    low, high = past(errors_kw).quantiles_kw(0, BAND, gamma=0.0)
    assert high == pytest.approx(1.2816 * sigma_kw, rel=0.08)
    assert low == pytest.approx(-1.2816 * sigma_kw, rel=0.08)


def test_adapting_keeps_what_a_steady_process_promises():
    random = np.random.default_rng(4)
    held = []
    for _ in range(300):
        errors_kw = random.standard_t(4, size=(61, 12))
        low, high = past(errors_kw[:60]).quantiles_kw(0, BAND, pool=1)
        held.append(((low <= errors_kw[60]) & (errors_kw[60] <= high)).mean())
    assert 0.77 < float(np.mean(held)) < 0.85


def test_kinds_of_day_do_not_mix():
    kinds = np.array(([0] * 5 + [1, 2]) * 8)
    errors_kw = np.where(kinds == 1, 100.0, 0.0)[:, None] + np.random.default_rng(1).normal(size=(56, 3))
    assert past(errors_kw, kinds).quantiles_kw(1, (0.5,)).min() > 95
    assert past(errors_kw, kinds).quantiles_kw(0, (0.5,)).max() < 5


def test_a_kind_seen_twice_borrows_from_all():
    kinds = np.array([0] * 10 + [1, 1])
    assert past(np.zeros((12, 2)), kinds).alike(1).size == 12


def test_what_was_not_known_at_the_issue_is_not_compared_with():
    """Seven days ahead, the six days before a day were still unknown: they may be anything."""
    errors_kw = np.random.default_rng(9).normal(size=(30, 4))
    poisoned_kw = errors_kw.copy()
    poisoned_kw[23:29] = 9e9
    clean, poisoned = (past(one, lead_days=7).ranks(0)[29] for one in (errors_kw, poisoned_kw))
    assert np.array_equal(clean, poisoned)
    poisoned_kw[22] = 9e9
    assert not np.array_equal(clean, past(poisoned_kw, lead_days=7).ranks(0)[29])


def test_farther_days_are_no_surer():
    errors_kw = np.random.default_rng(6).normal(size=(20, 4))
    near, far = (past(errors_kw, lead_days=lead).quantiles_kw(0, (0.95,), gamma=0.0) for lead in (1, 7))
    assert (far >= near).all()
    assert (far > near).any()


def test_neighbours_stop_at_the_days_ends():
    around = neighbours(np.array([[1.0, 2.0, 3.0]]), 1)
    assert around[0].tolist() == [[1, 1, 2], [1, 2, 3], [2, 3, 3]]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("errors_kw", {"errors_kw": np.empty((0, 4))}),
        ("errors_kw", {"errors_kw": np.array([[np.nan, 1.0]])}),
        ("errors_kw", {"errors_kw": np.array([1.0, 2.0])}),
        ("kinds", {"kinds": np.zeros(3, int)}),
        ("numbers", {"numbers": np.zeros(1, int), "errors_kw": np.zeros((2, 2)), "kinds": np.zeros(2, int)}),
        ("numbers", {"numbers": np.array([1, 1]), "errors_kw": np.zeros((2, 2)), "kinds": np.zeros(2, int)}),
        ("lead_days", {"lead_days": 0}),
    ],
)
def test_degenerate_pasts_are_refused_by_name(field, changed):
    sound = {"errors_kw": np.zeros((1, 2)), "kinds": np.zeros(1, int), "numbers": np.zeros(1, int), "lead_days": 1}
    with pytest.raises(InvalidFieldError, match=field):
        PastDays(**{**sound, **changed})
