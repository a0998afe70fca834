"""US tariffs with one row per charge: what the rows become, and which sheets are refused."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.clauses import TariffFileError, TariffReading, UnpricedClauseError
from domain.files.us_workbook import UsOptions, read_us_workbook, us_book
from domain.tariffs import DemandCharge, EnergyCharge, FixedCharge
from domain.tariffs.bands import day_table
from domain.tariffs.charges import DemandTier, EnergyTier
from domain.text import Language
from domain.time import Calendar
from tests.realdata import REAL_DATA

HEADINGS = (
    *("utility", "type", "period", "basic_charge_limit (metric)", "month_start", "month_end", "hour_start"),
    *("hour_end", "weekday_start", "weekday_end", "charge (metric)", "units", "Notes"),
)
SAID = UsOptions(zone="America/Chicago", valid_from=date(2021, 11, 1))
UNITS = {"customer": "$/month", "energy": "$/kWh", "demand": "$/kW"}
ALL = (1, 12, 0, 24, 0, 6)


def row(
    kind: str, charge: Any, span: tuple[Any, ...] = ALL, *, limit: Any = 0, period: Any = None, **changes: Any
) -> list[Any]:
    window = [None] * 6 if kind == "customer" else list(span)
    cells = ["electric", kind, period, None if kind == "customer" else limit, *window, charge, UNITS.get(kind), None]
    for heading, value in changes.items():
        cells[HEADINGS.index(heading)] = value
    return cells


def book_of(rows: list[list[Any]], title: str = "plant", headings: tuple[str, ...] = HEADINGS) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for cells in (headings, *rows):
        sheet.append(list(cells))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def csv_of(rows: list[list[Any]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([HEADINGS, *rows])
    return stream.getvalue().encode()


def read(rows: list[list[Any]], **options: Any) -> TariffReading:
    return read_us_workbook(book_of(rows), options=SAID if not options else replace(SAID, **options))


def only(reading: TariffReading, kind: type) -> Any:
    (found,) = [charge for charge in reading.tariff.charges if isinstance(charge, kind)]
    return found


FLAT = [row("energy", 0.05)]


def test_one_row_of_each_kind() -> None:
    reading = read([row("customer", 115.31), *FLAT, row("demand", 10.17, period="maximum")])
    assert only(reading, FixedCharge).amount_per_month == Decimal("115.31")
    energy, demand = only(reading, EnergyCharge), only(reading, DemandCharge)
    assert energy.band_prices == {"rate_1": Decimal("0.05")}
    assert (demand.charge_id, demand.price_per_kw_month, demand.bands) == ("demand_maximum", Decimal("10.17"), ())
    assert reading.read == ("row 2", "row 3", "row 4")
    assert reading.tariff.tariff_id == "us-plant"


def test_the_windows_are_those_of_the_rows() -> None:
    reading = read(
        [
            row("energy", 0.10, (6, 9, 12, 18, 0, 4)),
            row("energy", 0.04, (6, 9, 0, 12, 0, 4)),
            row("energy", 0.04, (6, 9, 18, 24, 0, 4)),
            row("energy", 0.04, (6, 9, 0, 24, 5, 6)),
            row("energy", 0.03, (1, 5, *ALL[2:])),
            row("energy", 0.03, (10, 12, *ALL[2:])),
        ]
    )
    energy = only(reading, EnergyCharge)
    prices = {
        (month, day, hour): energy.band_prices[energy.calendar.bands[table[hour * 60]]]
        for month, day in ((1, 4), (7, 5), (7, 10))  # a Monday in January, a Monday and a Saturday in July 2021
        for table in [day_table(energy.calendar, date(2021, month, day), Calendar().tags(date(2021, month, day)))]
        for hour in (0, 12, 17, 18)
    }
    assert [prices[7, 5, hour] for hour in (0, 12, 17, 18)] == [Decimal(one) for one in ("0.04", "0.1", "0.1", "0.04")]
    assert {prices[7, 10, hour] for hour in (0, 12, 17, 18)} == {Decimal("0.04")}
    assert {prices[1, 4, hour] for hour in (0, 12, 17, 18)} == {Decimal("0.03")}


def test_limits_are_the_starts_of_tiers() -> None:
    reading = read([row("energy", 0.05), row("energy", 0.03, limit=300), row("energy", 0.02, limit=1000)])
    (group,) = only(reading, EnergyCharge).tiers
    assert group.tiers == (
        EnergyTier(up_to_kwh=Decimal(300), price_per_kwh=Decimal(0)),
        EnergyTier(up_to_kwh=Decimal(1000), price_per_kwh=Decimal("-0.02")),
        EnergyTier(price_per_kwh=Decimal("-0.03")),
    )


def test_below_the_lowest_limit_nothing_is_charged() -> None:
    reading = read([*FLAT, row("demand", 11.45, limit=50, period="m"), row("demand", 10.71, limit=100, period="m")])
    demand = only(reading, DemandCharge)
    assert demand.price_per_kw == 0
    assert demand.tiers == (
        DemandTier(up_to_kw=Decimal(50), price_per_kw_month=Decimal(0)),
        DemandTier(up_to_kw=Decimal(100), price_per_kw_month=Decimal("11.45")),
        DemandTier(price_per_kw_month=Decimal("10.71")),
    )
    energy = only(read([row("energy", 0.05, limit=200)]), EnergyCharge)
    assert (energy.band_prices["rate_1"], energy.tiers[0].tiers[-1].price_per_kwh) == (0, Decimal("0.05"))


def test_demand_rows_of_one_name_share_a_peak() -> None:
    reading = read(
        [
            *FLAT,
            row("demand", 4, (1, 12, 0, 8, 0, 4), period="off-peak"),
            row("demand", 4, (1, 12, 20, 24, 0, 4), period="off-peak"),
            row("demand", 9, (6, 9, 8, 20, 0, 4), period="on-peak"),
        ]
    )
    off, on = [one for one in reading.tariff.charges if isinstance(one, DemandCharge)]
    assert (off.charge_id, off.months, off.bands) == ("demand_off_peak", (), ("off-peak",))
    assert (on.charge_id, on.months) == ("demand_on_peak", (6, 7, 8, 9))
    monday = day_table(off.calendar, date(2021, 7, 5), Calendar().tags(date(2021, 7, 5)))
    assert [off.calendar.bands[monday[hour * 60]] for hour in (7, 8, 19, 20)] == ["off-peak", "off", "off", "off-peak"]


def test_one_name_with_a_price_for_each_season_is_two_charges() -> None:
    reading = read(
        [*FLAT, row("demand", 4, (1, 5, *ALL[2:]), period="p"), row("demand", 6, (6, 12, *ALL[2:]), period="p")]
    )
    demand = [one for one in reading.tariff.charges if isinstance(one, DemandCharge)]
    assert [(one.charge_id, one.price_per_kw, one.months[0]) for one in demand] == [
        ("demand_p", Decimal(4), 1),
        ("demand_p_2", Decimal(6), 6),
    ]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([row("customer", 1)], "no energy row"),
        ([row("energy", 0.05, (1, 11, *ALL[2:]))], "the first being mon 00:00 in month 12"),
        (
            [*FLAT, row("demand", 1, period="m"), row("demand", 2, (1, 12, 8, 20, 0, 4), period="m")],
            "rows 3, 4 of the demand period 'm'",
        ),
        (
            [*FLAT, row("demand", 1, period="m"), row("demand", 2, (1, 12, 8, 20, 0, 6), period="m", limit=50)],
            "tiers of different windows",
        ),
        (
            [*FLAT, row("demand", 1, period="m"), row("demand", 2, period="m"), row("demand", 3, period="m", limit=5)],
            "several prices from one limit",
        ),
        (
            [
                row("energy", 0.05, (1, 12, 0, 12, 0, 6)),
                row("energy", 0.09, (1, 12, 12, 24, 0, 6)),
                row("energy", 0.01, (1, 12, 12, 24, 0, 6), limit=9),
            ],
            "month 1 hours have different tiers (rows 2, 3, 4)",
        ),
    ],
)
def test_sheets_that_cannot_be_priced_are_refused_with_their_rows(rows: list[list[Any]], named: str) -> None:
    with pytest.raises(UnpricedClauseError) as caught:
        read(rows)
    assert named in caught.value.say()
    assert "无法计价" in caught.value.say(Language.ZH)


def test_hours_without_a_row_cost_nothing_once_told_so() -> None:
    reading = read([row("energy", 0.05, (1, 11, *ALL[2:]))], uncovered="free")
    assert sorted(only(reading, EnergyCharge).band_prices.values()) == [0, Decimal("0.05")]
    assert any("8.3% of the hours" in finding.say() for finding in reading.assumptions)


def test_energy_rows_over_each_other_add_up_aloud() -> None:
    reading = read([row("energy", 0.05), row("energy", 0.02, (1, 12, 0, 24, 5, 6))])
    assert sorted(only(reading, EnergyCharge).band_prices.values()) == [Decimal("0.05"), Decimal("0.07")]
    assert any(finding.say().startswith("row 2:") and "row 3" in finding.say() for finding in reading.assumptions)


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        (row("energy", 0.05, (0, 12, *ALL[2:])), "month_start"),
        (row("energy", 0.05, (1, 12, 18, 6, 0, 6)), "hour_start"),
        (row("energy", 0.05, (1, 12, 0, 24, 5, 0)), "weekday_start"),
        (row("energy", 0.05, (1, 12, 0.1, 24, 0, 6)), "hour_start"),
        (row("energy", None), "charge"),
        (row("energy", "cheap"), "charge (metric): is no number"),
        (row("energy", 0.05, limit=-1), "basic_charge_limit"),
        (row("rent", 0.05), "type"),
        (row("energy", 0.05, units="$/MWh"), "units: is $/MWh"),
        (row("energy", 0.05, utility=None), "utility: is missing"),
        (row("energy", "=A1+0.3"), "plant!K3: is the formula =A1+0.3"),
        (row("energy", "=1/0"), "plant!K3"),
    ],
)
def test_a_malformed_row_is_named(bad: list[Any], place: str) -> None:
    with pytest.raises(TariffFileError) as caught:
        read([*FLAT, bad])
    assert place in caught.value.say()
    assert "3" in caught.value.say()


@pytest.mark.parametrize(
    ("written", "price"), [("=0.0412+0.00186", "0.04306"), ("= 2*0.01 - 0.005 ", "0.015"), ("=-0.001+1e-2", "0.009")]
)
def test_sums_are_worked_out_exactly_in_both_files(written: str, price: str) -> None:
    for content in (book_of([row("energy", written)]), csv_of([row("energy", written)])):
        tariff = read_us_workbook(content, options=SAID).tariff
        assert only(tariff_reading(tariff), EnergyCharge).band_prices == {"rate_1": Decimal(price)}


def tariff_reading(tariff: Any) -> TariffReading:
    return TariffReading(tariff=tariff, source_format="us_workbook", read=())


def test_the_csv_of_a_sheet_is_read_alike(tmp_path: Path) -> None:
    rows = [row("customer", 115.31), row("energy", 0.05), row("demand", 10.5, (1, 12, 8, 20, 0, 4), period="on-peak")]
    (tmp_path / "plant.csv").write_bytes(csv_of(rows))
    from_csv = read_us_workbook(tmp_path / "plant.csv", options=SAID)
    from_book = read(rows)
    assert from_csv.tariff.charges == from_book.tariff.charges
    assert from_csv.tariff.tariff_id == "us-plant"


def test_other_utilities_and_notes_are_left_out_by_name() -> None:
    reading = read([*FLAT, row("energy", 0.5, utility="gas", units="$/therm"), row("customer", 1, Notes="{odd} note")])
    said = [finding.say() for finding in reading.ignored]
    assert any("3 (gas)" in text for text in said)
    assert any("{odd} note" in text for text in said)


def test_daily_demand_is_levied_each_day_and_has_no_tiers() -> None:
    headings = (*HEADINGS, "assessed")
    rows = [[*FLAT[0], None], [*row("demand", 0.4, period="p"), "daily"]]
    reading = read_us_workbook(book_of(rows, headings=headings), options=SAID)
    demand = only(reading, DemandCharge)
    assert (demand.levied, demand.price_per_kw_day) == ("day", Decimal("0.4"))
    rows.append([*row("demand", 0.3, period="p", limit=50), "daily"])
    with pytest.raises(UnpricedClauseError, match="tiers on each day's peak"):
        read_us_workbook(book_of(rows, headings=headings), options=SAID)


def test_a_column_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(UnpricedClauseError, match="ratchet"):
        read_us_workbook(book_of([[*FLAT[0], 0.5]], headings=(*HEADINGS, "ratchet")), options=SAID)


def test_a_book_names_its_sheets() -> None:
    content = book_of(FLAT, title="A1")
    assert us_book(content).titles == ("A1",)
    with pytest.raises(TariffFileError, match="A1"):
        read_us_workbook(content, "B2", options=SAID)


DAMAGE = st.tuples(st.integers(0, 10**6), st.binary(min_size=0, max_size=4))


@given(damage=st.lists(DAMAGE, min_size=1, max_size=3), in_csv=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_damaged_file_is_a_tariff_or_words(damage: list[tuple[int, bytes]], in_csv: bool) -> None:
    rows = [row("customer", 1), *FLAT, row("demand", 2, period="p")]
    content = csv_of(rows) if in_csv else book_of(rows)
    for place, wreck in damage:
        cut = place % (len(content) + 1)
        content = content[:cut] + wreck + content[cut + len(wreck) :]
    try:
        read_us_workbook(content, options=SAID)
    except WattplanError as error:
        assert error.say()
        assert error.say(Language.ZH)


CELLS = st.none() | st.integers(-2, 10**20) | st.floats() | st.text(max_size=6) | st.booleans()


@given(column=st.sampled_from(HEADINGS), value=CELLS)
@settings(max_examples=60, deadline=None)
def test_whatever_a_cell_holds_the_answer_is_a_tariff_or_words(column: str, value: Any) -> None:
    cells = row("demand", 2, period="p")
    cells[HEADINGS.index(column)] = value
    try:
        read_us_workbook(csv_of([*FLAT, cells]), options=SAID)
    except WattplanError as error:
        assert error.say()
        assert error.say(Language.ZH)


BOOK = REAL_DATA / "tariffs_wwtp_us" / "WWTP_Billing.xlsx"
GAPS = ("47000245002", "47000940001", "47000940002", "47001016001", "27000001001")


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.skipif(not BOOK.is_file(), reason="the optional real-data folder is absent")
def test_every_sheet_of_the_real_workbook_is_read_or_refused_by_name() -> None:
    refused: dict[str, str] = {}
    book = us_book(BOOK)
    for sheet in book.titles:
        try:
            assert read_us_workbook(book, sheet, options=SAID).tariff
        except WattplanError as error:
            refused[sheet] = error.say()
    assert len(book.titles) == 100
    assert set(refused) == {*GAPS, "39002093001", "13000012004"}
    assert all("have no energy row" in refused[sheet] for sheet in GAPS)
    assert "rows 4, 5, 6, 7 of the demand period 'maximum'" in refused["39002093001"]
    assert "row 2, month_start: https" in refused["13000012004"]
    for sheet in GAPS:
        assert read_us_workbook(book, sheet, options=replace(SAID, uncovered="free"))
