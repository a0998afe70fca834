"""How far a long piece of work has come."""

from collections.abc import Callable

from domain.noun import noun
from domain.text import Text


@noun
class Progress:
    """One step of a long piece of work."""

    stage: Text
    done: int
    """Steps finished."""
    total: int
    """Steps in all."""


ProgressListener = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """Listen to nothing."""
