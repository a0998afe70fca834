"""Read tariffs of the U.S. Utility Rate Database (URDB, JSON), versions 3 to 8.

Energy by period with tiers, flat and time-of-use demand with tiers, ratchets, charges at the grid's peaks,
reactive demand, fuel adjustments, fixed charges, minimum bills, pay for energy fed in. Whatever else asks for
money, and whatever the format leaves open between readings that differ, refuses the file, all of it named at once.

References
----------
OpenEI, U.S. Utility Rate Database, rate formats 3 to 8 and the older spellings of their fields.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.files import urdb_amounts, urdb_clauses, urdb_demand, urdb_energy
from domain.files.clauses import ClauseBook, TariffFileError, TariffReading
from domain.files.sources import Source
from domain.files.urdb_fields import UrdbRecord, read_record
from domain.files.urdb_options import UrdbOptions
from domain.files.urdb_ratchets import ratchets
from domain.tariffs import DemandCharge, PurchaseMode, Status, Tariff
from domain.tariffs import Source as TariffSource
from domain.tariffs.charges import Charge
from domain.text import Text

USUAL = UrdbOptions()


def read_urdb(
    source: Source,
    *,
    zone: str,
    country: str | None = "US",
    valid_from: date | None = None,
    options: UrdbOptions = USUAL,
) -> TariffReading:
    """Read one URDB rate as a tariff.

    Parameters
    ----------
    source : Path, bytes or str
        The rate as JSON: the record itself, or the API's answer with one item.
    zone : str
        IANA zone of the utility; URDB does not name it.
    country : str, optional
        Country of the tariff's calendar. URDB's schedules know weekdays and weekends only.
    valid_from : date, optional
        First day of validity; None: the rate's own start date (UTC).
    options : UrdbOptions, optional
        How the rate's silence is read.

    Raises
    ------
    UnpricedClauseError
        Naming every clause that asks for money and cannot be priced.
    TariffFileError
        If the file is not a URDB rate or has no energy prices or no start date.
    """
    record = read_record(source)
    book = ClauseBook(record.file, options.absent)
    urdb_clauses.unknown_fields(record, book)
    urdb_clauses.extras(record, book)
    charges = _charges(record, options, book)
    starts_on, ends_before = _validity(record, valid_from)
    book.must_be_priced()
    why = Text(en="public holidays are billed like other days of their weekday", zh="公共假日按其所在星期几计费")
    book.assume("energyweekendschedule", why)
    name = f"{record.text('utility')} {record.text('name')}".strip() or record.file
    tariff = Tariff(
        tariff_id=f"urdb-{record.text('label') or record.file}",
        name=Text(en=name, zh=name),
        currency="USD",
        zone=zone,
        country=country,
        valid_from=starts_on,
        valid_until=ends_before,
        status=Status.TO_VERIFY,
        source=_source(record),
        purchase_modes=(PurchaseMode.REGULATED,),
        prices_include_tax=False,
        charges=tuple(charges),
    )
    return book.reading(tariff, "urdb")


def _charges(record: UrdbRecord, options: UrdbOptions, book: ClauseBook) -> list[Charge]:
    measurement_min = urdb_demand.window_min(record, book)
    flat = urdb_demand.flat_demand(record, ratchets(record, options, book), measurement_min, book)
    widening, demand_id = _widening_demand(record, flat, measurement_min, book)
    energy = urdb_energy.energy_charge(record, options, demand_id, book)
    charges: list[Charge] = [*urdb_amounts.fixed(record, book), *([] if energy is None else [energy])]
    charges += urdb_energy.fuel_adjustments(record, book)
    charges += widening
    charges += flat
    charges += urdb_demand.tou_demand(record, measurement_min, book)
    charges += urdb_demand.coincident(record, book)
    charges += urdb_demand.reactive(record, measurement_min, book)
    if energy is not None:
        charges += urdb_energy.export_credit(record, options, energy.calendar, book)
    charges += urdb_amounts.minimum(record, book)
    urdb_clauses.without_effect(record, book, read=book.fields_read)
    return charges


def _widening_demand(
    record: UrdbRecord, flat: list[DemandCharge], measurement_min: int, book: ClauseBook
) -> tuple[list[DemandCharge], str]:
    """Give the charge whose kW widen tiers in kWh per kW, where there are such tiers."""
    if not urdb_energy.per_kw(record):
        return [], urdb_energy.BILLING_DEMAND
    whole_year = [one for one in flat if not one.months and one.levied == "month" and one.measured_as == "kw"]
    if len(flat) == 1 and whole_year:
        why = Text(en="kWh per kW of the flat demand", zh="每千瓦时数按统一需量计算")
        book.assume(urdb_energy.FIELD, why)
        return [], flat[0].charge_id
    why = Text(en="kWh per kW of the month's highest demand over all hours", zh="每千瓦时数按当月全时段最大需量计算")
    book.assume(urdb_energy.FIELD, why)
    return [urdb_energy.billing_demand(measurement_min)], urdb_energy.BILLING_DEMAND


def _validity(record: UrdbRecord, valid_from: date | None) -> tuple[date, date | None]:
    """Give the first day and the day after the last; URDB's end date is the last day."""
    starts = record.number("startdate")
    if valid_from is None and starts is None:
        raise TariffFileError(
            file=record.file,
            field="startdate",
            problem=Text(en="is missing", zh="缺失"),
            mend=Text(en="Give valid_from.", zh="请给出 valid_from。"),
        )
    ends = record.number("enddate")
    last = None if ends is None else _day(record, "enddate", ends) + timedelta(days=1)
    return valid_from or _day(record, "startdate", starts or Decimal(0)), last


def _day(record: UrdbRecord, field: str, seconds: Decimal) -> date:
    try:
        return datetime.fromtimestamp(float(seconds), UTC).date()
    except (OverflowError, ValueError, OSError) as error:
        raise record.wrong(field, Text(en="is no time in seconds since 1970", zh="不是 1970 年以来的秒数")) from error


def _source(record: UrdbRecord) -> TariffSource:
    revised = _last_revision(record)
    approved = record.text("approved") or "unsaid"
    return TariffSource(
        document=record.text("sourcereference") or record.text("source") or record.file,
        issuer=record.text("utility") or "URDB",
        note="Read from the U.S. Utility Rate Database"
        + (f", record of {revised}" if revised else "")
        + f", approved: {approved}; not compared with the utility's document. Riders are often missing.",
    )


def _last_revision(record: UrdbRecord) -> date | None:
    given = record.fields.get("revisions")
    last = given[-1] if isinstance(given, list) and given else None
    if isinstance(last, dict) and isinstance(last.get("date"), dict):
        text = str(last["date"].get("$date", ""))[:10]
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    if isinstance(last, int | float):
        try:
            return datetime.fromtimestamp(float(last), UTC).date()
        except (OverflowError, ValueError, OSError):
            return None
    return None
