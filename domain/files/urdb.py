"""Read tariffs of the U.S. Utility Rate Database (URDB, JSON) that can be priced in full.

Narrow on purpose: one tier per period, fixed charges of the first meter, flat demand by month, demand by
time of use. Every other clause that asks for money refuses the file, all of them named at once.

References
----------
OpenEI, U.S. Utility Rate Database, rate format version 3 and the older spellings of its fields.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.files.clauses import CLAUSE_ASSUMED, CLAUSE_IGNORED, TariffFileError, UnpricedClauseError, shorten
from domain.files.urdb_clauses import unpriced_clauses, used_periods
from domain.files.urdb_fields import METADATA, UrdbRecord, read_record
from domain.files.urdb_schedules import band_calendar, band_name
from domain.findings import Finding
from domain.noun import noun
from domain.tariffs import DemandCharge, EnergyCharge, FixedCharge, PurchaseMode, Source, Status, Tariff
from domain.tariffs.charges import MEASUREMENT_MIN, Charge
from domain.text import Text

DEFAULT_WINDOW_MIN = 15
DEMAND = Text(en="Demand", zh="需量电费")


@noun
class UrdbReading:
    """A tariff read from URDB, which of its fields made it, and what was left out or assumed."""

    tariff: Tariff
    read: tuple[str, ...]
    """Fields that the tariff is made of."""
    ignored: tuple[Finding, ...]
    """Fields without money, and assumptions where the format is silent."""


def read_urdb(
    source: Path | bytes, *, zone: str, country: str | None = "US", valid_from: date | None = None
) -> UrdbReading:
    """Read one URDB rate as a tariff.

    Parameters
    ----------
    source : Path or bytes
        The rate as JSON: the record itself, or the API's answer with one item.
    zone : str
        IANA zone of the utility; URDB does not name it.
    country : str, optional
        Country of the tariff's calendar. URDB's schedules know weekdays and weekends only.
    valid_from : date, optional
        First day of validity; None: the rate's own start date (UTC).

    Raises
    ------
    UnpricedClauseError
        Naming every clause that asks for money and cannot be priced.
    TariffFileError
        If the file is not a URDB rate or has no energy prices or no start date.
    """
    record = read_record(source)
    clauses = unpriced_clauses(record)
    if clauses:
        raise UnpricedClauseError(file=record.file, clauses=clauses)
    findings: list[Finding] = []
    charges: list[Charge] = [*_fixed(record), _energy(record)]
    charges += _flat_demand(record, findings)
    charges += _tou_demand(record)
    name = f"{record.text('utility')} {record.text('name')}".strip() or record.file
    starts_on, ends_before = _validity(record, valid_from)
    tariff = Tariff(
        tariff_id=f"urdb-{record.text('label') or record.file}",
        name=Text(en=name, zh=name),
        currency="USD",
        zone=zone,
        country=country,
        valid_from=starts_on,
        valid_until=ends_before,
        status=Status.TO_VERIFY,
        source=Source(
            document=record.text("sourcereference") or record.text("source") or record.file,
            issuer=record.text("utility") or "URDB",
            note="Read from the U.S. Utility Rate Database; not compared with the utility's document.",
        ),
        purchase_modes=(PurchaseMode.REGULATED,),
        prices_include_tax=False,
        charges=tuple(charges),
    )
    return UrdbReading(tariff=tariff, read=_read_fields(record), ignored=(*findings, *_ignored(record)))


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


def _fixed(record: UrdbRecord) -> tuple[FixedCharge, ...]:
    old, first = record.number("fixedmonthlycharge"), record.number("fixedchargefirstmeter")
    per_day = (record.text("fixedchargeunits") or "$/month") == "$/day"
    amount = first if first is not None else old
    if not amount:
        return ()
    return (
        FixedCharge(
            charge_id="fixed",
            label=Text(en="Customer charge", zh="固定电费"),
            amount_per_month=Decimal(0) if first is not None and per_day else amount,
            amount_per_day=amount if first is not None and per_day else Decimal(0),
        ),
    )


def _price(tier: Mapping[str, Any]) -> Decimal:
    return Decimal(str(tier.get("rate") or 0)) + Decimal(str(tier.get("adj") or 0))


def _energy(record: UrdbRecord) -> EnergyCharge:
    structure = record.structure("energyratestructure")
    weekday, weekend = record.schedule("energyweekdayschedule"), record.schedule("energyweekendschedule")
    return EnergyCharge(
        charge_id="energy",
        label=Text(en="Energy", zh="电度电费"),
        calendar=band_calendar(weekday, weekend),
        band_prices={band_name(period): _price(structure[period][0]) for period in used_periods(weekday, weekend)},
    )


def _window_min(record: UrdbRecord) -> int:
    given = record.number("demandwindow")
    return DEFAULT_WINDOW_MIN if given is None else int(given)


def _flat_demand(record: UrdbRecord, findings: list[Finding]) -> list[DemandCharge]:
    if (record.has("flatdemandstructure") or record.has("demandratestructure")) and not record.has("demandwindow"):
        findings.append(
            CLAUSE_ASSUMED.at(
                field="demandwindow",
                why_en=f"demand is averaged over {DEFAULT_WINDOW_MIN} minutes (one of {MEASUREMENT_MIN})",
                why_zh=f"需量按 {DEFAULT_WINDOW_MIN} 分钟平均（可选 {MEASUREMENT_MIN}）",
            )
        )
    if not record.has("flatdemandstructure"):
        return []
    structure, months = record.structure("flatdemandstructure"), record.months("flatdemandmonths")
    charges = []
    for period in sorted(set(months)):
        price = _price(structure[period][0])
        held = tuple(month + 1 for month, here in enumerate(months) if here == period)
        if price:
            charges.append(
                DemandCharge(
                    charge_id=f"flat_demand_{period}",
                    label=DEMAND,
                    price_per_kw_month=price,
                    months=() if len(held) == len(months) else held,
                    measurement_min=_window_min(record),
                    floor_share=Decimal(0),
                )
            )
    return charges


def _tou_demand(record: UrdbRecord) -> list[DemandCharge]:
    if not record.has("demandratestructure"):
        return []
    structure = record.structure("demandratestructure")
    weekday, weekend = record.schedule("demandweekdayschedule"), record.schedule("demandweekendschedule")
    calendar = band_calendar(weekday, weekend)
    charges = []
    for period in used_periods(weekday, weekend):
        price = _price(structure[period][0])
        held = tuple(
            month + 1 for month, rows in enumerate(zip(weekday, weekend, strict=True)) if period in rows[0] + rows[1]
        )
        if price:
            charges.append(
                DemandCharge(
                    charge_id=f"tou_demand_{period}",
                    label=Text(en=f"Demand in {band_name(period)}", zh=f"{band_name(period)} 时段需量电费"),
                    price_per_kw_month=price,
                    calendar=calendar,
                    bands=(band_name(period),),
                    months=() if len(held) == len(weekday) else held,
                    measurement_min=_window_min(record),
                    floor_share=Decimal(0),
                )
            )
    return charges


def _read_fields(record: UrdbRecord) -> tuple[str, ...]:
    return tuple(sorted(spelt for field, spelt in record.spelling.items() if field not in METADATA))


def _ignored(record: UrdbRecord) -> tuple[Finding, ...]:
    left_out = [
        CLAUSE_IGNORED.at(
            field=spelt, value=shorten(record.fields[field]), why_en=METADATA[field].en, why_zh=METADATA[field].zh
        )
        for field, spelt in sorted(record.spelling.items())
        if field in METADATA
    ]
    holidays = CLAUSE_ASSUMED.at(
        field="energyweekendschedule",
        why_en="public holidays are billed like other days of their weekday",
        why_zh="公共假日按其所在星期几计费",
    )
    return (holidays, *left_out)
