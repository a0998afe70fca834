"""A known series, written as utilities write it, is read back exactly."""

import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.files.meter_options import MeterReadOptions
from domain.files.meter_reader import read_meter
from domain.metering.series import MeterSeries
from domain.time.grid import TimeGrid

# (zone, first day): ordinary weeks, both clock changes, a zone that changes at midnight, one without changes
PLACES = (
    ("Asia/Shanghai", date(2024, 6, 28)),
    ("Europe/Berlin", date(2024, 3, 30)),
    ("Europe/Berlin", date(2024, 10, 26)),
    ("America/Los_Angeles", date(2012, 3, 10)),
    ("America/Los_Angeles", date(2012, 11, 3)),
    ("America/Santiago", date(2023, 9, 2)),
    ("America/Santiago", date(2024, 4, 5)),
    ("Australia/Lord_Howe", date(2024, 4, 6)),
    ("UTC", date(2023, 12, 30)),
)
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16")
STEPS = (15, 30, 60)


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    labels: str
    unit: str
    delimiter: str
    encoding: str
    n_titles: int
    end_style: str
    """clock: what the wall clock shows at the end; shift: wall clock of the start plus a step."""
    midnight_24: bool
    chinese: bool
    style: str

    @property
    def comma(self) -> bool:
        return self.delimiter == ";"


forms = st.builds(
    Form,
    labels=st.sampled_from(["start", "end"]),
    unit=st.sampled_from(["kwh", "kw"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(ENCODINGS),
    n_titles=st.integers(0, 3),
    end_style=st.sampled_from(["clock", "shift"]),
    midnight_24=st.booleans(),
    chinese=st.booleans(),
    style=st.sampled_from(["iso", "slash", "german", "split", "offset", "z"]),
)


def a_series(zone: str, first: date, n_days: int, step_min: int, seed: int) -> MeterSeries:
    grid = TimeGrid.of_local_days(first, n_days, zone, step_min)
    draw = np.random.default_rng(seed)
    values_kw = np.round(draw.uniform(20.0, 150.0, grid.n_steps), 2) + 0.13
    return MeterSeries(meter_id="m", grid=grid, import_kw=values_kw)


def number(value_kw: float, step_h: float, form: Form) -> str:
    text = repr(float(value_kw * step_h if form.unit == "kwh" else value_kw))
    return text.replace(".", ",") if form.comma else text


def label(start: datetime, step: timedelta, zone: str, form: Form) -> tuple[datetime, str]:
    """Give the day (as midnight) and clock text of a stamp."""
    tz = ZoneInfo(zone)
    if form.labels == "start":
        wall = start.astimezone(tz).replace(tzinfo=None)
    elif form.end_style == "clock" or form.style in {"offset", "z"}:
        wall = (start + step).astimezone(tz).replace(tzinfo=None)
    else:
        wall = start.astimezone(tz).replace(tzinfo=None) + step
    if form.labels == "end" and form.midnight_24 and wall.hour == wall.minute == 0:
        return wall - timedelta(days=1), "24:00"
    return wall, f"{wall:%H:%M}"


def stamp(start: datetime, step: timedelta, zone: str, form: Form) -> list[str]:
    instant = start + (step if form.labels == "end" else timedelta(0))
    if form.style == "z":
        return [f"{instant:%Y-%m-%dT%H:%M:%SZ}"]
    if form.style == "offset":
        return [instant.astimezone(ZoneInfo(zone)).isoformat(sep=" ")]
    day, clock = label(start, step, zone, form)
    if form.style == "slash":
        return [f"{day.year}/{day.month}/{day.day} {clock}"]
    if form.style == "german":
        return [f"{day:%d.%m.%Y} {clock}"]
    return [f"{day:%Y-%m-%d}", clock] if form.style == "split" else [f"{day:%Y-%m-%d} {clock}:00"]


def titles(form: Form) -> list[str]:
    words = ("某某钢铁有限公司", "用电信息采集系统导出", "2024") if form.chinese else ("ACME Works", "Export", "2024")
    return [words[index] for index in range(form.n_titles)]


def encoded(lines: list[str], form: Form) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode(form.encoding)


def long_file(series: MeterSeries, zone: str, form: Form) -> bytes:
    unit = {"kwh": "kWh", "kw": "kW"}[form.unit]
    if form.chinese:
        heading = ["日期", "时间"] if form.style == "split" else ["数据时间"]
        heading.append(f"{'正向有功电量' if form.unit == 'kwh' else '有功功率'}({unit})")
    else:
        heading = ["date", "time"] if form.style == "split" else ["timestamp"]
        heading.append(f"import [{unit}]")
    lines = [*titles(form), form.delimiter.join(heading)]
    for step in range(series.grid.n_steps):
        cells = stamp(series.grid.at(step), series.grid.step, zone, form)
        cells.append(number(series.import_kw[step], series.grid.step_h, form))
        lines.append(form.delimiter.join(cells))
    return encoded(lines, form)


@given(
    place=st.sampled_from(PLACES),
    step_min=st.sampled_from(STEPS),
    n_days=st.integers(3, 4),
    seed=st.integers(0, 9999),
    form=forms,
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_long_file_gives_back_the_series(
    place: tuple[str, date], step_min: int, n_days: int, seed: int, form: Form
) -> None:
    zone, first = place
    if zone == "Australia/Lord_Howe":
        step_min = 30  # its clock moves by half an hour
    series = a_series(zone, first, n_days, step_min, seed)
    read = read_meter(
        long_file(series, zone, form), MeterReadOptions(zone=zone, labels=form.labels, day_first=None), name="m"
    )
    assert read.series.grid == series.grid
    np.testing.assert_allclose(read.series.import_kw, series.import_kw, rtol=1e-12)
    assert read.findings == ()


@given(place=st.sampled_from(PLACES[:5]), seed=st.integers(0, 9999), form=forms)
@settings(max_examples=30, deadline=None)
def test_whole_days_tell_their_labels(place: tuple[str, date], seed: int, form: Form) -> None:
    zone, first = place
    series = a_series(zone, first, 3, 15, seed)
    read = read_meter(long_file(series, zone, form), MeterReadOptions(zone=zone), name="m")
    assert read.series.grid == series.grid
    np.testing.assert_allclose(read.series.import_kw, series.import_kw, rtol=1e-12)


def wide_file(series: MeterSeries, zone: str, form: Form, heads: str) -> bytes:
    """Write one row a day; the hour that occurs twice has columns of its own only under ``heads == "sequence"``."""
    n_slots = 1440 // series.grid.step_min
    minutes = [slot * series.grid.step_min for slot in range(n_slots)]
    if heads == "sequence":
        n_slots = 1500 // series.grid.step_min
        names = [f"P{slot + 1}" for slot in range(n_slots)]
    elif heads == "count":
        names = [f"P{slot + 1}" for slot in range(n_slots)]
    else:
        shift = series.grid.step_min if form.labels == "end" else 0
        prefix = "P" if heads == "p" else ""
        names = [f"{prefix}{(minute + shift) // 60:02d}:{(minute + shift) % 60:02d}" for minute in minutes]
    unit = {"kwh": "kWh", "kw": "kW"}[form.unit]
    lines = [*titles(form), f"单位：{unit}", form.delimiter.join(["户号", "计量点", "日期", *names])]
    for day in series.grid.local_days(zone):
        steps = range(day.first, day.stop)
        cells = [""] * n_slots
        for position, step in enumerate(steps):
            wall = series.grid.at(step).astimezone(ZoneInfo(zone))
            slot = position if heads == "sequence" else (wall.hour * 60 + wall.minute) // series.grid.step_min
            cells[slot] = number(series.import_kw[step], series.grid.step_h, form)
        lines.append(form.delimiter.join(["0001", "P-7", f"{day.day:%Y-%m-%d}", *cells]))
    return encoded(lines, form)


@given(
    place=st.sampled_from([*PLACES[:2], PLACES[3], PLACES[8]]),
    step_min=st.sampled_from(STEPS),
    seed=st.integers(0, 9999),
    form=forms,
    heads=st.sampled_from(["p", "clock", "count", "sequence"]),
)
@settings(max_examples=80, deadline=None)
def test_a_daily_file_gives_back_the_series(
    place: tuple[str, date], step_min: int, seed: int, form: Form, heads: str
) -> None:
    zone, first = place
    series = a_series(zone, first, 3, step_min, seed)
    read = read_meter(wide_file(series, zone, form, heads), MeterReadOptions(zone=zone))
    assert read.series.grid == series.grid
    assert read.series.meter_id == "P-7"
    np.testing.assert_allclose(read.series.import_kw, series.import_kw, rtol=1e-12)
    assert read.findings == ()


@pytest.mark.parametrize("zone_day", [PLACES[2], PLACES[4]])
def test_hundred_columns_hold_the_long_day(zone_day: tuple[str, date]) -> None:
    zone, first = zone_day
    form = Form("end", "kw", ",", "utf-8", 0, "clock", midnight_24=True, chinese=False, style="iso")
    series = a_series(zone, first, 3, 15, 7)
    read = read_meter(wide_file(series, zone, form, "sequence"), MeterReadOptions(zone=zone))
    np.testing.assert_array_equal(read.series.import_kw, series.import_kw)


@given(seed=st.integers(0, 99), form=forms, place=st.sampled_from(PLACES[:3]))
@settings(max_examples=6, deadline=None)
def test_a_workbook_gives_back_the_series(seed: int, form: Form, place: tuple[str, date]) -> None:
    zone, first = place
    series = a_series(zone, first, 3, 60, seed)
    workbook = openpyxl.Workbook()
    workbook.active.title = "说明"
    workbook.active.append(["说明文字"])
    sheet = workbook.create_sheet("数据")
    for title in titles(form):
        sheet.append([title])
    sheet.append(["数据时间", "有功功率(kW)"])
    for step in range(series.grid.n_steps):
        start = series.grid.at(step).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        shift = series.grid.step if form.labels == "end" else timedelta(0)
        sheet.append([start + shift, float(series.import_kw[step])])
    stream = io.BytesIO()
    workbook.save(stream)
    read = read_meter(stream.getvalue(), MeterReadOptions(zone=zone))
    assert read.series.grid == series.grid
    np.testing.assert_allclose(read.series.import_kw, series.import_kw, rtol=1e-15 * 4)


@given(
    seed=st.integers(0, 9999),
    dropped=st.sets(st.integers(1, 94), max_size=12),
    doubled=st.sets(st.integers(0, 95), max_size=6),
    spoilt=st.sets(st.integers(0, 95), max_size=6),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_rows_dropped_doubled_spoilt_and_shuffled_leave_every_other_value_alone(
    seed: int, dropped: set[int], doubled: set[int], spoilt: set[int], data: st.DataObject
) -> None:
    series = a_series("Asia/Shanghai", date(2024, 6, 28), 1, 15, seed)
    kept = [step for step in range(96) if step not in dropped]
    rows = []
    for step in kept:
        start = series.grid.at(step).astimezone(ZoneInfo("Asia/Shanghai"))
        copies = 2 if step in doubled else 1
        rows += [
            (step, f"{start:%Y-%m-%d %H:%M},{'?' if step in spoilt else repr(float(series.import_kw[step]))}")
        ] * copies
    order = data.draw(st.permutations(range(len(rows)))) if data.draw(st.booleans()) else range(len(rows))
    text = "\n".join(["timestamp,kW", *(rows[index][1] for index in order)])
    read = read_meter(text.encode(), MeterReadOptions(zone="Asia/Shanghai", labels="start", step_min=15))
    expected = series.import_kw.copy()
    expected[sorted(dropped | spoilt)] = np.nan
    assert read.series.grid == series.grid
    np.testing.assert_array_equal(read.series.import_kw, expected)
    found = {finding.code for finding in read.findings}
    assert ("meter_gaps" in found) is bool(dropped | spoilt)
    assert ("meter_unreadable_cells" in found) is bool(spoilt - dropped)
    assert ("meter_duplicates_identical" in found) is bool(doubled - dropped)
    steps = [rows[index][0] for index in order]
    assert ("meter_rows_out_of_order" in found) is (steps != sorted(steps))
