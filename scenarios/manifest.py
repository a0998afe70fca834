"""The manifest of a quote: what went in, what came out, and the schedules that a clock decided."""

import hashlib
import json
from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from domain.files.case_file import case_to_plain, sha256_of
from domain.files.documents import to_plain
from domain.noun import noun
from domain.offers import Case, Manifest, MoneyRange, Offer, Response
from domain.plant import BatteryUse, Run, Schedule
from domain.time import TimeGrid

PACKAGES = ("numpy", "pandas", "prophet", "cmdstanpy", "pyomo", "highspy", "holidays")
POWER_DECIMALS = 3


@noun(eq=False)
class RecordedRun:
    """A schedule found by an earlier search, with the bound that was proven then."""

    schedule: Schedule
    bound: float
    """[currency]"""


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
    schedule = response.schedule
    return {
        "bound": response.solve.bound,
        "start": schedule.grid.start.isoformat(),
        "step_min": schedule.grid.step_min,
        "n_steps": schedule.grid.n_steps,
        "runs": [[run.task_id, run.start.isoformat()] for run in schedule.runs],
        "base_kw": schedule.base_kw.tolist(),
        "modulating_kw": {name: power.tolist() for name, power in schedule.modulating_kw.items()},
        "batteries": {
            name: [use.charge_kw.tolist(), use.discharge_kw.tolist(), use.soc_kwh.tolist()]
            for name, use in schedule.batteries.items()
        },
        "pv_used_kw": {name: power.tolist() for name, power in schedule.pv_used_kw.items()},
        "import_kw": schedule.import_kw.tolist(),
        "export_kw": schedule.export_kw.tolist(),
        "commitments_kw": dict(schedule.commitments_kw),
    }


def run_from(record: dict[str, Any]) -> RecordedRun:
    """Read a schedule back from a manifest."""
    grid = TimeGrid(
        start=datetime.fromisoformat(record["start"]), step_min=record["step_min"], n_steps=record["n_steps"]
    )
    schedule = Schedule(
        grid=grid,
        runs=tuple(Run(task_id=task_id, start=datetime.fromisoformat(at)) for task_id, at in record["runs"]),
        base_kw=np.array(record["base_kw"]),
        modulating_kw={name: np.array(power) for name, power in record["modulating_kw"].items()},
        batteries={
            name: BatteryUse(charge_kw=np.array(use[0]), discharge_kw=np.array(use[1]), soc_kwh=np.array(use[2]))
            for name, use in record["batteries"].items()
        },
        pv_used_kw={name: np.array(power) for name, power in record["pv_used_kw"].items()},
        import_kw=np.array(record["import_kw"]),
        export_kw=np.array(record["export_kw"]),
        commitments_kw=dict(record["commitments_kw"]),
    )
    return RecordedRun(schedule=schedule, bound=record["bound"])
