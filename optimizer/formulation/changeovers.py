r"""Machines that must be set up for what they run: equations (C1)-(C2) of docs/formulation.md.

==========================  ==================================  ======  ========================================
symbol                      code                                unit    meaning
==========================  ==================================  ======  ========================================
:math:`\iota_{mft}`         ``m.idle_count[m, f, t]``           -       copies of machine m that stand through step t, set to family f
:math:`x_{mfgs}`            ``m.change_count[m, f, g, s]``      -       changes from f to g that start in step s
:math:`T^-_{mft}`           ``m.FAMILY_MOVES[m, f, t]``         -       runs of f, and changes from f, that start in step t
:math:`T^+_{mft}`           ``m.FAMILY_MOVES[m, f, t]``         -       runs of f, and changes to f, that have just ended
:math:`a_m`                 ``m.copies[m]``                     -       copies of m
:math:`f^0_m`               ``m.family_at_start[m]``            -       what they are set to when the horizon begins
:math:`L_{mf}`              ``m.latest_turn[m, f]``             -       by which step m must have been turned to f once
==========================  ==================================  ======  ========================================

A resource-task network: a run borrows a copy that is set to its family and gives it back so, a change gives it back set
to another. What is borrowed is never more than there is, so the balance says all that (P2) says for other machines.
Through an outage a copy stands as it is set; that nothing runs then is in the possible starts.
"""

from collections import defaultdict

import numpy as np
from pyomo.environ import ConcreteModel, Constraint, NonNegativeIntegers, Set, Var

from optimizer.formulation.changeover_sets import latest_turns
from optimizer.formulation.ledger import Entries
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted

FamilyStep = tuple[str, str, int]
"""A machine's id, a family, a step."""


def family_balance(m: ConcreteModel, machine: str, f: str, t: int) -> object:
    r"""(C1) :math:`\iota_{mft} = \iota_{mf,t-1} - \sum_{n \in T^-_{mft}} x_n + \sum_{n \in T^+_{mft}} x_n`.

    Before the first step, :math:`\iota_{mf,-1}` is :math:`a_m` for :math:`f = f^0_m`, else 0.
    """
    stands = [(m.idle_count[machine, f, t], 1.0), *m.FAMILY_MOVES[machine, f, t]]
    if t == m.STEPS.first():
        return weighted(stands) == float(m.copies[machine] if f == m.family_at_start[machine] else 0)
    return weighted([*stands, (m.idle_count[machine, f, t - 1], -1.0)]) == 0.0


def turned_once(m: ConcreteModel, machine: str, f: str) -> object:
    r"""(C2) :math:`\sum_{g, s: s + n_{mgf} \le L_{mf}} x_{mgfs} \ge 1`.

    It cuts off no plan, only fractions: a quarter of a machine that is set to f through the whole day does every run.
    """
    return weighted((m.change_count[key], 1.0) for key in m.TURNS_TO[machine, f]) >= 1.0


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add what machines are set to, and what sets them, to a model that has the tasks."""
    machines = sets.set_machines
    starts = {
        (*key, s): cost
        for key, one in sets.changes.items()
        for s, cost in zip(one.steps.tolist(), one.change_cost.tolist(), strict=True)
    }
    families = [(machine, f) for machine, one in machines.items() for f in one.families]
    m.FAMILIES = Set(initialize=families, dimen=2)
    m.CHANGES = Set(initialize=list(starts), dimen=4)
    m.copies = {machine: one.machine.count for machine, one in machines.items()}
    m.family_at_start = {machine: one.machine.family_at_start for machine, one in machines.items()}
    m.idle_count = Var(
        m.FAMILIES, m.STEPS, bounds={(*key, t): (0, m.copies[key[0]]) for key in families for t in m.STEPS}
    )
    m.change_count = Var(m.CHANGES, domain=NonNegativeIntegers, bounds={key: (0, m.copies[key[0]]) for key in starts})
    m.FAMILY_MOVES = _moves(m, sets)
    _enter(m, sets)
    m.ledger.cost += [(m.change_count[key], cost) for key, cost in starts.items() if cost]
    m.TURNS_TO = {
        (machine, f): [
            (*key, s)
            for key, one in sets.changes.items()
            for s in one.steps.tolist()
            if key[0] == machine and key[2] == f and s + one.n_occupied <= latest
        ]
        for (machine, f), latest in latest_turns(sets.tasks, machines).items()
    }
    m.TURNED = Set(initialize=list(m.TURNS_TO), dimen=2)
    m.turned_once = Constraint(m.TURNED, rule=turned_once, doc="C2")
    m.family_balance = Constraint(m.FAMILIES, m.STEPS, rule=family_balance, doc="C1")


def _moves(m: ConcreteModel, sets: PlanSets) -> dict[FamilyStep, Entries]:
    """Give what leaves a family's idle copies in a step (positive) and what comes back to them (negative)."""
    found: dict[FamilyStep, Entries] = defaultdict(list)
    for w, one in sets.tasks.items():
        f = one.task.family or ""
        for machine in one.task.machine_ids:
            for s in one.steps.tolist() if machine in m.copies else ():
                runs = m.run_count[w, s]
                found[machine, f, s].append((runs, 1.0))
                found[machine, f, s + one.n_occupied].append((runs, -1.0))
    for (machine, f, g), change in sets.changes.items():
        for s in change.steps.tolist():
            turns = m.change_count[machine, f, g, s]
            found[machine, f, s].append((turns, 1.0))
            found[machine, g, s + change.n_occupied].append((turns, -1.0))
    return found


def _enter(m: ConcreteModel, sets: PlanSets) -> None:
    """Enter what changes draw and whom they need."""
    people_bind = bool(np.isfinite(sets.people_there).any())
    for key, one in sets.changes.items():
        crew_count = one.change.crew_count if people_bind else 0.0
        for s in one.steps.tolist():
            turns = m.change_count[(*key, s)]
            for t in range(s, s + one.n_occupied):
                m.ledger.draws(t, turns, one.power_kw)
                if crew_count:
                    m.ledger.people[t].append((turns, crew_count))
