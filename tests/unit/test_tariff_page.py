"""The page on tariffs is true: each snippet is read and billed, and gives the number behind its arrow."""

import re
import typing
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from domain.files.documents import from_plain, read_yaml
from domain.files.facts_file import read_facts
from domain.files.tariff_files import read_any_of_ours
from domain.tariffs import BilledLoad, SupplyPoint, Tariff, TariffVersions, bill
from domain.tariffs.charges import Charge
from domain.tariffs.facts import Facts, PastMonth, PriceSeries, SystemPeaks
from tests.house_tools import ROOT
from tests.tariff_cases import SHANGHAI, demand, flat_energy, month_grid, supply_of, tariff_of

PAGE = (ROOT / "docs" / "tariffs.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```yaml\n(.*?)```(?:\n\n→ \*\*([−\d ]+\.\d\d)\*\*)?", PAGE, flags=re.DOTALL)
CHARGES = [(text, number) for text, number in SNIPPETS if text.startswith("kind:")]
APRIL = date(2026, 4, 1)
GRID = month_grid(APRIL)
SUPPLY = supply_of(capacity_kva="100", power_factor="0.90")
PEAKS_KW = {"yearly": 80, "ratchet": 200, "network": 100}


def amount(written: str) -> Decimal:
    return Decimal(written.replace("−", "-").replace(" ", ""))


def facts() -> Facts:
    """Give the page's facts: an index of 0.30, one peak of the grid, the months before."""
    past = []
    for number in range(1, 13):
        month = date(2026 if number < 4 else 2025, number, 1)
        kwh = {1: 74400, 2: 67200, 3: 74400}.get(number, 0)
        quantities = {f"{name}.max_demand_kw": Decimal(kw) for name, kw in PEAKS_KW.items()}
        past.append(PastMonth(month=month, quantities={**quantities, "network.energy_kwh": Decimal(kwh)}))
    index = PriceSeries(index_id="day-ahead", currency="CNY", grid=GRID, prices_per_kwh=np.full(GRID.n_steps, 0.30))
    peak = SystemPeaks(
        system_peak_id="grid",
        starts=(datetime(2026, 4, 14, 18, tzinfo=ZoneInfo(SHANGHAI)),),
        step_min=60,
        known_from=APRIL,
        known_until=date(2026, 5, 1),
    )
    return Facts(prices=(index,), system_peaks=(peak,), past=tuple(past))


def load(*, fed_in: bool = False) -> BilledLoad:
    flat = np.full(GRID.n_steps, 100.0)
    return BilledLoad(grid=GRID, import_kw=flat, export_kw=flat / 10 if fed_in else None, facts=facts())


def test_the_page_has_a_snippet_for_every_kind():
    kinds = {one.__dataclass_fields__["kind"].default for one in typing.get_args(typing.get_args(Charge)[0])}
    assert {text.split("\n")[0].removeprefix("kind: ") for text, _ in CHARGES} == kinds
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) >= kinds
    assert all(number for _, number in CHARGES)


@pytest.mark.parametrize(("text", "number"), CHARGES, ids=[text.split("\n")[1] for text, _ in CHARGES])
def test_a_snippet_bills_what_the_page_says(text, number):
    charge = from_plain(Charge, read_yaml(text, where="page"), where="page")
    tariff = tariff_of(flat_energy("0.50"), demand("10"), charge)
    made = bill(load(fed_in=charge.kind == "export"), tariff, SUPPLY, APRIL)
    assert sum(line.amount for line in made.lines if line.charge_id == charge.charge_id) == amount(number)


def test_the_tariff_and_the_facts_of_the_page_are_read():
    by_key = {text.split(":")[0]: text for text, _ in SNIPPETS if not text.startswith("kind:")}
    assert set(by_key) == {"tariff", "tariff_versions", "facts"}
    assert isinstance(read_any_of_ours(by_key["tariff"]), Tariff)
    known = read_facts(by_key["facts"])
    assert np.isnan(known.prices[0].prices_per_kwh[2])
    assert known.flagged("hot").days == (date(2026, 10, 9),)


def test_a_month_over_a_change_bills_what_the_page_says():
    ((text, number),) = [(text, number) for text, number in SNIPPETS if text.startswith("tariff_versions:")]
    tariff = read_any_of_ours(text)
    assert isinstance(tariff, TariffVersions)
    plain = BilledLoad(grid=GRID, import_kw=np.full(GRID.n_steps, 100.0))
    assert bill(plain, tariff, SupplyPoint(purchase_mode="regulated"), APRIL).total == amount(number)
