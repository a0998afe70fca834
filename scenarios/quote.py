"""The one verb: a case in, ranked offers out."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding
from domain.noun import noun
from domain.offers import Case, Quote, Response, ResponseProblem
from domain.plant import ProductionPlan, Site
from domain.tariffs import AnyTariff, Bill, PricedTerms
from domain.tariffs.pricing import priced_terms
from domain.text import Text
from domain.time import Calendar, TimeGrid
from optimizer.response import today_response
from scenarios import findings
from scenarios.asking import answer_all
from scenarios.candidates import (
    Candidate,
    EventOffer,
    candidates_of,
    check,
    event_offers,
    recorded_response,
    wall_time,
)
from scenarios.loads import (
    Loads,
    SiteForecast,
    base_samples,
    billing_window,
    forecast_site,
    looking_back,
    must_share_clock,
    planned_kw,
)
from scenarios.manifest import RecordedRun, make_manifest
from scenarios.money import bills_of_sample, export_samples, import_samples, money_range, order_of, sampled_bill
from scenarios.offering import Market, offers_of
from scenarios.progress import Progress, ProgressListener, ignore
from scenarios.reactive import counts_reactive

HALF = 0.5
TODAY_KEY, ALONE_KEY = "today", "today/alone"
"""Names in the manifest of today's plan, and of today's plan without any base load."""


@noun(eq=False)
class Today:
    """Today's plan under today's tariff."""

    problem: ResponseProblem
    response: Response


def quote(
    case: Case,
    *,
    progress: ProgressListener = ignore,
    executor: Executor | None = None,
    recorded: Mapping[str, RecordedRun] | None = None,
    patience: float = 1.0,
) -> Quote:
    """Answer a case: every package with and without demand response, run its best way, ranked.

    The bills are those of the whole local months that the plan touches: measured before, planned inside,
    forecast after the horizon, on the same samples for today's tariff and for every offer.

    Parameters
    ----------
    case : Case
        The question; it alone decides the answer.
    progress : callable
        Told after each step.
    executor : concurrent.futures.Executor, optional
        Spreads the oracle's work; None: in this process.
    recorded : mapping, optional
        Schedules of an earlier answer, by candidate key; these are audited and priced again, not searched.
    patience : float
        Times the case's deadlines that each search may take. [-]

    Returns
    -------
    Quote
        Offers best first, with a manifest from which the answer replays.

    Raises
    ------
    WattplanError
        Naming what is wrong with the case and how to mend it.
    """
    spent: dict[str, float] = {}
    n_stages = 4
    asked, case = case, _with_patience(case, patience)
    with _timed(spent, "forecast"):
        site = forecast_site(case)
        progress(Progress(stage=Text(en="site forecast", zh="全厂负荷预测"), done=1, total=n_stages))
        loads, today, searched = _loads_and_today(case, site, recorded or {})
        progress(Progress(stage=Text(en="base load and today's plan", zh="基础负荷与现行计划"), done=2, total=n_stages))
    with _timed(spent, "pricing"):
        events, left_out = event_offers(case, loads)
        candidates, unfit = candidates_of(case, loads, events)
    with _timed(spent, "oracle"):
        answers, refused = _answers(
            case, candidates, today, executor=executor, progress=progress, recorded=recorded or {}
        )
        candidates = tuple(one for one in candidates if one.key in answers)
    with _timed(spent, "bills"):
        market, quote_parts = _today_bill(case, loads, today, events)
        offers, not_offered = offers_of(market, candidates, answers)
        progress(Progress(stage=Text(en="bills on every sample", zh="逐样本计算账单"), done=4, total=n_stages))
    spent |= {f"oracle_{part}": seconds for part, seconds in wall_time(answers.values()).items()}
    bill_today = money_range(market.today_bill.totals)
    given = [findings.COMPENSATION_AS_GIVEN.at()] if counts_reactive(case, _tariffs(case)) else []
    found = (*loads.findings, *given, *left_out, *unfit, *refused, *plan_findings(case, loads), *not_offered)
    return Quote(
        case_id=case.case_id,
        issued_at=case.issued_at,
        currency=case.present_tariff.currency,
        bill_today=bill_today,
        today_bills=quote_parts,
        today=today.response,
        offers=offers,
        findings=unique(found),
        timings_s={part: round(seconds, 4) for part, seconds in spent.items()},
        manifest=make_manifest(asked, bill_today, offers, searched | answers, loads.versions),
    )


def _tariffs(case: Case) -> tuple[AnyTariff, ...]:
    return (case.present_tariff, *(one.tariff for one in case.packages))


def _with_patience(case: Case, patience: float) -> Case:
    solve = replace(case.options.solve, deadline_s=case.options.solve.deadline_s * patience)
    return case if patience == 1.0 else replace(case, options=replace(case.options, solve=solve))


@contextmanager
def _timed(spent: dict[str, float], part: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    spent[part] = time.perf_counter() - start


def _loads_and_today(
    case: Case, site: SiteForecast, recorded: Mapping[str, RecordedRun]
) -> tuple[Loads, Today, dict[str, Response]]:
    """Give the loads, today's plan, and the responses that a manifest must know to give both again."""
    loads, terms, searched = loads_of(case, site, recorded)
    problem = today_problem(case, loads, terms)
    searched[TODAY_KEY] = _today_response(case, problem, recorded.get(TODAY_KEY))
    return loads, Today(problem=problem, response=searched[TODAY_KEY]), searched


def loads_of(
    case: Case, site: SiteForecast, recorded: Mapping[str, RecordedRun], *, levelled: bool = False
) -> tuple[Loads, PricedTerms, dict[str, Response]]:
    """Give the loads that the plan does not move, today's tariff over them, and what a manifest must know of both.

    Where only the site is metered, the plan as run today is taken off its forecast; ``levelled``: its energy is taken off
    evenly instead, because it cannot be run as today.
    """
    window, window_findings = billing_window(case, site)
    must_share_clock(case, case.present_tariff, window.grid)
    measured = site.measured
    present = looking_back(window, case.present_tariff, case.site.supply, measured)
    terms = priced_terms(case.present_tariff, case.site.supply, present)
    process_kw = np.zeros(site.horizon.n_steps)
    searched: dict[str, Response] = {}
    if case.base_load_source == "site_less_plan" and levelled:
        process_kw = level_plan_kw(case.plan, site.horizon)
    elif case.base_load_source == "site_less_plan":
        alone = ResponseProblem(
            site=_site_alone(case), plan=case.plan, horizon=site.horizon, base_kw=process_kw, terms=terms
        )
        searched[ALONE_KEY] = _today_response(case, alone, recorded.get(ALONE_KEY))
        process_kw = planned_kw(alone, searched[ALONE_KEY].schedule)
    base_kw, base_findings = base_samples(case, site, process_kw)
    loads = Loads(
        horizon=site.horizon,
        window=window,
        measured=measured,
        base_kw=base_kw,
        findings=unique((*site.findings, *base_findings, *window_findings)),
        versions=site.versions,
    )
    return loads, terms, searched


def _site_alone(case: Case) -> Site:
    """Give the site as far as it limits a plan without any base load: what is generated may leave it then."""
    site = case.site
    generated_kw = sum(max(0.0, -one.kwh_per_unit) * one.max_rate for one in case.plan.processes)
    sun_kw = sum(max(one.daily_kw) for one in site.pv)
    stored_kw = sum(one.max_discharge_kw for one in site.batteries)
    return replace(site, export_limit_kw=site.export_limit_kw + generated_kw + sun_kw + stored_kw, safety_load_kw=0.0)


def level_plan_kw(plan: ProductionPlan, horizon: TimeGrid) -> FloatArray:
    """Give the energy of a plan's runs, shifts and quotas spread evenly over the horizon, shape (n_steps,). [kW]."""
    energy_kwh = sum(task.energy_kwh * task.count for task in plan.tasks)
    energy_kwh += sum(shift.energy_kwh for load in plan.modulating_loads for shift in load.shifts)
    energy_kwh += sum(
        max(process.kwh_per_unit, 0.0) * quota.least for process in plan.processes for quota in process.quotas
    )
    return np.full(horizon.n_steps, energy_kwh / (horizon.n_steps * horizon.step_h))


def today_problem(case: Case, loads: Loads, terms: PricedTerms) -> ResponseProblem:
    """State today's plan under priced terms."""
    return ResponseProblem(
        site=case.site, plan=case.plan, horizon=loads.horizon, base_kw=loads.expected_base_kw, terms=terms
    )


def _today_response(case: Case, problem: ResponseProblem, recorded: RecordedRun | None) -> Response:
    found = recorded_response(recorded, problem) if recorded else today_response(problem, case.options.solve)
    return check(found, problem)


def _answers(
    case: Case,
    candidates: tuple[Candidate, ...],
    today: Today,
    *,
    executor: Executor | None,
    progress: ProgressListener,
    recorded: Mapping[str, RecordedRun],
) -> tuple[dict[str, Response], list[Finding]]:
    known = {
        one.key: check(recorded_response(recorded[one.key], one.problem), one.problem)
        for one in candidates
        if one.key in recorded
    }
    found, left_out = answer_all(
        candidates,
        known,
        options=case.options.solve,
        warm_start=today.response.schedule,
        executor=executor,
        progress=progress,
    )
    return {one.key: found[one.key] for one in candidates if one.key in found}, left_out


def _today_bill(
    case: Case, loads: Loads, today: Today, events: tuple[EventOffer, ...]
) -> tuple[Market, tuple[Bill, ...]]:
    import_kw = import_samples(today.response, loads.base_kw)
    supply = case.site.supply
    export_kw = export_samples(today.response, loads.base_kw)
    window = loads.window_of(case.present_tariff, supply)
    bill = sampled_bill(window, import_kw, case.present_tariff, supply, export_kw=export_kw)
    median = order_of(bill.totals, HALF)
    lines = bills_of_sample(window, import_kw, median, case.present_tariff, supply, export_kw=export_kw)
    market = Market(
        case=case,
        loads=loads,
        events=events,
        today=today.response,
        today_import_kw=import_kw,
        today_export_kw=export_kw,
        today_bill=bill,
    )
    return market, lines


def plan_findings(case: Case, loads: Loads) -> tuple[Finding, ...]:
    """Say what of a plan, its calendar and its tariff was assumed."""
    found: list[Finding] = []
    plan = case.plan
    if not (plan.tasks or plan.processes or plan.modulating_loads or case.site.batteries):
        found.append(findings.EMPTY_PLAN.at())
    total = sum(task.count for task in plan.tasks)
    unplanned = sum(task.count for task in plan.tasks if not task.planned_starts)
    if unplanned:
        found.append(findings.TODAY_FROM_RULE.at(count=unplanned, total=total))
    days = [day.day for day in loads.window.grid.local_days(case.site.zone)]
    found += Calendar(country=case.site.country).unknown_years(days)
    if case.present_tariff.status != "official":
        found.append(
            findings.NUMBERS_NOT_OFFICIAL.at(
                record=case.present_tariff.tariff_id, status=str(case.present_tariff.status)
            )
        )
    return tuple(found)


def unique(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Give findings once each, in their order."""
    kept: list[Finding] = []
    for one in found:
        if one not in kept:
            kept.append(one)
    return tuple(kept)
