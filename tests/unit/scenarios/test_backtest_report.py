"""The backtest's page: complete in both languages, self-contained, safe with hostile names."""

import re
import string
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, time

import numpy as np
import pytest

from domain.text import Language
from forecasting.backtest import Backtest, FourWeekMean, SameTimeLastWeek, rolling_origins, run_backtest
from forecasting.backtest.origins import arrivals
from scenarios.backtest_report import BacktestAsked, render_backtest, scores_of, verdict
from scenarios.backtest_words import WORDS, name_of
from tests.synthetic_load import BERLIN, plant

HOSTILE = "<script>alert('ours & yours')</script>"
ASKED = BacktestAsked(issue=time(12), horizon_days=2, delay_min=30)


def a_backtest(*, horizon_days: int) -> Backtest:
    """The mean of four weeks stands for our own forecast: the page is the same and needs no fit."""
    meter = replace(plant(date(2024, 2, 1), 62), meter_id=HOSTILE)
    meter = replace(meter, import_kw=np.where(np.arange(meter.grid.n_steps) == 1400, np.nan, meter.import_kw))
    forecasters = {
        "own": FourWeekMean(zone=BERLIN),
        "last_week": SameTimeLastWeek(zone=BERLIN),
        "four_weeks": FourWeekMean(zone=BERLIN),
    }
    origins = rolling_origins(meter, zone=BERLIN, horizon_days=horizon_days, n_origins=5)
    return run_backtest(meter, origins, forecasters, zone=BERLIN, available_at=arrivals(meter.grid, 30))


TESTED = a_backtest(horizon_days=2)
PAGES = {language: render_backtest(TESTED, ASKED, language) for language in Language}


def drawings(page: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)


def test_both_languages_have_every_word_with_the_same_placeholders():
    for key, text in WORDS.items():
        assert text.en.strip(), key
        assert re.search(r"[\u4e00-\u9fff]|MAE|P10", text.zh), key
        fields = [sorted(name for _, name, _, _ in string.Formatter().parse(one) if name) for one in (text.en, text.zh)]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("language", Language)
def test_the_page_needs_nothing_from_outside(language):
    page = PAGES[language]
    assert "<script" not in page
    assert "@import" not in page
    for name, value in re.findall(r'\b(src|href|action|poster|data)="([^"]*)"', page):
        assert value.startswith("#"), (name, value)
    assert not re.findall(r"url\((?!#)", page)


@pytest.mark.parametrize("language", Language)
def test_hostile_names_stay_words(language):
    assert HOSTILE not in PAGES[language]
    assert "&lt;script&gt;" in PAGES[language]


@pytest.mark.parametrize("language", Language)
def test_every_drawing_is_sound_xml_with_its_words_in_it(language):
    found = drawings(PAGES[language])
    assert len(found) == 6
    for svg in found:
        ET.fromstring(re.sub("xlink:href", "href", svg))
    words = " ".join(found)
    assert "~0" not in words
    for key in ("last_week", "hour_axis", "ideal", "actual", "band"):
        assert WORDS[key].say(language) in words


def test_one_day_ahead_has_no_picture_of_the_days_ahead():
    page = render_backtest(a_backtest(horizon_days=1), ASKED)
    assert len(drawings(page)) == 5
    assert WORDS["chart_leads"].en not in page


@pytest.mark.parametrize("language", Language)
def test_the_scores_stand_in_the_page(language):
    for one in scores_of(TESTED).values():
        assert f"{100 * one.wape_share:.1f} %" in PAGES[language]
        assert f"{one.mae_kw:.1f}" in PAGES[language]
        assert name_of(one.name, language) in PAGES[language]


def test_the_page_is_the_same_each_time():
    assert render_backtest(TESTED, ASKED) == PAGES[Language.EN]


def test_the_verdict_says_which_is_better():
    scores = scores_of(TESTED)
    own, naive = scores["own"], scores["last_week"]
    assert own.mae_kw < naive.mae_kw
    assert f"{100 * (1 - own.mae_kw / naive.mae_kw):.1f} % smaller" in verdict(own, naive, Language.EN)[1]
    assert "larger" in verdict(naive, own, Language.EN)[1]
    assert "equally good" in verdict(own, own, Language.EN)[1]


def test_what_was_refused_and_doubted_is_said():
    meter = plant(date(2024, 4, 1), 20)
    forecasters = {"own": SameTimeLastWeek(zone=BERLIN), "last_week": SameTimeLastWeek(zone=BERLIN)}
    origins = rolling_origins(meter, zone=BERLIN, n_origins=17, history_days=1)
    page = render_backtest(run_backtest(meter, origins, forecasters, zone=BERLIN), ASKED)
    assert WORDS["refusals"].en in page
    assert "Give more history" in page
