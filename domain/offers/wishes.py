"""What somebody wants of a schedule, whatever it costs: to be priced against leaving it free."""

from datetime import datetime

from domain import checks
from domain.noun import noun


@noun
class RunWish:
    """One run of a task shall start then: keep furnace 2 at 10:00."""

    task_id: str
    start: datetime
    mode_id: str | None = None
    """In which of the task's ways; None: its own."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "task_id", self.task_id)
        checks.to_utc(self, "start")


@noun
class ProcessWish:
    """A process shall be on, or off, for a whole span."""

    process_id: str
    start: datetime
    end: datetime
    is_on: bool

    def __post_init__(self) -> None:
        checks.not_empty(self, "process_id", self.process_id)
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)
