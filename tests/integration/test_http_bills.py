"""Bills over HTTP of tariffs that ask for more than a load: prices, past months, versions, feed-in."""

import copy
from typing import Any

import pytest

from api.http import create_app, examples
from api.services.use_cases import default_services
from api.settings import Settings
from tests.http_client import ask, is_problem

APP = create_app(Settings(), default_services())
LABEL = {"en": "x", "zh": "某项"}


def tariff(*charges: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**examples.bill_plain()["tariff"], "charges": list(charges), **changed}


def asked(**changed: Any) -> dict[str, Any]:
    body = copy.deepcopy(examples.bill_plain())
    body["load"]["import_kw"] = [100.0] * 744
    return {**body, **changed}


def spot(**changed: Any) -> dict[str, Any]:
    return {"kind": "spot", "charge_id": "spot", "label": LABEL, "index_id": "da", **changed}


def prices(values: list[float | None]) -> dict[str, Any]:
    series = {"index_id": "da", "currency": "CNY", "start": "2026-10-01T00:00:00+08:00", "step_min": 60}
    return {"prices": [{**series, "prices_per_kwh": values}]}


def test_an_indexed_tariff_is_billed_at_the_prices_given():
    """Half the hours at 0.20, half at 0.40: 74 400 kWh at a mean of 0.30."""
    body = asked(tariff=tariff(spot()), facts=prices([0.2, 0.4] * 372))
    answer = ask(APP, "POST", "/v1/bills", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == "22320.00"


def test_prices_that_are_missing_are_named():
    found = is_problem(ask(APP, "POST", "/v1/bills", json=asked(tariff=tariff(spot()))), 400)
    assert found["code"] == "prices_unknown"
    holed = asked(tariff=tariff(spot()), facts=prices([0.2] * 743 + [None]))
    assert "2026-10-31T15:00" in is_problem(ask(APP, "POST", "/v1/bills", json=holed), 400)["detail"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "prices.csv"])
def test_a_body_cannot_make_the_service_read_files(name):
    facts = {"prices": [{"index_id": "da", "currency": "CNY", "file": name}]}
    answer = ask(APP, "POST", "/v1/bills", json=asked(tariff=tariff(spot()), facts=facts))
    assert answer.status_code in {400, 422}
    assert "root:" not in answer.text


def test_a_ratchet_asks_for_past_months_and_takes_them():
    """100 kW against 80 % of September's 200 kW."""
    charge = {
        "kind": "demand",
        "charge_id": "d",
        "label": LABEL,
        "price_per_kw_month": "30",
        "measurement_min": 60,
        "look_back": {"peak_share": "0.8", "months_count": 1},
    }
    body = asked(tariff=tariff(charge))
    assert is_problem(ask(APP, "POST", "/v1/bills", json=body), 400)["code"] == "past_month_unknown"
    body["facts"] = {"past": [{"month": "2026-09-01", "quantities": {"d.max_demand_kw": "200"}}]}
    assert ask(APP, "POST", "/v1/bills", json=body).json()["total"] == "4800.00"


def test_a_month_over_a_change_of_version_is_billed_in_parts():
    """74 400 kWh, 10 of 31 days at 0.30, 21 at 0.60."""

    def version(tariff_id: str, price: str, first: str, until: str | None) -> dict[str, Any]:
        rule = {"band": "all", "windows": ["00:00-24:00"]}
        energy = {"kind": "energy", "charge_id": "e", "label": LABEL, "calendar": {"rules": [rule]}}
        charge = {**energy, "band_prices": {"all": price}}
        return tariff(charge, tariff_id=tariff_id, valid_from=first, valid_until=until)

    old, new = version("a", "0.30", "2026-01-01", "2026-10-11"), version("b", "0.60", "2026-10-11", None)
    body = asked(tariff_versions={"tariff_id": "family", "versions": [old, new]})
    del body["tariff"]
    answer = ask(APP, "POST", "/v1/bills", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == "37440.00"
    body["tariff_versions"]["versions"][0]["valid_until"] = "2026-10-15"
    found = is_problem(ask(APP, "POST", "/v1/bills", json=body), 422)
    assert [one["pointer"] for one in found["errors"]] == ["/tariff_versions/versions/1"]


def test_feed_in_is_credited_and_its_holes_point_at_themselves():
    credit = {
        "kind": "export",
        "charge_id": "x",
        "label": LABEL,
        "calendar": {"rules": [{"band": "all", "windows": ["00:00-24:00"]}]},
        "band_prices": {"all": "0.10"},
    }
    body = asked(tariff=tariff(credit))
    body["load"]["export_kw"] = [20.0] * 744
    assert ask(APP, "POST", "/v1/bills", json=body).json()["total"] == "-1488.00"
    body["load"]["export_kw"][3] = None
    found = is_problem(ask(APP, "POST", "/v1/bills", json=body), 400)
    assert [one["pointer"] for one in found["errors"]] == ["/load/export_kw/3"]


def test_a_charge_without_its_price_is_refused_by_its_field():
    charge = {"kind": "capacity", "charge_id": "c", "label": LABEL}
    found = is_problem(ask(APP, "POST", "/v1/bills", json=asked(tariff=tariff(charge))), 422)
    assert [one["pointer"] for one in found["errors"]] == ["/tariff/charges/0/price_per_kva_month"]


@pytest.mark.parametrize("name", ["import_kw", "export_kw", "reactive_kvar"])
def test_a_negative_reading_is_refused_at_its_place(name):
    body = asked()
    body["load"][name] = [5.0] * 743 + [-1.0]
    found = is_problem(ask(APP, "POST", "/v1/bills", json=body), 400)
    assert [one["pointer"] for one in found["errors"]] == [f"/load/{name}/743"]
    assert "export_kw" in found["detail"]


def test_a_tariff_through_time_is_billed_by_its_id():
    """100 kW in July 2026, after Zhejiang's change: every line is of the later version."""
    body = asked(month="2026-07-01", supply={"purchase_mode": "grid_agency", "power_factor": "0.9"})
    body["load"] = {"start": "2026-07-01T00:00:00+08:00", "step_min": 15, "import_kw": [100.0] * 2976}
    del body["tariff"]
    answer = ask(APP, "POST", "/v1/bills", json={**body, "tariff_id": "cn-zj-agency-10kv"})
    assert answer.status_code == 200, answer.text
    alone = ask(APP, "POST", "/v1/bills", json={**body, "tariff_id": "cn-zj-agency-10kv-2026"})
    assert answer.json()["total"] == alone.json()["total"]
