"""Whether a response is paid at all: the rules besides the settlement table, each with its numbers."""

from decimal import Decimal

from domain.noun import noun
from domain.programmes.programme import Programme
from domain.tariffs.decimals import plain
from domain.text import Text

PEAK = Text(
    en="highest load {found} kW must lie below the baseline's highest {limit} kW",
    zh="时段内最大负荷 {found} kW 须低于基线最大负荷 {limit} kW",
)
MEAN = Text(
    en="mean load {found} kW must lie below the baseline's mean {limit} kW",
    zh="时段内平均负荷 {found} kW 须低于基线平均负荷 {limit} kW",
)
RATE = Text(en="response rate {found} must be at least {limit}", zh="响应率 {found} 须不低于 {limit}")
REDUCTION = Text(
    en="mean response {found} kW must be at least {limit} kW", zh="平均响应 {found} kW 须不低于 {limit} kW"
)


@noun
class ValidityCheck:
    """One rule of validity, and whether it holds."""

    code: str
    held: bool
    words: Text
    """The rule with its numbers."""


def _check(code: str, words: Text, found: Decimal, limit: Decimal, *, held: bool) -> ValidityCheck:
    numbers = {"found": plain(found), "limit": plain(limit)}
    said = Text(en=words.en.format(**numbers), zh=words.zh.format(**numbers))
    return ValidityCheck(code=code, held=held, words=said)


def validity_checks(
    programme: Programme,
    *,
    baseline_steps_kw: tuple[Decimal, ...],
    measured_steps_kw: tuple[Decimal, ...],
    baseline_kw: Decimal,
    measured_kw: Decimal,
    delivered_kw: Decimal,
    response_rate: Decimal,
) -> tuple[ValidityCheck, ...]:
    """Check every rule of validity that a programme has."""
    rules = programme.validity
    found: list[ValidityCheck] = []
    if rules.peak_below_baseline:
        peak_kw, limit_kw = max(measured_steps_kw), max(baseline_steps_kw)
        found.append(_check("peak_below_baseline", PEAK, peak_kw, limit_kw, held=peak_kw < limit_kw))
    if rules.mean_below_baseline:
        found.append(_check("mean_below_baseline", MEAN, measured_kw, baseline_kw, held=measured_kw < baseline_kw))
    if rules.least_rate is not None:
        is_held = response_rate >= rules.least_rate
        found.append(_check("least_rate", RATE, response_rate, rules.least_rate, held=is_held))
    if rules.least_reduction_kw is not None:
        least_kw = rules.least_reduction_kw
        found.append(_check("least_reduction_kw", REDUCTION, delivered_kw, least_kw, held=delivered_kw >= least_kw))
    if rules.least_reduction_share is not None:
        least_kw = rules.least_reduction_share * baseline_kw
        found.append(_check("least_reduction_share", REDUCTION, delivered_kw, least_kw, held=delivered_kw >= least_kw))
    return tuple(found)
