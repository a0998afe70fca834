"""The language a client gets, and pointers into its body."""

import pytest
from starlette.requests import Request

from api.http.problems import ASKED_POINTERS, POINTERS, language_of, pointed
from domain.checks import refuse
from domain.errors import WattplanError
from domain.files.problems import DocumentError, Problem
from domain.text import Language, Text
from forecasting.errors import HistoryTooShortError
from optimizer.infeasible import InfeasiblePlanError


def asking(accepted: str) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"accept-language", accepted.encode())]})


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-Hans-CN", "zh"),
        ("de, zh;q=0.8, en;q=0.9", "en"),
        ("en;q=0.2, ZH-cn;q=0.7", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=9999, fr", "en"),
        (";;;q=,,zh;q=abc", "en"),
        ("fr, de", "en"),
    ],
)
def test_the_best_liked_language_is_spoken(accepted, language):
    assert language_of(asking(accepted)) is Language(language)


def test_a_listing_refusal_points_at_every_place_in_the_language_asked_for():
    problems = (
        Problem(pointer="/plan/tasks/3", message=Text(en="is odd", zh="奇怪")),
        Problem(pointer="", message=Text(en="is empty", zh="为空")),
    )
    parts = pointed(DocumentError(where="body", problems=problems), Language.ZH)
    assert parts == [{"pointer": "/plan/tasks/3", "detail": "奇怪"}, {"pointer": "", "detail": "为空"}]


def test_a_field_refusal_points_at_its_field():
    error = refuse("Case", "options.seed", -1, Text(en="must not be negative", zh="不得为负"))
    assert pointed(error, Language.EN)[0]["pointer"] == "/options/seed"


def test_each_conflict_of_a_plan_is_a_part_of_its_own():
    error = InfeasiblePlanError(conflicts=(Text(en="press is taken", zh="压机已占用"), Text(en="due", zh="到期")))
    assert pointed(error, Language.ZH) == [
        {"pointer": "/plan", "detail": "压机已占用"},
        {"pointer": "/plan", "detail": "到期"},
    ]


def test_a_refusal_without_a_field_points_where_to_look():
    error = HistoryTooShortError(meter_id="m", measured_days=3.0, issued_at="now", least_days=14)
    (part,) = pointed(error, Language.EN)
    assert part["pointer"] == "/meter"
    assert "14" in part["detail"]


def test_every_pointer_belongs_to_a_refusal():
    def codes(kind):
        return {kind.code}.union(*(codes(one) for one in kind.__subclasses__()))

    # loads every room's refusals
    import scenarios.contract_planning  # noqa: PLC0415
    import scenarios.dr_planning  # noqa: PLC0415
    import scenarios.uncertainty  # noqa: F401, PLC0415

    assert set(POINTERS) | set(ASKED_POINTERS) <= codes(WattplanError)
