"""Read tariffs of US large customers from a workbook or CSV with one row per charge.

The format of the tariffs of US wastewater treatment plants: one sheet per plant; each row is a customer, energy or
demand charge with its window of months, weekdays (0 = Monday) and hours, and the limit from which it holds.

References
----------
Chapin, Bolorinos, Mauter (2024), Electricity and natural gas tariffs at United States wastewater treatment plants,
Scientific Data 11, 113: meaning of the columns.
"""

from datetime import date

from domain.files.clauses import ClauseBook, TariffFileError, TariffReading
from domain.files.sources import Source, name_of
from domain.files.us_workbook_cells import SheetRows, sheets_of
from domain.files.us_workbook_demand import demand_charges
from domain.files.us_workbook_energy import Uncovered, energy_charge
from domain.files.us_workbook_rows import ChargeRow, charge_rows, is_charge_sheet
from domain.files.week_tables import MONTHS
from domain.noun import noun
from domain.tariffs import FixedCharge, PurchaseMode, Status, Tariff
from domain.tariffs import Source as TariffSource
from domain.tariffs.charges import Charge
from domain.text import Text


@noun
class UsOptions:
    """What a sheet does not say of itself."""

    zone: str
    """IANA zone of the plant's clock."""
    valid_from: date
    """First day of validity."""
    country: str | None = "US"
    """Country of the tariff's calendar; the format's windows know weekdays only."""
    measurement_min: int = 15
    """Interval over which demand is averaged. [min]"""
    uncovered: Uncovered = "refuse"
    """What hours without an energy row mean."""
    absent: tuple[str, ...] = ()
    """Clauses that the contract does not have."""


@noun(eq=False)
class UsBook:
    """A workbook's tariffs as rows, read once for all of its sheets."""

    file: str
    sheets: tuple[SheetRows, ...]

    @property
    def titles(self) -> tuple[str, ...]:
        """Names of the sheets that hold a tariff."""
        return tuple(sheet.title for sheet in self.sheets)


def us_book(source: Source, name: str | None = None) -> UsBook:
    """Read the rows of every sheet that holds such a tariff.

    Raises
    ------
    TariffFileError, WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    file = name or name_of(source, "US tariff")
    return UsBook(file=file, sheets=tuple(sheet for sheet in sheets_of(source, file) if is_charge_sheet(sheet)))


def read_us_workbook(source: Source | UsBook, sheet: str | None = None, *, options: UsOptions) -> TariffReading:
    """Read one sheet as a tariff.

    Parameters
    ----------
    source : Path, bytes, str or UsBook
        A workbook, or the CSV of one sheet.
    sheet : str, optional
        Its name; None where the source holds one tariff only.
    options : UsOptions

    Raises
    ------
    UnpricedClauseError
        Naming every clause that cannot be priced, with its rows.
    TariffFileError
        If the sheet is not there, or a row is malformed.
    """
    source_book = source if isinstance(source, UsBook) else us_book(source)
    file, found = source_book.file, _chosen(source_book, sheet)
    book = ClauseBook(f"{file}, {found.title}", options.absent)
    rows = charge_rows(found, file, book)
    of_kind = {kind: [row for row in rows if row.kind == kind] for kind in ("customer", "energy", "demand")}
    energy = energy_charge(of_kind["energy"], options.uncovered, book)
    charges: list[Charge] = [*_fixed(of_kind["customer"]), *([] if energy is None else [energy])]
    charges += demand_charges(of_kind["demand"], options.measurement_min, book)
    book.must_be_priced()
    if of_kind["demand"]:
        over_min = options.measurement_min
        book.assume("demand", Text(en=f"demand is averaged over {over_min} minutes", zh=f"需量按 {over_min} 分钟平均"))
    holidays = Text(en="public holidays are billed like other days of their weekday", zh="公共假日按其所在星期几计费")
    book.assume("weekday_start", holidays)
    book.read(*(f"row {row.number}" for row in rows))
    tariff = Tariff(
        tariff_id=f"us-{found.title}",
        name=Text(en=f"US tariff {found.title}", zh=f"美国电价 {found.title}"),
        currency="USD",
        zone=options.zone,
        country=options.country,
        valid_from=options.valid_from,
        status=Status.TO_VERIFY,
        source=TariffSource(
            document=f"{file}, sheet {found.title}",
            issuer="not named in the file",
            note="Compiled from utilities' sheets by others; not compared with them. Riders are frozen at one date.",
        ),
        purchase_modes=(PurchaseMode.REGULATED,),
        prices_include_tax=False,
        charges=tuple(charges),
    )
    return book.reading(tariff, "us_workbook")


MOST_NAMED = 20


def _chosen(book: UsBook, name: str | None) -> SheetRows:
    wanted = [one for one in book.sheets if name is None or one.title == name]
    if len(wanted) == 1:
        return wanted[0]
    titles = book.titles
    listed = ", ".join(titles[:MOST_NAMED]) + (" …" if len(titles) > MOST_NAMED else "") or "∅"
    problem = (
        Text(en=f"has {len(titles)} tariffs: {listed}", zh=f"含 {len(titles)} 份电价：{listed}")
        if name is None
        else Text(en=f"has no tariff {name!r}; there are {listed}", zh=f"没有电价 {name!r}，现有 {listed}")
    )
    mend = Text(en="Name one sheet.", zh="请指定一个工作表。")
    raise TariffFileError(file=book.file, field="sheet", problem=problem, mend=mend)


def _fixed(rows: list[ChargeRow]) -> list[FixedCharge]:
    found = []
    for number, row in enumerate(rows, start=1):
        months = tuple(month + 1 for month in range(MONTHS) if row.window[month].any())
        found.append(
            FixedCharge(
                charge_id="customer" if number == 1 else f"customer_{number}",
                label=Text(en="Customer charge", zh="固定电费"),
                amount_per_month=row.price,
                months=() if len(months) == MONTHS else months,
            )
        )
    return found
