"""A plant with known peaks against its transformer."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from domain.errors import WattplanError
from domain.time import local_midnight
from forecasting.growth import Connection, capacity_outlook
from forecasting.growth.words import YearNotKnownError
from forecasting.outlook import Expansion, OutlookOptions
from tests.outlook_cases import by_kind, ruled
from tests.synthetic_load import BERLIN, GERMAN

YEAR_2025 = ruled(date(2025, 1, 1), 365, by_kind())
MEDIAN = OutlookOptions(quantile_levels=(0.5,))


def asked(meter=YEAR_2025, *, kva=200.0, power_factor=0.8, contract_kw=None, **more):
    issued_at = more.pop("issued_at", meter.grid.end)
    connection = Connection(transformer_kva=kva, power_factor=power_factor, contract_kw=contract_kw)
    return capacity_outlook(
        meter,
        issued_at=issued_at,
        zone=BERLIN,
        calendar=GERMAN,
        connection=connection,
        **({"options": MEDIAN} | more),
    )


def codes(made):
    return {one.code for one in made.findings}


def test_energy_per_kva_and_the_peak_as_kva_by_hand():
    # March 2026: 22 workdays of 100 kW, 4 Saturdays of 40, 5 Sundays of 10, one an hour short.
    made = asked(n_years=1)
    march = made.months[2]
    assert march.month == date(2026, 3, 1)
    assert march.kwh_per_kva[0] == pytest.approx(((22 * 100 + 4 * 40 + 5 * 10) * 24 - 10) / 200, rel=1e-3)
    assert march.peak_kva[0] == pytest.approx(100 / 0.8, rel=1e-3)
    assert len(made.months) == 12
    assert made.years[0].used_share[0] == pytest.approx(made.years[0].peak_kva[0] / 200)


def test_months_reach_the_rebate_where_the_energy_does():
    made = asked(kva=200.0, n_years=1)
    # 57,830 kWh in March are 289 kWh/kVA of 200 kVA and 193 of 300.
    assert made.months[2].rebate_probability > 0.5
    assert asked(kva=300.0, n_years=1).months[2].rebate_probability < 0.5
    assert "capacity_rebate_months" in codes(made)


def test_a_sure_expansion_exceeds_the_transformer_from_its_month_on():
    plan = Expansion(name="line 2", starts=date(2027, 3, 1), adds_kw=400, adds_kwh_per_month=100_000)
    made = asked(kva=400.0, expansions=(plan,), n_years=3)
    assert made.first_over_kva == date(2027, 3, 1)
    chances = [one.over_kva_probability for one in made.months]
    assert max(chances[:14]) < 0.1
    assert min(chances[14:]) > 0.99
    assert [one.over_kva_probability > 0.99 for one in made.years] == [False, True, True]
    (said,) = (one for one in made.findings if one.code == "capacity_first_exceeded")
    assert said.data["month"] == "2027-03"


def test_an_unsure_expansion_exceeds_as_often_as_it_comes():
    plan = Expansion(name="line 2", starts=date(2026, 6, 1), adds_kw=5000, adds_kwh_per_month=0, probability=0.3)
    made = asked(kva=1000.0, expansions=(plan,), n_years=1)
    assert made.years[0].over_kva_probability == pytest.approx(0.3, abs=0.02)


def test_the_contract_demand_is_told_apart_from_the_transformer():
    made = asked(kva=1000.0, contract_kw=60.0, n_years=1)
    assert made.first_over_contract == date(2026, 1, 1)
    assert made.first_over_kva is None
    assert made.years[0].over_contract_probability > 0.99
    assert "capacity_already_exceeded" in codes(made)
    assert "capacity_little_used" in codes(made)


def test_doubt_grows_with_the_years():
    usual = by_kind()
    meter = ruled(date(2024, 1, 1), 731, lambda day: usual(day) * (1.0 if day.year == 2024 else 1.05))
    made = asked(meter, n_years=5, options=OutlookOptions(quantile_levels=(0.1, 0.5, 0.9)))
    widths = [one.peak_kw[2] / one.peak_kw[0] for one in made.years]
    assert widths == sorted(widths)
    medians = np.array([one.peak_kw[1] for one in made.years])
    rate = made.peak_growth.mean_rate
    assert 0.03 < rate < np.log(1.05)
    assert np.log(medians[1:] / medians[:-1]) == pytest.approx(rate, abs=0.01)


def test_a_leap_february_has_its_day():
    made = asked(n_years=3)
    usual, leap = (one.kwh_per_kva[0] for one in made.months if one.month.month == 2 and one.month.year in (2027, 2028))
    assert leap / usual == pytest.approx(29 / 28, rel=2e-3)


def test_half_a_year_is_refused_with_the_missing_months():
    with pytest.raises(YearNotKnownError) as refused:
        asked(ruled(date(2025, 7, 1), 184, by_kind()))
    assert refused.value.data["months"] == "2025-01, 2025-02, 2025-03, 2025-04, 2025-05, 2025-06"


def test_the_future_is_not_looked_at():
    meter = ruled(date(2024, 1, 1), 731, by_kind())
    issued_at = local_midnight(date(2025, 6, 1), BERLIN)
    import_kw = meter.import_kw.copy()
    import_kw[meter.grid.step_of(issued_at) :] = 9e9
    clean, poisoned = (
        asked(one, issued_at=issued_at, n_years=2) for one in (meter, replace(meter, import_kw=import_kw))
    )
    assert [one.peak_kva.tolist() for one in clean.months] == [one.peak_kva.tolist() for one in poisoned.months]
    assert clean.findings == poisoned.findings


@pytest.mark.parametrize(
    ("field", "value"),
    [("transformer_kva", 0), ("power_factor", 92.0), ("contract_kw", -1.0), ("alarm_probability", 1.5)],
)
def test_a_connection_that_cannot_be_is_refused(field, value):
    with pytest.raises(WattplanError, match=field):
        Connection(**({"transformer_kva": 100.0} | {field: value}))


@pytest.mark.parametrize("n_years", [0, 6])
def test_years_out_of_reach_are_refused(n_years):
    with pytest.raises(WattplanError, match="n_years"):
        asked(n_years=n_years)
