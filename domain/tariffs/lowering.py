"""Lower the quantities of a bill onto a planning horizon: steps inside become variables, the rest a number per sample."""

from dataclasses import replace
from decimal import Decimal

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.tariffs.atoms import STEP_TOLERANCE, Affine, Atom, HingeAtom, StepAtom, TopAtom
from domain.tariffs.bills import BillingWindow
from domain.tariffs.decimals import as_decimal, half_up
from domain.tariffs.lowering_peaks import PeakSplitter, Split, peak_atom
from domain.tariffs.power_factor import (
    POWER_FACTOR_DECIMALS,
    adjustment_rate,
    power_factor_of,
    rate_edges,
    tangent,
)
from domain.tariffs.quantities import (
    Billed,
    Energy,
    Given,
    Hinge,
    Largest,
    Peak,
    PowerFactor,
    Quantity,
    Rated,
    Step,
    Sum,
)
from domain.tariffs.tariff import SupplyPoint


@noun(eq=False)
class Lowered:
    """A quantity over the horizon: per sample a constant, per step a coefficient, and atoms."""

    constant: FloatArray
    per_import_kw: FloatArray | None = None
    per_export_kw: FloatArray | None = None
    per_reactive_kvar: FloatArray | None = None
    parts: dict[int, float]
    """Coefficient by number of the atom."""

    @property
    def is_constant(self) -> bool:
        """Whether no schedule can change it."""
        per_step = (self.per_import_kw, self.per_export_kw, self.per_reactive_kvar)
        return all(one is None for one in per_step) and not self.parts

    def affine(self) -> Affine:
        """Give it as the affine that atoms are made of."""
        return Affine(
            constant=self.constant,
            per_import_kw=self.per_import_kw,
            per_export_kw=self.per_export_kw,
            parts=tuple((coefficient, number) for number, coefficient in sorted(self.parts.items())),
            per_reactive_kvar=self.per_reactive_kvar,
        )


def _added(one: FloatArray | None, other: FloatArray | None, coefficient: float) -> FloatArray | None:
    if other is None:
        return one
    return coefficient * other if one is None else one + coefficient * other


class Lowering:
    """Lowers quantities one by one; shared ones become one atom."""

    def __init__(self, window: BillingWindow, supply: SupplyPoint, zone: str) -> None:
        self.window = window
        self.peaks = PeakSplitter(window, supply, zone)
        self.atoms: list[Atom] = []
        self._whens: dict[tuple[int, int, float], Lowered] = {}
        self._known: dict[int, Lowered] = {}
        self._kept: list[Quantity] = []

    def is_planned(self, rated: Rated) -> bool:
        """Say whether a schedule's reactive power decides a rate."""
        return self.window.around_kvar is not None and not rated.is_given

    def rate(self, rated: Rated) -> float:
        """Give the rate that the given power factor earns. [-]."""
        return float(adjustment_rate(rated.standard, self.peaks.power_factor))

    def of(self, quantity: Quantity) -> Lowered:
        """Give a quantity over the horizon."""
        found = self._known.get(id(quantity))
        if found is None:
            found = self._lower(quantity)
            self._known[id(quantity)] = found
            self._kept.append(quantity)
        return found

    def know(self, quantity: Quantity, values: FloatArray) -> None:
        """Take a quantity as given from elsewhere, shape (n_samples,)."""
        self._known[id(quantity)] = self.constant(values)
        self._kept.append(quantity)

    def constant(self, value: float | FloatArray) -> Lowered:
        """Give a number as a quantity."""
        return Lowered(constant=np.broadcast_to(np.float64(value), (self.window.n_samples,)), parts={})

    def add(self, atom: Atom) -> Lowered:
        """Keep an atom and give it as a quantity."""
        self.atoms.append(atom)
        return replace(self.constant(0.0), parts={len(self.atoms) - 1: 1.0})

    def combine(self, parts: list[tuple[float, Lowered]], constant: float = 0.0) -> Lowered:
        """Add up quantities."""
        total = np.full(self.window.n_samples, constant)
        imported = exported = reactive = None
        atoms: dict[int, float] = {}
        for coefficient, part in parts:
            total = total + coefficient * part.constant
            imported = _added(imported, part.per_import_kw, coefficient)
            exported = _added(exported, part.per_export_kw, coefficient)
            reactive = _added(reactive, part.per_reactive_kvar, coefficient)
            for number, weight in part.parts.items():
                atoms[number] = atoms.get(number, 0.0) + coefficient * weight
        return Lowered(
            constant=total, per_import_kw=imported, per_export_kw=exported, per_reactive_kvar=reactive, parts=atoms
        )

    def _lower(self, quantity: Quantity) -> Lowered:  # noqa: C901, PLR0911 -- one arm per kind of quantity
        match quantity:
            case Given():
                return self.constant(quantity.value)
            case PowerFactor():
                return self.constant(float(self.peaks.power_factor))
            case Energy():
                return self._energy(quantity)
            case Sum():
                return self.combine([(one, self.of(part)) for one, part in quantity.parts], quantity.constant)
            case Rated():
                return self._rated(quantity)
            case Hinge():
                return self._hinge(quantity.label, self.of(quantity.of))
            case Step():
                return self._step(
                    quantity.label, self.of(quantity.when), self.of(quantity.amount), strict=quantity.strict
                )
            case Peak():
                return self._peak(quantity)
            case Largest():
                return self._largest(quantity)
            case Billed():
                return self._billed(quantity)

    def _rated(self, rated: Rated) -> Lowered:
        r""":math:`r B + \sum_{k > \varphi} \Delta_k B [Q \le T_k P] - \sum_{k \le \varphi} \Delta_k B [Q > T_k P]`.

        The edges :math:`T_k` and the rates' changes :math:`\Delta_k` at them are the standard's, *r* is the rate at a usual
        power factor :math:`\varphi`: prices by the kWh and the kW then are those that people know, and steps only correct them.
        """
        base = self.of(rated.of)
        if not self.is_planned(rated):
            return self.combine([(self.rate(rated), base)])
        usual = self._usual_power_factor()
        parts = [(float(adjustment_rate(rated.standard, usual)), base)]
        for edge in rate_edges(rated.standard)[1]:
            label, change = f"{rated.standard} {edge.from_pf}", float(edge.change)
            reached = self._reached(rated.first, rated.stop, edge.most_kvarh_per_kwh)
            if edge.from_pf > half_up(usual, POWER_FACTOR_DECIMALS):
                parts.append((change, self._step(label, reached, base, strict=False)))
            else:
                missed = self.combine([(-1.0, reached)])
                parts.append((-change, self._step(label, missed, base, strict=True)))
        return self.combine(parts)

    def _usual_power_factor(self) -> Decimal:
        """Give the power factor that is given, else that of all that lies around the horizon. [-]."""
        window = self.window
        known = window.power_factor if window.power_factor is not None else self.peaks.supply.power_factor
        if known is not None or window.around_kvar is None:
            return Decimal(1) if known is None else known
        kwh, kvarh = (float(np.nansum(rows)) * window.grid.step_h for rows in (window.around_kw, window.around_kvar))
        return power_factor_of(as_decimal(kwh), as_decimal(kvarh)) if kwh or kvarh else Decimal(1)

    def _reached(self, first: int, stop: int, most_kvarh_per_kwh: float) -> Lowered:
        """Give by how much the reactive energy of some steps stays below a multiple of the active energy. [kvarh]."""
        key = (first, stop, most_kvarh_per_kwh)
        if key not in self._whens:
            active = self._energy(Energy(first=first, stop=stop))
            reactive = self._energy(Energy(first=first, stop=stop, channel="reactive"))
            self._whens[key] = self.combine([(most_kvarh_per_kwh, active), (-1.0, reactive)])
        return self._whens[key]

    def _hinge(self, label: str, inner: Lowered) -> Lowered:
        if inner.is_constant:
            return self.constant(np.maximum(0.0, inner.constant))
        return self.add(HingeAtom(label=label, of=inner.affine()))

    def _step(self, label: str, when: Lowered, amount: Lowered, *, strict: bool) -> Lowered:
        if amount.is_constant and not amount.constant.any():
            return amount
        if when.is_constant:
            is_on = when.constant >= (STEP_TOLERANCE if strict else -STEP_TOLERANCE)
            if is_on.all():
                return amount
            if not is_on.any():
                return self.constant(0.0)
        return self.add(StepAtom(label=label, when=when.affine(), amount=amount.affine(), strict=strict))

    def _energy(self, energy: Energy) -> Lowered:
        window, step_h = self.window, self.window.grid.step_h
        weights = np.ones(energy.stop - energy.first) if energy.weights is None else np.array(energy.weights)
        is_planned = energy.channel == "reactive" and window.around_kvar is not None
        if energy.channel == "reactive" and not is_planned:
            weights = weights * tangent(self.peaks.power_factor)
        first, stop = max(energy.first, window.first), min(energy.stop, window.stop)
        inside = None
        outside = weights.copy()
        if first < stop:
            inside = np.zeros(window.stop - window.first)
            inside[first - window.first : stop - window.first] = weights[first - energy.first : stop - energy.first]
            outside[first - energy.first : stop - energy.first] = 0.0
        if inside is not None and not inside.any():
            inside = None
        per_kw = None if inside is None else inside * step_h
        if energy.channel == "export":
            around = self._around(energy, outside, window.around_export_kw)
            return Lowered(constant=around, per_export_kw=per_kw, parts={})
        if is_planned:
            around = self._around(energy, outside, window.around_kvar)
            return Lowered(constant=around, per_reactive_kvar=per_kw, parts={})
        return Lowered(constant=self._around(energy, outside, window.around_kw), per_import_kw=per_kw, parts={})

    def _around(self, energy: Energy, outside: FloatArray, rows: FloatArray | None) -> FloatArray:
        if rows is None:
            return np.zeros(self.window.n_samples)
        kept = np.nan_to_num(rows[:, energy.first : energy.stop])
        return np.asarray(kept @ outside * self.window.grid.step_h)

    def _peak(self, peak: Peak) -> Lowered:
        if peak.n_highest > 1:
            found = self.peaks.top(peak)
            return self.add(found) if isinstance(found, TopAtom) else self.constant(found)
        split = self.peaks.split(peak)
        scale = self.peaks.scale(peak)
        if split.means.shape[0] == 0:
            return self.constant(scale * split.other_kw)
        least = np.zeros(self.window.n_samples)
        is_reactive = self.peaks.is_reactive(peak)
        return self.add(peak_atom(peak.label, [(scale, split)], least, is_reactive=is_reactive))

    def _largest(self, largest: Largest) -> Lowered:
        """Merge peaks and numbers into one peak; fold in whatever else there is by its excess."""
        splits: list[tuple[float, Split]] = []
        least = np.full(self.window.n_samples, largest.least)
        rest: list[Lowered] = []
        for coefficient, part in largest.parts:
            alike = isinstance(part, Peak) and part.n_highest == 1 and not self.peaks.is_reactive(part)
            if isinstance(part, Peak) and alike and coefficient >= 0:
                split = self.peaks.split(part)
                scale = coefficient * self.peaks.scale(part)
                least = np.maximum(least, scale * split.other_kw)
                if split.means.shape[0] and scale:
                    splits.append((scale, split))
                continue
            lowered = self.combine([(coefficient, self.of(part))])
            if lowered.is_constant:
                least = np.maximum(least, lowered.constant)
            else:
                rest.append(lowered)
        found = self.add(peak_atom(largest.label, splits, least)) if splits else self.constant(least)
        for one in rest:
            above = self._hinge(largest.label, self.combine([(1.0, one), (-1.0, found)]))
            found = self.combine([(1.0, found), (1.0, above)])
        return found

    def _billed(self, billed: Billed) -> Lowered:
        r""":math:`C + \sum_j (m_j - m_{j-1}) \max(0, D - \theta_j) + J [D > \theta_1]`."""
        over, demand = billed.over, self.of(billed.demand)
        parts: list[tuple[float, Lowered]] = []
        before = 0.0
        for threshold_kw, multiplier in zip(over.thresholds_kw, over.multipliers, strict=True):
            above = self.combine([(1.0, demand)], -float(threshold_kw))
            parts.append((float(multiplier) - before, self._hinge(billed.label, above)))
            before = float(multiplier)
        if over.jump_kw:
            above = self.combine([(1.0, demand)], -float(over.thresholds_kw[0]))
            jump = self._step(billed.label, above, self.constant(float(over.jump_kw)), strict=True)
            parts.append((1.0, jump))
        return self.combine(parts, float(over.contract_kw))
