"""A schedule decided before the load is known: what is wanted of it, and what knowing the uncertainty is worth."""

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun


@noun
class RiskAversion:
    """How much the dear outcomes count besides the mean of all."""

    tail_weight: float = 0.0
    """0: only the mean cost counts; 1: only the mean of the dearest outcomes. [-]"""
    tail_share: float = 0.1
    """Which part of all outcomes are the dearest: their mean is the conditional value at risk. [-]"""

    def __post_init__(self) -> None:
        checks.share(self, "tail_weight", self.tail_weight)
        checks.positive(self, "tail_share", self.tail_share)
        checks.share(self, "tail_share", self.tail_share)

    def of(self, costs: FloatArray) -> float:
        """Give what equally likely costs count for. [currency]."""
        return (1 - self.tail_weight) * float(costs.mean()) + self.tail_weight * self.tail_mean(costs)

    def tail_mean(self, costs: FloatArray) -> float:
        """Give the mean of the dearest outcomes: CVaR, the outcome on the edge counted in part. [currency]."""
        dearest = sorted(costs.tolist(), reverse=True)
        left = self.tail_share * len(dearest)
        total = 0.0
        for one in dearest:
            taken = min(1.0, left)
            total += taken * one
            left -= taken
            if left <= 0:
                break
        return total / (self.tail_share * len(dearest))


@noun(eq=False)
class SampleCosts:
    """What one schedule costs on every sample of the load; arrays have shape (n_samples,). [currency]"""

    bill_cost: FloatArray
    """Exact bill terms before rounding."""
    event_pay: FloatArray
    event_penalty: FloatArray
    production_cost: float
    """The same on every sample."""
    over_limit_share: float
    """Samples in which the connection's limit is exceeded somewhere. [-]"""

    @property
    def totals(self) -> FloatArray:
        """Everything, by sample. [currency]."""
        return self.bill_cost - self.event_pay + self.event_penalty + self.production_cost


@noun
class ValueOfUncertainty:
    """Two schedules on the same samples, none of which either of them was made for: with and without the uncertainty."""

    n_samples: int
    deterministic_cost: float
    """Mean cost of the schedule made for the expected load. [currency]"""
    stochastic_cost: float
    """Mean cost of the schedule made for the samples. [currency]"""
    deterministic_tail_cost: float
    """Mean of its dearest outcomes. [currency]"""
    stochastic_tail_cost: float
    """[currency]"""
    saving: float
    """Deterministic less stochastic, both weighed as the risk aversion asks. [currency]"""
    saving_error: float
    """Standard error of the difference of the means. [currency]"""
    believed_cost: float
    """What the schedule made for the expected load was believed to cost. [currency]"""
    deterministic_over_limit_share: float
    """Samples in which it exceeds the connection's limit. [-]"""
    stochastic_over_limit_share: float
    """[-]"""
