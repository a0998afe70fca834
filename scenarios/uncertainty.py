"""One customer's plan for a load that is known only by samples, and what it is worth to plan for them.

Half of the forecast's samples are planned for; the other half, which no plan has seen, judges: the schedule made for the
expected load and the one made for the samples are both billed on it.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import UnknownReferenceError, WattplanError
from domain.files.documents import to_plain
from domain.findings import Finding
from domain.noun import noun
from domain.offers import Case, Package, Response, ResponseProblem
from domain.offers.uncertainty import RiskAversion, ValueOfUncertainty
from domain.tariffs import BillingWindow, PricedTerms, SupplyPoint
from domain.tariffs.pricing import priced_terms
from domain.text import Text
from optimizer.response import best_response
from optimizer.uncertain import MEAN_ONLY, UncertainResponse, uncertain_response
from optimizer.uncertainty_value import value_of_uncertainty
from scenarios.candidates import EventOffer, event_offers, packages_of
from scenarios.loads import Loads, forecast_site
from scenarios.progress import Progress, ProgressListener, ignore
from scenarios.quote import loads_of, plan_findings, unique

IntArray = npt.NDArray[np.int64]
LEAST_SAMPLES = 4
"""Fewer samples cannot be planned for and judged by. [-]"""
N_STAGES = 4


class TooFewSamplesError(WattplanError, ValueError):
    """A forecast has too few samples to plan for one half and judge by the other."""

    code = "too_few_samples"
    words = Text(
        en="{n_samples} forecast samples are too few: half are planned for, half judge. Give options.n_samples of {least} "
        "or more.",
        zh="{n_samples} 个预测样本过少：一半用于做计划，一半用于检验。请将 options.n_samples 设为 {least} 或以上。",
    )


@noun(eq=False)
class UncertainPlan:
    """Two plans for one customer under one package, judged on the same fresh samples."""

    package: Package
    problem: ResponseProblem
    """The question for the expected load; its terms have the samples that were planned for."""
    samples_kw: FloatArray
    """Base load that was planned for, shape (n_samples, n_steps). [kW]"""
    fresh_samples_kw: FloatArray
    """Base load that judges, shape (n_samples, n_steps). [kW]"""
    deterministic: Response
    """For the expected load."""
    stochastic: UncertainResponse
    """For the samples."""
    value: ValueOfUncertainty
    findings: tuple[Finding, ...] = ()
    """What was assumed, and which events were left out."""


def plan_for_samples(
    case: Case,
    *,
    package_id: str,
    risk: RiskAversion = MEAN_ONLY,
    limit_share: float | None = 0.0,
    progress: ProgressListener = ignore,
) -> UncertainPlan:
    """Plan a case under one of its packages for the expected load and for its samples, and compare both.

    Parameters
    ----------
    case : Case
        The question; its options decide samples, deadline, gap and seed.
    package_id : str
        One of the case's packages, or that of staying with today's tariff.
    risk : RiskAversion
        How much the dear outcomes count besides the mean.
    limit_share : float, optional
        In each step, samples that may exceed the connection's limit; None: only the expected load is held below it. [-]

    Raises
    ------
    TooFewSamplesError, UnknownReferenceError
    WattplanError
        Naming what is wrong with the case or the package, and how to mend it.
    """
    if case.options.n_samples < LEAST_SAMPLES:
        raise TooFewSamplesError(n_samples=case.options.n_samples, least=LEAST_SAMPLES)
    package = _package(case, package_id)
    loads, _, _ = loads_of(case, forecast_site(case), {})
    progress(Progress(stage=Text(en="samples of the load", zh="负荷样本"), done=1, total=N_STAGES))
    supply = package.supply_of(case.site.supply)
    window = loads.window_of(package.tariff, supply)
    half = loads.base_kw.shape[0] // 2
    ours, fresh = np.arange(half), np.arange(half, 2 * half)
    events, left_out = event_offers(case, loads)
    problem = _problem(case, loads, events, priced_terms(package.tariff, supply, _rows(window, ours)), ours)
    options = case.options.solve
    plain = best_response(problem, options)
    progress(Progress(stage=Text(en="plan for the expected load", zh="期望负荷下的计划"), done=2, total=N_STAGES))
    aware = uncertain_response(
        problem,
        loads.base_kw[ours],
        options,
        risk=risk,
        limit_share=limit_share,
        constants=_constants(package, supply, window, ours),
        warm_start=plain.schedule,
    )
    progress(Progress(stage=Text(en="plan for the samples", zh="样本下的计划"), done=3, total=N_STAGES))
    judged = replace(problem, terms=priced_terms(package.tariff, supply, _rows(window, fresh)))
    value = value_of_uncertainty(
        judged,
        loads.base_kw[fresh],
        plain.schedule,
        aware.schedule,
        risk=risk,
        constants=_constants(package, supply, window, fresh),
        believed_cost=plain.costs.total_cost,
    )
    progress(Progress(stage=Text(en="both on fresh samples", zh="在新样本上比较"), done=4, total=N_STAGES))
    return UncertainPlan(
        package=package,
        problem=problem,
        samples_kw=loads.base_kw[ours],
        fresh_samples_kw=loads.base_kw[fresh],
        deterministic=plain,
        stochastic=aware,
        value=value,
        findings=unique((*loads.findings, *left_out, *plan_findings(case, loads))),
    )


def uncertain_to_plain(found: UncertainPlan, case: Case, risk: RiskAversion) -> dict[str, Any]:
    """Give both plans and their comparison as JSON values; without the samples."""
    return {
        "case_id": case.case_id,
        "package": to_plain(found.package),
        "currency": found.package.tariff.currency,
        "risk": to_plain(risk),
        "n_planned_samples": len(found.samples_kw),
        "value": to_plain(found.value),
        "deterministic": to_plain(found.deterministic),
        "stochastic": to_plain(found.stochastic),
        "findings": to_plain(found.findings),
    }


def _package(case: Case, package_id: str) -> Package:
    known = {one.package_id: one for one in packages_of(case)}
    if package_id not in known:
        raise UnknownReferenceError(
            noun="SamplesAsked", field="package_id", value=package_id, known=", ".join(sorted(known))
        )
    return known[package_id]


def _problem(
    case: Case, loads: Loads, events: tuple[EventOffer, ...], terms: PricedTerms, samples: IntArray
) -> ResponseProblem:
    return ResponseProblem(
        site=case.site,
        plan=case.plan,
        horizon=loads.horizon,
        base_kw=loads.base_kw[samples].mean(axis=0),
        terms=terms,
        events=tuple(one.term for one in events),
    )


def _rows(window: BillingWindow, samples: IntArray) -> BillingWindow:
    """Give a window with some of its samples."""
    fed_in = window.around_export_kw
    return replace(
        window,
        around_kw=window.around_kw[samples],
        around_export_kw=None if fed_in is None else fed_in[samples],
    )


def _constants(package: Package, supply: SupplyPoint, window: BillingWindow, samples: IntArray) -> FloatArray:
    """Give what the schedule cannot change on each sample, shape (n_samples,). [currency]."""
    each = [priced_terms(package.tariff, supply, _rows(window, np.array([one]))).constant for one in samples.tolist()]
    return np.array(each, dtype=np.float64)
