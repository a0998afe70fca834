import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import tariff
from domain.catalogue.sample_ebill import TARIFF_ID, example_ebill
from domain.files.ebill_reader import EBillIncompleteError, read_ebill
from domain.files.ebill_template import NotForEBillFileError, ebill_csv, sections, write_ebill_workbook
from domain.files.plan_sheets import README_TITLE
from domain.shadow.compare import check_bill
from domain.shadow.ebill import BilledHour, EBill, NamedAmount, RowPlace
from domain.text import Language
from tests.ebill_cases import adds_up, all_effects, read, supply

PLACE = RowPlace(sheet="s", row=1)


def plain(one: Any) -> Any:
    """Give a noun as plain data, without the places where it was read and what the reader said."""
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        fields = (
            field.name for field in dataclasses.fields(one) if field.name not in ("place", "findings", "subtotals")
        )
        return {name: plain(getattr(one, name)) for name in fields}
    return [plain(part) for part in one] if isinstance(one, tuple) else one


def in_csv(folder: Path, ebill: EBill) -> Path:
    folder.mkdir()
    for name, content in ebill_csv(ebill).items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("language", list(Language))
def test_the_example_reads_back_and_agrees_with_its_tariff_to_the_cent(tmp_path: Path, language: Language):
    made = example_ebill()
    write_ebill_workbook(tmp_path / "bill.xlsx", made, language=language)
    for source in (tmp_path / "bill.xlsx", in_csv(tmp_path / "csv", made)):
        back = read_ebill(source)
        assert plain(back) == plain(made)
        assert back.findings == ()
        compared = check_bill(back, tariff(TARIFF_ID), supply())
        adds_up(compared)
        assert all_effects(compared) == []
        assert compared.difference == 0
        assert compared.real_total == Decimal("972117.05")


def test_the_examples_numbers_by_hand():
    """400 000 kWh peak at 0.9566, 500 000 flat at 0.6400, 400 000 valley at 0.3828; 2 300 kW at 51.2; −0.15 %."""
    ebill = example_ebill()
    energy = 400_000 * Decimal("0.9566") + 500_000 * Decimal("0.64") + 400_000 * Decimal("0.3828")
    assert sum(row.amount for row in ebill.charges[:15]) == energy == Decimal(855760)
    factor = Decimal("-0.0015") * (energy - 1_300_000 * Decimal("0.0294") + 2300 * Decimal("51.2"))
    assert ebill.overview.amount == energy + 2300 * Decimal("51.2") + factor


def test_the_empty_workbook_explains_itself_and_lacks_what_is_required(tmp_path: Path):
    path = tmp_path / "empty.xlsx"
    write_ebill_workbook(path)
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == [README_TITLE, *sections(None)]
    notes = [cell.value for cell in workbook[README_TITLE]["A"]]
    assert len(notes) == 7
    with pytest.raises(EBillIncompleteError) as caught:
        read_ebill(path)
    assert "账单周期" in caught.value.say()


def test_a_bill_with_every_section_survives(tmp_path: Path):
    full = dataclasses.replace(
        read(),
        hours=tuple(
            BilledHour(place=PLACE, hour=hour, energy_kwh=Decimal(9), price_per_kwh=Decimal("-0.1"))
            for hour in range(1, 25)
        ),
        market_fees=(NamedAmount(place=PLACE, name="B1偏差考核", amount=Decimal("-3.50")),),
    )
    for source in (tmp_path / "bill.xlsx", tmp_path / "csv"):
        if source.suffix:
            write_ebill_workbook(source, full)
        else:
            in_csv(source, full)
        assert plain(read_ebill(source)) == plain(full)


@given(
    kwh=st.decimals(Decimal(0), Decimal(10**9), places=6),
    price=st.decimals(Decimal(-2), Decimal(9), places=10),
    amount=st.decimals(-(10**10), 10**10, places=2),
)
@settings(max_examples=15, deadline=None)
def test_no_digit_is_lost_on_the_way(tmp_path_factory, kwh, price, amount):
    row = dataclasses.replace(read().charges[0], quantity=kwh, unit_price=price, amount=amount)
    ebill = dataclasses.replace(read(), charges=(row,), subtotals=())
    path = tmp_path_factory.mktemp("bill") / "bill.xlsx"
    write_ebill_workbook(path, ebill)
    (back,) = read_ebill(path).charges
    assert (back.quantity, back.unit_price, back.amount) == (kwh, price, amount)


def test_text_that_a_cell_cannot_keep_is_refused(tmp_path: Path):
    bad = dataclasses.replace(read(), account_no="12\x07")
    with pytest.raises(NotForEBillFileError):
        write_ebill_workbook(tmp_path / "bill.xlsx", bad)
