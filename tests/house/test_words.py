"""Every refusal and every finding speaks both languages, under a code of its own."""

import re
from collections import Counter
from string import Formatter

import pytest

from domain.errors import WattplanError
from domain.findings import FindingKind
from domain.text import Text
from tests.house_tools import PACKAGES, classes, modules

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff]")
CODE = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")


def placeholders(template: str) -> set[str]:
    """Give the names that a template's braces ask for."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name is not None}


def faults(words: Text) -> list[str]:
    """Say what is wrong with a pair of sentences."""
    found = []
    if not words.en.strip() or CHINESE.search(words.en):
        found.append("no English")
    if not CHINESE.search(words.zh):
        found.append("no Chinese")
    asked_en = {
        name.removesuffix("_en") for name in placeholders(words.en)
    }  # day_en holds English words, day_zh Chinese
    asked_zh = {name.removesuffix("_zh") for name in placeholders(words.zh)}
    if asked_en != asked_zh:
        found.append("the languages name different numbers")
    if "" in placeholders(words.en) | placeholders(words.zh):
        found.append("a placeholder has no name")
    return found


def errors() -> list[type[WattplanError]]:
    return [
        one for one in classes() if issubclass(one, WattplanError) and one is not WattplanError and not gathers(one)
    ]


def gathers(one: type[WattplanError]) -> bool:
    """Say whether a class is only the base of others, never raised, and leaves the words to them."""
    return one.words is WattplanError.words and bool(one.__subclasses__())


def kinds() -> list[FindingKind]:
    modules()
    return list(FindingKind.registry.values())


def test_every_error_has_a_code_of_its_own():
    missing = [one.__qualname__ for one in errors() if "code" not in vars(one) or not CODE.match(one.code)]
    assert missing == []
    counted = Counter(one.code for one in [WattplanError, *errors()])
    assert [code for code, times in counted.items() if times > 1] == []


def test_every_error_speaks_both_languages():
    assert {one.__qualname__: faults(one.words) for one in errors() if faults(one.words)} == {}


def test_every_finding_has_a_plain_code():
    assert [one.code for one in kinds() if not CODE.match(one.code)] == []


def test_every_finding_speaks_both_languages():
    assert {one.code: faults(one.words) for one in kinds() if faults(one.words)} == {}


def test_findings_and_errors_share_no_code():
    assert {one.code for one in kinds()} & {one.code for one in errors()} == set()


def test_the_walk_finds_them_in_every_room():
    rooms = {one.__module__.split(".")[0] for one in errors()}
    assert rooms <= set(PACKAGES)
    assert {"domain", "forecasting", "optimizer", "scenarios", "api"} - rooms == set()


@pytest.mark.parametrize(
    ("en", "zh", "fault"),
    [
        ("{a} and {b}", "{a}与", "the languages name different numbers"),
        ("only", "only", "no Chinese"),
        ("", "只有", "no English"),
        ("{} is", "{}为", "a placeholder has no name"),
    ],
)
def test_a_fault_would_be_seen(en, zh, fault):
    assert fault in faults(Text(en=en, zh=zh))


def test_words_within_words_may_be_of_each_language():
    assert faults(Text(en="like {day_en}", zh="与{day_zh}相同")) == []


def test_formats_may_differ_between_the_languages():
    assert faults(Text(en="{x:.1f} kW of {who}", zh="{who} 的 {x:.0f} 千瓦")) == []
