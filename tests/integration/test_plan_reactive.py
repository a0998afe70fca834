"""Plans that decide compensation, from a case file on: months' power factors, schedules, findings, refusals."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from domain.files.case_file import case_from_plain, case_to_plain
from domain.files.schedule_file import schedule_from_plain, schedule_to_plain
from domain.offers import Case, PlanAnswer, PlanAsked, SolveOptions, StandingPlan
from domain.plant import Compensator
from domain.tariffs import PowerFactorCharge
from scenarios.loads import forecast_site
from scenarios.planning import plan_case, question_of
from scenarios.unit_checks import KvarUnitsMixedError
from tests import small_case
from tests.cli_cases import told, wattplan

BANK = Compensator(compensator_id="bank", kvar_per_step=60.0, steps_count=5)


def compensated(*compensators: Compensator, pf_charge: bool = True, **changes: object) -> Case:
    """Give the small case with motors: two days of a month that ends at 0.86 outside of the plan."""
    plain = small_case.case()
    tariff = small_case.day_night()
    if pf_charge:
        charge = PowerFactorCharge(charge_id="pf", label=small_case.words("pf"), standard="cn_0.90")
        tariff = replace(tariff, charges=(*tariff.charges, charge))
    where = replace(
        plain.site,
        supply=replace(plain.site.supply, power_factor=Decimal("0.86")),
        base_power_factor=0.8,
        compensators=compensators,
    )
    options = replace(plain.options, solve=SolveOptions(deadline_s=60.0, gap_share=2e-3))
    return small_case.case(site=where, present_tariff=tariff, options=options, **changes)


@pytest.fixture(scope="module")
def planned() -> tuple[Case, PlanAnswer]:
    case = compensated(BANK)
    return case, plan_case(case, PlanAsked(n_tags=3))


def test_the_bank_lifts_the_months_power_factor_and_saves(planned):
    _, found = planned
    without = plan_case(compensated(), PlanAsked(n_tags=0))
    (month,), (bare,) = found.power_factors, without.power_factors
    assert bare.planned_pf < month.planned_pf
    assert month.planned_rate < bare.planned_rate
    assert found.response.costs.total_cost < without.response.costs.total_cost
    kvarh, kwh = month.reactive_kvarh, month.active_kwh
    assert float(month.planned_pf) == pytest.approx(kwh / np.hypot(kwh, kvarh), abs=0.005)


def test_what_lies_around_the_plan_counts_as_given(planned):
    _, found = planned
    assert "reactive_around" in {one.code for one in found.findings}


def test_schedules_keep_their_reactive_power_in_files(planned):
    _, found = planned
    schedule = found.response.schedule
    read = schedule_from_plain(json.loads(json.dumps(schedule_to_plain(schedule))), where="s")
    assert read.reactive_kvar == pytest.approx(schedule.reactive_kvar)
    assert read.compensation_kvar["bank"] == pytest.approx(schedule.compensation_kvar["bank"])


def test_a_standing_plan_with_or_without_reactive_power_is_planned_from(planned):
    case, found = planned
    bare = replace(found.response.schedule, forward_kvar=None, reverse_kvar=None, compensation_kvar={})
    now = case.plan.start + 10 * (found.response.schedule.grid.step)
    for schedule in (found.response.schedule, bare):
        again = plan_case(case, PlanAsked(standing=StandingPlan(schedule=schedule, now=now), n_tags=0))
        assert again.response is not None
        if schedule.compensation_kvar:
            kept = again.response.schedule.compensation_kvar["bank"][:10]
            assert kept == pytest.approx(schedule.compensation_kvar["bank"][:10])


def test_without_a_charge_that_asks_nothing_reactive_is_planned():
    found = plan_case(compensated(BANK, pf_charge=False), PlanAsked(n_tags=0))
    assert found.power_factors == ()
    assert found.response.schedule.reactive_kvar is None


def test_other_questions_take_the_power_factor_as_given():
    question = question_of(compensated(BANK), "present", with_dr=False)
    assert question.problem.base_kvar is None
    assert "compensation_as_given" in {one.code for one in question.findings}


def test_the_command_line_says_the_power_factor(tmp_path: Path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case_to_plain(compensated(BANK))), encoding="utf-8")
    said = wattplan("plan", "best", str(path), "--tags", "0").stdout
    assert "power factor of 2026-06: 0." in said
    assert "as run today" in said
    (month,) = told("plan", "best", str(path), "--tags", "0")["power_factors"]
    assert month["planned_pf"] >= month["today_pf"] >= "0.80"


def test_cases_keep_their_compensators_in_files():
    case = compensated(BANK, Compensator(compensator_id="svg", stepless_kvar=75.5, loss_kw_per_kvar=0.02))
    assert case_from_plain(json.loads(json.dumps(case_to_plain(case)))).site == case.site


def test_kvar_in_var_is_refused_by_name():
    huge = replace(BANK, kvar_per_step=60_000.0)
    with pytest.raises(KvarUnitsMixedError, match="kvar"):
        forecast_site(compensated(huge))


def test_what_was_metered_of_the_month_counts_as_it_was():
    """The first eight days of June were metered at 0.35 kvar per kW up to noon; the rest of June follows 0.86."""
    past = small_case.meter()
    metered = replace(past, reactive_kvar=0.35 * past.import_kw)
    question = question_of(compensated(BANK, meter=metered), "present", with_dr=False, with_compensation=True)
    window = question.window
    half_hours = 7 * 48 + 24
    kw, kvar = window.around_kw, window.around_kvar
    assert kvar[:, :half_hours] == pytest.approx(0.35 * kw[:, :half_hours])
    tangent = (1 - 0.86**2) ** 0.5 / 0.86
    later = slice(window.stop, None)
    assert kvar[:, later] == pytest.approx(tangent * kw[:, later])
    assert np.isnan(kvar[:, window.first : window.stop]).all()
    (said,) = [one for one in question.findings if one.code == "reactive_around"]
    # half a day before the plan and 20 days after it
    assert said.data["days"] == "20.5"
    base = question.problem
    assert base.base_kvar == pytest.approx(0.75 * base.base_kw)
