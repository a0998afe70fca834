"""Read a Chinese monthly agency-purchase price sheet (代理购电工商业用户电价表) as a tariff.

The sheet prints, by structure and voltage, the parts of the energy price, the prices by band that follow from them,
and the demand and capacity prices. Which parts float, with which factors, in which hours, is the province's rule and
comes from a record; the printed band prices are then a check on both.
"""

from collections.abc import Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Literal

from domain import checks
from domain.files.agency_sheet_parts import check_prices, components_of
from domain.files.agency_sheet_rule import BandRuleRecord
from domain.files.agency_sheet_table import AgencyRow, AgencyTable, agency_tables, say_left_out
from domain.files.agency_sheet_words import (
    BAND_COLUMNS,
    CAPACITY,
    DEMAND,
    PART_OF,
    STRUCTURE_NAMES,
    documents_in,
    rebate_in,
    validity_in,
)
from domain.files.clauses import ClauseBook, TariffFileError, TariffOptionMissingError, TariffReading
from domain.files.sources import Source
from domain.noun import noun
from domain.tariffs import (
    CapacityCharge,
    DemandCharge,
    EnergyCharge,
    PowerFactorCharge,
    PurchaseMode,
    Status,
    Tariff,
    UsageRebateCharge,
)
from domain.tariffs import Source as TariffSource
from domain.tariffs.charges import ZERO, Charge, OverRule, PowerFactorStandard
from domain.text import Text

BillBy = Literal["capacity", "actual_demand", "contract_demand"]
ZONE, COUNTRY, CURRENCY = "Asia/Shanghai", "CN", "CNY"


@noun
class AgencyOptions:
    """What a sheet does not say: the province's rule and the customer's choices."""

    rule: BandRuleRecord
    bill_by: BillBy | None = None
    """How a two-part customer's basic charge is billed."""
    over_rule: Literal["actual_plus_double", "contract_plus_double"] = "actual_plus_double"
    """Which reading of the 105 % rule holds, for ``contract_demand``."""
    power_factor: PowerFactorStandard | None = None
    """Standard of the power-factor adjustment; None: it is left out, aloud."""
    purchase_factor: Decimal = Decimal(1)
    """Times the agency purchase price: 1.5 for users who left the market and others (发改办价格〔2021〕809号). [-]"""
    split_prices_per_kwh: dict[str, Decimal] = field(default_factory=dict)
    """Narrower parts that the sheet gives in another table or in a note, by key, such as coal_capacity.
    [yuan / kWh]"""
    sheet: str | None = None
    """Which sheet of a workbook, where several hold such a table."""
    valid_from: date | None = None
    """First day, where the sheet does not say it."""
    valid_until: date | None = None

    def __post_init__(self) -> None:
        checks.positive(self, "purchase_factor", float(self.purchase_factor))
        for key in self.split_prices_per_kwh:
            checks.known(self, "split_prices_per_kwh", key, [one for one, part in PART_OF.items() if part.parent])


def agency_rows(source: Source, name: str | None = None, sheet: str | None = None) -> tuple[str, ...]:
    """Name the rows of a sheet, such as ``two_part/1_20kv``; () where the source holds no such sheet.

    Raises
    ------
    TariffFileError, WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    tables = agency_tables(source, name)
    return tuple(row.part for row in _one_table(tables, sheet, "").rows) if tables else ()


def read_agency_sheet(
    source: Source, part: str | None, options: AgencyOptions, *, name: str | None = None
) -> TariffReading:
    """Read one row of a sheet as a tariff of its month.

    Parameters
    ----------
    source : Path, bytes or str
        XLSX, or CSV in UTF-8 or GB 18030.
    part : str, optional
        Structure and voltage, such as ``two_part/1_20kv``; None where the sheet has one row.
    options : AgencyOptions

    Raises
    ------
    UnpricedClauseError
        Naming what the rule floats and nobody prices, and printed bands that the rule does not have.
    TariffOptionMissingError
        If a choice of the customer is not given.
    TariffFileError
        If there is no such table or row, or a number or unit cannot be read.
    """
    tables = agency_tables(source, name)
    table = _one_table(tables, options.sheet, name or "agency sheet")
    row = _one_row(table, part)
    book = ClauseBook(f"{table.file}, {table.title}")
    rule = options.rule
    first, stop = _validity(table, options)
    _must_hold(rule, first, stop, table)
    components = components_of(row, rule, options.split_prices_per_kwh, options.purchase_factor, book)
    decimals = max(
        (one.decimals[key] for one in table.rows for key in one.decimals if key in BAND_COLUMNS), default=None
    )
    plain_parts = components_of(row, rule, options.split_prices_per_kwh, Decimal(1), ClauseBook(table.file))
    most = max((row.decimals[key] for key in row.decimals if key not in (DEMAND, CAPACITY)), default=0)
    check_prices(row, plain_parts, rule, most if decimals is None else decimals, book)
    basic = _basic(row, table, options, book)
    book.must_be_priced()
    say_left_out(table, book)
    _say_assumptions(row, options, book)
    book.read(f"row {row.number}", *row.prices, "validity")
    energy = EnergyCharge(
        charge_id="energy",
        label=Text(en="Energy by band", zh="分时电度电费"),
        calendar=rule.calendar,
        components=components,
        factors=rule.factors_for(row.structure),
        price_decimals=decimals,
    )
    charges: list[Charge] = [energy, *basic]
    if options.power_factor is not None:
        label = Text(en="Power-factor adjustment", zh="功率因数调整电费")
        charges.append(PowerFactorCharge(charge_id="power_factor", label=label, standard=options.power_factor))
    tariff = _tariff(row, table, options, (first, stop), charges)
    return book.reading(tariff, "agency_sheet")


def _tariff(
    row: AgencyRow, table: AgencyTable, options: AgencyOptions, validity: tuple[date, date], charges: Sequence[Charge]
) -> Tariff:
    rule, (first, stop) = options.rule, validity
    structure = STRUCTURE_NAMES[row.structure]
    by = "" if options.bill_by is None or row.structure != "two_part" else f"-{options.bill_by}"
    times = "" if options.purchase_factor == 1 else f"-x{options.purchase_factor.normalize():f}"
    documents = documents_in(table.around)
    return Tariff(
        tariff_id=f"{rule.rule_id}-{row.part.replace('/', '-')}{by}{times}-{first:%Y-%m}",
        name=Text(
            en=f"{rule.name.en}: {structure.en}, {row.voltage}, {first:%Y-%m}",
            zh=f"{rule.name.zh}：{structure.zh}，{row.voltage}，{first:%Y年%m月}",
        ),
        currency=CURRENCY,
        zone=ZONE,
        country=rule.country,
        subdivision=rule.subdivision,
        valid_from=first,
        valid_until=stop,
        status=Status.TO_VERIFY if rule.status == Status.TO_VERIFY else Status.COMPILED,
        source=TariffSource(
            document="；".join(documents) or rule.source.document,
            issuer=rule.source.issuer,
            note=f"Prices of {table.file}, sheet {table.title}, row {row.number}; bands of {rule.source.document}.",
        ),
        purchase_modes=(PurchaseMode.GRID_AGENCY,),
        government_tou=True,
        day_flags=rule.day_flags,
        charges=tuple(charges),
    )


def _one_table(tables: Sequence[AgencyTable], sheet: str | None, file: str) -> AgencyTable:
    wanted = [one for one in tables if sheet is None or one.title == sheet]
    if len(wanted) == 1:
        return wanted[0]
    listed = ", ".join(one.title for one in tables) or "∅"
    problem = Text(
        en=f"holds not one price table of that name; tables are in {listed}",
        zh=f"未唯一找到价格表，含表的工作表：{listed}",
    )
    mend = Text(en="Name the sheet.", zh="请指定工作表。")
    raise TariffFileError(file=wanted[0].file if wanted else file, field="sheet", problem=problem, mend=mend)


def _one_row(table: AgencyTable, part: str | None) -> AgencyRow:
    wanted = [row for row in table.rows if part is None or row.part == part]
    if len(wanted) == 1:
        return wanted[0]
    listed = ", ".join(row.part for row in table.rows) or "∅"
    problem = Text(
        en=f"has not one row {part or ''}; there are {listed}", zh=f"未唯一找到行 {part or ''}，现有 {listed}"
    )
    mend = Text(en="Name structure and voltage.", zh="请指定单一制/两部制与电压等级。")
    raise TariffFileError(file=table.file, field=table.title, problem=problem, mend=mend)


def _validity(table: AgencyTable, options: AgencyOptions) -> tuple[date, date]:
    found = validity_in(table.around)
    first = options.valid_from or (found[0] if found else None)
    stop = options.valid_until or (found[1] if found else None)
    if first is None or stop is None or stop <= first:
        problem = Text(en="names no month in which it holds", zh="未注明执行月份")
        mend = Text(en="Give valid_from and valid_until.", zh="请给出 valid_from 与 valid_until。")
        raise TariffFileError(file=table.file, field=table.title, problem=problem, mend=mend)
    return first, stop


def _must_hold(rule: BandRuleRecord, first: date, stop: date, table: AgencyTable) -> None:
    if first < rule.valid_from or (rule.valid_until is not None and stop > rule.valid_until):
        problem = Text(
            en=f"holds {first} … {stop}, rule {rule.rule_id} {rule.valid_from} … {rule.valid_until or '…'}",
            zh=f"执行期 {first} … {stop}，规则 {rule.rule_id} 有效期 {rule.valid_from} … {rule.valid_until or '…'}",
        )
        mend = Text(en="Give the rule of that month.", zh="请提供该月适用的规则。")
        raise TariffFileError(file=table.file, field=table.title, problem=problem, mend=mend)


def _basic(row: AgencyRow, table: AgencyTable, options: AgencyOptions, book: ClauseBook) -> list[Charge]:
    """Give the demand or capacity charge of a two-part customer."""
    if row.structure != "two_part":
        return []
    if options.bill_by is None:
        why = Text(en="a two-part customer is billed by one of them", zh="两部制用户须选择其一")
        raise TariffOptionMissingError(
            file=table.file, option="bill_by", why=why, choices="capacity, actual_demand, contract_demand"
        )
    column = CAPACITY if options.bill_by == "capacity" else DEMAND
    price = row.prices.get(column)
    if price is None:
        what = Text(en=f"row {row.number} prints no {column} price", zh=f"第 {row.number} 行未公布该项价格")
        book.refuse(column, what, essential=True)
        return []
    if options.bill_by == "capacity":
        return [
            CapacityCharge(
                charge_id="capacity", label=Text(en="Transformer capacity", zh="容量电费"), price_per_kva_month=price
            )
        ]
    by_contract = options.bill_by == "contract_demand"
    rule: OverRule = options.over_rule
    demand = DemandCharge(
        charge_id="demand",
        label=Text(en="Maximum demand", zh="需量电费"),
        price_per_kw_month=price,
        basis="contract" if by_contract else "actual",
        over_rule=rule,
        floor_share=Decimal("0.40") if by_contract else ZERO,
    )
    return [demand, *_rebate(table, book)]


def _rebate(table: AgencyTable, book: ClauseBook) -> list[UsageRebateCharge]:
    found = rebate_in(table.around)
    if found is None:
        return []
    from_kwh, share = found
    why = Text(
        en=f"the note on {from_kwh:f} kWh per kVA waives {1 - share:.0%} of the demand charge of such a month",
        zh=f"按注释：月每千伏安用电量达到 {from_kwh:f} 千瓦时，需量电费减免 {1 - share:.0%}",
    )
    book.assume("notes", why)
    return [
        UsageRebateCharge(
            charge_id="usage_rebate",
            label=Text(en="Rebate for high use", zh="利用率优惠"),
            of=("demand",),
            from_kwh_per_kva=from_kwh,
            rebate_share=1 - share,
        )
    ]


def _say_assumptions(row: AgencyRow, options: AgencyOptions, book: ClauseBook) -> None:
    if options.power_factor is None:
        why = Text(
            en="the sheet does not print the power-factor adjustment; the tariff has none (power_factor)",
            zh="表中未列功率因数调整，电价不含此项（power_factor）",
        )
        book.assume("power_factor", why)
    if options.purchase_factor != 1:
        times = f"{options.purchase_factor:f}"
        why = Text(
            en=f"the purchase price is multiplied by {times}; the printed band prices are those without it",
            zh=f"代理购电价格乘以 {times}；表中分时电价未含此倍数",
        )
        book.assume("purchase_factor", why)
    if row.structure != "two_part" and options.bill_by is not None:
        why = Text(en="a single-part customer pays no basic charge", zh="单一制用户不缴容（需）量电费")
        book.ignore("bill_by", options.bill_by, why)
