"""How many year-bills a second: ours, PySAM's and electric-emission-cost's, on the same work in the same run.

Run as ``python -m benchmarks.bills [--out FILE]``; needs the optional real-data folder and the peers' environment
(``make peers``). The work: SMUD CI-TOD4 (five energy periods, flat and peak demand, a fixed charge) on years of
quarter-hours, twelve monthly bills each. All three must agree on the amounts before anything is timed. Rounds alternate
between the three; the result has medians over the rounds, ratios within each round, versions and the machine.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.bills_work import Work, different_by
from benchmarks.peers import asking
from benchmarks.peers.answering import timed
from benchmarks.peers.asking import Peer
from tests.realdata import REAL_DATA

AGREED = 1e-6
"""Greatest difference of a month's amount between any two, before rounding. [USD]"""
EACH_ROUND = {"ours": 50, "pysam": 50, "eeco": 3}
VARIANTS_EACH_ROUND = {"pysam": 100, "eeco": 5}
"""Of the price variants; every variant is the same work for a peer."""
Rows = dict[str, dict[str, list[float]]]
"""Seconds by piece of work and by whose, a value per round."""


def main() -> int:
    """Check that all agree, time them in turn, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/bills.json"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--variants", type=int, default=1000)
    asked = parser.parse_args()
    if not REAL_DATA.exists() or not asking.PYTHON.exists():
        print(f"the optional real-data folder is absent, or {asking.ABSENT}", file=sys.stderr)
        return 1
    work = Work.made(n_variants=asked.variants)
    with Peer("pysam_peer") as pysam, Peer("eeco_peer") as eeco:
        agreed = all_agree(work, pysam, eeco)
        rows: Rows = {}
        for _ in range(asked.rounds):
            one_round(work, pysam, eeco, rows)
        versions = {"NREL-PySAM": pysam.ask("version"), "electric-emission-cost": eeco.ask("version")}
    measured = {
        "what": "twelve monthly bills of one year of quarter-hours under SMUD CI-TOD4, one process each",
        "agreed_within_usd": agreed,
        "n_variants": len(work.variants),
        "rounds": asked.rounds,
        "rows": {name: summary(by_whom) for name, by_whom in rows.items()},
        "load_average": os.getloadavg(),
        "machine": {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()},
        "versions": {"wattplan": version("wattplan"), "numpy": version("numpy"), **versions},
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(measured, indent=1), encoding="utf-8")
    print(json.dumps(measured, indent=1))
    return 0


def all_agree(work: Work, pysam: Peer, eeco: Peer) -> float:
    """Give the greatest difference between any two of the three, over loads and a few variants. [USD].

    Raises
    ------
    SystemExit
        If they differ by more than rounding noise: then they do not do the same work.
    """
    for peer in (pysam, eeco):
        peer.ask("load", rows_kw=work.loads_kw.tolist())
    ours = work.month_totals(0)
    worst = max(different_by(ours, peer.ask("keep", record=work.record)["total"]) for peer in (pysam, eeco))
    few = slice(0, 3)
    for peer, prices in ((pysam, work.pysam_prices), (eeco, work.eeco_prices)):
        theirs = peer.ask("variants", prices=prices[few])["totals"]
        worst = max(worst, different_by(work.variant_totals()[few], theirs) / 12)
        worst = max(worst, different_by(work.variant_totals_one_by_one(few), theirs) / 12)
    if worst > AGREED:
        raise SystemExit(f"the three do not agree: {worst} USD in a month")
    return worst


def one_round(work: Work, pysam: Peer, eeco: Peer, rows: Rows) -> None:
    """Time each piece of work once for each of the three, and add it to the rows."""

    def add(name: str, **spent: Callable[[], list[float]]) -> None:
        for whose, measure in spent.items():
            rows.setdefault(name, {}).setdefault(whose, []).append(median(measure()))

    def peers_time(how: str) -> dict[str, Callable[[], list[float]]]:
        return {
            "pysam": lambda: pysam.ask("time_bills", how=how, n_times=EACH_ROUND["pysam"]),
            "eeco": lambda: eeco.ask("time_bills", how=how, n_times=EACH_ROUND["eeco"]),
        }

    def variants_of(peer: Peer, prices: list[dict[str, Any]], whose: str) -> Callable[[], list[float]]:
        chosen = prices[: VARIANTS_EACH_ROUND[whose]]
        return lambda: peer.ask("variants", prices=chosen)["spent_s"]

    add("one tariff, a new load", ours=lambda: timed(work.new_load, EACH_ROUND["ours"]), **peers_time("new_load"))
    add("one tariff, from nothing", ours=lambda: work.from_nothing(3), **peers_time("from_nothing"))
    add("one tariff, every line of every bill", ours=lambda: timed(work.lines, 5))
    add(
        "one price variant",
        ours=lambda: [spent / len(work.variants) for spent in timed(work.reprice, 20)],
        pysam=variants_of(pysam, work.pysam_prices, "pysam"),
        eeco=variants_of(eeco, work.eeco_prices, "eeco"),
    )


def summary(by_whom: dict[str, list[float]]) -> dict[str, Any]:
    """Give medians, rates and how often ours fits into the faster peer's time, with its range over the rounds."""
    found: dict[str, Any] = {
        whose: {"median_s": median(spent), "bills_per_s": 12 / median(spent)} for whose, spent in by_whom.items()
    }
    peers = [np.array(spent) for whose, spent in by_whom.items() if whose != "ours"]
    if peers:
        ratios = np.minimum.reduce(peers) / np.array(by_whom["ours"])
        found["times_faster_than_the_faster_peer"] = {
            "median": round(float(np.median(ratios)), 1),
            "least": round(float(ratios.min()), 1),
            "most": round(float(ratios.max()), 1),
        }
    return found


if __name__ == "__main__":
    sys.exit(main())
