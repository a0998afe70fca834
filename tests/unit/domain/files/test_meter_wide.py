"""Files of several meters, and daily files with one column an interval."""

from datetime import UTC, datetime

import numpy as np
import pytest

from domain.files import meter_errors as refusals
from tests.meter_cases import DAY, codes, found, read

# --- several meters ---------------------------------------------------------------------------------------------


def two_meters() -> str:
    rows = [f"A{meter},2024-05-06 {h:02d}:00,{h * meter}" for h in range(24) for meter in (3, 4)]
    return "\n".join(["表号,时间,电量(kWh)", *rows])


def test_several_meters_must_be_named() -> None:
    with pytest.raises(refusals.MultipleMetersError, match="A3; A4"):
        read(two_meters())
    with pytest.raises(refusals.MeterUnknownError):
        read(two_meters(), meter_id="A5")
    series = read(two_meters(), meter_id="A4").series
    assert series.meter_id == "A4"
    np.testing.assert_array_equal(series.import_kw, np.arange(24) * 4)


# --- daily files ------------------------------------------------------------------------------------------------


def wide(heads: list[str], rows: list[str], first: str = "account_no,metering_point,date") -> str:
    return "\n".join([",".join([first, *heads]), *rows])


def test_a_daily_file_of_96_ends() -> None:
    text = wide([f"P{clock}" for clock in DAY], ["77,M1,2024-05-06," + ",".join(map(str, range(96)))])
    reading = read(text, unit="kw")
    assert reading.series.meter_id == "M1"
    assert reading.series.grid.start == datetime(2024, 5, 5, 16, tzinfo=UTC)
    np.testing.assert_array_equal(reading.series.import_kw, range(96))
    with pytest.raises(refusals.MeterLabelsContradictError):
        read(text, unit="kw", labels="start")
    with pytest.raises(refusals.MeterUnitUnknownError):
        read(text)


def test_a_last_column_0_00_is_24_00() -> None:
    text = wide([*DAY[:-1], "00:00"], ["77,M1,2024-05-06," + ",".join(map(str, range(96)))])
    reading = read(text, unit="kwh")
    np.testing.assert_array_equal(reading.series.energy_kwh, range(96))
    assert "meter_midnight_last" in codes(reading)


def test_a_daily_file_with_quantities_units_and_a_hole() -> None:
    rows = [
        "77,M1,2024-05-06,正向有功功率,kW," + ",".join(map(str, range(24))),
        "77,M1,2024-05-06,无功功率,kvar," + ",".join(str(-h) for h in range(24)),
        "77,M1,2024-05-06,A相电流,A," + ",".join(["9"] * 24),
        "77,M1,2024-05-07,正向有功功率,kW," + ",".join("" if h == 5 else str(h + 50) for h in range(24)),
    ]
    reading = read(wide([f"{h}:00" for h in range(24)], rows, "户号,计量点,日期,数据类型,单位"))
    series = reading.series
    assert series.grid.n_steps == 48
    assert np.flatnonzero(np.isnan(series.import_kw)).tolist() == [29]
    assert series.reactive_kvar is not None
    assert (series.reactive_kvar[7], series.import_kw[24]) == (7, 50)
    assert np.isnan(series.reactive_kvar[24])
    assert codes(reading) == {"meter_gaps", "meter_rows_of_other_kind", "meter_reactive_negative"}


def test_a_daily_cell_that_is_no_number_names_its_column() -> None:
    row = ["x" if slot == 7 else str(slot) for slot in range(96)]
    reading = read(wide([f"P{clock}" for clock in DAY], ["77,M1,2024-05-06," + ",".join(row)]), unit="kw")
    cells = found(reading, "meter_unreadable_cells")
    assert (cells["row"], cells["column"], cells["text"]) == (2, "P02:00", "x")
