"""Availability curves and playbooks as tables in the terminal."""

from collections.abc import Iterable

from rich.markup import escape

from api.cli.output import out, simple_table
from domain.offers import Case, Package, PlaybookStep
from domain.offers.playbook import AvailabilityPoint, RecoursePlan
from domain.text import Language, Text
from scenarios.dr_planning import AvailabilityAnswer, PlaybookAnswer
from scenarios.report_numbers import Clock, unsigned_share, whole

N_ACTIONS = 12
LESS = Text(en="less load", zh="降负荷")
MORE_LOAD = Text(en="more load", zh="升负荷")
TOLD = Text(en="told at {at}", zh="{at} 通知")
COUNTED = Text(en="Response is counted from {name}.", zh="响应以{name}为基准。")
COUNTED_KW = Text(
    en="Response is counted from {name}: {kw} kW on the mean of the window.",
    zh="响应以{name}为基准：时段平均 {kw} kW。",
)
NOTHING = Text(en="No response at all can be held in this window.", zh="该时段内无法保持任何响应。")
NOT_HELD = Text(en="{kw} kW cannot be held: {why}", zh="{kw} kW 无法保持：{why}")
WHAT_MOVES = Text(en="What is done otherwise for {kw} kW", zh="为 {kw} kW 所作的调整")
EXPECTED = Text(en="expected cost with promises", zh="有承诺时的期望成本")
UNCOMMITTED = Text(en="cost without any promise", zh="无承诺时的成本")
GAIN = Text(en="expected gain", zh="期望收益")
BOUND = Text(en="no way to decide costs less than", zh="任何决策的成本不低于")
GAP = Text(en="gap", zh="差距")
NOT_CALLED = Text(en="nothing is called", zh="均未调用")
DO = Text(en="If {names} is called (told at {at})", zh="若调用 {names}（{at} 通知）")
NO_ACTION = Text(en="Nothing is done otherwise.", zh="无需调整。")
MORE = Text(en="… and {n} more (--json has all)", zh="…… 另有 {n} 项（--json 含全部）")
PROMISES = Text(en="What to promise", zh="申报容量")
HEADS = {
    "level": Text(en="response kW", zh="响应 kW"),
    "extra": Text(en="extra cost", zh="额外费用"),
    "least": Text(en="at least", zh="至少"),
    "energy": Text(en="energy", zh="电量"),
    "demand": Text(en="demand", zh="需量"),
    "work": Text(en="work", zh="人工与损耗"),
    "per_kwh": Text(en="worth it from, per kWh", zh="保本补偿（每 kWh）"),
    "next_kw": Text(en="one more kW", zh="每再增 1 kW"),
    "rebound": Text(en="made up, kWh", zh="补用 kWh"),
    "event": Text(en="event", zh="事件"),
    "chance": Text(en="chance", zh="概率"),
    "notice": Text(en="notice, minutes", zh="提前通知（分钟）"),
    "promise": Text(en="promise kW", zh="申报 kW"),
    "called": Text(en="called", zh="调用"),
    "delivered": Text(en="delivered kW", zh="响应 kW"),
    "net": Text(en="call brings", zh="调用收益"),
    "peak": Text(en="peak kW", zh="峰值变化 kW"),
    "at": Text(en="at", zh="时间"),
    "action": Text(en="what to do", zh="操作"),
}


def heads(language: Language, *keys: str) -> list[str]:
    """Give headings by their keys."""
    return [HEADS[key].say(language) for key in keys]


def print_title(case: Case, package: Package, currency: str, language: Language, *more: str) -> None:
    """Say whose plan under which package it is."""
    parts = (f"[bold]{escape(case.site.name)}[/bold]", *map(escape, (case.case_id, package.name.say(language))))
    out().print("  ".join((*parts, currency, *more)))


def print_availability(found: AvailabilityAnswer, case: Case, language: Language) -> None:
    """Print what each level costs, why some cannot be held, and what moves for the greatest."""
    clock, console, asked = Clock(case.site.zone), out(), found.asked
    direction = (LESS if asked.sign > 0 else MORE_LOAD).say(language)
    told = () if asked.notice_at is None else (TOLD.say(language, at=clock.moment(asked.notice_at)),)
    print_title(case, found.package, found.currency, language, clock.span(asked.start, asked.end), direction, *told)
    name, mean_kw = found.baseline.name.say(language), found.baseline.mean_kw
    counted = COUNTED.say(language, name=name)
    if mean_kw is not None:
        counted = COUNTED_KW.say(language, name=name, kw=f"{mean_kw:,.1f}")
    console.print(escape(counted))
    if not found.points:
        console.print(NOTHING.say(language))
        return
    names = ("level", "extra", "least", "energy", "demand", "work", "per_kwh", "next_kw", "rebound")
    table = simple_table(*heads(language, *names), numbers=tuple(range(len(names))))
    possible = [one for one in found.points if one.is_possible]
    for one in possible:
        table.add_row(*_cells(one))
    if possible:
        console.print(table)
    for one in found.points:
        if not one.is_possible:
            why = "; ".join(limit.say(language) for limit in one.limits)
            console.print(escape(NOT_HELD.say(language, kw=_kw(one.level_kw), why=why)))
    if possible and possible[-1].actions:
        console.print(f"\n[bold]{escape(WHAT_MOVES.say(language, kw=_kw(possible[-1].level_kw)))}[/bold]")
        _print_actions(possible[-1].actions, clock, language)


def _cells(one: AvailabilityPoint) -> tuple[str, ...]:
    costs = (one.extra_cost, one.least_extra_cost, one.energy_cost, one.demand_cost, one.work_cost)
    return (
        _kw(one.level_kw),
        *(_or_nothing(cost) for cost in costs),
        _or_nothing(one.pay_per_kwh, "{:,.3f}"),
        _or_nothing(one.next_kw_cost, "{:,.2f}"),
        _or_nothing(one.rebound_kwh),
    )


def _or_nothing(value: float | None, form: str = "{:,.0f}") -> str:
    return "" if value is None else form.format(value + 0.0).replace("-", "−")


def _kw(level_kw: float) -> str:
    return f"{level_kw:,.1f}".removesuffix(".0")


def print_playbook(found: PlaybookAnswer, case: Case, language: Language) -> None:
    """Print what to promise, what each course of events costs, and what is done otherwise in it."""
    clock, console, book = Clock(case.site.zone), out(), found.book
    print_title(case, found.package, found.currency, language)
    table = simple_table("", "", numbers=(1,))
    table.show_header = False
    table.add_row(UNCOMMITTED.say(language), whole(book.uncommitted_cost), style="dim")
    table.add_row(EXPECTED.say(language), whole(book.expected_cost), style="bold")
    table.add_row(GAIN.say(language), cents_of(book.expected_gain))
    table.add_row(BOUND.say(language), whole(book.bound))
    table.add_row(GAP.say(language), unsigned_share(book.gap_share))
    console.print(table)
    console.print(f"\n[bold]{PROMISES.say(language)}[/bold]")
    promises = simple_table(*heads(language, "event", "chance", "notice", "promise"), numbers=(1, 2, 3))
    for chance in found.chances:
        promised_kw = book.commitments_kw.get(chance.event_id, 0.0)
        share = unsigned_share(chance.probability)
        promises.add_row(escape(chance.event_id), share, str(chance.notice_min), _kw(promised_kw))
    console.print(promises)
    courses = simple_table(
        *heads(language, "called", "chance", "delivered", "extra", "net", "rebound", "peak"), numbers=(1, 2, 3, 4, 5, 6)
    )
    courses.add_row(NOT_CALLED.say(language), unsigned_share(book.uncalled_probability), style="dim")
    for plan in book.plans:
        courses.add_row(*_course(plan))
    console.print(courses)
    for plan in book.plans:
        words = DO.say(language, names=" + ".join(plan.called), at=clock.moment(plan.notice_at))
        console.print(f"\n[bold]{escape(words)}[/bold]")
        _print_actions(plan.actions, clock, language)


def _course(plan: RecoursePlan) -> tuple[str, ...]:
    return (
        escape(" + ".join(plan.called)),
        unsigned_share(plan.probability),
        ", ".join(_kw(kw) for kw in plan.delivered_kw.values()),
        cents_of(plan.extra_cost),
        cents_of(plan.net_gain),
        whole(plan.rebound_kwh),
        f"{plan.peak_change_kw + 0.0:+,.0f}".replace("-", "−"),
    )


def cents_of(value: float) -> str:
    """Write an amount that may be small."""
    return f"{round(value, 2) + 0.0:,.2f}".replace("-", "−")


def _print_actions(actions: Iterable[PlaybookStep], clock: Clock, language: Language) -> None:
    listed = list(actions)
    console = out()
    if not listed:
        console.print(NO_ACTION.say(language))
        return
    table = simple_table(*heads(language, "at", "action"))
    for one in listed[:N_ACTIONS]:
        table.add_row(clock.moment(one.at), escape(one.action.say(language)))
    console.print(table)
    if len(listed) > N_ACTIONS:
        console.print(MORE.say(language, n=len(listed) - N_ACTIONS), style="dim")
