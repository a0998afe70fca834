"""A fleet goes on whatever a customer does, goes on after a stop, and leaves the same bytes each time."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from loky import ProcessPoolExecutor

from domain.errors import DuplicateIdError
from forecasting.fleet import Customer, FleetProgress, FleetStore, run_fleet
from forecasting.fleet.errors import FleetFolderBrokenError, FleetQuestionChangedError
from tests.unit.forecasting.fleet.works import HEADING, Trouble, fleet

ONE_PROCESS = partial(ProcessPoolExecutor, max_workers=1)
TWO_PROCESSES = partial(ProcessPoolExecutor, max_workers=2)


def store_in(folder: Path) -> FleetStore:
    store = FleetStore(folder=folder, heading=HEADING)
    store.open_for({"asked": 1})
    return store


def run(folder: Path, customers: list[Customer], work: Trouble = Trouble(), *, make=None, n=2, **more):  # noqa: B008
    return run_fleet(
        customers,
        work,
        store=store_in(folder),
        make_executor=make or partial(ThreadPoolExecutor, n),
        n_in_flight=n,
        chunk_size=3,
        **more,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows(folder: Path) -> list[str]:
    parts = sorted((folder / "parts").glob("*.csv.gz"))
    return [line for part in parts for line in gzip.decompress(part.read_bytes()).decode().splitlines()[1:]]


def called(log: Path) -> list[str]:
    return sorted(log.read_text(encoding="utf-8").split())


def test_every_customer_is_answered_in_its_order(tmp_path):
    summary = run(tmp_path, fleet(8))
    assert (summary.n_customers, summary.n_resumed, summary.failures) == (8, 0, ())
    assert rows(tmp_path) == [f"c{number:02d},5" for number in range(8)]


def test_refusals_and_faults_are_of_their_customer_alone(tmp_path):
    summary = run(tmp_path, fleet(7, c01="raises", c05="refuses"))
    assert [(one.customer_id, one.code) for one in summary.failures] == [("c01", "internal"), ("c05", "constant_load")]
    assert "boom {not a field}" in summary.failures[0].reason.en
    assert "从不变化" in summary.failures[1].reason.zh
    assert len(rows(tmp_path)) == 5


@pytest.mark.slow
def test_a_worker_that_dies_takes_no_other_customer_with_it(tmp_path):
    log = tmp_path / "log"
    summary = run(tmp_path / "out", fleet(14, c04="dies", c10="dies"), Trouble(log=str(log)), make=TWO_PROCESSES)
    assert [(one.customer_id, one.code) for one in summary.failures] == [("c04", "worker_died"), ("c10", "worker_died")]
    assert rows(tmp_path / "out") == [f"c{number:02d},5" for number in range(14) if number not in {4, 10}]
    # Asked in its chunk, then alone; so, at most, is whoever was in flight beside it: which chunks are is a matter of time.
    asked = called(log)
    assert asked.count("c04") == 2
    assert max(asked.count(f"c{number:02d}") for number in range(14)) == 2


def test_an_answer_that_cannot_be_kept_is_its_customers_failure(tmp_path):
    summary = run(tmp_path, fleet(4, c02="cannot be kept"))
    assert [(one.customer_id, one.code) for one in summary.failures] == [("c02", "internal")]
    assert len(rows(tmp_path)) == 3


@pytest.mark.slow
def test_one_and_two_workers_and_threads_leave_the_same_bytes(tmp_path):
    customers = fleet(11, c03="raises", c07="dies")
    run(tmp_path / "one", customers, make=ONE_PROCESS, n=1)
    run(tmp_path / "two", customers, make=TWO_PROCESSES)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    calm = fleet(11, c03="raises")
    run(tmp_path / "processes", calm, make=TWO_PROCESSES)
    run(tmp_path / "threads", calm)
    assert contents(tmp_path / "processes") == contents(tmp_path / "threads")


class StoppedError(Exception):
    pass


def test_a_run_that_was_stopped_goes_on_and_repeats_nobody(tmp_path):
    log, customers = tmp_path / "log", fleet(10, c00="refuses")
    work = Trouble(log=str(log))

    def stop(progress: FleetProgress) -> None:
        if progress.n_done >= 6:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(tmp_path / "out", customers, work, n=1, listener=stop)
    assert called(log) == ["c00", "c01", "c02", "c03", "c04", "c05"]
    log.unlink()
    summary = run(tmp_path / "out", customers, work, n=1)
    assert called(log) == ["c06", "c07", "c08", "c09"]
    assert summary.n_resumed == 6
    assert [one.customer_id for one in summary.failures] == ["c00"]  # of the first run
    run(tmp_path / "at once", customers, work, n=1)
    assert contents(tmp_path / "out") == contents(tmp_path / "at once")


def test_a_part_without_its_record_is_done_again(tmp_path):
    """A run killed between the two files has written the rows, not the record."""
    run(tmp_path, fleet(6))
    (tmp_path / "parts" / "part-00001.json").unlink()
    assert run(tmp_path, fleet(6)).n_resumed == 3
    assert len(rows(tmp_path)) == 6


def test_changed_readings_are_done_again_with_their_chunk_alone(tmp_path):
    customers = fleet(9)
    run(tmp_path, customers)
    customers[4] = replace(customers[4], source="longer text", fingerprint="2")
    assert run(tmp_path, customers).n_resumed == 6
    assert "c04,11" in rows(tmp_path)


def test_customers_who_have_left_leave_no_part_behind(tmp_path):
    run(tmp_path, fleet(9))
    run(tmp_path, fleet(4))
    assert rows(tmp_path) == [f"c{number:02d},5" for number in range(4)]


def test_progress_counts_and_says_what_remains(tmp_path):
    told: list[FleetProgress] = []
    ticks = iter([0.0, 6.0, 12.0, 18.0, 20.0])
    run(tmp_path, fleet(10, c04="raises"), n=1, listener=told.append, now_s=lambda: next(ticks))
    assert [one.n_done for one in told] == [3, 6, 9, 10]
    assert [one.remaining_s for one in told] == [14.0, 8.0, 2.0, 0.0]
    assert [one.n_failed for one in told] == [0, 1, 1, 1]


def test_another_question_is_refused(tmp_path):
    store_in(tmp_path)
    with pytest.raises(FleetQuestionChangedError, match="asked was 1, now it is 2"):
        FleetStore(folder=tmp_path, heading=HEADING).open_for({"asked": 2})


@pytest.mark.parametrize("text", ["", "[]", "{", '{"customers": [{}]}', '{"customers": 3}'])
def test_a_broken_record_is_named(tmp_path, text):
    run(tmp_path, fleet(3))
    (tmp_path / "parts" / "part-00000.json").write_text(text, encoding="utf-8")
    with pytest.raises(FleetFolderBrokenError, match=r"part-00000\.json"):
        run(tmp_path, fleet(3))


def test_one_customer_twice_is_refused(tmp_path):
    with pytest.raises(DuplicateIdError, match="c00"):
        run(tmp_path, [*fleet(2), *fleet(1)])
