"""Reactive power of a case: what the plan counts, what lies around it, and the power factor that the months end with."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.findings import Finding
from domain.offers import Case, MonthPowerFactor, Response, ResponseProblem, SolveOptions, StandingPlan
from domain.plant import Schedule
from domain.plant.reactive import base_kvar_of
from domain.tariffs import AnyTariff, BillingWindow, PricedTerms, versions_of
from domain.tariffs.charges import PowerFactorStandard
from domain.tariffs.decimals import as_decimal
from domain.tariffs.power_factor import adjustment_rate, power_factor_of, tangent
from optimizer.infeasible import InfeasiblePlanError
from optimizer.search import NoPlanInTimeError
from scenarios import findings
from scenarios.asking import Asker, answer
from scenarios.loads import Loads

COUNTING = ("power_factor", "reactive")
"""Kinds of charges that rest on reactive power."""


def counts_reactive(case: Case, tariffs: Iterable[AnyTariff]) -> bool:
    """Say whether the site's reactive load is known and a tariff asks for it."""
    return case.site.knows_reactive and any(
        charge.kind in COUNTING for one in tariffs for version in versions_of(one) for charge in version.charges
    )


def with_reactive(case: Case, loads: Loads) -> Loads:
    """Give loads whose reactive power the plan decides: that of the base load, and what the meter and the rest bring.

    What was metered counts as it was; where the meter knows no reactive power, and for what is to come after the plan, it
    follows from the months' power factor as given or metered, else from that of the base load.
    """
    site, window = case.site, loads.window
    base_kvar = base_kvar_of(site, loads.expected_base_kw, loads.horizon)
    if base_kvar is None:
        return loads
    known = window.power_factor
    around = np.full(window.around_kw.shape, np.nan)
    outside = np.ones(window.grid.n_steps, dtype=bool)
    outside[window.first : window.stop] = False
    metered = _metered_kvar(loads, window)
    around[:, outside] = metered[outside]
    missing = outside & np.isnan(metered)
    found: list[Finding] = []
    if missing.any() and known is not None:
        around[:, missing] = tangent(known) * np.maximum(window.around_kw[:, missing], 0.0)
        found.append(findings.REACTIVE_AROUND.at(power_factor=str(known), days=_days(missing, window)))
    return replace(
        loads,
        base_kvar=base_kvar,
        window=replace(window, around_kvar=around),
        findings=(*loads.findings, *found),
    )


def _metered_kvar(loads: Loads, window: BillingWindow) -> FloatArray:
    """Give the months' metered reactive power; NaN where the meter does not know it, shape (n_steps,). [kvar]."""
    found = np.full(window.grid.n_steps, np.nan)
    measured = loads.measured
    if measured is not None and measured.reactive_kvar is not None:
        shift = window.grid.edge_of(measured.grid.start)
        first, stop = max(0, shift), max(0, min(window.first, shift + measured.grid.n_steps))
        if first < stop:
            found[first:stop] = measured.reactive_kvar[first - shift : stop - shift]
    return found


def _days(steps: npt.NDArray[np.bool_], window: BillingWindow) -> str:
    return f"{float(np.count_nonzero(steps)) * window.grid.step_h / 24:.1f}"


def month_power_factors(
    window: BillingWindow, tariff: AnyTariff, today: Response | None, planned: Response
) -> tuple[MonthPowerFactor, ...]:
    """Say with which power factor each billing month ends, run as today and as planned, over the mean of the samples."""
    standard = _standard(tariff)
    found = []
    for month in window.months:
        then = _month(window, planned, month)
        before = None if today is None else _month(window, today, month)
        if then is None:
            continue
        found.append(
            MonthPowerFactor(
                month=month,
                today_pf=None if before is None else before[0],
                planned_pf=then[0],
                today_rate=None if before is None else _rate(standard, before[0]),
                planned_rate=_rate(standard, then[0]),
                active_kwh=then[1],
                reactive_kvarh=then[2],
            )
        )
    return tuple(found)


def _standard(tariff: AnyTariff) -> PowerFactorStandard | None:
    charges = [one for version in versions_of(tariff) for one in version.charges]
    return next((one.standard for one in charges if one.kind == "power_factor"), None)


def _rate(standard: PowerFactorStandard | None, power_factor: Decimal) -> Decimal | None:
    return None if standard is None else adjustment_rate(standard, power_factor)


def _month(window: BillingWindow, response: Response, month: date) -> tuple[Decimal, float, float] | None:
    """Give a month's power factor, kWh and kvarh; None where the plan counts no reactive power, or there is no energy."""
    kvar = response.schedule.reactive_kvar
    if kvar is None or window.around_kvar is None:
        return None
    local = window.grid.local_starts(window.zone)
    inside = np.array((local.year == month.year) & (local.month == month.month))
    load = window.fill(response.schedule.import_kw, None, kvar)
    assert load.reactive_kvar is not None  # noqa: S101 -- the window has it
    kwh = float(load.import_kw[:, inside].sum(axis=1).mean()) * window.grid.step_h
    kvarh = float(load.reactive_kvar[:, inside].sum(axis=1).mean()) * window.grid.step_h
    if not (kwh or kvarh):
        return None
    return power_factor_of(as_decimal(kwh), as_decimal(kvarh)), kwh, kvarh


def answer_with_compensation(
    problem: ResponseProblem, as_given: PricedTerms | None, options: SolveOptions, before: Schedule | None
) -> Response:
    """Answer a problem; one that counts reactive power is first answered as if the power factor were given.

    When runs start is mostly decided by energy and peaks, which takes less time without compensation; the second half of
    the time then decides all of it together, beginning from there.

    Parameters
    ----------
    as_given : PricedTerms, optional
        The same tariff at the power factor as given; None: the problem counts no reactive power.
    """
    if as_given is None or problem.base_kvar is None:
        return answer(problem, options, before)
    half = replace(options, deadline_s=options.deadline_s / 2)
    plain = replace(problem, base_kvar=None, terms=as_given, standing=_without_reactive(problem.standing))
    try:
        first = answer(plain, half, before)
    except (InfeasiblePlanError, NoPlanInTimeError):  # what contradicts what is for the problem itself to say
        return answer(problem, options, before)
    return Asker(problem, half).ask(problem, before, near=(first.schedule,))


def _without_reactive(standing: StandingPlan | None) -> StandingPlan | None:
    if standing is None:
        return None
    bare = replace(standing.schedule, forward_kvar=None, reverse_kvar=None, compensation_kvar={})
    return replace(standing, schedule=bare)
