"""The heading of a metering point: 电能表编号：…，电价：…, with its parent and fixed ratio where it is a 定比 point."""

import re
import unicodedata
from decimal import Decimal

from domain.noun import noun
from domain.shadow.ebill import RowPlace

_KEYS = (
    "上级电能表编号",
    "上级计量点编号",
    "上级表号",
    "电能表编号",
    "计量点编号",
    "表号",
    "执行电价",
    "电价名称",
    "电价",
)
_SPLIT = re.compile("|".join(rf"({key})\s*:" for key in _KEYS))
_NUMBERS = re.compile(r"[0-9A-Za-z*\-]{2,}")
_RATIO = re.compile(r"定比(?:率|值|系数)?\s*:?\s*(0?\.\d{1,6}|\d{1,2}(?:\.\d{1,4})?\s*%)?")


@noun
class MeterHeading:
    """What a metering point's heading says."""

    place: RowPlace
    meter_no: str
    price_name: str = ""
    is_fixed_ratio: bool = False
    ratio_share: Decimal | None = None
    """[-]"""
    parent_nos: tuple[str, ...] = ()


def heading_of_meter(texts: list[str], place: RowPlace) -> MeterHeading | None:
    """Read a row as the heading of a metering point; None: it is none."""
    line = _line(texts)
    parts = _parts(line)
    own = next((parts[key] for key in ("电能表编号", "计量点编号", "表号") if key in parts), None)
    parent = next((parts[key] for key in _KEYS[:3] if key in parts), None)
    ratio = _RATIO.search(line)
    if own is None and (ratio is None or parent is None):
        return None
    numbers = _NUMBERS.findall(own or "") if ratio is None or "定比" not in (own or "") else []
    name = next((parts[key] for key in ("执行电价", "电价名称", "电价") if key in parts), "")
    share = _share(ratio.group(1)) if ratio is not None and ratio.group(1) else None
    return MeterHeading(
        place=place,
        meter_no="、".join(numbers) if numbers else f"定比{share or ''}" if ratio else (own or "").strip(" ,;"),
        price_name=name.strip(" ,;"),
        is_fixed_ratio=ratio is not None,
        ratio_share=share,
        parent_nos=tuple(_NUMBERS.findall(parent or "")),
    )


def _line(texts: list[str]) -> str:
    """Join a row's cells; a cell that is only a key is followed by its value in the next cell."""
    line = ""
    for text in texts:
        plain = unicodedata.normalize("NFKC", text).strip().rstrip(":")
        line += f"{plain}:" if plain in _KEYS else f"{plain},"
    return line


def _parts(line: str) -> dict[str, str]:
    found = list(_SPLIT.finditer(line))
    ends = [one.start() for one in found[1:]] + [len(line)] if found else []
    return {
        line[one.start() : one.end()].rstrip(": "): line[one.end() : end].strip(" ,;，")
        for one, end in zip(found, ends, strict=True)
    }


def _share(text: str) -> Decimal:
    plain = text.replace(" ", "")
    return Decimal(plain[:-1]) / 100 if plain.endswith("%") else Decimal(plain)
