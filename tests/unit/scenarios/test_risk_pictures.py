"""Pictures of decisions under uncertainty say what they show, in both languages."""

from dataclasses import replace

import numpy as np
import pytest

from domain.offers.playbook import EventChance
from domain.plant import Interval
from domain.text import Language
from optimizer.availability import availability_curve
from optimizer.availability_window import Window
from optimizer.playbook import playbook
from scenarios.risk_pictures import availability_chart, playbook_chart, value_chart
from tests.optimizer_cases import EXACT, hour
from tests.unit.optimizer.test_playbook import flexible


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, ("if nothing is called", "if E is called (50%)", "Site import, kW", "notice")),
        (Language.ZH, ("未被调用时", "E 被调用时（50%）", "用电功率，kW", "通知")),
    ],
)
def test_a_playbook_names_its_courses(language: Language, words: tuple[str, ...]) -> None:
    asked = replace(flexible(), events=flexible().events[:1])
    book = playbook(asked, (EventChance(event_id="E", probability=0.5, notice_min=120),), EXACT)
    drawn = playbook_chart(book, asked, language)
    assert drawn.startswith("<svg")
    assert all(one in drawn for one in words)
    assert "~0" not in drawn
    assert "12:00" in drawn


@pytest.mark.parametrize(
    ("language", "words"), [(Language.EN, "Least extra cost, CNY"), (Language.ZH, "最低额外费用，CNY")]
)
def test_a_curve_names_its_levels_and_pay(language: Language, words: str) -> None:
    asked = replace(flexible(), events=())
    window = Window(span=Interval(start=hour(14), end=hour(16)))
    points = availability_curve(asked, window, EXACT, [20.0, 50.0, 900.0])
    drawn = availability_chart(points, currency="CNY", language=language)
    assert words in drawn
    assert f"{points[1].pay_per_kwh:.2f} / kWh" in drawn
    assert "~0" not in drawn


def test_two_plans_are_drawn_on_the_same_samples() -> None:
    drawn = value_chart(np.array([5.0, 7.0, 6.0]), np.array([5.5, 6.5, 6.0]), currency="EUR", language=Language.EN)
    assert "plan for the samples" in drawn
    assert "Month's cost, EUR" in drawn.replace("&#x27;", "'")
