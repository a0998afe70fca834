"""Is the history good enough: refused, degraded with a reason, or sound."""

from datetime import datetime, timedelta

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.metering import MeterSeries, Quality
from domain.noun import noun
from domain.text import Text
from domain.time import TimeGrid, said_at
from forecasting.clock import IntArray, whole_steps_before
from forecasting.design import DayTypes
from forecasting.errors import ConstantLoadError, HistoryTooShortError, NoUsableDataError
from forecasting.options import LEAST_HISTORY_DAYS

SHORT_DAYS = 28
MOST_MISSING_SHARE = 0.10
LONG_HOLE_DAYS = 2.0
FLAT_H = 24
RECENT_DAYS = 7
STALE_DAYS = 2.0
SHIFT_SHARE = 0.15
"""Change of the mean below which no level shift is spoken of. [-]"""
SHIFT_SPREADS = 5.0
"""The same in robust standard deviations of earlier weeks' means. [-]"""
MAD_TO_SIGMA = 1.4826
CONSTANT_SHARE = 1e-9

SHORT_HISTORY = FindingKind(
    code="forecast_short_history",
    severity=Severity.WARNING,
    words=Text(
        en="Only {measured_days:.0f} measured days to learn from; {wanted_days} or more make a sound forecast.",
        zh="可学习的实测数据仅 {measured_days:.0f} 天；至少 {wanted_days} 天才能得到可靠预测。",
    ),
)
GAPS = FindingKind(
    code="forecast_gaps",
    severity=Severity.WARNING,
    words=Text(
        en="{missing_pct:.0f} % of the history from {first} to {last} is missing.",
        zh="{first} 至 {last} 的历史数据缺失 {missing_pct:.0f} %。",
    ),
)
LONG_HOLE = FindingKind(
    code="forecast_long_hole",
    severity=Severity.WARNING,
    words=Text(
        en="Nothing was measured for {hole_days:.1f} days from {first}.",
        zh="自 {first} 起连续 {hole_days:.1f} 天没有实测数据。",
    ),
)
LEVEL_SHIFT = FindingKind(
    code="forecast_level_shift",
    severity=Severity.WARNING,
    words=Text(
        en="The mean load of the last {recent_days} days is {change_pct:+.0f} % off that of the same kinds of days "
        "before. If this lasts, the forecast lags behind.",
        zh="最近 {recent_days} 天的平均负荷与此前同类日相比变化 {change_pct:+.0f} %。若变化持续，预测将滞后。",
    ),
)
FLAT_LINE = FindingKind(
    code="forecast_flat_line",
    severity=Severity.WARNING,
    words=Text(
        en="The meter shows {value_kw:g} kW without a change for {flat_h:.0f} hours from {first}: it may be stuck.",
        zh="自 {first} 起电表连续 {flat_h:.0f} 小时恒为 {value_kw:g} kW，可能卡死。",
    ),
)
STALE = FindingKind(
    code="forecast_stale_data",
    severity=Severity.WARNING,
    words=Text(
        en="The newest measured value ends at {data_until}, {age_days:.1f} days before the forecast was issued.",
        zh="最新实测数据截至 {data_until}，比预测发布时间早 {age_days:.1f} 天。",
    ),
)
NEGATIVE = FindingKind(
    code="forecast_negative_load",
    severity=Severity.WARNING,
    words=Text(
        en="{count} values are negative, down to {lowest_kw:g} kW. Generation behind the meter depends on the weather, "
        "which this forecast does not know.",
        zh="{count} 个值为负，最低 {lowest_kw:g} kW。表后发电取决于天气，而本预测不含天气信息。",
    ),
)


@noun(eq=False)
class Measured:
    """What was measured in the time that is learned from.

    Invariants: the last value is known; nothing ends after ``issued_at``.
    """

    meter_id: str
    grid: TimeGrid
    load_kw: FloatArray
    """NaN where nothing was measured, or where the value is suspect or itself a fill. [kW]"""
    first_step: int
    """The window's first step on the history's grid. [-]"""
    issued_at: datetime
    zone: str
    """IANA zone of the people who read the findings."""

    def say(self, instant: datetime) -> str:
        """Give an instant on the local clock."""
        return said_at(instant, self.zone)

    @property
    def measured_days(self) -> float:
        """Measured time. [d]."""
        return float(np.count_nonzero(np.isfinite(self.load_kw))) * self.grid.step_h / 24

    @property
    def lowest_kw(self) -> float:
        """The lowest measured load. [kW]."""
        return float(np.nanmin(self.load_kw))


def measured_before(history: MeterSeries, issued_at: datetime, history_days: int, zone: str = "UTC") -> Measured:
    """Give the newest days that were measured by the time of issue, or refuse hopeless ones.

    Raises
    ------
    NoUsableDataError, HistoryTooShortError, ConstantLoadError
        See each.
    """
    stop = whole_steps_before(history.grid, issued_at)
    usable = np.isin(history.quality[:stop], (Quality.MEASURED,)) if history.quality is not None else np.zeros(0, bool)
    if not usable.any():
        raise NoUsableDataError(meter_id=history.meter_id, issued_at=said_at(issued_at, zone))
    last = int(np.flatnonzero(usable)[-1]) + 1
    first = max(0, last - round(history_days * 24 / history.grid.step_h))
    measured = Measured(
        meter_id=history.meter_id,
        grid=history.grid.part(first, last),
        load_kw=np.where(usable[first:last], history.import_kw[first:last], np.nan),
        first_step=first,
        issued_at=issued_at,
        zone=zone,
    )
    if measured.measured_days < LEAST_HISTORY_DAYS:
        raise HistoryTooShortError(
            meter_id=history.meter_id,
            measured_days=measured.measured_days,
            issued_at=said_at(issued_at, zone),
            least_days=LEAST_HISTORY_DAYS,
        )
    highest_kw, lowest_kw = float(np.nanmax(measured.load_kw)), measured.lowest_kw
    if highest_kw - lowest_kw <= CONSTANT_SHARE * max(abs(highest_kw), abs(lowest_kw)):
        raise ConstantLoadError(
            meter_id=history.meter_id, first=measured.say(measured.grid.start), value_kw=round(highest_kw, 6)
        )
    return measured


def reasons_degraded(measured: Measured, day_means_kw: FloatArray, types: DayTypes) -> tuple[Finding, ...]:
    """Find why a forecast from this history deserves less trust.

    Parameters
    ----------
    measured : Measured
        The history.
    day_means_kw : FloatArray
        Mean load of its local days, NaN where too little of one is known, shape (n_days,). [kW]
    types : DayTypes
        Kind of each of these days.
    """
    found = (
        _short(measured),
        _gaps(measured),
        _long_hole(measured),
        _level_shift(day_means_kw, types),
        _flat_line(measured),
        _stale(measured),
        _negative(measured),
    )
    return tuple(finding for finding in found if finding is not None)


def _short(measured: Measured) -> Finding | None:
    if measured.measured_days >= SHORT_DAYS:
        return None
    return SHORT_HISTORY.at(measured_days=measured.measured_days, wanted_days=SHORT_DAYS)


def _gaps(measured: Measured) -> Finding | None:
    missing_share = float(np.isnan(measured.load_kw).mean())
    if missing_share <= MOST_MISSING_SHARE:
        return None
    grid = measured.grid
    return GAPS.at(missing_pct=100 * missing_share, first=measured.say(grid.start), last=measured.say(grid.end))


def _long_hole(measured: Measured) -> Finding | None:
    first, length = _longest_run(np.isnan(measured.load_kw))
    hole_days = length * measured.grid.step_h / 24
    if hole_days <= LONG_HOLE_DAYS:
        return None
    return LONG_HOLE.at(hole_days=hole_days, first=measured.say(measured.grid.at(first)))


def _level_shift(day_means_kw: FloatArray, types: DayTypes) -> Finding | None:
    """Compare the last week with the earlier days of the same kinds, in terms of the earlier weeks' own spread."""
    earlier = day_means_kw[:-RECENT_DAYS]
    if np.count_nonzero(np.isfinite(earlier)) < 2 * RECENT_DAYS:
        return None
    off_kw = np.full(day_means_kw.size, np.nan)
    for kind in np.unique(types):
        same = types == kind
        before_kw = earlier[same[:-RECENT_DAYS] & np.isfinite(earlier)]
        if before_kw.size:
            off_kw[same] = day_means_kw[same] - np.median(before_kw)
    recent_kw = off_kw[-RECENT_DAYS:]
    if np.count_nonzero(np.isfinite(recent_kw)) < RECENT_DAYS // 2:
        return None
    shift_kw = float(np.nanmean(recent_kw))
    typical_kw = float(np.mean(np.abs(earlier[np.isfinite(earlier)])))
    known_off_kw = off_kw[:-RECENT_DAYS][np.isfinite(off_kw[:-RECENT_DAYS])]
    weeks_kw = np.convolve(known_off_kw, np.full(RECENT_DAYS, 1 / RECENT_DAYS), mode="valid")
    spread_kw = MAD_TO_SIGMA * float(np.median(np.abs(weeks_kw)))
    if abs(shift_kw) <= max(SHIFT_SHARE * typical_kw, SHIFT_SPREADS * spread_kw):
        return None
    return LEVEL_SHIFT.at(recent_days=RECENT_DAYS, change_pct=100 * shift_kw / typical_kw)


def _flat_line(measured: Measured) -> Finding | None:
    steps_h = measured.grid.step_h
    recent = measured.load_kw[-round((RECENT_DAYS * 24 + FLAT_H) / steps_h) :]
    unchanged = (np.diff(recent) == 0) & (recent[1:] != 0)
    first, length = _longest_run(unchanged)
    flat_h = (length + 1) * steps_h
    if length == 0 or flat_h < FLAT_H:
        return None
    begin = measured.load_kw.size - recent.size + first
    return FLAT_LINE.at(value_kw=float(recent[first]), flat_h=flat_h, first=measured.say(measured.grid.at(begin)))


def _stale(measured: Measured) -> Finding | None:
    age = measured.issued_at - measured.grid.end
    if age <= timedelta(days=STALE_DAYS):
        return None
    return STALE.at(data_until=measured.say(measured.grid.end), age_days=age / timedelta(days=1))


def _negative(measured: Measured) -> Finding | None:
    if measured.lowest_kw >= 0:
        return None
    return NEGATIVE.at(count=int(np.count_nonzero(measured.load_kw < 0)), lowest_kw=measured.lowest_kw)


def _longest_run(flags: np.ndarray) -> tuple[int, int]:
    """Give the first index and the length of the longest run of true values."""
    edges: IntArray = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    starts, stops = edges[::2], edges[1::2]
    if starts.size == 0:
        return 0, 0
    longest = int(np.argmax(stops - starts))
    return int(starts[longest]), int(stops[longest] - starts[longest])
