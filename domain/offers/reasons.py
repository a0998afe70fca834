"""Reasons: what a limit is worth, what a wish costs, why a block stands where it stands."""

from datetime import datetime
from typing import Literal

from domain.noun import noun
from domain.offers.response import Response
from domain.text import Text

LimitKind = Literal[
    "due",
    "latest_end",
    "earliest",
    "wait",
    "hold",
    "store",
    "machine",
    "people",
    "shift",
    "utility",
    "connection",
    "battery",
    "compensation",
    "runs",
    "outage",
    "quota",
    "end_level",
    "end_most",
    "wish",
]


@noun
class LimitChange:
    """One limit, a little wider; or a whole shift less."""

    kind: LimitKind
    subject_id: str
    """Order, task, ``before → after``, store, machine, shift, utility, battery, compensator, process; the site's id for its
    connection."""
    amount: float
    """By how much it is widened, or a demand lowered; of a shift or compensator: -1, it is given up. [unit]"""
    unit: str
    """h, kW, kWh, kvar, run, machine, person, shift, outage, compensator, the store's, the utility's or the process'."""
    said: Text
    """The change in words: one more hour until order 17 is due."""


@noun(eq=False)
class PriceTag:
    """What one changed limit is worth to this plan under these prices, found by planning again with it. [currency]"""

    change: LimitChange
    saving: float | None
    """Cost of the plan less the cost of the best plan found with the change; negative: giving it up costs. None: with it
    no plan is possible."""
    most_saving: float | None
    """No plan with the change saves more than this."""
    conflicts: tuple[Text, ...] = ()
    """Why no plan is possible with it."""
    response: Response | None = None
    """The plan with the change."""


@noun(eq=False)
class Repair:
    """One change that makes an impossible plan possible, no larger than it must be, and what the plan then costs."""

    change: LimitChange
    cost: float
    """Cost of the best plan found with it, the change itself not priced. [currency]"""
    response: Response


@noun(eq=False)
class Alternative:
    """What keeping a wish costs. [currency]"""

    said: Text
    """The wishes in words."""
    extra_cost: float | None
    """Cost of the best plan found that keeps them, less that of the plan; None: no plan keeps them."""
    least_extra_cost: float | None
    """Every plan that keeps them costs at least this much more than the plan."""
    conflicts: tuple[Text, ...] = ()
    """Why no plan keeps them."""
    response: Response | None = None
    """The plan that keeps them."""


@noun
class BlockReason:
    """Why a run starts when it starts, judged by moving it alone while all else stays."""

    task_id: str
    start: datetime
    kind: Literal["cheapest", "peak", "limit", "cost", "settled"]
    """``cheapest``: no other start of it alone has cheaper energy; ``limit``: cheaper ones break a limit; ``peak``: they
    raise what the bill asks for peaks; ``cost``: they cost more elsewhere (labour, lateness, changes, events);
    ``settled``: it may not move, or has begun."""
    tried_start: datetime | None = None
    """The start with cheaper energy that was looked at."""
    energy_saving: float = 0.0
    """What its energy would cost less there. [currency]"""
    extra_cost: float | None = None
    """What the whole plan would cost more there; None: a limit forbids it. [currency]"""
    said: Text


@noun(eq=False)
class Reasons:
    """All reasons of one answer."""

    blocks: tuple[BlockReason, ...]
    tags: tuple[PriceTag, ...]
    """Best first."""
