"""Broken lines against plain evaluation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.formulation.broken_line import BrokenLine, crossing, positive_part, through

LINE = BrokenLine(least=0.0, most=10.0, at_least=-3.0, slope=2.0, turns=((4.0, -3.0), (7.0, 5.0)))
"""-3, 5 at 4, 2 at 7, 14 at 10."""


def evaluated(line: BrokenLine, at: np.ndarray) -> np.ndarray:
    turned = sum(turn * np.maximum(0.0, at - edge) for edge, turn in line.turns)
    return line.at_least + line.slope * (at - line.least) + turned


@st.composite
def lines(draw) -> BrokenLine:
    edges = sorted(draw(st.sets(st.integers(1, 19), max_size=4)))
    turns = tuple((edge / 2, draw(st.floats(-5, 5))) for edge in edges)
    return BrokenLine(
        least=0.0, most=10.0, at_least=draw(st.floats(-20, 20)), slope=draw(st.floats(-5, 5)), turns=turns
    )


def test_knots_and_span():
    places, values = LINE.knots()
    assert places.tolist() == [0.0, 4.0, 7.0, 10.0]
    assert values.tolist() == [-3.0, 5.0, 2.0, 14.0]
    assert LINE.span() == (-3.0, 14.0)


def test_the_positive_part_begins_where_the_line_passes_0():
    found = positive_part(LINE)
    assert found.turns == ((1.5, 2.0), (4.0, -3.0), (7.0, 5.0))
    assert (found.at_least, found.slope) == (0.0, 0.0)


@given(line=lines())
def test_the_positive_part_is_that_everywhere(line: BrokenLine):
    at = np.linspace(0.0, 10.0, 101)
    assert evaluated(positive_part(line), at) == pytest.approx(np.maximum(0.0, evaluated(line, at)), abs=1e-6)


def test_a_level_passed_once_is_found_with_its_side():
    assert crossing(LINE, -1.0) == (1.0, True)
    assert crossing(LINE, 3.0) is None  # up, down and up again
    assert crossing(LINE, 99.0) is None
    falling = BrokenLine(least=2.0, most=6.0, at_least=8.0, slope=-3.0)
    assert crossing(falling, 5.0) == (3.0, False)


def test_a_line_through_points_turns_at_them():
    assert through([(0.0, 1.0), (2.0, 5.0), (3.0, 5.0)]) == BrokenLine(
        least=0.0, most=3.0, at_least=1.0, slope=2.0, turns=((2.0, -2.0),)
    )
