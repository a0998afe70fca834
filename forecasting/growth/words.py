"""What a capacity outlook refuses and what it finds, in both languages."""

from domain.findings import FindingKind, Severity
from domain.text import Text
from forecasting.errors import ForecastRefusedError


class YearNotKnownError(ForecastRefusedError):
    """A year's highest peak cannot be told from part of a year."""

    code = "capacity_year_not_known"
    words = Text(
        en="Meter {meter_id}: a capacity outlook needs all twelve months of the last year; not measured: {months}. "
        "Give more history.",
        zh="电表 {meter_id}：容量展望需要最近一年全部十二个月的数据；缺少：{months}。请补充历史数据。",
    )


FIRST_EXCEEDED = FindingKind(
    code="capacity_first_exceeded",
    severity=Severity.SERIOUS,
    words=Text(
        en="{month} is the first month whose peak exceeds {limit} as likely as the alarm of {alarm_pct:.0f} %: with "
        "{probability_pct:.0f} %.",
        zh="{month} 是首个月峰值超过 {limit} 的概率达到告警线 {alarm_pct:.0f} % 的月份：概率为 {probability_pct:.0f} %。",
    ),
)
ALREADY_EXCEEDED = FindingKind(
    code="capacity_already_exceeded",
    severity=Severity.SERIOUS,
    words=Text(
        en="{months}: the measured peak was above {limit} at a power factor of {power_factor:g}. Check the rating, the "
        "power factor and the meter's multiplier.",
        zh="{months}：按功率因数 {power_factor:g} 计，实测峰值已超过 {limit}。请核对额定容量、功率因数与电表倍率。",
    ),
)
LITTLE_USED = FindingKind(
    code="capacity_little_used",
    severity=Severity.INFO,
    words=Text(
        en="With nine chances in ten the peak stays below {used_pct:.0f} % of the transformer for {n_years} years. A contract "
        "demand below 40 % of it is billed at 40 %: less capacity may be cheaper.",
        zh="{n_years} 年内峰值有九成把握低于变压器容量的 {used_pct:.0f} %。合同需量低于容量的 40 % 时按 40 % 计费：减容可能更省。",
    ),
)
REBATE = FindingKind(
    code="capacity_rebate_months",
    severity=Severity.INFO,
    words=Text(
        en="{count} of the first 12 months reach {threshold:g} kWh per kVA more likely than not; whether that earns a "
        "rebate on the demand price is the tariff's to say.",
        zh="最初 12 个月中有 {count} 个月更可能达到每千伏安 {threshold:g} kWh；是否因此享受需量电价优惠以电价文件为准。",
    ),
)
