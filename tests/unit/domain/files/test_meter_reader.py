"""Meter files as people export them: what is read, what is found, what is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.files import meter_errors as refusals
from domain.files.meter_options import MeterReading
from domain.metering.series import Quality
from tests.meter_cases import DAY, codes, found, long_day, read, whole_day

# --- long files -------------------------------------------------------------------------------------------------


def test_end_labels_with_24_00_energy_and_reactive() -> None:
    rows = "\n".join(f"2024-05-06 {clock},{slot * 37 % 96 + 1}.5,{slot / 2}" for slot, clock in enumerate(DAY))
    reading = read(f"timestamp,energy_kwh,reactive_kvarh\n{rows}\n", multiplier=Decimal(40))
    series = reading.series
    assert series.grid.start == datetime(2024, 5, 5, 16, tzinfo=UTC)
    assert (series.grid.step_min, series.grid.n_steps) == (15, 96)
    assert series.import_kw[0] == 1.5 * 4 * 40
    assert series.import_kw[95] == (95 * 37 % 96 + 1.5) * 4 * 40
    assert series.reactive_kvar is not None
    assert series.reactive_kvar[3] == 1.5 * 4 * 40
    assert found(reading, "meter_labels_used")["labels"] == "end"
    assert reading.findings == ()


def test_midnight_standing_last_in_its_day_is_24_00() -> None:
    days = [
        f"{day}/5/2024 {'0:00' if clock == '24:00' else clock.removeprefix('0')},{slot}"
        for day in (13, 14)
        for slot, clock in enumerate(DAY)
    ]
    reading = read("date,Usage_kWh\n" + "\n".join(days), zone="Asia/Seoul")
    assert reading.series.grid.start == datetime(2024, 5, 12, 15, tzinfo=UTC)
    np.testing.assert_array_equal(reading.series.energy_kwh, [*range(96), *range(96)])
    assert found(reading, "meter_midnight_last")["rows"] == "97, 193"


def test_a_file_running_backwards_is_not_mistaken_for_midnights_last() -> None:
    lines = long_day(whole_day()).splitlines()
    reading = read("\n".join([lines[0], *lines[:0:-1]]))
    np.testing.assert_array_equal(reading.series.import_kw, whole_day())
    assert codes(reading) == {"meter_rows_out_of_order"}


def test_chinese_headings_titles_and_gb18030() -> None:
    rows = "\n".join(f"0123456789,2024/5/6,{clock},{slot + 1},{slot + 2}" for slot, clock in enumerate(DAY))
    text = f"某某公司,,,,\n导出时间：2024-05-07 08:00,,,,\n户号,日期,时间,正向有功电量(kWh),无功电量(kvarh)\n{rows}\n"
    reading = read(text.encode("gb18030"))
    assert reading.series.meter_id == "0123456789"
    assert reading.series.energy_kwh[7] == 8
    form = found(reading, "meter_read_as")
    assert (form["header_row"], form["title_rows"], form["encoding"]) == (3, 2, ", GB18030")


def test_forward_and_reverse_reactive_add_up_by_size_and_export_is_read() -> None:
    heading = "时间,正向有功功率(kW),反向有功功率(kW),正向无功功率(kvar),反向无功功率(kvar)"
    rows = [f"2024-05-06 {h:02d}:00,{h + 1},{h * 2},{h * 3},{-h}" for h in range(24)]
    series = read("\n".join([heading, *rows])).series
    assert series.export_kw is not None
    assert series.reactive_kvar is not None
    assert (series.import_kw[5], series.export_kw[5], series.reactive_kvar[5]) == (6, 10, 20)


def test_start_and_end_columns_use_the_start() -> None:
    rows = [f"06.05.2024 {h:02d}:00;06.05.2024 {h:02d}:59;{h},25" for h in range(7, 11)]
    reading = read("\n".join(["Beginn;Ende;Verbrauch [kWh]", *rows]), zone="Europe/Berlin")
    assert reading.series.grid.start == datetime(2024, 5, 6, 5, tzinfo=UTC)
    np.testing.assert_array_equal(reading.series.import_kw, [7.25, 8.25, 9.25, 10.25])


def test_ranges_and_counted_hours_are_clock_times() -> None:
    ranges = "\n".join(f"2024-05-06,{h:02d}:00-{h + 1:02d}:00,{h}" for h in range(3, 7))
    assert read(f"日期,时段,电量(kWh)\n{ranges}").series.grid.start == datetime(2024, 5, 5, 19, tzinfo=UTC)
    hours = "\n".join(f"2024-05-06,{h},{h}" for h in range(1, 25))
    reading = read(f"date,hour,kWh\n{hours}")
    assert found(reading, "meter_labels_used")["labels"] == "end"
    assert reading.series.grid.start == datetime(2024, 5, 5, 16, tzinfo=UTC)
    slots = "\n".join(f"2024-05-06,{slot},{slot}" for slot in range(1, 97))
    np.testing.assert_array_equal(read(f"日期,时点,有功功率(kW)\n{slots}").series.import_kw, range(1, 97))


def test_a_day_of_the_month_is_no_clock() -> None:
    rows = "\n".join(f"2024-05-06,6,{h},{h}" for h in range(24))
    np.testing.assert_array_equal(read(f"date,day,hour,kWh\n{rows}").series.import_kw, range(24))


def test_midnights_last_across_a_clock_change() -> None:
    hours = {26: [*range(1, 24), 0], 27: [1, 2, 2, *range(3, 24), 0], 28: [*range(1, 24), 0]}
    stamps = [f"2024-10-{day} {hour:02d}:00" for day, of_day in hours.items() for hour in of_day]
    reading = berlin(stamps)
    assert reading.series.grid.start == datetime(2024, 10, 25, 22, tzinfo=UTC)
    np.testing.assert_array_equal(reading.series.import_kw, range(1, 74))
    with pytest.raises(refusals.MeterLabelsContradictError, match="2024-10-26 00:00"):
        berlin(stamps, labels="start")


def test_a_heading_that_says_utc_beats_the_zone() -> None:
    rows = "\n".join(f"2024-05-06 {h:02d}:00:00,2024-05-06 {h + 2:02d}:00:00,{h}" for h in range(4))
    reading = read(f"Datetime (Local),Datetime (UTC),kWh\n{rows}", zone="Europe/Berlin", labels="start")
    assert reading.series.grid.start == datetime(2024, 5, 6, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("heading", "kw"),
    [
        ("Load [W]", 0.0125),
        ("Load MW", 12500.0),
        ("电量(万kWh)", 12.5e4 * 1),
        ("功率 kW", 12.5),
        ("Energy (MWh)", 12500.0),
    ],
)
def test_units_of_the_heading_scale(heading: str, kw: float) -> None:
    rows = "\n".join(f"2024-05-06 {h:02d}:00,12.5" for h in range(24))
    np.testing.assert_allclose(read(f"time,{heading}\n{rows}").series.import_kw, kw)


def test_energy_beats_power_unless_the_caller_says_so() -> None:
    rows = "\n".join(f"2024-05-06 {h:02d}:00,{h},{h * 7}" for h in range(24))
    text = f"time,kWh,kW\n{rows}"
    assert read(text).series.import_kw[3] == 3
    assert read(text, unit="kw").series.import_kw[3] == 21
    assert read(text, value_column="KW").series.import_kw[3] == 21


def test_a_unit_row_below_the_heading_and_a_unit_in_the_title() -> None:
    rows = "\n".join(f"2024-05-06 {h:02d}:00,{h}" for h in range(24))
    assert read(f"Zeit,Last\n,kW\n{rows}", zone="Europe/Berlin").series.import_kw[9] == 9
    assert read(f"Report of active energy in MWh\nZeit,Last\n{rows}").series.import_kw[9] == 9000


# --- clock changes ----------------------------------------------------------------------------------------------


def berlin(stamps: list[str], **options: object) -> MeterReading:
    rows = [f"{stamp},{value}" for value, stamp in enumerate(stamps, 1)]
    return read("\n".join(["timestamp,kWh", *rows]), zone="Europe/Berlin", **options)


def test_the_short_day_has_no_hole() -> None:
    reading = berlin([f"2024-03-31 {h:02d}:00" for h in range(24) if h != 2])
    assert reading.series.grid.n_steps == 23
    assert not np.isnan(reading.series.import_kw).any()
    assert reading.findings == ()


def test_a_time_that_never_was_is_found_and_left_out() -> None:
    reading = berlin([f"2024-03-31 {h:02d}:00" for h in range(24)])
    assert reading.series.grid.n_steps == 23
    np.testing.assert_array_equal(reading.series.import_kw, [1, 2, *range(4, 25)])
    assert found(reading, "meter_times_nonexistent")["rows"] == "4"


def test_the_doubled_hour_in_order_is_read_right() -> None:
    hours = [0, 1, 2, 2, *range(3, 24)]
    reading = berlin([f"2024-10-27 {h:02d}:00" for h in hours])
    np.testing.assert_array_equal(reading.series.import_kw, range(1, 26))
    assert found(reading, "meter_doubled_hour_read")["count"] == 2
    backwards = berlin([f"2024-10-27 {h:02d}:00" for h in reversed(hours)])
    np.testing.assert_array_equal(backwards.series.import_kw, range(25, 0, -1))


def test_a_doubled_hour_with_one_value_is_a_gap() -> None:
    reading = berlin([f"2024-10-27 {h:02d}:00" for h in range(24)])
    series = reading.series
    assert series.grid.n_steps == 25
    np.testing.assert_array_equal(series.import_kw, [1, 2, np.nan, np.nan, *range(4, 25)])
    assert found(reading, "meter_doubled_hour_indistinct")["rows"] == "4"
    assert found(reading, "meter_gaps")["count"] == 2


def test_offsets_tell_the_doubled_hour_apart() -> None:
    reading = berlin(
        ["2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00", "2024-10-27T03:00:00+01:00"], labels="start"
    )
    np.testing.assert_array_equal(reading.series.import_kw, [1, 2, 3])
    assert codes(reading) == {"meter_partial_day"}


# --- what is found ----------------------------------------------------------------------------------------------


def test_gaps_stay_empty_and_name_their_rows() -> None:
    values = whole_day()
    lines = long_day(values).splitlines()
    del lines[11:15]
    reading = read("\n".join(lines).replace("01:00,120", "01:00,"))
    series = reading.series
    assert np.flatnonzero(np.isnan(series.import_kw)).tolist() == [4, 10, 11, 12, 13]
    assert series.quality is not None
    assert (series.quality[[4, 5, 10]] == [Quality.MISSING, Quality.MEASURED, Quality.MISSING]).all()
    gaps = found(reading, "meter_gaps")
    assert (gaps["count"], gaps["gaps"], gaps["after_rows"]) == (5, 2, "5, 11")
    assert (gaps["first"], gaps["last"]) == ("2024-05-06 01:00", "2024-05-06 03:15")
    assert found(reading, "meter_empty_values")["rows"] == "6"


def test_duplicates_same_or_conflicting() -> None:
    lines = long_day(whole_day()).splitlines()
    lines[10:10] = [lines[9]]
    lines.append("2024-05-06 20:00,7777")
    reading = read("\n".join(lines))
    assert np.flatnonzero(np.isnan(reading.series.import_kw)).tolist() == [80]
    assert found(reading, "meter_duplicates_identical")["rows"] == "11"
    conflict = found(reading, "meter_duplicates_conflicting")
    assert (conflict["rows"], conflict["first"]) == ("83, 99", "2024-05-06 20:00")


def test_unreadable_cells_name_row_column_and_text() -> None:
    reading = read(long_day(whole_day(s3="err")))
    assert np.flatnonzero(np.isnan(reading.series.import_kw)).tolist() == [3]
    cells = found(reading, "meter_unreadable_cells")
    assert (cells["row"], cells["column"], cells["text"]) == (5, "kW", "err")


def test_a_decimal_comma_in_a_comma_file_is_never_half_a_number() -> None:
    reading = read(long_day(whole_day(s3="12,5")))
    assert np.flatnonzero(np.isnan(reading.series.import_kw)).tolist() == [3]
    assert found(reading, "meter_rows_too_wide")["rows"] == "5"
    with pytest.raises(refusals.MeterTooManyUnreadableError):
        read(long_day([f"{value},5" for value in whole_day()]))


def test_negative_import_is_emptied() -> None:
    reading = read(long_day(whole_day(s8=-4.5)))
    assert np.isnan(reading.series.import_kw[8])
    negative = found(reading, "meter_negative_values")
    assert (negative["rows"], negative["value_kw"]) == ("10", -4.5)


def days(values: list[object]) -> str:
    start = datetime(2024, 5, 6)
    rows = [f"{start + timedelta(minutes=15 * step):%Y-%m-%d %H:%M},{value}" for step, value in enumerate(values)]
    return "\n".join(["timestamp,kW", *rows])


def test_flat_line_long_zero_and_spike() -> None:
    draw = np.random.default_rng(5)
    values: list[object] = draw.uniform(50, 90, 96 * 10).round(2).tolist()
    values[96:192] = [61.25] * 96
    values[300:395] = [55.5] * 95
    values[400:500] = [0] * 100
    values[700] = 6553.5
    reading = read(days(values))
    assert codes(reading) == {"meter_flat_line", "meter_long_zero", "meter_spikes"}
    flat = found(reading, "meter_flat_line")
    assert (flat["runs"], flat["value_kw"], flat["hours"], flat["rows"]) == (1, 61.25, 24.0, "98 … 193")
    assert found(reading, "meter_long_zero")["hours"] == 25.0
    assert found(reading, "meter_spikes")["rows"] == "702"
    quality = reading.series.quality
    assert quality is not None
    assert np.flatnonzero(quality == Quality.SUSPECT).tolist() == [700]
    assert reading.series.import_kw[700] == 6553.5


def test_register_readings_are_called_out() -> None:
    assert "meter_looks_cumulative" in codes(
        read(long_day([1000 + slot * 3 for slot in range(96)], heading="timestamp,kWh"))
    )
    assert "meter_looks_cumulative" not in codes(read(days([10, 11] * 96)))


def test_a_file_glued_from_two_steps_is_called_out() -> None:
    quarters = long_day(whole_day())
    hours = "\n".join(f"2024-05-07 {h:02d}:00,{h}" for h in range(24))
    reading = read(quarters + hours, labels="start")
    changes = found(reading, "meter_step_changes")
    assert (changes["first"], changes["count"], changes["other_min"]) == ("2024-05-07 00:00", 23, 60.0)


def test_off_grid_stamps_are_left_out_not_shifted() -> None:
    lines = long_day(whole_day()).splitlines()
    lines[20] = lines[20].replace("04:45", "04:47")
    lines.append("2024-05-07 00:07,3")
    reading = read("\n".join(lines), labels="start")
    assert np.flatnonzero(np.isnan(reading.series.import_kw)).tolist() == [19]
    assert found(reading, "meter_stamps_off_grid")["rows"] == "21"
    assert found(reading, "meter_partial_interval")["row"] == 98


def test_partial_days_and_repeated_headings_and_totals_are_said() -> None:
    lines = long_day(whole_day(), first=120).splitlines()
    lines[5:5] = [lines[0]]
    reading = read("\n".join([*lines, "Total,12345"]), labels="start")
    assert codes(reading) == {"meter_partial_day", "meter_header_repeated", "meter_unreadable_stamps"}
    assert found(reading, "meter_partial_day")["n_steps"] == 88
    assert found(reading, "meter_header_repeated")["rows"] == "6"
    assert found(reading, "meter_unreadable_stamps")["row"] == 91


def test_a_multiplier_column_is_not_applied_but_said() -> None:
    text = long_day([f"{value},60" for value in whole_day()], heading="timestamp,kW,综合倍率")
    reading = read(text)
    assert reading.series.import_kw[1] == 105
    assert found(reading, "meter_multiplier_column")["values"] == "60"


def test_several_reactive_columns_are_left_out_with_a_finding() -> None:
    rows = "\n".join(f"2024-05-06 {h:02d}:00,{h},1,2,3" for h in range(24))
    reading = read(f"time,kW,Q1 kvar,Q2 kvar,Q3 kvar\n{rows}")
    assert reading.series.reactive_kvar is None
    assert "meter_channel_left_out" in codes(reading)


def test_a_single_reading_of_a_told_step_is_a_series_of_one_step() -> None:
    reading = read("timestamp,kW\n2024-05-06 08:15,7.5\n", labels="start", step_min=15)
    assert reading.series.import_kw.tolist() == [7.5]
