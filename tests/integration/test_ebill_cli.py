"""``wattplan ebill``: answers on standard output, findings on standard error, 0 / 1 / 4 by what was found."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.cli.ebill_work import EXIT_UNEXPLAINED
from domain.catalogue.sample_ebill import TARIFF_ID
from domain.files.tariff_files import read_tariff, write_tariff
from tests.ebill_cases import billed, book, load, tariff, xlsx

RUN = CliRunner()


def wattplan(*arguments: object, expect: int = 0):
    done = RUN.invoke(app, [str(one) for one in arguments])
    assert done.exit_code == expect, (done.exit_code, done.stdout, done.stderr, done.exception)
    return done


@pytest.fixture(scope="module")
def tariff_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tariff") / "t.yaml"
    path.write_text(write_tariff(tariff()), encoding="utf-8")
    return path


def bill_file(folder: Path, sheets: dict) -> Path:
    path = folder / "bill.xlsx"
    path.write_bytes(xlsx(sheets))
    return path


def meter_file(folder: Path, **kwh: str) -> Path:
    """Write October 2026 with one quarter-hour on either side, labelled by the start."""
    seen = load(before=4, after=4, **kwh)
    path = folder / "meter.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("time", "import (kW)"))
        for at, kw in zip(seen.grid.local_starts("Asia/Shanghai"), seen.import_kw[0], strict=True):
            rows.writerow((f"{at:%Y-%m-%d %H:%M}", f"{kw:.9f}"))
    return path


METER = ("--labels", "start", "--unit", "kw")


def test_a_newcomer_writes_the_template_and_checks_the_example(tmp_path):
    said = wattplan("ebill", "template", tmp_path / "my.xlsx").stderr
    assert TARIFF_ID in said
    done = wattplan("ebill", "check", "--ebill", tmp_path / "my-example.xlsx", "--tariff", TARIFF_ID)
    assert "972,117.05" in done.stdout
    assert "unexplained 0.00" in done.stdout
    assert "2026-11-15" in done.stderr  # the deadline for objections
    wattplan("ebill", "template", tmp_path / "my.xlsx", expect=1)  # never over another file
    wattplan("ebill", "check", "--ebill", tmp_path / "my.xlsx", "--tariff", TARIFF_ID, expect=1)  # empty


def test_the_template_as_a_csv_per_section(tmp_path):
    wattplan("ebill", "template", tmp_path / "bill", "--example", "--language", "zh")
    assert {path.suffix for path in (tmp_path / "bill").iterdir()} == {".csv"}
    done = wattplan("ebill", "check", "--ebill", tmp_path / "bill", "--tariff", TARIFF_ID, "-l", "zh")
    assert "未解释 0.00" in done.stdout
    wattplan("ebill", "template", tmp_path / "bill.pdf", expect=2)


def test_an_explained_difference_is_told_and_the_tariff_mended(tmp_path, tariff_file):
    path = bill_file(tmp_path, billed(demand_kw=1100, amount=44000, measured_kw=1100))
    mended = tmp_path / "mended.yaml"
    done = wattplan("ebill", "check", "--ebill", path, "--tariff", tariff_file, "--write-tariff", mended)
    assert "contract_plus_double" in done.stdout
    assert "−2,000.00" in done.stdout
    assert read_tariff(mended).charges[1].over_rule == "contract_plus_double"
    wattplan("ebill", "check", "--ebill", path, "--tariff", mended)
    wattplan("ebill", "check", "--ebill", path, "--tariff", tariff_file, "--write-tariff", mended, expect=1)


def test_json_adds_up(tmp_path, tariff_file):
    sheets = book()
    sheets["电费明细"].append(["退补电费", None, "总", None, None, -100])
    sheets["账单概况"][3][3] = "312,091.14"
    path = bill_file(tmp_path, sheets)
    done = wattplan("ebill", "check", "--ebill", path, "--tariff", tariff_file, "--json", expect=EXIT_UNEXPLAINED)
    answer = json.loads(done.stdout)
    assert (Decimal(answer["real_total"]), Decimal(answer["unexplained"])) == (Decimal("312091.14"), -100)
    assert Decimal(answer["explained"]) + Decimal(answer["unexplained"]) == Decimal(answer["difference"])
    (line,) = [line for line in answer["lines"] if line["effects"]]
    assert line["effects"][0]["cause"] == "not_in_tariff"
    assert answer["is_explained"] is False


def test_with_a_meter(tmp_path, tariff_file):
    path = bill_file(tmp_path, book())
    meter = meter_file(tmp_path, flat="198000")
    done = wattplan("ebill", "check", "--ebill", path, "--tariff", tariff_file, "--meter", meter, *METER)
    assert "2000.000 kWh" in " ".join(done.stdout.split())  # of losses, which our meter does not see
    assert "ours from the meter's load" in done.stdout
    meter = meter_file(tmp_path, valley="98000")
    done = wattplan(
        "ebill", "check", "--ebill", path, "--tariff", tariff_file, "--meter", meter, *METER, expect=EXIT_UNEXPLAINED
    )
    assert "not explained" in done.stdout
    assert "unexplained 290.70" in done.stdout  # 765 kWh


def test_labels_read_the_wrong_way_are_found_with_the_steps_around_the_month(tmp_path, tariff_file):
    path = bill_file(tmp_path, book())
    meter = meter_file(tmp_path, flat="198000")  # and losses beside it
    done = wattplan(
        "ebill", "check", "--ebill", path, "--tariff", tariff_file, "--meter", meter,
        "--labels", "end", "--unit", "kw", "--json",
    )  # fmt: skip
    causes = {effect["cause"] for line in json.loads(done.stdout)["lines"] for effect in line["effects"]}
    assert {"labels_are_start", "losses"} <= causes


def test_refusals_name_every_cell(tmp_path, tariff_file):
    sheets = book()
    sheets["电费明细"][3][5], sheets["电费明细"][4][2] = "八万", "凌晨"
    done = wattplan("ebill", "check", "--ebill", bill_file(tmp_path, sheets), "--tariff", tariff_file, expect=1)
    assert "电费明细!F4" in done.stderr
    assert "电费明细!C5" in done.stderr
    wattplan("ebill", "check", "--ebill", tmp_path / "none.xlsx", "--tariff", tariff_file, expect=1)
    wattplan("ebill", "check", "--ebill", tmp_path / "bill.xlsx", "--tariff", "no-such-tariff", expect=1)
    wattplan("ebill", "check", "--tariff", TARIFF_ID, expect=2)


def test_a_market_customers_bill_is_not_priced_with_the_agencys_tariff(tmp_path):
    wattplan("ebill", "template", tmp_path / "b.xlsx", "--example")
    done = wattplan(
        "ebill", "check", "--ebill", tmp_path / "b.xlsx", "--tariff", TARIFF_ID, "--purchase-mode", "market_retail", expect=1
    )  # fmt: skip
    assert "market_retail" in done.stderr
