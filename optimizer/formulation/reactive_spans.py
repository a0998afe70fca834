"""What bounds of a plan's load say of its reactive power."""

from typing import Protocol

from domain.checks import FloatArray
from optimizer.formulation.knapsack import Span
from optimizer.formulation.reactive_sets import ReactiveSets


class ReactiveSpans(Protocol):
    """Bounds of the reactive power; ``reactive_limits.ReactiveLimits`` are."""

    @property
    def sets(self) -> ReactiveSets:
        """The compensators."""
        ...

    @property
    def most_forward_kvar(self) -> FloatArray:
        """Most drawn in each step, shape (n_steps,). [kvar]."""
        ...

    @property
    def most_reverse_kvar(self) -> FloatArray:
        """Most fed back in each step, shape (n_steps,). [kvar]."""
        ...

    @property
    def least_kvar(self) -> FloatArray:
        """Least of both together in each step, shape (n_steps,). [kvar]."""
        ...

    @property
    def most_kvar(self) -> FloatArray:
        """Most of both together in each step, shape (n_steps,). [kvar]."""
        ...

    def span(self, per_reactive_kvar: FloatArray) -> Span:
        """Bound Σ q·|reactive power|."""
        ...
