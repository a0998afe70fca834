r"""Machines that need no set-up: equation (P2) of docs/formulation.md.

==========================  ============================  ======  ==============================================
symbol                      code                          unit    meaning
==========================  ============================  ======  ==============================================
:math:`x_n`                 ``m.ledger.machine_use``      -       runs, or processes that are on
:math:`O_{mt}`              ``m.ledger.machine_use``      -       activities that occupy a machine m in step t
:math:`a_{mt}`              ``m.available_count[m, t]``   -       machines m that can run in step t
==========================  ============================  ======  ==============================================

Machines that changeovers name are balanced by what they are set to, in ``changeovers``.
"""

from pyomo.environ import ConcreteModel, Constraint, Param, Set

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def machine_capacity(m: ConcreteModel, machine: str, t: int) -> object:
    r"""(P2) :math:`\sum_{n \in O_{mt}} x_n \le a_{mt}`."""
    return weighted(m.ledger.machine_use[machine, t]) <= m.available_count[machine, t]


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the machines' data and equation to a model that has all that occupies them."""
    m.CAPACITY_STEPS = Set(initialize=list(sets.capacity), dimen=2)
    m.available_count = Param(
        m.CAPACITY_STEPS, initialize={key: row.available_count for key, row in sets.capacity.items()}
    )
    m.machine_capacity = Constraint(m.CAPACITY_STEPS, rule=machine_capacity, doc="P2")
