"""Examples of what is asked of a plan before something is decided; they work like those of ``examples``."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from api.http.examples import MADE_UP, PLAN_START, TODAY, case, case_plain
from domain.files.case_file import case_to_plain
from domain.files.documents import to_plain
from domain.offers import Case
from domain.offers.asked import AvailabilityAsked, CallAsked, ContractAsked, PlaybookAsked, SamplesAsked
from domain.offers.uncertainty import RiskAversion
from domain.plant import Battery
from domain.programmes import Event, Programme
from domain.tariffs import DemandCharge, Status, Tariff
from domain.tariffs.free_contract import ContractLimits
from domain.text import Text

WINDOW_H = (9, 11)
"""Hours of the first day in which a response is asked for."""


def with_battery() -> Case:
    """Give the small case with a battery, which can respond by day while the kiln fires at night."""
    plain = case()
    battery = Battery(
        battery_id="store",
        capacity_kwh=300,
        max_charge_kw=100,
        max_discharge_kw=100,
        soc_start_kwh=150,
        soc_end_min_kwh=150,
    )
    return replace(plain, site=replace(plain.site, batteries=(battery,)))


@lru_cache(maxsize=1)
def availability_plain() -> dict[str, Any]:
    """Ask what two levels of response cost in the morning, counted from the plan without any promise."""
    start, end = (PLAN_START + timedelta(hours=hour) for hour in WINDOW_H)
    asked = AvailabilityAsked(start=start, end=end, levels_kw=(20.0, 30.0), notice_at=start - timedelta(hours=4))
    return {"case": case_to_plain(with_battery()), **to_plain(asked)}


def _programme() -> Programme:
    return Programme(
        programme_id="shave",
        name=Text(en="Peak shaving", zh="削峰"),
        currency="CNY",
        price=Decimal("3.00"),
        penalty_per_kwh=Decimal("0.30"),
        min_commitment_kw=Decimal(20),
        notice_min=60,
        valid_from=date(2026, 1, 1),
        status=Status.TO_VERIFY,
        source=MADE_UP,
    )


@lru_cache(maxsize=1)
def playbook_plain() -> dict[str, Any]:
    """Ask what to promise for an event that is called in two cases of five."""
    start, end = (PLAN_START + timedelta(hours=hour) for hour in WINDOW_H)
    called = Event(event_id="morning", programme_id="shave", start=start, end=end, notice_at=start - timedelta(hours=2))
    with_event = replace(with_battery(), programmes=(_programme(),), events=(called,))
    asked = PlaybookAsked(calls=(CallAsked(event_id="morning", probability=0.4),))
    return {"case": case_to_plain(with_event), **to_plain(asked)}


@lru_cache(maxsize=1)
def samples_plain() -> dict[str, Any]:
    """Ask for a schedule in which the dearest fifth of the outcomes counts as much as the mean."""
    asked = SamplesAsked(package_id="steep", risk=RiskAversion(tail_weight=0.5, tail_share=0.2), limit_share=0.0)
    return {"case": case_plain(), **to_plain(asked)}


def on_contract(tariff: Tariff) -> Tariff:
    """Give a tariff of the examples with its demand charge on a contract value."""
    energy, demand = tariff.charges
    label = Text(en="Contract demand", zh="合同最大需量电费")
    contract = DemandCharge(
        charge_id=demand.charge_id,
        label=label,
        price_per_kw_month=Decimal("36.1"),
        basis="contract",
        measurement_min=60,
        floor_share=Decimal("0.40"),
    )
    return replace(tariff, charges=(energy, contract))


@lru_cache(maxsize=1)
def contract_plain() -> dict[str, Any]:
    """Ask for the contract demand that goes with the best schedule; 40 % of 1,250 kVA are 500 kW."""
    limits = ContractLimits(least_kw=Decimal(500), most_kw=Decimal(900), step_kw=Decimal(5))
    asked = ContractAsked(charge_id="demand", limits=limits)
    return {"case": case_to_plain(replace(case(), present_tariff=on_contract(TODAY))), **to_plain(asked)}
