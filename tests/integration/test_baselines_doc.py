"""``docs/baselines.md`` says what the code does: methods, the payment by hand, the numbers measured."""

import csv
import gzip
import json
import re
from datetime import date, datetime, time
from decimal import Decimal

import numpy as np
import pytest

from domain.catalogue.baseline_methods import baseline_method, baseline_methods
from domain.findings import FindingKind
from domain.metering import MeterSeries
from domain.programmes import ClockWindow, placebo_table
from domain.programmes.bundle import make_bundle
from domain.time import Calendar, TimeGrid
from tests.house_tools import ROOT
from tests.programme_cases import SHANGHAI, clock_meter, event_of, programme_of
from tests.realdata import REAL_DATA

TEXT = (ROOT / "docs" / "baselines.md").read_text(encoding="utf-8")


def rows_after(heading: str) -> list[list[str]]:
    """Read the first table below a line that starts so."""
    lines = TEXT.split(heading, 1)[1].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("|"))
    found = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found[2:]


def test_there_is_one_row_for_each_method_with_its_status():
    rows = rows_after("## Methods")
    said = {row[0].strip("`"): row[-1] for row in rows}
    assert said == {method.key: str(method.status) for method in baseline_methods()}
    assert len(rows) == len(said)


def test_the_codes_of_the_checks_are_the_findings():
    codes = re.findall(r"`(baseline_\w+)`", "".join(row[0] for row in rows_after("## How good")))
    assert set(codes) <= set(FindingKind.registry)
    assert len(codes) == 7


def example() -> tuple[dict[str, tuple[float, float]], dict[str, str]]:
    loads = {row[0]: (float(row[1]), float(row[2])) for row in rows_after("### A payment by hand")}
    work = rows_after("| 2026-03-02, measured |")
    return loads, {row[0].strip("`"): row[1] for row in work}


def test_the_payment_by_hand_is_the_codes():
    loads, work = example()
    by_day = {date.fromisoformat(name[:10]): kw for name, kw in loads.items() if name != "baseline"}

    def load_kw(day: date, hour: float) -> float:
        return by_day[day][int(hour) - 14] if day in by_day and 14 <= hour < 16 else 9999.0

    meter = clock_meter(date(2026, 2, 1), 35, load_kw, step_min=60)
    event = event_of("2026-03-02T14:00", "2026-03-02T16:00", "2026-03-01T10:00")
    programme = programme_of(price=Decimal("3.00"), penalty_per_kwh=Decimal("0.50"))
    bundle = make_bundle(programme, event, meter, Calendar(country="CN"), SHANGHAI, commitment_kw=Decimal(120))
    lines = {line.key: line.value for line in bundle.lines}
    assert {key: lines[key] for key in work} == work
    averaged = [key.removeprefix("day.") for key, value in lines.items() if value == "averaged"]
    assert averaged == [name for name in loads if name.startswith("2026-02")]
    steps = tuple(float(lines[f"baseline.2026-03-02 {hour}:00 +08:00"]) for hour in (14, 15))
    assert steps == loads["baseline"]


def test_the_payment_by_hand_is_right_without_the_code():
    loads, work = example()
    days = [kw for name, kw in loads.items() if name.startswith("2026-02")]
    assert loads["baseline"] == tuple(sum(column) / 5 for column in zip(*days, strict=True))
    baseline_kw, measured_kw = sum(loads["baseline"]) / 2, sum(loads["2026-03-02, measured"]) / 2
    assert (float(work["baseline_kw"]), float(work["measured_kw"])) == (baseline_kw, measured_kw)
    assert float(work["delivered_kw"]) == baseline_kw - measured_kw
    assert work["response_rate"] == f"{(baseline_kw - measured_kw) / 120:.6f}"
    assert work["net"] == work["table_pay"] == f"{(baseline_kw - measured_kw) * 2 * 3:.2f}"


METERS = (("steel", "KR", 17), ("manufacturer", "US", 8), ("office201", "US", 17))


def real_meter(name: str) -> tuple[MeterSeries, str]:
    folder = REAL_DATA / "normalised"
    facts = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    values = np.array([float(row["energy_kwh"]) if row["energy_kwh"] else np.nan for row in rows])
    step_min = facts["step_minutes"]
    grid = TimeGrid(start=datetime.fromisoformat(rows[0]["start_utc"]), step_min=step_min, n_steps=values.size)
    return MeterSeries(meter_id=name, grid=grid, import_kw=values * 60 / step_min), facts["timezone"]


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the optional real-data folder is not beside the checkout")
@pytest.mark.parametrize(("column", "name", "country", "hour"), [(n + 1, *one) for n, one in enumerate(METERS)])
def test_the_numbers_measured_come_out_again(column, name, country, hour):
    said = {row[0].strip("`"): row[column] for row in rows_after("Measured on three public meters")}
    meter, zone = real_meter(name)
    window = ClockWindow(start=time(hour), end=time(hour + 2))
    rules = tuple(baseline_method(key).rule for key in said)
    table = placebo_table(meter, rules, Calendar(country=country), zone, window, days="workday")
    found = {
        one.key: f"{one.bias_share * 100:+.1f} / {one.cv_share * 100:.1f}".replace("-", "−") for one in table.scores
    }
    assert found == said
    assert f"{table.n_days}" in TEXT.split("Measured on three public meters", 1)[1][:500]


@pytest.mark.realdata
@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the optional real-data folder is not beside the checkout")
def test_on_a_real_office_a_correction_halves_the_error_and_high_days_overpay():
    meter, zone = real_meter("office201")
    window = ClockWindow(start=time(17), end=time(19))
    rules = tuple(baseline_method(key).rule for key in ("MISO_10", "MISO_10_ADJ", "NYISO_CBL"))
    table = placebo_table(meter, rules, Calendar(country="US"), zone, window, days="workday")
    plain, corrected, highest = table.scores
    assert corrected.cv_share < 0.6 * plain.cv_share
    assert highest.bias_kw > plain.bias_kw + 5
    # an independent look at one day: the ten weekdays before, by hand of numpy
    day = plain.days[200].day
    local = meter.grid.local_starts(zone)
    is_window = (local.hour >= 17) & (local.hour < 19)
    dates = np.array(local.date)
    calendar = Calendar(country="US")
    before = [one for one in sorted({*dates}) if one < day and calendar.is_workday(one)][-10:]
    expected = np.mean([meter.import_kw[is_window & (dates == one)].mean() for one in before])
    assert plain.days[200].baseline_kw == pytest.approx(expected)
