"""``wattplan quote``."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.bill_options import FactsOption
from api.cli.options import (
    DEFAULT_WORKERS,
    JsonOption,
    LabelsOption,
    LanguageOption,
    MultiplierOption,
    UnitOption,
    WorkersOption,
    ZoneOption,
)
from domain.text import Language


def quote(
    case: Annotated[Path | None, typer.Argument(help="A case file; or give --meter and --plan.")] = None,
    *,
    meter: Annotated[Path | None, typer.Option("--meter", help="Meter file: CSV or XLSX.")] = None,
    plan: Annotated[Path | None, typer.Option("--plan", help="Plant file: YAML or the plan workbook.")] = None,
    tariffs: Annotated[
        Path | None, typer.Option("--tariffs", help="Folder of tariffs, packages, programmes and events.")
    ] = None,
    present: Annotated[str | None, typer.Option("--present", help="Id of today's tariff.")] = None,
    facts: FactsOption = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    issued_at: Annotated[
        str | None, typer.Option("--issued-at", help="When the question is asked, with offset; nothing later is known.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of samples and search.")] = None,
    samples: Annotated[int | None, typer.Option("--samples", min=1, max=10_000, help="Forecast samples.")] = None,
    deadline: Annotated[
        float | None, typer.Option("--deadline", min=0.1, help="Longest search per candidate, seconds.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", help="Manifest of an earlier quote of this case, to be replayed.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for report, case, quote and schedule.")] = None,
    workers: WorkersOption = DEFAULT_WORKERS,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Answer one customer's question with ranked offers."""
    if (case is None) == (meter is None or plan is None) or (case is not None and (meter or plan)):
        raise typer.BadParameter("give either a CASE file, or both --meter and --plan")
    if replay is not None and case is None:
        raise typer.BadParameter("--replay needs the CASE file that the manifest was made for")
    if replay is not None and any(one is not None for one in (seed, samples, deadline)):
        raise typer.BadParameter("--replay takes seed, samples and deadline from the case")
    from api.cli import quote_work  # noqa: PLC0415 -- help stays quick

    if case is not None:
        from domain.files.case_file import read_case  # noqa: PLC0415 -- as above

        asked = read_case(case)
    else:
        from api.cli import case_work  # noqa: PLC0415 -- as above

        asked = case_work.case_of_parts(
            meter=meter or Path(),
            plan=plan or Path(),
            tariffs=tariffs,
            present=present,
            options=case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
            issued_at=_instant(issued_at),
            facts=facts,
            language=language,
        )
    asked = quote_work.with_options(asked, seed=seed, n_samples=samples, deadline_s=deadline)
    quote_work.answer(asked, out=out, language=language, json_wanted=json_wanted, workers=workers, manifest=replay)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--issued-at {text!r}: write it like 2026-11-24T08:00:00+08:00") from error
    if at.tzinfo is None:
        raise typer.BadParameter(f"--issued-at {text!r}: add the UTC offset, like +08:00")
    return at
