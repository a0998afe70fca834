"""The picture of a year: cool for cheap, warm for dear, as SVG with its words and as PNG with its pixels."""

import io
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from domain.catalogue import any_tariff
from domain.text import Language
from scenarios import tariff_picture
from scenarios.tariff_picture import PictureFontError, PictureKindError, colour_of, draw_year
from scenarios.tariff_year import year_views

TITLE = {"title": "Zhejiang 2026", "currency": "CNY", "zone": "Asia/Shanghai"}
VIEWS = year_views(any_tariff("cn-zj-agency-10kv"), 2026)


def pixels(path: Path) -> np.ndarray:
    """Give a picture's colours, shape (height, width, 3), 0…255."""
    drawn = matplotlib.image.imread(io.BytesIO(path.read_bytes()), format="png")
    return np.round(drawn[:, :, :3] * 255).astype(int)


def share_of(colour: str, picture: np.ndarray) -> float:
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return float((np.abs(picture - wanted).max(axis=2) <= 1).mean())


def test_colours_run_from_cool_to_warm_by_price():
    (view,) = VIEWS
    colours = [colour_of(number, view.levels) for number in range(len(view.levels))]
    reds, blues = zip(*((int(one[1:3], 16), int(one[5:7], 16)) for one in colours), strict=True)
    assert reds[0] < reds[-1]
    assert blues[0] > blues[-1]


def test_a_png_has_the_areas_that_the_hours_make(tmp_path):
    """Sharp fills 4 of 24 h in January (workdays, rest days and holidays), July, August and December."""
    path = tmp_path / "year.png"
    draw_year(VIEWS, path, language=Language.EN, **TITLE)
    picture = pixels(path)
    (view,) = VIEWS
    sharp = [number for number, level in enumerate(view.levels) if level.label.en == "sharp"]
    valley = [number for number, level in enumerate(view.levels) if level.label.en == "valley"]
    areas = {
        name: sum(share_of(colour_of(n, view.levels), picture) for n in numbers)
        for name, numbers in (("s", sharp), ("v", valley))
    }
    # panel 1: sharp 4 months x 4 h, valley 12 months x 10 h; panel 2: sharp 1 month x 4 h, valley about 7 x 10 h
    assert 8 < areas["v"] / areas["s"] < 11


def test_an_svg_keeps_its_words_in_chinese(tmp_path):
    path = tmp_path / "year.svg"
    draw_year(VIEWS, path, language=Language.ZH, **TITLE)
    drawn = path.read_text(encoding="utf-8")
    for words in ("工作日、休息日", "节假日", "深谷", "1月", "无此类日", "1.3002 CNY/kWh"):
        assert words in drawn
    assert "~0" not in drawn  # no stand-in is left


def test_a_png_in_chinese_needs_a_font_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(tariff_picture, "CHINESE_FONTS", ("No Such Font",))
    with pytest.raises(PictureFontError, match="No Such Font"):
        draw_year(VIEWS, tmp_path / "year.png", language=Language.ZH, **TITLE)
    assert not (tmp_path / "year.png").exists()


def test_another_kind_of_file_is_refused(tmp_path):
    with pytest.raises(PictureKindError, match=r"year\.pdf"):
        draw_year(VIEWS, tmp_path / "year.pdf", language=Language.EN, **TITLE)


def test_many_prices_have_the_ends_in_the_legend(tmp_path):
    path = tmp_path / "curve.svg"
    draw_year(year_views(any_tariff("cn-hb-market-contract-curve"), 2026), path, language=Language.EN, **TITLE)
    drawn = path.read_text(encoding="utf-8")
    assert "0.4322 CNY/kWh (lowest of 24)" in drawn  # 0.2390 + 0.1932
    assert "0.7052 CNY/kWh (highest)" in drawn  # 0.5120 + 0.1932
