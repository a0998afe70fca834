"""Candidates are answered alike in any spread over workers, and beside answers that are known already."""

from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import pytest

from domain.offers import Package, Response, ResponseProblem, SolveOptions
from domain.tariffs import BillingWindow, PurchaseMode, SupplyPoint
from domain.text import Text
from scenarios.asking import answer_all
from scenarios.candidates import Candidate
from scenarios.progress import Progress, ignore
from tests import small_case
from tests.optimizer_cases import demand, event, grid, machine, plan, problem, site, task, terms

DAY = grid()
OPTIONS = SolveOptions(deadline_s=20.0, gap_share=0.01)
BASE_KW = 50.0 + 9.0 * (np.arange(24) * 7 % 11)


def candidate(package_id: str, *, split: int, high: float, with_dr: bool) -> Candidate:
    """Give a candidate of a plant of three runs."""
    prices = np.where(np.arange(24) < split, 0.3, high)
    asked: ResponseProblem = problem(
        DAY,
        base_kw=BASE_KW,
        site=site(import_limit_kw=900.0),
        plan=plan(
            DAY,
            machines=(machine("M"),),
            tasks=(task("A", 200.0, 3, "M"), task("B", 130.0, 2, "M"), task("C", 90.0, 4, "M")),
        ),
        terms=terms(DAY, prices, (demand(DAY, other_peak_kw=np.array([180.0, 260.0])),)),
        events=(event(baseline_kw=330.0),) if with_dr else (),
    )
    tariff = small_case.case().present_tariff
    window = BillingWindow(grid=DAY, zone="UTC", first=0, stop=24, around_kw=np.full((1, 24), 100.0))
    return Candidate(
        package=Package(package_id=package_id, name=Text(en=package_id, zh=package_id), tariff=tariff),
        supply=SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL),
        with_dr=with_dr,
        problem=asked,
        window=window,
    )


CANDIDATES = tuple(
    candidate(name, split=split, high=high, with_dr=with_dr)
    for name, split, high in (("present", 8, 0.9), ("steep", 6, 1.6), ("flat", 12, 0.5))
    for with_dr in (False, True)
)


class Backwards(Executor):
    """Does what it is given last first, when a result is asked for."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Any, tuple[Any, ...]]] = []

    def submit(self, fn: Any, /, *args: Any, **_: Any) -> Future[Any]:
        """Put work on a heap; the whole heap is done when the second piece has come."""
        future: Future[Any] = Future()
        self.waiting.append((future, fn, args))
        if len(self.waiting) == 2:
            while self.waiting:
                mine, work, given = self.waiting.pop()
                mine.set_result(work(*given))
        return future


def answers(known: dict[str, Response], executor: Executor | None = None) -> dict[str, Response]:
    found, left_out = answer_all(
        CANDIDATES, known, options=OPTIONS, warm_start=None, executor=executor, progress=ignore
    )
    assert not left_out
    return found


@pytest.fixture(scope="module")
def in_turn() -> dict[str, Response]:
    return answers({})


def same(one: Response, other: Response) -> bool:
    return (
        one.schedule.runs == other.schedule.runs and one.costs == other.costs and one.solve.bound == other.solve.bound
    )


def test_every_candidate_is_answered_and_a_step_is_said_for_each():
    said: list[Progress] = []
    found, _ = answer_all(CANDIDATES, {}, options=OPTIONS, warm_start=None, executor=None, progress=said.append)
    assert set(found) == {one.key for one in CANDIDATES}
    assert [(one.done, one.total) for one in said] == [(number, 6) for number in range(1, 7)]


def test_workers_give_the_same_answers_in_whatever_order_they_work(in_turn: dict[str, Response]):
    found = answers({}, Backwards())
    assert all(same(found[key], one) for key, one in in_turn.items())


@pytest.mark.parametrize("kept", ["present/plain", "present/dr", "steep/plain", "steep/dr"])
def test_what_a_replay_knows_changes_no_other_answer(in_turn: dict[str, Response], kept: str):
    found = answers({kept: in_turn[kept]})
    assert found[kept] is in_turn[kept]
    assert all(same(found[key], one) for key, one in in_turn.items())
