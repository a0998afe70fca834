"""Plan workbooks on the command line."""

from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.output import err, out, say_findings, simple_table
from domain.equipment_samples import equipment_plant
from domain.errors import WattplanError
from domain.files.plan_workbook import write_template
from domain.files.plant_file import PlantFile, read_plant
from domain.plant import ProductionPlan
from domain.text import Language, Text
from scenarios.report_numbers import Clock, whole

SUMMARY = Text(
    en="{site}: {n_machines} machines, {n_tasks} tasks with {n_runs} runs, {n_orders} orders, "
    "{n_processes} processes, {n_stores} stores, {n_utilities} utilities, {n_modulating} modulating loads, "
    "{n_batteries} batteries",
    zh="{site}：设备 {n_machines}，任务 {n_tasks}（共 {n_runs} 次运行），订单 {n_orders}，"
    "连续设备 {n_processes}，库存 {n_stores}，公用工程 {n_utilities}，可调负荷 {n_modulating}，电池 {n_batteries}",
)
TASK = Text(en="task", zh="任务")
RUNS = Text(en="runs", zh="次数")
LENGTH = Text(en="minutes", zh="分钟")
ENERGY = Text(en="kWh per run", zh="每次 kWh")
WINDOW = Text(en="window", zh="时间窗")
PROCESS = Text(en="process", zh="连续设备")
RATE = Text(en="rate while on, per hour", zh="运行速率（每小时）")
POWER = Text(en="kW while on", zh="运行功率 kW")
QUOTAS = Text(en="quotas", zh="产量要求")


SUFFIX = ".xlsx"


class FileInTheWayError(WattplanError):
    """A new file would take the place of one that is there."""

    code = "file_in_the_way"
    words = Text(
        en="{path} is there already and is not overwritten. Give another name, or move it away first.",
        zh="{path} 已存在，不会覆盖。请另取文件名，或先移走该文件。",
    )


def template(path: Path, *, example: bool, equipment: str | None = None, language: Language) -> None:
    """Write a plan workbook; never over another file, which may have been filled in.

    With ``example`` or the name of an equipment sample it holds that plant; without either it is empty and a filled
    one, to look things up in, stands beside it.

    Raises
    ------
    FileInTheWayError
    UnknownReferenceError
        If there is no such sample of equipment.
    """
    if path.suffix.lower() != SUFFIX:
        raise typer.BadParameter(f"{path.name!r}: a workbook's name ends in {SUFFIX}")
    alone = example or equipment is not None
    filled = path if alone else path.with_stem(f"{path.stem}-example")
    wanted = dict.fromkeys((path, filled))
    for one in wanted:
        if one.exists():
            raise FileInTheWayError(path=one.name)
    plant = _example() if equipment is None else equipment_plant(equipment)
    path.parent.mkdir(parents=True, exist_ok=True)
    for one in wanted:
        write_template(one, example=plant if one == filled else None, language=language)
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
        n_processes=len(plan.processes),
        n_stores=len(plan.stores),
        n_utilities=len(plan.utilities),
        n_modulating=len(plan.modulating_loads),
        n_batteries=len(plant.site.batteries),
    )
    console.print(escape(said))
    console.print(f"{clock.full(plan.start)} – {clock.full(plan.end)} {plant.site.zone}", markup=False)
    if plan.tasks:
        console.print(_tasks_table(plan, clock, language))
    if plan.processes:
        console.print(_processes_table(plan, language))
    say_findings(plant.findings, language)


def _tasks_table(plan: ProductionPlan, clock: Clock, language: Language) -> Table:
    heads = (TASK, RUNS, LENGTH, ENERGY, WINDOW)
    table = simple_table(*(one.say(language) for one in heads), numbers=(1, 2, 3))
    for task in plan.tasks:
        window = clock.span(*plan.window_of(task))
        table.add_row(escape(task.name), str(task.count), str(task.duration_min), whole(task.energy_kwh), window)
    return table


def _processes_table(plan: ProductionPlan, language: Language) -> Table:
    heads = (PROCESS, RATE, POWER, QUOTAS)
    table = simple_table(*(one.say(language) for one in heads), numbers=(1, 2, 3))
    for one in plan.processes:
        power_kw = [one.fixed_kw + one.kwh_per_unit * rate for rate in (one.min_rate, one.max_rate)]
        rates = f"{one.min_rate:g} … {one.max_rate:g} {escape(one.unit)}"
        powers = f"{whole(min(power_kw))} … {whole(max(power_kw))}"
        table.add_row(escape(one.name), rates, powers, str(len(one.quotas)))
    return table
