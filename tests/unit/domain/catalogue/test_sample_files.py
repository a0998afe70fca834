import csv

from domain.catalogue.sample_case import sample_case
from domain.catalogue.sample_files import write_sample_files
from domain.files.plan_workbook import read_plan_workbook


def test_the_files_hold_the_meters_with_empty_cells_for_what_is_missing(tmp_path) -> None:
    meter, process, workbook = write_sample_files(tmp_path / "sample")
    with meter.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 120 * 96 + 48
    assert rows[0]["start"] == "2026-07-23T00:00:00+08:00"
    assert rows[-1]["start"] == "2026-11-20T11:45:00+08:00"
    missing = [row for row in rows if row["import_kw"] == ""]
    assert 0 < len(missing) < 60
    assert all(row["reactive_kvar"] == "" for row in missing)
    with process.open(encoding="utf-8", newline="") as stream:
        assert csv.DictReader(stream).fieldnames == ["start", "import_kw"]
    plant = read_plan_workbook(workbook)
    case = sample_case()
    assert plant.site == case.site
    assert plant.plan == case.plan
    assert plant.present_tariff_id == case.present_tariff.tariff_id
