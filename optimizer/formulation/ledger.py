"""What each block brings to the shared balances: power, stores, machines, utilities, people, money.

A resource-task network has one balance per resource and one vector of effects per activity. The blocks state their
activities and enter the effects here; the balances (``grid``, ``stores``, ``machines``, ``utilities``, ``objective``)
add up what they find. So a new kind of equipment enters its effects and no balance changes.
"""

from collections import defaultdict
from typing import Any

Entries = list[tuple[Any, float]]
"""Variables with their coefficients."""


class Ledger:
    """The entries of one model, by balance; all lists grow while blocks are declared, and are read by the balances."""

    def __init__(self, n_steps: int) -> None:
        self.load_kw: list[Entries] = [[] for _ in range(n_steps)]
        """Per step: what each variable draws (negative: delivers) behind the meter. [kW]"""
        self.safe_kw: list[Entries] = [[] for _ in range(n_steps)]
        """Per step: the part of it that counts towards the safety load. [kW]"""
        self.reactive_kvar: list[Entries] = [[] for _ in range(n_steps)]
        """Per step: the reactive power that each variable draws; nothing where the plan does not count it. [kvar]"""
        self.store_flow: dict[tuple[str, int], Entries] = defaultdict(list)
        """Per store and step: what each variable brings (negative: takes). [store.unit]"""
        self.machine_use: dict[tuple[str, int], Entries] = defaultdict(list)
        """Per machine and step: how many each variable occupies. [-]"""
        self.utility_use: dict[tuple[str, int], Entries] = defaultdict(list)
        """Per utility and step: what each variable takes (negative: feeds in). [utility.unit]"""
        self.people: dict[int, Entries] = defaultdict(list)
        """Per step: how many people each variable needs. [-]"""
        self.cost: Entries = []
        """What each variable costs the plant, bill and events apart. [currency]"""
        self.constant_cost: float = 0.0
        """What the plant pays whatever it does. [currency]"""

    def draws(self, t: int, variable: Any, kw: float, *, safe: bool = True, tangent: float = 0.0) -> None:
        """Enter what a variable draws in a step; ``safe``: it is consumption that can carry the safety load.

        ``tangent`` is the reactive power drawn with each kW. [kvar / kW]
        """
        if kw:
            self.load_kw[t].append((variable, kw))
            if safe:
                self.safe_kw[t].append((variable, kw))
            if tangent:
                self.reactive_kvar[t].append((variable, kw * tangent))
