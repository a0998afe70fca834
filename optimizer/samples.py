r"""One schedule for many samples of the load: the expected bill as terms over the schedule's own import.

On sample *k* the site imports :math:`i_t + \delta_{kt}`, :math:`\delta_{kt}` being the sample less the base load that the
schedule is stated with. Energy prices are linear, so only the samples' mean enters there; peaks, tiers and steps look at
each sample, but :math:`\delta` only adds numbers to what they look at:

- a measurement window's mean gains :math:`\sum_t m_{wt} \delta_{kt}`, which ``PeakAtom`` knows as ``window_other_kw``: one
  epigraph row for each sample and window, and those that cannot be the highest are left out;
- a weighted sum gains a constant for each sample;
- an event's mean load gains :math:`\bar\delta_k`: a term of its own for each sample, its baseline lowered by that, all
  settled for one commitment (N1).

So the expected cost needs no model of its own: :math:`\frac1K \sum_k c_k(i + \delta_k)` is the cost of the terms made here,
exactly, and the oracle, its audit and its search stay as they are.

Where a step may import on one sample and feed in on another, energy is not linear: there the two prices' difference is
paid on the positive part, a hinge for each sample. A peak over windows that hold such steps is stated as if they imported;
it is right for schedules that do so at the peak, which the samples' exact cost shows afterwards.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.programmes.terms import EventTerm
from domain.tariffs import DemandTerm, PricedTerms
from domain.tariffs.atoms import Affine, Atom, HingeAtom, Part, PeakAtom, StepAtom, TopAtom
from domain.tariffs.sampled_peaks import billed_of_peak, demand_peak
from domain.text import Text
from optimizer.errors import TariffNotPlannableError
from optimizer.formulation import plan_sets
from optimizer.formulation.load_limits import LoadLimits
from optimizer.outcomes import promise_of

NOTHING_KW = 1e-9
"""A deviation this small is rounding. [kW]"""
NEVER_KW = -1e9
"""Added to a window that is not to set a sample's peak: it lies below all others then, and gets no row. [kW]"""


class SampledMeanOfPeaksError(TariffNotPlannableError):
    """A mean of the highest peaks is billed, and its groups cannot be shifted sample by sample."""

    code = "sampled_mean_of_peaks"
    words = Text(
        en="Charge {label} bills the mean of several peaks; its samples cannot be stated exactly for a shared schedule. "
        "Plan for the expected load, and look at the samples afterwards.",
        zh="费用项 {label} 按多个需量的均值计费，无法对共用排程逐样本精确建模。请按期望负荷做计划，再查看各样本结果。",
    )


class ReactiveOnSamplesError(TariffNotPlannableError):
    """Reactive power is counted, and the load is uncertain."""

    code = "reactive_on_samples"
    words = Text(
        en="Tariff {tariff_id}: a plan for samples of the load cannot decide compensation as well. Price it with a given power "
        "factor (no around_kvar in the billing window, no base_kvar).",
        zh="电价 {tariff_id}：针对负荷样本的计划无法同时优化无功补偿。请按给定功率因数计价"
        "（计费窗口不含 around_kvar，且不给出 base_kvar）。",
    )


class SamplesNotPairedError(TariffNotPlannableError):
    """The base load has other samples than the rest of the month."""

    code = "samples_not_paired"
    words = Text(
        en="The base load has {n_base} samples, the tariff's terms have {n_terms}. Give the same samples to both.",
        zh="基础负荷有 {n_base} 个样本，而电价项有 {n_terms} 个。请使用相同的样本。",
    )


@noun(eq=False)
class SampledProblem:
    """A question over samples of the load, as a question that the oracle can be asked."""

    problem: ResponseProblem
    """Its events have one term for each sample."""
    original: ResponseProblem
    base_samples_kw: FloatArray
    """Shape (n_samples, n_steps). [kW]"""
    is_exact: bool
    """Whether its cost is the mean over the samples whatever the schedule. False: a measurement window has a step that
    may feed in on some samples (an event's mean likewise), and is right only where it does not."""
    turning: npt.NDArray[np.bool_]
    """Steps that may import on one sample and feed in on another, shape (n_steps,)."""

    @property
    def deviation_kw(self) -> FloatArray:
        """δ: samples less the base load that the schedule is stated with, shape (n_samples, n_steps). [kW]."""
        return np.asarray(self.base_samples_kw - self.original.base_kw, dtype=np.float64)


def sampled_problem(
    problem: ResponseProblem,
    base_samples_kw: FloatArray,
    *,
    windows: npt.NDArray[np.bool_] | None = None,
    limit_share: float | None = None,
    only_proven: bool = False,
) -> SampledProblem:
    """State the expected cost over samples of the base load for one shared schedule.

    Parameters
    ----------
    problem : ResponseProblem
        Its ``base_kw`` is usually the samples' mean; its terms have as many samples, or one.
    base_samples_kw : FloatArray
        Shape (n_samples, n_steps). [kW]
    windows : array of bool, optional
        For each sample the steps whose windows may set its peak, shape (n_samples, n_steps); None: all. Leaving some
        out can only lower the cost: what is found must then be checked on all of them.
    limit_share : float, optional
        In each step, samples that may exceed the connection's limit; the rest is kept free for. None: the problem's own
        reserve. [-]
    only_proven : bool
        Leave out windows that are not proven to be stated as they are (``is_exact`` is false where there are any): a
        bound of what is left is a bound of the whole.

    Raises
    ------
    SampledMeanOfPeaksError, SamplesNotPairedError, ReactiveOnSamplesError
        If the expected cost cannot be stated so.
    """
    if problem.terms.counts_reactive:
        raise ReactiveOnSamplesError(tariff_id=problem.terms.tariff_id)
    n_steps = problem.horizon.n_steps
    samples = checks.frozen_array(
        "sampled_problem", "base_samples_kw", base_samples_kw, (len(base_samples_kw), n_steps)
    )
    deviation = np.asarray(samples - problem.base_kw, dtype=np.float64)
    n_terms = n_samples_of(problem.terms)
    if n_terms not in (1, samples.shape[0]):
        raise SamplesNotPairedError(n_base=samples.shape[0], n_terms=n_terms)
    limits = plan_sets(replace(problem, events=())).limits
    kept = np.ones(samples.shape, dtype=bool) if windows is None else windows
    made = SampledTerms(problem.terms, deviation, limits, windows=kept, only_proven=only_proven)
    reserve = problem.import_reserve_kw if limit_share is None else reserve_kw(problem, samples, limit_share)
    terms = made.terms()
    return SampledProblem(
        problem=replace(
            problem,
            terms=terms,
            events=tuple(one for event in problem.events for one in sampled_event(event, deviation)),
            import_reserve_kw=reserve,
        ),
        original=problem,
        base_samples_kw=samples,
        is_exact=made.is_exact and not any(made.turning[one.first : one.stop].any() for one in problem.events),
        turning=made.turning,
    )


def reserve_kw(problem: ResponseProblem, base_samples_kw: FloatArray, limit_share: float) -> FloatArray:
    """Give what to keep free so that in each step at most a share of the samples exceeds the limit, shape (n_steps,). [kW].

    With 0 no sample exceeds it anywhere. The share is that of each step by itself; of the whole horizon it can be more.
    """
    checks.share("reserve_kw", "limit_share", limit_share)
    n_samples = base_samples_kw.shape[0]
    n_over = int(np.floor(limit_share * n_samples + NOTHING_KW))
    ranked = np.sort(base_samples_kw, axis=0)
    kept = ranked[n_samples - 1 - n_over] if n_over < n_samples else ranked[0]
    return np.asarray(np.maximum(kept - problem.base_kw, 0.0), dtype=np.float64)


def sampled_event(event: EventTerm, deviation_kw: FloatArray) -> tuple[EventTerm, ...]:
    """Give an event's terms, one for each sample, all for one commitment."""
    means_kw = deviation_kw[:, event.first : event.stop].mean(axis=1)
    n_samples = means_kw.size
    if n_samples == 1 and abs(float(means_kw[0])) < NOTHING_KW:
        return (event,)
    return tuple(
        replace(
            event,
            event_id=f"{event.event_id}#{number}",
            promise_id=promise_of(event),
            baseline_kw=event.baseline_kw - mean_kw,
            pay_per_kw=event.pay_per_kw / n_samples,
            penalty_per_kw=event.penalty_per_kw / n_samples,
        )
        for number, mean_kw in enumerate(means_kw.tolist())
    )


def n_samples_of(terms: PricedTerms) -> int:
    """Give how many samples of what lies outside the horizon some terms have. [-]."""
    sizes = [term.other_peak_kw.size for term in terms.demand]
    for atom in terms.atoms:
        sizes += [row.shape[-1] for row in _by_sample(atom)]
    return max(sizes, default=1)


def _by_sample(atom: Atom) -> Iterable[FloatArray]:
    match atom:
        case PeakAtom():
            return [atom.other_kw, *([] if atom.window_other_kw is None else [atom.window_other_kw])]
        case TopAtom():
            return [atom.group_other_kw, atom.other_kw]
        case HingeAtom():
            return [atom.of.constant]
        case StepAtom():
            return [atom.when.constant, atom.amount.constant]


def _turning(limits: LoadLimits, deviation_kw: FloatArray) -> npt.NDArray[np.bool_]:
    """Say in which steps a sample may import where the schedule feeds in, or the reverse, shape (n_steps,)."""
    may_feed_in = limits.most_export_kw > NOTHING_KW
    falls_below = limits.least_import_kw + deviation_kw.min(axis=0) < -NOTHING_KW
    differs = np.abs(deviation_kw).max(axis=0) > NOTHING_KW
    return np.asarray((may_feed_in | falls_below) & differs, dtype=np.bool_)


class SampledTerms:
    """Makes the terms over samples."""

    def __init__(
        self,
        terms: PricedTerms,
        deviation_kw: FloatArray,
        limits: LoadLimits,
        *,
        windows: npt.NDArray[np.bool_],
        only_proven: bool,
    ) -> None:
        self.is_exact = True
        """Whether every window of the bill is stated, and as it is."""
        self._terms = terms
        self._deviation_kw = deviation_kw
        self.turning = _turning(limits, deviation_kw)
        """Steps that may import on one sample and feed in on another, shape (n_steps,)."""
        self._least_kw = limits.least_import_kw + deviation_kw
        self._windows = windows
        self._only_proven = only_proven
        self._step_h = terms.horizon.step_h
        self._import_price = np.array(terms.energy_price_per_kwh)
        paid = terms.export_price_per_kwh
        self._export_price = np.zeros(self._import_price.size) if paid is None else np.array(paid)
        self._positive_of = {t: number for number, t in enumerate(np.flatnonzero(self.turning).tolist())}
        """By step that turns round: the atom that is its import on each sample."""
        self._atoms: list[Atom] = [self._positive(t) for t in self._positive_of]
        offset = len(self._atoms)
        self._atoms += [self._shifted(atom, offset) for atom in terms.atoms]
        self._charged: list[Part] = [(price, number + offset) for price, number in terms.charged]
        self._constant = terms.constant

    def terms(self) -> PricedTerms:
        """Give them."""
        for term in self._terms.demand:
            self._demand(term)
        self._energy()
        return replace(
            self._terms,
            constant=self._constant,
            energy_price_per_kwh=self._import_price,
            export_price_per_kwh=self._export_price if self._export_price.any() else None,
            demand=(),
            atoms=tuple(self._atoms),
            charged=tuple(self._charged),
        )

    def _positive(self, t: int) -> HingeAtom:
        """Give a step's import on each sample: the positive part of what the schedule draws net, and the deviation."""
        one = np.zeros(self._import_price.size)
        one[t] = 1.0
        of = Affine(constant=self._deviation_kw[:, t], per_import_kw=one, per_export_kw=-one)
        return HingeAtom(label=f"step {t}", of=of)

    def _energy(self) -> None:
        """Let steps that turn round pay the difference of both prices on each sample's import."""
        for t, number in self._positive_of.items():
            difference = float(self._import_price[t] - self._export_price[t]) * self._step_h
            self._import_price[t] = self._export_price[t]
            if difference:
                self._charged.append((difference, number))
        self._constant += float(self._import_price @ self._deviation_kw.mean(axis=0)) * self._step_h

    def _demand(self, term: DemandTerm) -> None:
        """State a demand charge, the windows of its peak shifted sample by sample."""
        others_kw = np.broadcast_to(term.other_peak_kw, (self._deviation_kw.shape[0],))
        billed_kw, parts = billed_of_peak(term, self._shifted_peak(demand_peak(term, others_kw)), self._atoms)
        self._constant += term.price_per_kw * billed_kw
        self._charged += [(term.price_per_kw * share, number) for share, number in parts if term.price_per_kw * share]

    def _shifted_peak(self, atom: PeakAtom) -> PeakAtom:
        """Give a peak whose windows gain what each sample adds to them, without those that are not wanted."""
        means = atom.means.toarray()
        shift_kw = means @ self._deviation_kw.T
        if atom.window_other_kw is not None:
            shift_kw = shift_kw + atom.window_other_kw
        wanted = (means != 0) @ self._windows.T  # by window and sample
        doubtful = self._doubtful(means)
        if wanted[doubtful].any():
            self.is_exact = False
            wanted[doubtful] &= not self._only_proven
        kept = wanted.any(axis=1)
        shift_kw = np.where(wanted, shift_kw, NEVER_KW)[kept]
        return replace(
            atom, means=sparse.csr_array(means[kept]), window_other_kw=np.asarray(shift_kw, dtype=np.float64)
        )

    def _doubtful(self, means: FloatArray) -> npt.NDArray[np.bool_]:
        """Say which windows may come out too high or too low, because a step of them turns round, shape (n_windows,).

        A schedule that feeds in at such a step is stated with an import of 0 there, so the step is taken to draw the
        deviation itself. A window of one step is right all the same if that lies below what another window has at least.
        """
        uses = means != 0
        turns = (uses & self.turning).any(axis=1)
        least_kw = np.asarray((self._least_kw @ means.T).max(axis=1, initial=0.0))
        above_kw = (self._deviation_kw @ means.T - least_kw[:, None]).max(axis=0, initial=-np.inf)
        too_high = above_kw > NOTHING_KW
        return np.asarray(turns & ((uses.sum(axis=1) > 1) | too_high), dtype=np.bool_)

    def _shifted(self, atom: Atom, offset: int) -> Atom:
        match atom:
            case PeakAtom():
                return self._shifted_peak(atom)
            case TopAtom():
                if np.abs(atom.means @ self._deviation_kw.T).max(initial=0.0) > NOTHING_KW:
                    raise SampledMeanOfPeaksError(label=atom.label)
                return atom
            case HingeAtom():
                return replace(atom, of=self._moved(atom.of, offset))
            case StepAtom():
                when, amount = (self._moved(one, offset) for one in (atom.when, atom.amount))
                return replace(atom, when=when, amount=amount)

    def _moved(self, affine: Affine, offset: int) -> Affine:
        """Give a weighted sum with what the samples' deviation brings to it.

        Where a step turns round, its import is the positive part of the net, its export that less the net.
        """
        n_steps = self._import_price.size
        per_import = np.zeros(n_steps) if affine.per_import_kw is None else np.array(affine.per_import_kw)
        per_export = np.zeros(n_steps) if affine.per_export_kw is None else np.array(affine.per_export_kw)
        parts = [(coefficient, number + offset) for coefficient, number in affine.parts]
        for t, number in self._positive_of.items():
            if per_import[t] or per_export[t]:
                parts.append((float(per_import[t] + per_export[t]), number))
                per_import[t] = -per_export[t]
        constant = affine.constant + self._deviation_kw @ per_import
        return Affine(
            constant=np.asarray(constant, dtype=np.float64),
            per_import_kw=per_import if per_import.any() else None,
            per_export_kw=per_export if per_export.any() else None,
            parts=tuple(parts),
        )
