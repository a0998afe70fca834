"""Meter files that are packed, and meter files that are refused: by name, with the mend."""

import gzip
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from domain.errors import InvalidFieldError
from domain.files import meter_errors as refusals
from domain.files.meter_options import MeterReadOptions
from domain.files.meter_reader import read_meter
from tests.meter_cases import codes, found, long_day, read, whole_day

# --- workbooks and packing --------------------------------------------------------------------------------------


def workbook(*sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
            for cell in sheet[sheet.max_row]:
                if isinstance(cell.value, timedelta):
                    cell.number_format = "[h]:mm"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet_rows(unit: str = "电量(kWh)") -> list[list[object]]:
    clocks = [[date(2024, 5, 6), timedelta(hours=h), h * 1.5, 12345] for h in range(1, 25)]
    return [["用电量统计"], [], ["日期", "时间", unit, "户号"], *clocks]


def test_a_workbook_with_dates_and_24_00() -> None:
    reading = read(workbook(sheet_rows()))
    assert reading.series.meter_id == "12345"
    assert reading.series.grid.start == datetime(2024, 5, 5, 16, tzinfo=UTC)
    np.testing.assert_array_equal(reading.series.import_kw, np.arange(1, 25) * 1.5)
    assert found(reading, "meter_read_as")["header_row"] == 3


def test_sheets_are_chosen_by_what_they_hold_or_by_name() -> None:
    notes: list[list[object]] = [["说明"], ["无数据"]]
    assert found(read(workbook(notes, sheet_rows())), "meter_sheet_used")["sheet"] == "S2"
    several = workbook(sheet_rows(), sheet_rows("功率(kW)"))
    with pytest.raises(refusals.MeterSheetsSeveralError, match="S1; S2"):
        read(several)
    assert read(several, sheet="S2").series.import_kw[1] == 3
    with pytest.raises(refusals.MeterSheetUnknownError):
        read(several, sheet="S9")


def test_gzip_is_unpacked_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(long_day(whole_day()).encode())
    np.testing.assert_array_equal(read(packed).series.import_kw, whole_day())
    with pytest.raises(refusals.MeterFileCorruptError):
        read(packed[:-20])
    monkeypatch.setattr("domain.files.meter_bytes.MAX_BYTES", 1000)
    with pytest.raises(refusals.MeterFileTooLargeError):
        read(gzip.compress(b"0" * 1001))


def test_zip_bombs_and_giant_tables_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 3_000_000)
    monkeypatch.setattr("domain.files.meter_sheet.MAX_BYTES", 2_000_000)
    with pytest.raises(refusals.MeterFileTooLargeError):
        read(stream.getvalue())
    monkeypatch.setattr("domain.files.meter_table.MAX_ROWS", 50)
    with pytest.raises(refusals.MeterFileTooLargeError):
        read(long_day(whole_day()))
    monkeypatch.setattr("domain.files.meter_sheet.MAX_ROWS", 20)
    with pytest.raises(refusals.MeterFileTooLargeError):
        read(workbook(sheet_rows()))


def test_a_row_number_beyond_all_sheets_does_not_hang() -> None:
    raw = workbook([["时间", "kW"]])
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(
                    b"</sheetData>", b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData>'
                )
            new.writestr(name, content)
    with pytest.raises(refusals.MeterFileError):
        read(stream.getvalue())


# --- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", refusals.MeterFileEmptyError),
        (b" \r\n\r\n", refusals.MeterFileEmptyError),
        (b"%PDF-1.7 ...", refusals.MeterNotATableError),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", refusals.MeterNotATableError),
        (b"<html><table></table></html>", refusals.MeterNotATableError),
        (b"just some words\nand more\n", refusals.MeterNotATableError),
        (b"a\x00b,c\n1,2\n", refusals.MeterNotATableError),
        (b"time,kW\n\xff\xff,\xff\n", refusals.MeterEncodingUnknownError),
        (b"PK\x03\x04rubbish", refusals.MeterFileCorruptError),
        (b"a,b\n1,2\n", refusals.MeterNoTimeColumnError),
        (b"date,kWh\n2024-05-06,1\n2024-05-07,2\n", refusals.MeterNoTimeColumnError),
        (b"time,price EUR/kWh\n2024-05-06 00:00,1\n", refusals.MeterNoValueColumnError),
        (b"time,register reading kWh\n2024-05-06 00:00,1\n", refusals.MeterNoValueColumnError),
        (b"time,load\n2024-05-06 00:00,1\n", refusals.MeterUnitUnknownError),
        (b"time,Line A kW,Line B kW\n2024-05-06 00:00,1,2\n", refusals.MeterColumnAmbiguousError),
        (b"time,kW\n2024-05-06 00:00,1\n", refusals.MeterStepUnknownError),
        (b"time,kW\n2024-05-06 00:00,1\n2024-05-06 00:20,1\n", refusals.MeterStepUnknownError),
        (b"time,kW\n2024-05-06 00:00,1\n2024-05-06 00:15,1\n", refusals.MeterLabelsUnknownError),
        (b"time,kW\n3/4/2024 00:00,1\n3/4/2024 00:15,1\n", refusals.MeterDayOrderUnknownError),
        (b"time,kW\n13/4/2024 00:00,1\n4/13/2024 00:15,1\n", refusals.MeterDayOrderUnknownError),
        (b"time;kW\n2024-05-06 00:00;1,234\n2024-05-06 00:15;2,345\n", refusals.MeterDecimalUnknownError),
        (b"time;kW\n2024-05-06 00:00;1,5\n2024-05-06 00:15;2.5\n", refusals.MeterDecimalUnknownError),
        (b"time,kW\n", refusals.MeterNoReadingsError),
        (b"time,kW\n24-05-06 00:00,1\n24-05-06 00:15,1\n", refusals.MeterNoTimeColumnError),
        (b"time,kW\n2024-05-06 00:07,1\n2024-05-06 00:22,1\n", refusals.MeterOffGridError),
        (b'time,kW\n2024-05-06 00:00,"1\n', refusals.MeterFileCorruptError),
    ],
)  # fmt: skip
def test_refusals_by_name(raw: bytes, error: type[Exception]) -> None:
    options = {"labels": "end"} if error is refusals.MeterOffGridError else {}
    with pytest.raises(error) as caught:
        read(raw, **options)
    assert type(caught.value) is error


def test_a_missing_file_and_an_unknown_zone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(refusals.MeterFileMissingError):
        read_meter(tmp_path / "none.csv", MeterReadOptions(zone="UTC"))
    with pytest.raises(refusals.MeterFileMissingError):
        read_meter(tmp_path, MeterReadOptions(zone="UTC"))
    with pytest.raises(InvalidFieldError):
        MeterReadOptions(zone="Mars/Olympus")
    with pytest.raises(InvalidFieldError):
        MeterReadOptions(zone="UTC", multiplier=Decimal(0))
    with pytest.raises(InvalidFieldError):
        MeterReadOptions(zone="UTC", step_min=20)


def test_the_callers_word_settles_what_the_file_leaves_open() -> None:
    text = "time;load\n3/4/2024 00:15;1,234\n3/4/2024 00:30;2,345\n"
    series = read(text, unit="kw", labels="end", day_first=True, decimal_comma=True).series
    assert series.grid.start == datetime(2024, 4, 2, 16, tzinfo=UTC)
    np.testing.assert_array_equal(series.import_kw, [1.234, 2.345])
    series = read(text, unit="kwh", labels="start", day_first=False, decimal_comma=False).series
    assert series.grid.start == datetime(2024, 3, 3, 16, 15, tzinfo=UTC)
    np.testing.assert_array_equal(series.energy_kwh, [1234, 2345])


def test_words_that_cannot_be_true_are_refused() -> None:
    with pytest.raises(refusals.MeterStepContradictsError):
        read(long_day(whole_day()), step_min=60)
    with pytest.raises(refusals.MeterDayOrderUnknownError):
        read("time,kW\n13/4/2024 00:00,1\n13/4/2024 00:15,1\n", day_first=False)
    with pytest.raises(refusals.MeterLabelsContradictError):
        read("time,kW\n2024-05-06 23:45,1\n2024-05-06 24:00,1\n", labels="start")
    assert "meter_unit_contradicts" in codes(read(long_day(whole_day()), unit="kwh"))


def test_a_zone_off_the_hour_grid_is_refused_not_shifted() -> None:
    rows = "\n".join(f"2024-05-06 {h:02d}:00,{h}" for h in range(24))
    with pytest.raises(refusals.MeterOffGridError):
        read(f"time,kWh\n{rows}", zone="Asia/Kolkata")
