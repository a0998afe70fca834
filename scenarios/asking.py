"""The candidates of a quote, put to the oracle: one for the whole case, in this process or one per worker.

Every candidate is answered from the same two schedules (today's and that of the first candidate), and the one with demand
response from its package's without it too. So no answer depends on which others were asked before it, nor on how they
are spread over workers: a replay that knows some of them gives the rest again.
"""

import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import replace
from itertools import groupby

from domain.findings import Finding
from domain.noun import noun
from domain.offers import Response, ResponseProblem, SolveOptions
from domain.plant import Schedule
from domain.text import Language, Text
from optimizer.errors import TariffNotPlannableError
from optimizer.infeasible import InfeasiblePlanError
from optimizer.oracle import Oracle
from optimizer.search import NoPlanInTimeError
from scenarios import findings
from scenarios.candidates import Candidate, check
from scenarios.progress import Progress, ProgressListener


@noun(eq=False)
class Question:
    """One package's candidates, to be answered in turn."""

    token: str
    """Of the quote: questions with the same one are about the same plant."""
    home: ResponseProblem
    """The quote's first candidate, with whose prices every oracle begins."""
    options: SolveOptions
    package: tuple[ResponseProblem | Schedule, ...]
    """What is asked, or what is known already in its stead."""
    warm_start: Schedule | None
    near: tuple[Schedule, ...]


Answered = Response | TariffNotPlannableError
"""A response, or why no exact model is stated for the tariff."""


class Asker:
    """Asks about one plant, plan and base load under any prices, and audits every answer."""

    def __init__(self, home: ResponseProblem, options: SolveOptions) -> None:
        self._home = home
        self._options = options
        self._oracles: dict[bool, Oracle] = {}
        self._has_room = True
        """False: no schedule keeps the reserve, whatever the prices."""

    def ask(self, problem: ResponseProblem, warm_start: Schedule | None, near: Iterable[Schedule] = ()) -> Response:
        """Ask the oracle and audit what it says.

        A plan that does not fit below the import limit with its reserve is asked again without: how often the
        limit is then exceeded is found and said when the samples are billed.
        """
        near = tuple(near)
        cut_by_clock = False
        if self._has_room or problem.import_reserve_kw is None:
            try:
                return self._asked(problem, warm_start, near)
            except (InfeasiblePlanError, NoPlanInTimeError) as error:
                if problem.import_reserve_kw is None:
                    raise
                cut_by_clock = isinstance(error, NoPlanInTimeError)
                self._has_room = cut_by_clock
        found = self._asked(replace(problem, import_reserve_kw=None), warm_start, near)
        if cut_by_clock:  # a faster machine may find another plan, so a replay must know this one
            found = replace(found, solve=replace(found.solve, stopped_by="deadline"))
        return found

    def _asked(self, problem: ResponseProblem, warm_start: Schedule | None, near: tuple[Schedule, ...]) -> Response:
        has_reserve = problem.import_reserve_kw is not None
        if has_reserve not in self._oracles:
            home = self._home if has_reserve else replace(self._home, import_reserve_kw=None)
            self._oracles[has_reserve] = Oracle(home, self._options, n_remembered=0)
        oracle = self._oracles[has_reserve]
        return check(oracle.respond(problem.terms, events=problem.events, warm_start=warm_start, near=near), problem)


def answer(problem: ResponseProblem, options: SolveOptions, warm_start: Schedule | None) -> Response:
    """Ask about one candidate alone."""
    return Asker(problem, options).ask(problem, warm_start)


def answer_all(
    candidates: tuple[Candidate, ...],
    known: Mapping[str, Response],
    *,
    options: SolveOptions,
    warm_start: Schedule | None,
    executor: Executor | None,
    progress: ProgressListener,
) -> tuple[dict[str, Response], list[Finding]]:
    """Answer every candidate, in this process or spread over an executor's workers.

    A package whose tariff no exact model is stated for is left out and named; the others are answered. What is known
    already is not asked again.
    """
    asking = _Asking(candidates, known, options, warm_start, progress)
    try:
        asking.answer(executor)
    finally:
        _KEPT.token = _KEPT.asker = None
    return asking.answers, list(asking.left_out.values())


class _Asking:
    """The questions of one quote and what is answered so far."""

    def __init__(
        self,
        candidates: tuple[Candidate, ...],
        known: Mapping[str, Response],
        options: SolveOptions,
        warm_start: Schedule | None,
        progress: ProgressListener,
    ) -> None:
        self.answers = dict(known)
        self.left_out: dict[str, Finding] = {}
        self._packages = [list(group) for _, group in groupby(candidates, key=lambda one: one.package.package_id)]
        self._total = sum(one.key not in known for one in candidates)
        self._options, self._warm_start, self._progress = options, warm_start, progress
        self._done = 0
        self._token = uuid.uuid4().hex

    def answer(self, executor: Executor | None) -> None:
        """Answer the first package, then from its schedule all others."""
        self._take(self._packages[:1], None)
        first = [self.answers[one.key].schedule for one in self._first() if one.key in self.answers]
        self._take(self._packages[1:], executor, tuple(first))

    def _first(self) -> list[Candidate]:
        return self._packages[0][:1] if self._packages else []

    def _take(
        self, packages: list[list[Candidate]], executor: Executor | None, near: tuple[Schedule, ...] = ()
    ) -> None:
        asked = [(package, self._question(package, near)) for package in packages]
        given: Iterator[tuple[list[Candidate], list[Answered]]]
        if executor is None:
            given = ((package, _answer_package(question)) for package, question in asked)
        else:
            futures = {executor.submit(_answer_package, question): package for package, question in asked}
            given = ((futures[one], one.result()) for one in as_completed(futures))
        for package, found in given:
            for candidate, answered in zip(self._open(package), found, strict=True):
                self._enter(candidate, answered)

    def _open(self, package: list[Candidate]) -> list[Candidate]:
        return [one for one in package if one.key not in self.answers]

    def _question(self, package: list[Candidate], near: tuple[Schedule, ...]) -> Question:
        known = (self.answers[one.key].schedule if one.key in self.answers else one.problem for one in package)
        return Question(
            token=self._token,
            home=self._packages[0][0].problem,
            options=self._options,
            package=tuple(known),
            warm_start=self._warm_start,
            near=near,
        )

    def _enter(self, candidate: Candidate, answered: Answered) -> None:
        package_id = candidate.package.package_id
        if isinstance(answered, Response):
            self.answers[candidate.key] = answered
        else:
            reasons = {"reason_en": answered.say(Language.EN), "reason_zh": answered.say(Language.ZH)}
            self.left_out[package_id] = findings.PACKAGE_UNFIT.at(package_id=package_id, **reasons)
        self._done += 1
        stage = Text(en="best response to each package", zh="求各套餐下的最优响应")
        self._progress(Progress(stage=stage, done=self._done, total=self._total))


_KEPT = threading.local()
"""The asker of the quote that this thread or worker has served last."""


def _answer_package(asked: Question) -> list[Answered]:
    """Answer one package's candidates in turn, those known passed over; runs in this or in a worker process."""
    if getattr(_KEPT, "token", None) != asked.token:
        _KEPT.token, _KEPT.asker = asked.token, Asker(asked.home, asked.options)
    found: list[Answered] = []
    near = asked.near
    for one in asked.package:
        if isinstance(one, Schedule):
            near = (*near, one)
            continue
        try:
            response = _KEPT.asker.ask(one, asked.warm_start, near)
        except TariffNotPlannableError as error:
            found.append(error)
        else:
            found.append(response)
            near = (*near, response.schedule)
    return found
