"""A mixed-integer program put together column by column and given to SciPy: a second opinion for tests of the oracle."""

from collections.abc import Mapping

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_array


class PlainMip:
    """Minimise a sum over columns subject to rows."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.least: list[float] = []
        self.most: list[float] = []
        self.whole: list[int] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def column(self, least: float, most: float, cost: float = 0.0, *, whole: bool = False) -> int:
        """Add a column; give its number."""
        self.cost.append(cost)
        self.least.append(least)
        self.most.append(most)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def row(self, entries: Mapping[int, float], least: float, most: float) -> None:
        """Add a row."""
        self.rows.append((dict(entries), least, most))

    def cheapest(self) -> float:
        """Give the least cost; infinite where nothing keeps all rows."""
        places = [(number, column) for number, row in enumerate(self.rows) for column in row[0]]
        values = [entry for row in self.rows for entry in row[0].values()]
        rows, columns = zip(*places, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(len(self.rows), len(self.cost))).tocsr()
        solved = milp(
            self.cost,
            constraints=LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows]),
            bounds=(self.least, self.most),
            integrality=self.whole,
            options={"mip_rel_gap": 0},
        )
        assert solved.status in (0, 2)
        return float(solved.fun) if solved.status == 0 else float(np.inf)
