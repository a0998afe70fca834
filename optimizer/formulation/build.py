"""State a problem as a Pyomo model: as a whole, or the plant once and what its prices ask for per tariff."""

from copy import copy
from typing import Any

from pyomo.common.gc_manager import PauseGC
from pyomo.environ import ConcreteModel, Constraint, Param, RangeSet

from optimizer.formulation import (
    battery,
    changeovers,
    coupled,
    demand,
    events,
    grid,
    machines,
    modulating,
    objective,
    processes,
    production,
    promises,
    reactive,
    standing,
    stores,
    utilities,
)
from optimizer.formulation.compiling import compile_matrix
from optimizer.formulation.ledger import Ledger
from optimizer.formulation.matrix import ColumnKey, Matrix, restricted
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted

__all__ = [
    "ColumnKey",
    "Matrix",
    "build",
    "build_plant",
    "build_priced",
    "compile_matrix",
    "forget_rows",
    "plant_cost",
    "restricted",
]

PLANT = (
    processes.declare,
    production.declare,
    changeovers.declare,
    machines.declare,
    stores.declare,
    modulating.declare,
    battery.declare,
    utilities.declare,
    reactive.declare,
    grid.declare,
    standing.declare,
    stores.declare_limits,
)
"""What no price and no event touches: these blocks read nothing of the sets that rests on them."""
PRICED = (
    battery.declare_one_way,
    grid.declare_one_way,
    reactive.declare_one_way,
    demand.declare,
    coupled.declare,
    events.declare,
    promises.declare,
    objective.declare,
)
"""What rests on prices and events; the objective last."""


def build(sets: PlanSets) -> ConcreteModel:
    """State the whole problem; block by block, objective last."""
    with PauseGC():
        m = _model("best response", sets)
        for declare in (*PLANT, *PRICED):
            declare(m, sets)
    return m


def build_plant(sets: PlanSets) -> ConcreteModel:
    """State what holds under every price: all of it but the objective's and the events' part."""
    with PauseGC():
        m = _model("plant", sets)
        for declare in PLANT:
            declare(m, sets)
    return m


def build_priced(plant: ConcreteModel, sets: PlanSets) -> ConcreteModel:
    """State what prices and events add, over the variables of a plant that is stated already."""
    with PauseGC():
        m = PricedModel("prices")
        m.borrow(plant)
        for declare in PRICED:
            declare(m, sets)
    return m


def forget_rows(plant: ConcreteModel) -> None:
    """Let go of a compiled plant's equations and entries: only its variables are named by what prices add."""
    for equations in list(plant.component_objects(Constraint)):
        plant.del_component(equations)
    plant.ledger = Ledger(0)


def plant_cost(plant: ConcreteModel) -> Any:
    """Give the part of the objective (O1) that no price touches: what activities cost besides the bill."""
    return weighted(plant.ledger.cost) + plant.ledger.constant_cost


def _model(name: str, sets: PlanSets) -> ConcreteModel:
    m = ConcreteModel(name)
    m.STEPS = RangeSet(0, sets.problem.horizon.n_steps - 1)
    m.step_h = Param(initialize=sets.problem.horizon.step_h)
    m.ledger = Ledger(sets.problem.horizon.n_steps)
    return m


class PricedModel(ConcreteModel):  # type: ignore[misc]  # Pyomo has no types
    """A model whose equations may name everything of another model as if it were its own."""

    def borrow(self, plant: ConcreteModel) -> None:
        """Let the plant's names be found; its costs are not entered a second time."""
        self.__dict__["_plant"] = plant  # set as an attribute it would become a block of this model
        self.ledger = copy(plant.ledger)
        self.ledger.cost = []
        self.ledger.constant_cost = 0.0

    def __getattr__(self, name: str) -> Any:
        plant = self.__dict__.get("_plant")
        if plant is not None and not name.startswith("_"):
            found = getattr(plant, name, None)
            if found is not None:
                return found
        return super().__getattr__(name)
