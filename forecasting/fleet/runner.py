"""Sends a fleet's chunks through an executor and keeps what comes back, whatever happens to a worker.

When a worker dies its pool is lost, and with it every chunk in flight; which of them killed it cannot
be known. So those few chunks are set aside, the others go on in a new pool, and the customers set aside
are asked one at a time at the end, each in a pool of its own: who kills that one too is the culprit.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from domain import checks
from domain.noun import noun
from forecasting.fleet.store import FleetStore
from forecasting.fleet.work import (
    DIED,
    DIED_WORDS,
    Customer,
    CustomerFailure,
    CustomerResult,
    Work,
    internal,
    run_chunk,
    run_one,
)

CHUNK_SIZE = 8
"""Customers of a chunk: what a killed run has to do again at most, for each worker. [-]"""

MakeExecutor = Callable[[], Executor]


@noun
class FleetProgress:
    """How far a fleet has come."""

    n_done: int
    n_customers: int
    n_failed: int
    elapsed_s: float
    remaining_s: float | None
    """At this run's pace so far; None before the first chunk. [s]"""


Listener = Callable[[FleetProgress], None]


@noun
class FleetSummary:
    """What came of a fleet."""

    n_customers: int
    n_resumed: int
    """Customers that an earlier run had finished. [-]"""
    failures: tuple[CustomerFailure, ...]


@noun
class _Chunk:
    number: int
    customers: tuple[Customer, ...]


def _silent(_: FleetProgress) -> None:
    """Listen to nothing."""


def run_fleet(
    customers: Sequence[Customer],
    work: Work,
    *,
    store: FleetStore,
    make_executor: MakeExecutor,
    n_in_flight: int,
    chunk_size: int = CHUNK_SIZE,
    listener: Listener = _silent,
    now_s: Callable[[], float] = time.monotonic,
) -> FleetSummary:
    """Do the work for all customers that the store has not finished.

    Parameters
    ----------
    customers : sequence of Customer
        Each id once. Chunks are cut in this order, which alone decides what a part holds.
    work : callable
        What is done for each; picklable for executors of processes.
    store : FleetStore
        Where answers and failures go, chunk by chunk; already opened for this question.
    make_executor : callable
        Makes a pool. Called again after a worker has died.
    n_in_flight : int
        Chunks under way at once: the number of workers. [-]
    chunk_size : int
        Customers of a chunk. [-]
    listener : callable, optional
        Told after each chunk.
    now_s : callable, optional
        A clock. [s]

    Returns
    -------
    FleetSummary
        With every failure, those of earlier runs among them.
    """
    checks.positive("run_fleet", "n_in_flight", n_in_flight)
    checks.positive("run_fleet", "chunk_size", chunk_size)
    checks.unique("run_fleet", "customers", (one.customer_id for one in customers))
    chunks = [
        _Chunk(number=number, customers=tuple(customers[first : first + chunk_size]))
        for number, first in enumerate(range(0, len(customers), chunk_size))
    ]
    store.drop_beyond(len(chunks))
    waiting = deque(one for one in chunks if not store.is_finished(one.number, one.customers))
    n_waiting = sum(len(one.customers) for one in waiting)
    n_resumed = len(customers) - n_waiting
    run = _Run(store, listener, now_s, n_customers=len(customers), n_resumed=n_resumed)
    aside: list[_Chunk] = []
    while waiting:
        aside += _until_broken(waiting, work, run, make_executor, n_in_flight)
    for chunk in sorted(aside, key=lambda one: one.number):
        run.keep(chunk, [_alone(customer, work, make_executor) for customer in chunk.customers])
    failures = tuple(failure for chunk in chunks for failure in store.failures(chunk.number))
    return FleetSummary(n_customers=len(customers), n_resumed=n_resumed, failures=failures)


class _Run:
    """Keeps results and says how far the run has come."""

    def __init__(
        self, store: FleetStore, listener: Listener, now_s: Callable[[], float], *, n_customers: int, n_resumed: int
    ) -> None:
        self._store, self._listener, self._now_s = store, listener, now_s
        self._began_s = now_s()
        self._n_customers, self._n_resumed = n_customers, n_resumed
        self._n_new = self._n_failed = 0

    def keep(self, chunk: _Chunk, results: Sequence[CustomerResult]) -> None:
        self._store.save(chunk.number, chunk.customers, results)
        self._n_new += len(results)
        self._n_failed += sum(isinstance(one, CustomerFailure) for one in results)
        elapsed_s = self._now_s() - self._began_s
        left = self._n_customers - self._n_resumed - self._n_new
        self._listener(
            FleetProgress(
                n_done=self._n_resumed + self._n_new,
                n_customers=self._n_customers,
                n_failed=self._n_failed,
                elapsed_s=elapsed_s,
                remaining_s=elapsed_s / self._n_new * left if self._n_new else None,
            )
        )


def _until_broken(
    waiting: deque[_Chunk], work: Work, run: _Run, make_executor: MakeExecutor, n_in_flight: int
) -> list[_Chunk]:
    """Run chunks through one pool until none waits or the pool is lost; give those that were lost with it."""
    lost: list[_Chunk] = []
    with make_executor() as executor:
        flying: dict[Future[tuple[CustomerResult, ...]], _Chunk] = {}
        while flying or (waiting and not lost):
            while waiting and not lost and len(flying) < n_in_flight:
                chunk = waiting.popleft()
                try:
                    flying[executor.submit(run_chunk, work, chunk.customers)] = chunk
                except BrokenExecutor:
                    lost.append(chunk)
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                chunk = flying.pop(future)
                try:
                    results = future.result()
                except Exception:  # noqa: BLE001 -- a dead worker, or an answer that cannot cross: ask each alone
                    lost.append(chunk)
                else:
                    run.keep(chunk, results)
    return lost


def _alone(customer: Customer, work: Work, make_executor: MakeExecutor) -> CustomerResult:
    """Ask one customer in a pool of its own."""
    with make_executor() as executor:
        try:
            return executor.submit(run_one, work, customer).result()
        except BrokenExecutor:
            return CustomerFailure(customer_id=customer.customer_id, code=DIED, reason=DIED_WORDS)
        except Exception as error:  # noqa: BLE001 -- such as an answer that cannot cross between processes
            return internal(customer, error)
