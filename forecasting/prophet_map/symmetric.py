"""Linear systems that are symmetric and not negative, close to singular ones among them."""

from typing import Any

import numpy as np
from scipy import linalg

from domain.checks import FloatArray

LEAST_PIVOT_SHARE = 1e-7
"""Least over largest pivot below which a Cholesky factor is not trusted. [-]"""
LEAST_EIGENVALUE_SHARE = 1e-14
"""Eigenvalues below this share of the largest are rounding, not curvature. [-]"""


def solve_symmetric(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solve a symmetric system that is positive up to rounding; what nothing decides is left alone."""
    try:
        factor: Any = linalg.cho_factor(matrix, lower=True, check_finite=False)
        pivots = np.diag(factor[0])
        if pivots.size == 0 or pivots.min() > LEAST_PIVOT_SHARE * pivots.max():
            return np.asarray(linalg.cho_solve(factor, right, check_finite=False), dtype=np.float64)
    except linalg.LinAlgError:
        pass  # not positive by rounding: the eigenvalues say which directions count
    values, vectors = linalg.eigh(matrix)
    kept = values > LEAST_EIGENVALUE_SHARE * values[-1]
    turned = vectors[:, kept]
    within = turned.T @ right
    scale = values[kept] if within.ndim == 1 else values[kept][:, None]
    return np.asarray(turned @ (within / scale), dtype=np.float64)
