"""From the atoms of a tariff, each with a value per sample, to one form of quantities that samples share."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from domain.checks import FloatArray
from domain.noun import noun
from domain.tariffs import DemandTerm, PricedTerms
from domain.tariffs.atoms import Affine, Atom, HingeAtom, PeakAtom, StepAtom, TopAtom
from domain.tariffs.terms import UNBLOCKED
from optimizer.formulation.coupled_nodes import Candidate, Form
from optimizer.formulation.load_limits import LoadLimits
from optimizer.formulation.workbench import Workbench, add_up, rounded

Window = tuple[tuple[int, ...], tuple[float, ...]]
"""Steps of a measurement window within the horizon and their weights."""


@noun(eq=False)
class _Peak:
    """A peak over windows; arrays have shape (…, n_samples)."""

    label: str
    windows: tuple[Window, ...]
    window_other_kw: FloatArray
    """Shape (n_windows, n_samples)."""
    other_kw: FloatArray
    shared: tuple[int, ...]
    """Windows that are the same in every sample."""
    apart: tuple[int, ...]
    """The others."""
    key: tuple[object, ...]
    """What peaks over the same windows have in common."""
    is_reactive: bool


def _peak(
    label: str,
    windows: tuple[Window, ...],
    window_other_kw: FloatArray | None,
    other_kw: FloatArray,
    *,
    is_reactive: bool = False,
) -> _Peak:
    straddling = np.zeros((len(windows), 1)) if window_other_kw is None else window_other_kw
    is_shared = np.ptp(straddling, axis=1) == 0 if windows else np.zeros(0, dtype=bool)
    shared = np.flatnonzero(is_shared).tolist()
    named = [(*windows[w], rounded(float(straddling[w, 0]))) for w in shared]
    return _Peak(
        label=label,
        windows=windows,
        window_other_kw=straddling,
        other_kw=other_kw,
        shared=tuple(shared),
        apart=tuple(np.flatnonzero(~is_shared).tolist()),
        key=(is_reactive, *sorted((steps, tuple(map(rounded, shares)), other) for steps, shares, other in named)),
        is_reactive=is_reactive,
    )


@noun(eq=False)
class Costing:
    """What the atoms cost, and on what."""

    bench: Workbench
    cost: Form
    priced_demand: frozenset[int]
    """Demand terms that are part of it, by their number in the tariff's terms."""


def coupled_form(terms: PricedTerms, limits: LoadLimits) -> Costing:
    """Give the coupled cost of a tariff as one form over quantities of the model."""
    charged = [(price, number) for price, number in terms.charged if price]
    used = _used(terms.atoms, [number for _, number in charged])
    made = _Atoms(terms, used, limits)
    costs: list[tuple[float, Form]] = []
    if charged:
        for sample, count in made.samples():
            forms = made.forms(sample)
            costs += [(price * count / made.n_samples, forms[number]) for price, number in charged]
    taken = made.demand_over_same_windows()
    costs += [(term.price_per_kw, made.billed(term)) for _, term in taken]
    return Costing(bench=made.bench, cost=add_up(costs), priced_demand=frozenset(number for number, _ in taken))


def _used(atoms: Sequence[Atom], numbers: Iterable[int]) -> set[int]:
    """Give the atoms that some atoms rest on, themselves included."""
    found: set[int] = set()
    left = list(numbers)
    while left:
        number = left.pop()
        if number not in found:
            found.add(number)
            left += [part for affine in _affines(atoms[number]) for _, part in affine.parts]
    return found


def _affines(atom: Atom) -> tuple[Affine, ...]:
    match atom:
        case HingeAtom():
            return (atom.of,)
        case StepAtom():
            return (atom.when, atom.amount)
        case PeakAtom() | TopAtom():
            return ()


class _Atoms:
    """Turns a tariff's atoms into forms, sample by sample."""

    def __init__(self, terms: PricedTerms, used: set[int], limits: LoadLimits) -> None:
        self.bench = Workbench(limits)
        self._terms = terms
        self._used = sorted(used)
        self._directions: dict[int, Form] = {}
        self._peaks: dict[int, _Peak] = {}
        self._groups: dict[int, tuple[_Peak, ...]] = {}
        self._shared_of: dict[int, Form] = {}
        for number in self._used:
            atom = terms.atoms[number]
            if isinstance(atom, PeakAtom) or (isinstance(atom, TopAtom) and atom.n_highest == 1):
                self._peaks[number] = _peak_of(atom)
            elif isinstance(atom, TopAtom):
                self._groups[number] = _groups_of(atom)
        rows = [row for number in self._used for row in _constants(terms.atoms[number])]
        self.n_samples = max((row.size for row in rows), default=1)
        table = [np.broadcast_to(row, (self.n_samples,)) for row in rows]
        self._constants = np.array(table).reshape(len(rows), self.n_samples)
        self._demand_peaks = {
            number: peak
            for number, term in enumerate(terms.demand)
            if (peak := _demand_peak(term)).key in {one.key for one in self._peaks.values()} and peak.windows
        }
        self._floors: dict[tuple[object, ...], float] = {}
        for one in [*self._peaks.values(), *self._demand_peaks.values()]:
            least_kw = float(one.other_kw.min())
            self._floors[one.key] = min(self._floors.get(one.key, least_kw), least_kw)

    def samples(self) -> list[tuple[int, int]]:
        """Give one sample of each kind, and how many there are of it."""
        if self._constants.shape[0] == 0:
            return [(0, self.n_samples)]
        _, first, counts = np.unique(self._constants, axis=1, return_index=True, return_counts=True)
        return sorted(zip(first.tolist(), counts.tolist(), strict=True))

    def forms(self, sample: int) -> dict[int, Form]:
        """Give every atom's value in one sample."""
        found: dict[int, Form] = {}
        for number in self._used:
            atom = self._terms.atoms[number]
            match atom:
                case HingeAtom():
                    found[number] = self.bench.positive(self._affine(atom.of, sample, found))
                case StepAtom():
                    when, amount = (self._affine(one, sample, found) for one in (atom.when, atom.amount))
                    found[number] = self.bench.counted(when, amount, strict=atom.strict)
                case PeakAtom() | TopAtom():
                    found[number] = self._peak_or_top(number, atom, sample)
        return found

    def _peak_or_top(self, number: int, atom: PeakAtom | TopAtom, sample: int) -> Form:
        if number in self._peaks:
            return self._highest(self._peaks[number], sample)
        assert isinstance(atom, TopAtom)  # noqa: S101 -- a peak of one is among the peaks
        members = [self._highest(one, sample) for one in self._groups[number]]
        others = np.broadcast_to(atom.other_kw, (atom.other_kw.shape[0], self.n_samples))
        members += [Form(constant=float(other_kw)) for other_kw in others[:, sample]]
        return self.bench.top_mean(atom.label, atom.n_highest, members)

    def _affine(self, affine: Affine, sample: int, earlier: dict[int, Form]) -> Form:
        if id(affine) not in self._directions:
            nothing = np.zeros(self._terms.horizon.n_steps)
            drawn = nothing if affine.per_import_kw is None else affine.per_import_kw
            self._directions[id(affine)] = self.bench.direction(drawn, affine.per_export_kw, affine.per_reactive_kvar)
        parts = [(coefficient, earlier[number]) for coefficient, number in affine.parts]
        constant = float(np.broadcast_to(affine.constant, (self.n_samples,))[sample])
        return add_up([(1.0, self._directions[id(affine)]), *parts], constant)

    def _highest(self, peak: _Peak, sample: int) -> Form:
        r"""Give :math:`R_k + \max(0, S - R_k)`, S the peak over the windows that all samples share."""
        other_kw = float(peak.other_kw[sample % peak.other_kw.size])
        shared = self._shared(peak)
        column = sample % peak.window_other_kw.shape[1]
        apart = [self._window(peak, w, column) for w in peak.apart]
        if not apart:
            return add_up([(1.0, self.bench.positive(add_up([(1.0, shared)], -other_kw)))], other_kw)
        least_kw, most_kw = self.bench.span(shared)
        both = [*apart, Candidate(plus=shared, least_kw=least_kw, most_kw=most_kw)]
        return self.bench.highest(peak.label, both, other_kw)

    def _shared(self, peak: _Peak) -> Form:
        """Give the peak over the windows that all samples share, and at least what all samples have outside."""
        if id(peak) not in self._shared_of:
            limits = self.bench.limits
            candidates = [self._window(peak, w, 0) for w in peak.shared]
            floor_kw = self._floors.get(peak.key, float(peak.other_kw.min()))
            if candidates:  # the highest window is no lower than their mean
                nothing, mean = np.zeros((2, limits.least_import_kw.size))
                for one in candidates:
                    mean[list(one.steps)] += np.array(one.shares) / len(candidates)
                others_kw = float(np.mean([one.plus.constant for one in candidates]))
                ends = limits.span(nothing, None, mean) if peak.is_reactive else limits.span(mean)
                floor_kw = max(floor_kw, ends[0] + others_kw)
            self._shared_of[id(peak)] = self.bench.highest(peak.label, candidates, floor_kw)
        return self._shared_of[id(peak)]

    def _window(self, peak: _Peak, w: int, column: int) -> Candidate:
        steps, shares = peak.windows[w]
        other_kw = float(peak.window_other_kw[w, column])
        limits, places = self.bench.limits, list(steps)
        least, most = limits.least_import_kw, limits.most_import_kw
        if peak.is_reactive and limits.reactive is not None:
            least, most = limits.reactive.least_kvar, limits.reactive.most_kvar
        return Candidate(
            steps=steps,
            shares=shares,
            plus=Form(constant=other_kw),
            least_kw=float(np.array(shares) @ least[places]) + other_kw,
            most_kw=float(np.array(shares) @ most[places]) + other_kw,
            is_reactive=peak.is_reactive,
        )

    def demand_over_same_windows(self) -> list[tuple[int, DemandTerm]]:
        """Give the plain demand charges over the windows of one of the atoms' peaks.

        The cost then rises with that peak, which lets the atom do without choosing the window that attains it.
        """
        return [(number, self._terms.demand[number]) for number in self._demand_peaks]

    def billed(self, term: DemandTerm) -> Form:
        """Give the mean billed demand of a plain demand charge as a form. [kW]."""
        number = next(n for n, one in enumerate(self._terms.demand) if one is term)
        peak = self._demand_peaks[number]
        values, counts = np.unique(term.other_peak_kw, return_counts=True)
        found: list[tuple[float, Form]] = []
        for other_kw, count in zip(values.tolist(), counts.tolist(), strict=True):
            sample = int(np.flatnonzero(term.other_peak_kw == other_kw)[0])
            found.append((count / term.other_peak_kw.size, self._billed(term, self._highest(peak, sample))))
        return add_up(found)

    def _billed(self, term: DemandTerm, demand: Form) -> Form:
        if term.contract_kw is None:
            return demand
        parts: list[tuple[float, Form]] = []
        before = 0.0
        for threshold_kw, multiplier in zip(term.thresholds_kw, term.multipliers, strict=True):
            parts.append((multiplier - before, self.bench.positive(add_up([(1.0, demand)], -threshold_kw))))
            before = multiplier
        if term.jump_kw and term.thresholds_kw:
            above = add_up([(1.0, demand)], -term.thresholds_kw[0])
            parts.append((1.0, self.bench.counted(above, Form(constant=term.jump_kw), strict=True)))
        return add_up(parts, term.contract_kw)


def _constants(atom: Atom) -> list[FloatArray]:
    """Give every row of numbers in which samples of an atom may differ."""
    match atom:
        case PeakAtom():
            return [atom.other_kw, *([] if atom.window_other_kw is None else atom.window_other_kw)]
        case TopAtom():
            return [*atom.group_other_kw, *atom.other_kw]
        case HingeAtom() | StepAtom():
            return [affine.constant for affine in _affines(atom)]


def _windows(means: sparse.csr_array) -> tuple[Window, ...]:
    rows = sparse.csr_array(means)
    spans = [slice(rows.indptr[w], rows.indptr[w + 1]) for w in range(rows.shape[0])]
    pairs = [sorted(zip(rows.indices[one].tolist(), rows.data[one].tolist(), strict=True)) for one in spans]
    return tuple((tuple(t for t, _ in row), tuple(share for _, share in row)) for row in pairs)


def _peak_of(atom: PeakAtom | TopAtom) -> _Peak:
    """Give a peak, or the highest one of a top atom's groups, as a peak."""
    windows = _windows(atom.means)
    if isinstance(atom, TopAtom):
        return _peak(atom.label, windows, None, np.concatenate([atom.group_other_kw, atom.other_kw]).max(axis=0))
    return _peak(atom.label, windows, atom.window_other_kw, atom.other_kw, is_reactive=atom.is_reactive)


def _groups_of(atom: TopAtom) -> tuple[_Peak, ...]:
    windows = _windows(atom.means)
    found = []
    for group, other_kw in enumerate(atom.group_other_kw):
        inside = tuple(one for one, its in zip(windows, atom.group_of_window, strict=True) if its == group)
        found.append(_peak(atom.label, inside, None, other_kw))
    return tuple(found)


def _demand_peak(term: DemandTerm) -> _Peak:
    """Give a plain demand charge's peak."""
    steps_of: dict[int, list[int]] = {}
    for t, block in enumerate(term.block_of_step.tolist()):
        if block != UNBLOCKED:
            steps_of.setdefault(block, []).append(t)
    windows = tuple((tuple(steps), (1 / len(steps),) * len(steps)) for steps in steps_of.values())
    return _peak(term.label, windows, None, np.maximum(term.other_peak_kw, 0.0))
