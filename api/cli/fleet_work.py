"""Forecast a folder of meters on the command line."""

import glob
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

from api.cli.case_work import MeterAsked
from api.cli.output import err, out, print_json
from api.errors import EXIT_NO_ANSWER
from domain.files.documents import from_plain, to_plain
from domain.files.meter_options import MeterReadOptions
from domain.text import Language, Text
from forecasting.fleet import Customer, FleetProgress, FleetStore, ForecastFile, run_fleet
from forecasting.fleet.errors import NoCustomersError
from forecasting.fleet.runner import FleetSummary, Listener
from forecasting.options import ForecastOptions
from forecasting.prophet_model import versions

SUFFIXES = (".csv", ".csv.gz", ".xlsx")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Each worker takes one core: threads of its own would fight for the others'."""

GOING = Text(
    en="{done} of {total} customers, {failed} failed, {left} left",
    zh="{total} 个客户已完成 {done} 个，失败 {failed} 个，剩余 {left}",
)
SOON = Text(en="time unknown", zh="时间未知")
DONE = Text(
    en="{answered} of {total} customers forecast ({resumed} by an earlier run); {failed} failed.",
    zh="{total} 个客户中已预测 {answered} 个（其中 {resumed} 个由之前的运行完成），失败 {failed} 个。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """What the command line asks of a fleet."""

    days: int
    country: str | None
    seed: int
    n_samples: int
    n_workers: int
    chunk_count: int


def answer(
    meters: str, asked: MeterAsked, options: FleetOptions, *, out: Path, language: Language, json_wanted: bool
) -> None:
    """Find the files, forecast those not done yet, say what failed."""
    if asked.zone is None:
        raise typer.BadParameter("--zone is needed: the IANA zone of the meters' clock, such as Asia/Shanghai")
    work = work_of(asked, options)
    customers = customers_of(meters)
    store = FleetStore(folder=out, heading=work.heading)
    store.open_for(question_of(work, options))
    with _told(language, quiet=json_wanted) as listener:
        summary = run_fleet(
            customers,
            work,
            store=store,
            make_executor=lambda: processes(options.n_workers),
            n_in_flight=options.n_workers,
            chunk_size=options.chunk_count,
            listener=listener,
        )
    if json_wanted:
        print_json(plain_of(summary, out))
    else:
        _print(summary, out, language)
    if summary.failures:
        raise typer.Exit(EXIT_NO_ANSWER)


def processes(n_workers: int) -> Executor:
    """Make a pool of processes; one alone still keeps a customer that kills it away from this process."""
    from loky import ProcessPoolExecutor  # noqa: PLC0415 -- only for a fleet

    executor: Executor = ProcessPoolExecutor(max_workers=n_workers, env=ONE_THREAD)
    return executor


def work_of(asked: MeterAsked, options: FleetOptions) -> ForecastFile:
    """Put together what is done for each customer."""
    known: dict[str, Any] = {"zone": asked.zone, "labels": asked.labels, "unit": asked.unit}
    if asked.multiplier is not None:
        known["multiplier"] = Decimal(repr(asked.multiplier))
    return ForecastFile(
        read=from_plain(MeterReadOptions, to_plain(known), where="command line"),
        country=options.country,
        days=options.days,
        options=ForecastOptions(n_samples=options.n_samples, seed=options.seed),
    )


def question_of(work: ForecastFile, options: FleetOptions) -> dict[str, Any]:
    """Give all that the answers depend on besides the readings; the number of workers is not among it."""
    return {
        "read": to_plain(work.read),
        "country": work.country,
        "days": work.days,
        "options": to_plain(work.options),
        "chunk_count": options.chunk_count,
        "versions": {"wattplan": version("wattplan"), **versions()},
    }


def customers_of(meters: str) -> list[Customer]:
    """Find the meter files of a folder or a pattern, by name.

    Raises
    ------
    NoCustomersError
    """
    folder = Path(meters)
    if folder.is_dir():
        found = [path for path in folder.iterdir() if path.is_file()]
    else:
        found = [path for path in map(Path, glob.glob(meters, recursive=True)) if path.is_file()]  # noqa: PTH207 -- patterns may be absolute
    paths = sorted(path for path in found if path.name.lower().endswith(SUFFIXES))
    if not paths:
        raise NoCustomersError(place=meters)
    root = folder if folder.is_dir() else Path(os.path.commonpath([path.parent for path in paths]))
    return [
        Customer(
            customer_id=path.relative_to(root).as_posix(),
            source=str(path.absolute()),
            fingerprint=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in paths
    ]


@contextmanager
def _told(language: Language, *, quiet: bool) -> Iterator[Listener]:
    """Show progress and remaining time: a bar for people, lines for logs."""
    console = err()
    if quiet:
        yield lambda _: None
        return
    if not console.is_terminal:
        yield lambda progress: console.print(_going(progress, language), markup=False)
        return
    with Bars(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console) as bars:
        bar = bars.add_task("…", total=None)

        def show(progress: FleetProgress) -> None:
            words = _going(progress, language)
            bars.update(bar, description=words, completed=progress.n_done, total=progress.n_customers)

        yield show


def _going(progress: FleetProgress, language: Language) -> str:
    left = SOON.say(language) if progress.remaining_s is None else clock_of(progress.remaining_s)
    return GOING.say(language, done=progress.n_done, total=progress.n_customers, failed=progress.n_failed, left=left)


def clock_of(length_s: float) -> str:
    """Write a length of time as hours, minutes, seconds."""
    minutes, seconds = divmod(round(length_s), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def plain_of(summary: FleetSummary, folder: Path) -> dict[str, Any]:
    """Give a summary as JSON values."""
    return {
        "folder": str(folder),
        "n_customers": summary.n_customers,
        "n_resumed": summary.n_resumed,
        "n_failed": len(summary.failures),
        "failures": [
            {"customer_id": one.customer_id, "code": one.code, "en": one.reason.en, "zh": one.reason.zh}
            for one in summary.failures
        ],
    }


def _print(summary: FleetSummary, folder: Path, language: Language) -> None:
    said = DONE.say(
        language,
        answered=summary.n_customers - len(summary.failures),
        total=summary.n_customers,
        resumed=summary.n_resumed,
        failed=len(summary.failures),
    )
    out().print(said, markup=False)
    for one in summary.failures:
        reason = one.reason.en if language is Language.EN else one.reason.zh
        out().print(f"{one.customer_id} [{one.code}] {reason}", markup=False, soft_wrap=True)
    err().print(str(folder), markup=False, soft_wrap=True)
