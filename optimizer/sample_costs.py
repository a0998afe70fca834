"""What a schedule costs on every sample of the load, by the exact terms of the bill."""

import math

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.offers.uncertainty import RiskAversion, SampleCosts
from domain.plant import Schedule
from domain.programmes.terms import EventTerm
from domain.tariffs import PricedTerms
from domain.tariffs.atoms import atom_values
from optimizer.costs import schedule_costs
from optimizer.samples import SamplesNotPairedError, n_samples_of

LIMIT_TOLERANCE_KW = 1e-6
"""An import above the limit by less is rounding. [kW]"""


def sample_costs(
    schedule: Schedule,
    problem: ResponseProblem,
    base_samples_kw: FloatArray,
    *,
    constants: FloatArray | None = None,
) -> SampleCosts:
    """Bill one schedule on every sample of the base load.

    Parameters
    ----------
    problem : ResponseProblem
        The question for one load; its terms have as many samples as the load, or one.
    base_samples_kw : FloatArray
        Shape (n_samples, n_steps). [kW]
    constants : FloatArray, optional
        What the schedule cannot change on each sample, shape (n_samples,); None: the terms' mean. [currency]

    Raises
    ------
    SamplesNotPairedError
    """
    terms, n_samples = problem.terms, base_samples_kw.shape[0]
    if n_samples_of(terms) not in (1, n_samples):
        raise SamplesNotPairedError(n_base=n_samples, n_terms=n_samples_of(terms))
    net_kw = base_samples_kw - schedule.base_kw + schedule.import_kw - schedule.export_kw
    import_kw, export_kw = np.maximum(net_kw, 0.0), np.maximum(-net_kw, 0.0)
    bill = np.full(n_samples, terms.constant) if constants is None else np.array(constants)
    for number in range(n_samples):
        bill[number] += sample_bill(terms, import_kw[number], export_kw[number], number)
    pay, penalty = np.zeros(n_samples), np.zeros(n_samples)
    for event in problem.events:
        kw = schedule.commitments_kw.get(event.event_id, 0.0)
        means_kw = import_kw[:, event.first : event.stop].mean(axis=1).tolist()
        pay += [event.pay(kw, one) for one in means_kw]
        penalty += [event.penalty(kw, one) for one in means_kw]
    limit_kw = problem.site.import_limit_kw + LIMIT_TOLERANCE_KW
    return SampleCosts(
        bill_cost=bill,
        event_pay=pay,
        event_penalty=penalty,
        production_cost=schedule_costs(schedule, problem).production_cost,
        over_limit_share=float((import_kw > limit_kw).any(axis=1).mean()),
    )


def sample_bill(terms: PricedTerms, import_kw: FloatArray, export_kw: FloatArray, sample: int) -> float:
    """Give one sample's bill, what the schedule cannot change apart. [currency]."""
    owed = terms.energy_cost(import_kw, export_kw)
    for term in terms.demand:
        other_kw = term.other_peak_kw[sample % term.other_peak_kw.size]
        peak_kw = np.array([max(term.horizon_peak_kw(import_kw), float(other_kw))])
        owed += term.price_per_kw * float(term.billed_kw(peak_kw)[0])
    if terms.charged:
        values = atom_values(terms.atoms, import_kw, export_kw)
        owed += sum(price * float(values[number][sample % values[number].size]) for price, number in terms.charged)
    return owed


def best_commitment(
    event: EventTerm, import_kw: FloatArray, other_costs: FloatArray, risk: RiskAversion, *, now_kw: float
) -> float:
    """Give the commitment that is worth most for a given load on each sample. [kW].

    Parameters
    ----------
    import_kw : FloatArray
        Mean import over the event, shape (n_samples,). [kW]
    other_costs : FloatArray
        Everything else, by sample. [currency]
    now_kw : float
        The commitment that is given up for a better one only. [kW]

    Notes
    -----
    Pay and penalty are linear between the commitments at which some sample's response passes an edge of the table, or
    falls short; so one of them, rounded to whole kW as bids are made, is the best, or is next to it.
    """
    tried = {0.0, event.min_commitment_kw, now_kw}
    edges = {1.0, *(band.from_rate for band in event.bands if band.from_rate > 0)}
    for mean_kw in import_kw.tolist():
        response_kw = event.delivered_kw(mean_kw)
        for edge in edges:
            kw = response_kw / edge
            tried |= {float(math.floor(kw)), float(math.ceil(kw)), kw}
    if math.isfinite(event.max_commitment_kw):
        tried.add(event.max_commitment_kw)
    allowed = [one for one in tried if one == 0 or event.min_commitment_kw <= one <= event.max_commitment_kw]

    def counts_for(kw: float) -> float:
        settled = [event.penalty(kw, one) - event.pay(kw, one) for one in import_kw.tolist()]
        return risk.of(other_costs + np.array(settled))

    return min(sorted(allowed), key=lambda kw: (round(counts_for(kw), 9), kw != now_kw))
