"""A schedule for all forecast samples on the command line, held against the plain one."""

from api.cli.output import out, print_json, say_findings, simple_table
from api.cli.plan_dr_tables import cents_of, print_title
from api.cli.watching import watching
from domain.offers import PRESENT_ID, Case
from domain.offers.uncertainty import RiskAversion
from domain.text import Language, Text
from scenarios.report_numbers import unsigned_share, whole
from scenarios.uncertainty import UncertainPlan, plan_for_samples, uncertain_to_plain

PLAIN = Text(en="for the expected load", zh="按期望负荷")
AWARE = Text(en="for the samples", zh="按样本")
HEADS = {
    "plan": Text(en="plan", zh="计划"),
    "mean": Text(en="mean cost", zh="平均费用"),
    "tail": Text(en="mean of the dearest {share:.0%}", zh="最不利 {share:.0%} 的平均费用"),
    "over": Text(en="samples over the connection's limit", zh="超过受电上限的样本"),
}
JUDGED = Text(
    en="Planned for {n} samples, billed on {fresh} others that neither plan has seen.",
    zh="按 {n} 个样本做计划，并以两种计划均未使用过的另外 {fresh} 个样本计费。",
)
BELIEVED = Text(
    en="The plan for the expected load was believed to cost {believed}.", zh="按期望负荷的计划原以为费用为 {believed}。"
)
SAVING = Text(
    en="The plan for the samples saves {saving} (standard error of the mean {error}).",
    zh="按样本的计划节省 {saving}（均值的标准误差 {error}）。",
)
PROVEN = Text(
    en="On its own samples no schedule can cost less than {bound}; gap {gap}.",
    zh="在其自身样本上，任何排程的费用不低于 {bound}；差距 {gap}。",
)


def samples(
    case: Case,
    *,
    package: str | None,
    tail_weight: float,
    tail_share: float,
    limit_share: float,
    language: Language,
    json_wanted: bool,
) -> None:
    """Plan for the samples and for their mean, show both."""
    risk = RiskAversion(tail_weight=tail_weight, tail_share=tail_share)
    with watching(language) as progress:
        found = plan_for_samples(
            case, package_id=package or PRESENT_ID, risk=risk, limit_share=limit_share, progress=progress
        )
    if json_wanted:
        print_json(uncertain_to_plain(found, case, risk))
    else:
        _print(found, case, risk, language)
    say_findings(found.findings, language)


def _print(found: UncertainPlan, case: Case, risk: RiskAversion, language: Language) -> None:
    console, value, aware = out(), found.value, found.stochastic
    print_title(case, found.package, found.package.tariff.currency, language)
    console.print(JUDGED.say(language, n=len(found.samples_kw), fresh=value.n_samples))
    headings = (HEADS[key].say(language, share=risk.tail_share) for key in ("plan", "mean", "tail", "over"))
    table = simple_table(*headings, numbers=(1, 2, 3))
    for words, mean, tail, over in (
        (PLAIN, value.deterministic_cost, value.deterministic_tail_cost, value.deterministic_over_limit_share),
        (AWARE, value.stochastic_cost, value.stochastic_tail_cost, value.stochastic_over_limit_share),
    ):
        table.add_row(words.say(language), whole(mean), whole(tail), unsigned_share(over))
    console.print(table)
    console.print(BELIEVED.say(language, believed=whole(value.believed_cost)))
    console.print(SAVING.say(language, saving=cents_of(value.saving), error=cents_of(value.saving_error)))
    console.print(PROVEN.say(language, bound=whole(aware.bound), gap=unsigned_share(aware.gap_share)))
