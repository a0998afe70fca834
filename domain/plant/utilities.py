"""What runs and processes share besides machines and power: steam, compressed air, cooling, a crane, people."""

from datetime import datetime

from domain import checks
from domain.noun import noun


@noun
class UtilityGap:
    """A span in which a utility can give less (or more) than usual."""

    start: datetime
    end: datetime
    limit: float
    """[utility.unit]"""

    def __post_init__(self) -> None:
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)
        checks.not_negative(self, "limit", self.limit)


@noun
class Utility:
    """A supply that is shared at each moment: steam in t/h, compressed air in m3/min, a crane.

    What uses it adds up and must not exceed ``limit`` plus what processes feed into it.
    """

    utility_id: str
    name: str
    unit: str
    """A rate, such as t/h, m3/min, kW of heat, pieces."""
    limit: float
    """Most that can be drawn from outside. [unit]"""
    gaps: tuple[UtilityGap, ...] = ()
    """Spans with another limit; where they overlap the smallest counts."""
    price_per_unit_h: float = 0.0
    """What an hour of a unit drawn from outside costs. [currency / (unit h)]"""
    co2_kg_per_unit_h: float = 0.0
    """What an hour of a unit drawn from outside emits. [kg / (unit h)]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "utility_id", self.utility_id)
        for field in ("limit", "price_per_unit_h", "co2_kg_per_unit_h"):
            checks.not_negative(self, field, getattr(self, field))


@noun
class UtilityUse:
    """What a run, or a process while it is on, takes of a utility (negative: feeds into it)."""

    utility_id: str
    quantity: float = 0.0
    """While running. [utility.unit]"""
    quantity_per_rate: float = 0.0
    """More for each unit of a process' rate; a run has none. [utility.unit / rate]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "utility_id", self.utility_id)
        checks.finite(self, "quantity", self.quantity)
        checks.finite(self, "quantity_per_rate", self.quantity_per_rate)
