"""Ask the service in this process, and read its refusals."""

import asyncio
from typing import Any

import httpx

PROBLEM = "application/problem+json"


def ask(app: Any, method: str, path: str, **how: Any) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, **how)

    return asyncio.run(go())


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert {"type", "title", "detail", "code", "errors"} <= set(body)
    assert all(set(one) == {"pointer", "detail"} for one in body["errors"])
    assert "Traceback" not in answer.text
    return body
