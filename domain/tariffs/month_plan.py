"""The terms for planning a day, or a week, inside a month: what has been incurred, and the days left, which repeat the plan."""

from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.tariffs.month_so_far import MonthSoFar
from domain.tariffs.pricing import priced_terms
from domain.tariffs.sampled_peaks import with_repeated_days
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.terms import PricedTerms
from domain.tariffs.versions import AnyTariff
from domain.time import TimeGrid


def month_plan_terms(
    so_far: MonthSoFar,
    tariff: AnyTariff,
    supply: SupplyPoint,
    horizon: TimeGrid,
    *,
    base_kw: FloatArray,
    base_samples_kw: FloatArray,
) -> PricedTerms:
    """Give the terms under which a plan of the next day is the best one to repeat on all days like it to the month's end.

    Plain demand charges count 1/n of the month's peak over the n days that share the plan, above what the month has incurred.
    To sample the rest of the month as it was run before leaves the plan nothing to save, for the rest has its old peaks anyway;
    to sample it as it was planned last lets every day creep up to the samples' mean. Both cost more in a simulated month than
    the days deciding together (docs/month-peak.md). Other charges see the rest as ``so_far`` samples it. The power
    factor is the one that is given, for days that repeat a plan repeat its reactive power too.

    Parameters
    ----------
    so_far : MonthSoFar
        What was metered, and samples of the rest, as many as there are base-load samples.
    horizon : TimeGrid
        The day (or week) to be planned.
    base_kw : FloatArray
        The base load that the schedule is made for, usually the mean of the horizon's samples, shape (n_steps,). [kW]
    base_samples_kw : FloatArray
        Base load of the horizon and of all stretches of its length to come that will repeat its plan, the horizon itself first,
        shape (n_samples, n_stretches, n_steps). [kW]

    Raises
    ------
    PastHasHolesError, RestNotCoveredError, InvalidFieldError
        As ``MonthSoFar.window`` and ``with_repeated_days``; else as ``priced_terms``.
    """
    so_far = replace(so_far, rest_kvar=None)
    whole = priced_terms(tariff, supply, so_far.window(horizon))
    incurred = replace(so_far, rest_kw=np.zeros_like(so_far.rest_kw))
    alone = priced_terms(tariff, supply, incurred.window(horizon))
    return with_repeated_days(replace(whole, demand=alone.demand), base_samples_kw, base_kw)
