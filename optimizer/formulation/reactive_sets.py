"""What the reactive block ranges over: equipment's tangents, and the compensators in each step."""

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Compensator
from domain.plant.reactive import Tangents, is_available, tangents_of
from optimizer.formulation.starts import IntArray


@noun(eq=False)
class BankSteps:
    """A capacitor bank; arrays have shape (n_steps,)."""

    compensator: Compensator
    kvar_per_step: float
    least_count: IntArray
    """Steps that must be on: all of them while it is available, where it has no controller. [-]"""
    most_count: IntArray
    """[-]"""


@noun(eq=False)
class SteplessLimits:
    """A static var generator."""

    compensator: Compensator
    most_kvar: FloatArray
    """Most that it gives, or takes, shape (n_steps,). [kvar]"""


@noun(eq=False)
class ReactiveSets:
    """What a plan that counts reactive power has besides its load."""

    tangents: Tangents
    base_kvar: FloatArray
    """Shape (n_steps,). [kvar]"""
    banks: dict[str, BankSteps]
    stepless: dict[str, SteplessLimits]

    @property
    def least_given_kvar(self) -> FloatArray:
        """What banks without a controller give whatever the schedule, shape (n_steps,). [kvar]."""
        given = np.zeros(self.base_kvar.size)
        for one in self.banks.values():
            given = given + one.kvar_per_step * one.least_count
        return given

    @property
    def most_given_kvar(self) -> FloatArray:
        """What all compensators can give, shape (n_steps,). [kvar]."""
        given = np.zeros(self.base_kvar.size)
        for one in self.banks.values():
            given = given + one.kvar_per_step * one.most_count
        return given + self.most_taken_kvar

    @property
    def most_taken_kvar(self) -> FloatArray:
        """What static generators can take, shape (n_steps,). [kvar]."""
        taken = np.zeros(self.base_kvar.size)
        for one in self.stepless.values():
            taken = taken + one.most_kvar
        return taken

    @property
    def most_loss_kw(self) -> FloatArray:
        """What compensators can draw for their losses, shape (n_steps,). [kW]."""
        drawn = np.zeros(self.base_kvar.size)
        for bank in self.banks.values():
            drawn = drawn + bank.compensator.loss_kw_per_kvar * bank.kvar_per_step * bank.most_count
        for one in self.stepless.values():
            drawn = drawn + one.compensator.loss_kw_per_kvar * one.most_kvar
        return drawn


def reactive_sets(problem: ResponseProblem) -> ReactiveSets | None:
    """Give the reactive block's sets; None where the problem does not count reactive power.

    Raises
    ------
    EquipmentPowerFactorUnknownError
    """
    if problem.base_kvar is None:
        return None
    banks: dict[str, BankSteps] = {}
    stepless: dict[str, SteplessLimits] = {}
    for one in problem.site.compensators:
        there = is_available(one, problem.horizon)
        if one.kvar_per_step is None:
            stepless[one.compensator_id] = SteplessLimits(
                compensator=one, most_kvar=np.where(there, one.most_kvar, 0.0)
            )
            continue
        most = there * np.int64(one.steps_count)
        banks[one.compensator_id] = BankSteps(
            compensator=one,
            kvar_per_step=one.kvar_per_step,
            least_count=np.zeros_like(most) if one.is_switched else most,
            most_count=most,
        )
    return ReactiveSets(
        tangents=tangents_of(problem.site, problem.plan), base_kvar=problem.base_kvar, banks=banks, stepless=stepless
    )
