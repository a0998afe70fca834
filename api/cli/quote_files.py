"""The files of an answered case."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from domain.checks import FloatArray
from domain.files.case_file import case_to_plain, quote_to_plain
from domain.files.documents import to_plain
from domain.offers import Case, Quote
from domain.plant import Schedule, way_id
from domain.plant.expand import plan_ways
from domain.text import Language
from domain.time import zone_of
from optimizer.process_use import process_kw
from scenarios.report import write_report

Row = list[str]


def write_answer(quote: Quote, case: Case, folder: Path, language: Language) -> list[Path]:
    """Write report, quote, case, manifest, schedules and offers into a folder; give their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "report.html"
    write_report(quote, case, report, language)
    texts = {
        "quote.json": _json(quote_to_plain(quote)),
        "case.json": _json(case_to_plain(case)),
        "manifest.json": _json(to_plain(quote.manifest)),
        "offers.csv": _csv(offer_rows(quote, language)),
        "schedule.csv": _csv(schedule_rows(quote, case)),
    }
    written = [report]
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="")
        written.append(path)
    return written


def write_case(case: Case, folder: Path) -> Path:
    """Write the case alone; give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "case.json"
    path.write_text(_json(case_to_plain(case)), encoding="utf-8", newline="")
    return path


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _csv(rows: Iterator[Row]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_safe(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _safe(cell: str) -> str:
    """Keep spreadsheets from taking a name for a formula; numbers stay numbers."""
    risky = cell.startswith(("=", "+", "@", "\t", "\r")) or (cell.startswith("-") and not cell[1:2].isdigit())
    return "'" + cell if risky else cell


def offer_rows(quote: Quote, language: Language) -> Iterator[Row]:
    """Give one row per offer, money in the quote's currency."""
    yield [
        "rank", "offer_id", "package_id", "package", "with_dr", "tariff_status", "currency", "bill_mean", "bill_p10",
        "bill_p50", "bill_p90", "saving_mean", "saving_p10", "saving_p50", "saving_p90", "saving_share", "net_benefit",
    ]  # fmt: skip
    for offer in quote.offers:
        bill, saving, tariff = offer.bill, offer.saving, offer.package.tariff
        money = (bill.mean, bill.p10, bill.p50, bill.p90, saving.mean, saving.p10, saving.p50, saving.p90)
        yield [
            str(offer.rank),
            offer.offer_id,
            offer.package.package_id,
            offer.package.name.say(language),
            str(offer.with_dr).lower(),
            str(tariff.status),
            offer.currency,
            *map(str, money),
            f"{offer.saving_share:.6f}",
            str(offer.net_benefit),
        ]


def schedule_rows(quote: Quote, case: Case) -> Iterator[Row]:
    """Give today's plan and every offer's schedule as rows: runs, then the power of each step."""
    yield ["offer", "kind", "subject_id", "name", "start", "end", "value", "unit"]
    plans = [("today", quote.today.schedule)]
    plans += [(offer.offer_id, offer.response.schedule) for offer in quote.offers]
    for owner, schedule in plans:
        yield from _run_rows(owner, schedule, case)
        yield from _power_rows(owner, schedule, case)


def _run_rows(owner: str, schedule: Schedule, case: Case) -> Iterator[Row]:
    zone = zone_of(case.site.zone)
    ways = plan_ways(case.plan)
    for run in schedule.runs:
        way = ways[run.task_id, run.mode_id]
        start, end = (at.astimezone(zone).isoformat() for at in (run.start, run.start + way.duration))
        energy = f"{run.lot_share * way.energy_kwh:.3f}"
        yield [owner, "run", way_id(run.task_id, run.mode_id), way.name, start, end, energy, "kWh"]
    for change in schedule.changeovers:
        at = change.start.astimezone(zone).isoformat()
        families = f"{change.from_family} → {change.to_family}"
        yield [owner, "changeover", change.machine_id, families, at, "", "", ""]


def _power_rows(owner: str, schedule: Schedule, case: Case) -> Iterator[Row]:
    starts = [at.isoformat() for at in schedule.grid.local_starts(case.site.zone)]
    after = schedule.grid.end.astimezone(schedule.grid.local_starts(case.site.zone)[0].tzinfo).isoformat()
    ends = [*starts[1:], after]
    series = [("import", "site", schedule.import_kw), ("export", "site", schedule.export_kw)]
    series += [("modulating_load", name, power_kw) for name, power_kw in schedule.modulating_kw.items()]
    for name, use in schedule.batteries.items():
        series += [("battery_charge", name, use.charge_kw), ("battery_discharge", name, use.discharge_kw)]
    series += [("pv", name, power_kw) for name, power_kw in schedule.pv_used_kw.items()]
    rates: list[tuple[str, str, str, FloatArray]] = []
    processes = {one.process_id: one for one in case.plan.processes}
    for name, run in schedule.processes.items():
        series.append(("process", name, process_kw(processes[name], run, schedule.grid)))
        rates.append(("process_rate", name, f"{processes[name].unit}/h", run.rate))
    for kind, name, power_kw in series:
        if kind == "export" and not power_kw.any():
            continue
        for start, end, value in zip(starts, ends, power_kw, strict=True):
            yield [owner, kind, name, "", start, end, f"{value:.3f}", "kW"]
    for direction, kvar in (("reactive_forward", schedule.forward_kvar), ("reactive_reverse", schedule.reverse_kvar)):
        rates += [] if kvar is None else [(direction, "site", "kvar", kvar)]
    rates += [("compensation", name, "kvar", kvar) for name, kvar in schedule.compensation_kvar.items()]
    for quantity, name, unit, rate in rates:
        for start, end, value in zip(starts, ends, rate, strict=True):
            yield [owner, quantity, name, "", start, end, f"{value:.3f}", unit]
