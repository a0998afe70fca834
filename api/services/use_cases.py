"""The use cases, and the noun that hands them to a door."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from api.errors import NotFoundError
from api.services.requests import BillRequest, ForecastRequest
from domain.metering import LoadForecast
from domain.noun import noun
from domain.offers import Case, PlanAnswer, PlanAsked, Quote
from domain.tariffs import AnyTariff, Bill, Tariff
from domain.text import Text
from domain.time import Calendar, TimeGrid, zone_of

TARIFF = Text(en="tariff", zh="电价")
SEE_LIST = Text(en="See the list of tariffs for the ids.", zh="请查阅电价列表中的编号。")


@noun
class Services:
    """What a door can ask for; tests hand in their own."""

    quote: Callable[[Case], Quote]
    plan: Callable[[Case, PlanAsked], PlanAnswer]
    forecast: Callable[[ForecastRequest], LoadForecast]
    bill: Callable[[BillRequest], Bill]
    tariffs: Callable[[], tuple[Tariff, ...]]


def default_services() -> Services:
    """Give the real use cases."""
    return Services(
        quote=quote_case, plan=plan_of_case, forecast=forecast_meter, bill=bill_month, tariffs=catalogue_tariffs
    )


def quote_case(case: Case) -> Quote:
    """Answer a case."""
    from scenarios.quote import quote  # noqa: PLC0415 -- the solver loads when first asked

    return quote(case)


def plan_of_case(case: Case, asked: PlanAsked) -> PlanAnswer:
    """Plan a case under one of its packages, with reasons."""
    from scenarios.planning import plan_case  # noqa: PLC0415 -- as above

    return plan_case(case, asked)


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
