"""What a limit that could be wider is made of: how it is widened, how its change is said, when a schedule touches it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.offers.reasons import LimitChange, LimitKind
from domain.plant import Schedule
from domain.text import Text
from optimizer.audit import audit
from optimizer.words import filled

WIDER_SHARE = 0.05
"""A store, a utility, a battery or the connection is widened by this share of its range. [-]"""
TOUCHED_SHARE = 1e-3
"""A limit that would break if it were narrower by this share of the change is touched. [-]"""
HOURS = "h"


@noun(eq=False)
class Limit:
    """One limit that could be wider."""

    kind: LimitKind
    subject_id: str
    amount: float
    """A usual widening. [unit]"""
    unit: str
    finest: float
    """The smallest widening that means anything. [unit]"""
    most: float
    """The greatest widening that means anything. [unit]"""
    probe: float
    """Change, negative, that a schedule which touches the limit cannot bear. [unit]"""
    widened: Callable[[float], ResponseProblem]
    """Gives the problem with the limit changed by an amount."""
    say: Callable[[float], Text]
    """Says the change by an amount."""

    def change(self, amount: float | None = None) -> LimitChange:
        """Give the limit's usual change, or one by another amount."""
        by = self.amount if amount is None else amount
        return LimitChange(kind=self.kind, subject_id=self.subject_id, amount=by, unit=self.unit, said=self.say(by))

    def is_touched(self, schedule: Schedule) -> bool:
        """Say whether a schedule would break the limit if it were a little narrower."""
        try:
            narrower = self.widened(self.probe)
        except WattplanError:
            return True  # it cannot be narrower at all: it stands at what another limit asks
        return bool(audit(schedule, narrower).violations)


def replaced(
    problem: ResponseProblem, field: str, made: Callable[[float], tuple[object, ...]]
) -> Callable[[float], ResponseProblem]:
    """Give what replaces one collection of the plan by one that an amount makes."""

    def widened(amount: float) -> ResponseProblem:
        changed: dict[str, tuple[object, ...]] = {field: made(amount)}
        return replace(problem, plan=replace(problem.plan, **changed))  # type: ignore[arg-type]

    return widened


def one_of(everything: tuple[object, ...], one: object, other: object) -> tuple[object, ...]:
    """Give a collection with one member replaced."""
    return tuple(other if member is one else member for member in everything)


def hours_of(amount: float) -> timedelta:
    """Give some hours, to the minute."""
    return timedelta(minutes=round(amount * 60))


def said_by(en: str, zh: str, **words: object) -> Callable[[float], Text]:
    """Give what says an amount in both templates."""
    return lambda amount: filled(en, zh, amount=round(amount, 4), **words)


def time_limit(
    problem: ResponseProblem,
    kind: LimitKind,
    subject_id: str,
    room: timedelta,
    *,
    widened: Callable[[float], ResponseProblem],
    say: Callable[[float], Text],
) -> Limit:
    """Give a limit of time that could be wider by ``room`` at most."""
    step_h = problem.horizon.step_h
    return Limit(
        kind=kind,
        subject_id=subject_id,
        amount=1.0,
        unit=HOURS,
        finest=step_h,
        most=max(room.total_seconds() / 3600, step_h),
        probe=-step_h,
        widened=widened,
        say=say,
    )


def quantity_limit(
    kind: LimitKind,
    subject_id: str,
    unit: str,
    reach: float,
    *,
    widened: Callable[[float], ResponseProblem],
    say: Callable[[float], Text],
) -> Limit:
    """Give a limit of a quantity whose whole range is ``reach``."""
    amount = round_up(WIDER_SHARE * reach) if reach > 0 else 1.0
    return Limit(
        kind=kind,
        subject_id=subject_id,
        amount=amount,
        unit=unit,
        finest=amount / 8,
        most=max(4 * reach, amount),
        probe=-TOUCHED_SHARE * amount,
        widened=widened,
        say=say,
    )


def counted_limit(
    kind: LimitKind,
    subject_id: str,
    unit: str,
    *,
    widened: Callable[[float], ResponseProblem],
    say: Callable[[float], Text],
    most: float,
) -> Limit:
    """Give a limit of a whole number."""
    return Limit(
        kind=kind,
        subject_id=subject_id,
        amount=1.0,
        unit=unit,
        finest=1.0,
        most=most,
        probe=-1.0,
        widened=widened,
        say=say,
    )


def round_up(amount: float) -> float:
    """Give an amount with one digit, so that words stay plain: 37.2 → 40."""
    digit = 10.0 ** (len(f"{int(amount)}") - 1) if amount >= 1 else 10.0 ** -(len(f"{int(1 / amount)}"))
    return float(-(-amount // digit) * digit)
