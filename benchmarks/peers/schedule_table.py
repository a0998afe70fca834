"""The tables of ``docs/benchmarks-schedule.md`` from the JSON of ``benchmarks.peers_schedule``.

Run as ``python -m benchmarks.peers.schedule_table FILE``, as often as wished.
"""

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

COLUMNS = ("ours", "constant", "sequence")
CLOCK_SHARE = 0.95
"""Share of the deadline from which on the clock ended a search. [-]"""
HEAD = "| plant | ours | EMHASS, constant | EMHASS, sequence | × ours (least–most) |\n|---|---:|---:|---:|---:|"
Results = dict[str, list[dict[str, Any]]]
"""By whose: a result per round."""


def main() -> int:
    """Print a table per aim, and one for the second prices."""
    measured = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for aim, asked in measured["aims"].items():
        print(f"\n{aim}\n\n{HEAD}")
        for plant in measured["plants"]:
            found = summary(plant["results"][aim]["first"], plant["bound_eur"])
            print(row(plant["size"]["name"], found, asked["deadline_s"]))
        print(f"\n{aim}, under other prices\n\n{HEAD}")
        for plant in measured["plants"]:
            found = summary(plant["results"][aim]["again"], None)
            if len(found) > 1:
                print(row(plant["size"]["name"], found, asked["deadline_s"]))
    for plant in measured["plants"]:
        loads = ", ".join(f"{load:.1f}" for load in plant["load_average"])
        print(f"\n{plant['size']['name']}: bound {plant['bound_eur']:.2f} EUR, load average {loads}")
    return 0


def summary(by_whom: Results, bound_eur: float | None) -> dict[str, Any]:
    """Give medians, the cost above the best bound, and the peer's time over ours with its range over the rounds."""
    found: dict[str, Any] = {}
    for whose, rounds in by_whom.items():
        costs = [one["cost_eur"] for one in rounds if one["cost_eur"] is not None and not one["broken"]]
        found[whose] = {
            "rounds": len(rounds),
            "total_s": round(median(one["total_s"] for one in rounds), 3),
            "cpu_s": round(median(one["cpu_s"] for one in rounds), 3),
            "highs_s": round(median(one["highs_s"] or 0.0 for one in rounds), 3),
            "cost_eur": [round(cost, 2) for cost in costs],
            "status": sorted({one["status"] for one in rounds}),
            "n_integers": rounds[0]["n_integers"],
            "violations": sorted({text for one in rounds if not one["broken"] for text in one["violations"]}),
            "broken": max((one["broken"] for one in rounds), key=len),
        }
        if bound_eur is not None:
            found[whose]["above_bound_share"] = [round(cost / bound_eur - 1, 6) for cost in costs]
    for whose in set(by_whom) - {"ours"}:
        pairs = list(zip(by_whom[whose], by_whom.get("ours", []), strict=False))
        if pairs:
            found[whose]["times_ours"] = spread([theirs["total_s"] / ours["total_s"] for theirs, ours in pairs])
            found[whose]["times_our_cpu"] = spread([theirs["cpu_s"] / ours["cpu_s"] for theirs, ours in pairs])
    return found


def spread(ratios: list[float]) -> dict[str, float]:
    return {"median": round(median(ratios), 1), "least": round(min(ratios), 1), "most": round(max(ratios), 1)}


def row(name: str, by_whom: dict[str, Any], deadline_s: float) -> str:
    """Give one row: time, the solver's, the processor's; cost above the best bound; ``*`` where the clock ended it."""
    cells = [cell(by_whom[whose], deadline_s) if whose in by_whom else "–" for whose in COLUMNS]
    ratios = [ratio(by_whom[whose].get("times_ours")) for whose in COLUMNS[1:] if whose in by_whom]
    return f"| {name} | {' | '.join(cells)} | {' / '.join(ratios)} |"


def cell(found: dict[str, Any], deadline_s: float) -> str:
    """Give one cell."""
    clock = "*" if found["total_s"] >= CLOCK_SHARE * deadline_s else ""
    spent = f"{found['total_s']:.2f}{clock} / {found['highs_s']:.2f} / {found['cpu_s']:.2f} s"
    if found["broken"]:
        return f"{spent}, **{len(found['broken'])} loads are no single runs**"
    above = found.get("above_bound_share")
    cost = f", **{100 * max(0.0, *above):.2f} %**" if above else ""
    limits = f", **{len(found['violations'])} limits broken**" if found["violations"] else ""
    return f"{spent}{cost}{limits}"


def ratio(times: dict[str, float] | None) -> str:
    """Give the median of the ratios, with their range where there are several."""
    if times is None:
        return "–"
    if times["least"] == times["most"]:
        return f"{times['median']:.1f}"
    return f"{times['median']:.1f} ({times['least']:.1f}–{times['most']:.1f})"


if __name__ == "__main__":
    sys.exit(main())
