"""Several questions to one oracle, each with its own part of one deadline."""

import time
from dataclasses import replace

from domain.offers import Response, ResponseProblem, SolveOptions
from domain.plant import Schedule
from domain.programmes.terms import EventTerm
from domain.tariffs import PricedTerms
from optimizer.oracle import Oracle

LEAST_CALL_S = 0.5
"""Least time of one question. [s]"""


class Asker:
    """Shares one deadline out over questions."""

    def __init__(self, options: SolveOptions, n_calls: int) -> None:
        self._options = options
        self._began = time.perf_counter()
        self._n_calls = n_calls

    @property
    def left_s(self) -> float:
        """Time left. [s]."""
        return self._options.deadline_s - (time.perf_counter() - self._began)

    def part(self, share: float | None = None) -> SolveOptions:
        """Give the next question its part: a share of the time left, or an equal one with those that are to come."""
        if share is None:
            share = 1 / max(1, self._n_calls)
            self._n_calls -= 1
        return replace(self._options, deadline_s=max(LEAST_CALL_S, self.left_s * share))

    def ask(
        self,
        oracle: Oracle,
        *,
        terms: PricedTerms | None = None,
        events: tuple[EventTerm, ...] | None = None,
        warm_start: Schedule | None = None,
        share: float | None = None,
    ) -> Response:
        """Ask a live oracle."""
        oracle.options = self.part(share)
        return oracle.respond(terms, events=events, warm_start=warm_start)

    def ask_once(
        self, problem: ResponseProblem, *, warm_start: Schedule | None, share: float | None = None
    ) -> Response:
        """Ask about a plant that no further question is about."""
        return Oracle(problem, self.part(share)).respond(warm_start=warm_start)
