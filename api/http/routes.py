"""The service's routes: read a document, run a use case at the desk, write the answer's document."""

import platform
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from api.http.body import read_json
from api.http.desk import Desk
from api.http.limits import forecast_must_fit, list_must_fit, must_fit, plan_must_fit
from api.http.openapi import answers, body_of
from api.http.problems import CASE_AT
from api.services import Services
from api.services.plan_requests import CASE, asked_of_case, plan_request
from api.services.requests import BillDocument, ForecastDocument, forecast_to_plain
from api.services.use_cases import tariff_of
from api.settings import Settings
from domain.files.case_file import case_from_plain, quote_to_plain
from domain.files.documents import from_plain, to_plain
from domain.files.problems import pointer_of
from domain.offers.asked import AvailabilityAsked, ContractAsked, PlaybookAsked, SamplesAsked

VERSIONED = ("wattplan", "numpy", "pandas", "prophet", "pyomo", "highspy", "holidays")


def _settings(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


SettingsGiven = Annotated[Settings, Depends(_settings)]
ServicesGiven = Annotated[Services, Depends(_services)]
DeskGiven = Annotated[Desk, Depends(_desk)]


async def read_case_json(request: Request, settings: Settings) -> dict[str, Any]:
    """Read a body that holds a case under a key of its own; refusals about the case point there."""
    setattr(request.state, CASE_AT, pointer_of(CASE))
    return await read_json(request, settings)


router = APIRouter(default_response_class=JSONResponse)


@router.post("/v1/quotes", summary="Answer a case with ranked offers", **body_of("Case", busy=True))
async def quotes(request: Request, settings: SettingsGiven, services: ServicesGiven, desk: DeskGiven) -> JSONResponse:
    """Forecast the load, run the plan its best way under every package, rank the offers."""
    plain = await read_json(request, settings)

    def work() -> dict[str, Any]:
        case = case_from_plain(plain)
        must_fit(case, settings)
        return quote_to_plain(services.quote(case))

    return JSONResponse(await desk.run(work))


@router.post("/v1/plans", summary="Plan a case under one package, with reasons", **body_of("PlanDocument", busy=True))
async def plans(request: Request, settings: SettingsGiven, services: ServicesGiven, desk: DeskGiven) -> JSONResponse:
    """Give the best schedule found, what moves and why, what limits and wishes are worth.

    Where no schedule keeps all orders and limits, ``response`` is null, ``conflicts`` say what contradicts each other and
    ``repairs`` what would help.
    """
    plain = await read_case_json(request, settings)

    def work() -> dict[str, Any]:
        case, asked = plan_request(plain)
        must_fit(case, settings, below=CASE)
        plan_must_fit(asked, settings)
        answer: dict[str, Any] = to_plain(services.plan(case, asked))
        return answer

    return JSONResponse(await desk.run(work))


@router.post(
    "/v1/plans/availability",
    summary="Price the response that a plant can hold in a window",
    **body_of("AvailabilityDocument", busy=True),
)
async def availability(
    request: Request, settings: SettingsGiven, services: ServicesGiven, desk: DeskGiven
) -> JSONResponse:
    """Give the extra cost of each level of response, the pay from which it is worth it, and what moves.

    Levels count from the plan without any promise, or from the baseline that is named.
    """
    plain = await read_case_json(request, settings)

    def work() -> dict[str, Any]:
        case, asked = asked_of_case(plain, AvailabilityAsked)
        must_fit(case, settings, below=CASE)
        list_must_fit("levels_kw", asked.levels_kw, settings)
        return services.availability(case, asked)

    return JSONResponse(await desk.run(work))


@router.post(
    "/v1/plans/playbook",
    summary="Decide on events that may be called, before the call",
    **body_of("PlaybookDocument", busy=True),
)
async def playbook(request: Request, settings: SettingsGiven, services: ServicesGiven, desk: DeskGiven) -> JSONResponse:
    """Give what to promise, how to run until a call, and what to do if it comes."""
    plain = await read_case_json(request, settings)

    def work() -> dict[str, Any]:
        case, asked = asked_of_case(plain, PlaybookAsked)
        must_fit(case, settings, below=CASE)
        list_must_fit("calls", asked.calls, settings)
        return services.playbook(case, asked)

    return JSONResponse(await desk.run(work))


@router.post(
    "/v1/plans/samples",
    summary="Plan for all samples of the forecast",
    **body_of("SamplesDocument", busy=True),
)
async def samples(request: Request, settings: SettingsGiven, services: ServicesGiven, desk: DeskGiven) -> JSONResponse:
    """Give the schedule made for the samples, the one for the expected load, and both on samples that neither has seen."""
    plain = await read_case_json(request, settings)

    def work() -> dict[str, Any]:
        case, asked = asked_of_case(plain, SamplesAsked)
        must_fit(case, settings, below=CASE)
        return services.samples(case, asked)

    return JSONResponse(await desk.run(work))


@router.post(
    "/v1/plans/contract",
    summary="Choose contract demand or way to be billed with the schedule",
    **body_of("ContractDocument", busy=True),
)
async def contract(request: Request, settings: SettingsGiven, services: ServicesGiven, desk: DeskGiven) -> JSONResponse:
    """Give each way with its best schedule and contract, cheapest first, and whether the order is proven."""
    plain = await read_case_json(request, settings)

    def work() -> dict[str, Any]:
        case, asked = asked_of_case(plain, ContractAsked)
        must_fit(case, settings, below=CASE)
        list_must_fit("contracts_kw", asked.contracts_kw, settings)
        return services.contract(case, asked)

    return JSONResponse(await desk.run(work))


@router.post("/v1/forecasts", summary="Forecast a meter", **body_of("ForecastDocument", busy=True))
async def forecasts(
    request: Request, settings: SettingsGiven, services: ServicesGiven, desk: DeskGiven
) -> JSONResponse:
    """Forecast whole local days with quantiles; what degrades the forecast is said in its findings."""
    plain = await read_json(request, settings)

    def work() -> dict[str, Any]:
        asked = from_plain(ForecastDocument, plain, where="body").request()
        forecast_must_fit(asked, settings)
        return forecast_to_plain(services.forecast(asked))

    return JSONResponse(await desk.run(work))


@router.post("/v1/bills", summary="Bill one month of a load", **body_of("BillDocument", busy=True))
async def bills(request: Request, settings: SettingsGiven, services: ServicesGiven, desk: DeskGiven) -> JSONResponse:
    """Bill a complete month under a tariff of the catalogue or one given whole."""
    plain = await read_json(request, settings)

    def work() -> dict[str, Any]:
        bill = services.bill(from_plain(BillDocument, plain, where="body").request())
        answer: dict[str, Any] = to_plain(bill)
        return answer | {"total": str(bill.total)}

    return JSONResponse(await desk.run(work))


@router.get("/v1/tariffs", summary="List the catalogue's tariffs", responses=answers())
def tariffs(services: ServicesGiven) -> JSONResponse:
    """Give id, name, currency, validity, status and source of every tariff."""
    fields = ("tariff_id", "name", "currency", "zone", "valid_from", "valid_until", "status", "source")
    rows = [{name: to_plain(one)[name] for name in fields if name in to_plain(one)} for one in services.tariffs()]
    return JSONResponse({"tariffs": rows})


@router.get("/v1/tariffs/{tariff_id}", summary="Give one tariff whole", responses=answers(not_found=True))
def tariff(tariff_id: str, services: ServicesGiven) -> JSONResponse:
    """Give a tariff as the document that the bills door takes."""
    return JSONResponse(to_plain(tariff_of(services.tariffs(), tariff_id)))


@router.get("/healthz", summary="Say that the service lives, and its versions")
async def healthz(desk: DeskGiven) -> JSONResponse:
    """Give versions and the number of computations under way; answers while all places are taken."""
    versions = {name: version(name) for name in VERSIONED} | {"python": platform.python_version()}
    return JSONResponse({"status": "ok", "versions": versions, "computations": desk.taken})
