"""What compensates reactive power behind the meter: capacitor banks in steps, static generators without."""

from domain import checks
from domain.noun import noun
from domain.plant.intervals import Interval
from domain.text import Text


@noun
class Compensator:
    """A capacitor bank (``steps_count`` steps of ``kvar_per_step``) or a static generator (``stepless_kvar``).

    A bank gives as many whole steps as are switched on; a static var generator anything between taking and giving
    ``stepless_kvar``. What its controller does from minute to minute is not planned: a step of the plan holds its mean.
    """

    compensator_id: str
    name: str = ""
    kvar_per_step: float | None = None
    """Reactive power that one step of a bank gives. [kvar]"""
    steps_count: int = 1
    """Of a bank. [-]"""
    stepless_kvar: float | None = None
    """Greatest reactive power that a static generator gives, or takes. [kvar]"""
    loss_kw_per_kvar: float = 0.0
    """Active power that it draws per kvar that it gives or takes. [kW / kvar]"""
    is_switched: bool = True
    """False: a bank without a controller, all of whose steps are on whenever it is available."""
    hours: tuple[Interval, ...] = ()
    """When it is available; none given: always."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "compensator_id", self.compensator_id)
        if (self.kvar_per_step is None) == (self.stepless_kvar is None):
            raise checks.refuse(
                self,
                "kvar_per_step",
                self.kvar_per_step,
                Text(en="and stepless_kvar: give one of the two", zh="与 stepless_kvar 须且仅须填写其一"),
            )
        for field in ("kvar_per_step", "stepless_kvar"):
            if getattr(self, field) is not None:
                checks.positive(self, field, getattr(self, field))
        checks.positive(self, "steps_count", self.steps_count)
        checks.not_negative(self, "loss_kw_per_kvar", self.loss_kw_per_kvar)
        if self.stepless_kvar is not None and not self.is_switched:
            raise checks.refuse(
                self,
                "is_switched",
                self.is_switched,
                Text(
                    en="is for banks; a static generator always follows", zh="仅适用于电容器组，静止无功发生器总是可调"
                ),
            )

    @property
    def most_kvar(self) -> float:
        """Greatest reactive power that it gives. [kvar]."""
        return (self.kvar_per_step or 0.0) * self.steps_count if self.stepless_kvar is None else self.stepless_kvar
