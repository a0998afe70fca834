r"""Quantities of a bill that are no plain energy, as a small calculus over one planning horizon.

Every quantity has one value per sample *k* of what happens outside the horizon. An ``Affine`` adds up a constant, the
steps' import, export and reactive power, and earlier atoms; an atom is a peak, a mean of the highest peaks, the positive part of an
affine, or an affine that counts only where another is not negative. Tiers, hours' use, ratchets across months, rebates,
minimum bills, caps and network rules are all made of these four. The optimiser turns each atom into rows and columns,
``atom_values`` evaluates them in plain numpy.
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.text import Text

Part = tuple[float, int]
"""A coefficient and the number of the atom that it multiplies."""

STEP_TOLERANCE = 5e-7
"""How close to its edge a step counts as on it: bills keep quantities to six decimals, solvers to about as much."""


@noun(eq=False)
class Affine:
    r""":math:`c_k + \sum_t a_t i_t + \sum_t e_t o_t + \sum_t q_t |Q_t| + \sum_j b_j A_{jk}`.

    Import is *i*, export *o*, reactive power *Q*, earlier atoms are *A*.
    """

    constant: FloatArray
    """c_k, shape (n_samples,)."""
    per_import_kw: FloatArray | None = None
    """a_t, shape (n_steps,); None: the import does not matter. [unit / kW]"""
    per_export_kw: FloatArray | None = None
    """e_t, shape (n_steps,). [unit / kW]"""
    parts: tuple[Part, ...] = ()
    per_reactive_kvar: FloatArray | None = None
    """q_t, shape (n_steps,). [unit / kvar]"""

    def value(
        self,
        import_kw: FloatArray,
        export_kw: FloatArray | None,
        earlier: Sequence[FloatArray],
        reactive_kvar: FloatArray | None = None,
    ) -> FloatArray:
        """Evaluate it for every sample, shape (n_samples,); ``reactive_kvar`` is |forward| + |reverse|."""
        found = np.array(self.constant)
        if self.per_import_kw is not None:
            found = found + float(self.per_import_kw @ import_kw)
        if self.per_export_kw is not None and export_kw is not None:
            found = found + float(self.per_export_kw @ export_kw)
        if self.per_reactive_kvar is not None:
            found = found + float(self.per_reactive_kvar @ known_kvar(reactive_kvar))
        for coefficient, number in self.parts:
            found = found + coefficient * earlier[number]
        return np.asarray(found, dtype=np.float64)


@noun(eq=False)
class PeakAtom:
    r""":math:`\max(R_k, \max_w (\sum_t m_{wt} i_t + r_{wk}))`: the highest mean over measurement windows *w*. [kW]."""

    label: str
    means: sparse.csr_array
    """m, shape (n_windows, n_steps): the weight of each step in each window's mean."""
    window_other_kw: FloatArray | None
    """r, shape (n_windows, n_samples): what steps outside the horizon bring to a window; None: nothing. [kW]"""
    other_kw: FloatArray
    """R, shape (n_samples,): the highest mean of windows outside the horizon, at least 0. [kW]"""
    is_reactive: bool = False
    """Whether it is a peak of the reactive power, in kvar, *i* then standing for that."""

    def value(self, import_kw: FloatArray, reactive_kvar: FloatArray | None = None) -> FloatArray:
        """Evaluate it for every sample, shape (n_samples,). [kW or kvar]."""
        power = known_kvar(reactive_kvar) if self.is_reactive else import_kw
        means_kw = (self.means @ power)[:, None] + (0.0 if self.window_other_kw is None else self.window_other_kw)
        highest_kw = means_kw.max(axis=0) if means_kw.shape[0] else np.full_like(self.other_kw, -np.inf)
        return np.asarray(np.maximum(self.other_kw, highest_kw), dtype=np.float64)


@noun(eq=False)
class TopAtom:
    r"""The mean of the N highest values among groups of windows and what lies outside the horizon. [kW].

    Group *g* has the value :math:`\max(R_{gk}, \max_{w \in g} \sum_t m_{wt} i_t)`; a group is a day, or one window.
    """

    label: str
    n_highest: int
    means: sparse.csr_array
    """m, shape (n_windows, n_steps)."""
    group_of_window: tuple[int, ...]
    """Group of each window, from 0."""
    group_other_kw: FloatArray
    """R_g, shape (n_groups, n_samples): the group's highest mean outside the horizon, at least 0. [kW]"""
    other_kw: FloatArray
    """Shape (n_highest, n_samples): the highest values of groups wholly outside the horizon, at least 0. [kW]"""

    def value(self, import_kw: FloatArray) -> FloatArray:
        """Evaluate it for every sample, shape (n_samples,). [kW]."""
        groups_kw = np.array(self.group_other_kw)
        means_kw = self.means @ import_kw
        for window, group in enumerate(self.group_of_window):
            groups_kw[group] = np.maximum(groups_kw[group], means_kw[window])
        both = np.sort(np.concatenate([groups_kw, self.other_kw]), axis=0)
        return np.asarray(both[-self.n_highest :].mean(axis=0), dtype=np.float64)


@noun(eq=False)
class HingeAtom:
    """The positive part of an affine: what lies above a tier's edge, a free allowance, a minimum."""

    label: str
    of: Affine


@noun(eq=False)
class StepAtom:
    """``amount`` where ``when`` is not negative, else 0.

    With ``strict`` it counts from ``when >= STEP_TOLERANCE`` on, else from ``when >= -STEP_TOLERANCE``.
    """

    label: str
    when: Affine
    amount: Affine
    strict: bool = False

    def is_on(self, when: FloatArray) -> FloatArray:
        """Give 1 where it counts, else 0."""
        edge = STEP_TOLERANCE if self.strict else -STEP_TOLERANCE
        return np.asarray(when >= edge, dtype=np.float64)


Atom = PeakAtom | TopAtom | HingeAtom | StepAtom


class ReactivePowerMissingError(WattplanError, ValueError):
    """A cost counts reactive power that the caller did not give."""

    code = "reactive_power_missing"
    words = Text(
        en="The tariff's terms count reactive power; give the schedule's reactive_kvar with its import.",
        zh="电价条款计入无功功率，请随有功功率一并给出计划的 reactive_kvar。",
    )


def known_kvar(reactive_kvar: FloatArray | None) -> FloatArray:
    """Give reactive power that must be known. [kvar].

    Raises
    ------
    ReactivePowerMissingError
    """
    if reactive_kvar is None:
        raise ReactivePowerMissingError
    return reactive_kvar


def affines_of(atom: Atom) -> tuple[Affine, ...]:
    """Give the affines that an atom is made of."""
    match atom:
        case HingeAtom():
            return (atom.of,)
        case StepAtom():
            return (atom.when, atom.amount)
        case PeakAtom() | TopAtom():
            return ()


def counts_reactive(atom: Atom) -> bool:
    """Say whether an atom rests on reactive power itself."""
    if isinstance(atom, PeakAtom):
        return atom.is_reactive
    return any(one.per_reactive_kvar is not None for one in affines_of(atom))


def atom_values(
    atoms: Sequence[Atom],
    import_kw: FloatArray,
    export_kw: FloatArray | None = None,
    reactive_kvar: FloatArray | None = None,
) -> list[FloatArray]:
    """Evaluate atoms in their order, each for every sample."""
    found: list[FloatArray] = []
    for atom in atoms:
        match atom:
            case PeakAtom():
                found.append(atom.value(import_kw, reactive_kvar))
            case TopAtom():
                found.append(atom.value(import_kw))
            case HingeAtom():
                found.append(np.maximum(0.0, atom.of.value(import_kw, export_kw, found, reactive_kvar)))
            case StepAtom():
                is_on = atom.is_on(atom.when.value(import_kw, export_kw, found, reactive_kvar))
                found.append(is_on * atom.amount.value(import_kw, export_kw, found, reactive_kvar))
    return found
