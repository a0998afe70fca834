"""Files of the sample case for newcomers to try the doors with."""

import csv
from pathlib import Path

import numpy as np

from domain.catalogue.sample_case import sample_case
from domain.files.plan_template import write_plant_workbook
from domain.files.plant_file import PlantFile
from domain.metering import MeterSeries
from domain.time import zone_of


def write_sample_files(folder: Path, *, seed: int = 1) -> tuple[Path, ...]:
    """Write the sample case as files that a customer might send, and give their paths.

    ``meter.csv`` is the site, ``process.csv`` what the plan controls: one row per quarter-hour, labelled by
    its start with the local clock and its UTC offset; a missing value is an empty cell. ``plant.xlsx`` is
    the site and its plan as a workbook; from it alone, the plan stands in for the process history.
    """
    folder.mkdir(parents=True, exist_ok=True)
    case = sample_case(seed)
    written = [_write_meter(folder / "meter.csv", case.meter, case.site.zone)]
    if case.process_history is not None:
        written.append(_write_meter(folder / "process.csv", case.process_history, case.site.zone))
    plant = PlantFile(site=case.site, plan=case.plan, present_tariff_id=case.present_tariff.tariff_id)
    write_plant_workbook(plant, folder / "plant.xlsx")
    return (*written, folder / "plant.xlsx")


def _write_meter(path: Path, meter: MeterSeries, zone: str) -> Path:
    columns = {"import_kw": meter.import_kw}
    if meter.reactive_kvar is not None:
        columns["reactive_kvar"] = meter.reactive_kvar
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("start", *columns))
        for step, start in enumerate(meter.grid.starts.tz_convert(zone_of(zone))):
            values = (column[step] for column in columns.values())
            writer.writerow((start.isoformat(), *("" if np.isnan(value) else f"{value:.1f}" for value in values)))
    return path
