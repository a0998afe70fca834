"""The service end to end: real use cases through ASGI, one real server, and clients that mean harm."""

import copy
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.http import asked_examples, create_app, examples
from api.services import Services
from api.services.use_cases import bill_month, catalogue_tariffs, forecast_meter
from api.settings import Settings
from domain.errors import WattplanError
from optimizer.infeasible import InfeasiblePlanError
from tests.http_client import PROBLEM, ask, is_problem
from tests.unit.api.handmade import small_quote

EXAMPLES = {
    "/v1/quotes": examples.case_plain,
    "/v1/plans": examples.plan_plain,
    "/v1/plans/availability": asked_examples.availability_plain,
    "/v1/plans/playbook": asked_examples.playbook_plain,
    "/v1/plans/samples": asked_examples.samples_plain,
    "/v1/plans/contract": asked_examples.contract_plain,
    "/v1/forecasts": examples.forecast_plain,
    "/v1/bills": examples.bill_plain,
}


def stub_plan(case: Any, asked: Any) -> Any:
    raise WattplanError(problem=f"not planned here: {case.case_id} under {asked.package_id}")


def make(quote: Any = None, **chosen: Any) -> Any:
    services = Services(
        quote=quote or (lambda _: small_quote()),
        plan=stub_plan,
        availability=stub_plan,
        playbook=stub_plan,
        samples=stub_plan,
        contract=stub_plan,
        forecast=forecast_meter,
        bill=bill_month,
        tariffs=catalogue_tariffs,
    )
    return create_app(Settings(**chosen), services)


APP = make()


def test_the_examples_of_the_document_work_on_the_real_service():
    app = create_app()
    document = ask(app, "GET", "/openapi.json").json()
    for path, key in (
        ("/v1/quotes", "offers"),
        ("/v1/plans", "response"),
        ("/v1/plans/availability", "points"),
        ("/v1/plans/playbook", "book"),
        ("/v1/plans/samples", "value"),
        ("/v1/plans/contract", "outcomes"),
        ("/v1/forecasts", "quantiles"),
        ("/v1/bills", "lines"),
    ):
        media = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        answer = ask(app, "POST", path, json=media["example"])
        assert answer.status_code == 200, answer.text
        assert answer.json()[key]


def test_the_examples_satisfy_the_documents_schemas():
    document = ask(APP, "GET", "/openapi.json").json()
    for path in EXAMPLES:
        media = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        schema = {**media["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(media["example"])
        broken = {key: value for key, value in media["example"].items() if key not in {"meter", "load", "case"}}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate(broken)


def test_every_reference_of_the_document_leads_somewhere():
    text = ask(APP, "GET", "/openapi.json").text
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert names
    assert names <= set(json.loads(text)["components"]["schemas"])
    assert "#/$defs" not in text


def test_the_bill_of_the_example_is_what_a_hand_makes_of_it():
    body = copy.deepcopy(examples.bill_plain())
    load = body["load"]["import_kw"]
    peak_kwh = sum(kw for hour, kw in enumerate(load) if 8 <= hour % 24 < 22)
    valley_kwh = sum(load) - peak_kwh
    by_hand = round(peak_kwh * 0.82, 2) + round(valley_kwh * 0.46, 2) + round(max(load) * 38.4, 2)
    assert float(ask(APP, "POST", "/v1/bills", json=body).json()["total"]) == pytest.approx(by_hand, abs=0.011)


def test_a_tariff_read_from_the_catalogue_bills_by_its_id_and_inline_alike():
    listed = ask(APP, "GET", "/v1/tariffs").json()["tariffs"]
    tariff_id = "cn-js-agency-10kv-contract-demand"
    assert tariff_id in {one["tariff_id"] for one in listed}
    whole = ask(APP, "GET", f"/v1/tariffs/{tariff_id}").json()
    quarters = [kw for kw in examples.bill_plain()["load"]["import_kw"] for _ in range(4)]
    load = {**examples.bill_plain()["load"], "step_min": 15, "import_kw": quarters}
    supply = {
        "purchase_mode": "grid_agency",
        "capacity_kva": "1250",
        "contract_demand_kw": "500",
        "power_factor": "0.93",
    }
    common = {"load": load, "supply": supply, "month": "2026-10-01"}
    by_id = ask(APP, "POST", "/v1/bills", json={**common, "tariff_id": tariff_id})
    inline = ask(APP, "POST", "/v1/bills", json={**common, "tariff": whole})
    assert by_id.status_code == 200, by_id.text
    assert by_id.json() == inline.json()


def test_health_gives_versions():
    body = ask(APP, "GET", "/healthz").json()
    assert body["status"] == "ok"
    assert {"wattplan", "highspy", "python"} <= set(body["versions"])


def test_what_is_not_there_is_a_problem_in_the_language_asked_for():
    zh = {"accept-language": "zh-CN"}
    assert "没有" in is_problem(ask(APP, "GET", "/v1/tariffs/none", headers=zh), 404)["detail"]
    assert is_problem(ask(APP, "GET", "/nothing"), 404)["code"] == "http_404"
    assert is_problem(ask(APP, "DELETE", "/v1/quotes"), 405)["code"] == "http_405"


def test_a_malformed_case_points_at_every_fault():
    body = copy.deepcopy(examples.case_plain())
    body["plan"]["tasks"][0]["count"] = "two"
    body["site"]["zone"] = "Mars/Olympus"
    del body["meter"]["step_min"]
    body["surprise"] = 1
    found = is_problem(ask(APP, "POST", "/v1/quotes", json=body), 422)
    pointers = {one["pointer"] for one in found["errors"]}
    assert {"/plan/tasks/0/count", "/site/zone", "/meter/step_min", "/surprise"} <= pointers


def test_a_tariff_out_of_force_clashes():
    body = {**examples.bill_plain(), "month": "2025-10-01"}
    assert is_problem(ask(APP, "POST", "/v1/bills", json=body), 409)["code"] == "tariff_not_in_force"


def test_a_load_with_holes_is_not_billed():
    body = copy.deepcopy(examples.bill_plain())
    body["load"]["import_kw"][17] = None
    found = is_problem(ask(APP, "POST", "/v1/bills", json=body), 400)
    assert [one["pointer"] for one in found["errors"]] == ["/load/import_kw/17"]


@pytest.mark.parametrize(("field", "value"), [("month", "9999-12-31"), ("month", "0001-01-01"), ("power_factor", "92")])
def test_a_bill_of_no_such_month_or_power_factor_points_at_it(field, value):
    body = {**examples.bill_plain(), field: value}
    found = is_problem(ask(APP, "POST", "/v1/bills", json=body), 422)
    assert [one["pointer"] for one in found["errors"]] == [f"/{field}"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("options", "solve", "deadline_s"), 100_000.0),
        (("options", "n_samples"), 10**9),
        (("options", "solve", "n_threads"), 4096),
        (("plan", "end"), "2199-11-23T16:00:00+00:00"),
        (("plan", "tasks", 0, "count"), 10**12),
    ],
)
def test_a_case_that_asks_for_too_much_is_refused(place, value):
    body = copy.deepcopy(examples.case_plain())
    node: Any = body
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    if place[-1] == "count":
        node["planned_starts"] = []
    is_problem(ask(APP, "POST", "/v1/quotes", json=body), 400)


def test_an_infeasible_plan_clashes():
    def infeasible(_: Any) -> Any:
        raise InfeasiblePlanError(conflicts=("order 7 is due before its press is back",))

    found = is_problem(ask(make(infeasible), "POST", "/v1/quotes", json=examples.case_plain()), 409)
    assert "order 7" in found["detail"]
    assert found["errors"] == [{"pointer": "/plan", "detail": "order 7 is due before its press is back"}]


def test_a_surprise_is_an_incident_without_inner_words(caplog):
    def broken(_: Any) -> Any:
        message = "secret inner words"
        raise RuntimeError(message)

    answer = ask(make(broken), "POST", "/v1/quotes", json=examples.case_plain())
    found = is_problem(answer, 500)
    assert "secret" not in answer.text
    assert found["incident"] in found["detail"]
    assert found["incident"] in caplog.text


def test_a_body_that_is_too_long_is_refused_told_or_untold():
    app = make(max_body_bytes=1000)

    async def pieces() -> Any:
        for _ in range(20):
            yield b" " * 100

    is_problem(ask(app, "POST", "/v1/bills", content=b" " * 1001), 413)
    is_problem(ask(app, "POST", "/v1/bills", content=pieces()), 413)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"{", b'{"a": NaN}', b'{"a": 1e999}', b"[" * 99_999, b"\xff"]
)
@pytest.mark.parametrize("path", EXAMPLES)
def test_what_is_no_json_object_is_malformed(path, body):
    is_problem(ask(APP, "POST", path, content=body), 422)


def test_a_full_desk_says_when_to_come_again_and_health_still_answers():
    gate, begun = threading.Event(), threading.Event()

    def slow(_: Any) -> Any:
        begun.set()
        gate.wait(20)
        return small_quote()

    app = make(slow, max_computations=1, retry_after_s=23)
    first: list[httpx.Response] = []
    client = threading.Thread(target=lambda: first.append(ask(app, "POST", "/v1/quotes", json=examples.case_plain())))
    client.start()
    assert begun.wait(20)
    refused = ask(app, "POST", "/v1/forecasts", json=examples.forecast_plain())
    assert ask(app, "GET", "/healthz").json()["computations"] == 1
    gate.set()
    client.join(20)
    assert is_problem(refused, 503)["code"] == "busy"
    assert refused.headers["retry-after"] == "23"
    assert first[0].status_code == 200


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["", "2026-13-99", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59", "1e400", "../../etc"]),
    st.lists(st.none() | st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def places(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    if isinstance(node, dict):
        for key, value in node.items():
            found += places(value, (*here, key))
    elif isinstance(node, list):
        for number, value in enumerate(node[:3]):
            found += places(value, (*here, number))
    return found


def stub_quote(_: Any) -> Any:
    return small_quote()


def stub_forecast(_: Any) -> Any:
    raise WattplanError(problem="not computed here")


FUZZED = create_app(
    Settings(max_computations=8),
    Services(
        quote=stub_quote,
        plan=stub_plan,
        availability=stub_plan,
        playbook=stub_plan,
        samples=stub_plan,
        contract=stub_plan,
        forecast=stub_forecast,
        bill=bill_month,
        tariffs=catalogue_tariffs,
    ),
)


@pytest.mark.parametrize("path", EXAMPLES)
@given(body=st.dictionaries(st.text(max_size=6), JUNK, max_size=4))
@FUZZ
def test_any_json_object_is_a_problem_never_a_crash(path, body):
    answer = ask(FUZZED, "POST", path, json=body)
    is_problem(answer, 422)


@pytest.mark.parametrize("path", EXAMPLES)
@given(choice=st.data())
@FUZZ
def test_an_example_with_one_part_exchanged_is_answered_or_refused(path, choice):
    body = copy.deepcopy(EXAMPLES[path]())
    place = choice.draw(st.sampled_from(places(body)))
    node: Any = body
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = choice.draw(JUNK)
    answer = ask(FUZZED, "POST", path, json=body)
    assert answer.status_code in {200, 400, 409, 422}, (place, node[place[-1]], answer.text)
    if answer.status_code != 200:
        is_problem(answer, answer.status_code)


@pytest.mark.slow
def test_a_real_server_answers_on_a_loopback_port_and_leaves_when_asked():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603 -- our own command
        [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
        stderr=subprocess.PIPE,
        env={**os.environ, "WATTPLAN_MAX_COMPUTATIONS": "1"},
    )
    try:
        base = f"http://127.0.0.1:{port}"
        assert json.loads(_wait_for(f"{base}/healthz", server))["status"] == "ok"
        request = urllib.request.Request(f"{base}/v1/bills", json.dumps(examples.bill_plain()).encode(), method="POST")  # noqa: S310 -- loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- loopback
            assert json.load(answer)["currency"] == "CNY"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/v1/tariffs/none", timeout=30)  # noqa: S310 -- loopback
        with refused.value as answer:
            assert answer.headers["content-type"] == PROBLEM
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)
    assert server.returncode in {0, -signal.SIGINT, 130}


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> bytes:
    pause = threading.Event()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, "the server left"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 -- loopback
                return bytes(answer.read())
        except urllib.error.URLError:
            pause.wait(0.1)
    pytest.fail("the server did not answer in 60 s")
