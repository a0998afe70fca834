"""``wattplan plan best``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import CaseArgument, JsonOption, LanguageOption
from api.errors import EXIT_NO_ANSWER
from domain.text import Language


def best(
    case: CaseArgument,
    *,
    package: Annotated[
        str | None, typer.Option("--package", help="Id of the package; left out: today's tariff.")
    ] = None,
    dr: Annotated[
        bool, typer.Option("--dr", help="The plan may commit to the case's events, as if they were called.")
    ] = False,
    standing: Annotated[
        Path | None,
        typer.Option("--standing", help="The plan that people act on: schedule.json in --out of an earlier one."),
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(
            "--now",
            help="What began before it stays; goes with --standing and lies within the plan. Such as 2026-11-24 08:00: on the "
            "site's clock, or with an offset.",
        ),
    ] = None,
    change_cost: Annotated[
        float,
        typer.Option(
            "--change-cost", min=0.0, help="Cost of each run that leaves the standing plan, in the tariff's currency."
        ),
    ] = 0.0,
    shift_cost: Annotated[
        float, typer.Option("--shift-cost", min=0.0, help="More for each hour by which such a run is moved.")
    ] = 0.0,
    process_cost: Annotated[
        float,
        typer.Option(
            "--process-cost",
            min=0.0,
            help="Cost of each hour in which a process is switched otherwise than in the standing plan.",
        ),
    ] = 0.0,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            help="What must be: TASK=TIME, TASK@MODE=TIME, PROCESS=on:START/END or PROCESS=off:START/END. Again for more.",
        ),
    ] = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            "--what-if", help="Written like --keep: what each would cost by itself; the plan is made without it."
        ),
    ] = None,
    tags: Annotated[int, typer.Option("--tags", min=0, help="At most so many limits are priced; 0: none.")] = 6,
    repairs: Annotated[
        int, typer.Option("--repairs", min=0, help="At most so many repairs of an impossible plan; 0: none.")
    ] = 6,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Seed of samples and search; left out: the case's own.")
    ] = None,
    deadline: Annotated[
        float | None,
        typer.Option(
            "--deadline",
            min=0.1,
            help="Longest search, seconds; each tag, what-if and repair is a search too. Left out: the case's own.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for plan.json and schedule.json.")] = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Make the best plan under one package and explain it: what moves, why, what limits and wishes are worth.

    Where no plan is possible it says what contradicts each other and what would help, and leaves with 3.
    """
    if (standing is None) != (now is None):
        raise typer.BadParameter("--standing and --now go together")
    if standing is None and (change_cost or shift_cost or process_cost):
        raise typer.BadParameter("--change-cost, --shift-cost and --process-cost need --standing")
    from api.cli import plan_best_work as work  # noqa: PLC0415 -- help stays quick
    from api.cli.quote_work import with_options  # noqa: PLC0415 -- as above
    from domain.files.case_file import read_case  # noqa: PLC0415 -- as above

    asked_case = with_options(read_case(case), seed=seed, n_samples=None, deadline_s=deadline)
    asked = work.asked_of(
        asked_case,
        package=package,
        with_dr=dr,
        standing=None
        if standing is None or now is None
        else work.standing_of(
            standing, now, asked_case, run_change=change_cost, run_shift_per_h=shift_cost, process_per_h=process_cost
        ),
        keep=tuple(keep or ()),
        what_if=tuple(what_if or ()),
        n_tags=tags,
        n_repairs=repairs,
    )
    is_possible = work.answer(asked_case, asked, out=out, language=language, json_wanted=json_wanted)
    if not is_possible:
        raise typer.Exit(code=EXIT_NO_ANSWER)
