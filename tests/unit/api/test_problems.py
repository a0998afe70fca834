"""The language a client gets, and pointers into its body."""

import pytest
from starlette.requests import Request

from api.http.problems import language_of, pointed
from domain.checks import refuse
from domain.files.problems import DocumentError, Problem
from domain.text import Language, Text


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
