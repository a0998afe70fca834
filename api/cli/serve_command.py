"""``wattplan serve``."""

import socket
from contextlib import suppress
from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the JSON API; settings come from WATTPLAN_… variables."""
    import uvicorn  # noqa: PLC0415 -- help stays quick
    from pydantic import ValidationError  # noqa: PLC0415 -- as above

    from api.http import create_app  # noqa: PLC0415 -- as above
    from api.settings import Settings  # noqa: PLC0415 -- as above

    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"WATTPLAN_{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors())
        raise typer.BadParameter(wrong) from error
    config = uvicorn.Config(create_app(settings), host=host, port=port, log_level="info")
    with _listening(host, port) as listening, suppress(KeyboardInterrupt):
        bound = listening.getsockname()[1]
        typer.echo(f"Wattplan listens on http://{host}:{bound} — document at /openapi.json", err=True)
        uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    from api.errors import AddressNotServedError  # noqa: PLC0415 -- as above

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise AddressNotServedError(host=host, port=port, reason=error.strerror or str(error)) from error
