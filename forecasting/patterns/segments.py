"""Customers that are alike: features of each load, robustly scaled, clustered without chance, named by what they show.

Ward's hierarchy on features scaled by their median and quartiles; the number of segments is the one with the best mean
silhouette, which is stated. The same customers in any order give the same segments.

References
----------
Ward, JASA 58 (1963); Rousseeuw, Silhouettes, J. Comput. Appl. Math. 20 (1987).
"""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.text import Text
from forecasting.design import DayType
from forecasting.patterns.diagnosis import Diagnosis

LEAST_CUSTOMERS = 4
MOST_SEGMENTS = 8
MOST_SCALED = 3.0
"""Features are cut off so many quartile spans from the median, so that one odd customer makes no segment axis. [-]"""
NIGHT_H, EVENING_H = (0, 6), (18, 22)


class TooFewCustomersError(WattplanError):
    """Too few customers to speak of segments."""

    code = "too_few_customers"
    words = Text(
        en="Segments need at least {least} customers; {given} were given. Diagnose more meters.",
        zh="客户分群至少需要 {least} 个客户，现有 {given} 个。请诊断更多电表。",
    )


@noun
class LoadFeatures:
    """What customers are compared by, free of their size."""

    night_share: float
    """Mean of the working day's median from 0 to 6 h over the day's mean. [-]"""
    evening_share: float
    """The same from 18 to 22 h. [-]"""
    rest_share: float
    """Energy of a Sunday or holiday over that of a working day. [-]"""
    saturday_share: float
    day_factor_share: float
    """Load factor of a day. [-]"""
    month_factor_share: float
    base_share: float
    """Always on over the running level. [-]"""


@noun
class Segment:
    """Customers that are alike."""

    name: Text
    members: tuple[str, ...]
    middle: LoadFeatures
    """Median of each feature."""


@noun
class Segmentation:
    """All customers in segments, largest first."""

    segments: tuple[Segment, ...]
    silhouette_share: float
    """Mean silhouette, -1 … 1: above 0.5 clear, below 0.25 the segments hardly differ. [-]"""


def features_of(seen: Diagnosis) -> LoadFeatures:
    """Give the features of one diagnosed load."""
    by_kind = {day.kind: day for day in seen.days}
    work = by_kind.get(DayType.WORKDAY, seen.days[0])
    rest = by_kind.get(DayType.REST, work)
    saturday = by_kind.get(DayType.SATURDAY, rest)
    mean_kw = float(np.nanmean(work.p50_kw))
    levels = seen.levels

    def part(hours: tuple[int, int]) -> float:
        slots = work.p50_kw.size
        piece = work.p50_kw[hours[0] * slots // 24 : hours[1] * slots // 24]
        known = piece[np.isfinite(piece)]
        return _ratio(float(known.mean()), mean_kw) if known.size else 1.0

    return LoadFeatures(
        night_share=part(NIGHT_H),
        evening_share=part(EVENING_H),
        rest_share=_ratio(rest.day_kwh, work.day_kwh),
        saturday_share=_ratio(saturday.day_kwh, work.day_kwh),
        day_factor_share=seen.factors.day_share,
        month_factor_share=seen.factors.month_share,
        base_share=_ratio(levels.base_kw, levels.running_kw),
    )


def segment(customers: Mapping[str, LoadFeatures]) -> Segmentation:
    """Put customers into segments.

    Raises
    ------
    TooFewCustomersError
    """
    if len(customers) < LEAST_CUSTOMERS:
        raise TooFewCustomersError(least=LEAST_CUSTOMERS, given=len(customers))
    names = sorted(customers)
    rows = np.array([[getattr(customers[name], one.name) for one in fields(LoadFeatures)] for name in names])
    scaled = _scaled(rows)
    distances = squareform(pdist(scaled))
    tree = linkage(scaled, method="ward")
    best, labels = -1.0, np.ones(len(names), dtype=np.int64)
    for count in range(2, min(MOST_SEGMENTS, len(names) - 1) + 1):
        cut = np.asarray(fcluster(tree, count, criterion="maxclust"), dtype=np.int64)
        score = silhouette(distances, cut)
        if score > best + 1e-9:
            best, labels = score, cut
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    groups.sort(key=lambda group: (-group.size, names[group[0]]))
    made = tuple(_segment([names[place] for place in group], rows[group]) for group in groups)
    return Segmentation(segments=made, silhouette_share=best if len(groups) > 1 else 0.0)


def silhouette(distances: FloatArray, labels: np.ndarray) -> float:
    """Give the mean silhouette; a customer alone counts 0, as Rousseeuw has it. [-]."""
    kinds = np.unique(labels)
    if kinds.size < 2:  # noqa: PLR2004 -- one segment has no neighbour
        return 0.0
    scores = np.zeros(labels.size)
    for place, label in enumerate(labels):
        own = (labels == label) & (np.arange(labels.size) != place)
        if own.any():
            near = float(distances[place, own].mean())
            far = min(float(distances[place, labels == other].mean()) for other in kinds if other != label)
            scores[place] = (far - near) / max(far, near) if max(far, near) > 0 else 0.0
    return float(scores.mean())


def _scaled(rows: FloatArray) -> FloatArray:
    """Scale each feature by its quartile span, or by its whole span where the quartiles agree."""
    low, middle, high = np.quantile(rows, (0.25, 0.5, 0.75), axis=0)
    span = np.where(high > low, high - low, np.ptp(rows, axis=0))
    scaled = (rows - middle) / np.where(span > 0, span, 1.0)
    cut: FloatArray = np.clip(scaled, -MOST_SCALED, MOST_SCALED)
    return cut


def _segment(members: list[str], rows: FloatArray) -> Segment:
    middle = LoadFeatures(
        **{one.name: float(value) for one, value in zip(fields(LoadFeatures), np.median(rows, axis=0), strict=True)}
    )
    return Segment(name=name_of(middle), members=tuple(members), middle=middle)


def name_of(middle: LoadFeatures) -> Text:
    """Name a load by its shifts, its week and how peaky it is."""
    if middle.night_share > 0.85:  # noqa: PLR2004 -- in words: nearly as much at night as on average
        shifts = Text(en="round the clock", zh="全天连续")
    elif middle.evening_share > 0.85:  # noqa: PLR2004 -- the evening runs on
        shifts = Text(en="two-shift", zh="两班")
    elif middle.night_share > 1.15 * middle.evening_share:
        shifts = Text(en="night-heavy", zh="偏夜间")
    else:
        shifts = Text(en="day-shift", zh="白班")
    if middle.rest_share > 0.8:  # noqa: PLR2004 -- Sundays like working days
        week = Text(en="all week", zh="全周")
    elif middle.saturday_share > 0.8:  # noqa: PLR2004 -- Saturdays like working days
        week = Text(en="six days", zh="六天")
    else:
        week = Text(en="weekday", zh="工作日")
    if middle.month_factor_share < 0.4:  # noqa: PLR2004 -- mean below two fifths of the peak
        peaky = Text(en="peaky", zh="尖峰明显")
    elif middle.month_factor_share > 0.7:  # noqa: PLR2004 -- above seven tenths
        peaky = Text(en="even", zh="平稳")
    else:
        peaky = Text(en="middling", zh="波动适中")
    parts = (shifts, week, peaky)
    return Text(en=", ".join(one.en for one in parts), zh="、".join(one.zh for one in parts))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
