"""What the page on importing shows is read by the readers it speaks of."""

import re
from decimal import Decimal

from domain.files.agency_sheet import AgencyOptions, read_agency_sheet
from domain.files.agency_sheet_rule import read_band_rule
from domain.tariffs import EnergyCharge, Tariff
from domain.tariffs.compile_energy import band_price_per_kwh
from tests.agency_cases import JIANGSU_BANDS, JIANGSU_PARTS, JIANGSU_ROWS, as_csv, table
from tests.house_tools import ROOT

PAGE = (ROOT / "docs" / "importing-tariffs.md").read_text(encoding="utf-8")


def test_the_band_rule_of_the_page_gives_the_published_prices() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    options = AgencyOptions(rule=read_band_rule(block), bill_by="capacity")
    sheet = as_csv(table(JIANGSU_PARTS, JIANGSU_BANDS, JIANGSU_ROWS))
    tariff = read_agency_sheet(sheet, "two_part/1_20kv", options).tariff
    assert isinstance(tariff, Tariff)
    energy = tariff.charges[0]
    assert isinstance(energy, EnergyCharge)
    # Jiangsu, October 2026, as published: 0.9566 / 0.6400 / 0.3828
    prices = {band: band_price_per_kwh(energy, band) for band in energy.calendar.bands}
    assert prices == {"peak": Decimal("0.9566"), "flat": Decimal("0.6400"), "valley": Decimal("0.3828")}


def test_the_page_links_files_that_are_there() -> None:
    links = re.findall(r"\]\((schemas/[^)]+)\)", PAGE)
    assert links
    assert all((ROOT / "docs" / link).is_file() for link in links)
