"""The offline report: complete in both languages, self-contained, safe with hostile names."""

import re
import string
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.offers import SavingSplit
from domain.text import Language
from scenarios.report import render_report, write_report
from scenarios.report_words import WORDS, word
from tests.unit.api.handmade import HOSTILE, small_case, small_quote

CASE = small_case()
QUOTE = small_quote(CASE)
PAGES = {language: render_report(QUOTE, CASE, language) for language in Language}


def drawings(page: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)


def test_both_languages_have_every_word_with_the_same_placeholders():
    for key, text in WORDS.items():
        assert text.en.strip(), key
        assert text.zh.strip(), key
        fields = [sorted(name for _, name, _, _ in string.Formatter().parse(one) if name) for one in (text.en, text.zh)]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("language", Language)
def test_the_page_needs_nothing_from_outside(language):
    page = PAGES[language]
    assert "<script" not in page
    assert "@import" not in page
    assert "@font-face" not in page
    for name, value in re.findall(r'\b(src|href|action|poster|data)="([^"]*)"', page):
        assert value.startswith("#"), (name, value)
    assert not re.findall(r"url\((?!#)", page)


@pytest.mark.parametrize("language", Language)
def test_hostile_names_stay_words(language):
    page = PAGES[language]
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "<b>cheaper</b>" not in page


@pytest.mark.parametrize("language", Language)
def test_every_drawing_is_sound_xml_with_its_words_in_it(language):
    found = drawings(PAGES[language])
    assert len(found) == 6
    for svg in found:
        ET.fromstring(re.sub("xlink:href", "href", svg))
    words = " ".join(found)
    assert "~0" not in words
    assert word("split_shifting", language) in words
    assert "瓷器" in words


def test_money_of_the_offer_stands_on_the_page():
    page = PAGES[Language.EN]
    for shown in (
        "14,500 CNY",
        "+7.1 %",
        "11,000 / 14,700 / 17,300",
        "191,200 CNY",
        "9,000.10",
        "−700.30",
        "190,500.33",
    ):
        assert shown in page, shown
    assert "−14,500.44" in page  # 190500.33 - 205000.77


def test_the_record_stands_on_the_page():
    assert QUOTE.manifest.case_sha256 in PAGES[Language.ZH]
    assert QUOTE.manifest.answer_sha256 in PAGES[Language.ZH]


def test_no_offer_is_said_so():
    page = render_report(replace(QUOTE, offers=()), CASE, Language.EN)
    assert "Nothing is offered." in page


def test_a_dearer_best_offer_is_not_sold_as_a_saving():
    minus = Decimal(-1)
    offer = QUOTE.offers[0]
    worse = replace(
        offer,
        saving=replace(offer.saving, mean=minus * 800),
        net_benefit=minus * 800,
        split=SavingSplit(**dict.fromkeys(("tariff", "shifting", "demand", "dr", "production"), minus * 160)),
    )
    page = render_report(replace(QUOTE, offers=(worse,)), CASE, Language.EN)
    assert "cost 800 CNY more than today" in page
    assert "expected to save" not in page


def test_the_same_quote_gives_the_same_bytes(tmp_path):
    for number in (1, 2):
        write_report(QUOTE, CASE, tmp_path / f"{number}.html", Language.ZH)
    first, second = ((tmp_path / f"{number}.html").read_bytes() for number in (1, 2))
    assert first == second
    assert first.decode("utf-8") == PAGES[Language.ZH]
