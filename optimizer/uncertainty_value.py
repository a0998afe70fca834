"""What it is worth to plan for the samples instead of their mean."""

import math

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.offers.uncertainty import RiskAversion, ValueOfUncertainty
from domain.plant import Schedule
from optimizer.sample_costs import sample_costs

MEAN_ONLY = RiskAversion()


def value_of_uncertainty(
    problem: ResponseProblem,
    base_samples_kw: FloatArray,
    deterministic: Schedule,
    stochastic: Schedule,
    *,
    risk: RiskAversion = MEAN_ONLY,
    constants: FloatArray | None = None,
    believed_cost: float,
) -> ValueOfUncertainty:
    """Compare two schedules on samples that neither was made for, by the exact terms of the bill.

    Parameters
    ----------
    problem : ResponseProblem
        Its terms have the new samples' rest of the month.
    base_samples_kw : FloatArray
        Samples of the base load, none of which the schedules were made for, shape (n_samples, n_steps). [kW]
    believed_cost : float
        What the deterministic schedule was said to cost. [currency]
    """
    both = [sample_costs(one, problem, base_samples_kw, constants=constants) for one in (deterministic, stochastic)]
    plain, aware = (one.totals for one in both)
    difference = plain - aware
    n_samples = difference.size
    error = float(difference.std(ddof=1)) / math.sqrt(n_samples) if n_samples > 1 else math.inf
    return ValueOfUncertainty(
        n_samples=n_samples,
        deterministic_cost=float(plain.mean()),
        stochastic_cost=float(aware.mean()),
        deterministic_tail_cost=risk.tail_mean(plain),
        stochastic_tail_cost=risk.tail_mean(aware),
        saving=risk.of(plain) - risk.of(aware),
        saving_error=error,
        believed_cost=believed_cost,
        deterministic_over_limit_share=both[0].over_limit_share,
        stochastic_over_limit_share=both[1].over_limit_share,
    )
