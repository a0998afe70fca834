"""``wattplan baseline list|compare|show``."""

from typing import Annotated

import typer

from api.cli.options import (
    JsonOption,
    LabelsOption,
    LanguageOption,
    MeterOption,
    MultiplierOption,
    UnitOption,
    ZoneOption,
)
from domain.text import Language

app = typer.Typer(help="Baselines of a customer: methods side by side, and one event's days.", no_args_is_help=True)

CountryOption = Annotated[
    str | None, typer.Option("--country", help="Country of the working calendar, such as CN; without: weekends only.")
]
WindowOption = Annotated[str, typer.Option("--window", help="The event's hours on the local clock: 17:00-19:00.")]
NoticeMinOption = Annotated[
    int, typer.Option("--notice-min", min=1, max=60 * 24 * 60, help="Minutes between the notice and the event.")
]
EventDaysOption = Annotated[
    list[str] | None, typer.Option("--event-day", help="Day of another event, which does not count; repeatable.")
]
AtypicalDaysOption = Annotated[
    list[str] | None, typer.Option("--atypical-day", help="Day of an outage or overhaul; repeatable.")
]
ReferenceOption = Annotated[
    float | None, typer.Option("--reference-kw", min=0, help="Level of the contract, for the firm service level.")
]
DAY_AHEAD_MIN = 24 * 60


@app.command("list")
def list_all(language: LanguageOption = Language.EN, json_wanted: JsonOption = False) -> None:
    """List the catalogue's baseline methods with their parameters and how far they were checked."""
    from api.cli import baseline_work  # noqa: PLC0415 -- help stays quick

    baseline_work.list_all(language, json_wanted=json_wanted)


@app.command()
def compare(
    *,
    meter: MeterOption,
    window: WindowOption,
    country: CountryOption = None,
    methods: Annotated[
        list[str] | None, typer.Option("--method", help="Key of a method; repeatable; without: all.")
    ] = None,
    days: Annotated[str, typer.Option("--days", help="Which days are tried: any, workday or restday.")] = "any",
    notice_min: NoticeMinOption = DAY_AHEAD_MIN,
    event_days: EventDaysOption = None,
    atypical_days: AtypicalDaysOption = None,
    reference_kw: ReferenceOption = None,
    daily: Annotated[bool, typer.Option("--daily", help="With --json: every day's baseline and load, too.")] = False,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Try every method on the meter's days without an event, as if one had been called, and compare."""
    from api.cli import baseline_work, case_work, event_options  # noqa: PLC0415 -- help stays quick

    baseline_work.compare(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        baseline_work.Compared(
            window=event_options.window_of(window),
            country=country,
            methods=tuple(methods or ()),
            days=event_options.day_choice(days),
            notice_min=notice_min,
            event_days=event_options.days_of("--event-day", event_days),
            atypical_days=event_options.days_of("--atypical-day", atypical_days),
            reference_kw=reference_kw,
        ),
        language=language,
        json_wanted=json_wanted,
        daily=daily,
    )


@app.command()
def show(
    *,
    meter: MeterOption,
    method: Annotated[str, typer.Option("--method", help="Key of the method, as `wattplan baseline list` gives it.")],
    day: Annotated[str, typer.Option("--day", help="Day of the event, such as 2026-06-18.")],
    window: WindowOption,
    notice: Annotated[
        str | None, typer.Option("--notice", help="Local time of the notice, such as 2026-06-18T08:00.")
    ] = None,
    notice_min: NoticeMinOption = DAY_AHEAD_MIN,
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
    """Show one event's baseline: the days averaged, the days left out and why, the day-of correction."""
    from api.cli import baseline_work, case_work, event_options  # noqa: PLC0415 -- help stays quick

    baseline_work.show(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        baseline_work.Shown(
            method=method,
            reference_kw=reference_kw,
            day=event_options.day_of("--day", day),
            window=event_options.window_of(window),
            notice=notice,
            notice_min=notice_min,
            country=country,
            event_days=event_options.days_of("--event-day", event_days),
            atypical_days=event_options.days_of("--atypical-day", atypical_days),
        ),
        language=language,
        json_wanted=json_wanted,
    )
