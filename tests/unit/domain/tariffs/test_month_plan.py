"""A day's share of a month whose days left all repeat its plan, worked by hand."""

from datetime import date

import numpy as np
import pytest

from domain.metering import MeterSeries
from domain.tariffs.month_plan import month_plan_terms
from domain.tariffs.month_so_far import MonthSoFar
from domain.time import TimeGrid
from tests.tariff_cases import SHANGHAI, demand, flat_energy, supply_of, tariff_of

MARCH = TimeGrid.of_local_days(date(2026, 3, 1), 31, SHANGHAI, 60)
DAY = 24


def test_the_days_left_share_the_month_above_what_is_incurred():
    # 29 days metered at 100 kW with one hour of 180; two days left, of which the first is planned.
    metered = np.full(29 * DAY, 100.0)
    metered[77] = 180.0
    base = np.full((2, 2, DAY), 90.0)
    base[0, 0, 8], base[0, 1, 20], base[1, 1, 8] = 170.0, 190.0, 120.0
    so_far = MonthSoFar(
        zone=SHANGHAI,
        measured=MeterSeries(meter_id="M", grid=MARCH.part(0, 29 * DAY), import_kw=metered),
        rest=MARCH.part(29 * DAY, 31 * DAY),
        rest_kw=base.reshape(2, -1) + 500.0,  # as people would run it: it does not matter for the peak
    )
    expected = base[:, 0].mean(axis=0)
    tariff = tariff_of(flat_energy("0.5"), demand("10", measurement_min=60))
    terms = month_plan_terms(
        so_far, tariff, supply_of(), MARCH.part(29 * DAY, 30 * DAY), base_kw=expected, base_samples_kw=base
    )
    plan = np.zeros(DAY)
    plan[8] = 40.0
    load = expected + plan
    # sample 1: max(180, 170 + 40 on the first day, 190 on the second) = 210; sample 2: max(180, 120 + 40) = 180
    assert terms.coupled_cost(load) == pytest.approx(10 * (210 + 180) / 2 / 2)
    energy = metered.sum() + (base[:, 1].sum() + 2 * 24 * 500) / 2 + load.sum()
    assert terms.cost(load) == pytest.approx(0.5 * energy + 10 * (210 + 180) / 4)
