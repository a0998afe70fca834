"""Contract demand and ways to be billed on the command line: plan, show, write."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

import typer
from rich.markup import escape

from api.cli.output import out, print_json, say_findings, simple_table
from api.cli.plan_dr_tables import print_title
from api.cli.plan_dr_work import write
from api.cli.watching import watching
from domain.offers import Case
from domain.offers.asked import ContractAsked
from domain.text import Language, Text
from optimizer.contract_choice import BillingOutcome
from scenarios.contract_planning import ContractPlan, contract_to_plain, plan_contract
from scenarios.report_numbers import plain, unsigned_share, whole

HEADS = (
    Text(en="way", zh="方式"),
    Text(en="cost", zh="成本"),
    Text(en="more than the best", zh="高于最优"),
    Text(en="no plan costs less than", zh="任何计划不低于"),
    Text(en="contract kW", zh="合同需量 kW"),
    Text(en="plan's peak kW", zh="计划峰值 kW"),
    Text(en="exceeded in", zh="超约样本"),
)
PROVEN = Text(en="No other way can be cheaper: the bounds prove it.", zh="其他方式不可能更便宜：下界已予证明。")
NOT_PROVEN = Text(
    en="The searches left the order open; allow more time (--deadline) or a smaller gap.",
    zh="搜索未能证明上述排序；请放宽时限（--deadline）或减小允许差距。",
)


def number_of(option: str, text: str) -> Decimal:
    """Read a number."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation as error:
        raise typer.BadParameter(f"{option} {text!r}: is no number") from error
    if not found.is_finite():
        raise typer.BadParameter(f"{option} {text!r}: is no finite number")
    return found


def contract(case: Case, asked: ContractAsked, *, out: Path | None, language: Language, json_wanted: bool) -> None:
    """Choose, show, write."""
    with watching(language) as progress:
        found = plan_contract(case, asked, progress=progress)
    document = contract_to_plain(found)
    if json_wanted:
        print_json(document)
    else:
        _print(found, case, language)
    say_findings(found.findings, language)
    if out is not None:
        write(out, "contract", document)


def _print(found: ContractPlan, case: Case, language: Language) -> None:
    console = out()
    print_title(case, found.package, found.currency, language)
    table = simple_table(*(head.say(language) for head in HEADS), numbers=tuple(range(1, len(HEADS))))
    for place, one in enumerate(found.choice.outcomes):
        more = found.choice.difference_cost(one.option.option_id)
        table.add_row(
            escape(one.option.name.say(language)),
            whole(one.total_cost),
            "" if place == 0 else f"+{whole(more)}",
            whole(one.answer.bound),
            *_contracts(one),
            style="bold" if place == 0 else None,
        )
    console.print(table)
    if len(found.choice.outcomes) > 1:
        console.print((PROVEN if found.choice.is_proven else NOT_PROVEN).say(language))


def _contracts(one: BillingOutcome) -> tuple[str, str, str]:
    """Write the values month by month."""
    months = one.answer.contracts
    return (
        ", ".join(plain(each.contract_kw) for each in months),
        ", ".join(whole(each.peak_kw) for each in months),
        ", ".join(unsigned_share(each.over_share) for each in months),
    )
