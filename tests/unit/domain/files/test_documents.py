import json
import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.documents import DocumentError, from_plain, json_schema, read_yaml, to_plain
from domain.files.sources import FileTooLargeError, FileUnreadableError
from domain.files.yaml_text import YamlTextError, write_yaml
from domain.metering import MeterSeries
from domain.offers import Package
from domain.plant import Machine, ProductionPlan, Site, Task
from domain.programmes import Event, Programme
from domain.tariffs import Bill, PurchaseMode, Tariff
from domain.text import Language, Text
from domain.time import TimeGrid
from tests.plant_cases import changed, full_plan, full_site, full_tariff, outcome, places, trees

TARIFF = to_plain(full_tariff())
PLAN = to_plain(full_plan())
SITE = to_plain(full_site())


def refused(kind: Any, plain: Any) -> dict[str, str]:
    with pytest.raises(DocumentError) as caught:
        from_plain(kind, plain, where="here.yaml")
    return {problem.pointer: problem.message.en for problem in caught.value.problems}


def test_a_document_makes_its_noun_and_the_noun_its_document():
    assert from_plain(Tariff, TARIFF, where="x") == full_tariff()
    assert from_plain(ProductionPlan, PLAN, where="x") == full_plan()
    assert from_plain(Site, SITE, where="x") == full_site()


def test_every_problem_is_said_at_once_with_its_pointer():
    plain = changed(TARIFF, ("charges", 1, "calendar", "rules", 2, "windows"), ["2300-0730"])
    plain = changed(plain, ("charges", 0, "amount_per_month"), "twelve")
    plain = changed(plain, ("valid_from",), "20260601")
    plain = changed(plain, ("charges", 4), {"kind": "wishful", "charge_id": "q"})
    plain = {**plain, "colour": "red"}
    plain = changed(plain, ("charges", 2), {key: one for key, one in TARIFF["charges"][2].items() if key != "label"})
    found = refused(Tariff, plain)
    assert set(found) == {
        "/charges/1/calendar/rules/2/windows",
        "/charges/0/amount_per_month",
        "/valid_from",
        "/charges/4",
        "/charges/2/label",
        "/colour",
    }
    assert found["/charges/1/calendar/rules/2/windows"].startswith("is no window")
    assert found["/charges/2/label"] == "is missing"


def test_a_problem_speaks_both_languages_and_keeps_the_value():
    with pytest.raises(DocumentError) as caught:
        from_plain(Machine, {"machine_id": "M", "name": "x", "count": 0}, where="here.yaml")
    (problem,) = caught.value.problems
    assert problem.pointer == "/count"
    assert problem.value == 0
    assert problem.message == Text(en="must be greater than 0", zh="必须大于 0")
    assert str(caught.value) == "here.yaml: 1 problem(s). /count: must be greater than 0 [0]"
    assert caught.value.say(Language.ZH) == "here.yaml：共 1 处问题。/count：必须大于 0 [0]"


def test_the_refusal_crosses_process_borders():
    with pytest.raises(DocumentError) as caught:
        from_plain(Machine, {}, where="here.yaml")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 -- our own bytes
    assert again.problems == caught.value.problems
    assert again.say(Language.ZH) == caught.value.say(Language.ZH)


@pytest.mark.parametrize(
    ("place", "value", "pointer"),
    [
        (("tasks", 0, "machine_ids"), ["EAF", "E7"], "/tasks/0/machine_ids"),
        (("tasks", 0, "order_id"), "A-99", "/tasks/0/order_id"),
        (("tasks", 0, "flows", 1, "store_id"), "TANK", "/tasks/0/flows/1"),
        (("precedences", 0, "after"), "P9", "/precedences/0/after"),
        (("tasks", 2, "task_id"), "P1", "/tasks/2"),
        (("start",), "2026-10-24T03:00:00+02:00", "/start"),
        (("tasks", 0, "count"), 3, "/tasks/0/planned_starts"),
        (("zone",), "Mars/Olympus", "/zone"),
        (("stores", 0, "start_level"), 951, "/stores/0/start_level"),
        (("modulating_loads", 0, "shifts", 0, "energy_kwh"), 5000, "/modulating_loads/0/shifts"),
        (("tasks", 0, "phases", 0, "duration_min"), 10**12, "/tasks/0/phases/0/duration_min"),
        (("orders", 0, "due"), "9999-12-31T23:00:00-05:00", "/orders/0/due"),
        (("shifts", 0, "start"), 6, "/shifts/0/start"),
        (("shifts", 0, "start"), "25:00", "/shifts/0/start"),
    ],
)
def test_a_nouns_own_rule_points_at_the_field(place, value, pointer):
    assert list(refused(ProductionPlan, changed(PLAN, place, value))) == [pointer]


def test_a_task_that_does_not_fit_is_named_by_its_id():
    plain = changed(PLAN, ("tasks", 1, "latest_end"), "2026-10-24T00:30:00+02:00")
    assert list(refused(ProductionPlan, plain)) == ["/tasks/1/latest_end"]


def test_a_hole_in_a_calendar_points_at_the_calendar():
    plain = changed(TARIFF, ("charges", 1, "calendar", "rules", 2, "windows"), ["23:00-07:15"])
    found = refused(Tariff, plain)
    assert list(found) == ["/charges/1/calendar"]
    assert "no band at 07:15" in found["/charges/1/calendar"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("tariff_id",), 17),
        (("valid_from",), 20260601),
        (("valid_from",), "1780272000"),
        (("prices_include_tax",), "yes"),
        (("prices_include_tax",), 1),
        (("rounding", "amount_decimals"), "2"),
        (("rounding", "amount_decimals"), 2.5),
        (("charges", 2, "months", 0), 7.0),
        (("charges", 0, "amount_per_month"), True),
        (("charges", 0, "amount_per_month"), "12,50"),
        (("charges", 0, "amount_per_month"), float("nan")),
        (("charges", 0, "amount_per_month"), "Infinity"),
        (("charges", 0, "amount_per_month"), "1e999999"),
        (("rounding", "amount_decimals"), 13),
        (("rounding", "quantity_decimals"), -1),
        (("charges", 1, "price_decimals"), 10**9),
        (("charges", 2, "basis"), "guess"),
        (("purchase_modes", 0), "barter"),
        (("purchase_modes",), "grid_agency"),
        (("charges",), {}),
        (("name",), "one language only"),
        (("name", "en"), "\ud800"),
        (("name", "en"), "a\0b"),
    ],
)
def test_no_value_is_bent_into_what_its_field_wants(place, value):
    (pointer,) = refused(Tariff, changed(TARIFF, place, value))
    assert pointer == "/" + "/".join(map(str, place))


@pytest.mark.parametrize("text", ["1761256800", "2026-10-24", "2026-10-24T00:00", "24.10.2026 00:00"])
def test_an_instant_needs_its_offset_unless_a_zone_is_given(text):
    assert list(refused(ProductionPlan, {**PLAN, "start": text})) == ["/start"]


def test_decimals_keep_every_digit_of_the_file():
    text = "kind: fixed\ncharge_id: c\nlabel: {en: a, zh: 甲}\namount_per_month: 0.1\n"
    plain = {**TARIFF, "charges": [read_yaml(text)]}
    assert from_plain(Tariff, plain, where="x").charges[0].amount_per_month == Decimal("0.1")
    long = "0.1234567890123456789012345"
    plain = {**TARIFF, "charges": [read_yaml(text.replace("0.1\n", f"{long}\n"))]}
    assert from_plain(Tariff, plain, where="x").charges[0].amount_per_month == Decimal(long)


def test_plain_values_of_every_leaf():
    berlin = timezone(timedelta(hours=2))
    leaves = {
        "decimal": Decimal("1.10"),
        "time": datetime(2026, 5, 1, 8, 30, tzinfo=berlin),
        "day": date(2026, 5, 1),
        "clock": time(6, 15),
        "mode": PurchaseMode.REGULATED,
        "text": Text(en="a", zh="甲"),
        "row": (1, 2.5, None, True),
        "array": np.array([[1.5, np.nan], [np.inf, -np.inf]]),
        "scalar": np.float64(0.25),
        "count": np.int64(7),
        "nan": float("nan"),
    }
    assert to_plain(leaves) == {
        "decimal": "1.10",
        "time": "2026-05-01T08:30:00+02:00",
        "day": "2026-05-01",
        "clock": "06:15:00",
        "mode": "regulated",
        "text": {"en": "a", "zh": "甲"},
        "row": [1, 2.5, None, True],
        "array": [[1.5, None], ["Infinity", "-Infinity"]],
        "scalar": 0.25,
        "count": 7,
        "nan": None,
    }
    with pytest.raises(TypeError, match="complex"):
        to_plain(1j)


def test_brief_leaves_out_defaults_but_never_the_kind():
    brief = to_plain(full_tariff().charges[3], brief=True)
    assert list(brief) == ["kind", "charge_id", "label", "price_per_kva_month"]
    assert brief["price_per_kva_month"] == Decimal("22.6")


def test_arrays_become_lists_with_null_for_missing():
    grid = TimeGrid(start=datetime(2026, 1, 1, tzinfo=UTC), step_min=15, n_steps=3)
    meter = MeterSeries(meter_id="m", grid=grid, import_kw=np.array([1.5, np.nan, 3.0]))
    assert to_plain(meter)["import_kw"] == [1.5, None, 3.0]
    assert to_plain(meter)["quality"] == [0, 1, 0]


def test_the_schema_accepts_the_document_and_refuses_a_changed_one():
    schema = json_schema(Tariff)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(TARIFF, schema)
    assert schema["properties"]["currency"]["description"] == "ISO 4217 code."
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**TARIFF, "colour": "red"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed(TARIFF, ("charges", 0, "kind"), "reactive"), schema)


# YAML


def test_scalars_are_what_they_look_like():
    text = "a: 08:00\nb: NO\nc: yes\nd: 2026-11-24\ne: 0.10\nf: 007\ng: true\nh: ~\ni: -12\nj: '5'\nk: 1e3\nl: .5\nm: 1_000"
    assert read_yaml(text) == {
        "a": "08:00",
        "b": "NO",
        "c": "yes",
        "d": "2026-11-24",
        "e": Decimal("0.10"),
        "f": "007",
        "g": True,
        "h": None,
        "i": -12,
        "j": "5",
        "k": Decimal(1000),
        "l": Decimal("0.5"),
        "m": "1_000",
    }
    assert str(read_yaml("e: 0.10")["e"]) == "0.10"
    assert read_yaml("") is None
    assert read_yaml("a: &x [1, 2]\nb: *x") == {"a": [1, 2], "b": [1, 2]}


def bomb(n_levels: int) -> str:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]" for number in range(1, n_levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key a is given twice"),
        ("x:\n  - y: 1\n    y: 2\n", 3, 5, "the key y is given twice"),
        ("a: [1, 2\nb: 3", 2, 2, "did not find expected"),
        ("a: !!python/object/apply:os.system [ls]", 1, 4, "is not allowed"),
        ("a: !!binary aGk=", 1, 4, "is not allowed"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins"),
        ("a: *nobody", 1, 4, "has no anchor before it"),
        ("a: &x [*x]", 1, 8, "has no anchor before it"),
        ("? [1, 2]\n: 3", 1, 3, "a key must be text"),
        (bomb(9), 6, 6, "holds more than 200000 values"),
        ("[" * 300, 1, 42, "nested too deeply"),
        ("a: " + "9" * 61, 1, 4, "too many digits"),
        ("\ta: 1", 1, 1, "cannot start any token"),
    ],
)
def test_what_yaml_must_not_do_is_refused_with_line_and_column(text, line, column, words):
    with pytest.raises(YamlTextError, match=words) as caught:
        read_yaml(text, where="f.yaml")
    data = caught.value.data
    assert (data["where"], data["line"], data["column"] if len(text) < 400 else column) == ("f.yaml", line, column)


def test_text_that_is_not_utf8_names_its_place(tmp_path: Path):
    path = tmp_path / "gbk.yaml"
    path.write_bytes("a: 1\nname: 电价".encode("gbk"))
    with pytest.raises(YamlTextError) as caught:
        read_yaml(path)
    assert (caught.value.data["line"], caught.value.data["column"]) == (2, 7)
    assert read_yaml("a: 电".encode("utf-16")) == read_yaml("a: 电".encode("utf-8-sig")) == {"a": "电"}


def test_files_that_are_missing_or_too_large(tmp_path: Path):
    with pytest.raises(FileUnreadableError, match="nowhere"):
        read_yaml(tmp_path / "nowhere.yaml")
    with pytest.raises(FileUnreadableError):
        read_yaml(tmp_path)
    with pytest.raises(FileTooLargeError, match="4 MB"):
        read_yaml(b"#" * 4_000_001)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80) | st.text("ab:-[]{}*&!? \n\t'\"#|>0.%", max_size=40).map(str.encode))
def test_any_bytes_are_yaml_or_refused(content):
    found = outcome(read_yaml, content)
    assert not isinstance(found, WattplanError) or (isinstance(found, YamlTextError) and found.data["line"] >= 1)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**12), 10**12)
        | st.decimals(allow_nan=False, allow_infinity=False, places=5)
        | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("abc:-0.1e", max_size=6), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_written_yaml_reads_back_as_it_was(plain):
    assert read_yaml(write_yaml(plain)) == plain


# any tree


@settings(max_examples=150, deadline=None)
@given(st.sampled_from((Tariff, ProductionPlan, Event, Programme, Package, Task)), trees)
def test_any_tree_is_a_noun_or_refused(kind, tree):
    found = outcome(from_plain, kind, tree, where="x")
    assert isinstance(found, kind | DocumentError)
    if isinstance(found, DocumentError):
        assert found.problems
        assert found.say(Language.ZH)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_document_with_one_node_changed_is_a_noun_or_refused(data):
    kind, plain = data.draw(st.sampled_from(((Tariff, TARIFF), (ProductionPlan, PLAN), (Site, SITE))))
    tree = changed(plain, data.draw(st.sampled_from(places(plain))), data.draw(trees))
    found = outcome(from_plain, kind, tree, where="x")
    assert isinstance(found, kind | DocumentError)
    if isinstance(found, DocumentError):
        assert found.problems
        assert found.say(Language.EN)
        json.dumps(to_plain([{"pointer": one.pointer, "message": one.message} for one in found.problems]))


def test_a_bill_is_plain():
    bill = Bill(tariff_id="t", currency="CNY", month=date(2026, 7, 1), status=full_tariff().status, lines=())
    assert to_plain(bill)["month"] == "2026-07-01"
