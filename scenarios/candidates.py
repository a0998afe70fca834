"""The candidates of a quote: each package with and without demand response, answered by the oracle."""

from collections.abc import Iterable
from datetime import timedelta

from domain.errors import WattplanError
from domain.findings import Finding
from domain.noun import noun
from domain.offers import PRESENT_ID, Case, Package, Response, ResponseProblem, SolveRecord
from domain.programmes.baseline import Baseline, BaselineNotPossibleError, make_baseline
from domain.programmes.planning_limits import ProgrammeNotPlannableError
from domain.programmes.pricing import event_term
from domain.programmes.terms import EventTerm
from domain.tariffs import BillingWindow, SupplyPoint
from domain.tariffs.pricing import priced_terms
from domain.text import Language, Text
from domain.time import Calendar, zone_of
from optimizer.audit import audit, must_agree, must_be_sound
from optimizer.solver import gap_share
from scenarios import findings
from scenarios.loads import Loads, known_meter, must_share_clock
from scenarios.manifest import RecordedRun


@noun(eq=False)
class EventOffer:
    """An event the customer may commit to: its baseline and its terms."""

    term: EventTerm
    baseline: Baseline


@noun(eq=False)
class Candidate:
    """One package, with or without demand response, before it is answered."""

    package: Package
    supply: SupplyPoint
    with_dr: bool
    problem: ResponseProblem
    window: BillingWindow
    """The billing months, with what this tariff looks back at."""

    @property
    def key(self) -> str:
        """The candidate's name within its quote."""
        return f"{self.package.package_id}/{'dr' if self.with_dr else 'plain'}"


def present_package(case: Case) -> Package:
    """Give today's tariff as a package: the plan may be run better without any new contract."""
    return Package(
        package_id=PRESENT_ID,
        name=Text(en="Stay with today's tariff", zh="沿用现行电价"),
        tariff=case.present_tariff,
    )


def packages_of(case: Case) -> tuple[Package, ...]:
    """Give the packages to look at, today's tariff first."""
    others = tuple(one for one in case.packages if one.package_id != PRESENT_ID)
    return (present_package(case), *others)


def event_offers(case: Case, loads: Loads) -> tuple[tuple[EventOffer, ...], list[Finding]]:
    """Give the events that can be committed to, each with its baseline; say why others are left out."""
    if not case.preferences.accept_dr:
        return (), []
    offers, found = [], []
    known = known_meter(case)
    days = frozenset(event.start.astimezone(zone_of(case.site.zone)).date() for event in case.events)
    for event in case.events:
        if event.end <= loads.horizon.start or event.start >= loads.horizon.end:
            zone = zone_of(case.site.zone)
            start, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (event.start, event.end))
            found.append(findings.EVENT_OUTSIDE_PLAN.at(event_id=event.event_id, start=start, end=end))
            continue
        programme = case.programme(event.programme_id)
        try:
            baseline = make_baseline(
                known,
                programme.baseline,
                event,
                Calendar(country=case.site.country),
                case.site.zone,
                event_days=days,
            )
        except BaselineNotPossibleError as error:
            words = {"reason_en": error.say(Language.EN), "reason_zh": error.say(Language.ZH)}
            found.append(findings.NO_BASELINE.at(event_id=event.event_id, **words))
            continue
        notice_min = (event.start - event.notice_at) // timedelta(minutes=1)
        if notice_min < programme.notice_min:
            found.append(
                findings.NOTICE_SHORT.at(event_id=event.event_id, given=notice_min, needed=programme.notice_min)
            )
        try:
            term = event_term(programme, event, baseline, loads.horizon)
        except ProgrammeNotPlannableError as error:
            words = {"reason_en": error.say(Language.EN), "reason_zh": error.say(Language.ZH)}
            found.append(findings.EVENT_NOT_PLANNED.at(event_id=event.event_id, **words))
            continue
        found += baseline.findings
        offers.append(EventOffer(term=term, baseline=baseline))
    return tuple(offers), found


def candidates_of(
    case: Case, loads: Loads, events: tuple[EventOffer, ...]
) -> tuple[tuple[Candidate, ...], list[Finding]]:
    """State every candidate's problem; say which packages this customer cannot have, and why."""
    found: list[Candidate] = []
    left_out: list[Finding] = []
    for package in packages_of(case):
        supply = package.supply_of(case.site.supply)
        try:
            must_share_clock(case, package.tariff, loads.window.grid)
            window = loads.window_of(package.tariff, supply)
            terms = priced_terms(package.tariff, supply, window)
        except WattplanError as error:
            reasons = {"reason_en": error.say(Language.EN), "reason_zh": error.say(Language.ZH)}
            left_out.append(findings.PACKAGE_UNFIT.at(package_id=package.package_id, **reasons))
            continue
        for with_dr in (False, True) if events else (False,):
            problem = ResponseProblem(
                site=case.site,
                plan=case.plan,
                horizon=loads.horizon,
                base_kw=loads.expected_base_kw,
                terms=terms,
                events=tuple(one.term for one in events) if with_dr else (),
                import_reserve_kw=loads.base_kw.max(axis=0) - loads.expected_base_kw,
                base_kvar=loads.base_kvar,
            )
            found.append(Candidate(package=package, supply=supply, with_dr=with_dr, problem=problem, window=window))
    return tuple(found), left_out


def check(response: Response, problem: ResponseProblem) -> Response:
    """Audit a response; nobody sees one that is unsound or whose cost is not what was minimised."""
    report = audit(response.schedule, problem)
    must_be_sound(report)
    must_agree(response.solve.objective, report.costs)
    return response


def recorded_response(recorded: RecordedRun, problem: ResponseProblem) -> Response:
    """Price a schedule found earlier, without searching; its gap is what it was then.

    Records without it count the gap against the cost less what the bill's terms say that no schedule changes.
    """
    costs = audit(recorded.schedule, problem).costs
    objective = costs.total_cost
    gap = gap_share(objective, recorded.bound, problem.terms.constant)
    if recorded.gap_share is not None and gap:
        gap = recorded.gap_share
    return Response(
        schedule=recorded.schedule,
        costs=costs,
        solve=SolveRecord(
            stopped_by="recorded",
            objective=objective,
            bound=recorded.bound,
            gap_share=gap,
            build_s=0.0,
            compile_s=0.0,
            solve_s=0.0,
            n_columns=0,
            n_rows=0,
            n_integers=0,
            n_nodes=0,
            versions={},
            options={},
        ),
    )


def wall_time(responses: Iterable[Response]) -> dict[str, float]:
    """Add up what the oracle spent on building, compiling and solving. [s]."""
    spent = {"build": 0.0, "compile": 0.0, "solve": 0.0}
    for response in responses:
        spent["build"] += response.solve.build_s
        spent["compile"] += response.solve.compile_s
        spent["solve"] += response.solve.solve_s
    return spent
