"""Real exports read as they are, against series others derived from them."""

import csv
import gzip
import json
from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest

from domain.checks import FloatArray
from domain.files.meter_options import MeterReading, MeterReadOptions
from domain.files.meter_reader import read_meter
from domain.metering.series import MeterSeries
from tests.realdata import REAL_DATA

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the optional real-data folder is not beside the checkout"),
]


def twin(name: str) -> tuple[datetime, dict[str, FloatArray]]:
    """Read a normalised series without the code under test."""
    with gzip.open(REAL_DATA / "normalised" / f"{name}.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    columns = {
        key: np.array([float(row[key]) if row[key] else np.nan for row in rows])
        for key in rows[0]
        if key != "start_utc"
    }
    return datetime.fromisoformat(rows[0]["start_utc"]), columns


def same_as_twin(series: MeterSeries, name: str, atol: float = 1e-9) -> None:
    start, columns = twin(name)
    assert series.grid.start == start
    assert series.grid.n_steps == columns["energy_kwh"].size
    np.testing.assert_allclose(series.energy_kwh, columns["energy_kwh"], rtol=0, atol=atol)


def codes(reading: MeterReading) -> set[str]:
    return {finding.code for finding in reading.findings}


def test_steel_with_midnights_at_the_end_of_their_day() -> None:
    raw = gzip.decompress((REAL_DATA / "steel_daewoo" / "Steel_industry_data.csv.gz").read_bytes())
    reading = read_meter(raw, MeterReadOptions(zone="Asia/Seoul"), name="steel")
    same_as_twin(reading.series, "steel")
    with gzip.open(REAL_DATA / "steel_daewoo" / "Steel_industry_data.csv.gz", "rt", encoding="utf-8-sig") as stream:
        both = [
            float(row["Lagging_Current_Reactive.Power_kVarh"]) + float(row["Leading_Current_Reactive_Power_kVarh"])
            for row in csv.DictReader(stream)
        ]
    assert reading.series.reactive_kvar is not None
    np.testing.assert_allclose(reading.series.reactive_kvar, np.array(both) * 4, atol=1e-9)
    (moved,) = [finding for finding in reading.findings if finding.code == "meter_midnight_last"]
    assert moved.data["count"] == 365
    assert codes(reading) == {"meter_midnight_last"}


@pytest.mark.parametrize(
    ("file", "name", "meter_id"), [("ManMeter", "manufacturer", "101"), ("OfficeMeter", "office201", "201")]
)
def test_utc_stamps_of_a_batch_plant_and_an_office(file: str, name: str, meter_id: str) -> None:
    path = REAL_DATA / "eear_sacramento" / f"{file}.csv.gz"
    reading = read_meter(path, MeterReadOptions(zone="America/Los_Angeles"))
    same_as_twin(reading.series, name)
    assert reading.series.meter_id == meter_id
    # Peaks of a batch plant are 100 times its base load and yet no spikes.
    assert reading.findings == ()


def test_offsets_across_both_clock_changes_and_watts() -> None:
    note = json.loads((REAL_DATA / "normalised" / "metalworking.json").read_text(encoding="utf-8"))["unit_note"]
    factor = Decimal(note.split("factor ")[1].split(" ")[0])
    path = REAL_DATA / "vdi4657_industry" / "LP_G_MV.csv.gz"
    reading = read_meter(path, MeterReadOptions(zone="Europe/Berlin", multiplier=factor * 1000))
    # The twin was rounded to 4 decimals and its factor to 7 digits.
    same_as_twin(reading.series, "metalworking", atol=2e-4)
    assert reading.findings == ()


def test_a_clock_without_marks_at_its_changes() -> None:
    path = REAL_DATA / "uci_mt200" / "LD_MT200_hour.csv.gz"
    options = MeterReadOptions(zone="Europe/Lisbon", unit="kwh", labels="start", multiplier=Decimal("0.25"))
    reading = read_meter(path, options)
    start, columns = twin("mt200")
    assert reading.series.grid.start == start
    ours = reading.series.energy_kwh[: columns["energy_kwh"].size]
    empty = np.flatnonzero(np.isnan(ours))
    # Two hours of each of four autumn changes cannot be told apart; the twin split three of the four by assumption.
    assert empty.size == 8
    both = ~np.isnan(ours) & ~np.isnan(columns["energy_kwh"])
    assert both.sum() == 35_064 - 8 - 1
    np.testing.assert_allclose(ours[both], columns["energy_kwh"][both], rtol=0, atol=1e-4)
    assert {"meter_times_nonexistent", "meter_doubled_hour_indistinct", "meter_value_column_guessed"} <= codes(reading)


@pytest.mark.parametrize("name", ["mt200", "steel", "manufacturer", "metalworking", "office201"])
def test_normalised_series_read_as_they_are(name: str) -> None:
    zone = json.loads((REAL_DATA / "normalised" / f"{name}.json").read_text(encoding="utf-8"))["timezone"]
    same_as_twin(read_meter(REAL_DATA / "normalised" / f"{name}.csv.gz", MeterReadOptions(zone=zone)).series, name)
