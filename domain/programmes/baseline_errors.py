"""What makes a baseline impossible, and what makes one look twice."""

from domain.errors import WattplanError
from domain.findings import FindingKind, Severity
from domain.text import Text


class BaselineNotPossibleError(WattplanError):
    """Too few days are fit for a baseline."""

    code = "baseline_not_possible"
    words = Text(
        en="Event {event_id}: {found} like days found, {needed} needed within {lookback_days} days "
        "before {notice_day}. Give a longer or more complete meter history. Rejected: {reasons}.",
        zh="事件 {event_id}：在 {notice_day} 之前 {lookback_days} 天内仅找到 {found} 个相似日，至少需要 {needed} 个。"
        "请提供更长或更完整的计量数据。剔除原因：{reasons}。",
    )


class BaselineNotAheadError(BaselineNotPossibleError):
    """A method needs hours of the event's own day that are not metered yet."""

    code = "baseline_not_ahead"
    words = Text(
        en="Event {event_id}: baseline {method} needs the load until {needed_until}, the meter is known until "
        "{known_until}. It cannot be known ahead of the event, so no commitment can rest on it: compare past days "
        "instead, or ask again afterwards.",
        zh="事件 {event_id}：基线方法 {method} 需要截至 {needed_until} 的负荷，而计量数据仅到 {known_until}。"
        "该方法无法在事件前得出基线，不能据此申报：请改用历史日方法估计，或在事件后再计算。",
    )


class DayNotCoveredError(BaselineNotPossibleError):
    """The rule says nothing about days such as the event's."""

    code = "baseline_day_not_covered"
    words = Text(
        en="Event {event_id}: baseline {method} has no type of day for {day} ({tags}). Use a rule that covers it.",
        zh="事件 {event_id}：基线方法 {method} 未规定 {day}（{tags}）这类日期。请使用涵盖该日期的规则。",
    )


class HoursNotMeteredError(BaselineNotPossibleError):
    """Hours of the event's day that the rule reads are missing."""

    code = "baseline_hours_not_metered"
    words = Text(
        en="Event {event_id}: baseline {method} reads {start} … {end} of the event's day, and {missing} of its "
        "{n_steps} steps are missing. Give the complete meter reading; nothing is filled in.",
        zh="事件 {event_id}：基线方法 {method} 需读取事件当日 {start} … {end}，其 {n_steps} 个计量点中缺失 {missing} 个。"
        "请提供完整的计量数据；不作补数。",
    )


class HoursOffStepsError(BaselineNotPossibleError):
    """The meter's steps are too long for the hours that the rule reads."""

    code = "baseline_hours_off_steps"
    words = Text(
        en="Event {event_id}: baseline {method} reads {start} … {end}, whose edges the meter's {step_min}-minute "
        "steps do not show. Give a meter with shorter steps, or use another method.",
        zh="事件 {event_id}：基线方法 {method} 需读取 {start} … {end}，但计量步长为 {step_min} 分钟，无法区分。"
        "请提供更短步长的计量数据，或改用其他方法。",
    )


class AdjustmentUndefinedError(BaselineNotPossibleError):
    """A multiplicative correction of a baseline that is zero."""

    code = "baseline_adjustment_undefined"
    words = Text(
        en="Event {event_id}: baseline {method} is corrected by a factor, but the chosen days drew "
        "{baseline_kw:.3f} kW in the correction's window, so there is none. Use an additive correction.",
        zh="事件 {event_id}：基线方法 {method} 按系数修正，但所选日在修正时段的平均负荷为 {baseline_kw:.3f} kW，"
        "系数无意义。请改用加法修正。",
    )


class ReferenceLevelMissingError(BaselineNotPossibleError):
    """A firm service level without the customer's level."""

    code = "baseline_reference_missing"
    words = Text(
        en="Event {event_id}: baseline {method} is a level of the customer's contract. Give its reference_kw.",
        zh="事件 {event_id}：基线方法 {method} 采用客户合同约定的负荷水平。请填写 reference_kw。",
    )


HOURS_AFTER_NOTICE = FindingKind(
    code="baseline_hours_after_notice",
    severity=Severity.WARNING,
    words=Text(
        en="Event {event_id}: baseline {method} reads {start} … {end}, of which {after_min} min lie after the "
        "notice at {notice_at}: a customer who has been told can raise its load there.",
        zh="事件 {event_id}：基线方法 {method} 读取 {start} … {end}，其中 {after_min} 分钟位于通知时刻 {notice_at} 之后："
        "客户得知邀约后可抬高该时段负荷。",
    ),
)
DAYS_AFTER_NOTICE = FindingKind(
    code="baseline_days_after_notice",
    severity=Severity.WARNING,
    words=Text(
        en="Event {event_id}: baseline {method} averages {days}, not before the notice of {notice_day}: a customer "
        "who has been told can raise its load there.",
        zh="事件 {event_id}：基线方法 {method} 采用了 {days}，不早于通知日 {notice_day}：客户得知邀约后可抬高其负荷。",
    ),
)
ADJUSTMENT_PENDING = FindingKind(
    code="baseline_adjustment_pending",
    severity=Severity.WARNING,
    words=Text(
        en="Event {event_id}: baseline {method} will be corrected by the load of {start} … {end}, which is not "
        "metered yet. This is the uncorrected baseline; what is settled will differ.",
        zh="事件 {event_id}：基线方法 {method} 将按 {start} … {end} 的负荷修正，该时段尚未计量。"
        "此处为修正前的基线，结算时会有差异。",
    ),
)
DAYS_PENDING = FindingKind(
    code="baseline_days_pending",
    severity=Severity.INFO,
    words=Text(
        en="Event {event_id}: baseline {method} looks at days until {needed_until}, the meter is known until "
        "{known_until}. What is settled may rest on other days.",
        zh="事件 {event_id}：基线方法 {method} 会查看截至 {needed_until} 的日期，而计量数据仅到 {known_until}。"
        "结算时所用日期可能不同。",
    ),
)
NOT_ADJUSTED = FindingKind(
    code="baseline_not_adjusted",
    severity=Severity.INFO,
    words=Text(
        en="Event {event_id}: baseline {method} is corrected by hours before the notice, and the notice at "
        "{notice_at} leaves none on the event's day: nothing is corrected.",
        zh="事件 {event_id}：基线方法 {method} 按通知前的时段修正，而通知时刻 {notice_at} 之前当日没有可用时段：不作修正。",
    ),
)
FALLBACK_USED = FindingKind(
    code="baseline_fallback_used",
    severity=Severity.WARNING,
    words=Text(
        en="Event {event_id}: baseline {method} found too few like days; by its rule {fallback_en}.",
        zh="事件 {event_id}：基线方法 {method} 的相似日不足；按规则{fallback_zh}。",
    ),
)
FALLBACK_WORDS = {
    "highest_event_days": Text(en="the highest days of other events came back in", zh="重新计入负荷最高的其他事件日"),
    "rest_days": Text(en="earlier rest days were taken", zh="改用之前的休息日"),
}
