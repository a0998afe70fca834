r"""Demand charges whose peak within the horizon is a sample, too.

A schedule is made for the mean base load :math:`\bar\beta_t`, and the meter will show a base load that nobody knows yet. A
peak is made by coincidence, so the peak of the mean says too little: with base samples :math:`\beta_{kt}` the month's peak is

.. math:: D_k = \max(R_k, \max_w \tfrac1{|w|} \sum_{t \in w} (i_t + \beta_{kt} - \bar\beta_t))

and the charge costs the mean of what it bills for :math:`D_k`. Samples of the horizon and of the rest are paired by row.

Days that repeat one plan *x* make a month's peak by the highest of their base loads in each window, so that the plan of such a
day, and with it what the rest of a month will look like, is again one day's problem (``with_repeated_days``):

.. math:: \min_x \; c(x) + \tfrac1n p \, \tfrac1K \sum_k \max(R_k, \max_w (x_w + \max_{j \le n} \beta_{kjw}))
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy import sparse

from domain import checks
from domain.checks import FloatArray
from domain.tariffs.atoms import Affine, Atom, HingeAtom, Part, PeakAtom, StepAtom
from domain.tariffs.terms import UNBLOCKED, DemandTerm, PricedTerms
from domain.text import Text


def with_sampled_peaks(
    terms: PricedTerms, base_samples_kw: FloatArray, base_kw: FloatArray | None = None
) -> PricedTerms:
    """Give terms whose plain demand charges look at samples of the base load instead of at its mean.

    Energy is linear and needs only the mean; charges that are atoms already keep the mean load.

    Parameters
    ----------
    base_samples_kw : FloatArray
        Base load over the horizon, shape (n_samples, n_steps), each row beside the same row of the months around. [kW]
    base_kw : FloatArray, optional
        The base load that the schedule is made for; None: the samples' mean. [kW]

    Raises
    ------
    InvalidFieldError
        If there are not as many samples as the terms have, or the steps are others.
    """
    samples = np.atleast_2d(np.asarray(base_samples_kw, dtype=np.float64))
    return _over_days("with_sampled_peaks", terms, samples[:, None, :], base_kw)


def with_repeated_days(
    terms: PricedTerms, base_samples_kw: FloatArray, base_kw: FloatArray | None = None
) -> PricedTerms:
    """Give one day's share of what days pay that all repeat its plan: its energy, and 1/n of their common demand charges.

    Planned for these terms, a day is run as it is best run on each of the *n* days on the whole. That is how the rest of a
    month will look to a plan of its first day: neither as people ran it before, nor held down as if each day paid for the month.

    Parameters
    ----------
    base_samples_kw : FloatArray
        Base load of the days, shape (n_samples, n_days, n_steps). [kW]
    base_kw : FloatArray, optional
        The base load that the schedule is made for; None: the mean of all. [kW]

    Raises
    ------
    InvalidFieldError
        As ``with_sampled_peaks``.
    """
    return _over_days("with_repeated_days", terms, np.asarray(base_samples_kw, dtype=np.float64), base_kw)


def _over_days(what: str, terms: PricedTerms, samples: FloatArray, base_kw: FloatArray | None) -> PricedTerms:
    n_rows, n_days, n_steps = samples.shape
    planned_kw = samples.mean(axis=(0, 1)) if base_kw is None else np.asarray(base_kw, dtype=np.float64)
    atoms: list[Atom] = list(terms.atoms)
    charged: list[Part] = list(terms.charged)
    constant = terms.constant
    for term in terms.demand:
        if n_steps != term.block_of_step.size or (term.other_peak_kw.size % n_rows and term.other_peak_kw.size != 1):
            problem = Text(
                en=f"must have {term.other_peak_kw.size} samples of {term.block_of_step.size} steps",
                zh=f"须为 {term.other_peak_kw.size} 个样本、每个 {term.block_of_step.size} 个时段",
            )
            raise checks.refuse(what, "base_samples_kw", samples.shape, problem)
        # a term pooled from several coming months has several rows of other peaks beside each sample
        rows = np.broadcast_to(term.other_peak_kw, (max(n_rows, term.other_peak_kw.size),)).reshape(-1, n_rows)
        price = term.price_per_kw / (n_days * rows.shape[0])
        weights = window_weights(term.block_of_step)
        means = np.stack([weights @ (samples[:, j] - planned_kw).T for j in range(n_days)]).max(axis=0)
        for other_kw in rows:
            more_kw, parts = billed_of_peak(term, demand_peak(term, other_kw, means), atoms)
            constant += price * more_kw
            charged += [(price * share, number) for share, number in parts]
    return replace(terms, constant=constant, demand=(), atoms=tuple(atoms), charged=tuple(charged))


def window_weights(block_of_step: Iterable[int]) -> sparse.csr_array:
    """Give the weight of each step in each measurement block's mean, shape (n_blocks, n_steps). [-]."""
    blocks = np.asarray(block_of_step)
    steps = np.flatnonzero(blocks != UNBLOCKED)
    numbers, rows = np.unique(blocks[steps], return_inverse=True)
    counts = np.bincount(rows, minlength=numbers.size)
    return sparse.csr_array((1.0 / counts[rows], (rows, steps)), shape=(numbers.size, blocks.size))


def demand_peak(term: DemandTerm, other_kw: FloatArray, window_other_kw: FloatArray | None = None) -> PeakAtom:
    """Give the peak that a demand charge looks at.

    Parameters
    ----------
    other_kw : FloatArray
        The month's peak outside of the horizon on each sample, shape (n_samples,). [kW]
    window_other_kw : FloatArray, optional
        What each sample adds to each window's mean, shape (n_windows, n_samples). [kW]
    """
    return PeakAtom(
        label=term.label,
        means=window_weights(term.block_of_step),
        window_other_kw=window_other_kw,
        other_kw=np.maximum(other_kw, 0.0),
    )


def billed_of_peak(term: DemandTerm, peak: PeakAtom, atoms: list[Atom]) -> tuple[float, list[Part]]:
    """Add a charge's peak and what its contract makes of it to the atoms of some terms.

    Returns
    -------
    tuple of float and list of Part
        The kW that are billed whatever the peak is, and how many kW each unit of an atom adds to them. [kW]
    """
    n_samples = peak.other_kw.size
    atoms.append(peak)
    number = len(atoms) - 1
    if term.contract_kw is None:
        return 0.0, [(1.0, number)]
    parts: list[Part] = []
    before = 0.0
    for threshold_kw, multiplier in zip(term.thresholds_kw, term.multipliers, strict=True):
        atoms.append(HingeAtom(label=term.label, of=_above(threshold_kw, number, n_samples)))
        parts.append((multiplier - before, len(atoms) - 1))
        before = multiplier
    if term.jump_kw and term.thresholds_kw:
        amount = Affine(constant=np.full(n_samples, term.jump_kw))
        when = _above(term.thresholds_kw[0], number, n_samples)
        atoms.append(StepAtom(label=term.label, when=when, amount=amount, strict=True))
        parts.append((1.0, len(atoms) - 1))
    return term.contract_kw, parts


def _above(edge_kw: float, number: int, n_samples: int) -> Affine:
    return Affine(constant=np.full(n_samples, -edge_kw), parts=((1.0, number),))
