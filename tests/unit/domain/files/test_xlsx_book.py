import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.files.plan_workbook import read_plan_workbook, write_plant_workbook
from domain.files.plant_file import PlantFile
from domain.files.sources import FileTooLargeError
from domain.files.xlsx_book import WorkbookUnreadableError
from domain.text import Language
from tests.plant_cases import full_plan, full_plant, outcome


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


def test_a_zip_bomb_is_not_unpacked():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    assert len(stream.getvalue()) < 100_000
    with pytest.raises(WorkbookUnreadableError, match="unpacks to more than 48 MB"):
        read_plan_workbook(stream.getvalue())


def test_entities_and_too_many_parts_are_refused(book: openpyxl.Workbook):
    content = io.BytesIO(book_bytes(book))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/evil.xml", b'<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>')
    with pytest.raises(WorkbookUnreadableError, match="XML entities"):
        read_plan_workbook(content.getvalue())
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(501):
            archive.writestr(f"{number}", b"")
    with pytest.raises(WorkbookUnreadableError, match="500 parts"):
        read_plan_workbook(many.getvalue())
    with pytest.raises(FileTooLargeError):
        read_plan_workbook(b"PK\x03\x04" + b"0" * 16_000_000)


def test_a_stray_cell_at_the_end_of_a_sheet_costs_nothing(book: openpyxl.Workbook):
    book["Tasks 任务"].cell(row=1_048_576, column=16_384, value="x")
    assert read_plan_workbook(book_bytes(book)).plan == full_plan()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=20),
    st.none() | st.integers(0, 10**6),
)
def test_a_damaged_workbook_is_refused_by_name(plant_bytes: bytes, changes: list[tuple[int, int]], cut: int | None):
    content = bytearray(plant_bytes)
    for place, byte in changes:
        content[place % len(content)] = byte
    found = outcome(read_plan_workbook, bytes(content if cut is None else content[: cut % len(content)]))
    assert isinstance(found, PlantFile) or found.say(Language.ZH)
