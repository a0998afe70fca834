"""Courses of a day whose peaks are distributed as calibrated, each with the shape of a past day's error."""

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.text import Text

LEAST_SCALE, MOST_SCALE = 0.5, 2.0
"""An error is scaled by no less and no more than this to reach a peak; the rest is made up by a shift. [-]"""
ROUNDS = 40


def courses_with_peaks(
    mean_kw: FloatArray, errors_kw: FloatArray, levels: npt.ArrayLike, peaks_kw: npt.ArrayLike
) -> FloatArray:
    """Scale (and, where that is not enough, shift) whole-day errors so that the courses' peaks are as asked.

    The course whose peak ranks ``i``-th of ``n`` gets the peak of level ``(i - 1/2) / n``: the order of the courses
    stays, and each error stays ``scale * past error + shift`` with one scale and one shift for the day.

    Parameters
    ----------
    mean_kw : FloatArray
        Forecast course of the day, shape (n_steps,). [kW]
    errors_kw : FloatArray
        Past days' errors, shape (n_courses, n_steps). [kW]
    levels : array
        Levels of the peak's distribution, ascending. [-]
    peaks_kw : array
        The peak at each level, not falling. [kW]

    Returns
    -------
    FloatArray
        The errors to add to ``mean_kw``, shape (n_courses, n_steps). [kW]
    """
    levels, peaks_kw = np.asarray(levels, dtype=np.float64), np.asarray(peaks_kw, dtype=np.float64)
    if levels.shape != peaks_kw.shape or (np.diff(levels) <= 0).any() or (np.diff(peaks_kw) < 0).any():
        problem = Text(en="must not fall over ascending levels", zh="须随分位水平升高而不下降")
        raise checks.refuse("courses_with_peaks", "peaks_kw", peaks_kw.tolist(), problem)
    n_courses = len(errors_kw)
    found_kw = (mean_kw + errors_kw).max(axis=1)
    order = np.argsort(found_kw, kind="stable")
    asked_kw = np.empty(n_courses)
    asked_kw[order] = np.interp((np.arange(n_courses) + 0.5) / n_courses, levels, peaks_kw)
    scales = _scales(mean_kw, errors_kw, found_kw, asked_kw)
    scaled_kw = scales[:, None] * errors_kw
    shifts_kw = asked_kw - (mean_kw + scaled_kw).max(axis=1)
    return np.asarray(scaled_kw + shifts_kw[:, None], dtype=np.float64)


def _scales(mean_kw: FloatArray, errors_kw: FloatArray, found_kw: FloatArray, asked_kw: FloatArray) -> FloatArray:
    """Give the scale next to 1 that brings each peak to the one asked, or the bound that brings it nearest.

    The peak is convex in the scale, so on either side of 1 it is bisected where the bound reaches far enough.
    """
    peaks = {end: (mean_kw + end * errors_kw).max(axis=1) for end in (LEAST_SCALE, MOST_SCALE)}
    low_off, high_off = np.abs(peaks[LEAST_SCALE] - asked_kw), np.abs(peaks[MOST_SCALE] - asked_kw)
    own_off = np.abs(found_kw - asked_kw)
    ends = np.where(low_off < high_off, LEAST_SCALE, MOST_SCALE)
    ends = np.where(np.minimum(low_off, high_off) < own_off, ends, 1.0)
    for end in (LEAST_SCALE, MOST_SCALE):
        reaches = (peaks[end] - asked_kw) * (found_kw - asked_kw) <= 0
        ends = np.where(reaches, end, ends)
    near, far = np.ones(len(errors_kw)), ends
    reaching = ((mean_kw + far[:, None] * errors_kw).max(axis=1) - asked_kw) * (found_kw - asked_kw) <= 0
    for _ in range(ROUNDS if reaching.any() else 0):
        middle = (near + far) / 2
        same_side = ((mean_kw + middle[:, None] * errors_kw).max(axis=1) - asked_kw) * (found_kw - asked_kw) > 0
        near = np.where(reaching & same_side, middle, near)
        far = np.where(reaching & ~same_side, middle, far)
    return far
