"""The tables of ``docs/benchmarks-schedule.md`` from the JSON of ``benchmarks.peers_schedule``.

Run as ``python -m benchmarks.peers.schedule_table FILE``, as often as wished.
"""

import json
import sys
from pathlib import Path
from typing import Any

COLUMNS = ("ours", "constant", "sequence")
CLOCK_SHARE = 0.95
"""Share of the deadline from which on the clock ended a search. [-]"""
HEAD = "| plant | ours | EMHASS, constant | EMHASS, sequence | × ours (least–most) |\n|---|---:|---:|---:|---:|"


def main() -> int:
    """Print a table per aim, and one for the second prices."""
    measured = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for aim, asked in measured["aims"].items():
        print(f"\n{aim}\n\n{HEAD}")
        for plant in measured["plants"]:
            print(row(plant["summary"]["plant"], plant["summary"][aim], asked["deadline_s"]))
    for aim, asked in measured["aims"].items():
        print(f"\n{aim}, under other prices\n\n{HEAD}")
        for plant in measured["plants"]:
            found = plant["summary"]["under_other_prices"][aim]
            if len(found) > 1:
                print(row(plant["summary"]["plant"], found, asked["deadline_s"]))
    for plant in measured["plants"]:
        loads = ", ".join(f"{load:.1f}" for load in plant["load_average"])
        print(f"\n{plant['summary']['plant']}: bound {plant['bound_eur']:.2f} EUR, load average {loads}")
    return 0


def row(name: str, by_whom: dict[str, Any], deadline_s: float) -> str:
    """Give one row: time, what the solver took of it, cost above the best bound; ``*`` where the clock ended it."""
    cells = [cell(by_whom[whose], deadline_s) if whose in by_whom else "–" for whose in COLUMNS]
    ratios = [ratio(by_whom[whose].get("times_ours")) for whose in COLUMNS[1:] if whose in by_whom]
    return f"| {name} | {' | '.join(cells)} | {' / '.join(ratios)} |"


def cell(found: dict[str, Any], deadline_s: float) -> str:
    """Give one cell."""
    above = found.get("above_bound_share")
    cost = f", +{max(above):.2%}" if above else ""
    clock = "*" if found["total_s"] >= CLOCK_SHARE * deadline_s else ""
    broken = f", **{len(found['violations'])} broken**" if found["violations"] else ""
    return f"{found['total_s']:.2f} s{clock} ({found['highs_s']:.2f}){cost}{broken}"


def ratio(times: dict[str, float] | None) -> str:
    """Give the median of the ratios, with their range where there are several."""
    if times is None:
        return "–"
    if times["least"] == times["most"]:
        return f"{times['median']:.1f}"
    return f"{times['median']:.1f} ({times['least']:.1f}–{times['most']:.1f})"


if __name__ == "__main__":
    sys.exit(main())
