"""Tariffs drawn at random: small graphs of atoms over a day, for hypothesis.

Edges are drawn around what a reference load brings, so that other loads fall on either side of them.
"""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

from domain.tariffs import PricedTerms
from domain.tariffs.atoms import Affine, Atom, HingeAtom, PeakAtom, StepAtom, TopAtom, atom_values
from tests.optimizer_cases import during, grid, terms

N_STEPS = 24
BASE_KW = 20.0 + 7.0 * (np.arange(N_STEPS) * 5 % 12)
"""20 … 97 kW."""
RUN_A_KW, RUN_B_KW = 100.0, 60.0
COEFFICIENTS = st.sampled_from([-2.0, -1.0, -0.5, 0.25, 1.0, 1.5])
DIRECTIONS = {
    "none": None,
    "all day": during(range(24)),
    "morning": during(range(9)),
    "evening": during(range(9, 24)),
    "tilted": 0.2 + 0.05 * np.arange(24),
    "uneven": np.cos(np.arange(24.0)),
}


def load_of(start_a: int, start_b: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Give the load of a base, a run A of two hours and a run B of one. [kW]."""
    load = BASE_KW.copy()
    load[start_a : start_a + 2] += RUN_A_KW
    load[start_b] += RUN_B_KW
    return load


REFERENCE_KW = load_of(5, 11)


@st.composite
def affines(draw: Any, n_samples: int, earlier: list[Atom], *, centred: bool) -> Affine:
    """Draw an affine over the import and earlier atoms; a centred one is near 0 at the reference load."""
    per_import_kw = DIRECTIONS[draw(st.sampled_from(sorted(DIRECTIONS)))]
    numbers = list(range(len(earlier)))
    chosen = draw(st.lists(st.sampled_from(numbers), max_size=2, unique=True)) if numbers else []
    scale = draw(COEFFICIENTS)
    parts = tuple((draw(COEFFICIENTS), number) for number in chosen)
    weights = None if per_import_kw is None else scale * per_import_kw
    plain = Affine(constant=np.zeros(n_samples), per_import_kw=weights, parts=parts)
    values = atom_values(earlier, REFERENCE_KW)
    centre = plain.value(REFERENCE_KW, None, values) if centred else np.zeros(n_samples)
    offsets = np.array([draw(st.integers(-9, 9)) * 10.0 for _ in range(n_samples)])
    return Affine(constant=offsets - np.round(centre), per_import_kw=weights, parts=parts)


@st.composite
def peaks(draw: Any, n_samples: int) -> PeakAtom:
    """Draw a peak over blocks of one to three steps, perhaps with a window over the edge of the horizon."""
    width = draw(st.integers(1, 3))
    means = np.kron(np.eye(N_STEPS // width), np.full(width, 1 / width))
    straddling = None
    if draw(st.booleans()):
        straddling = np.zeros((means.shape[0], n_samples))
        straddling[0] = [draw(st.integers(0, 4)) * 15.0 for _ in range(n_samples)]
    other_kw = np.array([draw(st.integers(0, 9)) * 20.0 for _ in range(n_samples)])
    return PeakAtom(label="peak", means=sparse.csr_array(means), window_other_kw=straddling, other_kw=other_kw)


@st.composite
def tops(draw: Any, n_samples: int) -> TopAtom:
    """Draw a mean of the highest among twelve groups of two steps."""
    n_highest = draw(st.integers(1, 3))
    groups = np.array([[draw(st.integers(0, 6)) * 25.0] * n_samples for _ in range(N_STEPS // 2)])
    others = np.array([[draw(st.integers(0, 5)) * 25.0 for _ in range(n_samples)] for _ in range(n_highest)])
    return TopAtom(
        label="top",
        n_highest=n_highest,
        means=sparse.csr_array(np.eye(N_STEPS)),
        group_of_window=tuple(t // 2 for t in range(N_STEPS)),
        group_other_kw=groups,
        other_kw=others,
    )


@st.composite
def atom_lists(draw: Any, n_samples: int) -> tuple[Atom, ...]:
    """Draw two to five atoms, each resting on earlier ones."""
    found: list[Atom] = []
    for number in range(draw(st.integers(2, 5))):
        kind = draw(st.sampled_from(["peak", "hinge", "step", "hinge", "step", "top"]))
        if kind == "hinge":
            found.append(HingeAtom(label=f"hinge {number}", of=draw(affines(n_samples, found, centred=True))))
        elif kind == "step":
            when = draw(affines(n_samples, found, centred=True))
            amount = draw(affines(n_samples, found, centred=False))
            found.append(StepAtom(label=f"step {number}", when=when, amount=amount, strict=draw(st.booleans())))
        elif kind == "peak":
            found.append(draw(peaks(n_samples)))
        else:
            found.append(draw(tops(n_samples)))
    return tuple(found)


@st.composite
def coupled_terms(draw: Any, **plain: Any) -> PricedTerms:
    """Draw a tariff of time-of-use energy and some atoms, the last of which always costs something."""
    atoms = draw(atom_lists(draw(st.integers(1, 3))))
    last = len(atoms) - 1
    charged = tuple(
        (draw(COEFFICIENTS), number) for number in range(len(atoms)) if number == last or draw(st.booleans())
    )
    price_per_kwh = np.where(np.arange(N_STEPS) < 8, 0.3, np.where(np.arange(N_STEPS) < 18, 0.7, 1.2))
    return terms(grid(), price_per_kwh, atoms=atoms, charged=charged, **plain)
