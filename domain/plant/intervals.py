"""Half-open spans of time."""

from datetime import datetime

from domain import checks
from domain.noun import noun


@noun
class Interval:
    """A half-open span of time."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)
