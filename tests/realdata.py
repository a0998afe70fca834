"""Where the optional real-data folder stands: beside the checkout."""

from pathlib import Path

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
