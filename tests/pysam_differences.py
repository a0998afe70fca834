"""What PySAM's Utilityrate5 bills otherwise than we do, cause by cause."""

from typing import Any

import numpy as np
import pytest

from benchmarks.peers import asking
from benchmarks.peers.asking import Peer
from domain.noun import noun
from tests import pysam_year
from tests.pysam_year import PARTS, Parts, Year
from tests.realdata import REAL_DATA

RECORDS = {
    "53ac8daa": "PECO GS-HT",
    "55fc81d7": "SCE GS-2 TOU-B",
    "5cef0a41": "PG&E E-19",
    "674e0b87": "SCE TOU-8 D",
    "6757525f": "PG&E BEV-2-S",
    "6776f983": "FPL GSLDT-1",
    "6776fc80": "FPL GSLD-1",
    "68c0ca32": "SMUD CI-TOD3",
    "68c0cb49": "SMUD CI-TOD4",
}
"""The real records of the optional real-data folder by the start of their labels."""

CLOCK = "clock changes"
LEAP_DAY = "29 February"
WEEKDAYS = "1 January a Monday"
PER_DAY = "fixed per day"
OLD_FIELD = "fixedmonthlycharge"
CENTS = "cents"
CAUSES = (CLOCK, LEAP_DAY, WEEKDAYS, PER_DAY, OLD_FIELD, CENTS)

MEAN_MONTH_DAYS = 365 / 12
"""Days that PySAM's converter counts a daily charge for, in every month."""
COMMON_YEAR_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@noun(eq=False)
class Comparison:
    """Our bills and PySAM's, and what each cause contributes to ours less theirs."""

    ours: Parts
    """Rounded as billed. [USD]"""
    theirs: Parts
    causes: dict[str, Parts]
    """[USD]"""

    def unexplained(self, part: str) -> np.ndarray:
        """Give what no cause explains. [USD]."""
        explained = sum(parts[part] for parts in self.causes.values())
        return self.ours[part] - self.theirs[part] - explained


def less(left: Parts, right: Parts) -> Parts:
    """Give the difference of two bills, part by part. [USD]."""
    return {part: left[part] - right[part] for part in PARTS}


STANDARD_TIME, WALL_CLOCK = 0, 1
"""Rows of the load that the peer holds."""


def holding_the_load(peer: Peer) -> Peer:
    """Hand the plant's 2012 to PySAM, in standard time and as the local clock showed it."""
    year_kw = pysam_year.manufacturer_kw()
    rows_kw = (pysam_year.without_29_february(year_kw), pysam_year.on_the_wall_clock(year_kw))
    peer.ask("load", rows_kw=[row_kw.tolist() for row_kw in rows_kw])
    return peer


def need_both() -> None:
    """Skip where the optional real-data folder or the peers' environment is absent."""
    for name in ("normalised/manufacturer.csv.gz", "tariffs_urdb"):
        if not (REAL_DATA / name).exists():
            pytest.skip(f"the optional real-data folder has no {name}")
    if not asking.PYTHON.exists():
        pytest.skip(asking.ABSENT)


def theirs(
    peer: Peer, plain: dict[str, Any], load_row: int = STANDARD_TIME, overrides: dict[str, Any] | None = None
) -> Parts:
    """Give PySAM's bills of its year, with some of its inputs given outright. [USD]."""
    answer = peer.ask("bill", record=plain, row=load_row, overrides=overrides or {})
    made = {part: np.array(amounts) for part, amounts in answer.items()}
    made["demand"] = made.pop("demand_flat") + made.pop("demand_tou")
    return {part: made[part] for part in PARTS}


def respelt(plain: dict[str, Any]) -> dict[str, Any]:
    """Give a record with its fixed charge in the field that PySAM's converter reads."""
    if "fixedmonthlycharge" not in plain:
        return plain
    return plain | {"fixedchargefirstmeter": plain["fixedmonthlycharge"], "fixedchargeunits": "$/month"}


def per_day(plain: dict[str, Any]) -> np.ndarray:
    """Give what a daily charge asks for the days of a common year's months, less for mean months. [USD]."""
    if plain.get("fixedchargeunits") != "$/day":
        return np.zeros(12)
    return plain["fixedchargefirstmeter"] * (COMMON_YEAR_DAYS - MEAN_MONTH_DAYS)


def compare(peer: Peer, label: str) -> Comparison:
    """Bill the manufacturer's 2012 under one record on both sides; the peer holds PySAM's year of the load."""
    plain = pysam_year.record(label)
    tariff = pysam_year.tariff_of(plain)
    billed = pysam_year.our_bills(tariff, Year.METERED)
    exact = {year: pysam_year.parts_of(pysam_year.our_bills(tariff, year)) for year in Year}
    rounded, as_is = pysam_year.parts_of(billed, rounded=True), theirs(peer, plain)
    nothing = {part: np.zeros(12) for part in PARTS}
    return Comparison(
        ours=rounded,
        theirs=as_is,
        causes={
            CLOCK: less(exact[Year.METERED], exact[Year.STANDARD_TIME]),
            LEAP_DAY: less(exact[Year.STANDARD_TIME], exact[Year.COMMON]),
            WEEKDAYS: less(exact[Year.COMMON], exact[Year.PYSAM]),
            PER_DAY: nothing | {"fixed": per_day(plain)},
            OLD_FIELD: less(theirs(peer, respelt(plain)), as_is),
            CENTS: less(rounded, exact[Year.METERED]),
        },
    )


def row(name: str, compared: Comparison) -> str:
    """Give one record's row of the table: the year's sums. [USD]."""
    ours, pysam = (sum(float(side[part].sum()) for part in PARTS) for side in (compared.ours, compared.theirs))
    caused = [sum(float(parts[part].sum()) for part in PARTS) for parts in compared.causes.values()]
    cells = [f"{one:,.2f}" for one in (ours, pysam, ours - pysam, *caused)]
    return f"| {name} | " + " | ".join("0" if cell in {"0.00", "-0.00"} else cell for cell in cells) + " |"


def table(peer: Peer) -> str:
    """Give the table of docs/bill-cross-check.md."""
    heads = ("tariff", "ours", "PySAM", "ours − PySAM", *CAUSES)
    rows = [row(name, compare(peer, label)) for label, name in RECORDS.items()]
    return "\n".join((f"| {' | '.join(heads)} |", "|---" + "|---:" * (len(heads) - 1) + "|", *rows))
