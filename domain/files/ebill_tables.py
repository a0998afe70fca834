"""The tables and labels of an e-bill: which headings each has, by all the names that grid companies give them."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from domain.noun import noun
from domain.shadow.vocabulary import folded

CellRead = Literal["text", "number", "share", "day", "period", "shares", "whole"]
_UNITS = re.compile(r"\((?:元|千瓦|千伏|kw|kv|单位|%|度|万|:|/|·|h|a|r|时|安|乏|月|,)+\)$|/元$|\[.*\]$")


@noun
class EColumn:
    """One heading of a table, or one label with its value."""

    key: str
    """Name of the noun's field."""
    read: CellRead
    names: tuple[str, ...]
    """Names it goes by; the first is written by the template."""


@noun
class ETable:
    """One kind of table: its columns, and which of them a heading row must have to be one."""

    key: str
    title: str
    """Title that the template writes above it."""
    columns: tuple[EColumn, ...]
    needs: tuple[tuple[str, ...], ...]
    """Each group must be there by at least one of its keys."""

    def fits(self, keys: Iterable[str]) -> bool:
        """Say whether a heading row with these columns is one of this table."""
        present = set(keys)
        return all(present.intersection(group) for group in self.needs)


def _columns(*rows: tuple[str, CellRead, str]) -> tuple[EColumn, ...]:
    return tuple(EColumn(key=key, read=read, names=tuple(names.split("|"))) for key, read, names in rows)


READINGS = ETable(
    key="readings",
    title="电量明细",
    columns=_columns(
        ("meter_no", "text", "电能表编号|表号|电表编号|计量点编号|资产编号"),
        ("reading_type", "text", "示数类型|示数类别|抄表类型|电量类型"),
        ("previous", "number", "上期示数|上次示数|上月示数|起码|起度|抄见起度"),
        ("current", "number", "本期示数|本次示数|本月示数|止码|止度|抄见止度"),
        ("multiplier", "number", "倍率|综合倍率"),
        ("metered", "number", "抄见电量|抄见量|抄表电量"),
        ("transformer_loss", "number", "变损|变损电量|变压器损耗"),
        ("line_loss", "number", "线损|线损电量|线路损耗"),
        ("adjustment", "number", "加减|加减电量|分表加减|加减分表电量"),
        ("billed", "number", "计费电量|计费量|结算电量|合计电量"),
    ),
    needs=(("reading_type",), ("current", "metered", "billed")),
)
CHARGES = ETable(
    key="charges",
    title="电费明细",
    columns=_columns(
        ("meter_no", "text", "电能表编号|表号|电表编号|计量点编号"),
        ("category", "text", "费用类别|费用类型|电费类别"),
        ("component", "text", "费用组成|费用构成|费用名称|费用项目"),
        ("band", "text", "分时时段|时段|分时|计费时段"),
        ("quantity", "number", "计费电量|计费数量|电量|计费电量/数量"),
        ("unit_price", "number", "计费标准|计费单价|单价|电价|电价标准"),
        ("amount", "number", "电费|电费金额|金额|费用"),
    ),
    needs=(("category", "component"), ("quantity", "unit_price"), ("amount",)),
)
ITEMS = ETable(
    key="items",
    title="费用组成",
    columns=_columns(
        ("name", "text", "费用组成|费用项目|费用名称|费用类别|项目"),
        ("amount", "number", "电费|金额|电费金额|费用"),
    ),
    needs=(("name",), ("amount",)),
)
POWER = ETable(
    key="power",
    title="输配容（需）量电费与功率因数调整电费",
    columns=_columns(
        ("meter_no", "text", "电能表编号|表号|计量点编号"),
        ("measured_demand_kw", "number", "按月实际最大需量|实际最大需量|最大需量|抄见最大需量"),
        ("contract_demand_kw", "number", "合同最大需量|合同需量|核定需量|需量核定值|申报需量"),
        ("billed_demand_kw", "number", "需量值|计费需量|需量计费值"),
        ("demand_price_per_kw_month", "number", "需量电价|需量单价"),
        ("demand_amount", "number", "输配需量电费|需量电费|需量电费(按实际)|需量电费(按合同)|需量基本费"),
        ("used_kwh_per_kva", "number", "月每千伏安用电量|每千伏安用电量"),
        ("rebated_demand_amount", "number", "折扣需量电费|折扣后需量电费"),
        ("capacity_kva", "number", "容量|合同容量|计费容量|运行容量"),
        ("capacity_price_per_kva_month", "number", "容量电价|容量单价"),
        ("capacity_amount", "number", "输配容量电费|容量电费"),
        ("power_factor", "share", "功率因数实际值|实际功率因数|功率因素实际值|功率因数|功率因素"),
        ("standard_pf", "share", "功率因数标准|功率因素标准|标准功率因数|考核标准"),
        ("adjustment_share", "share", "调整系数|力调系数|调整率|功率因数调整系数"),
        ("active_kwh", "number", "参与调整有功电量|有功电量"),
        ("reactive_kvarh", "number", "参与调整无功电量|无功电量"),
        ("adjusted_amount", "number", "参与调整电费金额|参与调整电费|参与调整金额"),
        ("power_factor_amount", "number", "功率因数调整电费|功率因素调整电费|力调电费|调整电费"),
    ),
    needs=(),
)
HOURS = ETable(
    key="hours",
    title="24小时电量电价",
    columns=_columns(
        ("hour", "whole", "小时|时点|时段|序号"),
        ("energy_kwh", "number", "电量|用电量|结算电量"),
        ("price_per_kwh", "number", "直接交易价格|交易价格|直接交易电价|电能量价格"),
        ("line_loss_price_per_kwh", "number", "上网环节线损价格|线损价格|上网环节线损电价"),
    ),
    needs=(("hour",), ("price_per_kwh",)),
)
FEES = ETable(
    key="fees",
    title="市场化运营费明细",
    columns=_columns(
        ("name", "text", "运营费用名称|市场运营费用名称|市场化运营费用|运营费用"),
        ("amount", "number", "金额|费用|电费|金额合计"),
    ),
    needs=(("name",), ("amount",)),
)
TABLES = (READINGS, HOURS, FEES, CHARGES, ITEMS)
"""Tables told by their heading rows, the most telling first."""

LABELS = _columns(
    ("account_no", "text", "户号|用户编号|客户编号|用电户号"),
    ("period", "period", "账单周期|计费周期|电费周期|抄表周期|结算周期|账期|电费年月|账单年月|账单月份|用电月份"),
    ("period_start", "day", "账单开始日期|计费开始日期"),
    ("period_end", "day", "账单结束日期|计费结束日期"),
    ("energy_kwh", "number", "本期电量|本期用电量|总电量|用电量|合计电量"),
    ("amount", "number", "本期电费|总电费|应收电费|本期应缴电费|电费合计|本期应付"),
    ("average_price_per_kwh", "number", "平均电价|均价|平均单价"),
    ("power_factor", "share", "功率因数|功率因素"),
    ("capacity_kva", "number", "合同容量|运行容量|受电容量|用电容量"),
    ("band_share", "shares", "峰谷比例|峰谷占比|分时电量占比|峰平谷比例"),
    ("voltage", "text", "电压等级|供电电压"),
    ("purchase_mode", "text", "市场化属性|市场化属性分类|购电方式|交易属性"),
    ("objection_until", "day", "异议截止日期|异议期限|异议申诉截止日期|账单异议截止|异议反馈截止日期"),
    ("pay_until", "day", "交费截止日期|缴费截止日期|缴费期限|交费期限"),
)
NOT_KEPT = (
    "户名", "客户名称", "用电地址", "用电类别", "供电服务单位", "管理单位", "供电单位", "账单打印日期", "打印日期",
    "上期电量", "环比", "同比", "其中增值税专用发票金额", "增值税专用发票金额", "电费金额大写", "金额大写", "行业类别",
    "联系电话", "客户经理", "纳税人识别号", "开户银行", "银行账号",
)  # fmt: skip
"""Labels that are known and that nothing here needs; names and addresses are not kept."""
METER_HEADING = "电能表编号"
TITLES = (
    *(table.title for table in (*TABLES, POWER)),
    "账单概况", "账单概览", "电费账单", "输配容(需)量电费", "容(需)量电费", "功率因数调整电费", "电量电费明细",
    "24小时电量电价表", "市场化运营费用明细", "市场化运营费用", "用能分析", "基本信息", "本期电量明细", "本期电费明细",
)  # fmt: skip
"""Section titles; a row that is nothing but one of them ends the table above it."""


def plain_heading(text: str) -> str:
    """Give a heading without its unit: 计费电量(千瓦时), 电费（元）."""
    plain = folded(text).rstrip(":")
    return _UNITS.sub("", plain)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, dict[str, EColumn]]:
    sets = {table.key: table.columns for table in (*TABLES, POWER)} | {"labels": LABELS}
    return {key: {folded(name): column for column in columns for name in column.names} for key, columns in sets.items()}


def column_meant(table: ETable, heading: str) -> EColumn | None:
    """Give the column of a table that a heading means."""
    names = _by_name()[table.key]
    return names.get(folded(heading).rstrip(":")) or names.get(plain_heading(heading))


def label_meant(text: str) -> EColumn | None:
    """Give what a label of the overview names."""
    names = _by_name()["labels"]
    return names.get(folded(text).rstrip(":")) or names.get(plain_heading(text))


def is_not_kept(text: str) -> bool:
    """Say whether a label is known and not needed."""
    return plain_heading(text) in {folded(one) for one in NOT_KEPT}


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset(folded(one) for one in TITLES)


def title_meant(text: str) -> bool:
    """Say whether a text is nothing but the title of a section, numbered or not."""
    plain = re.sub(r"^(?:[(（]?[0-9一二三四五六七八九十]{1,2}[)）、.．])", "", folded(text)).rstrip(":")
    plain = re.sub(r"\((?:续|单位.*|表)\)$|表$", "", plain)
    return plain in _titles() or re.sub(r"明细$", "", plain) in _titles()


def words_known(values: Iterable[str]) -> int:
    """Count the cells that are headings or labels of a bill."""
    every = {name for names in _by_name().values() for name in names}
    return sum(plain_heading(value) in every for value in values if len(value) < 40)  # noqa: PLR2004 -- a heading
