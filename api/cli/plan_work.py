"""Plan workbooks on the command line."""

from pathlib import Path

import typer
from rich.markup import escape

from api.cli.output import err, out, say_findings, simple_table
from domain.errors import WattplanError
from domain.files.plan_workbook import write_template
from domain.files.plant_file import PlantFile, read_plant
from domain.text import Language, Text
from scenarios.report_numbers import Clock, whole

SUMMARY = Text(
    en="{site}: {n_machines} machines, {n_tasks} tasks with {n_runs} runs, {n_orders} orders, "
    "{n_stores} stores, {n_modulating} modulating loads, {n_batteries} batteries",
    zh="{site}：设备 {n_machines}，任务 {n_tasks}（共 {n_runs} 次运行），订单 {n_orders}，"
    "库存 {n_stores}，可调负荷 {n_modulating}，电池 {n_batteries}",
)
TASK = Text(en="task", zh="任务")
RUNS = Text(en="runs", zh="次数")
LENGTH = Text(en="minutes", zh="分钟")
ENERGY = Text(en="kWh per run", zh="每次 kWh")
WINDOW = Text(en="window", zh="时间窗")


SUFFIX = ".xlsx"


class FileInTheWayError(WattplanError):
    """A new file would take the place of one that is there."""

    code = "file_in_the_way"
    words = Text(
        en="{path} is there already and is not overwritten. Give another name, or move it away first.",
        zh="{path} 已存在，不会覆盖。请另取文件名，或先移走该文件。",
    )


def template(path: Path, *, example: bool, language: Language) -> None:
    """Write a plan workbook; never over another file, which may have been filled in.

    Without ``example`` the workbook is empty and a filled one, to look things up in, stands beside it.

    Raises
    ------
    FileInTheWayError
    """
    if path.suffix.lower() != SUFFIX:
        raise typer.BadParameter(f"{path.name!r}: a workbook's name ends in {SUFFIX}")
    filled = path if example else path.with_stem(f"{path.stem}-example")
    wanted = dict.fromkeys((path, filled))
    for one in wanted:
        if one.exists():
            raise FileInTheWayError(path=one.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    for one in wanted:
        write_template(one, example=_example() if one == filled else None, language=language)
        err().print(str(one), markup=False, soft_wrap=True)


def _example() -> PlantFile:
    from domain.catalogue.sample_case import sample_case  # noqa: PLC0415 -- only for --example

    case = sample_case()
    return PlantFile(site=case.site, plan=case.plan, present_tariff_id=case.present_tariff.tariff_id)


def check(path: Path, language: Language) -> None:
    """Read a plant file and print what stands in it."""
    plant = read_plant(path)
    plan, clock = plant.plan, Clock(plant.site.zone)
    console = out()
    said = SUMMARY.say(
        language,
        site=plant.site.name,
        n_machines=len(plan.machines),
        n_tasks=len(plan.tasks),
        n_runs=sum(task.count for task in plan.tasks),
        n_orders=len(plan.orders),
        n_stores=len(plan.stores),
        n_modulating=len(plan.modulating_loads),
        n_batteries=len(plant.site.batteries),
    )
    console.print(escape(said))
    console.print(f"{clock.full(plan.start)} – {clock.full(plan.end)} {plant.site.zone}", markup=False)
    heads = (TASK, RUNS, LENGTH, ENERGY, WINDOW)
    table = simple_table(*(one.say(language) for one in heads), numbers=(1, 2, 3))
    for task in plan.tasks:
        window = clock.span(*plan.window_of(task))
        table.add_row(escape(task.name), str(task.count), str(task.duration_min), whole(task.energy_kwh), window)
    console.print(table)
    say_findings(plant.findings, language)
