"""What is written down for a replay, read back and told apart."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.offers import Response
from domain.plant import BatteryUse, Schedule
from scenarios.manifest import fingerprint, make_manifest, record_of, run_from
from tests.unit.api.handmade import small_case, small_quote

CASE = small_case()
QUOTE = small_quote(CASE)
OFFER = QUOTE.offers[0]


def with_arrays() -> Response:
    """Give a response whose arrays are all different and do not end after a few decimals."""
    response = OFFER.response
    schedule, n_steps = response.schedule, response.schedule.grid.n_steps
    random = np.random.default_rng(5)
    use = BatteryUse(**{name: random.normal(size=n_steps) for name in ("charge_kw", "discharge_kw", "soc_kwh")})
    return replace(
        response,
        schedule=replace(
            schedule,
            modulating_kw={"air": random.normal(size=n_steps)},
            batteries={"bess": use},
            pv_used_kw={"roof": random.normal(size=n_steps)},
            export_kw=random.normal(size=n_steps),
            commitments_kw={"ev1": 61.3, "ev2": 0.0},
        ),
    )


def assert_same(one: Schedule, other: Schedule) -> None:
    assert (one.grid, one.runs, one.commitments_kw) == (other.grid, other.runs, other.commitments_kw)
    for field in ("base_kw", "import_kw", "export_kw"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    for field in ("modulating_kw", "pv_used_kw"):
        assert list(getattr(one, field)) == list(getattr(other, field))
        for name, power_kw in getattr(one, field).items():
            np.testing.assert_array_equal(power_kw, getattr(other, field)[name])
    assert list(one.batteries) == list(other.batteries)
    for name, use in one.batteries.items():
        for field in ("charge_kw", "discharge_kw", "soc_kwh"):
            np.testing.assert_array_equal(getattr(use, field), getattr(other.batteries[name], field))


def test_a_schedule_comes_back_bit_by_bit_through_a_file():
    response = with_arrays()
    read = run_from(json.loads(json.dumps(record_of(response))))
    assert_same(read.schedule, response.schedule)
    assert read.bound == response.solve.bound


def stopped(by: str) -> Response:
    return replace(OFFER.response, solve=replace(OFFER.response.solve, stopped_by=by))


def test_only_what_a_clock_decided_is_recorded():
    answers = {f"{by}/plain": stopped(by) for by in ("optimal", "gap", "deadline", "recorded")}
    manifest = make_manifest(CASE, QUOTE.bill_today, QUOTE.offers, answers, {"highspy": "?", "extra": "1.5"})
    assert sorted(manifest.recorded_runs) == ["deadline/plain", "recorded/plain"]
    assert manifest.answer_sha256 == fingerprint(QUOTE.bill_today, QUOTE.offers)
    assert manifest.versions["extra"] == "1.5"
    assert manifest.versions["highspy"] != "?"
    assert manifest.seed == CASE.options.seed


def test_the_case_of_a_manifest_is_known_by_its_numbers():
    def case_sha256(case):
        return make_manifest(case, QUOTE.bill_today, QUOTE.offers, {}, {}).case_sha256

    assert case_sha256(CASE) == case_sha256(small_case())
    other = replace(CASE, options=replace(CASE.options, seed=CASE.options.seed + 1))
    assert case_sha256(CASE) != case_sha256(other)


def scheduled(**fields):
    return replace(OFFER, response=replace(OFFER.response, schedule=replace(OFFER.response.schedule, **fields)))


def later_run():
    first, *rest = OFFER.response.schedule.runs
    return scheduled(runs=(replace(first, start=first.start + timedelta(hours=1)), *rest))


def one_kw_more(more_kw: float):
    import_kw = OFFER.response.schedule.import_kw.copy()
    import_kw[3] = 412.0 + more_kw
    return scheduled(import_kw=import_kw)


CENT = Decimal("0.01")
CHANGED = {
    "bill": replace(OFFER, bill=replace(OFFER.bill, p90=OFFER.bill.p90 + CENT)),
    "saving": replace(OFFER, saving=replace(OFFER.saving, p10=OFFER.saving.p10 - CENT)),
    "net benefit": replace(OFFER, net_benefit=OFFER.net_benefit + CENT),
    "split": replace(
        OFFER, split=replace(OFFER.split, shifting=OFFER.split.shifting + CENT, demand=OFFER.split.demand - CENT)
    ),
    "rank": replace(OFFER, rank=2),
    "run": later_run(),
    "power": one_kw_more(1.0),
    "commitment": replace(OFFER, commitments=(replace(OFFER.commitments[0], commitment_kw=62.0),)),
    "pay": replace(OFFER, commitments=(replace(OFFER.commitments[0], pay=OFFER.commitments[0].pay + CENT),)),
}


@pytest.mark.parametrize("what", CHANGED)
def test_another_answer_has_another_fingerprint(what):
    assert fingerprint(QUOTE.bill_today, (CHANGED[what],)) != fingerprint(QUOTE.bill_today, (OFFER,))


def test_words_and_less_than_a_watt_do_not_matter():
    same = replace(OFFER, findings=(), moves=())
    assert fingerprint(QUOTE.bill_today, (same,)) == fingerprint(QUOTE.bill_today, (OFFER,))
    assert fingerprint(QUOTE.bill_today, (one_kw_more(1e-5),)) == fingerprint(QUOTE.bill_today, (one_kw_more(0.0),))


def test_an_answer_without_offers_is_known_by_todays_bill():
    dearer = replace(QUOTE.bill_today, mean=QUOTE.bill_today.mean + CENT)
    assert fingerprint(QUOTE.bill_today, ()) != fingerprint(dearer, ())
