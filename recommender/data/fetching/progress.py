"""The progress of a fetch on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from recommender.data.fetching.sources import Progress, ProgressCallback


@contextmanager
def terminal_progress(console: Console | None = None) -> Iterator[ProgressCallback]:
    """A callback that draws a bar on standard error while the block runs; nothing where that is no terminal.

    Args:
      console: where to draw instead.
    """
    console = console or Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("fetching MovieLens 100K", total=None)

        def report(progress: Progress) -> None:
            bar.update(task, description=progress.step, completed=progress.done, total=progress.total)

        yield report
