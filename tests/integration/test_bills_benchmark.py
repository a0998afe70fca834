"""What ``benchmarks.bills`` times is the same work for all: ours and both peers' amounts, prices and variants agree."""

from dataclasses import replace

import pytest

from benchmarks import bills
from benchmarks.bills_work import Work
from benchmarks.peers.asking import Peer
from tests import pysam_differences

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def work() -> Work:
    pysam_differences.need_both()
    return Work.made(n_variants=4)


def test_all_three_agree_on_the_timed_work(work):
    with Peer("pysam_peer") as pysam, Peer("eeco_peer") as eeco:
        assert bills.all_agree(work, pysam, eeco) < bills.AGREED


def test_work_on_which_they_differ_is_not_timed(work):
    dearer = [one | {"fixed": one["fixed"] + 0.01} for one in work.variants]
    other = replace(work, variants=dearer)
    with (
        Peer("pysam_peer") as pysam,
        Peer("eeco_peer") as eeco,
        pytest.raises(SystemExit, match="do not agree"),
    ):
        bills.all_agree(other, pysam, eeco)
