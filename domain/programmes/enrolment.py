"""Which metering point is enrolled where: one point, one programme and one operator at a time.

References
----------
发改能源〔2025〕357号, from summaries: one resource belongs to one virtual power plant only.
"""

from datetime import date

from domain import checks
from domain.errors import WattplanError
from domain.noun import noun
from domain.text import Text


class MeteringPointTakenError(WattplanError):
    """A metering point is enrolled twice in one period."""

    code = "metering_point_taken"
    words = Text(
        en="Metering point {metering_point} is enrolled in {first} and in {second}, both from {overlap_from} to "
        "{overlap_until}. A point may be in one at a time: end the one before the other begins.",
        zh="计量点 {metering_point} 在 {overlap_from} 至 {overlap_until} 期间同时参加了 {first} 与 {second}。"
        "同一计量点同一时期只能参加一个：请先终止其中一个再开始另一个。",
    )


@noun
class Enrolment:
    """One metering point in one programme, through one operator, for a time."""

    enrolment_id: str
    metering_point: str
    programme_id: str
    operator: str
    """Aggregator or virtual power plant; the utility's own name where the customer takes part directly."""
    valid_from: date
    valid_until: date | None = None
    """First day on which it no longer holds; None: open."""

    def __post_init__(self) -> None:
        for field in ("enrolment_id", "metering_point", "programme_id", "operator"):
            checks.not_empty(self, field, getattr(self, field))
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise checks.refuse(self, "valid_until", self.valid_until.isoformat(), checks.ORDERED)

    @property
    def name(self) -> str:
        """The enrolment as people say it."""
        return f"{self.programme_id} / {self.operator} ({self.enrolment_id})"


def must_be_exclusive(enrolments: tuple[Enrolment, ...]) -> None:
    """Refuse enrolments that put one metering point into two places at once.

    Raises
    ------
    DuplicateIdError
        If two carry one id.
    MeteringPointTakenError
        Naming both and the days they share.
    """
    checks.unique("Enrolment", "enrolment_id", (one.enrolment_id for one in enrolments))
    by_point: dict[str, list[Enrolment]] = {}
    for one in sorted(enrolments, key=lambda one: (one.valid_from, one.enrolment_id)):
        for other in by_point.get(one.metering_point, []):
            if other.valid_until is None or one.valid_from < other.valid_until:
                raise _taken(other, one)
        by_point.setdefault(one.metering_point, []).append(one)


def enrol(enrolments: tuple[Enrolment, ...], new: Enrolment) -> tuple[Enrolment, ...]:
    """Add an enrolment to those in force; see ``must_be_exclusive``."""
    made = (*enrolments, new)
    must_be_exclusive(made)
    return made


def _taken(first: Enrolment, second: Enrolment) -> MeteringPointTakenError:
    ends = [one.valid_until for one in (first, second) if one.valid_until is not None]
    return MeteringPointTakenError(
        metering_point=first.metering_point,
        first=first.name,
        second=second.name,
        overlap_from=max(first.valid_from, second.valid_from),
        overlap_until=min(ends) if ends else "…",
    )
