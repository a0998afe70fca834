"""Plans that change the load by a step: a new line, a second furnace, a closed hall."""

from datetime import date
from itertools import product

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.text import Text

MOST_UNSURE = 6
"""More unsure plans than this: 2^n courses are no longer counted one by one."""


@noun
class Expansion:
    """A step in the load from a day on, as sure as its probability."""

    name: str
    starts: date
    """First local day with the new load; that month carries only the share of its days."""
    adds_kw: float
    """Added to every monthly peak from then on (cautious: it meets the old peak); negative where load goes. [kW]"""
    adds_kwh_per_month: float
    """Added to a whole month's energy, alike in every hour. [kWh]"""
    probability: float = 1.0
    """How likely the plan becomes true; plans are independent of each other."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "name", self.name)
        checks.finite(self, "adds_kw", self.adds_kw)
        checks.finite(self, "adds_kwh_per_month", self.adds_kwh_per_month)
        checks.share(self, "probability", self.probability)


@noun(eq=False)
class Courses:
    """Every combination of plans that become true, with what it adds."""

    weights_share: FloatArray
    """How likely each course is, shape (n_courses,); sums to 1. [-]"""
    added_kw: FloatArray
    """Shape (n_courses, n_months). [kW]"""
    added_kwh: FloatArray
    """Likewise. [kWh]"""


def courses_of(expansions: tuple[Expansion, ...], months: tuple[date, ...], month_days: tuple[int, ...]) -> Courses:
    """Count all courses that the plans may take over some months.

    Raises
    ------
    InvalidFieldError, DuplicateIdError
        If a name stands twice, or more than six plans are unsure.
    """
    checks.unique("outlook", "expansions", (one.name for one in expansions))
    unsure = [one for one in expansions if 0 < one.probability < 1]
    if len(unsure) > MOST_UNSURE:
        problem = Text(en=f"has more than {MOST_UNSURE} unsure plans", zh=f"不确定的计划超过 {MOST_UNSURE} 个")
        mend = Text(en="Join plans, or make some certain.", zh="请合并计划，或将部分计划设为确定。")
        raise checks.refuse("outlook", "expansions", len(unsure), problem, mend)
    weights, kw, kwh = [], [], []
    for happens in product((True, False), repeat=len(unsure)):
        true = [one for one, so in zip(unsure, happens, strict=True) if so]
        true += [one for one in expansions if one.probability == 1]
        chances = [one.probability if so else 1 - one.probability for one, so in zip(unsure, happens, strict=True)]
        weights.append(float(np.prod(chances)))
        shares = [[_share(one, first, days) for first, days in zip(months, month_days, strict=True)] for one in true]
        none = np.zeros(len(months))
        kw.append(sum((one.adds_kw * (np.array(part) > 0) for one, part in zip(true, shares, strict=True)), none))
        kwh.append(sum((one.adds_kwh_per_month * np.array(part) for one, part in zip(true, shares, strict=True)), none))
    return Courses(weights_share=np.array(weights), added_kw=np.array(kw), added_kwh=np.array(kwh))


def _share(plan: Expansion, month: date, n_days: int) -> float:
    """Give the share of a month's days on which a plan's load is there. [-]."""
    return min(1.0, max(0.0, 1 - (plan.starts - month).days / n_days))
