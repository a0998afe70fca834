"""Read expansion plans off the command line: ``name:2027-03:400kW[:60000kWh][:70%]``."""

import re
from datetime import date

import typer

from forecasting.outlook import Expansion

PARTS = re.compile(
    r"^(?P<name>[^:]+):(?P<starts>\d{4}-\d{2}(?:-\d{2})?):(?P<kw>-?[\d.]+)\s*kW"
    r"(?::(?P<kwh>-?[\d.]+)\s*kWh)?(?::(?P<likely>[\d.]+)\s*%)?$",
    re.IGNORECASE,
)
MONTH_TEXT = len("2027-03")
PERCENT = 100.0
HOURS_PER_MONTH = 730.0
FULL_LOAD_SHARE = 0.5
"""Where a plan names no energy, half of its kW in every hour; the help and the answer say so. [-]"""


def read_expansion(text: str) -> tuple[Expansion, bool]:
    """Give a plan, and whether its energy was assumed from its kW."""
    found = PARTS.match(text.strip())
    if found is None:
        raise _unread(text)
    starts = found["starts"]
    assumed = found["kwh"] is None
    try:
        adds_kw = float(found["kw"])
        plan = Expansion(
            name=found["name"].strip(),
            starts=date.fromisoformat(f"{starts}-01" if len(starts) == MONTH_TEXT else starts),
            adds_kw=adds_kw,
            adds_kwh_per_month=adds_kw * HOURS_PER_MONTH * FULL_LOAD_SHARE if assumed else float(found["kwh"]),
            probability=1.0 if found["likely"] is None else float(found["likely"]) / PERCENT,
        )
    except ValueError as error:
        raise _unread(text) from error
    return plan, assumed


def _unread(text: str) -> typer.BadParameter:
    return typer.BadParameter(
        f'--expansion {text!r}: write it like "line 2:2027-03:400kW", with ":60000kWh" a month and ":70%" likely where '
        "they are known"
    )
