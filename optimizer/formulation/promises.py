r"""One commitment settled by several terms: equation (N1) of docs/formulation.md.

==========================  ==========================  ======  ================================================
symbol                      code                        unit    meaning
==========================  ==========================  ======  ================================================
:math:`c_{en}`              ``m.committed_kw[e, n]``    kW      commitment of term e, 0 under every other row
:math:`e'`                  ``m.FIRST_OF[e]``           -       the first term of the same promise
==========================  ==========================  ======  ================================================

A promise is made before it is known how it will be settled: one term for each sample of the load that the plan does not
move, each with its share of the pay. Each term chooses its own row of the table, all of them the same commitment.
"""

from pyomo.environ import ConcreteModel, Constraint, Set

from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted


def one_promise(m: ConcreteModel, e: str) -> object:
    r"""(N1) :math:`\sum_n c_{en} = \sum_n c_{e'n}`, e' being the promise's first term."""
    first = m.FIRST_OF[e]
    mine = [(m.committed_kw[e, n], 1.0) for n in m.ROWS_OF[e]]
    return weighted([*mine, *((m.committed_kw[first, n], -1.0) for n in m.ROWS_OF[first])]) == 0


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Tie the commitments of each promise together in a model that has the events."""
    first_of: dict[str, str] = {}
    m.FIRST_OF = {}
    for event in sets.problem.events:
        if event.promise_id is not None and event.event_id in m.ROWS_OF:
            first = first_of.setdefault(event.promise_id, event.event_id)
            if first != event.event_id:
                m.FIRST_OF[event.event_id] = first
    m.PROMISED = Set(initialize=list(m.FIRST_OF))
    m.one_promise = Constraint(m.PROMISED, rule=one_promise, doc="N1")
