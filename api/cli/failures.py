"""How the command line says no: words on standard error, an exit code, never a bare traceback."""

import secrets
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException


class AnsweringGroup(TyperGroup):
    """Answers refusals in words and surprises with an incident."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; turn what it raises into words and an exit code."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, TyperException):
            raise
        except BrokenPipeError:
            # The reader has left (head, less); there is nobody to tell.
            sys.stderr.close()
            raise typer.Exit(0) from None
        except Exception as error:  # noqa: BLE001 -- the last door: everything is answered here
            raise typer.Exit(_say(error, debug=bool(ctx.params.get("debug")))) from None


def _say(error: Exception, *, debug: bool) -> int:
    from api.cli.output import say_refusal  # noqa: PLC0415 -- only when something is refused
    from api.errors import EXIT_INTERNAL, answer_to  # noqa: PLC0415 -- as above
    from domain.errors import WattplanError  # noqa: PLC0415 -- as above

    if isinstance(error, WattplanError) and answer_to(error).exit_code != EXIT_INTERNAL:
        say_refusal(error)
        if debug:
            traceback.print_exception(error)
        return answer_to(error).exit_code
    incident = secrets.token_hex(6)
    typer.echo(f"Internal error, incident {incident}. 内部错误，事件编号 {incident}。", err=True)
    if debug:
        traceback.print_exception(error)
    else:
        log = Path(tempfile.gettempdir()) / f"wattplan-{incident}.log"
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        typer.echo(f"What happened stands in {log}. 详情见该文件。", err=True)
    return EXIT_INTERNAL
