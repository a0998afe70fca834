"""Make the service from its settings and its use cases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from api.http import openapi, problems
from api.http.desk import Desk
from api.http.routes import router
from api.services import Services, default_services
from api.settings import Settings


def create_app(settings: Settings | None = None, services: Services | None = None) -> FastAPI:
    """Make the service; tests hand in their own use cases."""
    used = settings or Settings()
    desk = Desk(used)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="Wattplan",
        version=version("wattplan"),
        summary="Demand response and personalised electricity tariffs for industry",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = used
    app.state.services = services or default_services()
    app.state.desk = desk
    app.include_router(router)
    problems.install(app)
    openapi.install(app)
    return app
