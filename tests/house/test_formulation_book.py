"""The book, the docstrings and fully equipped models name the same equations."""

import importlib
import re

from pyomo.environ import Constraint, Objective

from optimizer.formulation import build, plan_sets
from tests.house_tools import ROOT
from tests.optimizer_cases import coupled_problem, equipped_problem
from tests.process_cases import processed_problem
from tests.reactive_cases import reactive_problem
from tests.risk_cases import promised_problem, tail_model
from tests.standing_cases import standing_problem
from tests.works_cases import works_problem

BLOCKS = (
    "processes",
    "production",
    "machines",
    "changeovers",
    "stores",
    "modulating",
    "battery",
    "utilities",
    "reactive",
    "grid",
    "standing",
    "demand",
    "coupled",
    "events",
    "promises",
    "tail",
    "objective",
)
TAG = re.compile(r"^\(([A-Z]\d+)\)")


def in_the_model() -> dict[str, str]:
    equipped = (
        equipped_problem(),
        works_problem(),
        coupled_problem(),
        promised_problem(),
        processed_problem(),
        standing_problem(),
        reactive_problem(),
    )
    models = [*(build(plan_sets(asked)) for asked in equipped), tail_model()]
    components = [one for model in models for kind in (Constraint, Objective) for one in model.component_objects(kind)]
    stated = {one.doc: one.local_name for one in components if len(one) > 0}
    assert {one.doc: one.local_name for one in components} == stated
    return stated


def in_the_docstrings() -> dict[str, str]:
    found = {}
    for block in BLOCKS:
        module = importlib.import_module(f"optimizer.formulation.{block}")
        for name, function in vars(module).items():
            if callable(function) and getattr(function, "__module__", "") == module.__name__:
                tag = TAG.match(function.__doc__ or "")
                if tag:
                    assert tag.group(1) not in found
                    found[tag.group(1)] = name
    return found


def in_the_book() -> dict[str, str]:
    text = (ROOT / "docs" / "formulation.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z]\d+) \|.*?\| `(\w+)` \|", text, flags=re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_book_docstrings_and_model_agree():
    assert in_the_model() == in_the_docstrings() == in_the_book()
    assert len(in_the_book()) >= 43


def test_every_block_says_its_range_of_tags():
    for block in BLOCKS:
        module = importlib.import_module(f"optimizer.formulation.{block}")
        tags = [tag for tag, name in in_the_docstrings().items() if hasattr(module, name) and tag in in_the_model()]
        here = [tag for tag in tags if getattr(module, in_the_book()[tag]).__module__ == module.__name__]
        said = here[0] if len(here) == 1 else f"({here[0]})-({here[-1]})"
        assert said in module.__doc__
