"""Our bills against NREL-PySAM's Utilityrate5: real URDB tariffs × a real plant's 2012, each difference explained."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.asking import Peer
from tests import pysam_differences, pysam_year
from tests.pysam_differences import (
    CAUSES,
    CENTS,
    CLOCK,
    LEAP_DAY,
    OLD_FIELD,
    PARTS,
    PER_DAY,
    RECORDS,
    WALL_CLOCK,
    WEEKDAYS,
    Comparison,
)
from tests.pysam_year import Year

pytestmark = pytest.mark.realdata

ACCOUNT = Path(__file__).resolve().parents[2] / "docs" / "bill-cross-check.md"
TOLERANCE = 1e-6
JANUARY, FEBRUARY, DECEMBER = 0, 1, 11
ONE_PRICE = ("53ac8daa", "6776fc80")
"""Records with one energy price and one demand charge of all hours."""
MOST_LINES = 12


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    pysam_differences.need_both()
    with Peer("pysam_peer") as pysam:
        yield pysam_differences.holding_the_load(pysam)


@pytest.fixture(scope="module")
def compared(peer: Peer) -> dict[str, Comparison]:
    return {label: pysam_differences.compare(peer, label) for label in RECORDS}


def sums(compared: Comparison, cause: str) -> np.ndarray:
    """Give a cause's amount per month over all parts. [USD]."""
    return sum(compared.causes[cause][part] for part in PARTS)


@pytest.mark.parametrize("label", RECORDS)
def test_every_difference_has_a_cause(compared, label):
    for part in PARTS:
        assert np.abs(compared[label].unexplained(part)).max() < TOLERANCE, part


@pytest.mark.parametrize("label", RECORDS)
def test_both_sides_bill_something_in_every_month(compared, label):
    for side in (compared[label].ours, compared[label].theirs):
        assert (side["energy"] > 0).all()
        assert (side["demand"] > 0).all()


@pytest.mark.parametrize("label", RECORDS)
def test_causes_act_only_where_they_can(compared, label):
    away_from = {
        CLOCK: [JANUARY, FEBRUARY, DECEMBER],
        LEAP_DAY: [month for month in range(12) if month != FEBRUARY],
        WEEKDAYS: list(range(2, 12)),
    }
    for cause, months in away_from.items():
        assert np.abs(sums(compared[label], cause)[months]).max() < TOLERANCE, cause
    assert np.abs(sums(compared[label], CENTS)).max() <= 0.005 * MOST_LINES


@pytest.mark.parametrize("label", [label for label in RECORDS if label not in ONE_PRICE])
def test_clock_changes_matter_from_april_to_october_where_prices_follow_the_clock(compared, label):
    assert (np.abs(sums(compared[label], CLOCK)[3:10]) > 1).all()


@pytest.mark.parametrize("label", ONE_PRICE)
def test_under_one_price_a_clock_change_only_moves_an_hour_into_the_next_month(compared, label):
    moved = compared[label].causes[CLOCK]["energy"]
    assert moved[2:11].any()
    assert abs(moved.sum()) < TOLERANCE
    assert not compared[label].causes[WEEKDAYS]["energy"].any()


@pytest.mark.parametrize("label", RECORDS)
def test_handed_the_local_clock_pysam_bills_whole_summer_months_as_we_do(peer, label):
    plain = pysam_year.record(label)
    ours = pysam_year.parts_of(pysam_year.our_bills(pysam_year.tariff_of(plain), Year.METERED))
    pysam = pysam_differences.theirs(peer, plain, WALL_CLOCK)
    april_to_october = slice(3, 10)
    for part in ("energy", "demand"):
        assert np.abs((ours[part] - pysam[part])[april_to_october]).max() < TOLERANCE, part


@pytest.mark.parametrize("label", RECORDS)
def test_29_february_is_paid_for(compared, label):
    assert compared[label].causes[LEAP_DAY]["energy"][FEBRUARY] > 1


def test_the_converters_fixed_charges(compared):
    # a year of $/day is the same sum; only the months differ
    by_day = compared["5cef0a41"].causes[PER_DAY]["fixed"]
    assert by_day[FEBRUARY] == pytest.approx(19.71253 * (28 - 365 / 12))
    assert by_day.sum() == pytest.approx(0.0, abs=TOLERANCE)
    # the old field name is not read at all: PECO 298.92, SCE 259.20 a month
    assert compared["53ac8daa"].causes[OLD_FIELD]["fixed"] == pytest.approx(298.92)
    assert compared["55fc81d7"].causes[OLD_FIELD]["fixed"] == pytest.approx(259.2)
    assert not any(sums(compared[label], OLD_FIELD).any() for label in RECORDS if label not in {"53ac8daa", "55fc81d7"})


def test_the_account_shows_these_numbers(peer):
    assert pysam_differences.table(peer) in ACCOUNT.read_text(encoding="utf-8")


def test_the_account_names_every_cause():
    words = ACCOUNT.read_text(encoding="utf-8")
    assert [cause for cause in CAUSES if f"**{cause}**" not in words] == []
