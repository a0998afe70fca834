"""The headings of meter files in English, Chinese and German: role, unit, interval."""

import re
import unicodedata
from datetime import datetime, time
from enum import StrEnum

from domain.files.meter_table import Cell
from domain.noun import noun

MINUTES_PER_DAY = 1440


class Role(StrEnum):
    """What a column holds."""

    STAMP = "stamp"
    IMPORT = "import"
    EXPORT = "export"
    REACTIVE = "reactive"
    ID = "id"
    QUANTITY = "quantity"
    UNIT = "unit"
    MULTIPLIER = "multiplier"
    SLOT = "slot"
    OTHER = "other"


@noun
class Unit:
    """A unit as written: energy or power, and how many k-units one is."""

    name: str
    is_energy: bool
    factor: float
    """kWh or kW (kvarh or kvar) per unit. [-]"""


@noun
class Slot:
    """A column of a daily file: a clock time, or the number of the interval in its day."""

    minute: int | None = None
    """Minute of the day in the heading, 0…1440. [min]"""
    number: int | None = None
    """Number of the interval as written, from 0 or 1. [-]"""


@noun
class Heading:
    """A heading understood."""

    text: str
    role: Role
    unit: Unit | None = None
    label: str | None = None
    """``start`` or ``end`` where the heading says which edge of the interval a time marks."""
    slot: Slot | None = None
    is_explicit: bool = False
    """Whether the heading itself carries a unit, not only a word."""


_UNITS = (
    # (pattern, name, is energy, k-units per unit); the first that fits counts
    (r"(?<![a-z])gwh", "GWh", True, 1e6),
    (r"万千瓦时|万千瓦·时|万kwh|万度", "10 MWh", True, 1e4),
    (r"(?<![a-z])mwh|兆瓦时", "MWh", True, 1e3),
    (r"kwh|kw·h|千瓦时|千瓦·时|(?<=[（(\[])度(?=[）)\]])", "kWh", True, 1.0),
    (r"(?<![a-z])wh(?![a-z])", "Wh", True, 1e-3),
    (r"万千瓦(?!时|·时)", "10 MW", False, 1e4),
    (r"(?<![a-z])mw(?![a-z])|兆瓦(?!时)", "MW", False, 1e3),
    (r"kw(?![a-z·])|(?<!万)千瓦(?!时|·时)", "kW", False, 1.0),
    (r"(?<![a-z])w(?![a-z])", "W", False, 1e-3),
)
_REACTIVE_UNITS = (
    (r"(?<![a-z])mvarh", "Mvarh", True, 1e3),
    (r"kvarh|kvar·h|千乏时|千乏·时", "kvarh", True, 1.0),
    (r"(?<![a-z])varh", "varh", True, 1e-3),
    (r"(?<![a-z])mvar(?![a-z])", "Mvar", False, 1e3),
    (r"kvar(?![a-z·])|千乏(?!时|·时)", "kvar", False, 1.0),
    (r"(?<![a-z])var(?![a-z])", "var", False, 1e-3),
)
_KILO_ENERGY = Unit(name="kWh", is_energy=True, factor=1.0)
_KILO_POWER = Unit(name="kW", is_energy=False, factor=1.0)

_PER_ENERGY = re.compile(r"/\s*(?:[kmg]?wh|千瓦时|度)|price|preis|电价|单价|cost|kosten|电费|费用|co2")
_NO_LOAD = re.compile(
    r"factor|功率因数|力率|cos|voltage|spannung|电压|temperature|温度|register|reading|cumulative|zählerstand|示数|示值|"
    r"表底|止码|起码|读数|累计|需量|合计|小计|_type|type|类型\b|status|状态|week|weekday|星期"
)
_CURRENT = re.compile(r"current|电流|strom(?!verbrauch|bezug)")
_REACTIVE = re.compile(r"react|无功|blind|varh|kvar|千乏")
_EXPORT = re.compile(r"export|feed.?in|einspeis|rückspeis|reverse|反向|反送|上网|倒送|发电")
_LOAD = re.compile(
    r"电量|功率|负荷|有功|用电|usage|consum|energy|load|power|demand|import|verbrauch|leistung|bezug|wirk|energie|lastgang|^last$"
)
_CHINESE_ENERGY = re.compile(r"电量|电能")
_CHINESE_POWER = re.compile(r"功率|负荷")
_MULTIPLIER = re.compile(r"倍率|multiplier|ct ?[x*×] ?pt|^ct$|^pt$|wandlerfaktor")
_QUANTITY = re.compile(r"^(?:数据类型|数据项(?:名称)?|类型|数据名称|quantity|channel|item|measurand|data type|type)$")
_UNIT_COLUMN = re.compile(r"^(?:单位|unit|units|einheit)$")
_ID = re.compile(
    r"户号|户名|用户编号|用户名称|用户名|表号|电表|表计|计量点|测量点|资产编号|终端|\bmeter|account|customer|site|"
    r"^(?:mpan|nmi|esiid|id)$|zähl(?:er|punkt)|messlokation|marktlokation"
)
_TIME = re.compile(
    r"time|stamp|date(?!n)|datum|uhrzeit|zeit|日期|时间|时刻|时标|时段|年月日|^(?:day|hour|hr|tag|stunde|interval|period|小时|"
    r"点|from|to|von|bis|start|end|beginn|ende|begin|interval start|interval end|period start|period end|start utc|"
    r"end utc|点号|时点)\b"
)
_START = re.compile(r"\b(?:start|begin|beginning|from|von|beginn|ab)\b|开始|起始|起点|(?<!发)起时")
_END = re.compile(r"\b(?:end|ending|ended|to|bis|ende)\b|结束|截止|终止|终点")
_CLOCK_SLOT = re.compile(r"(?:p|v|t|h)?\s*(\d{1,2})[:：](\d{2})(?:[:：]00)?(?:\s*[-~至–]\s*(?:\d{1,2})[:：](?:\d{2}))?")
_PACKED_SLOT = re.compile(r"[pvth]?(\d{2})(\d{2})")
_NUMBER_SLOT = re.compile(r"(?:p|v|t|h|点|第)?\s*(\d{1,3})\s*(?:点|时段)?")


def plain_heading(cell: Cell) -> str:
    """Give a heading without case, underscores, full-width signs and line breaks."""
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    if isinstance(cell, datetime):
        # Excel stores 24:00 under a time format as midnight of its day 1.
        return "24:00" if cell.year <= 1900 and cell.time() == time(0) else cell.isoformat()  # noqa: PLR2004
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unicodedata.normalize("NFKC", "" if cell is None else str(cell)).lower()
    return re.sub(r"[\s_\ufeff\xa0]+", " ", text).strip()


def unit_in(text: str, *, is_reactive: bool = False) -> Unit | None:
    """Find the unit a plain heading or title names; None where it names none, or both kinds."""
    found = [
        Unit(name=name, is_energy=is_energy, factor=factor)
        for pattern, name, is_energy, factor in (_REACTIVE_UNITS if is_reactive else _UNITS)
        if re.search(pattern, text)
    ]
    if found:
        return found[0] if len({unit.is_energy for unit in found}) == 1 else None
    energy, power = bool(_CHINESE_ENERGY.search(text)), bool(_CHINESE_POWER.search(text))
    if energy == power:
        return None
    return _KILO_ENERGY if energy else _KILO_POWER


def heading_of(cell: Cell) -> Heading:
    """Understand one heading."""
    text = plain_heading(cell)
    slot = _slot(text)
    if slot is not None:
        return Heading(text=text, role=Role.SLOT, slot=slot)
    for role, words in ((Role.UNIT, _UNIT_COLUMN), (Role.QUANTITY, _QUANTITY), (Role.MULTIPLIER, _MULTIPLIER)):
        if words.search(text):
            return Heading(text=text, role=role)
    if _ID.search(text) and not any(rule.search(text) for rule in (_TIME, _NO_LOAD, _REACTIVE)) and not unit_in(text):
        return Heading(text=text, role=Role.ID)
    value = _value(text)
    if value is not None:
        return value
    if _TIME.search(text) and "类型" not in text:
        return Heading(text=text, role=Role.STAMP, label=_edge(text))
    return Heading(text=text, role=Role.OTHER)


def _value(text: str) -> Heading | None:
    if not text or _PER_ENERGY.search(text) or _NO_LOAD.search(text):
        return None
    if _REACTIVE.search(text):
        unit = unit_in(text, is_reactive=True)
        return Heading(text=text, role=Role.REACTIVE, unit=unit, is_explicit=unit is not None)
    unit = unit_in(text)
    explicit = any(re.search(pattern, text) for pattern, *_ in _UNITS)
    if _CURRENT.search(text) and not explicit:
        return None
    if not explicit and (not _LOAD.search(text) or _TIME.search(text)):
        return Heading(text=text, role=Role.EXPORT, unit=unit) if _EXPORT.search(text) else None
    role = Role.EXPORT if _EXPORT.search(text) else Role.IMPORT
    return Heading(text=text, role=role, unit=unit, is_explicit=explicit)


def _edge(text: str) -> str | None:
    start, end = bool(_START.search(text)), bool(_END.search(text))
    if start == end:
        return None
    return "start" if start else "end"


def _slot(text: str) -> Slot | None:
    for pattern in (_CLOCK_SLOT, _PACKED_SLOT):
        match = pattern.fullmatch(text)
        if match:
            hour, minute = int(match[1]), int(match[2])
            of_day = hour * 60 + minute
            return Slot(minute=of_day) if minute < 60 and of_day <= MINUTES_PER_DAY else None  # noqa: PLR2004
    match = _NUMBER_SLOT.fullmatch(text)
    if match and int(match[1]) <= MINUTES_PER_DAY // 5:
        return Slot(number=int(match[1]))
    return None
