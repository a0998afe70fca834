"""From a case to offers, on a small plant: the answer is right, adds up, and replays."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.errors import WattplanError
from domain.offers import Preferences
from domain.programmes import Event, Programme
from domain.tariffs import Source, Status
from domain.tariffs.billing import bill
from domain.time import TimeGrid, local_midnight
from optimizer.audit import audit
from scenarios.quote import quote
from scenarios.replay import CaseDiffersError, replay
from tests import small_case


@pytest.fixture(scope="module")
def answer():
    return quote(small_case.case())


def programme(**changes):
    fields = {
        "programme_id": "shave",
        "name": small_case.words("shave"),
        "currency": "EUR",
        "price": Decimal("2.50"),
        "penalty_per_kwh": Decimal("0.40"),
        "min_commitment_kw": Decimal(30),
        "notice_min": 60,
        "valid_from": small_case.FIRST_DAY - timedelta(days=100),
        "status": Status.TO_VERIFY,
        "source": Source(document="made for a test", issuer="tests"),
    }
    return Programme(**(fields | changes))


def event(day=small_case.FIRST_DAY, hour=10):
    start = local_midnight(day, small_case.ZONE) + timedelta(hours=hour)
    return Event(
        event_id="e1",
        programme_id="shave",
        start=start,
        end=start + timedelta(hours=2),
        notice_at=start - timedelta(hours=24),
    )


def test_staying_with_the_tariff_pays_by_moving_the_presses_into_the_night(answer):
    stay = next(one for one in answer.offers if one.package.package_id == "present")
    moved = [move for move in stay.moves if move.what == "run"]
    assert moved
    assert stay.split.tariff == 0
    assert stay.split.shifting > 0
    # six pressings of 420 kWh each, from 0.31 to 0.12: no more than this can come from moving them
    assert stay.split.shifting < 6 * Decimal(420) * Decimal("0.19") + 1200 * Decimal("0.19")


def test_parts_add_up_and_offers_are_ranked(answer):
    benefits = [one.net_benefit for one in answer.offers]
    assert benefits == sorted(benefits, reverse=True)
    assert [one.rank for one in answer.offers] == list(range(1, len(answer.offers) + 1))
    for one in answer.offers:
        assert one.split.total == one.saving.mean
        assert one.saving.p10 <= one.saving.p50 <= one.saving.p90


def test_the_median_bill_line_by_line_is_the_p50(answer):
    for one in answer.offers:
        assert sum((each.total for each in one.median_bills), Decimal(0)) == one.bill.p50
    assert sum((each.total for each in answer.today_bills), Decimal(0)) == answer.bill_today.p50


def test_today_is_run_as_planned(answer):
    planned = sorted(at for task in small_case.plan().tasks for at in task.planned_starts)
    assert sorted(run.start for run in answer.today.schedule.runs) == planned
    np.testing.assert_allclose(answer.today.schedule.modulating_kw["air"], 25.0)


def test_timings_and_findings_are_said(answer):
    assert {"forecast", "oracle", "bills"} <= set(answer.timings_s)
    assert any(one.code == "month_to_date_filled" for one in answer.findings) is False
    for one in answer.findings:
        assert one.say()


def test_replay_gives_the_same_answer(answer):
    again = replay(small_case.case(), answer.manifest)
    assert again.manifest.answer_sha256 == answer.manifest.answer_sha256
    with pytest.raises(CaseDiffersError):
        replay(small_case.case(preferences=Preferences(risk_weight=0.5)), answer.manifest)


def test_a_deadline_is_replayed_from_the_recorded_schedule():
    case = small_case.case()
    hurried = replace(
        case, options=replace(case.options, solve=replace(case.options.solve, gap_share=0.0, deadline_s=0.15))
    )
    first = quote(hurried)
    again = replay(hurried, first.manifest)
    assert again.manifest.answer_sha256 == first.manifest.answer_sha256


def test_demand_response_is_offered_where_it_pays_and_says_what_to_do():
    answer = quote(small_case.with_past_runs(programmes=(programme(),), events=(event(),)))
    with_dr = [one for one in answer.offers if one.with_dr]
    assert with_dr
    best = with_dr[0]
    plain = next(one for one in answer.offers if one.package == best.package and not one.with_dr)
    assert best.commitments[0].commitment_kw >= 30
    assert best.commitments[0].pay > 0
    assert best.split.dr == best.commitments[0].pay - best.commitments[0].penalty
    assert best.net_benefit >= plain.net_benefit - Decimal("0.05")
    assert len(best.commitments[0].baseline_days) == 5
    # presses draw 210 kW in the event on every past working day, and no press need run then
    assert best.commitments[0].expected_kw > 200
    assert {step.subject_id for step in best.playbook} <= {"press-0", "press-1", "air"}


def test_a_site_without_past_runs_takes_the_plan_off_its_forecast_and_says_so():
    case = small_case.with_past_runs(process_history=None, base_load_source="site_less_plan")
    answer = quote(case)
    assert any(one.code == "base_load_from_plan" for one in answer.findings)
    known = quote(small_case.with_past_runs())
    # the plan is run as in the past, so both ways must find nearly the same base load
    assert answer.today.schedule.base_kw.mean() == pytest.approx(known.today.schedule.base_kw.mean(), rel=0.06)
    assert answer.bill_today.p50 == pytest.approx(known.bill_today.p50, rel=Decimal("0.05"))


def test_no_demand_response_where_the_customer_declines():
    case = small_case.with_past_runs(
        programmes=(programme(),), events=(event(),), preferences=Preferences(accept_dr=False)
    )
    assert not [one for one in quote(case).offers if one.with_dr]


def test_an_event_without_enough_like_days_is_left_out_and_said():
    rule = replace(programme().baseline, lookback_days=2, pool_size=5, pick_n=5, min_days=5)
    answer = quote(small_case.with_past_runs(programmes=(programme(baseline=rule),), events=(event(),)))
    assert not [one for one in answer.offers if one.with_dr]
    assert any(one.code == "event_without_baseline" for one in answer.findings)


def test_the_bill_of_the_expected_schedule_agrees_with_the_model(answer):
    """What the optimiser minimised is the mean of the exact bills on the samples, for its own load."""
    for one in answer.offers:
        case = small_case.case()
        from scenarios.loads import billing_window, forecast_site  # noqa: PLC0415

        window, _ = billing_window(case, forecast_site(case))
        rows = window.fill(one.response.schedule.import_kw)
        exact = [
            float(
                bill(
                    type(rows)(grid=rows.grid, import_kw=rows.import_kw[number], power_factor=None),
                    one.package.tariff,
                    one.package.supply_of(case.site.supply),
                    month,
                ).exact_total
            )
            for number in range(rows.import_kw.shape[0])
            for month in window.months
        ]
        mean = sum(exact) / rows.import_kw.shape[0]
        assert mean == pytest.approx(one.response.costs.bill_cost, rel=1e-9)


# --- cases nobody likes: each has an answer or a sentence -------------------------------------------------


def test_an_empty_plan_compares_prices_only():
    empty = replace(small_case.plan(), tasks=(), machines=(), modulating_loads=())
    answer = quote(small_case.case(plan=empty, packages=(_cheap(),)))
    assert any(one.code == "plan_is_empty" for one in answer.findings)
    assert [one.package.package_id for one in answer.offers] == ["cheap"]
    assert answer.offers[0].split.shifting == 0
    assert answer.offers[0].moves == ()


def _cheap():
    from domain.offers import Package  # noqa: PLC0415

    return Package(package_id="cheap", name=small_case.words("cheap"), tariff=small_case.flat("0.05", "cheap"))


def test_a_week_long_meter_gap_is_filled_for_the_bill_and_said():
    whole = small_case.meter()
    import_kw = np.array(whole.import_kw)
    first = whole.grid.n_steps - 9 * 48
    import_kw[first : first + 7 * 48] = np.nan
    gappy = type(whole)(meter_id=whole.meter_id, grid=whole.grid, import_kw=import_kw)
    answer = quote(small_case.case(meter=gappy))
    filled = next(one for one in answer.findings if one.code == "month_to_date_filled")
    # June begins on the 1st; the hole reaches from 30 May noon to 6 June noon
    assert filled.data["count"] == int(np.isnan(import_kw[-(7 * 48 + 24) :]).sum())
    assert answer.offers


def test_a_meter_that_ends_before_the_question_is_asked_is_bridged_and_said():
    whole = small_case.meter()
    late = whole.part(0, whole.grid.n_steps - 30)
    asked = small_case.case(meter=late, issued_at=whole.grid.end - timedelta(minutes=7))
    answer = quote(asked)
    filled = next(one for one in answer.findings if one.code == "month_to_date_filled")
    assert filled.data["count"] == 30
    assert answer.offers


def test_negative_prices_are_billed_and_scheduled_into():
    free_night = small_case.day_night(night="-0.08", name="negative-night")
    answer = quote(small_case.case(present_tariff=free_night, packages=()))
    stay = answer.offers[0]
    starts = [
        run.start.astimezone(local_midnight(small_case.FIRST_DAY, "UTC").tzinfo).hour
        for run in stay.response.schedule.runs
    ]
    assert stay.split.shifting > 0
    assert all(hour < 5 or hour >= 19 for hour in starts)  # 21:00–07:00 local is 19:00–05:00 UTC


@pytest.mark.parametrize(("first_day", "n_steps"), [("2026-03-29", 94), ("2026-10-25", 98)])
def test_days_of_23_and_25_hours(first_day, n_steps):
    from datetime import date  # noqa: PLC0415

    day = date.fromisoformat(first_day)
    tariff = replace(small_case.day_night(), valid_from=date(2025, 1, 1))
    case = small_case.case(day, present_tariff=tariff, packages=())
    answer = quote(case)
    schedule = answer.offers[0].response.schedule
    assert schedule.grid.n_steps == n_steps
    assert schedule.grid == TimeGrid.of_local_days(day, 2, small_case.ZONE, 30)
    assert schedule.modulating_kw["air"].sum() * 0.5 == pytest.approx(1200.0)


def test_a_plan_that_cannot_fit_is_told_in_the_plants_words():
    crowded = small_case.plan()
    tasks = tuple(replace(task, count=13, planned_starts=()) for task in crowded.tasks)
    with pytest.raises(WattplanError) as caught:
        quote(small_case.case(plan=replace(crowded, tasks=tasks)))
    sentence = str(caught.value)
    assert caught.value.code == "infeasible_plan"
    assert "Press" in sentence or "press" in sentence
    assert "Constraint" not in sentence


def test_every_offered_schedule_is_sound(answer):
    from domain.offers import ResponseProblem  # noqa: PLC0415
    from domain.tariffs.pricing import priced_terms  # noqa: PLC0415
    from scenarios.loads import billing_window, forecast_site  # noqa: PLC0415

    case = small_case.case()
    window, _ = billing_window(case, forecast_site(case))
    for one in answer.offers:
        problem = ResponseProblem(
            site=case.site,
            plan=case.plan,
            horizon=one.response.schedule.grid,
            base_kw=one.response.schedule.base_kw,
            terms=priced_terms(one.package.tariff, case.site.supply, window),
        )
        assert audit(one.response.schedule, problem).violations == ()
