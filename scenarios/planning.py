"""One plan under one package: the best schedule, what it does otherwise and why, what limits and wishes are worth."""

from dataclasses import replace

import numpy as np

from domain.errors import UnknownReferenceError, WattplanError
from domain.findings import Finding
from domain.noun import noun
from domain.offers import (
    PRESENT_ID,
    Case,
    Package,
    PlanAnswer,
    PlanAsked,
    ProcessWish,
    Reasons,
    Response,
    ResponseProblem,
    RunWish,
    StandingPlan,
)
from domain.plant import Schedule
from domain.tariffs import BillingWindow, PricedTerms, priced_terms
from domain.text import Language, Text
from optimizer.block_reasons import block_reasons
from optimizer.infeasible import InfeasiblePlanError
from optimizer.price_tags import alternative, price_tags
from optimizer.repairs import repairs
from optimizer.response import today_response
from optimizer.standing_checks import is_whole, standing_must_fit
from optimizer.wish_words import wish_words
from scenarios import findings
from scenarios.candidates import Candidate, candidates_of, check, event_offers, packages_of
from scenarios.keeping import no_dearer_than_kept
from scenarios.loads import Loads, forecast_site
from scenarios.progress import Progress, ProgressListener, ignore
from scenarios.quote import loads_of, plan_findings, unique
from scenarios.reactive import answer_with_compensation, counts_reactive, month_power_factors, with_reactive
from scenarios.reasons import Explainer
from scenarios.stocks import stock_findings

N_STAGES = 4


def plan_case(case: Case, asked: PlanAsked, *, progress: ProgressListener = ignore) -> PlanAnswer:
    """Plan a case under one of its packages and explain the plan.

    Where no schedule keeps all orders and limits, the answer says what contradicts each other and which single changes
    would help, with what the plan then costs.

    Parameters
    ----------
    case : Case
        The question; its options decide deadline, gap and seed.
    asked : PlanAsked
        Package, events, standing plan, wishes, and what to explain.
    progress : callable
        Told after each step.

    Raises
    ------
    WattplanError
        Naming what is wrong with the case, the package or the standing plan, and how to mend it.
    """
    question = question_of(case, asked.package_id, with_dr=asked.with_dr, with_compensation=True, progress=progress)
    question = question.put(standing=asked.standing, wishes=asked.wishes)
    standing_must_fit(question.problem)
    options = case.options.solve
    today, today_findings = today_of(case, question.problem)
    progress(Progress(stage=Text(en="base load and today's plan", zh="基础负荷与现行计划"), done=2, total=N_STAGES))
    nothing = PlanAnswer(
        case_id=case.case_id,
        issued_at=case.issued_at,
        package=question.package,
        currency=question.package.tariff.currency,
        today=today,
        response=None,
        moves=(),
        reasons=Reasons(blocks=(), tags=()),
        alternatives=(),
        conflicts=(),
        repairs=(),
        findings=unique((*question.findings, *today_findings)),
    )
    try:
        response = answer_with_compensation(
            question.problem, question.as_given, options, _before(question.problem, asked.standing, today)
        )
    except InfeasiblePlanError as error:  # not even without the reserve
        whole = replace(question.problem, import_reserve_kw=None)
        helps = repairs(whole, options, n_most=asked.n_repairs) if asked.n_repairs else ()
        wished = tuple(wish_words(one, whole) for one in asked.wishes)
        return replace(nothing, conflicts=(*wished, *error.data["conflicts"]), repairs=helps)
    progress(Progress(stage=Text(en="best plan", zh="最优计划"), done=3, total=N_STAGES))
    answered = replace(question, problem=answered_problem(question.problem, response))
    response = no_dearer_than_kept(response, answered.problem)
    if answered.problem is not question.problem:
        nothing = replace(nothing, findings=(*nothing.findings, findings.RESERVE_NOT_KEPT.at()))
    explained = _explained(case, asked, answered, replace(nothing, response=response))
    progress(Progress(stage=Text(en="reasons", zh="原因"), done=4, total=N_STAGES))
    return explained


def answered_problem(problem: ResponseProblem, response: Response) -> ResponseProblem:
    """Give the problem that a response answers: without the reserve where no schedule could keep it."""
    reserve_kw = problem.import_reserve_kw
    if reserve_kw is None:
        return problem
    room_kw = np.maximum(problem.site.import_limit_kw - reserve_kw, 0.0)
    keeps = bool((response.schedule.import_kw <= room_kw + KEPT_KW).all())
    return problem if keeps else replace(problem, import_reserve_kw=None)


KEPT_KW = 1e-3
"""A reserve is kept to this much. [kW]"""


@noun(eq=False)
class PlanQuestion:
    """One package's problem, and what was assumed on the way to it."""

    package: Package
    problem: ResponseProblem
    loads: Loads
    window: BillingWindow
    """The billing months with what lies around the plan."""
    findings: tuple[Finding, ...]
    as_given: PricedTerms | None = None
    """The package's prices at the power factor as given, where the problem counts reactive power."""

    def put(self, *, standing: StandingPlan | None, wishes: tuple[RunWish | ProcessWish, ...]) -> "PlanQuestion":
        """Give the question with a plan that people act on already and what must be."""
        return replace(self, problem=replace(self.problem, standing=standing, wishes=wishes))


def question_of(
    case: Case,
    package_id: str,
    *,
    with_dr: bool,
    with_compensation: bool = False,
    progress: ProgressListener = ignore,
    n_stages: int = N_STAGES,
) -> PlanQuestion:
    """State one package's problem over the case's forecast.

    Parameters
    ----------
    with_dr : bool
        Whether the case's events are part of it, as if they were called.
    with_compensation : bool
        Whether the schedule decides the site's compensators and counts its reactive power, where both are known and the
        package's tariff asks for it; else the power factor is as given.
    n_stages : int
        Of how many steps the caller tells; this is the first.

    Raises
    ------
    UnknownReferenceError, PackageNotPlannableError
    WattplanError
        Naming what is wrong with the case.
    """
    package = package_of(case, package_id)
    site = forecast_site(case)
    progress(Progress(stage=Text(en="site forecast", zh="全厂负荷预测"), done=1, total=n_stages))
    try:
        loads, _, _ = loads_of(case, site, {})
        assumed: list[Finding] = []
    except InfeasiblePlanError:  # what contradicts what is for the plan itself to say
        loads, _, _ = loads_of(case, site, {}, levelled=True)
        assumed = [findings.BASE_LOAD_LEVELLED.at()]
    if counts_reactive(case, (package.tariff,)):
        if with_compensation:
            loads = with_reactive(case, loads)
        else:
            assumed.append(findings.COMPENSATION_AS_GIVEN.at())
    events, left_out = event_offers(case, loads) if with_dr else ((), [])
    others = () if package.package_id == PRESENT_ID else (package,)
    stated, unfit = candidates_of(replace(case, packages=others), loads, events)
    found = [one for one in stated if one.package.package_id == package.package_id and one.with_dr == bool(events)]
    if not found:
        raise PackageNotPlannableError(package_id=package.package_id, reasons=tuple(map(_spoken, unfit)))
    return PlanQuestion(
        package=package,
        problem=found[0].problem,
        loads=loads,
        window=found[0].window,
        findings=(*loads.findings, *assumed, *left_out, *plan_findings(case, loads)),
        as_given=_as_given(found[0]),
    )


def _as_given(candidate: Candidate) -> PricedTerms | None:
    if candidate.window.around_kvar is None:
        return None
    window = replace(candidate.window, around_kvar=None)
    return priced_terms(candidate.package.tariff, candidate.supply, window)


def _explained(case: Case, asked: PlanAsked, question: PlanQuestion, plan: PlanAnswer) -> PlanAnswer:
    problem, response, options = question.problem, plan.response, case.options.solve
    assert response is not None  # noqa: S101 -- only a plan is explained
    before = _before(problem, asked.standing, plan.today)
    explainer = Explainer(problem=problem, tariff=question.package.tariff, facts=case.facts)
    stocks = stock_findings(case.plan, plan.today.schedule, response.schedule) if plan.today else []
    return replace(
        plan,
        findings=(*plan.findings, *stocks),
        power_factors=month_power_factors(question.window, question.package.tariff, plan.today, response),
        moves=() if before is None else explainer.moves(before, response.schedule),
        reasons=Reasons(
            blocks=block_reasons(problem, response.schedule),
            tags=price_tags(problem, response, options, n_most=asked.n_tags) if asked.n_tags else (),
        ),
        alternatives=tuple(alternative(problem, response, (one,), options) for one in asked.alternatives),
    )


class PackageNotPlannableError(WattplanError, ValueError):
    """The package asked for cannot be planned under for this customer."""

    code = "package_not_plannable"
    words = Text(
        en="Package {package_id} cannot be planned under for this site: {reasons}. Ask for another package.",
        zh="该厂区无法在套餐 {package_id} 下做计划：{reasons}。请改用其他套餐。",
    )


def package_of(case: Case, package_id: str) -> Package:
    """Give one of a case's packages, or staying with today's tariff.

    Raises
    ------
    UnknownReferenceError
    """
    known = {one.package_id: one for one in packages_of(case)}
    if package_id not in known:
        raise UnknownReferenceError(
            noun="PlanAsked", field="package_id", value=package_id, known=", ".join(sorted(known))
        )
    return known[package_id]


def today_of(case: Case, problem: ResponseProblem) -> tuple[Response | None, list[Finding]]:
    """Give today's plan under the same prices; where it breaks a limit, say so instead."""
    plain = replace(problem, standing=None, wishes=(), import_reserve_kw=None)
    try:
        return check(today_response(plain, case.options.solve), plain), []
    except InfeasiblePlanError as error:
        words = {"reason_en": error.say(Language.EN), "reason_zh": error.say(Language.ZH)}
        return None, [findings.TODAY_NOT_POSSIBLE.at(**words)]


def _before(problem: ResponseProblem, standing: StandingPlan | None, today: Response | None) -> Schedule | None:
    """Give what the plan is held against: the standing plan where it is one of this horizon and plant, else today's."""
    if standing is not None and is_whole(standing.schedule, problem):
        return standing.schedule
    return None if today is None else today.schedule


def _spoken(finding: Finding) -> Text:
    return Text(en=finding.say(Language.EN), zh=finding.say(Language.ZH))
