import dataclasses
import io
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.files.plan_sheets import SHEETS, SITE, TABLES, TASKS
from domain.files.plan_tables import PlanCellsError, column_meant, sheet_meant
from domain.files.plan_workbook import read_plan_workbook, write_plant_workbook
from domain.files.plant_file import PastRun, PlantFile
from domain.plant import (
    Battery,
    Changeover,
    Compensator,
    Flow,
    Interval,
    Machine,
    Mode,
    ModulatingLoad,
    Order,
    PlannedRate,
    PowerPhase,
    Precedence,
    Process,
    ProcessState,
    Pv,
    Quota,
    RateFlow,
    Shift,
    ShiftEnergy,
    Store,
    StoreDraw,
    Task,
    Utility,
    UtilityGap,
    UtilityUse,
)
from domain.text import Language
from tests.plant_cases import full_plant, full_site, outcome

Edit = tuple[str, str, Any]


def book_bytes(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def plant_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the full plant as the bytes of a workbook."""
    path = tmp_path_factory.mktemp("plant") / "plant.xlsx"
    write_plant_workbook(full_plant(), path)
    return path.read_bytes()


@pytest.fixture
def book(plant_bytes: bytes) -> openpyxl.Workbook:
    """Give the full plant as a workbook that a test may change."""
    return openpyxl.load_workbook(io.BytesIO(plant_bytes))


def problems(book: openpyxl.Workbook) -> list[tuple[str, int | None, str | None, Any]]:
    with pytest.raises(PlanCellsError) as caught:
        read_plan_workbook(book_bytes(book), "plant.xlsx")
    assert caught.value.say(Language.ZH).startswith("plant.xlsx：共")
    return [(one.sheet.split()[-1], one.row, one.column, one.value) for one in caught.value.problems]


def test_a_written_plant_reads_back_equal(tmp_path: Path):
    path = tmp_path / "plant.xlsx"
    write_plant_workbook(full_plant(), path)
    assert read_plan_workbook(path) == full_plant()


def test_every_field_of_the_nouns_has_its_column():
    nouns = {
        "machines": Machine,
        "outages": Interval,
        "tasks": Task,
        "orders": Order,
        "stores": Store,
        "draws": StoreDraw,
        "flows": Flow,
        "modes": Mode,
        "changeovers": Changeover,
        "processes": Process,
        "rate_flows": RateFlow,
        "quotas": Quota,
        "process_spans": PlannedRate,
        "utilities": Utility,
        "utility_gaps": UtilityGap,
        "utility_uses": UtilityUse,
        "precedences": Precedence,
        "modulating_loads": ModulatingLoad,
        "shifts": Shift,
        "batteries": Battery,
        "pv": Pv,
        "compensators": Compensator,
        "compensator_hours": Interval,
        "past_runs": PastRun,
    }
    on_own_sheet = {
        *("outages", "draws", "flows", "shifts", "modes", "utilities"),
        *("quotas", "hours", "planned", "gaps"),
    }
    assert {sheet.key for sheet in TABLES} == set(nouns)
    for sheet in TABLES:
        names = {field.name for field in dataclasses.fields(nouns[sheet.key])} - on_own_sheet
        names -= {"before"} if sheet.key == "processes" else set()
        extra = {
            "tasks": {"power_kw", "duration_min"},
            "outages": {"machine_id"},
            "draws": {"store_id"},
            "flows": {"task_id", "mode_id"},
            "modes": {"task_id", "power_kw", "duration_min", "own_flows", "own_utilities"},
            "processes": {f"before_{field.name}" for field in dataclasses.fields(ProcessState)},
            "rate_flows": {"process_id"},
            "quotas": {"process_id"},
            "process_spans": {"process_id", "kind"},
            "utility_gaps": {"utility_id"},
            "compensator_hours": {"compensator_id"},
            "utility_uses": {"task_id", "mode_id", "process_id"},
            "modulating_loads": {field.name for field in dataclasses.fields(ShiftEnergy)},
        }.get(sheet.key, set())
        assert {column.key for column in sheet.columns} == names | extra, sheet.key
    wanted = {("site", field.name) for field in dataclasses.fields(type(full_site()))} - {
        ("site", "supply"),
        ("site", "batteries"),
        ("site", "pv"),
        ("site", "compensators"),
    }
    wanted |= {("site", "supply", field.name) for field in dataclasses.fields(type(full_site().supply))}
    wanted |= {("preferences", field.name) for field in dataclasses.fields(type(full_plant().preferences))}
    wanted |= {("plan", name) for name in ("plan_id", "start", "end")}
    wanted |= {("present_tariff_id",), ("base_load_source",)}
    assert {column.path for column in SITE.columns} == wanted


def test_headings_are_unique_and_found_in_every_writing():
    for sheet in SHEETS:
        for column in sheet.columns:
            spaced = column.key.replace("_", " ").title()
            for heading in (
                column.key,
                *column.zh,
                column.heading,
                f"{column.zh[0]}\n{column.key}",
                spaced,
                f"{column.zh[0]} (kW)",
            ):
                assert column_meant(heading, sheet) is column, (sheet.key, heading)
        assert (
            sheet_meant(sheet.title, SHEETS) is sheet_meant(sheet.en.upper(), SHEETS) is sheet_meant(sheet.zh, SHEETS)
        )
    assert column_meant("备注", TASKS) is None
    assert column_meant("", TASKS) is None


def test_a_plan_as_people_write_it():
    book = openpyxl.Workbook()
    site = book.active
    site.title = "站点"
    for row in (
        ("某某水泥厂 生产计划",),
        (),
        ("厂区编号", "S1"),
        ("客户编号", 10086),
        ("时区", "Asia/Shanghai"),
        ("用电上限 (kW)", "8000"),
        ("购电方式", "电网代理购电"),
        ("电压等级", "35千伏"),
        ("计划编号", "P1"),
        ("计划期开始", date(2026, 11, 24)),
        ("计划期结束", "2026-11-26"),
        ("接受需求响应", "否"),
        ("联系人", "王工"),
    ):
        site.append(row)
    machines = book.create_sheet("设备")
    machines.append(("设备编号", "名称"))
    machines.append(("M1", "一号磨"))
    machines.append(())
    machines.append(("M2", None))
    tasks = book.create_sheet("Tasks")
    tasks.merge_cells("A1:H1")
    tasks["A1"] = "2026 年 11 月生产任务"
    for place, heading in enumerate(
        ("备注", "时长(分钟)", "功率\nkW", "工单号", "设备", "可移动(是/否)", "计划开始", "产品"), 1
    ):
        tasks.cell(row=3, column=place, value=heading)
    for place, value in enumerate(
        ("急", 180, 5000, 2411, "M1；M2", "否", datetime.fromisoformat("2026-11-24 08:00"), "P.O42.5"), 1
    ):
        tasks.cell(row=5, column=place, value=value)
    tasks.cell(row=7, column=1, value="第二班交接后填写")
    for place, value in ((2, "60"), (3, "12.5"), (4, "C-2"), (7, "2026-11-25 08:00")):
        tasks.cell(row=9, column=place, value=value)
    shifts = book.create_sheet("班次")
    shifts.append(("班次", "开始", "结束", "适用日", "小时工资"))
    shifts.append(("夜", time(22), "6:00", "工作日; sat", 31.5))
    book.create_sheet("图表")["A1"] = "x"

    plant = read_plan_workbook(book_bytes(book))
    assert plant.site.customer_id == "10086"
    assert plant.site.supply.purchase_mode == "grid_agency"
    assert plant.site.supply.voltage_level == "35kv"
    assert plant.preferences.accept_dr is False
    assert (plant.plan.start, plant.plan.end) == (
        datetime(2026, 11, 23, 16, tzinfo=UTC),
        datetime(2026, 11, 25, 16, tzinfo=UTC),
    )
    assert [machine.name for machine in plant.plan.machines] == ["一号磨", ""]
    first, second = plant.plan.tasks
    assert first == Task(
        task_id="2411",
        name="P.O42.5",
        machine_ids=("M1", "M2"),
        phases=(PowerPhase(power_kw=5000, duration_min=180),),
        movable=False,
        planned_starts=(datetime(2026, 11, 24, 0, tzinfo=UTC),),
    )
    assert (second.task_id, second.machine_ids, second.energy_kwh) == ("C-2", (), 12.5)
    assert plant.plan.shifts == (
        Shift(name="夜", start=time(22), end=time(6), days=("workday", "sat"), wage_per_h=31.5),
    )
    assert [finding.say() for finding in plant.findings] == [
        "Sheet 站点: 联系人 is not used by the plan and was passed over.",
        "Sheet Tasks: 备注 is not used by the plan and was passed over.",
        "Sheet 图表 is not part of a plan and was passed over.",
    ]


def test_every_bad_cell_is_said_at_once(book: openpyxl.Workbook):
    edits: tuple[Edit, ...] = (
        ("Site 站点", "B5", "Europe/Atlantis"),
        ("Site 站点", "B7", "120 MW"),
        ("Machines 设备", "C2", 0),
        ("Outages 停机", "A2", "KILN"),
        ("Outages 停机", "C3", "soon"),
        ("Tasks 任务", "D2", "65000 for 35"),
        ("Tasks 任务", "C3", "PRESS"),
        ("Tasks 任务", "F4", 60.5),
        ("Tasks 任务", "K4", "perhaps"),
        ("Orders 订单", "D3", True),
        ("Stores 库存", "F2", 951),
        ("Flows 物料", "D3", "later"),
        ("Precedence 工序先后", "B2", "P9"),
        ("Modulating loads 可调负荷", "G2", -640),
        ("Modulating loads 可调负荷", "D3", 191),
        ("Shifts 班次", "B2", 6),
        ("Shifts 班次", "D2", "sunny"),
        ("PV 光伏", "B2", "1; 2; 3"),
        ("Past runs 历史运行", "D3", None),
    )
    for sheet, address, value in edits:
        book[sheet][address] = value
    found = problems(book)
    assert [(sheet, f"{column}{row}") for sheet, row, column, _ in found] == [
        (sheet.split()[-1], address) for sheet, address, _ in edits
    ]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        # the row of the task, since no cell of it is wrong by itself
        ([("Tasks 任务", "H3", "2026-10-24 00:30")], [("任务", 3, "H", "2026-10-23T22:30:00+00:00")]),
        ([("Orders 订单", "A3", "A-17")], [("订单", 3, "A", "A-17")]),
        ([("Tasks 任务", "E2", 5.0), ("Tasks 任务", "F2", 5)], [("任务", 2, "E", 5)]),
        ([("Tasks 任务", "E3", None)], [("任务", 3, "E", None)]),
        ([("Tasks 任务", "E3", None), ("Tasks 任务", "F3", None)], [("任务", 3, "E", None)]),
        ([("Tasks 任务", "E3", -210)], [("任务", 3, "E", -210)]),
        ([("Tasks 任务", "A3", None)], [("任务", 3, "A", None), ("工序先后", 2, "A", "P1")]),
        ([("Tasks 任务", "G3", "2026-10-25 02:30")], [("任务", 3, "G", "2026-10-25 02:30")]),
        (
            [("Tasks 任务", "G3", datetime.fromisoformat("2026-10-25 02:30"))],
            [("任务", 3, "G", datetime.fromisoformat("2026-10-25 02:30"))],
        ),
        ([("Tasks 任务", "A1", "工单")], [("任务", None, None, None)]),
        ([("Tasks 任务", "B1", "工单号")], [("任务", None, "B", None)]),
        ([("Tasks 任务", "E3", "=2*105")], [("任务", 3, "E", None)]),
        ([("Tasks 任务", "E3", "#REF!")], [("任务", 3, "E", "#REF!")]),
        ([("Precedence 工序先后", "A2", "P2"), ("Precedence 工序先后", "B2", "P2")], [("工序先后", 2, "B", "P2")]),
        ([("Precedence 工序先后", "A2", "H1")], [("工序先后", 2, "A", "H1")]),
        ([("Draws 出库", "B2", None)], [("出库", 2, "B", None)]),
        ([("Draws 出库", "A2", None)], [("出库", 2, "A", None)]),
        ([("Site 站点", "B16", "2026-10-24 06:00")], [("站点", 16, "B", "2026-10-24 06:00:00")]),
        ([("Site 站点", "B19", "site_less_plan")], [("站点", 19, "B", "site_less_plan")]),
        ([("Site 站点", "B2", None)], [("站点", 2, "B", None)]),
        ([("Site 站点", "A3", "site_id")], [("站点", None, None, None), ("站点", 3, "B", "C-9")]),
        ([("Modulating loads 可调负荷", "G3", 99999)], [("可调负荷", 2, None, 99999.0)]),
    ],
)
def test_a_bad_cell_is_named(book: openpyxl.Workbook, edits: list[Edit], expected: list[tuple[Any, ...]]):
    for sheet, address, value in edits:
        book[sheet][address] = value
    found = problems(book)
    assert [one[:3] for one in found] == [one[:3] for one in expected]
    for (*_, seen), (*_, wanted) in zip(found, expected, strict=True):
        assert wanted is None or seen == wanted or str(wanted) in str(seen) or isinstance(seen, str)


def test_merged_cells_among_the_rows_are_refused(book: openpyxl.Workbook):
    sheet = book["Outages 停机"]
    sheet.merge_cells("A2:A3")
    assert problems(book) == [("停机", 2, "A", "MILL"), ("停机", 3, "A", None)]


def test_words_say_what_to_do(book: openpyxl.Workbook):
    book["Tasks 任务"]["K4"] = "perhaps"
    with pytest.raises(PlanCellsError) as caught:
        read_plan_workbook(book_bytes(book), "plant.xlsx")
    assert str(caught.value) == (
        "plant.xlsx: 1 problem(s). Tasks 任务!K4 (movable 可移动) [perhaps]: is neither yes nor no. Write yes or no."
    )
    assert caught.value.say(Language.ZH) == (
        "plant.xlsx：共 1 处问题。Tasks 任务!K4 (movable 可移动) [perhaps]：既不是“是”也不是“否”。 请写 是 或 否。"
    )


def test_a_workbook_without_the_site_or_with_two(book: openpyxl.Workbook):
    book.copy_worksheet(book["Machines 设备"]).title = "machines"
    assert problems(book) == [("machines", None, None, None)]
    del book["machines"]
    del book["Site 站点"]
    assert ("站点", None, None, None) in problems(book)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_cell_value_is_read_or_refused(plant_bytes: bytes, data: st.DataObject):
    book = openpyxl.load_workbook(io.BytesIO(plant_bytes))
    anything = (
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.integers(-(10**14), 10**14)
        | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12)
        | st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("2400-01-01"))
        | st.times()
        | st.sampled_from(("9999-12-31 24:00", "1e300", "1x1", "24:00", "#REF!", "=1+1"))
    )
    for _ in range(3):
        sheet = book[data.draw(st.sampled_from([one.title for one in SHEETS]))]
        sheet.cell(row=data.draw(st.integers(1, 4)), column=data.draw(st.integers(1, 8)), value=data.draw(anything))
    found = outcome(read_plan_workbook, book_bytes(book))
    assert isinstance(found, PlantFile | PlanCellsError)
    if isinstance(found, PlanCellsError):
        assert found.problems
        assert found.say(Language.ZH)


def test_a_misspelt_sheet_or_heading_is_named_with_what_was_meant(book: openpyxl.Workbook):
    tasks = next(sheet for sheet in book.worksheets if sheet.title.startswith("Tasks"))
    heading = next(cell for cell in tasks[1] if str(cell.value).startswith("crew_count"))
    heading.value = "crew_cuont"
    orders = next(sheet for sheet in book.worksheets if sheet.title.startswith("Orders"))
    orders.title = "Oders"
    with pytest.raises(PlanCellsError) as refused:
        read_plan_workbook(book_bytes(book))
    said = [one.say() for one in refused.value.problems]
    assert any("(crew_cuont): looks like crew_count misspelt" in one for one in said)
    assert any(one.startswith("Oders: looks like Orders misspelt") for one in said)
    assert any("疑为“Orders”的误写" in one.say(Language.ZH) for one in refused.value.problems)
