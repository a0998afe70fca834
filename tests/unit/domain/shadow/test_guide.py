"""The guide names the causes that the code gives, and all of them."""

import re
from pathlib import Path

import domain.shadow
from tests.house_tools import ROOT

GUIDE = (ROOT / "docs" / "bill-check.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in Path(domain.shadow.__path__[0]).glob("*.py"))
COMPOSED = ("over_rule_", "basis_", "floor_share_", "measurement_min_", "sliding_", "standard_", "labels_are_")
"""Causes that end in the value that was tried."""


def explained_part() -> str:
    return GUIDE.split("## How a difference is explained", 1)[1].split("## An example", 1)[0]


def causes_in_code() -> set[str]:
    named = set(re.findall(r'cause="([a-z_0-9]+)"', SOURCES))
    named |= set(re.findall(r'^\s+\(?\s*"(losses\w*|adjustment)", ', SOURCES, flags=re.MULTILINE))
    named |= set(re.findall(r'"((?:funds|power)_(?:not_)?in_base\w*)"', SOURCES))
    named |= {"agency_price_1_5", "component_price", "adjusted_amount_differs", "follows"}
    return named


def test_every_cause_of_the_guide_is_in_the_code():
    told = set(re.findall(r"`([a-z_0-9…]+)`", explained_part())) - {"…_not_applied"}
    told = {one.rstrip("…") for one in told}
    assert told
    assert {one for one in told if one not in SOURCES and not one.startswith(COMPOSED)} == set()


def test_every_cause_of_the_code_is_in_the_guide():
    beside = {"losses_and_adjustment", "funds_in_base_power_not", "usage_rebate_not_applied"}
    assert {one for one in causes_in_code() - beside if one not in GUIDE} == set()
