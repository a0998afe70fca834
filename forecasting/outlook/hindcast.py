r"""What the same method would have said of months that are known by now: its growth and its errors.

A month's ratio to what last year's days foretell is the measured growth (O1); what growth leaves over is the error (O2).
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
from scipy import stats

from domain.checks import FloatArray
from domain.noun import noun
from domain.time import TimeGrid, local_midnight
from forecasting.clock import IntArray
from forecasting.outlook.anchored import WHOLE_MONTH_SHARE, MonthSums, Site, is_lent, month_cuts

GROWTH_MONTHS = 12
HALF_LIFE_MONTHS = 6.0
PRIOR_SD_RATE = 0.05
"""How far a year's growth strays from none before anything is measured, as a natural logarithm. [-]"""
LEAST_SD_RATE = 0.02
"""No year's growth is known better than this for the next: it changes itself. [-]"""
MONTHS_PER_FREE = 3.0
"""Neighbouring months err together: so many count as one independent measurement."""
THREE_QUARTERS = 0.75
LEAST_FREEDOM = 4.0
Q75_TO_SIGMA = 1 / 1.1503
"""Three quarters of normal values lie within 1.1503 standard deviations."""
SMALL_SHARE = 0.01
"""Below this share of the mean month a month's ratio means nothing. [-]"""
LEAST_CHECKED = 6
"""Fewer checked months than this and the errors come from neighbours. [-]"""


@noun
class Growth:
    """Growth a year, as natural logarithm: shrunk towards none by how well it is measured."""

    mean_rate: float
    sd_rate: float
    n_months: int
    """How many months could be compared with a year before."""
    measured_rate: float
    """The same before shrinking; 0 where nothing was compared."""

    @property
    def yearly_pct(self) -> float:
        """Growth a year as it is carried on. [%]."""
        return 100 * float(np.expm1(self.mean_rate))

    @property
    def measured_pct(self) -> float:
        """Growth a year as it was measured. [%]."""
        return 100 * float(np.expm1(self.measured_rate))


@noun(eq=False)
class MonthErrors:
    """Logarithms of actual ÷ foretold by month, and from which way of foretelling they are."""

    total_log: FloatArray
    bands_log: FloatArray
    """Shape (n, n_bands); NaN where a month has too little of a band."""
    peak_log: FloatArray
    n_checked: int
    """How many different months were foretold. [-]"""
    by_neighbours: bool


@noun
class Spread:
    """A scale of errors and how many months it rests on: a Student distribution of the logarithm."""

    sd_log: float
    n_checked: int

    def factors(self, levels: tuple[float, ...]) -> FloatArray:
        """Give the factor on the foretold value at each level. [-]."""
        return np.asarray(np.exp(self.scale_log * stats.t.ppf(levels, self.freedom)), dtype=np.float64)

    def below_share(self, ratios: FloatArray) -> FloatArray:
        """Give how likely actual ÷ foretold stays at or below each ratio. [-]."""
        logs = np.log(np.maximum(ratios, 1e-12))
        return np.where(ratios <= 0, 0.0, stats.t.cdf(logs / self.scale_log, self.freedom))

    @property
    def freedom(self) -> float:
        """Degrees of freedom: neighbouring months count in part; fewer than four would make every tail endless."""
        return max(LEAST_FREEDOM, self.n_checked / MONTHS_PER_FREE)

    @property
    def scale_log(self) -> float:
        """The scale, widened for being estimated; never 0."""
        return max(self.sd_log, 1e-4) * float(np.sqrt(1 + 1 / max(1, self.n_checked)))


@noun
class MonthRatio:
    """One month against last year's days: logarithms of energy ÷ energy and of peak ÷ peak."""

    place: int
    """Number of the month among the measured ones."""
    total_log: float
    peak_log: float


def year_on_year(site: Site, actual: MonthSums) -> tuple[MonthRatio, ...]:
    """Give each month that can be compared with last year's days, oldest first.

    A month's ratio rests on days up to its end only, whoever asks later.
    """
    donors = _donors(site, before=site.book.n_days)
    grid = site.measured.grid
    compared = _compared(site, actual, grid, site.lend(grid, donors), donors)
    return tuple(MonthRatio(place=number, total_log=float(row[0]), peak_log=float(row[1])) for number, row in compared)


def growths_of(ratios: Sequence[MonthRatio], before: int) -> tuple[Growth, Growth]:
    """Give the growth of energy and that of the peak, which often stays where energy grows, from months before one."""
    known = [one for one in ratios if one.place < before]
    peaks = [one.peak_log for one in known if np.isfinite(one.peak_log)]
    return growth_of([one.total_log for one in known]), growth_of(peaks)


def growth_of(ratios: Sequence[float]) -> Growth:
    r"""Measure growth from the newest months' ratios, oldest first, and shrink it by its doubt.

    .. math:: \hat g = \operatorname{median}_w \log(E_m / E'_m), \qquad
              g = \hat g \, \frac{\sigma_0^2}{\sigma_0^2 + s^2}                                            (O1)

    with weights halved every six months, :math:`s^2 = q^2 / n_{free} + 0.02^2`, :math:`q` the 75 % quantile of the
    deviations as a standard deviation, and :math:`\sigma_0 = 0.05`.
    """
    rates = np.array(ratios[-GROWTH_MONTHS:], dtype=np.float64)
    if rates.size == 0:
        return Growth(mean_rate=0.0, sd_rate=PRIOR_SD_RATE, n_months=0, measured_rate=0.0)
    weights = 0.5 ** (np.arange(rates.size)[::-1] / HALF_LIFE_MONTHS)
    middle = _weighted_quantile(rates, weights, 0.5)
    spread = Q75_TO_SIGMA * _weighted_quantile(np.abs(rates - middle), weights, THREE_QUARTERS)
    free = max(1.0, float(weights.sum() ** 2 / (weights**2).sum()) / MONTHS_PER_FREE)
    doubt2 = max(spread, PRIOR_SD_RATE if rates.size < MONTHS_PER_FREE else 0.0) ** 2 / free + LEAST_SD_RATE**2
    kept = PRIOR_SD_RATE**2 / (PRIOR_SD_RATE**2 + doubt2)
    sd = max(LEAST_SD_RATE, float(np.sqrt(kept * doubt2)))
    return Growth(mean_rate=kept * middle, sd_rate=sd, n_months=int(rates.size), measured_rate=middle)


def errors_of(site: Site, actual: MonthSums) -> MonthErrors:
    r"""Foretell known months as the coming ones are, from each month's start, and keep what was off.

    .. math:: e_{o,m} = \log E_m - \log(E'_{o,m} \, e^{g_o})                                              (O2)

    Where fewer than six months can be foretold from a year before, each month is foretold from its neighbours instead.
    """
    rows: list[tuple[date, FloatArray]] = []
    grid = site.measured.grid
    ratios = year_on_year(site, actual)
    for place, month in enumerate(actual.months):
        first = max(0, grid.step_of(local_midnight(month, site.clock.zone)))
        last = min(grid.n_steps, grid.step_of(local_midnight(months_later(month, GROWTH_MONTHS), site.clock.zone)))
        if site.day_number(month) <= 0 or last <= first:
            continue
        part = grid.part(first, last)
        donors = _donors(site, before=site.day_number(month))
        energy, peak = growths_of(ratios, place)
        rates = np.full(2 + len(site.band_names), energy.mean_rate)
        rates[1] = peak.mean_rate
        compared = _compared(site, actual, part, site.lend(part, donors), donors)
        rows += [(actual.months[number], row - rates) for number, row in compared]
    if len({month for month, _ in rows}) >= LEAST_CHECKED:
        return _gathered(rows, site, by_neighbours=False)
    return _gathered(_by_neighbours(site, actual), site, by_neighbours=True)


def spread_of(errors_log: FloatArray, n_checked: int) -> Spread | None:
    """Give the scale of errors; None where none is known."""
    known = errors_log[np.isfinite(errors_log)]
    if known.size == 0:
        return None
    return Spread(sd_log=float(np.sqrt(np.mean(known**2))), n_checked=n_checked)


def whole_months(actual: MonthSums) -> int:
    """Count the months that are known well enough to be compared."""
    return int((actual.known_share >= WHOLE_MONTH_SHARE).sum())


def _donors(site: Site, *, before: int) -> IntArray:
    """Give every day's donor among the days before one."""
    usable = site.usable.copy()
    usable[before:] = False
    return site.book.like_days(np.arange(site.book.n_days, dtype=np.int64), usable)


def _compared(
    site: Site, actual: MonthSums, grid: TimeGrid, load_kw: FloatArray, donors: IntArray
) -> list[tuple[int, FloatArray]]:
    """Give (number of the month, logs of actual ÷ foretold: total, peak, bands) of each month that is whole."""
    months, _ = month_cuts(grid, site.clock.zone)
    lent = is_lent(site, months, donors)
    if not lent.any():
        return []
    first = site.measured.grid.edge_of(grid.start)
    hidden = np.isnan(site.measured.load_kw[first : first + grid.n_steps])
    told = site.sums(grid, np.where(hidden, np.nan, load_kw))
    numbers = {month: number for number, month in enumerate(actual.months)}
    whole = lent & (told.known_share >= WHOLE_MONTH_SHARE)
    return [
        (numbers[month], row)
        for place, month in enumerate(months)
        if whole[place] and np.isfinite((row := _logs(actual, numbers[month], told, place))[:2]).all()
    ]


def _logs(actual: MonthSums, number: int, told: MonthSums, place: int) -> FloatArray:
    least_kwh = SMALL_SHARE * float(np.mean(actual.total_kwh))
    least_kw = SMALL_SHARE * float(np.nanmax(actual.peak_kw))
    there = np.concatenate(([actual.total_kwh[number], actual.peak_kw[number]], actual.band_kwh[number]))
    said = np.concatenate(([told.total_kwh[place], told.peak_kw[place]], told.band_kwh[place]))
    least = np.concatenate(([least_kwh, least_kw], np.full(there.size - 2, least_kwh)))
    row = np.full(there.size, np.nan)
    big = (there > least) & (said > least)
    row[big] = np.log(there[big] / said[big])
    return row


def _by_neighbours(site: Site, actual: MonthSums) -> list[tuple[date, FloatArray]]:
    rows = []
    for number in np.flatnonzero(actual.known_share >= WHOLE_MONTH_SHARE):
        month = actual.months[number]
        days = np.flatnonzero(site.book.months == month.year * 12 + month.month - 1)
        usable = site.usable.copy()
        usable[days] = False
        donors = np.full(site.book.n_days, -1, dtype=np.int64)
        donors[days] = site.book.neighbours(days, usable)
        if (donors[days] < 0).any():
            continue
        grid = TimeGrid.of_local_days(month, days.size, site.clock.zone, site.measured.grid.step_min)
        row = _logs(actual, int(number), site.sums(grid, site.lend(grid, donors)), 0)
        if np.isfinite(row[:2]).all():
            rows.append((month, row))
    return rows


def _gathered(rows: list[tuple[date, FloatArray]], site: Site, *, by_neighbours: bool) -> MonthErrors:
    n_bands = len(site.band_names)
    table = np.array([row for _, row in rows]) if rows else np.empty((0, 2 + n_bands))
    return MonthErrors(
        total_log=table[:, 0],
        peak_log=table[:, 1],
        bands_log=table[:, 2:],
        n_checked=len({month for month, _ in rows}),
        by_neighbours=by_neighbours,
    )


def _weighted_quantile(values: FloatArray, weights: FloatArray, level: float) -> float:
    """Give the value at a share of the weights, the mean of two where the share falls between them."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    wanted = level * reached[-1]
    at = min(int(np.searchsorted(reached, wanted)), values.size - 1)
    value = float(values[order[at]])
    if np.isclose(reached[at], wanted) and at + 1 < values.size:
        return (value + float(values[order[at + 1]])) / 2
    return value


def months_later(month: date, n_months: int) -> date:
    """Give the first day of a month some months later."""
    number = month.year * 12 + month.month - 1 + n_months
    return date(number // 12, number % 12 + 1, 1)
