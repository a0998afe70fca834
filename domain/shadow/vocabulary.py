"""The words of Chinese bills: bands, registers, and what a category and its component are a charge for."""

import re
import unicodedata

from domain.noun import noun
from domain.shadow.ebill import TOTAL, Register
from domain.tariffs import PurchaseMode
from domain.tariffs.bands import BANDS_ZH

PURCHASE, COMPENSATION, LINE_LOSS = "purchase", "capacity_compensation", "line_loss"
TRANSMISSION, SYSTEM, FUND = "transmission", "system_operation", "fund"
COMPONENTS = (PURCHASE, COMPENSATION, LINE_LOSS, TRANSMISSION, SYSTEM, FUND)
"""Parts of the price of a kWh, as bills group them."""
COMPONENT_WORDS = {
    PURCHASE: ("energy purchase", "购电"),
    COMPENSATION: ("capacity compensation", "容量补偿"),
    LINE_LOSS: ("line loss", "上网环节线损"),
    TRANSMISSION: ("transmission and distribution", "输配电"),
    SYSTEM: ("system operation", "系统运行"),
    FUND: ("government funds", "政府性基金"),
}

_BANDS = {
    **{zh: band for band, zh in BANDS_ZH.items()},
    **{band: band for band in BANDS_ZH},
    "全时段": TOTAL, "总": TOTAL, "合计": TOTAL, "all": TOTAL, "total": TOTAL, "不分时": TOTAL,
    "尖": "sharp", "尖时": "sharp", "尖段": "sharp", "尖峰段": "sharp",
    "峰": "peak", "峰时": "peak", "峰段": "peak", "高峰段": "peak",
    "平": "flat", "平时": "flat", "平段": "flat",
    "谷": "valley", "谷时": "valley", "谷段": "valley", "低谷段": "valley",
    "深谷": "deep_valley", "深谷段": "deep_valley",
}  # fmt: skip
_REGISTERS = (
    ("反向无功", Register.REACTIVE_EXPORT),
    ("无功", Register.REACTIVE),
    ("需量", Register.DEMAND),
    ("反向有功", Register.ACTIVE_EXPORT),
    ("有功", Register.ACTIVE),
    ("reactive", Register.REACTIVE),
    ("demand", Register.DEMAND),
    ("export", Register.ACTIVE_EXPORT),
    ("active", Register.ACTIVE),
)
_PURCHASE_MODES = (
    ("零售", PurchaseMode.MARKET_RETAIL),
    ("批发", PurchaseMode.MARKET_WHOLESALE),
    ("代理", PurchaseMode.GRID_AGENCY),
    ("兜底", PurchaseMode.GRID_AGENCY),
    ("非市场", PurchaseMode.REGULATED),
    ("直接交易", PurchaseMode.MARKET_WHOLESALE),
    ("市场化", PurchaseMode.MARKET_RETAIL),
    ("market_retail", PurchaseMode.MARKET_RETAIL),
    ("market_wholesale", PurchaseMode.MARKET_WHOLESALE),
    ("grid_agency", PurchaseMode.GRID_AGENCY),
    ("regulated", PurchaseMode.REGULATED),
)
_NUMBERING = re.compile(r"^(?:[（(]?[0-9一二三四五六七八九十]{1,2}[)）、.．]|[①-⑳])\s*")
_BRACKETS = re.compile(r"[()\[\]（）【】]")
_SUBTOTALS = ("小计", "合计", "总计", "subtotal")


def folded(text: str) -> str:
    """Give a text without the variety of widths, spaces and brackets that bills are printed in."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def bare(text: str) -> str:
    """Give a category or component without its numbering: (1), ①, 一、."""
    plain = folded(text)
    while (found := _NUMBERING.match(plain)) is not None and found.end() < len(plain):
        plain = plain[found.end() :]
    return plain.removeprefix("其中:").removeprefix("其中")


def band_meant(text: str) -> str | None:
    """Give the band that a word means, ``total`` for all hours; None for a word that is no band."""
    word = _BRACKETS.sub("", folded(text)).removesuffix("时段") or folded(text)
    if word in ("", "-", "—", "--", "/"):
        return TOTAL
    return _BANDS.get(word) or _BANDS.get(_BRACKETS.sub("", folded(text)))


def register_meant(text: str) -> tuple[Register, str] | None:
    """Give the register and the band that a reading type means, such as 正向有功（尖峰）; None: unknown."""
    plain = folded(text)
    register = next((one for word, one in _REGISTERS if word in plain), None)
    if register is None:
        return None
    inside = re.search(r"\(([^()]*)\)\s*$", plain)
    if inside is not None:
        band = band_meant(inside.group(1))
    else:
        rest = re.sub(r"正向|反向|有功|无功|最大|需量|电量|示数|reactive|active|export|demand|[\s_:-]", "", plain)
        band = band_meant(rest)
    if register is Register.DEMAND and band is None:
        band = TOTAL
    return None if band is None else (register, band)


def purchase_mode_meant(text: str) -> PurchaseMode | None:
    """Give the way of buying that 市场化属性 means; None for words that say nothing of it."""
    plain = folded(text)
    return next((mode for word, mode in _PURCHASE_MODES if word in plain), None)


def is_subtotal(text: str) -> bool:
    """Say whether a word marks a sum of other rows."""
    return any(word in folded(text) for word in _SUBTOTALS)


@noun
class Meaning:
    """What a row of a bill, or a line of ours, is a charge for."""

    kind: str
    """energy | demand | capacity | power_factor | fixed | minimum | tax | export | reactive | catalogue | other."""
    components: frozenset[str] = frozenset()
    """For energy: the parts of the price that it covers."""


def _energy(*components: str) -> Meaning:
    return Meaning(kind="energy", components=frozenset(components))


_BY_WORD = (
    ("系统运行", _energy(SYSTEM)),
    ("煤电容量", _energy(SYSTEM)),
    ("抽水蓄能", _energy(SYSTEM)),
    ("发电容量", _energy(SYSTEM)),
    ("基金", _energy(FUND)),
    ("附加", _energy(FUND)),
    ("功率因", Meaning(kind="power_factor")),
    ("力调", Meaning(kind="power_factor")),
    ("力率", Meaning(kind="power_factor")),
    ("容量补偿", _energy(COMPENSATION)),
    ("线损", _energy(LINE_LOSS)),
)
_LATER = (
    ("购电", _energy(PURCHASE)),
    ("交易电费", _energy(PURCHASE)),
    ("市场化", _energy(PURCHASE)),
    ("电能量", _energy(PURCHASE)),
    ("目录", Meaning(kind="catalogue")),
    ("电度电费", _energy(*COMPONENTS)),
    ("电量电费", _energy(*COMPONENTS)),
    ("增值税", Meaning(kind="tax")),
    ("最低电费", Meaning(kind="minimum")),
    ("无功", Meaning(kind="reactive")),
    ("余电上网", Meaning(kind="export")),
    ("上网电费", Meaning(kind="export")),
    ("固定", Meaning(kind="fixed")),
)
OTHER = Meaning(kind="other")


def _power(words: str) -> Meaning | None:
    """Tell demand from capacity within 容(需)量电费, 基本电费 and 输配电费."""
    plain = re.sub(r"容\(需\)量|容需量|需\(容\)量", "", words)
    has_demand, has_capacity = "需量" in plain, "容量" in plain or "变压器" in plain
    if has_demand != has_capacity:
        return Meaning(kind="demand" if has_demand else "capacity")
    return Meaning(kind="power") if "基本电费" in words or plain != words else None


def meaning_of(category: str, component: str = "") -> Meaning:
    """Say what a printed category with its component is a charge for.

    The category decides before the component: 力调电费损益 within 系统运行费 is no power-factor charge, and
    上网环节线损代理采购损益 no line loss. ``power`` is a capacity-or-demand charge that does not say which.
    """
    head, tail = bare(category), bare(component)
    if head in ("", "-"):
        head, tail = tail, ""
    early = next((one for word, one in _BY_WORD if word in head), None)
    if early is not None:
        return early
    power = _power(head)
    if power is not None:
        finer = _power(tail) if power.kind == "power" else None
        return finer or power
    if "输配" in head:
        return _power(tail) or _energy(TRANSMISSION)
    if "容量补偿" in tail:
        return _energy(COMPENSATION)
    later = next((one for word, one in _LATER if word in head), None)
    if later is not None:
        return later
    return meaning_of(tail) if tail else OTHER


_NAMED = (
    (COMPENSATION, ("容量补偿", "capacity compensation")),
    (LINE_LOSS, ("线损", "line loss")),
    (TRANSMISSION, ("输配", "transmission", "distribution", "network")),
    (SYSTEM, ("系统运行", "煤电容量", "抽水蓄能", "system operation", "pumped-storage", "coal capacity")),
    (PURCHASE, ("购电", "上网电价", "电能量", "市场化", "零售", "purchase", "wholesale", "index")),
)


def components_named(en: str, zh: str) -> frozenset[str]:
    """Give the parts of the price that a tariff's words name; empty where they name none of them."""
    words = f"{folded(zh)} {en.lower()}"
    return frozenset(part for part, said in _NAMED if any(word in words for word in said))
