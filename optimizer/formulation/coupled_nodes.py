"""What the atoms of a tariff become in the model: linear forms over a few kinds of quantities.

A ``Form`` is a constant and quantities, each times a coefficient. Quantities are numbered; each rests on earlier ones
only. Samples that need the same quantity share it.
"""

from domain.checks import FloatArray
from domain.noun import noun
from optimizer.formulation.load_limits import Span

Term = tuple[int, float]
"""The number of a quantity and its coefficient."""


@noun
class Form:
    """A constant and a weighted sum of quantities, by number, no number twice."""

    constant: float
    terms: tuple[Term, ...] = ()


NOTHING = Form(constant=0.0)


@noun(eq=False)
class Direction:
    """Σ a·import + Σ e·export + Σ q·|reactive power|, the greatest coefficient scaled to 1."""

    per_import_kw: FloatArray
    """a, shape (n_steps,)."""
    per_export_kw: FloatArray | None
    """e, shape (n_steps,)."""
    per_reactive_kvar: FloatArray | None = None
    """q, shape (n_steps,)."""


@noun
class Total:
    """A weighted sum of quantities with a number of its own, because hinges or steps rest on it."""

    terms: tuple[Term, ...]


@noun
class Candidate:
    """One of the values that a peak may have: a window's mean, a form, or a window whose other steps bring a number."""

    steps: tuple[int, ...] = ()
    shares: tuple[float, ...] = ()
    """Weight of each step in the window's mean. [-]"""
    plus: Form = NOTHING
    """Added to it. [kW]"""
    least_kw: float
    most_kw: float
    is_reactive: bool = False
    """Whether its steps are those of the reactive power, then in kvar."""


@noun(eq=False)
class Highest:
    """The greatest of its candidates."""

    label: str
    candidates: tuple[Candidate, ...]
    floor_kw: float
    """What it is at least, whatever the schedule does."""


@noun
class Above:
    """The positive part of ``quantity - edge``."""

    of: int
    edge: float


@noun
class On:
    """1 where a quantity has reached an edge, else 0."""

    of: int
    edge: float
    """Where bills begin to count it."""
    on_from: float
    """Where the model does; inside of the edge."""
    off_to: float
    """Up to where the model counts it as not reached."""


@noun
class Counted:
    """An amount that counts only where a step is on (``when_on``), or only where it is off."""

    on: int
    when_on: bool
    amount: Form
    least: float
    """Least value of the amount."""
    most: float


@noun
class TopMean:
    """The mean of the N highest of its members."""

    label: str
    n_highest: int
    members: tuple[Form, ...]
    spans: tuple[Span, ...]
    """Least and greatest value of each member."""


Node = Direction | Total | Highest | Above | On | Counted | TopMean


@noun(eq=False)
class Coupled:
    """A tariff's coupled cost as quantities; arrays and tuples are by number."""

    nodes: tuple[Node, ...]
    spans: tuple[Span, ...]
    """Least and greatest value of each quantity."""
    cost: Form
    """What is owed. [currency]"""
    needed: tuple[bool, ...]
    """Whether the cost rests on a quantity at all."""
    slopes: tuple[Span, ...]
    """Least and greatest change of the whole cost per unit of each quantity; infinite where a step may jump."""
    least_per_import_kw: FloatArray
    """Least change of the whole bill per kW imported in each step, shape (n_steps,). [currency / kW]"""
    least_per_passed_kw: FloatArray
    """The same per kW imported and exported at once, shape (n_steps,). [currency / kW]"""
    most_per_export_kw: FloatArray
    """Greatest change of the whole bill per kW exported in each step, shape (n_steps,). [currency / kW]"""
    least_per_reactive_kvar: FloatArray
    """Least change of the whole bill per kvar drawn or fed back in each step, shape (n_steps,). [currency / kvar]"""
    priced_demand: frozenset[int]
    """Demand terms of the tariff that are part of ``cost``, because atoms rest on the same peak."""
