"""How far a fetch is, for a page or a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class FetchProgress:
    """How far a fetch is.

    Attributes:
      step: what is going on, for people: "downloading ml-100k.zip".
      done: bytes so far.
      total: bytes in all, or None where nobody knows.
    """

    step: str
    done: int = 0
    total: int | None = None


ProgressCallback = Callable[[FetchProgress], None]


@contextmanager
def terminal_progress(console: "Console | None" = None) -> Iterator[ProgressCallback]:
    """A callback that draws a bar on standard error while the block runs; nothing where that is no terminal.

    Args:
      console: where to draw instead.
    """
    from rich.console import Console  # here, as most starts fetch nothing
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = console or Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("fetching MovieLens 100K", total=None)

        def report(progress: FetchProgress) -> None:
            bar.update(task, description=progress.step, completed=progress.done, total=progress.total)

        yield report
