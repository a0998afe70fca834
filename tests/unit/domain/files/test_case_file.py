import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.files.case_file import (
    JsonTextError,
    canonical_bytes,
    case_from_plain,
    case_to_plain,
    meter_from_plain,
    meter_to_plain,
    offer_to_plain,
    quote_to_plain,
    read_case,
    sha256_of,
)
from domain.files.documents import DocumentError, to_plain
from domain.files.yaml_text import YamlTextError, write_yaml
from domain.metering import MeterSeries, Quality
from domain.offers import (
    Case,
    CostParts,
    Manifest,
    MoneyRange,
    Offer,
    Package,
    Quote,
    QuoteOptions,
    Response,
    SavingSplit,
    SolveOptions,
    SolveRecord,
)
from domain.plant import BatteryUse, Run, Schedule
from domain.programmes import Event, Programme
from domain.tariffs import Status
from domain.text import Language
from domain.time import TimeGrid
from tests.full_plan import START, at, full_plan
from tests.plant_cases import changed, full_site, full_tariff, outcome, places, trees, words

GRID = TimeGrid(start=START - timedelta(days=2), step_min=60, n_steps=5)


def meter(name: str = "site") -> MeterSeries:
    return MeterSeries(
        meter_id=name,
        grid=GRID,
        import_kw=np.array([812.25, np.nan, 0.1 + 0.2, 790.0, 801.5]),
        reactive_kvar=np.array([101.0, 102.5, np.nan, 98.0, 97.25]),
        quality=np.array([Quality.MEASURED, Quality.MISSING, Quality.SUSPECT, Quality.FILLED, Quality.MEASURED]),
    )


def full_case() -> Case:
    tariff = full_tariff()
    return Case(
        case_id="case-5",
        issued_at=START - timedelta(hours=7),
        site=full_site(),
        meter=meter(),
        process_history=MeterSeries(meter_id="process", grid=GRID, import_kw=np.arange(5.0)),
        base_load_source="site_less_history",
        plan=full_plan(),
        present_tariff=tariff,
        packages=(Package(package_id="PK", name=words("package"), tariff=replace(tariff, tariff_id="other")),),
        programmes=(
            Programme(
                programme_id="DR-1",
                name=words("invited"),
                currency="CNY",
                price=Decimal("3.50"),
                min_commitment_kw=Decimal(100),
                notice_min=120,
                valid_from=tariff.valid_from,
                status=Status.COMPILED,
                source=tariff.source,
            ),
        ),
        events=(Event(event_id="E1", programme_id="DR-1", start=at(14), end=at(16), notice_at=at(9)),),
        options=QuoteOptions(n_samples=20, seed=3, solve=SolveOptions(deadline_s=2.5)),
    )


PLAIN = case_to_plain(full_case())


def pointers(plain: object) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        case_from_plain(plain)
    assert caught.value.say(Language.ZH)
    return [problem.pointer for problem in caught.value.problems]


def test_a_case_comes_back_with_the_same_hash():
    again = case_from_plain(json.loads(json.dumps(PLAIN)))
    assert sha256_of(case_to_plain(again)) == sha256_of(PLAIN)
    arrays = ("meter", "process_history")
    for field in fields(Case):
        if field.name not in arrays:
            assert getattr(again, field.name) == getattr(full_case(), field.name), field.name
    for name in arrays:
        ours, theirs = getattr(full_case(), name), getattr(again, name)
        assert (ours.meter_id, ours.grid) == (theirs.meter_id, theirs.grid)
        for array in ("import_kw", "reactive_kvar", "export_kw", "quality"):
            np.testing.assert_array_equal(getattr(ours, array), getattr(theirs, array))


def test_the_meter_in_json():
    assert meter_to_plain(meter()) == {
        "meter_id": "site",
        "start": "2026-10-21T22:00:00+00:00",
        "step_min": 60,
        "import_kw": [812.25, None, 0.30000000000000004, 790.0, 801.5],
        "reactive_kvar": [101.0, 102.5, None, 98.0, 97.25],
        "quality": [0, 1, 2, 3, 0],
    }
    plain = meter_to_plain(MeterSeries(meter_id="m", grid=GRID, import_kw=np.array([1, np.nan, 3, 4, 5])))
    assert "quality" not in plain
    assert "export_kw" not in plain


def test_a_case_file_may_be_json_or_yaml(tmp_path: Path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(PLAIN), encoding="utf-8-sig")
    for source in (path, json.dumps(PLAIN).encode(), write_yaml(PLAIN)):
        assert sha256_of(case_to_plain(read_case(source))) == sha256_of(PLAIN)


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("meter", "import_kw", 1), "812", "/meter/import_kw/1"),
        (("meter", "import_kw", 1), True, "/meter/import_kw/1"),
        (("meter", "import_kw", 1), 1e12, "/meter/import_kw/1"),
        (("meter", "import_kw"), None, "/meter/import_kw"),
        (("meter", "import_kw"), {"a": 1}, "/meter/import_kw"),
        (("meter", "reactive_kvar"), [1, 2], "/meter/reactive_kvar"),
        (("meter", "quality", 0), 9, "/meter/quality"),
        (("meter", "step_min"), 7, "/meter/step_min"),
        (("meter", "start"), "2026-10-21T22:00:00", "/meter/start"),
        (("meter", "start"), "2026-10-21T22:10:00Z", "/meter/start"),
        (("meter",), None, "/meter"),
        (("process_history",), None, "/process_history"),
        (("issued_at",), "2026-10-24T00:00:00", "/issued_at"),
        (("issued_at",), "2027-01-01T00:00:00Z", "/plan/start"),
        (("events", 0, "programme_id"), "DR-9", "/events/0/programme_id"),
        (("packages", 0, "tariff", "currency"), "EUR", "/packages/0/currency"),
        (
            ("present_tariff", "charges", 3, "price_per_kva_month"),
            "-1",
            "/present_tariff/charges/3/price_per_kva_month",
        ),
        (("options", "solve", "deadline_s"), 0, "/options/solve/deadline_s"),
    ],
)
def test_each_fault_has_its_pointer(place, value, expected):
    assert pointers(changed(PLAIN, place, value)) == [expected]


def test_faults_of_different_parts_are_said_at_once():
    plain = changed(changed(PLAIN, ("site", "import_limit_kw"), 0), ("plan", "tasks", 0, "count"), 0)
    plain = {**plain, "colour": "red"}
    del plain["case_id"]
    assert sorted(pointers(plain)) == ["/case_id", "/colour", "/plan/tasks/0/count", "/site/import_limit_kw"]
    assert pointers([]) == [""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "the key a is given twice"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": -Infinity}', "-Infinity is no number"),
        ('{"a": ', "Expecting value"),
        ('{"a": "\xff"}'.encode("latin-1"), "codec can't decode"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused(text, words):
    with pytest.raises(JsonTextError, match=words) as caught:
        read_case(text)
    assert "不是有效的 JSON" in caught.value.say(Language.ZH)


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda tail: b'{"case_id": ' + tail))
def test_any_bytes_are_a_case_or_refused(content):
    with pytest.raises((DocumentError, JsonTextError, YamlTextError)):
        read_case(content)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_case_with_one_node_changed_is_a_case_or_refused(data):
    tree = changed(PLAIN, data.draw(st.sampled_from(places(PLAIN))), data.draw(trees))
    found = outcome(case_from_plain, tree)
    assert isinstance(found, Case | DocumentError)
    assert sha256_of(case_to_plain(found)) if isinstance(found, Case) else found.problems


# canonical form


def test_equal_values_have_one_text():
    assert (
        canonical_bytes({"b": 5.0, "a": [1, 0.1, None, "电"], "c": -0.0})
        == '{"a":[1,0.1,null,"电"],"b":5,"c":0}'.encode()
    )
    assert sha256_of({"a": 1, "b": 2.0}) == sha256_of({"b": 2, "a": 1.0})
    assert sha256_of({"a": 1}) != sha256_of({"a": 1.5})
    # sha256 of the two characters {} (published in many places)
    assert sha256_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_bytes({"a": float("nan")})


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(codec="utf-8")),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_the_canonical_form_survives_json(plain):
    assert canonical_bytes(json.loads(json.dumps(plain))) == canonical_bytes(plain)
    assert canonical_bytes(json.loads(canonical_bytes(plain))) == canonical_bytes(plain)


# quotes


def schedule() -> Schedule:
    flat = np.array([1.5, 2.5, 3.5, 4.5, 5.5])
    use = BatteryUse(charge_kw=flat, discharge_kw=flat * 0, soc_kwh=flat + 10)
    return Schedule(
        grid=GRID,
        runs=(Run(task_id="H1", start=at(5)),),
        base_kw=flat,
        modulating_kw={"AIR": flat * 2},
        batteries={"B1": use},
        pv_used_kw={"R": flat * 3},
        import_kw=flat * 4,
        export_kw=flat * 0,
        commitments_kw={"E1": 55.5},
    )


def test_a_quote_is_json_with_its_arrays():
    zero = Decimal(0)
    costs = CostParts(
        constant_cost=1.5,
        energy_cost=2.5,
        demand_cost=3.5,
        labour_cost=4.5,
        lateness_cost=5.5,
        start_cost=6.5,
        wear_cost=7.5,
        event_pay=8.5,
        event_penalty=9.5,
    )
    solve = SolveRecord(
        stopped_by="deadline",
        objective=12.5,
        bound=float("-inf"),
        gap_share=0.25,
        build_s=0.1,
        compile_s=0.2,
        solve_s=0.3,
        n_columns=1,
        n_rows=2,
        n_integers=3,
        n_nodes=4,
        versions={"x": "1"},
        options={},
    )
    response = Response(schedule=schedule(), costs=costs, solve=solve)
    bills = MoneyRange(p10=Decimal("1.10"), p50=Decimal("2.20"), p90=Decimal("3.30"), mean=Decimal("2.25"))
    offer = Offer(
        offer_id="O1",
        rank=1,
        package=full_case().packages[0],
        with_dr=True,
        currency="CNY",
        valid_until=datetime(2026, 11, 7, tzinfo=UTC),
        bill_today=bills,
        bill=bills,
        saving=bills,
        net_benefit=Decimal("0.05"),
        saving_share=0.0125,
        split=SavingSplit(tariff=Decimal("0.05"), shifting=zero, demand=zero, dr=zero, production=zero),
        median_bills=(),
        response=response,
        moves=(),
        commitments=(),
        playbook=(),
        findings=(),
    )
    quote = Quote(
        case_id="case-5",
        issued_at=START,
        currency="CNY",
        bill_today=bills,
        today_bills=(),
        today=response,
        offers=(offer,),
        findings=(),
        timings_s={"all": 1.5},
        manifest=Manifest(
            case_sha256="a", answer_sha256="b", wattplan_version="0", versions={}, seed=1, options={}, recorded_runs={}
        ),
    )
    plain = quote_to_plain(quote)
    assert set(plain) == {field.name for field in fields(Quote)}
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["offers"] == [offer_to_plain(offer)]
    assert plain["offers"][0]["bill"] == {"p10": "1.10", "p50": "2.20", "p90": "3.30", "mean": "2.25"}
    written = plain["today"]["schedule"]
    assert written["import_kw"] == [6.0, 10.0, 14.0, 18.0, 22.0]
    assert written["batteries"]["B1"]["soc_kwh"] == [11.5, 12.5, 13.5, 14.5, 15.5]
    assert written["grid"] == to_plain(GRID) == {"start": "2026-10-21T22:00:00+00:00", "step_min": 60, "n_steps": 5}
    assert plain["today"]["solve"]["bound"] == "-Infinity"


def test_a_meter_is_a_mapping():
    with pytest.raises(DocumentError):
        meter_from_plain([1], where="x")
