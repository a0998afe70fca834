from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.files.plan_sheets import README_TITLE, SHEETS, SITE, TASKS
from domain.files.plan_tables import PlanCellsError
from domain.files.plan_template import NotForWorkbookError
from domain.files.plan_workbook import read_plan_workbook, write_plant_workbook, write_template
from domain.files.plant_file import PastRun, PlantFile
from domain.plant import Flow, Machine, PowerPhase, Store, StoreDraw, Task
from domain.text import Language
from tests.full_plan import START, at, full_plan
from tests.plant_cases import full_plant, full_site, ids


@pytest.mark.parametrize("language", list(Language))
def test_the_template_explains_every_column_in_both_languages(tmp_path: Path, language: Language):
    path = tmp_path / "template.xlsx"
    write_template(path, language=language)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [README_TITLE, *(sheet.title for sheet in SHEETS)]
    rows = [tuple(row) for row in book[README_TITLE].iter_rows(values_only=True)]
    first, second = ("en", "zh") if language is Language.EN else ("zh", "en")
    for sheet in SHEETS:
        for column in sheet.columns:
            (row,) = [row for row in rows if row[0] == sheet.title and row[1] == column.heading]
            assert row[4:6] == (getattr(column.note, first), getattr(column.note, second))
    heads = [cell.value for cell in book["Tasks 任务"][1]]
    assert heads == [column.heading for column in TASKS.columns]
    assert book["Tasks 任务"].data_validations.dataValidation
    # an empty template lacks exactly what is required
    with pytest.raises(PlanCellsError) as caught:
        read_plan_workbook(path)
    required = {column.heading for column in SITE.columns if column.required}
    assert {one.heading for one in caught.value.problems} == required


def test_a_filled_template_is_an_example(tmp_path: Path):
    path = tmp_path / "example.xlsx"
    write_template(path, example=full_plant(), language=Language.ZH)
    assert read_plan_workbook(path) == full_plant()


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path):
    plant = replace(full_plant(), plan=replace(full_plan(), plan_id="=1+1"))
    write_plant_workbook(plant, tmp_path / "plant.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "plant.xlsx")["Site 站点"]["B15"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert read_plan_workbook(tmp_path / "plant.xlsx") == plant


@pytest.mark.parametrize("bad", ["a;b", " a", "a\x07", "a\rb", "_x0041_"])
def test_an_id_that_a_cell_cannot_keep_is_refused_not_changed(tmp_path: Path, bad: str):
    machines = (Machine(machine_id=bad, name="m"),)
    task = Task(task_id="T", name="t", machine_ids=(bad,), phases=(PowerPhase(power_kw=1, duration_min=5),))
    plan = replace(full_plan(), machines=machines, tasks=(task,), precedences=(), processes=(), changeovers=())
    with pytest.raises(NotForWorkbookError):
        write_plant_workbook(replace(full_plant(), plan=plan), tmp_path / "plant.xlsx")


numbers = st.floats(0, 1e7) | st.integers(0, 10**6).map(float)
minutes = st.integers(0, 73 * 60 - 1).map(lambda minute: START + timedelta(minutes=minute))
seconds = st.integers(0, 73 * 3600 - 1).map(lambda second: START + timedelta(seconds=second))
cell_ids = ids.map(str.strip).filter(lambda text: text and not set(text) & set(";；") and "_x" not in text)


@st.composite
def plants(draw: Any) -> PlantFile:
    """Give a plant whose tasks, stores, loads and past runs vary."""
    machine_ids = draw(st.lists(cell_ids, min_size=1, max_size=3, unique=True))
    phases = st.lists(st.builds(PowerPhase, power_kw=numbers, duration_min=st.integers(1, 300)), min_size=1, max_size=3)
    names = draw(st.lists(cell_ids, max_size=3, unique=True))
    tasks = tuple(
        Task(
            task_id=name,
            name=draw(cell_ids),
            machine_ids=tuple(draw(st.lists(st.sampled_from(machine_ids), unique=True))),
            phases=tuple(draw(phases)),
            count=2,
            planned_starts=draw(st.just(()) | st.tuples(seconds, seconds)),
            start_cost=draw(st.floats(-1e6, 1e6)),
            flows=tuple(draw(st.lists(st.builds(Flow, store_id=st.just("SILO"), quantity=numbers), max_size=2))),
        )
        for name in names
    )
    draws = tuple(draw(st.lists(st.builds(StoreDraw, at=seconds, quantity=numbers), max_size=3)))
    store = Store(store_id="SILO", name="", unit="", max_level=1e9, start_level=draw(numbers), draws=draws)
    plan = replace(
        full_plan(),
        machines=tuple(Machine(machine_id=one, name=draw(cell_ids)) for one in machine_ids),
        tasks=tasks,
        stores=(store,),
        orders=(),
        precedences=(),
        processes=(),
        changeovers=(),
    )
    runs = draw(
        st.lists(
            st.builds(
                lambda start, length, kw: PastRun(start=start, end=start + timedelta(minutes=length), power_kw=kw),
                start=minutes,
                length=st.integers(1, 600),
                kw=numbers,
            ),
            max_size=3,
        )
    )
    return PlantFile(
        site=full_site(),
        plan=plan,
        past_runs=tuple(runs),
        base_load_source="site_less_history" if runs else "site_less_plan",
    )


@settings(
    max_examples=20, deadline=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
)
@given(plants())
def test_any_plant_reads_back_equal(tmp_path: Path, plant: PlantFile):
    write_plant_workbook(plant, tmp_path / "plant.xlsx")
    assert read_plan_workbook(tmp_path / "plant.xlsx") == plant


def test_the_hour_that_happens_twice_keeps_its_instants(tmp_path: Path):
    twice = (at(26.5), at(27.5))  # 02:30 summer time and 02:30 winter time
    zone = ZoneInfo("Europe/Berlin")
    assert [one.astimezone(zone).strftime("%H:%M %z") for one in twice] == ["02:30 +0200", "02:30 +0100"]
    plan = full_plan()
    tasks = (replace(plan.tasks[0], planned_starts=twice, latest_end=None), *plan.tasks[1:])
    plant = replace(full_plant(), plan=replace(plan, tasks=tasks))
    write_plant_workbook(plant, tmp_path / "plant.xlsx")
    assert read_plan_workbook(tmp_path / "plant.xlsx").plan.tasks[0].planned_starts == twice
