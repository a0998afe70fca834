"""A program in which processes change on a coarser grid only."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from optimizer.formulation import Matrix

SWITCHES = ("process_start", "process_stop")
STEADY = frozenset({"process_on", "process_rate"})
"""What stays the same within one step of the coarser grid."""


def steadied(matrix: Matrix, n_steps: int) -> tuple[Matrix, sparse.csr_array]:
    """Merge the columns of a process within every ``n_steps`` steps.

    Returns
    -------
    tuple of Matrix and sparse array
        The program, a restriction of ``matrix``, and what makes the columns of ``matrix`` of its columns.
    """
    groups: dict[object, list[int]] = {}
    for number, (name, index) in enumerate(matrix.columns):
        key = (name, index[0], index[1] // n_steps) if name in STEADY else number
        groups.setdefault(key, []).append(number)
    least = np.array([matrix.column_least[members].max() for members in groups.values()])
    most = np.array([matrix.column_most[members].min() for members in groups.values()])
    first = np.array([members[0] for members in groups.values()], dtype=np.int64)
    place = np.empty(len(matrix.columns), dtype=np.int64)
    for group, members in enumerate(groups.values()):
        place[members] = group
    spread = sparse.csr_array((np.ones(place.size), (np.arange(place.size), place)), shape=(place.size, len(groups)))
    columns = tuple(matrix.columns[number] for number in first.tolist())
    off = np.array([name in SWITCHES and index[1] % n_steps != 0 for name, index in columns], dtype=bool)
    merged = replace(
        matrix,
        cost=np.asarray(matrix.cost @ spread),
        a=sparse.csc_array(matrix.a @ spread),
        column_least=least,
        column_most=np.where(off, np.maximum(least, 0.0), most),
        is_integer=matrix.is_integer[first],
        columns=columns,
        column_of=dict(zip(columns, range(len(columns)), strict=True)),
    )
    return merged, spread
