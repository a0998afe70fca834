"""Whether a baseline method is good enough for one customer: one check each, with its numbers.

A serious finding disqualifies, a warning does not.
"""

from typing import Literal

from domain import checks
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.text import Text

Verdict = Literal["sufficient", "usable_with_warnings", "insufficient"]

TOO_FEW_DAYS = FindingKind(
    code="baseline_too_few_days",
    severity=Severity.SERIOUS,
    words=Text(
        en="{method}: a baseline was possible on {n_possible} days only, {needed} are needed to judge it.",
        zh="{method}：仅有 {n_possible} 天可得出基线，评估至少需要 {needed} 天。",
    ),
)
NO_LOAD = FindingKind(
    code="baseline_no_load",
    severity=Severity.SERIOUS,
    words=Text(
        en="{method}: nothing was drawn in the window on the days tried, so errors have no measure.",
        zh="{method}：试算日该时段负荷为零，误差无从衡量。",
    ),
)
SELDOM_POSSIBLE = FindingKind(
    code="baseline_seldom_possible",
    severity=Severity.WARNING,
    words=Text(
        en="{method}: possible on {share:.0%} of the days tried, below {limit:.0%}.",
        zh="{method}：仅在 {share:.0%} 的试算日可得出基线，低于 {limit:.0%}。",
    ),
)
BIASED = FindingKind(
    code="baseline_biased",
    severity=Severity.WARNING,
    words=Text(
        en="{method}: on days without an event the baseline is off by {share:+.1%} of the load on average, more than "
        "{limit:.0%}.",
        zh="{method}：在无事件日，基线平均偏差为负荷的 {share:+.1%}，超过 {limit:.0%}。",
    ),
)
BIASED_FAR = FindingKind(
    code="baseline_biased_far",
    severity=Severity.SERIOUS,
    words=Text(
        en="{method}: on days without an event the baseline is off by {share:+.1%} of the load on average, more than "
        "{limit:.0%}: payments would mostly be error.",
        zh="{method}：在无事件日，基线平均偏差为负荷的 {share:+.1%}，超过 {limit:.0%}：补偿将主要由误差决定。",
    ),
)
NOISY = FindingKind(
    code="baseline_noisy",
    severity=Severity.SERIOUS,
    words=Text(
        en="{method}: the daily error is {share:.0%} of the load (root mean square), above {limit:.0%}: no response "
        "smaller than that can be told from chance.",
        zh="{method}：日误差（均方根）为负荷的 {share:.0%}，高于 {limit:.0%}：小于该值的响应无法与偶然波动区分。",
    ),
)
CAN_BE_RAISED = FindingKind(
    code="baseline_can_be_raised",
    severity=Severity.WARNING,
    words=Text(
        en="{method}: reads hours after the notice on {share:.0%} of the days; a customer who has been told can raise "
        "its load there.",
        zh="{method}：在 {share:.0%} 的日子里读取通知之后的时段；客户得知邀约后可抬高其负荷。",
    ),
)


@noun
class SufficiencyLimits:
    """What a method is measured by.

    References
    ----------
    The 20 % for the daily error is the accuracy that AEMO asks of loads in wholesale demand response and PJM of a
    customer baseline (both from summaries); the other limits are our own choice.
    """

    n_days_needed: int = 20
    """Days on which a baseline must have been possible."""
    possible_share: float = 0.8
    """Of the days tried; below it is a warning. [-]"""
    bias_share: float = 0.05
    """Of the load; above it is a warning. [-]"""
    far_bias_share: float = 0.2
    """Of the load; above it disqualifies. [-]"""
    cv_share: float = 0.2
    """Root mean squared daily error ÷ load; above it disqualifies. [-]"""

    def __post_init__(self) -> None:
        checks.positive(self, "n_days_needed", self.n_days_needed)
        for field in ("possible_share", "bias_share", "far_bias_share", "cv_share"):
            checks.not_negative(self, field, getattr(self, field))


def sufficiency(
    method: str,
    *,
    n_possible: int,
    possible_share: float,
    bias_share: float | None,
    cv_share: float | None,
    after_notice_share: float,
    limits: SufficiencyLimits,
) -> tuple[Finding, ...]:
    """Check one method's scores; what holds gives no finding."""
    found: list[Finding] = []
    if n_possible < limits.n_days_needed:
        found.append(TOO_FEW_DAYS.at(method=method, n_possible=n_possible, needed=limits.n_days_needed))
    if possible_share < limits.possible_share:
        found.append(SELDOM_POSSIBLE.at(method=method, share=possible_share, limit=limits.possible_share))
    if n_possible and (bias_share is None or cv_share is None):
        found.append(NO_LOAD.at(method=method))
    if bias_share is not None and abs(bias_share) > limits.far_bias_share:
        found.append(BIASED_FAR.at(method=method, share=bias_share, limit=limits.far_bias_share))
    elif bias_share is not None and abs(bias_share) > limits.bias_share:
        found.append(BIASED.at(method=method, share=bias_share, limit=limits.bias_share))
    if cv_share is not None and cv_share > limits.cv_share:
        found.append(NOISY.at(method=method, share=cv_share, limit=limits.cv_share))
    if after_notice_share > 0:
        found.append(CAN_BE_RAISED.at(method=method, share=after_notice_share))
    return tuple(found)


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """Say whether a method is good enough."""
    if any(one.severity is Severity.SERIOUS for one in findings):
        return "insufficient"
    return "usable_with_warnings" if findings else "sufficient"
