"""Set-up work between tasks of different families on one machine."""

from domain import checks
from domain.noun import noun
from domain.text import Text


@noun
class Changeover:
    """What turns a machine from one family of tasks to another: purge, mould change, roll change.

    A machine that any changeover names is always set to one family (each of its copies to one); it runs only tasks of
    that family. Every change it may make must be listed; one that is not listed cannot be made.
    """

    machine_id: str
    from_family: str
    to_family: str
    duration_min: int
    """[min]"""
    power_kw: float = 0.0
    """Mean power while it lasts. [kW]"""
    cost: float = 0.0
    """Material, tooling, lost product. [currency]"""
    crew_count: float = 0.0
    """People whom it takes. [-]"""

    def __post_init__(self) -> None:
        for field in ("machine_id", "from_family", "to_family"):
            checks.not_empty(self, field, getattr(self, field))
        if self.from_family == self.to_family:
            raise checks.refuse(
                self,
                "to_family",
                self.to_family,
                Text(en="is the family that the machine is set to already", zh="与当前产品族相同"),
            )
        checks.positive(self, "duration_min", self.duration_min)
        for field in ("power_kw", "cost", "crew_count"):
            checks.not_negative(self, field, getattr(self, field))
