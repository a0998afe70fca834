"""The manifest of a quote: what went in, what came out, and the schedules that a clock decided."""

import hashlib
import json
from importlib.metadata import version
from typing import Any

import numpy as np

from domain.files.case_file import case_to_plain, sha256_of
from domain.files.documents import to_plain
from domain.files.schedule_file import schedule_from_plain, schedule_to_plain
from domain.noun import noun
from domain.offers import Case, Manifest, MoneyRange, Offer, Response
from domain.plant import Schedule

PACKAGES = ("numpy", "pandas", "prophet", "cmdstanpy", "pyomo", "highspy", "holidays")
POWER_DECIMALS = 3


@noun(eq=False)
class RecordedRun:
    """A schedule found by an earlier search, with the bound that was proven then."""

    schedule: Schedule
    bound: float
    """[currency]"""
    gap_share: float | None = None
    """As it was said then: a part of what the schedule decides, which no model is stated again for; None: an older record. [-]"""


def make_manifest(
    case: Case,
    bill_today: MoneyRange,
    offers: tuple[Offer, ...],
    answers: dict[str, Response],
    versions: dict[str, str],
) -> Manifest:
    """Write down all that a replay needs."""
    recorded = {
        key: record_of(response)
        for key, response in answers.items()
        if response.solve.stopped_by in {"deadline", "recorded"}
    }
    options = to_plain(case.options)
    return Manifest(
        case_sha256=sha256_of(case_to_plain(case)),
        answer_sha256=fingerprint(bill_today, offers),
        wattplan_version=version("wattplan"),
        versions=versions | {name: version(name) for name in PACKAGES},
        seed=case.options.seed,
        options=dict(options),
        recorded_runs=recorded,
    )


def fingerprint(bill_today: MoneyRange, offers: tuple[Offer, ...]) -> str:
    """Hash what the customer sees of the answer: money, runs, commitments and kW (to 1 W).

    Today's bill is part of it, so that an answer without offers is told from another one.
    """
    offered = [
        {
            "offer": offer.offer_id,
            "rank": offer.rank,
            "bill": to_plain(offer.bill),
            "saving": to_plain(offer.saving),
            "split": to_plain(offer.split),
            "net_benefit": str(offer.net_benefit),
            "runs": [(run.task_id, run.start.isoformat()) for run in offer.response.schedule.runs],
            "import_kw": np.round(offer.response.schedule.import_kw, POWER_DECIMALS).tolist(),
            "commitments": {
                one.event_id: [round(one.commitment_kw, POWER_DECIMALS), str(one.pay), str(one.penalty)]
                for one in offer.commitments
            },
        }
        for offer in offers
    ]
    seen = {"bill_today": to_plain(bill_today), "offers": offered}
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def record_of(response: Response) -> dict[str, Any]:
    """Give a response's schedule as plain data."""
    solve = response.solve
    return {"bound": solve.bound, "gap_share": solve.gap_share, "schedule": schedule_to_plain(response.schedule)}


def run_from(record: dict[str, Any]) -> RecordedRun:
    """Read a schedule back from a manifest; those written before there were processes and modes are read too."""
    if "schedule" not in record:
        return RecordedRun(schedule=_schedule_as_before(record), bound=record["bound"])
    schedule = schedule_from_plain(record["schedule"], where="manifest")
    return RecordedRun(schedule=schedule, bound=record["bound"], gap_share=record.get("gap_share"))


def _schedule_as_before(record: dict[str, Any]) -> Schedule:
    """Read the shape in which manifests held a schedule while a run was a task and a time."""
    plain = {name: record[name] for name in ("base_kw", "modulating_kw", "pv_used_kw", "import_kw", "export_kw")}
    plain |= {
        "grid": {name: record[name] for name in ("start", "step_min", "n_steps")},
        "runs": [{"task_id": task_id, "start": at} for task_id, at in record["runs"]],
        "batteries": {
            name: dict(zip(("charge_kw", "discharge_kw", "soc_kwh"), use, strict=True))
            for name, use in record["batteries"].items()
        },
        "commitments_kw": record["commitments_kw"],
    }
    return schedule_from_plain(plain, where="manifest")
