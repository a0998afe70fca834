r"""The dear outcomes of a shared schedule: equations (T1)-(T5) of docs/formulation.md.

==========================  ==============================  ======  ============================================
symbol                      code                            unit    meaning
==========================  ==============================  ======  ============================================
:math:`d_{hk}`              ``m.sample_peak_kw[h, k]``      kW      peak of charge h on sample k
:math:`q_{hkj}`             ``m.sample_excess_kw[...]``     kW      what of it lies above the j-th threshold
:math:`z_{hk}`              ``m.sample_over[h, k]``         -       1 where it exceeds the first threshold
:math:`\eta`                ``m.tail_from``                 cur     where the dear outcomes begin
:math:`\xi_k`               ``m.tail_excess[k]``            cur     by how much sample k costs more than that
:math:`r_{wk}`              ``SampledPeak.shift_kw``        kW      what sample k adds to window w's mean
:math:`\lambda, \alpha`     ``RiskAversion``                -       weight of the tail, its share of the samples
:math:`\kappa_k`            ``TailSets.constant_cost``      cur     what sample k costs otherwise, less the mean
==========================  ==============================  ======  ============================================

All that costs the same on every sample moves the mean and the tail alike, so (T4) holds only what differs: peaks, events
and a number. Energy enters by its mean alone. This is stated beside a model whose tariff is energy alone and whose
events have one term for each sample (N1); its objective (O1) has the events' mean in it already. Windows that cannot be
the highest of a sample, whatever the schedule, have no row.
"""

from typing import Any

import numpy as np
from pyomo.environ import Binary, ConcreteModel, Constraint, Objective, Param, Set, Var, minimize

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers.uncertainty import RiskAversion
from domain.tariffs import DemandTerm
from domain.tariffs.terms import UNBLOCKED
from optimizer.formulation.demand import EDGE_SHARE
from optimizer.formulation.sums import weighted


@noun(eq=False)
class SampledPeak:
    """One demand charge on every sample."""

    term: DemandTerm
    windows: tuple[tuple[int, ...], ...]
    """Steps of each measurement window within the horizon."""
    shift_kw: FloatArray
    """r, shape (n_windows, n_samples). [kW]"""
    floor_kw: FloatArray
    """What the peak is at least, whatever the schedule does, shape (n_samples,). [kW]"""
    most_kw: FloatArray
    """And at most. [kW]"""
    rows: tuple[tuple[int, int], ...]
    """Windows and samples that need a row."""


@noun(eq=False)
class TailSets:
    """What the equations range over."""

    n_samples: int
    peaks: tuple[SampledPeak, ...]
    constant_cost: FloatArray
    """κ, shape (n_samples,). [currency]"""
    risk: RiskAversion


def sampled_peak(term: DemandTerm, deviation_kw: FloatArray, limits_kw: tuple[FloatArray, FloatArray]) -> SampledPeak:
    """Give a demand charge on every sample, with the windows that can be the highest there.

    Parameters
    ----------
    deviation_kw : FloatArray
        Samples less the base load of the schedule, shape (n_samples, n_steps). [kW]
    limits_kw : pair of FloatArray
        Least and greatest import of each step, shape (n_steps,). [kW]
    """
    blocks = [block for block in np.unique(term.block_of_step).tolist() if block != UNBLOCKED]
    windows = tuple(tuple(np.flatnonzero(term.block_of_step == block).tolist()) for block in blocks)
    means = np.zeros((len(windows), term.block_of_step.size))
    for row, steps in enumerate(windows):
        means[row, list(steps)] = 1 / len(steps)
    shift_kw = means @ deviation_kw.T
    least_kw, most_kw = ((means @ limit)[:, None] + shift_kw for limit in limits_kw)
    others_kw = np.broadcast_to(np.maximum(term.other_peak_kw, 0.0), (deviation_kw.shape[0],))
    floor_kw = np.maximum(others_kw, least_kw.max(axis=0, initial=0.0))
    able = most_kw > floor_kw[None, :]
    return SampledPeak(
        term=term,
        windows=windows,
        shift_kw=shift_kw,
        floor_kw=floor_kw,
        most_kw=np.maximum(floor_kw, most_kw.max(axis=0, initial=0.0)),
        rows=tuple((int(w), int(k)) for w, k in np.argwhere(able)),
    )


def peak_of_sample(m: ConcreteModel, h: int, w: int, k: int) -> object:
    r"""(T1) :math:`d_{hk} \ge \frac{1}{|T_w|} \sum_{t \in T_w} i_t + r_{wk}`."""
    peak: SampledPeak = m.SAMPLED[h]
    steps = peak.windows[w]
    means = [(m.import_kw[t], -1 / len(steps)) for t in steps]
    return weighted([(m.sample_peak_kw[h, k], 1.0), *means]) >= float(peak.shift_kw[w, k])


def excess_of_sample(m: ConcreteModel, h: int, k: int, j: int) -> object:
    r"""(T2) :math:`q_{hkj} \ge d_{hk} - \theta_{hj}`."""
    return m.sample_excess_kw[h, k, j] >= m.sample_peak_kw[h, k] - m.SAMPLED[h].term.thresholds_kw[j]


def jump_of_sample(m: ConcreteModel, h: int, k: int) -> object:
    r"""(T3) :math:`d_{hk} \le \theta_{h1} + (U_{hk} - \theta_{h1}) z_{hk}`."""
    edge_kw = m.SAMPLED[h].term.thresholds_kw[0] * (1 - EDGE_SHARE)
    most_kw = max(edge_kw, float(m.SAMPLED[h].most_kw[k]))
    return m.sample_peak_kw[h, k] <= edge_kw + (most_kw - edge_kw) * m.sample_over[h, k]


def dear_outcome(m: ConcreteModel, k: int) -> object:
    r"""(T4) :math:`\xi_k \ge \kappa_k + \sum_h p_h f_h(d_{hk}) - P_k + F_k - \eta`."""
    parts, constant = of_sample(m, k)
    row = [(m.tail_excess[k], 1.0), (m.tail_from, 1.0), *((var, -price) for var, price in parts)]
    return weighted(row) >= constant + m.sample_constant[k]


def weighed_cost(m: ConcreteModel) -> object:
    r"""(T5) :math:`(1 - \lambda) \frac1K \sum_k c_k + \lambda (\eta + \frac{1}{\alpha K} \sum_k \xi_k)`, c the whole cost.

    What is common to all samples stands in (O1), whose events' mean gives way to the tail's by :math:`\lambda`.
    """
    risk: RiskAversion = m.RISK
    n = len(m.SAMPLES)
    parts: list[tuple[Any, float]] = []
    constant = 0.0
    for k in m.SAMPLES:
        peaks, fixed = of_peaks(m, k)
        parts += [(var, (1 - risk.tail_weight) * price / n) for var, price in peaks]
        constant += (1 - risk.tail_weight) * fixed / n
        parts += [(var, -risk.tail_weight * price / n) for var, price in of_events(m, k)]
        if risk.tail_weight:
            parts.append((m.tail_excess[k], risk.tail_weight / (risk.tail_share * n)))
    if risk.tail_weight:
        parts.append((m.tail_from, risk.tail_weight))
    return m.total_cost.expr + weighted(parts) + constant


def of_sample(m: ConcreteModel, k: int) -> tuple[list[tuple[Any, float]], float]:
    """Give what differs from sample to sample as variables with prices, and a number. [currency]."""
    peaks, constant = of_peaks(m, k)
    return [*peaks, *of_events(m, k)], constant


def of_peaks(m: ConcreteModel, k: int) -> tuple[list[tuple[Any, float]], float]:
    """Give a sample's demand charges. [currency]."""
    found: list[tuple[Any, float]] = []
    constant = 0.0
    for h, peak in enumerate(m.SAMPLED):
        term: DemandTerm = peak.term
        if term.contract_kw is None:
            found.append((m.sample_peak_kw[h, k], term.price_per_kw))
            continue
        constant += term.price_per_kw * term.contract_kw
        before = (0.0, *term.multipliers)
        for j, (after, prior) in enumerate(zip(term.multipliers, before[:-1], strict=True)):
            found.append((m.sample_excess_kw[h, k, j], term.price_per_kw * (after - prior)))
        if (h, k) in m.SAMPLE_JUMPS:
            found.append((m.sample_over[h, k], term.price_per_kw * term.jump_kw))
    return found, constant


def of_events(m: ConcreteModel, k: int) -> list[tuple[Any, float]]:
    """Give a sample's penalties less its pay; each term carries its sample's share of the pay. [currency]."""
    found: list[tuple[Any, float]] = []
    n = len(m.SAMPLES)
    for e in m.EVENTS_OF[k]:
        for row in m.ROWS_OF.get(e, ()):
            found += [
                (m.delivered_kw[e, row], -n * m.pay_per_delivered_kw[e, row]),
                (m.committed_kw[e, row], -n * m.pay_per_committed_kw[e, row]),
                (m.shortfall_kw[e, row], n * m.penalty_per_kw[e]),
            ]
    return found


def declare(m: ConcreteModel, tail: TailSets, events_of: list[list[str]]) -> None:
    """Add the samples' peaks and the tail to a whole model of a tariff that is energy alone.

    Parameters
    ----------
    events_of : list of list of str
        For each sample the events' terms that settle it.
    """
    n = tail.n_samples
    m.SAMPLED, m.RISK, m.EVENTS_OF = tail.peaks, tail.risk, events_of
    m.SAMPLES = Set(initialize=range(n))
    charges = range(len(tail.peaks))
    m.SAMPLE_PEAKS = Set(initialize=[(h, k) for h in charges for k in range(n)], dimen=2)
    m.SAMPLE_WINDOWS = Set(initialize=[(h, w, k) for h in charges for w, k in tail.peaks[h].rows], dimen=3)
    contracts = [h for h in charges if tail.peaks[h].term.contract_kw is not None]
    m.SAMPLE_EXCESSES = Set(
        initialize=[
            (h, k, j) for h in contracts for k in range(n) for j in range(len(tail.peaks[h].term.thresholds_kw))
        ],
        dimen=3,
    )
    jumping = [h for h in contracts if tail.peaks[h].term.jump_kw and tail.peaks[h].term.thresholds_kw]
    m.SAMPLE_JUMPS = Set(initialize=[(h, k) for h in jumping for k in range(n)], dimen=2)
    m.TAIL_SAMPLES = Set(initialize=range(n) if tail.risk.tail_weight else [])
    m.sample_constant = Param(m.SAMPLES, initialize=dict(enumerate(tail.constant_cost.tolist())))
    limits = {(h, k): (tail.peaks[h].floor_kw[k], tail.peaks[h].most_kw[k]) for h, k in m.SAMPLE_PEAKS}
    m.sample_peak_kw = Var(m.SAMPLE_PEAKS, bounds={key: (float(a), float(b)) for key, (a, b) in limits.items()})
    m.sample_excess_kw = Var(
        m.SAMPLE_EXCESSES,
        bounds={(h, k, j): (0.0, _above_kw(tail.peaks[h], k, j)) for h, k, j in m.SAMPLE_EXCESSES},
    )
    m.sample_over = Var(m.SAMPLE_JUMPS, domain=Binary)
    spans = [_span(m, k) for k in m.SAMPLES]
    least, most = min(one for one, _ in spans), max(one for _, one in spans)
    m.tail_from = Var(bounds=(least, most))
    m.tail_excess = Var(m.TAIL_SAMPLES, bounds={k: (0.0, max(0.0, spans[k][1] - least)) for k in m.TAIL_SAMPLES})
    m.peak_of_sample = Constraint(m.SAMPLE_WINDOWS, rule=peak_of_sample, doc="T1")
    m.excess_of_sample = Constraint(m.SAMPLE_EXCESSES, rule=excess_of_sample, doc="T2")
    m.jump_of_sample = Constraint(m.SAMPLE_JUMPS, rule=jump_of_sample, doc="T3")
    m.dear_outcome = Constraint(m.TAIL_SAMPLES, rule=dear_outcome, doc="T4")
    m.total_cost.deactivate()
    m.weighed_cost = Objective(rule=weighed_cost, sense=minimize, doc="T5")


def _above_kw(peak: SampledPeak, k: int, j: int) -> float:
    """Give by how much a sample's peak can exceed a threshold. [kW]."""
    return max(0.0, float(peak.most_kw[k]) - peak.term.thresholds_kw[j])


def _span(m: ConcreteModel, k: int) -> tuple[float, float]:
    """Bound what a sample can cost, what is common to all apart; the tail begins at the cost of one of them. [currency]."""
    peaks, constant = of_peaks(m, k)
    least = most = constant + float(m.sample_constant[k])
    for var, price in peaks:
        ends = (price * var.lb, price * var.ub)
        least, most = least + min(ends), most + max(ends)
    for e in m.EVENTS_OF[k]:
        pay = penalty = 0.0
        for row in m.ROWS_OF.get(e, ()):
            committed_kw, delivered_kw = m.committed_kw[e, row].ub, max(0.0, m.delivered_kw[e, row].ub)
            paid = m.pay_per_delivered_kw[e, row] * delivered_kw + m.pay_per_committed_kw[e, row] * committed_kw
            pay, penalty = max(pay, paid), max(penalty, m.penalty_per_kw[e] * committed_kw)
        least, most = least - len(m.SAMPLES) * pay, most + len(m.SAMPLES) * penalty
    return least, most
