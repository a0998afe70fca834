"""What an outlook refuses and what it finds, in both languages."""

from domain.findings import FindingKind, Severity
from domain.text import Text
from forecasting.errors import ForecastRefusedError


class OutlookHistoryTooShortError(ForecastRefusedError):
    """Too few whole months to say how far months differ."""

    code = "outlook_history_too_short"
    words = Text(
        en="Meter {meter_id}: {n_months} whole calendar months are measured before {issued_at}; an outlook needs at "
        "least {least_months}, and twelve to speak of every month. Give more history.",
        zh="电表 {meter_id}：{issued_at} 之前完整的日历月只有 {n_months} 个；展望至少需要 {least_months} 个，"
        "覆盖全部月份需要十二个。请补充历史数据。",
    )


class NoMonthAnchoredError(ForecastRefusedError):
    """Of none of the months asked for is the same time last year known."""

    code = "outlook_no_month_anchored"
    words = Text(
        en="Meter {meter_id}: of none of the months {months} is the same month a year before measured. "
        "Give more history, or ask for more months.",
        zh="电表 {meter_id}：{months} 各月均无上一年同月的实测数据。请补充历史数据，或延长所求月份。",
    )


NO_SECOND_YEAR = FindingKind(
    code="outlook_no_second_year",
    severity=Severity.WARNING,
    words=Text(
        en="Only {n_months} months could be foretold from a year before and checked, so the bands come from foretelling "
        "months from their neighbours instead: wider than they need be. 25 months or more of history mend this.",
        zh="仅有 {n_months} 个月可用上一年数据回测，区间改由相邻月份互推得出，因而偏宽。25 个月以上的历史可改善。",
    ),
)
GROWTH_UNKNOWN = FindingKind(
    code="outlook_growth_unknown",
    severity=Severity.WARNING,
    words=Text(
        en="No month can be compared with the same month a year before, so growth is not measured; it is taken as "
        "0 % with a standard deviation of {prior_pct:.0f} % a year.",
        zh="没有任何月份可与上一年同月比较，增长率无从测得；按每年 0 %、标准差 {prior_pct:.0f} % 处理。",
    ),
)
NOT_ANCHORED = FindingKind(
    code="outlook_months_not_anchored",
    severity=Severity.WARNING,
    words=Text(
        en="Nothing is claimed for {months}: the same month a year before is not measured.",
        zh="对 {months} 不作判断：上一年同月没有实测数据。",
    ),
)
HALT = FindingKind(
    code="outlook_halt_repeated",
    severity=Severity.WARNING,
    words=Text(
        en="{months}: far below the other months, as a year before. If that halt does not return, these months are "
        "too low.",
        zh="{months}：与上一年同月一样远低于其他月份。若停产不再发生，这些月份的数值偏低。",
    ),
)
PEAK_COARSE = FindingKind(
    code="outlook_peak_coarse",
    severity=Severity.WARNING,
    words=Text(
        en="Peaks are means over the meter's {step_min} minutes, not over the {asked_min} minutes that are billed: "
        "the billed peak is higher.",
        zh="峰值为电表 {step_min} 分钟平均值，而非计费所用的 {asked_min} 分钟平均值：计费峰值会更高。",
    ),
)
LATE_TARIFF = FindingKind(
    code="outlook_tariff_not_in_force",
    severity=Severity.WARNING,
    words=Text(
        en="Tariff {tariff_id} is not in force throughout {first} … {last}; its bands are used all the same.",
        zh="电价 {tariff_id} 在 {first} 至 {last} 期间并非始终有效；仍按其时段划分。",
    ),
)
FLAGS_UNKNOWN = FindingKind(
    code="outlook_flag_days_unknown",
    severity=Severity.WARNING,
    words=Text(
        en="Tariff {tariff_id} has bands on days that the weather or the utility decides ({flags}); in the months ahead "
        "none such is counted but those already known.",
        zh="电价 {tariff_id} 的部分时段取决于天气或电网通知（{flags}）；未来各月仅计入已知的此类日。",
    ),
)
PEAK_NOT_AS_BILLED = FindingKind(
    code="outlook_peak_not_as_billed",
    severity=Severity.WARNING,
    words=Text(
        en="Tariff {tariff_id} bills a peak by {how}; the peak shown here is that of all hours, on the clock's blocks, "
        "in kW.",
        zh="电价 {tariff_id} 的需量按{how_zh}计费；此处为全时段、固定时段划分的 kW 峰值。",
    ),
)
