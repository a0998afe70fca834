"""Agency-purchase price sheets as provinces lay them out, with the published numbers of three provinces."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl

from domain.files.agency_sheet_rule import BandRuleRecord
from domain.tariffs import BandCalendar, BandRule, Source, Status
from domain.text import Text

DAY = "00:00-24:00"


def rule(floating: Sequence[str], factors: dict[str, str], **changes: Any) -> BandRuleRecord:
    """Give a rule whose bands stand in fixed hours; which hours is not under test here."""
    windows = {
        "sharp": ("18:00-20:00",),
        "peak": ("16:00-18:00", "20:00-22:00"),
        "valley": ("00:00-06:00",),
        "deep_valley": ("11:00-13:00",),
    }
    named = [band for band in windows if band in factors]
    rules = [BandRule(band="flat", windows=(DAY,))]
    rules += [BandRule(band=band, windows=windows[band], layer=1) for band in named]
    values: dict[str, Any] = {
        "rule_id": "cn-test",
        "name": Text(en="Test province", zh="试验省"),
        "calendar": BandCalendar(rules=tuple(rules)),
        "factors": {band: Decimal(factor) for band, factor in factors.items()},
        "floating": tuple(floating),
        "valid_from": date(2026, 1, 1),
        "status": Status.COMPILED,
        "source": Source(document="试发改价格〔2026〕1号", issuer="试验省发展和改革委员会"),
    }
    return BandRuleRecord(**(values | changes))


SHANDONG = rule(
    ("average_purchase", "capacity_compensation", "line_loss", "pumped_storage", "coal_capacity"),
    {"sharp": "2", "peak": "1.7", "valley": "0.3", "deep_valley": "0.1"},
)
GUANGDONG = rule(
    ("purchase", "line_loss", "transmission", "system_operation"),
    {"sharp": "2.125", "peak": "1.7", "valley": "0.38"},
)
JIANGSU = rule(
    ("purchase",),
    {"peak": "1.8", "valley": "0.35"},
    structure_factors={"single_part": {"peak": Decimal("1.7"), "valley": Decimal("0.35")}},
)

TITLE = "国网试验省电力有限公司代理购电工商业用户电价表"
VALID = "（执行时间：2026年10月1日-2026年10月31日）"
HEAD = ("用电分类", "", "电压等级", "电度用电价格")
NOTES = ("注：1.分时电价按照《试验省分时电价通知》（鲁发改价格〔2023〕914号）执行。",)

JIANGSU_PARTS = ("代理购电价格", "上网环节线损费用", "电度输配电价", "系统运行费用", "政府性基金及附加")
JIANGSU_BANDS = ("高峰时段", "平时段", "低谷时段")
JIANGSU_ROWS = (
    (
        "工商业用电",
        "单一制",
        "不满1千伏",
        "0.71",
        "0.39575",
        "0.02",
        "0.22",
        "0.04485",
        "0.0294",
        "0.9870",
        "0.7100",
        "0.4528",
        "",
        "",
    ),
    (
        "",
        "",
        "1-10（20）千伏",
        "0.685",
        "0.39575",
        "0.02",
        "0.195",
        "0.04485",
        "0.0294",
        "0.9620",
        "0.6850",
        "0.4278",
        "",
        "",
    ),
    (
        "",
        "两部制",
        "1-10（20）千伏",
        "0.64",
        "0.39575",
        "0.02",
        "0.15",
        "0.04485",
        "0.0294",
        "0.9566",
        "0.6400",
        "0.3828",
        "51.2",
        "32",
    ),
    (
        "",
        "",
        "35千伏",
        "0.615",
        "0.39575",
        "0.02",
        "0.125",
        "0.04485",
        "0.0294",
        "0.9316",
        "0.6150",
        "0.3578",
        "48",
        "30",
    ),
)
"""Jiangsu, October 2026: P = 0.39575, fixed 0.24425 -> 0.9566 / 0.6400 / 0.3828 at 1-10 kV two-part."""

SHANDONG_PARTS = (
    *("当月平均购电价格", "容量补偿电价", "上网环节线损费用", "抽水蓄能容量电费", "煤电容量电费"),
    *("电度输配电价", "政府性基金及附加"),
)
SHANDONG_BANDS = ("尖峰时段", "高峰时段", "平时段", "低谷时段", "深谷时段")
SHANDONG_ROWS = (
    (
        *("工商业用电", "两部制", "110千伏", "0.63457", "0.4", "0.0705", "0.01", "0.0049", "0.016", "0.106", "0.02717"),
        *("1.13597", "0.98555", "0.63457", "0.28359", "0.18331", "38.4", "25"),
    ),
)
"""Shandong 2026, 110 kV: floating 0.5014, fixed 0.13317."""

GUANGDONG_BANDS = ("尖峰", "高峰", "平段", "低谷")
GUANGDONG_ROWS = (
    (
        "工商业用电",
        "两部制",
        "1-10千伏",
        "64.83",
        "40",
        "1.063125",
        "15",
        "6",
        "2.766875",
        "134.65",
        "108.27",
        "64.83",
        "26.35",
        "36.1",
        "22.6",
    ),
)
"""Shantou, September 2026, in fen: floating 62.063125, funds 2.766875."""


def table(
    parts: Sequence[str], bands: Sequence[str], rows: Sequence[Sequence[str]], unit: str = "元/千瓦时"
) -> list[list[str]]:
    """Lay a sheet out: title, validity, unit, two rows of headings, rows, notes."""
    n_parts, n_bands = len(parts), len(bands)
    upper = [
        *HEAD,
        "其中",
        *[""] * (n_parts - 1),
        f"分时电度用电价格（{unit}）",
        *[""] * (n_bands - 1),
        "容（需）量用电价格",
        "",
    ]
    lower = ["", "", "", "", *parts, *bands, "最大需量\n（元/千瓦·月）", "变压器容量（元/千伏安·月）"]
    return [[TITLE], [VALID], [f"单位：{unit}"], upper, lower, *map(list, rows), *([note] for note in NOTES)]


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig") -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[str]], *, merge: bool = True) -> bytes:
    """Write a sheet as Excel does it: numbers as numbers, headings and kinds of use merged."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "代理购电"
    for cells in rows:
        sheet.append([float(cell) if cell.replace(".", "", 1).isdigit() else (cell or None) for cell in cells])
    if merge:
        _merge(sheet, [list(cells) for cells in rows])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _merge(sheet: Any, rows: list[list[str]]) -> None:
    top = next(number for number, cells in enumerate(rows, start=1) if "电压等级" in cells)
    last = max(number for number, cells in enumerate(rows, start=1) if len(cells) > 3)
    upper = rows[top - 1]
    for first in [place for place, text in enumerate(upper) if text]:
        width = next((n for n, text in enumerate(upper[first + 1 :]) if text), len(upper) - first - 1)
        lower_is_empty = not rows[top][first]
        sheet.merge_cells(
            start_row=top,
            end_row=top + (1 if lower_is_empty else 0),
            start_column=first + 1,
            end_column=first + 1 + width,
        )
    for column in (0, 1):
        starts = [row for row in range(top + 2, last + 1) if rows[row - 1][column]]
        for start, stop in zip(starts, [*starts[1:], last + 1], strict=True):
            if stop - start > 1:
                sheet.merge_cells(start_row=start, end_row=stop - 1, start_column=column + 1, end_column=column + 1)
