"""Every refusal of every room is answered by the one table."""

import importlib
import pkgutil

import pytest

import api
import domain
import forecasting
import optimizer
import scenarios
from api.errors import EXIT_INTERNAL, EXIT_NO_ANSWER, EXIT_REFUSED, NotFoundError, answer_to, table
from domain.checks import refuse
from domain.errors import WattplanError
from domain.files.problems import DocumentError, Problem
from domain.tariffs.tariff import TariffNotInForceError
from domain.text import Text
from optimizer.errors import UnsoundScheduleError
from optimizer.infeasible import InfeasiblePlanError


def all_refusals() -> list[type[WattplanError]]:
    for room in (domain, forecasting, optimizer, scenarios, api):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: list[type[WattplanError]] = []
    left = [WattplanError]
    while left:
        cls = left.pop()
        found.append(cls)
        left += cls.__subclasses__()
    return [cls for cls in found if cls.__module__.split(".")[0] != "tests"]


REFUSALS = all_refusals()


def test_the_walk_finds_the_refusals_of_several_rooms():
    rooms = {cls.__module__.split(".")[0] for cls in REFUSALS}
    assert rooms == {"domain", "forecasting", "optimizer", "scenarios", "api"}


@pytest.mark.parametrize("cls", REFUSALS, ids=lambda cls: cls.__name__)
def test_every_refusal_has_an_answer_and_words_in_both_languages(cls):
    answer = answer_to(cls.__new__(cls))
    assert answer.status in {400, 404, 409, 413, 422, 500, 503}
    assert answer.exit_code in {EXIT_REFUSED, EXIT_NO_ANSWER, EXIT_INTERNAL}
    assert cls.words.en.strip()
    assert cls.words.zh.strip()


def test_codes_are_not_shared():
    codes = [cls.code for cls in REFUSALS if "code" in vars(cls)]
    assert sorted(codes) == sorted(set(codes))


def test_the_nearest_base_answers():
    class LateError(TariffNotInForceError):
        """A refusal that the table does not name."""

    late = LateError.__new__(LateError)
    assert LateError not in table()
    assert answer_to(late).status == 409


def test_only_malformed_payloads_are_422():
    problem = Problem(pointer="/a", message=Text(en="is missing", zh="缺少"))
    assert answer_to(DocumentError(where="body", problems=(problem,))).status == 422
    assert answer_to(refuse("Task", "count", 0, Text(en="x", zh="y"))).status == 400
    assert answer_to(NotFoundError(kind="tariff", name="x", mend="")).status == 404


def test_exit_codes_tell_no_answer_from_refused_from_broken():
    assert answer_to(InfeasiblePlanError(conflicts=())).exit_code == 3
    assert answer_to(UnsoundScheduleError(n_violations=1, violations=())).exit_code == 70
    assert answer_to(refuse("Task", "count", 0, Text(en="x", zh="y"))).exit_code == 1
