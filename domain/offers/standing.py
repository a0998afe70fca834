"""The plan that people already act on, and what changing it costs."""

from datetime import datetime

from domain import checks
from domain.noun import noun
from domain.plant import Schedule


@noun(eq=False)
class StandingPlan:
    """A schedule that is being worked to; a new one may leave it only at a price.

    What has begun before ``now`` is done: those runs stay, and processes, modulating loads and batteries did in the
    steps before ``now`` what the schedule says. A run of the schedule that lies outside of the new horizon does not
    count; one within it of a task that the plan does not know is refused where the plan comes from a file
    (``optimizer.standing_checks``), and does not count either where it is handed to the optimiser as it is.
    """

    schedule: Schedule
    now: datetime
    """Nothing before it can change; steps that have begun count as before."""
    run_change_cost: float = 0.0
    """For each run that starts at another time or in another mode than planned. [currency]"""
    run_shift_cost_per_h: float = 0.0
    """More for each hour by which a run is moved; of equal runs each counts from the planned
    start nearest to it. [currency / h]"""
    process_change_cost_per_h: float = 0.0
    """For each hour in which a process is on where it was to be off, or off where it was to be on. [currency / h]"""
    site_id: str | None = None
    """Of the site that the schedule was made for; None: it does not say."""

    def __post_init__(self) -> None:
        checks.to_utc(self, "now")
        for field in ("run_change_cost", "run_shift_cost_per_h", "process_change_cost_per_h"):
            checks.not_negative(self, field, getattr(self, field))
