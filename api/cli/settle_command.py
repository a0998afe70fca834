"""``wattplan settle``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.baseline_commands import AtypicalDaysOption, CountryOption, EventDaysOption, ReferenceOption
from api.cli.options import JsonOption, LabelsOption, LanguageOption, MultiplierOption, UnitOption, ZoneOption
from domain.text import Language


def settle(
    *,
    bundle: Annotated[Path | None, typer.Option("--bundle", help="Work this bundle out again.")] = None,
    programme: Annotated[str | None, typer.Option("--programme", help="Id of the catalogue, or a file.")] = None,
    event: Annotated[Path | None, typer.Option("--event", help="File with events:.")] = None,
    event_id: Annotated[str | None, typer.Option("--event-id", help="Which of the file's events.")] = None,
    meter: Annotated[Path | None, typer.Option("--meter", help="Meter file: CSV or XLSX.")] = None,
    commitment: Annotated[str | None, typer.Option("--commitment", help="What was awarded, kW.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where the bundle goes, such as bundle.json.")] = None,
    paid_this_year: Annotated[
        str, typer.Option("--paid-this-year", help="Paid for earlier events of the year; counts against a yearly cap.")
    ] = "0",
    country: CountryOption = None,
    event_days: EventDaysOption = None,
    atypical_days: AtypicalDaysOption = None,
    reference_kw: ReferenceOption = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Settle an event and write a bundle from which anybody can work it out; or work a bundle out again."""
    from api.cli import case_work, event_options, settle_work  # noqa: PLC0415 -- help stays quick

    made = (programme, event, meter, commitment)
    if bundle is not None:
        if any(one is not None for one in (*made, out)):
            raise typer.BadParameter("--bundle is worked out from itself: give no other inputs and no --out")
        settle_work.check(bundle, language, json_wanted=json_wanted)
        return
    if programme is None or event is None or meter is None or commitment is None:
        raise typer.BadParameter("give --bundle, or --programme, --event, --meter and --commitment")
    if out is not None and out.suffix == ".md":
        raise typer.BadParameter("--out names the bundle, such as bundle.json; its page goes beside it as .md")
    settle_work.make(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        settle_work.Asked(
            programme=programme,
            event=event,
            event_id=event_id,
            commitment_kw=settle_work.amount("--commitment", commitment),
            paid_this_year=settle_work.amount("--paid-this-year", paid_this_year),
            country=country,
            event_days=event_options.days_of("--event-day", event_days),
            atypical_days=event_options.days_of("--atypical-day", atypical_days),
            reference_kw=reference_kw,
        ),
        out_path=out,
        language=language,
        json_wanted=json_wanted,
    )
