"""Ask a peer: start its program in the peers' environment and speak JSON lines with it."""

import json
import subprocess
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parents[1] / ".venv-peers" / "bin" / "python"
EMHASS_PYTHON = HERE.parents[1] / ".venv-peers" / "emhass" / "bin" / "python"
"""EMHASS asks for older versions of what the others need."""
ABSENT = "the peers' environment is absent: make peers"


class PeerRefusedError(Exception):
    """The peer answered with an error of its own, or ended."""


class Peer:
    """A running peer program; use it in a ``with`` statement."""

    def __init__(self, program: str, python: Path = PYTHON) -> None:
        self.program = HERE / f"{program}.py"
        self.python = python

    def __enter__(self) -> Self:
        """Start the program."""
        self.held = ExitStack()
        self.said = self.held.enter_context(TemporaryFile())
        self.process = self.held.enter_context(
            subprocess.Popen(  # noqa: S603 -- our own program
                [self.python, self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True
            )
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the program by ending its input."""
        self.held.close()

    def ask(self, do: str, **arguments: Any) -> Any:
        """Give the answer to one command.

        Raises
        ------
        PeerRefusedError
            With the peer's own words.
        """
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.said.seek(0)
            raise PeerRefusedError(f"{self.program.name} ended: {self.said.read().decode(errors='replace')[-2000:]}")
        reply = json.loads(line)
        if "refused" in reply:
            raise PeerRefusedError(reply["refused"])
        return reply["answer"]
