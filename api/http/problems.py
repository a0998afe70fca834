"""RFC 9457 problem documents: the only bodies that say no."""

import logging
import re
import secrets
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.errors import BusyError, answer_to
from domain.errors import DuplicateIdError, InvalidFieldError, UnknownReferenceError, WattplanError
from domain.files.problems import ListedError, Problem
from domain.text import Language, Text

LANGUAGES = tuple(one.value for one in Language)
MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("wattplan.http")
_QUALITY = re.compile(r"^q=([01](?:\.\d{0,3})?)$")

TITLES: dict[HTTPStatus, Text] = {
    HTTPStatus.BAD_REQUEST: Text(en="Refused", zh="请求被拒绝"),
    HTTPStatus.NOT_FOUND: Text(en="Not found", zh="未找到"),
    HTTPStatus.METHOD_NOT_ALLOWED: Text(en="Method not allowed", zh="方法不被允许"),
    HTTPStatus.CONFLICT: Text(en="Clashes with a rule", zh="与规则冲突"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Text(en="Too large", zh="请求体过大"),
    HTTPStatus.UNPROCESSABLE_ENTITY: Text(en="Not a document of this kind", zh="不是此类文档"),
    HTTPStatus.INTERNAL_SERVER_ERROR: Text(en="Our mistake", zh="服务内部错误"),
    HTTPStatus.SERVICE_UNAVAILABLE: Text(en="Busy", zh="服务繁忙"),
}
INTERNAL = Text(
    en="Something broke on our side. Quote incident {incident} when you report it.",
    zh="服务内部出错。反馈时请注明事件编号 {incident}。",
)
NO_SUCH_PAGE = Text(en="There is nothing at {path}. See /openapi.json.", zh="{path} 处没有内容。请参阅 /openapi.json。")
NO_SUCH_METHOD = Text(en="{method} is not served at {path}.", zh="{path} 不支持 {method}。")
POINTERS = {
    "infeasible_plan": "/plan",
    "no_plan_in_time": "/options/solve/deadline_s",
    "event_not_in_horizon": "/events",
    "event_unbounded": "/programmes",
    "steps_differ": "/process_history",
    "history_too_short": "/meter",
    "no_usable_data": "/meter",
    "constant_load": "/meter",
    "shift_off_grid": "/plan/modulating_loads",
    "shift_overlap": "/plan/shifts",
    "start_outside_horizon": "/plan/tasks",
    "no_events": "/events",
    "too_few_samples": "/options/n_samples",
}
"""Where in a case to look for what a refusal without a field is about."""
ASKED_POINTERS = {
    "wish_not_possible": "/keep",
    "standing_grid": "/standing/schedule/grid",
    "standing_run_gone": "/standing/schedule/runs",
    "package_not_plannable": "/package_id",
    "window_outside_plan": "/start",
    "window_off_grid": "/start",
    "baseline_not_possible": "/baseline_id",
    "baseline_not_ahead": "/baseline_id",
    "baseline_reference_missing": "/reference_kw",
    "event_not_plannable": "/calls",
    "chances_do_not_add_up": "/calls",
    "too_many_outcomes": "/calls",
    "contract_below_floor": "/limits/most_kw",
    "contract_not_choosable": "/charge_id",
    "billing_modes_of_versions": "/package_id",
}
"""Likewise in what is asked beside a case."""
ASKED = re.compile(r"^\w+Asked$")
"""Nouns that are a request's body, apart from its case."""
CASE_AT = "case_at"
"""Under this name a request's state says where in the body its case stands."""
OTHER = Text(en="The request cannot be answered.", zh="无法处理该请求。")


def language_of(request: Request) -> Language:
    """Give the language that the client likes best among ours."""
    likes: list[tuple[float, int, Language]] = []
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")[:20]):
        name, _, weight = part.strip().partition(";")
        found = _QUALITY.match(weight.strip()) if weight else None
        quality = float(found.group(1)) if found else 0.0 if weight else 1.0
        primary = name.strip().split("-")[0].lower()
        if primary in LANGUAGES and quality > 0:
            likes.append((-quality, place, Language(primary)))
    return min(likes)[2] if likes else Language.EN


def problem_response(
    *,
    status: HTTPStatus,
    code: str,
    detail: str,
    language: Language,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """Make a problem document."""
    title = TITLES.get(status, OTHER).say(language)
    body = {
        "type": f"urn:wattplan:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    body |= {"errors": errors or []} | more
    sent = {"Content-Language": language.value, "Vary": "Accept-Language", **(headers or {})}
    return JSONResponse(body, status_code=int(status), media_type=MEDIA_TYPE, headers=sent)


def install(app: FastAPI) -> None:
    """Answer every refusal, and every surprise, with a problem document."""
    app.add_exception_handler(WattplanError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _surprise)


def pointed(error: WattplanError, language: Language, *, case_at: str = "") -> list[dict[str, str]]:
    """Give a refusal's parts with their JSON pointers.

    Parameters
    ----------
    case_at : str
        Pointer to the case within the body; empty: it is the body.
    """
    if isinstance(error, ListedError):
        return [_part(one, language) for one in error.data["problems"]]
    field, pointer = error.data.get("field"), error.data.get("pointer")
    if isinstance(pointer, str):  # of something whose ids may hold dots
        return [{"pointer": pointer, "detail": error.say(language)}]
    is_asked = isinstance(error, UnknownReferenceError | DuplicateIdError) and ASKED.match(str(error.data.get("noun")))
    if (isinstance(error, InvalidFieldError) or is_asked) and isinstance(field, str):
        return [{"pointer": "/" + field.replace(".", "/"), "detail": error.say(language)}]
    place = ASKED_POINTERS.get(error.code, "")
    if error.code in POINTERS:
        place = case_at + POINTERS[error.code]
    return [{"pointer": place, "detail": part} for part in _parts(error, language)]


def _parts(error: WattplanError, language: Language) -> list[str]:
    """Give the sentences of a refusal that has several, else the one of a refusal that has a place."""
    conflicts = error.data.get("conflicts")
    if isinstance(conflicts, tuple):
        return [one.say(language) if isinstance(one, Text) else str(one) for one in conflicts]
    return [error.say(language)] if error.code in POINTERS or error.code in ASKED_POINTERS else []


def _part(problem: Any, language: Language) -> dict[str, str]:
    if isinstance(problem, Problem):
        return {"pointer": problem.pointer, "detail": problem.message.say(language)}
    return {"pointer": str(getattr(problem, "pointer", "")), "detail": problem.say(language)}


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WattplanError)  # noqa: S101 -- registered for this class
    status = answer_to(error).status
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return _surprise(request, error)
    language = language_of(request)
    headers = {"Retry-After": str(error.data["retry_after_s"])} if isinstance(error, BusyError) else None
    return problem_response(
        status=status,
        code=error.code,
        detail=error.say(language),
        language=language,
        errors=pointed(error, language, case_at=getattr(request.state, CASE_AT, "")),
        headers=headers,
    )


def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for this class
    errors = [
        {"pointer": "/" + "/".join(map(str, one["loc"][1:])), "detail": str(one["msg"])} for one in error.errors()
    ]
    language = language_of(request)
    return problem_response(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        code="malformed_request",
        detail=OTHER.say(language),
        language=language,
        errors=errors,
    )


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class
    language = language_of(request)
    status = HTTPStatus(error.status_code)
    words = {HTTPStatus.NOT_FOUND: NO_SUCH_PAGE, HTTPStatus.METHOD_NOT_ALLOWED: NO_SUCH_METHOD}.get(status, OTHER)
    return problem_response(
        status=status,
        code=f"http_{int(status)}",
        detail=words.say(language, path=request.url.path, method=request.method),
        language=language,
        headers=dict(error.headers or {}),
    )


def _surprise(request: Request, error: Exception) -> JSONResponse:
    incident = secrets.token_hex(6)
    _LOG.error("incident %s: %s %s", incident, request.method, request.url.path, exc_info=error)
    language = language_of(request)
    return problem_response(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal_error",
        detail=INTERNAL.say(language, incident=incident),
        language=language,
        incident=incident,
    )
