"""Functions of one number that are made of straight pieces: what hinges over one quantity add up to."""

from itertools import pairwise

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun

FLAT_SHARE = 1e-12
"""A turn or a piece this small, measured in the whole, is rounding. [-]"""


@noun
class BrokenLine:
    """``at_least + slope · (x - least) + Σ turn · max(0, x - edge)`` for ``least <= x <= most``."""

    least: float
    most: float
    at_least: float
    """Its value at ``least``."""
    slope: float
    turns: tuple[tuple[float, float], ...] = ()
    """(edge, by how much the slope grows there), edges ascending and strictly within the ends."""

    def knots(self) -> tuple[FloatArray, FloatArray]:
        """Give the ends and edges, and the values there."""
        places = np.array([self.least, *(edge for edge, _ in self.turns), self.most])
        slopes = self.slope + np.concatenate([[0.0], np.cumsum([turn for _, turn in self.turns])])
        rises = np.diff(places) * slopes
        return places, self.at_least + np.concatenate([[0.0], np.cumsum(rises)])

    def span(self) -> tuple[float, float]:
        """Give its least and its greatest value."""
        _, values = self.knots()
        return float(values.min()), float(values.max())


def positive_part(line: BrokenLine) -> BrokenLine:
    """Give ``max(0, line)``."""
    places, values = line.knots()
    points: list[tuple[float, float]] = [(float(places[0]), max(0.0, float(values[0])))]
    for (left, low), (right, high) in pairwise(zip(places.tolist(), values.tolist(), strict=True)):
        if low * high < 0:
            points.append((left + (right - left) * low / (low - high), 0.0))
        points.append((right, max(0.0, high)))
    shortest = FLAT_SHARE * (line.most - line.least)
    kept = [points[0]]
    for point in points[1:]:
        if point[0] - kept[-1][0] > shortest:
            kept.append(point)
    return through(kept)


def through(points: list[tuple[float, float]]) -> BrokenLine:
    """Give the line through some points, ascending."""
    slopes = [(high - low) / (right - left) for (left, low), (right, high) in pairwise(points)] or [0.0]
    flat = FLAT_SHARE * max(abs(slope) for slope in slopes)
    turns = [
        (edge, after - before)
        for (edge, _), (before, after) in zip(points[1:-1], pairwise(slopes), strict=True)
        if abs(after - before) > flat
    ]
    return BrokenLine(
        least=points[0][0], most=points[-1][0], at_least=points[0][1], slope=slopes[0], turns=tuple(turns)
    )


def crossing(line: BrokenLine, level: float) -> tuple[float, bool] | None:
    """Give where a line passes a level, and whether upwards; None unless it does so exactly once."""
    places, values = line.knots()
    above = values >= level
    found = np.flatnonzero(above[1:] != above[:-1])
    if found.size != 1:
        return None
    number = int(found[0])
    left, right = places[number : number + 2].tolist()
    low, high = (values[number : number + 2] - level).tolist()
    return left + (right - left) * low / (low - high), bool(above[-1])
