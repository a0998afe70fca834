"""Progress of long work: a bar for people, plain lines for logs; always on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from api.cli.output import err
from domain.text import Language
from scenarios.progress import Progress, ProgressListener, ignore


@contextmanager
def watching(language: Language, *, quiet: bool = False) -> Iterator[ProgressListener]:
    """Give a listener that shows progress while the block runs."""
    console = err()
    if quiet:
        yield ignore
        return
    if not console.is_terminal:

        def tell(progress: Progress) -> None:
            console.print(f"{progress.done}/{progress.total} {progress.stage.say(language)}", markup=False)

        yield tell
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        bar = bars.add_task("…", total=None)

        def show(progress: Progress) -> None:
            bars.update(bar, description=progress.stage.say(language), completed=progress.done, total=progress.total)

        yield show
