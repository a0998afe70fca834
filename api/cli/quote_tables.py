"""An answered case as tables in the terminal."""

from rich.markup import escape

from api.cli.output import out, simple_table
from domain.offers import Case, Offer, Quote
from domain.text import Language
from scenarios.report_numbers import Clock, money, share, whole
from scenarios.report_view import offer_name
from scenarios.report_words import word

N_MOVES = 8


def print_quote(quote: Quote, case: Case, language: Language) -> None:
    """Print the ranking, then the best offer's moves and commitments."""
    console = out()
    console.print(f"[bold]{escape(case.site.name)}[/bold]  {escape(quote.case_id)}  {quote.currency}")
    heads = ("rank", "package", "status", "bill_mean", "saving", "saving_share")
    table = simple_table(
        *(word(key, language) for key in heads), f"{word('saving', language)} P10 / P50 / P90", numbers=(0, 3, 4, 5, 6)
    )
    today = f"{word('today', language)}: {case.present_tariff.name.say(language)}"
    status = word(f"status_{case.present_tariff.status}", language)
    table.add_row("", escape(today), status, whole(float(quote.bill_today.mean)), "", "", "", style="dim")
    for offer in quote.offers:
        table.add_row(*_offer_row(offer, language), style="bold" if offer.rank == 1 else "")
    console.print(table)
    if not quote.offers:
        console.print(word("headline_none", language))
        return
    _print_best(quote.offers[0], case, language)


def _offer_row(offer: Offer, language: Language) -> tuple[str, ...]:
    saving = offer.saving
    return (
        str(offer.rank),
        escape(offer_name(offer, language)),
        word(f"status_{offer.package.tariff.status}", language),
        whole(float(offer.bill.mean)),
        whole(float(saving.mean)),
        share(offer.saving_share),
        " / ".join(whole(float(one)) for one in (saving.p10, saving.p50, saving.p90)),
    )


def place(moment: str, mode_id: str | None) -> str:
    """Write when a run starts, and in which of its task's other ways."""
    return moment if mode_id is None else f"{moment} @{escape(mode_id)}"


def _print_best(best: Offer, case: Case, language: Language) -> None:
    console = out()
    clock = Clock(case.site.zone)
    parts = ((part, getattr(best.split, part)) for part in ("tariff", "shifting", "demand", "dr", "production"))
    said = ", ".join(f"{word(f'split_{part}', language)} {amount:+,.0f}" for part, amount in parts)
    console.print(f"\n[bold]{word('chart_split', language)}[/bold]: {said} = {money(best.split.total, best.currency)}")
    for one in best.commitments:
        console.print(
            f"[bold]{word('event', language)}[/bold] {escape(one.event_id)} {clock.span(one.start, one.end)}: "
            f"{word('commitment_kw', language)} {whole(one.commitment_kw)}, "
            f"{word('pay', language)} {money(one.pay, best.currency)}"
        )
    moves = sorted(best.moves, key=lambda move: -abs(move.saving))
    if not moves:
        console.print(word("moves_none", language))
        return
    table = simple_table(
        *(word(key, language) for key in ("subject", "from", "to", "move_saving", "reason")), numbers=(3,)
    )
    for move in moves[:N_MOVES]:
        table.add_row(
            escape(move.name),
            place(clock.moment(move.from_start), move.from_mode),
            place(clock.moment(move.to_start), move.to_mode),
            whole(move.saving),
            escape(move.reason.say(language)),
        )
    console.print(f"\n[bold]{word('moves', language)}[/bold]")
    console.print(table)
    if len(moves) > N_MOVES:
        console.print(word("moves_more", language, n=len(moves) - N_MOVES), style="dim")
