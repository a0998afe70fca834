"""``wattplan plan availability|playbook|samples|contract``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import CaseArgument, JsonOption, LanguageOption
from api.cli.plan_contract_command import contract
from domain.text import Language

PackageOption = Annotated[str | None, typer.Option("--package", help="Id of the package; left out: today's tariff.")]
SeedOption = Annotated[
    int | None, typer.Option("--seed", min=0, help="Seed of samples and search; left out: the case's own.")
]
DeadlineOption = Annotated[
    float | None,
    typer.Option(
        "--deadline", min=0.1, help="Longest time for all searches together, seconds; left out: the case's own."
    ),
]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for the JSON document and its picture (SVG).")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (availability, playbook, samples, contract):
        app.command(command.__name__)(command)


def availability(
    case: CaseArgument,
    *,
    start: Annotated[
        str,
        typer.Option(
            "--from", help="Start of the window, such as 2026-11-24 10:00: on the site's clock, or with an offset."
        ),
    ],
    end: Annotated[str, typer.Option("--to", help="End of the window, written alike.")],
    notice: Annotated[
        str | None,
        typer.Option("--notice", help="When the plant is told, written alike; left out: before the plan begins."),
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option(
            "--levels", help="Levels in kW, rising: 100,200,300; left out: six, up to the greatest that can be held."
        ),
    ] = None,
    fill: Annotated[
        bool, typer.Option("--fill", help="Price more load instead of less: valleys that are filled.")
    ] = False,
    each_step: Annotated[
        bool, typer.Option("--each-step", help="Every step must reach the level, not only the window's mean.")
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            help="Count from this baseline: id of a programme of the case, or a key of `wattplan baseline list`; "
            "left out: from the plan without any promise.",
        ),
    ] = None,
    reference: Annotated[
        float | None, typer.Option("--reference-kw", min=0.0, help="Contract level, for baselines that are one.")
    ] = None,
    package: PackageOption = None,
    seed: SeedOption = None,
    deadline: DeadlineOption = None,
    out: OutOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Say how much response a plant can hold in a window, and from which pay on each level is worth it."""
    from api.cli import plan_dr_work as work  # noqa: PLC0415 -- help stays quick

    asked_case = work.case_of(case, seed=seed, n_samples=None, deadline_s=deadline)
    asked = work.window_asked(
        asked_case,
        start=start,
        end=end,
        notice=notice,
        levels=levels,
        more_load=fill,
        each_step=each_step,
        package=package,
        baseline=baseline,
        reference_kw=reference,
    )
    work.availability(asked_case, asked, out=out, language=language, json_wanted=json_wanted)


def playbook(
    case: CaseArgument,
    *,
    chance: Annotated[
        list[str],
        typer.Option(
            "--chance",
            help="EVENT=0.4: id of an event of the case and the chance that it is called; EVENT=0.4:120 with minutes of "
            "notice, else as the event says. Again for more.",
        ),
    ],
    independent: Annotated[
        bool,
        typer.Option(
            "--independent",
            help="Each event is called or not whatever the others are; left out: at most one is called.",
        ),
    ] = False,
    package: PackageOption = None,
    seed: SeedOption = None,
    deadline: DeadlineOption = None,
    out: OutOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Say what to promise for events that may be called, how to run until then, and what to do if the call comes."""
    from api.cli import plan_dr_work as work  # noqa: PLC0415 -- help stays quick

    asked_case = work.case_of(case, seed=seed, n_samples=None, deadline_s=deadline)
    calls = tuple(work.call_of(text) for text in chance)
    work.playbook(
        asked_case,
        calls,
        package=package,
        is_independent=independent,
        out=out,
        language=language,
        json_wanted=json_wanted,
    )


def samples(
    case: CaseArgument,
    *,
    package: PackageOption = None,
    tail_weight: Annotated[
        float,
        typer.Option("--tail-weight", help="From 0 (the mean cost counts) to 1 (only that of the dearest outcomes)."),
    ] = 0.0,
    tail_share: Annotated[
        float, typer.Option("--tail-share", help="Which part of all outcomes are the dearest: above 0, up to 1.")
    ] = 0.1,
    limit_share: Annotated[
        float,
        typer.Option(
            "--limit-share",
            min=0.0,
            max=1.0,
            help="Share of the samples that may exceed the connection's limit in a step.",
        ),
    ] = 0.0,
    n_samples: Annotated[
        int | None,
        typer.Option(
            "--samples",
            min=1,
            help="Forecast samples, 4 or more: half to plan for, half to judge. Left out: the case's own.",
        ),
    ] = None,
    seed: SeedOption = None,
    deadline: Annotated[
        float | None,
        typer.Option(
            "--deadline", min=0.1, help="Longest time for each of both plans, seconds; left out: the case's own."
        ),
    ] = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Plan for all forecast samples and for the expected load, and say on fresh samples what the difference is worth."""
    from api.cli import plan_dr_work as work  # noqa: PLC0415 -- help stays quick
    from api.cli import plan_samples_work  # noqa: PLC0415 -- as above

    plan_samples_work.samples(
        work.case_of(case, seed=seed, n_samples=n_samples, deadline_s=deadline),
        package=package,
        tail_weight=tail_weight,
        tail_share=tail_share,
        limit_share=limit_share,
        language=language,
        json_wanted=json_wanted,
    )
