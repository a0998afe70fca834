"""What the report's template shows: rows and drawings made of a case and its quote."""

from dataclasses import field
from decimal import Decimal

from markupsafe import Markup

from domain.findings import Finding, Severity
from domain.noun import noun
from domain.offers import Case, Move, Offer, Quote
from domain.tariffs import Bill, Status
from domain.text import Language
from scenarios.report_bands import price_stretches
from scenarios.report_charts import EventSpan, RangeRow, load_chart, ranges_chart, split_chart
from scenarios.report_gantt import levels_chart, runs_chart
from scenarios.report_levels import level_panels, modulating_panels
from scenarios.report_numbers import money, unsigned_share
from scenarios.report_words import word

MAX_MOVES = 24
MAX_DETAILED = 3
"""Offers shown in full; the others stand in the table and in the schedule files."""
WEIGHT = {Severity.SERIOUS: 0, Severity.WARNING: 1, Severity.INFO: 2}


@noun
class BillRow:
    """One line of the offer's bill beside today's bill."""

    kind: str
    label: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    rule: str


@noun
class MonthBills:
    """One month: today's lines and the offer's."""

    month: str
    today: tuple[BillRow, ...]
    today_total: Decimal
    offer: tuple[BillRow, ...]
    offer_total: Decimal


@noun
class SpokenFinding:
    """A finding in words."""

    severity: str
    words: str


@noun(eq=False)
class OfferView:
    """All that is shown of one offer."""

    offer: Offer
    name: str
    status: Status
    split: tuple[tuple[str, Decimal], ...]
    split_svg: Markup
    load_svg: Markup
    runs_svg: Markup | None
    stores_svg: Markup | None
    modulating_svg: Markup | None
    months: tuple[MonthBills, ...]
    moves: tuple[Move, ...]
    n_more_moves: int
    findings: tuple[SpokenFinding, ...]
    certificate: str


@noun(eq=False)
class PageView:
    """All that is shown."""

    best: Offer | None
    best_name: str
    names: dict[str, str]
    """By offer id."""
    ranges_svg: Markup
    detailed: tuple[OfferView, ...]
    findings: tuple[SpokenFinding, ...]
    versions: dict[str, str] = field(default_factory=dict)


def view_of(quote: Quote, case: Case, language: Language) -> PageView:
    """Make the whole page's view."""
    names = {offer.offer_id: offer_name(offer, language) for offer in quote.offers}
    today = RangeRow(label=word("today", language), bill=quote.bill_today, is_today=True)
    rows = [
        today,
        *(RangeRow(label=names[offer.offer_id], bill=offer.bill, is_today=False) for offer in quote.offers),
    ]
    best = quote.offers[0] if quote.offers else None
    return PageView(
        best=best,
        best_name=names[best.offer_id] if best else "",
        names=names,
        ranges_svg=Markup(ranges_chart(rows, currency=quote.currency, language=language)),  # noqa: S704 -- drawn by us, words escaped
        detailed=tuple(_offer_view(offer, quote, case, language) for offer in quote.offers[:MAX_DETAILED]),
        findings=spoken(quote.findings, language),
        versions=quote.manifest.versions,
    )


def offer_name(offer: Offer, language: Language) -> str:
    """Give the package's name, and whether demand response goes with it."""
    name = offer.package.name.say(language)
    return f"{name} + {word('dr', language)}" if offer.with_dr else name


def spoken(findings: tuple[Finding, ...], language: Language) -> tuple[SpokenFinding, ...]:
    """Put findings into words, the most serious first, each once."""
    ordered = sorted(findings, key=lambda finding: WEIGHT[finding.severity])
    said = [SpokenFinding(severity=str(one.severity), words=one.say(language)) for one in ordered]
    return tuple(dict.fromkeys(said))


def _offer_view(offer: Offer, quote: Quote, case: Case, language: Language) -> OfferView:
    today, schedule = quote.today.schedule, offer.response.schedule
    zone = case.site.zone
    events = [EventSpan(start=one.start, end=one.end) for one in offer.commitments if one.commitment_kw > 0]
    stores = level_panels(case, today, schedule, language)
    loads = modulating_panels(case, today, schedule)
    load_svg = load_chart(
        today.import_kw,
        schedule.import_kw,
        grid=schedule.grid,
        zone=zone,
        stretches=price_stretches(offer.package.tariff, schedule.grid),
        events=events,
        currency=offer.currency,
        language=language,
    )
    runs_svg = (
        runs_chart(case.plan, today, schedule, zone=zone, events=events, language=language) if case.plan.tasks else None
    )
    stores_svg = (
        levels_chart(
            stores,
            grid=schedule.grid,
            zone=zone,
            at_step_end=True,
            title=word("chart_stores", language),
            language=language,
        )
        if stores
        else None
    )
    loads_svg = (
        levels_chart(
            loads,
            grid=schedule.grid,
            zone=zone,
            at_step_end=False,
            title=word("chart_modulating", language),
            language=language,
        )
        if loads
        else None
    )
    moves = sorted(offer.moves, key=lambda move: -abs(move.saving))
    shown = sorted(moves[:MAX_MOVES], key=lambda move: (move.to_start is None, move.to_start or offer.valid_until))
    return OfferView(
        offer=offer,
        name=offer_name(offer, language),
        status=offer.package.tariff.status,
        split=tuple(
            (part, getattr(offer.split, part)) for part in ("tariff", "shifting", "demand", "dr", "production")
        ),
        split_svg=_drawn(split_chart(offer.split, currency=offer.currency, language=language)),
        load_svg=_drawn(load_svg),
        runs_svg=_drawn(runs_svg) if runs_svg else None,
        stores_svg=_drawn(stores_svg) if stores_svg else None,
        modulating_svg=_drawn(loads_svg) if loads_svg else None,
        months=month_bills(quote.today_bills, offer.median_bills, language),
        moves=tuple(shown),
        n_more_moves=len(moves) - len(shown),
        findings=spoken(offer.findings, language),
        certificate=certificate(offer, language),
    )


def _drawn(svg: str) -> Markup:
    """Mark a drawing as safe: we drew it, and every word in it was escaped."""
    return Markup(svg)  # noqa: S704


def month_bills(today: tuple[Bill, ...], offer: tuple[Bill, ...], language: Language) -> tuple[MonthBills, ...]:
    """Pair the bills by month."""
    before = {bill.month: bill for bill in today}
    return tuple(
        MonthBills(
            month=f"{bill.month:%Y-%m}",
            today=_bill_rows(before[bill.month], language),
            today_total=before[bill.month].total,
            offer=_bill_rows(bill, language),
            offer_total=bill.total,
        )
        for bill in offer
    )


def _bill_rows(bill: Bill, language: Language) -> tuple[BillRow, ...]:
    return tuple(
        BillRow(
            kind=line.kind,
            label=line.label.say(language),
            quantity=line.quantity,
            unit=line.unit,
            unit_price=line.unit_price,
            amount=line.amount,
            rule=line.rule.say(language),
        )
        for line in bill.lines
    )


def certificate(offer: Offer, language: Language) -> str:
    """Say how surely the offer's schedule is the best one."""
    solve = offer.response.solve
    kind = {"optimal": "optimal", "gap": "optimal", "deadline": "deadline", "recorded": "recorded"}[solve.stopped_by]
    return word(
        f"certificate_{kind}",
        language,
        gap=unsigned_share(solve.gap_share),
        bound=money(solve.bound, offer.currency),
        objective=money(solve.objective, offer.currency),
    )
