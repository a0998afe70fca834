"""A plan and its reasons as tables in the terminal."""

from decimal import Decimal

from rich.markup import escape

from api.cli.output import out, simple_table
from api.cli.quote_tables import place
from domain.offers import Alternative, BlockReason, Case, MonthPowerFactor, Move, PlanAnswer, PriceTag, Repair, Response
from domain.text import Language, Text
from scenarios.report_numbers import Clock, unsigned_share, whole

N_BLOCKS = 12
N_MOVES = 12
N_STARTS = 3
COST = Text(en="cost", zh="成本")
TODAY = Text(en="as run today", zh="现行方式")
PLAN = Text(en="this plan", zh="本计划")
NO_BETTER = Text(en="no plan costs less than", zh="任何计划不低于")
GAP = Text(en="gap (of what a schedule decides)", zh="差距（占可决策成本）")
POWER_FACTORS = Text(
    en="power factor of {month}: {today} as run today, {then} with this plan",
    zh="{month} 月功率因数：现行方式 {today}，本计划 {then}",
)
POWER_FACTOR = Text(en="power factor of {month}: {then} with this plan", zh="{month} 月功率因数：本计划 {then}")
MOVES = Text(en="What moves", zh="变动")
BLOCKS = Text(en="Why each run starts when it does", zh="各次运行开始时间的原因")
TAGS = Text(en="What limits are worth", zh="各项限制的价值")
WHAT_IF = Text(en="What wishes would cost", zh="各项愿望的代价")
CONFLICTS = Text(
    en="No schedule keeps all orders and limits. These contradict each other", zh="没有可行排程，相互矛盾之处"
)
REPAIRS = Text(en="Each of these alone would make it possible", zh="以下任一项即可使其可行")
NO_REPAIR = Text(en="No single change was found that makes it possible.", zh="未找到可使其可行的单项改动。")
NOTHING_MOVES = Text(en="Nothing moves.", zh="无变动。")
HEADS = {
    "subject": Text(en="subject", zh="对象"),
    "from": Text(en="from", zh="由"),
    "to": Text(en="to", zh="至"),
    "energy": Text(en="energy cost saved", zh="电费节省"),
    "reason": Text(en="reason", zh="原因"),
    "start": Text(en="start", zh="开始"),
    "change": Text(en="change", zh="改动"),
    "saves": Text(en="saves", zh="节省"),
    "most": Text(en="at most", zh="至多"),
    "wish": Text(en="wish", zh="愿望"),
    "costs": Text(en="costs more", zh="多花"),
    "least": Text(en="at least", zh="至少"),
    "plan_cost": Text(en="cost of the plan", zh="计划成本"),
}
MORE = Text(en="… and {n} more (--json has all)", zh="…… 另有 {n} 项（--json 含全部）")
IMPOSSIBLE = Text(en="not possible: {why}", zh="不可行：{why}")


def print_plan(found: PlanAnswer, case: Case, language: Language) -> None:
    """Print the costs, what moves and why, what limits and wishes are worth; or what contradicts and would help."""
    console, clock = out(), Clock(case.site.zone)
    console.print(
        f"[bold]{escape(case.site.name)}[/bold]  {escape(found.case_id)}  "
        f"{escape(found.package.name.say(language))}  {found.currency}"
    )
    if found.response is None:
        _print_impossible(found, language)
        return
    _print_costs(found, found.response, language)
    _print_power_factors(found.power_factors, language)
    _print_moves(found.moves, clock, language)
    _print_blocks(found.reasons.blocks, clock, language)
    _print_tags(found.reasons.tags, language)
    _print_alternatives(found.alternatives, language)


def _heads(language: Language, *keys: str) -> list[str]:
    return [HEADS[key].say(language) for key in keys]


def _print_costs(found: PlanAnswer, response: Response, language: Language) -> None:
    table = simple_table("", COST.say(language), NO_BETTER.say(language), GAP.say(language), numbers=(1, 2, 3))
    if found.today is not None:
        table.add_row(TODAY.say(language), whole(found.today.costs.total_cost), "", "", style="dim")
    solve = response.solve
    cost, gap = whole(response.costs.total_cost), unsigned_share(solve.gap_share)
    table.add_row(PLAN.say(language), cost, whole(solve.bound), gap, style="bold")
    out().print(table)


def _print_power_factors(months: tuple[MonthPowerFactor, ...], language: Language) -> None:
    """Print each billing month's power factor, as run today and as planned, with what it does to the bill."""
    for one in months:
        then = _with_rate(one.planned_pf, one.planned_rate)
        said = POWER_FACTOR.say(language, month=f"{one.month:%Y-%m}", then=then)
        if one.today_pf is not None:
            today = _with_rate(one.today_pf, one.today_rate)
            said = POWER_FACTORS.say(language, month=f"{one.month:%Y-%m}", today=today, then=then)
        out().print(escape(said))


def _with_rate(power_factor: Decimal, rate: Decimal | None) -> str:
    """Write a power factor, and by how much it raises (+) or lowers (−) what it applies to."""
    return f"{power_factor}" if rate is None else f"{power_factor} ({float(rate) * 100:+.2f} %)"


def _print_moves(moves: tuple[Move, ...], clock: Clock, language: Language) -> None:
    console = out()
    console.print(f"\n[bold]{MOVES.say(language)}[/bold]")
    if not moves:
        console.print(NOTHING_MOVES.say(language))
        return
    table = simple_table(*_heads(language, "subject", "from", "to", "energy", "reason"), numbers=(3,))
    for move in moves[:N_MOVES]:
        table.add_row(
            escape(move.name),
            place(clock.moment(move.from_start), move.from_mode),
            place(clock.moment(move.to_start), move.to_mode),
            whole(move.saving),
            escape(move.reason.say(language)),
        )
    console.print(table)
    _say_more(len(moves) - N_MOVES, language)


def _print_blocks(blocks: tuple[BlockReason, ...], clock: Clock, language: Language) -> None:
    """Print what stands against the cheapest hours first; runs that stand in them say nothing new."""
    groups: dict[tuple[str, str], list[BlockReason]] = {}
    for one in blocks:
        if one.kind != "cheapest":
            groups.setdefault((one.task_id, one.said.say(language)), []).append(one)
    if not groups:
        return
    console = out()
    console.print(f"\n[bold]{BLOCKS.say(language)}[/bold]")
    table = simple_table(*_heads(language, "subject", "start", "reason"))
    for (task_id, said), alike in sorted(groups.items(), key=lambda group: -group[1][0].energy_saving)[:N_BLOCKS]:
        starts = ", ".join(clock.moment(one.start) for one in alike[:N_STARTS])
        more = f" +{len(alike) - N_STARTS}" if len(alike) > N_STARTS else ""
        table.add_row(escape(task_id), starts + more, escape(said))
    console.print(table)
    _say_more(len(groups) - N_BLOCKS, language)


def _print_tags(tags: tuple[PriceTag, ...], language: Language) -> None:
    if not tags:
        return
    console = out()
    console.print(f"\n[bold]{TAGS.say(language)}[/bold]")
    table = simple_table(*_heads(language, "change", "saves", "most"), numbers=(1, 2))
    for tag in tags:
        said = escape(tag.change.said.say(language))
        if tag.saving is None or tag.most_saving is None:
            table.add_row(said, "", "")
            table.add_row(f"  {escape(_why_not(tag.conflicts, language))}", "", "", style="dim")
        else:
            table.add_row(said, whole(tag.saving), whole(tag.most_saving))
    console.print(table)


def _print_alternatives(alternatives: tuple[Alternative, ...], language: Language) -> None:
    if not alternatives:
        return
    console = out()
    console.print(f"\n[bold]{WHAT_IF.say(language)}[/bold]")
    table = simple_table(*_heads(language, "wish", "costs", "least"), numbers=(1, 2))
    for one in alternatives:
        if one.extra_cost is None:
            table.add_row(escape(one.said.say(language)), "", "")
            table.add_row(f"  {escape(_why_not(one.conflicts, language))}", "", "", style="dim")
        else:
            table.add_row(
                escape(one.said.say(language)), f"{one.extra_cost:+,.0f}", f"{one.least_extra_cost or 0:+,.0f}"
            )
    console.print(table)


def _why_not(conflicts: tuple[Text, ...], language: Language) -> str:
    """Say the first contradiction; the JSON has all."""
    said = conflicts[0].say(language) if conflicts else ""
    return IMPOSSIBLE.say(language, why=said)


def _print_impossible(found: PlanAnswer, language: Language) -> None:
    console = out()
    console.print(f"\n[bold red]{CONFLICTS.say(language)}[/bold red]")
    for one in found.conflicts:
        console.print(f"  - {escape(one.say(language))}")
    if not found.repairs:
        console.print(NO_REPAIR.say(language))
        return
    console.print(f"\n[bold]{REPAIRS.say(language)}[/bold]")
    console.print(_repair_table(found.repairs, language))


def _repair_table(repairs: tuple[Repair, ...], language: Language) -> object:
    table = simple_table(*_heads(language, "change", "plan_cost"), numbers=(1,))
    for one in repairs:
        table.add_row(escape(one.change.said.say(language)), whole(one.cost))
    return table


def _say_more(n: int, language: Language) -> None:
    if n > 0:
        out().print(MORE.say(language, n=n), style="dim")
