"""A hand-made bill of a Chinese two-part customer, its tariff, and ways to change either.

October 2026, 422 221 kWh (peak 123 456, flat 200 000, valley 98 765), 1 000 kW contract, 1 040 kW measured,
190 000 kvarh. By hand: purchase 0.40 × 1.7 / 1 / 0.4 = 0.68 / 0.40 / 0.16 gives 83 950.08, 80 000.00, 15 802.40;
line loss 0.01 → 4 222.21; T&D 0.13 → 54 888.73; system operation 0.03 + 0.02 → 12 666.63 + 8 444.42; funds
0.019 + 0.011 → 8 022.20 + 4 644.43; demand 1 000 × 40 = 40 000.00; power factor 422 221 / √(422 221² + 190 000²)
= 0.9119 → 0.91 → −0.15 % of 259 974.47 + 40 000.00 = 299 974.47 → −449.96. In all 312 191.14.
"""

import csv
import io
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import openpyxl

from domain.files.ebill_reader import read_ebill
from domain.shadow.compare import check_bill
from domain.shadow.comparison import ShadowComparison, ShadowEffect
from domain.shadow.ebill import EBill
from domain.tariffs import (
    BandCalendar,
    BilledLoad,
    DemandCharge,
    EnergyCharge,
    PowerFactorCharge,
    PriceComponent,
    PurchaseMode,
    Rounding,
    SupplyPoint,
    Tariff,
    half_up,
)
from domain.text import Text
from domain.time import Calendar, TimeGrid
from tests.tariff_cases import month_grid, rule, tariff_of, words

Rows = list[list[Any]]
TOTAL = Decimal("312191.14")
CALENDAR = BandCalendar(
    rules=(
        rule("peak", "08:00-11:00", "18:00-23:00"),
        rule("flat", "07:00-08:00", "11:00-18:00"),
        rule("valley", "23:00-07:00"),
    )
)
OVERVIEW: Rows = [
    ["国网某省电力有限公司电费账单"],
    ["户号：3200000000001", None, "户名：某某精工有限公司"],
    ["账单周期：2026年10月1日至2026年10月31日", None, "电压等级：交流10kV", None, "市场化属性", "代理购电用户"],
    ["本期电量", "422,221千瓦时", "本期电费", "¥312,191.14元", "平均电价", 0.7394],
    ["峰谷比例", "尖峰0%、峰29%、平47%、谷23%", "异议截止日期", "2026-11-15"],
    [],
    ["费用组成", "金额（元）"],
    ["（1）代理购电电费", "179,752.48"],
    ["（2）上网环节线损费用", 4222.21],
    ["（3）输配电费", 94888.73],
    ["（4）系统运行费用", 21111.05],
    ["（5）政府性基金及附加", 12666.63],
    ["功率因数调整电费", -449.96],
    ["合计", 312191.14],
]
METERS: Rows = [
    ["电量明细"],
    ["电能表编号：0012345678901，电价：1-10(20)千伏两部制"],
    ["示数类型", "上期示数", "本期示数", "倍率", "抄见电量", "变损", "线损", "加减", "计费电量"],
    ["正向有功（总）", 100.000, 520.221, 1000, 420221, 2000, 0, 0, 422221],
    ["正向有功（峰）", 100.000, 223.456, 1000, 123456, 0, 0, 0, 123456],
    ["正向有功（平）", 300.000, 498.000, 1000, 198000, 2000, 0, 0, 200000],
    ["正向有功（谷）", 50.000, 148.765, 1000, 98765, "-", "-", "-", 98765],
    ["正向无功（总）", 10, 200, 1000, 190000, 0, 0, 0, 190000],
    ["最大需量", None, 1.04, 1000, 1040, None, None, None, 1040],
]
CHARGES: Rows = [
    ["电费明细"],
    ["电能表编号：0012345678901，电价：1-10(20)千伏两部制"],
    ["费用类别", "费用组成", "分时时段", "计费电量（千瓦时）", "计费标准（元/千瓦时）", "电费（元）"],
    ["(1)代理购电电费", "代理购电电费", "峰", 123456, 0.68, "83,950.08"],
    [None, None, "平", "200,000", 0.40, 80000],
    [None, None, "谷", 98765, "0.16", 15802.4],
    ["小计", None, None, None, None, 179752.48],
    ["(2)上网环节线损费用", "上网环节线损费用", "总", 422221, 0.01, 4222.21],
    ["(3)输配电量电费", "电量电费", "总", 422221, 0.13, 54888.73],
    ["(4)系统运行费用", "煤电容量电费", "总", 422221, 0.03, 12666.63],
    [None, "抽水蓄能容量电费", "总", 422221, 0.02, 8444.42],
    ["(5)政府性基金及附加", "可再生能源附加", "总", 422221, 0.019, 8022.20],
    [None, "国家重大水利工程建设基金", "总", 422221, 0.011, 4644.43],
]
POWER: Rows = [
    ["输配容（需）量电费", None, None, None, "功率因数调整电费"],
    ["需量值", 1000, "需量电价", 40, "功率因数实际值", 0.91, "功率因数标准", 0.9, "调整系数", "-0.15%"],
    ["实际最大需量", 1040, "合同最大需量", 1000, "参与调整有功电量", 422221, "参与调整无功电量", 190000],
    ["输配需量电费", 40000, "容量", 1600, "参与调整电费金额", "299,974.47", "功率因数调整电费", "-449.96"],
]
HOURS: Rows = []
FEES: Rows = []
BOOK: dict[str, Rows] = {
    "账单概况": OVERVIEW,
    "电量明细": METERS,
    "电费明细": CHARGES,
    "容需量及力调": POWER,
    "24小时电价": HOURS,
    "市场化运营费": FEES,
}


def book() -> dict[str, Rows]:
    """Give the bill's sheets, free to be changed."""
    return deepcopy(BOOK)


def xlsx(sheets: dict[str, Rows], merge: dict[str, list[str]] | None = None) -> bytes:
    """Write sheets as a workbook."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        if rows:
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
            for span in (merge or {}).get(title, []):
                sheet.merge_cells(span)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def text_of(rows: Rows, delimiter: str = ",") -> str:
    """Write rows as CSV text."""
    stream = io.StringIO(newline="")
    written = [["" if value is None else str(value) for value in row] for row in rows]
    csv.writer(stream, delimiter=delimiter).writerows(written)
    return stream.getvalue()


def one_csv(sheets: dict[str, Rows], delimiter: str = ",") -> str:
    """Write all sheets below each other."""
    return text_of([row for rows in sheets.values() for row in rows], delimiter)


def read(sheets: dict[str, Rows] | None = None) -> EBill:
    return read_ebill(xlsx(sheets or BOOK))


def part(name_zh: str, price: str, *, floats: bool = False, fund: bool = False) -> PriceComponent:
    return PriceComponent(
        name=Text(en=f"part {name_zh.encode().hex()}", zh=name_zh),
        price_per_kwh=Decimal(price),
        floats=floats,
        is_fund=fund,
    )


ENERGY = EnergyCharge(
    charge_id="energy",
    label=words("Energy"),
    calendar=CALENDAR,
    components=(
        part("代理购电价格", "0.40", floats=True),
        part("上网环节线损费用", "0.01"),
        part("输配电价", "0.13"),
        part("系统运行费用", "0.05"),
        part("政府性基金及附加", "0.03", fund=True),
    ),
    factors={"peak": Decimal("1.7"), "valley": Decimal("0.4")},
)
DEMAND = DemandCharge(charge_id="demand", label=words("Demand"), price_per_kw_month=Decimal(40), basis="contract")
FACTOR = PowerFactorCharge(charge_id="pf", label=words("Power factor"), standard="cn_0.90")


def tariff(*, energy: dict[str, Any] | None = None, demand: dict[str, Any] | None = None, **pf: Any) -> Tariff:
    """Give the bill's tariff with some fields changed."""
    return tariff_of(
        replace(ENERGY, **(energy or {})),
        replace(DEMAND, **(demand or {})),
        replace(FACTOR, **pf),
        rounding=Rounding(),
    )


def supply(**fields: Any) -> SupplyPoint:
    return SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY, **fields)


def check(sheets: dict[str, Rows] | None = None, chosen: Tariff | None = None, **known: Any) -> ShadowComparison:
    """Read a bill and check it."""
    return check_bill(read(sheets), chosen or tariff(), supply(), **known)


def effects(comparison: ShadowComparison) -> dict[str, Decimal]:
    """Sum the effects by cause."""
    found: dict[str, Decimal] = {}
    for line in comparison.lines:
        for effect in line.effects:
            found[effect.cause] = found.get(effect.cause, Decimal(0)) + effect.amount
    return found


def all_effects(comparison: ShadowComparison) -> list[ShadowEffect]:
    return [effect for line in comparison.lines for effect in line.effects]


BASE = Decimal("299974.47")
RATE = Decimal("-0.0015")


def billed(
    *, demand_kw: object = 1000, amount: object = 40000, measured_kw: object = 1040, rebated: object = None
) -> dict:
    """Give the bill with another demand charge; power factor, first page and total follow."""
    sheets = book()
    owed = Decimal(str(rebated if rebated is not None else amount))
    base = BASE + owed - 40000
    factor = half_up(base * RATE, 2)
    power = sheets["容需量及力调"]
    power[1][1], power[2][1], power[3][1] = demand_kw, measured_kw, amount
    power[3][5], power[3][7] = str(base), str(factor)
    if rebated is not None:
        power[3] += ["折扣需量电费", rebated]
    first = sheets["账单概况"]
    total = TOTAL + owed - 40000 + factor + Decimal("449.96")
    first[3][3], first[3][4:] = str(total), []
    first[9][1], first[12][1], first[13][1] = str(Decimal("54888.73") + owed), str(factor), str(total)
    return sheets


def components(**changed: object) -> dict:
    """Give the energy charge's components, some changed: ``purchase={"floats": False}``."""
    names = ("purchase", "loss", "network", "system", "fund")
    return {
        "components": tuple(
            replace(one, **changed.get(name, {})) for name, one in zip(names, ENERGY.components, strict=True)
        )
    }


def adds_up(comparison: ShadowComparison) -> None:
    """Assert what every comparison must hold."""
    assert comparison.explained + comparison.unexplained == comparison.real_total - comparison.shadow_total
    assert comparison.shadow_total == comparison.shadow.total
    for line in comparison.lines:
        assert sum((effect.amount for effect in line.effects), Decimal(0)) == line.difference


def codes(findings: Any) -> list[str]:
    return [finding.code for finding in findings]


def load(
    peak: str = "123456", flat: str = "200000", valley: str = "98765", demand: str = "1040", **more: int
) -> BilledLoad:
    """Give a meter's load of October 2026 with these kWh by band of ``CALENDAR`` and its highest quarter-hour.

    ``before`` and ``after`` add steps outside the month.
    """
    before, after = more.get("before", 0), more.get("after", 0)
    month = month_grid(date(2026, 10, 1))
    grid = TimeGrid(start=month.at(-before), step_min=15, n_steps=before + month.n_steps + after)
    bands = CALENDAR.bands_on(grid, "Asia/Shanghai", Calendar(country=None, subdivision=None))
    kwh = {"peak": float(peak), "flat": float(flat), "valley": float(valley)}
    import_kw = np.array([kwh[CALENDAR.bands[band]] / 248 for band in bands])
    at = before + 4 * 9  # 09:00 of the first day, a peak hour
    import_kw[at] = float(demand)
    inside = np.zeros(grid.n_steps, dtype=bool)
    inside[before : before + month.n_steps] = True
    others = inside & (bands == CALENDAR.bands.index("peak"))
    others[at] = False
    import_kw[others] = (kwh["peak"] - float(demand) / 4) / 247.75
    return BilledLoad(grid=grid, import_kw=import_kw)
