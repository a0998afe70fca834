"""The document of a plan request: a case, and what is asked of one plan under one of its packages."""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from domain.files.case_file import case_from_plain
from domain.files.documents import from_plain
from domain.files.problems import DocumentError, Problem, pointer_of
from domain.files.schedule_file import ScheduleDocument
from domain.noun import noun
from domain.offers import PRESENT_ID, Case, PlanAsked, ProcessWish, RunWish, StandingPlan
from domain.text import Text

_Asked = TypeVar("_Asked")
CASE = "case"
MISSING = Text(en="is missing", zh="缺少该项")


@noun
class StandingDocument:
    """The plan that people already act on."""

    schedule: ScheduleDocument
    now: datetime
    """What began before is done."""
    run_change_cost: float = 0.0
    """For each run that starts at another time or in another mode. [currency]"""
    run_shift_cost_per_h: float = 0.0
    """More for each hour by which a run is moved. [currency / h]"""
    process_change_cost_per_h: float = 0.0
    """For each hour in which a process is switched otherwise. [currency / h]"""

    def standing(self) -> StandingPlan:
        """Give it as the plan it is."""
        return StandingPlan(
            schedule=self.schedule.schedule(),
            now=self.now,
            run_change_cost=self.run_change_cost,
            run_shift_cost_per_h=self.run_shift_cost_per_h,
            process_change_cost_per_h=self.process_change_cost_per_h,
            site_id=self.schedule.site_id,
        )


@noun
class WishesDocument:
    """What a schedule must do, or could be wished to do."""

    runs: tuple[RunWish, ...] = ()
    processes: tuple[ProcessWish, ...] = ()

    def wishes(self) -> tuple[RunWish | ProcessWish, ...]:
        """Give all of them."""
        return (*self.runs, *self.processes)


@noun
class PlanDocument:
    """The question how a case's plan is best run under one package, beside the ``case`` itself."""

    package_id: str = PRESENT_ID
    """Id of one of the case's packages; left out: today's tariff."""
    with_dr: bool = False
    """Whether the case's events may be committed to."""
    standing: StandingDocument | None = None
    keep: WishesDocument = WishesDocument()
    """What must be, whatever it costs."""
    what_if: WishesDocument = WishesDocument()
    """What is priced, each by itself, against the plan without it."""
    n_tags: int = 6
    """At most so many limits are priced; 0: none."""
    n_repairs: int = 6
    """At most so many repairs of an impossible plan; 0: none."""

    def asked(self) -> PlanAsked:
        """Give it as the use case takes it."""
        return PlanAsked(
            package_id=self.package_id,
            with_dr=self.with_dr,
            standing=None if self.standing is None else self.standing.standing(),
            wishes=self.keep.wishes(),
            alternatives=self.what_if.wishes(),
            n_tags=self.n_tags,
            n_repairs=self.n_repairs,
        )


def plan_request(plain: dict[str, Any]) -> tuple[Case, PlanAsked]:
    """Read a plan request; every problem of the case points below ``/case``.

    Raises
    ------
    DocumentError
    """
    case, asked = asked_of_case(plain, PlanDocument)
    return case, asked.asked()


def asked_of_case(plain: dict[str, Any], kind: type[_Asked]) -> tuple[Case, _Asked]:
    """Read a request that holds a ``case`` and, beside it, what is asked of it.

    Raises
    ------
    DocumentError
    """
    if CASE not in plain:
        raise DocumentError(where="body", problems=(Problem(pointer=pointer_of(CASE), message=MISSING),))
    try:
        case = case_from_plain(plain[CASE], where="body")
    except DocumentError as error:
        below = tuple(replace(one, pointer=pointer_of(CASE) + one.pointer) for one in error.problems)
        raise DocumentError(where="body", problems=below) from error
    rest = {key: value for key, value in plain.items() if key != CASE}
    return case, from_plain(kind, rest, where="body")
