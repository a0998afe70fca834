"""An electricity bill as the grid company prints it: overview, meters, charges, power blocks, hours, market fees.

Quantities stand as printed; nothing here is recomputed. ``RowPlace`` says where each row was read, so that every
later doubt can point at it.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain import checks
from domain.findings import Finding
from domain.noun import noun
from domain.tariffs import PurchaseMode

ZERO = Decimal(0)
TOTAL = "total"
"""The band of a row that is for all hours."""


class Register(StrEnum):
    """What a register of a meter counts."""

    ACTIVE = "active"
    ACTIVE_EXPORT = "active_export"
    REACTIVE = "reactive"
    REACTIVE_EXPORT = "reactive_export"
    DEMAND = "demand"


@noun
class RowPlace:
    """Where a row of the bill was read."""

    sheet: str
    """Sheet or file."""
    row: int
    """From 1, as a spreadsheet counts."""

    def __str__(self) -> str:
        """Write it like a spreadsheet does."""
        return f"{self.sheet}!{self.row}"


@noun
class RegisterReading:
    """One row of a meter: two readings of a register and what is billed of their difference.

    ``billed = (current − previous) · multiplier + transformer_loss + line_loss + adjustment``, in kWh, kvarh or kW
    by the register. None: not printed.
    """

    place: RowPlace
    register: Register
    band: str = TOTAL
    previous: Decimal | None = None
    current: Decimal | None = None
    multiplier: Decimal | None = None
    """CT × PT. [-]"""
    metered: Decimal | None = None
    """抄见电量."""
    transformer_loss: Decimal | None = None
    """变损."""
    line_loss: Decimal | None = None
    """线损."""
    adjustment: Decimal | None = None
    """加减: what is added for, or (negative) passed on to, other meters."""
    billed: Decimal | None = None
    """计费电量."""

    @property
    def losses(self) -> Decimal:
        """Transformer and line losses together."""
        return (self.transformer_loss or ZERO) + (self.line_loss or ZERO)


@noun
class BilledMeter:
    """One metering point of the bill with its registers."""

    meter_no: str
    place: RowPlace
    price_name: str = ""
    """电价: the price class printed in the meter's heading."""
    is_fixed_ratio: bool = False
    """定比: no meter of its own, a fixed share of its parent."""
    ratio_share: Decimal | None = None
    """The fixed share where it is printed. [-]"""
    parent_nos: tuple[str, ...] = ()
    """上级电能表编号."""
    readings: tuple[RegisterReading, ...] = ()

    def of(self, register: Register, band: str | None = None) -> tuple[RegisterReading, ...]:
        """Give the rows of one register, of one band where it is named."""
        return tuple(one for one in self.readings if one.register is register and band in (None, one.band))


@noun
class BilledCharge:
    """One row of the charges: category, component, band, quantity × price = amount."""

    place: RowPlace
    meter_no: str = ""
    category: str
    """费用类别, as printed."""
    component: str = ""
    """费用组成, as printed."""
    band: str = TOTAL
    quantity: Decimal | None = None
    """计费电量, in kWh unless the category says kW or kVA."""
    unit_price: Decimal | None = None
    """计费标准. [currency / unit]"""
    amount: Decimal
    """电费. [currency]"""


@noun
class PowerBlock:
    """The sub-table of capacity or demand, and the one of the power factor beside it."""

    place: RowPlace
    meter_no: str = ""
    measured_demand_kw: Decimal | None = None
    """实际最大需量."""
    contract_demand_kw: Decimal | None = None
    """合同最大需量 / 核定需量."""
    billed_demand_kw: Decimal | None = None
    """需量值."""
    demand_price_per_kw_month: Decimal | None = None
    demand_amount: Decimal | None = None
    """输配需量电费."""
    rebated_demand_amount: Decimal | None = None
    """折扣需量电费: what is owed instead where the month's kWh per kVA earn the rebate."""
    used_kwh_per_kva: Decimal | None = None
    """月每千伏安用电量."""
    capacity_kva: Decimal | None = None
    capacity_price_per_kva_month: Decimal | None = None
    capacity_amount: Decimal | None = None
    """输配容量电费."""
    power_factor: Decimal | None = None
    """功率因数实际值."""
    standard_pf: Decimal | None = None
    """功率因数标准."""
    adjustment_share: Decimal | None = None
    """调整系数, −1 … 1. [-]"""
    active_kwh: Decimal | None = None
    """参与调整有功电量."""
    reactive_kvarh: Decimal | None = None
    """参与调整无功电量."""
    adjusted_amount: Decimal | None = None
    """参与调整电费金额. [currency]"""
    power_factor_amount: Decimal | None = None
    """功率因数调整电费. [currency]"""

    @property
    def owed_demand_amount(self) -> Decimal | None:
        """What is owed for demand: the rebated amount where one is printed. [currency]."""
        return self.rebated_demand_amount or self.demand_amount


@noun
class BilledHour:
    """One row of the 24-hour table; hour 1 is 00:00-01:00."""

    place: RowPlace
    hour: int
    energy_kwh: Decimal | None = None
    price_per_kwh: Decimal | None = None
    """直接交易价格; may be negative. [currency / kWh]"""
    line_loss_price_per_kwh: Decimal | None = None
    """上网环节线损价格. [currency / kWh]"""


@noun
class NamedAmount:
    """An amount with its name: an item of the overview, a market fee, a subtotal."""

    place: RowPlace
    name: str
    amount: Decimal
    """[currency]"""
    is_total: bool = False
    """A sum of other rows, kept for checking."""


@noun
class Overview:
    """The bill's first page."""

    energy_kwh: Decimal | None = None
    """本期电量."""
    amount: Decimal | None = None
    """本期电费. [currency]"""
    average_price_per_kwh: Decimal | None = None
    power_factor: Decimal | None = None
    capacity_kva: Decimal | None = None
    band_share: dict[str, Decimal] | None = None
    """峰谷比例: share of each band. [-]"""
    items: tuple[NamedAmount, ...] = ()
    """费用组成."""
    place: RowPlace | None = None
    """Where the bill's amount stands."""


@noun
class EBill:
    """One customer's bill for one billing period."""

    account_no: str
    period_start: date
    period_end: date
    """Last day, included."""
    currency: str = "CNY"
    voltage: str = ""
    purchase_mode: PurchaseMode | None = None
    """市场化属性, where printed."""
    objection_until: date | None = None
    """Last day for objections, where printed."""
    pay_until: date | None = None
    overview: Overview
    meters: tuple[BilledMeter, ...] = ()
    charges: tuple[BilledCharge, ...] = ()
    subtotals: tuple[NamedAmount, ...] = ()
    """小计: sums of charge rows by category, for checking."""
    blocks: tuple[PowerBlock, ...] = ()
    hours: tuple[BilledHour, ...] = ()
    market_fees: tuple[NamedAmount, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the reader passed over or assumed."""

    def __post_init__(self) -> None:
        if self.period_end < self.period_start:
            raise checks.refuse(self, "period_end", str(self.period_end), checks.ORDERED)

    @property
    def month(self) -> date:
        """First day of the month that the period begins in."""
        return self.period_start.replace(day=1)
