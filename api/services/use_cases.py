"""The use cases, and the noun that hands them to a door."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from api.errors import NotFoundError
from api.services.requests import BillRequest, ForecastRequest
from domain.metering import LoadForecast
from domain.noun import noun
from domain.offers import Case, PlanAnswer, PlanAsked, Quote
from domain.offers.asked import AvailabilityAsked, ContractAsked, PlaybookAsked, SamplesAsked
from domain.tariffs import AnyTariff, Bill, Tariff
from domain.text import Text
from domain.time import Calendar, TimeGrid, zone_of

TARIFF = Text(en="tariff", zh="电价")
SEE_LIST = Text(en="See the list of tariffs for the ids.", zh="请查阅电价列表中的编号。")


Document = dict[str, Any]
"""An answer as JSON values."""


@noun
class Services:
    """What a door can ask for; tests hand in their own."""

    quote: Callable[[Case], Quote]
    plan: Callable[[Case, PlanAsked], PlanAnswer]
    availability: Callable[[Case, AvailabilityAsked], Document]
    playbook: Callable[[Case, PlaybookAsked], Document]
    samples: Callable[[Case, SamplesAsked], Document]
    contract: Callable[[Case, ContractAsked], Document]
    forecast: Callable[[ForecastRequest], LoadForecast]
    bill: Callable[[BillRequest], Bill]
    tariffs: Callable[[], tuple[Tariff, ...]]


def default_services() -> Services:
    """Give the real use cases."""
    return Services(
        quote=quote_case,
        plan=plan_of_case,
        availability=availability_of_case,
        playbook=playbook_of_case,
        samples=samples_of_case,
        contract=contract_of_case,
        forecast=forecast_meter,
        bill=bill_month,
        tariffs=catalogue_tariffs,
    )


def quote_case(case: Case) -> Quote:
    """Answer a case."""
    from scenarios.quote import quote  # noqa: PLC0415 -- the solver loads when first asked

    return quote(case)


def plan_of_case(case: Case, asked: PlanAsked) -> PlanAnswer:
    """Plan a case under one of its packages, with reasons."""
    from scenarios.planning import plan_case  # noqa: PLC0415 -- as above

    return plan_case(case, asked)


def availability_of_case(case: Case, asked: AvailabilityAsked) -> Document:
    """Price the response that a case's plant can hold in a window."""
    from scenarios.dr_planning import availability_to_plain, plan_availability  # noqa: PLC0415 -- as above

    return availability_to_plain(plan_availability(case, asked))


def playbook_of_case(case: Case, asked: PlaybookAsked) -> Document:
    """Decide a case's commitments before any of its events is called."""
    from scenarios.dr_planning import plan_playbook, playbook_to_plain  # noqa: PLC0415 -- as above

    return playbook_to_plain(plan_playbook(case, asked.calls, package_id=asked.package_id, joint=asked.joint))


def samples_of_case(case: Case, asked: SamplesAsked) -> Document:
    """Plan a case for all samples of its forecast."""
    from scenarios.uncertainty import plan_for_samples, uncertain_to_plain  # noqa: PLC0415 -- as above

    found = plan_for_samples(case, package_id=asked.package_id, risk=asked.risk, limit_share=asked.limit_share)
    return uncertain_to_plain(found, case, asked.risk)


def contract_of_case(case: Case, asked: ContractAsked) -> Document:
    """Choose a case's contract demand or way to be billed together with the schedule."""
    from scenarios.contract_planning import contract_to_plain, plan_contract  # noqa: PLC0415 -- as above

    return contract_to_plain(plan_contract(case, asked))


def forecast_meter(request: ForecastRequest) -> LoadForecast:
    """Forecast a meter over whole local days."""
    from forecasting.forecast import ForecastOptions, forecast_load  # noqa: PLC0415 -- as above

    return forecast_load(
        request.meter,
        horizon=days_ahead(request.issued_at, request.days, request.zone, request.meter.grid.step_min),
        issued_at=request.issued_at,
        zone=request.zone,
        calendar=Calendar(country=request.country),
        options=ForecastOptions(n_samples=request.n_samples, seed=request.seed),
    )


def days_ahead(issued_at: datetime, days: int, zone: str, step_min: int) -> TimeGrid:
    """Give whole local days from the first local midnight at or after an instant."""
    local = issued_at.astimezone(zone_of(zone))
    first = local.date() if local.timetz().replace(tzinfo=None) == time() else local.date() + timedelta(days=1)
    return TimeGrid.of_local_days(first, days, zone, step_min)


def bill_month(request: BillRequest) -> Bill:
    """Bill one month of a load."""
    from domain.tariffs.billing import bill  # noqa: PLC0415 -- as above

    tariff = request.tariff
    if tariff is None:
        tariff = catalogued(request.tariff_id or "")
    return bill(request.load, tariff, request.supply, request.month)


def catalogued(tariff_id: str) -> AnyTariff:
    """Find a tariff of the catalogue by its id, tariffs through time among them.

    Raises
    ------
    NotFoundError
    """
    from domain.catalogue import any_tariff, families  # noqa: PLC0415 -- as above

    if any(one.tariff_id == tariff_id for one in families()):
        return any_tariff(tariff_id)
    return tariff_of(catalogue_tariffs(), tariff_id)


def catalogue_tariffs() -> tuple[Tariff, ...]:
    """Give the catalogue's tariffs."""
    from domain.catalogue import tariffs  # noqa: PLC0415 -- as above

    return tuple(tariffs())


def tariff_of(tariffs: tuple[Tariff, ...], tariff_id: str) -> Tariff:
    """Find one tariff by its id.

    Raises
    ------
    NotFoundError
    """
    found = next((one for one in tariffs if one.tariff_id == tariff_id), None)
    if found is None:
        raise NotFoundError(kind=TARIFF, name=tariff_id, mend=SEE_LIST)
    return found
