"""One door for tariffs in whatever file they come: it tells the format and calls its reader."""

import json
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Literal

from domain.errors import WattplanError
from domain.files.agency_sheet import AgencyOptions, BillBy, agency_rows, read_agency_sheet
from domain.files.agency_sheet_rule import BandRuleRecord
from domain.files.agency_sheet_table import agency_tables
from domain.files.clauses import SourceFormat, TariffOptionMissingError, TariffReading
from domain.files.sources import Source, bytes_of, name_of
from domain.files.taipower import TaipowerOptions, read_taipower, taipower_plans
from domain.files.taipower_plan import is_book
from domain.files.tariff_files import read_any_of_ours
from domain.files.urdb import read_urdb
from domain.files.urdb_fields import is_rate
from domain.files.urdb_options import ExportAs, RatchetBy, TiersCount, UrdbOptions
from domain.files.us_workbook import UsOptions, read_us_workbook, us_book
from domain.files.us_workbook_energy import Uncovered
from domain.files.xlsx_book import BOOK_MB, ZIP_START
from domain.files.yaml_text import read_yaml
from domain.noun import noun
from domain.tariffs.charges import PowerFactorStandard
from domain.text import Text

OURS = ("tariff", "tariff_versions")


class TariffFormatUnknownError(WattplanError):
    """A file is a tariff in none of the formats that are read."""

    code = "tariff_format_unknown"
    words = Text(
        en="{file} is a tariff in none of the known formats ({looked}). Known are: our own YAML (top key tariff or "
        "tariff_versions), URDB JSON (energyratestructure), Taipower plans.json (plans, definitions), a US workbook or CSV "
        "(columns utility, type, month_start …), and the price table of a Chinese grid agency as published (a column for the voltage level).",
        zh="{file} 不属于任何可读取的电价格式（{looked}）。可读取：本程序 YAML（顶层键 tariff 或 tariff_versions）、"
        "URDB JSON（energyratestructure）、台电 plans.json（plans、definitions）、美国大用户工作簿或 CSV"
        "（列 utility、type、month_start 等）、代理购电价格表（含“电压等级”列）。",
    )


@noun
class ImportOptions:
    """What a file does not say of itself; each format uses those it needs and refuses where one is missing."""

    part: str | None = None
    """Which of a file's tariffs: a Taipower plan, a workbook's sheet, a row such as two_part/1_20kv."""
    zone: str | None = None
    """IANA zone (URDB, US workbook)."""
    country: str | None = None
    """Country of the calendar (URDB, US workbook); None: US."""
    valid_from: date | None = None
    """First day of validity (US workbook; others where the file does not say it)."""
    valid_until: date | None = None
    """First day on which it no longer holds (agency sheet)."""
    absent: tuple[str, ...] = ()
    """Clauses that the contract does not have, by the name under which the refusal gives them."""
    tiers_count: TiersCount = "month_total"
    """URDB: whether energy tiers count all of the month's kWh or each period's."""
    ratchet_by: RatchetBy | None = None
    """URDB: what a ratchet percentage by month belongs to."""
    export: ExportAs = "ignore"
    """URDB: whether ``sell`` prices become pay for energy fed in."""
    uncovered: Uncovered = "refuse"
    """US workbook: what hours without an energy row mean."""
    measurement_min: int = 15
    """US workbook: interval over which demand is averaged. [min]"""
    contract_kw: dict[str, Decimal] = field(default_factory=dict)
    """Taipower: agreed kW by the contract's label. [kW]"""
    household: str | None = None
    """Taipower: which fee per customer, where there are several."""
    band_rule: BandRuleRecord | None = None
    """Agency sheet: the province's bands, factors and floating parts."""
    bill_by: BillBy | None = None
    """Agency sheet: how a two-part customer's basic charge is billed."""
    over_rule: Literal["actual_plus_double", "contract_plus_double"] = "actual_plus_double"
    """Agency sheet: which reading of the 105 % rule."""
    power_factor: PowerFactorStandard | None = None
    """Agency sheet: standard of the power-factor adjustment."""
    purchase_factor: Decimal = Decimal(1)
    """Agency sheet: times the purchase price, 1.5 for some. [-]"""
    split_prices_per_kwh: dict[str, Decimal] = field(default_factory=dict)
    """Agency sheet: narrower parts that stand outside the table. [yuan / kWh]"""
    sheet: str | None = None
    """Agency sheet: which sheet of a workbook, where several hold such a table."""


def read_any_tariff(source: Source, options: ImportOptions | None = None, *, name: str | None = None) -> TariffReading:
    """Read a tariff from a file of any known format.

    Parameters
    ----------
    source : Path, bytes or str
        A ``str`` is the text itself, not a path.
    options : ImportOptions, optional
        What the file does not say of itself.
    name : str, optional
        Name of the file for messages, where the source is none.

    Raises
    ------
    TariffFormatUnknownError
        Naming the formats that were looked for.
    TariffOptionMissingError
        Naming an option that the format needs, with its choices.
    UnpricedClauseError
        Naming every clause that asks for money and cannot be priced.
    TariffFileError, DocumentError, YamlTextError, WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    told = options or ImportOptions()
    file = name or name_of(source, "tariff")
    match format_of(source, name=name):
        case "urdb":
            return _urdb(source, told, file)
        case "taipower":
            return _taipower(source, told, file)
        case "us_workbook":
            return _us_workbook(source, told, file)
        case "agency_sheet":
            return _agency(source, told, file)
        case "wattplan":
            return TariffReading(tariff=read_any_of_ours(source), source_format="wattplan", read=OURS)


def parts_of(source: Source, *, name: str | None = None, sheet: str | None = None) -> tuple[str, ...]:
    """Name the tariffs that a file holds, as ``ImportOptions.part`` takes them; () where it holds just one.

    Raises
    ------
    TariffFormatUnknownError, TariffFileError, WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    match format_of(source, name=name):
        case "taipower":
            return taipower_plans(source)
        case "us_workbook":
            return us_book(source, name).titles
        case "agency_sheet":
            return agency_rows(source, name, sheet)
        case _:
            return ()


def format_of(source: Source, *, name: str | None = None) -> SourceFormat:
    """Tell a file's format by what it holds, not by its name.

    Raises
    ------
    TariffFormatUnknownError, WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    file = name or name_of(source, "tariff")
    content = bytes_of(source, name=file, limit_mb=BOOK_MB)
    if content.startswith(ZIP_START):
        return _of_table(content, file, "a workbook without such a sheet")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _of_json(content, file)
    try:
        return _of_table(content, file, "a table without such columns")
    except TariffFormatUnknownError:
        return _of_yaml(content, file)


def _of_json(content: bytes, file: str) -> SourceFormat:
    try:
        plain = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise TariffFormatUnknownError(file=file, looked=f"broken JSON: {error}") from error
    if is_book(plain):
        return "taipower"
    if is_rate(plain):
        return "urdb"
    if isinstance(plain, dict) and len(plain) == 1 and next(iter(plain)) in OURS:
        return "wattplan"
    raise TariffFormatUnknownError(file=file, looked="JSON of another kind")


def _of_yaml(content: bytes, file: str) -> SourceFormat:
    first = content.decode("utf-8", errors="replace").lstrip("\ufeff \r\n")
    if first.startswith(tuple(f"{key}:" for key in OURS)):
        return "wattplan"  # its reader says what else is wrong with it
    try:
        plain = read_yaml(content, where=file)
    except WattplanError as error:
        raise TariffFormatUnknownError(file=file, looked="neither table nor YAML") from error
    keys = ", ".join(map(str, plain))[:60] if isinstance(plain, dict) else type(plain).__name__
    if isinstance(plain, dict) and any(key in OURS for key in plain):
        return "wattplan"
    raise TariffFormatUnknownError(file=file, looked=f"YAML of {keys}")


def _of_table(content: bytes, file: str, looked: str) -> SourceFormat:
    if _holds_agency_table(content, file):
        return "agency_sheet"
    try:
        if us_book(content, file).sheets:
            return "us_workbook"
    except ValueError:  # a table of another kind, or a text that is no table
        pass
    raise TariffFormatUnknownError(file=file, looked=looked)


def _holds_agency_table(content: bytes, file: str) -> bool:
    try:
        return bool(agency_tables(content, file))
    except ValueError:  # such a table, with something in it that its reader will name
        return True


def _missing(file: str, option: str, why: Text, choices: str) -> TariffOptionMissingError:
    return TariffOptionMissingError(file=file, option=option, why=why, choices=choices)


def _zone(told: ImportOptions, file: str) -> str:
    if told.zone is None:
        why = Text(en="the format names no clock", zh="该格式未注明时区")
        raise _missing(file, "zone", why, "an IANA zone such as America/New_York")
    return told.zone


def _part(told: ImportOptions, file: str, parts: tuple[str, ...]) -> str:
    if told.part is not None:
        return told.part
    if len(parts) == 1:
        return parts[0]
    why = Text(en=f"the file holds {len(parts)} tariffs", zh=f"文件含 {len(parts)} 份电价")
    raise _missing(file, "part", why, ", ".join(parts) or "∅")


def _urdb(source: Source, told: ImportOptions, file: str) -> TariffReading:
    options = UrdbOptions(
        absent=told.absent, tiers_count=told.tiers_count, ratchet_by=told.ratchet_by, export=told.export
    )
    zone, country = _zone(told, file), told.country or "US"
    return read_urdb(source, zone=zone, country=country, valid_from=told.valid_from, options=options)


def _taipower(source: Source, told: ImportOptions, file: str) -> TariffReading:
    options = TaipowerOptions(contract_kw=told.contract_kw, household=told.household, absent=told.absent)
    return read_taipower(source, _part(told, file, taipower_plans(source)), options=options)


def _us_workbook(source: Source, told: ImportOptions, file: str) -> TariffReading:
    book = us_book(source, file)
    part, zone = _part(told, file, book.titles), _zone(told, file)
    if told.valid_from is None:
        why = Text(en="the format names no first day", zh="该格式未注明起始日")
        raise _missing(file, "valid_from", why, "a day such as 2026-01-01")
    options = UsOptions(
        zone=zone,
        valid_from=told.valid_from,
        country=told.country or "US",
        measurement_min=told.measurement_min,
        uncovered=told.uncovered,
        absent=told.absent,
    )
    return read_us_workbook(book, part, options=options)


def _agency(source: Source, told: ImportOptions, file: str) -> TariffReading:
    if told.band_rule is None:
        why = Text(
            en="the sheet prints no hours and no factors; they are the province's rule",
            zh="表中没有时段与浮动比例，须由各省规则给出",
        )
        raise _missing(file, "band_rule", why, "a band_rule file, or a tariff of the catalogue")
    options = AgencyOptions(
        rule=told.band_rule,
        bill_by=told.bill_by,
        over_rule=told.over_rule,
        power_factor=told.power_factor,
        purchase_factor=told.purchase_factor,
        split_prices_per_kwh=told.split_prices_per_kwh,
        sheet=told.sheet,
        valid_from=told.valid_from,
        valid_until=told.valid_until,
    )
    part = _part(told, file, agency_rows(source, file, told.sheet))
    return read_agency_sheet(source, part, options, name=file)
