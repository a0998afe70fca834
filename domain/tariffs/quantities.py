"""What the lines of a bill count, as small expressions over a load's steps.

One definition, two evaluations: ``reading`` evaluates an expression on a metered load, ``lowering`` turns the same
expression into terms of a model over a planning horizon. Nodes are compared by identity, so that a peak that several
lines count is measured once.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.noun import noun
from domain.tariffs.charges import PowerFactorStandard
from domain.tariffs.contract import OverTerms
from domain.tariffs.terms import UNBLOCKED

IntArray = npt.NDArray[np.int64]
Channel = Literal["import", "export", "reactive"]


@noun(eq=False)
class Given:
    """A number that no load changes."""

    value: float
    """[unit of the quantity]"""


@noun(eq=False)
class Energy:
    """Energy of the steps ``first`` … ``stop`` (exclusive), each times its weight. [kWh or kvarh, × weight]."""

    first: int
    stop: int
    weights: FloatArray | None = None
    """Shape (stop − first,); None: 1. A price as weight makes money of energy."""
    channel: Channel = "import"


@noun(eq=False)
class Windows:
    """Measurement windows: disjoint blocks of the clock, or every run of ``width_steps`` steps (sliding)."""

    first: int
    stop: int
    blocks: IntArray
    """Block of each step, shape (stop − first,); ``UNBLOCKED`` outside the charge's window."""
    measurement_min: int = 0
    """Length of a window, for messages. [min]"""
    width_steps: int = 0
    """For sliding windows: steps averaged; 0: blocks."""

    def runs(self) -> IntArray:
        """Give the first step (from ``first``) of each sliding window that lies wholly inside the window."""
        inside = self.blocks != UNBLOCKED
        if inside.size < self.width_steps:
            return np.zeros(0, dtype=np.int64)
        held = np.lib.stride_tricks.sliding_window_view(inside, self.width_steps).all(axis=1)
        return np.flatnonzero(held)


@noun(eq=False)
class Peak:
    """The highest mean over measurement windows, at least 0; or the mean of the highest few. [kW, kVA or kvar]."""

    label: str
    windows: Windows
    power: Literal["kw", "kva", "kvar"] = "kw"
    n_highest: int = 1
    days: IntArray | None = None
    """Day of each step, shape (stop − first,), where each of the highest stands on a day of its own."""


@noun(eq=False)
class Sum:
    """A constant and quantities, each times a coefficient."""

    parts: tuple[tuple[float, "Quantity"], ...]
    constant: float = 0.0


@noun(eq=False)
class Largest:
    """The greatest of several quantities, and at least a constant."""

    label: str
    parts: tuple[tuple[float, "Quantity"], ...]
    """(coefficient, quantity)"""
    least: float = 0.0
    """[unit of the quantity]"""


@noun(eq=False)
class Hinge:
    """The positive part of a quantity."""

    label: str
    of: "Quantity"


@noun(eq=False)
class Step:
    """``amount`` where ``when`` is at least 0 (``strict``: above 0), else 0."""

    label: str
    when: "Quantity"
    amount: "Quantity"
    strict: bool = False


@noun(eq=False)
class Billed:
    """What a contract rule bills for a demand. [kW]."""

    label: str
    demand: "Quantity"
    over: OverTerms


@noun(eq=False)
class Rated:
    """A quantity times the rate that the power factor over some steps earns."""

    standard: PowerFactorStandard
    first: int
    """First step over which the power factor is measured."""
    stop: int
    of: "Quantity"
    is_given: bool = False
    """Whether the power factor is the one that is given, whatever reactive energy a schedule brings."""


@noun(eq=False)
class PowerFactor:
    """The power factor over some steps: measured where reactive energy is, else as given. [-]."""

    first: int
    stop: int


Quantity = Given | Energy | Peak | Sum | Largest | Hinge | Step | Billed | Rated | PowerFactor


def scaled(coefficient: float, quantity: Quantity) -> Quantity:
    """Give a quantity times a number."""
    return quantity if coefficient == 1 else Sum(parts=((coefficient, quantity),))


def within(label: str, quantity: Quantity, edges: tuple[Quantity | float, Quantity | float | None]) -> Quantity:
    """Give the part of a quantity that lies between two edges (the upper None: no edge).

    Edges may be quantities themselves, such as hours × demand. The lower edge 0 is left out: a tier begins there.
    """
    low, high = edges
    above = quantity if low == 0 else Hinge(label=label, of=minus(quantity, low))
    if high is None:
        return above
    return Sum(parts=((1.0, above), (-1.0, Hinge(label=label, of=minus(quantity, high)))))


def minus(quantity: Quantity, edge: Quantity | float) -> Quantity:
    """Give the difference of two quantities."""
    if isinstance(edge, int | float):
        return Sum(parts=((1.0, quantity),), constant=-float(edge))
    return Sum(parts=((1.0, quantity), (-1.0, edge)))
