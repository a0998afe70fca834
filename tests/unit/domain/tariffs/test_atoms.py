"""The calculus of a bill's quantities, point by point; all numbers differ."""

import numpy as np
import pytest
from scipy import sparse

from domain.tariffs.atoms import Affine, HingeAtom, PeakAtom, StepAtom, TopAtom, atom_values

IMPORT_KW = np.array([10.0, 30.0, 20.0, 60.0])
EXPORT_KW = np.array([1.0, 0.0, 4.0, 0.0])


def affine(*constant: float, per_import=None, per_export=None, parts=()) -> Affine:
    return Affine(
        constant=np.array(constant),
        per_import_kw=None if per_import is None else np.array(per_import),
        per_export_kw=None if per_export is None else np.array(per_export),
        parts=parts,
    )


def test_an_affine_adds_import_export_and_earlier_atoms():
    one = affine(5.0, 7.0, per_import=[1, 2, 0, 3], per_export=[0, 0, -2, 0], parts=((0.5, 0),))
    assert one.value(IMPORT_KW, EXPORT_KW, [np.array([100.0, 40.0])]).tolist() == [
        5 + 250 - 8 + 50,
        7 + 250 - 8 + 20,
    ]
    assert one.value(IMPORT_KW, None, [np.array([100.0, 40.0])]).tolist() == [5 + 250 + 50, 7 + 250 + 20]


def test_a_peak_is_the_highest_mean_within_or_outside():
    means = sparse.csr_array(np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]]))  # 20 and 40
    plain = PeakAtom(label="d", means=means, window_other_kw=None, other_kw=np.array([15.0, 55.0]))
    assert plain.value(IMPORT_KW).tolist() == [40.0, 55.0]
    over_the_edge = PeakAtom(
        label="d", means=means, window_other_kw=np.array([[30.0, 1.0], [0.0, 2.0]]), other_kw=np.array([15.0, 12.0])
    )
    assert over_the_edge.value(IMPORT_KW).tolist() == [50.0, 42.0]


def test_the_mean_of_the_highest_groups():
    """Groups 30 and 60 (or 70 outside); with 45 and 5 wholly outside, the two highest are 60, 45 and 70, 45."""
    atom = TopAtom(
        label="top",
        n_highest=2,
        means=sparse.csr_array(np.eye(4)),
        group_of_window=(0, 0, 1, 1),
        group_other_kw=np.array([[0.0, 0.0], [3.0, 70.0]]),
        other_kw=np.array([[5.0, 5.0], [45.0, 45.0]]),
    )
    assert atom.value(IMPORT_KW).tolist() == [52.5, 57.5]


@pytest.mark.parametrize(
    ("when", "strict", "counts"),
    [(0.0, False, True), (-4e-7, False, True), (-1e-6, False, False), (0.0, True, False), (1e-6, True, True)],
)
def test_a_step_counts_from_its_edge(when, strict, counts):
    atom = StepAtom(label="s", when=affine(when), amount=affine(9.0, per_import=[0, 0, 0, 1]), strict=strict)
    (value,) = atom_values((atom,), IMPORT_KW)
    assert value.tolist() == [69.0 if counts else 0.0]


def test_atoms_rest_on_earlier_ones():
    """Peak 60; 25 above 35; counts 3 × 25 where the import of the first step reaches 10."""
    peak = PeakAtom(label="d", means=sparse.csr_array(np.eye(4)), window_other_kw=None, other_kw=np.zeros(1))
    above = HingeAtom(label="above", of=affine(-35.0, parts=((1.0, 0),)))
    step = StepAtom(label="s", when=affine(-10.0, per_import=[1, 0, 0, 0]), amount=affine(0.0, parts=((3.0, 1),)))
    assert [float(one[0]) for one in atom_values((peak, above, step), IMPORT_KW)] == [60.0, 25.0, 75.0]
    assert float(atom_values((peak, above, step), IMPORT_KW - 1.0)[2][0]) == 0.0
