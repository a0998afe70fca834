"""The sheets of a plant workbook: which columns each has, what they mean, in both languages.

The columns stand in ``plan_columns.csv``, one line each.
"""

import csv
from importlib.resources import files
from typing import Literal, cast

from domain.noun import noun
from domain.text import Text

README_TITLE = "README 说明"
"""Title of the sheet that explains the others; readers pass it over."""

CellKind = Literal[
    "text", "number", "decimal", "whole", "yes_no", "when", "clock", "texts", "times", "phases", "numbers"
]


@noun
class Column:
    """One column of a sheet (or one row of the key-value sheet)."""

    key: str
    """Heading in English and name of the noun's field."""
    zh: tuple[str, ...]
    """Headings in Chinese; the first is written, all are read."""
    kind: CellKind
    note: Text
    """What it means, with its unit."""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    """Words allowed, as (English, Chinese)."""
    path: tuple[str, ...] = ()
    """Key-value sheet only: where the value belongs in the file."""

    @property
    def heading(self) -> str:
        """Both headings, as the template shows them."""
        return f"{self.key} {self.zh[0]}"


@noun
class Sheet:
    """One sheet."""

    key: str
    en: str
    zh: str
    note: Text
    columns: tuple[Column, ...]

    @property
    def title(self) -> str:
        """Both names, as the template shows them."""
        return f"{self.en} {self.zh}"

    def column(self, key: str) -> Column | None:
        """Give a column by its key."""
        return next((one for one in self.columns if one.key == key), None)


def _columns() -> dict[str, tuple[Column, ...]]:
    text = files("domain.files").joinpath("plan_columns.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[Column, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        choices = (one.partition("=") for one in row["choices"].split())
        column = Column(
            key=row["key"],
            zh=tuple(row["zh"].split("|")),
            kind=cast("CellKind", row["kind"]),
            note=Text(en=row["note_en"], zh=row["note_zh"]),
            required=row["required"] == "yes",
            choices=tuple((en, zh) for en, _, zh in choices),
            path=tuple(row["path"].split(".")) if row["path"] else (),
        )
        found[row["sheet"]] = (*found.get(row["sheet"], ()), column)
    return found


_COLUMNS = _columns()


def _sheet(key: str, en: str, zh: str, note: Text) -> Sheet:
    return Sheet(key=key, en=en, zh=zh, note=note, columns=_COLUMNS[key])


SITE = _sheet("site", "Site", "站点", Text(en="One line per item: name, value.", zh="每行一项：名称、取值。"))
MACHINES = _sheet(
    "machines", "Machines", "设备", Text(en="Each machine or group of equal machines.", zh="每台设备或一组相同设备。")
)
OUTAGES = _sheet(
    "outages",
    "Outages",
    "停机",
    Text(en="When a machine (all of its group) cannot run.", zh="设备（整组）不可用的时段。"),
)
TASKS = _sheet(
    "tasks",
    "Tasks",
    "任务",
    Text(
        en="Work with a power profile; give phases, or power_kw and duration_min.",
        zh="有功率曲线的工作；填写 phases，或填写 power_kw 与 duration_min。",
    ),
)
ORDERS = _sheet("orders", "Orders", "订单", Text(en="Promises that tasks work for.", zh="任务所服务的订单。"))
STORES = _sheet("stores", "Stores", "库存", Text(en="Buffers: silos, yards, tanks.", zh="缓存：料仓、堆场、储罐。"))
DRAWS = _sheet(
    "draws",
    "Draws",
    "出库",
    Text(en="What is taken out of a store; negative: delivered.", zh="从库存取出的量；负数为入库。"),
)
FLOWS = _sheet(
    "flows",
    "Flows",
    "物料",
    Text(
        en="What a run of a task puts into a store (negative: takes out).",
        zh="任务每次运行放入库存的量（负数为取出）。",
    ),
)
PRECEDENCES = _sheet(
    "precedences",
    "Precedence",
    "工序先后",
    Text(en="One single-run task follows another.", zh="单次任务之间的先后关系。"),
)
MODULATING = _sheet(
    "modulating_loads",
    "Modulating loads",
    "可调负荷",
    Text(
        en="One row per span; name and limits need to stand in a load's first row only.",
        zh="每个时段一行；名称与上下限只需写在该负荷的第一行。",
    ),
)
SHIFTS = _sheet("shifts", "Shifts", "班次", Text(en="Crews by the local clock.", zh="按当地时间的班次。"))
BATTERIES = _sheet("batteries", "Batteries", "储能", Text(en="Batteries behind the meter.", zh="表后储能。"))
PV = _sheet("pv", "PV", "光伏", Text(en="PV arrays behind the meter.", zh="表后光伏。"))
COMPENSATORS = _sheet(
    "compensators",
    "Compensators",
    "无功补偿",
    Text(
        en="Capacitor banks and static var generators; give kvar_per_step, or stepless_kvar.",
        zh="电容器组与静止无功发生器；填写 kvar_per_step，或填写 stepless_kvar。",
    ),
)
COMPENSATOR_HOURS = _sheet(
    "compensator_hours",
    "Compensator hours",
    "补偿可用时段",
    Text(en="When a compensator is available; no row: always.", zh="补偿装置可用的时段；不填则始终可用。"),
)
MODES = _sheet(
    "modes",
    "Modes",
    "方式",
    Text(
        en="Other ways to do a task's runs, such as on another furnace.",
        zh="任务运行的其他方式，例如换一台炉子。",
    ),
)
PROCESSES = _sheet(
    "processes",
    "Processes",
    "连续设备",
    Text(
        en="Continuous work that may stop and start: mills, chillers, charging points, own generation.",
        zh="可启停的连续设备：磨机、制冷机、充电桩、自备发电。",
    ),
)
RATE_FLOWS = _sheet(
    "rate_flows",
    "Process flows",
    "连续物料",
    Text(en="What a process brings to a store (negative: takes out).", zh="连续设备放入库存的量（负数为取出）。"),
)
QUOTAS = _sheet(
    "quotas", "Quotas", "产量要求", Text(en="What a process must do within a span.", zh="时段内须完成的产量。")
)
PROCESS_SPANS = _sheet(
    "process_spans",
    "Process hours",
    "连续时段",
    Text(en="When a process may run, cannot run, and how it is run today.", zh="连续设备可运行、停机及现计划的时段。"),
)
UTILITIES = _sheet(
    "utilities",
    "Utilities",
    "公用工程",
    Text(en="What runs share: steam, air, a crane.", zh="共用的蒸汽、压缩空气、行车等。"),
)
UTILITY_GAPS = _sheet(
    "utility_gaps", "Utility limits", "公用工程限额", Text(en="Spans with another limit.", zh="上限不同的时段。")
)
UTILITY_USES = _sheet(
    "utility_uses",
    "Utility uses",
    "公用工程用量",
    Text(en="What runs and processes take of utilities.", zh="任务与连续设备对公用工程的用量。"),
)
CHANGEOVERS = _sheet(
    "changeovers",
    "Changeovers",
    "换型",
    Text(en="What turns a machine from one family to another.", zh="设备由一个产品族换到另一个所需的工作。"),
)
PAST_RUNS = _sheet(
    "past_runs",
    "Past runs",
    "历史运行",
    Text(
        en="Complete log of what the planned equipment drew; goes with base_load_source = site_less_history.",
        zh="计划内设备实际用电的完整记录；与“总表减历史”同时使用。",
    ),
)

TABLES = (
    MACHINES,
    OUTAGES,
    TASKS,
    ORDERS,
    STORES,
    DRAWS,
    MODES,
    FLOWS,
    PRECEDENCES,
    CHANGEOVERS,
    PROCESSES,
    RATE_FLOWS,
    QUOTAS,
    PROCESS_SPANS,
    UTILITIES,
    UTILITY_GAPS,
    UTILITY_USES,
    MODULATING,
    SHIFTS,
    BATTERIES,
    PV,
    COMPENSATORS,
    COMPENSATOR_HOURS,
    PAST_RUNS,
)
SHEETS = (SITE, *TABLES)
