"""Columns and rows of a mixed-integer program, as a plain model in tests gathers them; solved by scipy."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Terms = list[tuple[int, float]]
INF = float("inf")


@dataclass
class Program:
    """Columns and rows of a mixed-integer program, as they come."""

    cost: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[Terms, float, float]] = field(default_factory=list)
    constant: float = 0.0

    def column(self, most: float = INF, *, least: float = 0.0, cost: float = 0.0, whole: bool = False) -> int:
        self.cost.append(cost)
        self.least.append(least)
        self.most.append(most)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def binary(self, cost: float = 0.0) -> int:
        return self.column(1.0, cost=cost, whole=True)

    def row(self, terms: Terms, *, least: float = -INF, most: float = INF) -> None:
        self.rows.append((terms, least, most))

    def same(self, terms: Terms, value: float = 0.0) -> None:
        self.rows.append((terms, value, value))

    def solve(self) -> tuple[float, np.ndarray] | None:
        """Give the least cost and where it is; None where nothing keeps all rows."""
        at, which, value = [], [], []
        for number, (terms, _, _) in enumerate(self.rows):
            for column, weight in terms:
                at.append(number)
                which.append(column)
                value.append(weight)
        matrix = csr_array((value, (at, which)), shape=(len(self.rows), len(self.cost)))
        limits = LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows])
        found = milp(
            self.cost,
            integrality=self.whole,
            bounds=Bounds(self.least, self.most),
            constraints=limits,
            options={"mip_rel_gap": 0.0, "time_limit": 60.0},
        )
        if found.status == 2:
            return None
        assert found.status == 0, found.message
        return float(found.fun) + self.constant, found.x
