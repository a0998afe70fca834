"""How a peer's program answers: one JSON command a line on its input, one JSON answer a line on its output."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any


def timed(work: Callable[[int], object], n_times: int) -> list[float]:
    """Time a piece of work several times; it is told the number of its turn. [s]."""
    spent = []
    for turn in range(n_times):
        start = time.perf_counter()
        work(turn)
        spent.append(time.perf_counter() - start)
    return spent


def answer(commands: Mapping[str, Callable[..., Any]]) -> None:
    """Answer commands ``{"do": name, ...arguments}`` until the input ends; a refusal is an answer, too."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as replies:
        os.dup2(2, 1)  # what a package prints, also from C++, is no answer
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                reply = {"answer": commands[asked.pop("do")](**asked)}
            except Exception as refusal:  # noqa: BLE001 -- whatever the package raises is its answer
                reply = {"refused": f"{type(refusal).__name__}: {refusal}".strip()}
            replies.write(json.dumps(reply) + "\n")
            replies.flush()
