"""Print the table of docs/bill-cross-check.md: our bills against PySAM's, each difference by cause.

Run as ``python -m benchmarks.bills_cross_check``; needs the optional real-data folder and the peers' environment.
"""

import sys

from benchmarks.peers import asking
from tests import pysam_differences
from tests.realdata import REAL_DATA


def main() -> int:
    """Ask PySAM and print the table."""
    if not REAL_DATA.exists() or not asking.PYTHON.exists():
        print(f"the optional real-data folder is absent, or {asking.ABSENT}", file=sys.stderr)
        return 1
    with asking.Peer("pysam_peer") as peer:
        print(pysam_differences.table(pysam_differences.holding_the_load(peer)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
