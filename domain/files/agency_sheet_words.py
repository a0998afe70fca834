"""The words of a Chinese monthly agency-purchase price sheet: columns, units, structures, voltages, dates."""

import re
from datetime import date
from decimal import Decimal

from domain.noun import noun
from domain.text import Text
from domain.time import next_month


@noun
class Part:
    """One part of the price of a kWh."""

    key: str
    name: Text
    synonyms: tuple[str, ...]
    """Any of which a heading holds."""
    parent: str = ""
    """The part that it is contained in; empty for the five of the sheet."""


def _part(key: str, en: str, zh: str, synonyms: str, parent: str = "") -> Part:
    return Part(key=key, name=Text(en=en, zh=zh), synonyms=tuple(synonyms.split()), parent=parent)


PURCHASE, LINE_LOSS, TRANSMISSION = "purchase", "line_loss", "transmission"
SYSTEM_OPERATION, FUNDS = "system_operation", "funds"
PARTS: tuple[Part, ...] = (
    _part(
        "agency_loss",
        "Line-loss purchases' gains and losses",
        "上网环节线损代理采购损益",
        "代理采购损益",
        SYSTEM_OPERATION,
    ),
    _part("tou_gain", "Time-of-use gains and losses", "峰谷分时电价损益", "分时电价损益 分时损益", SYSTEM_OPERATION),
    _part("pf_gain", "Power-factor gains and losses", "力调电费损益", "力调", SYSTEM_OPERATION),
    _part("cross_subsidy", "Cross-subsidy", "电价交叉补贴新增损益", "交叉补贴", SYSTEM_OPERATION),
    _part("pumped_storage", "Pumped-storage capacity", "抽水蓄能容量电费", "抽水蓄能", SYSTEM_OPERATION),
    _part("coal_capacity", "Coal capacity", "煤电容量电费", "煤电容量", SYSTEM_OPERATION),
    _part("gas_capacity", "Gas capacity", "天然气发电容量电费", "天然气发电 气电容量 燃气发电", SYSTEM_OPERATION),
    _part("ancillary", "Ancillary services", "辅助服务费用", "辅助服务", SYSTEM_OPERATION),
    _part(
        "renewable_settlement",
        "Renewables' price settlement",
        "新能源可持续发展差价结算",
        "差价结算 机制电价",
        SYSTEM_OPERATION,
    ),
    _part("average_purchase", "Average purchase price of the month", "当月平均购电价格", "平均购电 平均上网", PURCHASE),
    _part("capacity_compensation", "Capacity compensation", "容量补偿电价", "容量补偿", PURCHASE),
    _part("history_deviation", "Deviation of earlier months", "历史偏差电费折价", "历史偏差", PURCHASE),
    _part("water_fund", "National water-works fund", "国家重大水利工程建设基金", "重大水利", FUNDS),
    _part("resettlement_fund", "Reservoir resettlement fund", "大中型水库移民后期扶持基金", "移民", FUNDS),
    _part("renewable_surcharge", "Renewables surcharge", "可再生能源电价附加", "可再生能源", FUNDS),
    _part(LINE_LOSS, "Line loss", "上网环节线损费用", "环节线损 线损费用"),
    _part(TRANSMISSION, "Transmission and distribution", "电度输配电价", "输配电"),
    _part(SYSTEM_OPERATION, "System operation", "系统运行费用", "系统运行费"),
    _part(FUNDS, "Government funds", "政府性基金及附加", "政府性基金"),
    _part(PURCHASE, "Agency purchase price", "代理购电价格", "代理购电价 购电价格 上网电价"),
)
"""In the order in which headings are looked at: the narrower before the wider."""
PART_OF = {part.key: part for part in PARTS}

BANDS = (
    ("deep_valley", ("深谷",), "深"),
    ("sharp", ("尖峰", "尖时段", "尖段"), "尖"),
    ("peak", ("高峰", "峰时段", "峰段"), "峰"),
    ("valley", ("低谷", "谷时段", "谷段"), "谷"),
    ("flat", ("平时段", "平段", "平时"), "平"),
)
BAND_COLUMNS = frozenset(f"band:{band}" for band, _, _ in BANDS)
STRUCTURES = (("two_part", "两部制"), ("single_part", "单一制"))
STRUCTURE_NAMES = {
    "two_part": Text(en="two-part", zh="两部制"),
    "single_part": Text(en="single-part", zh="单一制"),
}
PLACEHOLDERS = frozenset(("", "-", "—", "--", "——", "/", "\\", "无", "／"))
DEMAND, CAPACITY, TOTAL = "demand", "capacity", "total"

_PARENS = re.compile(r"[（(][^（）()]*[)）]")
_SPACES = re.compile(r"[\s\u3000]+")
_DOTS = re.compile(r"[·・•.．⋅∙]")
_PER_KWH = {
    r"元/(?:千瓦时|kwh|度)": Decimal(1),
    r"分/(?:千瓦时|kwh|度)": Decimal("0.01"),
    r"元/(?:兆瓦时|mwh)": Decimal("0.001"),
}
_PER_KW_MONTH = re.compile(r"元/(?:千瓦|kw)/?月")
_PER_KVA_MONTH = re.compile(r"元/(?:千伏安|kva)/?月")
_DOCUMENT = re.compile(r"[\u4e00-\u9fff]{1,10}[〔\[［(（]20\d\d[〕\]］)）]\s*第?\d+\s*号")
_FROM_TO = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日[-—–―~～至到]+(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})日")
_MONTH = re.compile(r"(20\d\d)年(\d{1,2})月")
_REBATE = re.compile(r"每千伏安[^。；;]{0,40}?(\d+(?:\.\d+)?)千瓦时[^。；;]{0,60}?(\d+(?:\.\d+)?)[%％]")
_VOLTAGES = (
    ("lt_1kv", re.compile(r"^(?:不满|低于)1千伏$")),
    ("1_20kv", re.compile(r"^1[-~—至]10千伏$|^1[-~—至]20千伏$|^(?:10|20)千伏$|^1[-~—至]10\(20\)千伏$|^10\(20\)千伏$")),
    ("35kv", re.compile(r"^35(?:千伏)?(?:[-~—至]110千伏以下|千伏以上)?(?:千伏)?$")),
    ("66_110kv", re.compile(r"^(?:66|110|110\(66\)|66[-~—至]110)(?:千伏)?(?:[-~—至]220千伏以下)?(?:千伏)?$")),
    ("ge_220kv", re.compile(r"^220(?:\(330\))?千伏(?:及以上)?$")),
)


def squeezed(text: str) -> str:
    """Give a text without spaces and line breaks."""
    return _SPACES.sub("", text)


def column_of(label: str) -> str | None:
    """Say what a column is by its lowest heading: a part, ``band:<band>``, demand, capacity, total; None: unknown."""
    text = _PARENS.sub("", squeezed(label))
    for part in PARTS:
        if any(word in text for word in part.synonyms):
            return part.key
    if "最大需量" in text or "需量电价" in text or "需量用电" in text:
        return DEMAND
    if "变压器容量" in text or "容量电价" in text or "容量用电" in text:
        return CAPACITY
    for band, words, alone in BANDS:
        if any(word in text for word in words) or text == alone:
            return f"band:{band}"
    return TOTAL if text.endswith(("电度用电价格", "电度电价", "电度价格")) else None


def unit_of(label: str, column: str) -> Decimal | None:
    """Give what a printed number times gives yuan per kWh (or kW·month, kVA·month); None where no unit is named."""
    text = _DOTS.sub("", squeezed(label).lower().replace("／", "/").replace("每", "/"))
    if column == DEMAND:
        return Decimal(1) if _PER_KW_MONTH.search(text) else None
    if column == CAPACITY:
        return Decimal(1) if _PER_KVA_MONTH.search(text) else None
    return next((factor for pattern, factor in _PER_KWH.items() if re.search(pattern, text)), None)


def structure_of(text: str) -> str | None:
    """Give the structure that a row's words name."""
    return next((key for key, word in STRUCTURES if word in squeezed(text)), None)


def voltage_of(text: str) -> str:
    """Give the voltage level of a supply point, or the sheet's own words where it is none of them."""
    plain = squeezed(text).replace("（", "(").replace("）", ")")
    return next((level for level, pattern in _VOLTAGES if pattern.match(plain)), plain)


def documents_in(text: str) -> tuple[str, ...]:
    """Give the document numbers that a text cites, each once."""
    return tuple(dict.fromkeys(squeezed(found) for found in _DOCUMENT.findall(squeezed(text))))


def validity_in(text: str) -> tuple[date, date] | None:
    """Give first day and day after the last, from ``执行时间`` or the title's month; None where there is neither."""
    plain = squeezed(text)
    try:
        spans = _FROM_TO.search(plain)
        if spans is not None:
            year, month, day, year2, month2, day2 = spans.groups()
            first = date(int(year), int(month), int(day))
            last = date(int(year2 or year), int(month2), int(day2))
            return first, date.fromordinal(last.toordinal() + 1)
        found = _MONTH.search(plain)
        if found is None:
            return None
        first = date(int(found.group(1)), int(found.group(2)), 1)
    except ValueError:
        return None
    return first, next_month(first)


def rebate_in(text: str) -> tuple[Decimal, Decimal] | None:
    """Give (kWh per kVA from which, share of the demand price then) of a note such as 每千伏安…260千瓦时…90%."""
    found = _REBATE.search(squeezed(text))
    return None if found is None else (Decimal(found.group(1)), Decimal(found.group(2)) / 100)
