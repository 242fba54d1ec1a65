"""How a training goes, on a terminal."""

from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from recommender.bundle.figures import NAMES


class ConsoleReporter:
    """Progress on a terminal: a bar with step rate, losses and time left; below it two lines an epoch, of 80 letters.

    Args:
      console: where to write.
      epochs: at most.
      steps: of an epoch.
    """

    def __init__(self, console: Console, epochs: int, steps: int) -> None:
        self._epochs, self._steps = epochs, steps
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}/" + str(epochs)),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[losses]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("left at most"),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("training", total=epochs * steps, epoch=1, rate="", losses="")

    def __enter__(self) -> "ConsoleReporter":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        """Moves the bar."""
        speed = self._bar.tasks[0].speed
        self._bar.update(
            self._task,
            completed=(epoch - 1) * self._steps + step,
            epoch=epoch,
            rate=f"{speed:.1f} steps/s" if speed else "",
            losses=_losses(losses),
        )

    def epoch(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        """Prints the epoch's lines."""
        held_back = [
            f"{NAMES[name].plain.lower()} {value:.3f}"
            for name in ("ndcg_at_10", "rmse")
            if (value := figures.get(f"val_{name}")) is not None
        ]
        found = {int(name.split("_")[2]): value for name, value in figures.items() if name.startswith("val_top_")}
        if found:
            longest = max(found)
            held_back.append(f"first {longest} {found[longest]:.1%}")
        speed = f"{self._steps / seconds:.1f} steps/s"
        lines = [f"epoch {epoch}/{self._epochs}, {seconds:.1f} s, {speed}: {_losses(figures)}"]
        if held_back:
            lines.append(f"  on what was kept back: {', '.join(held_back)}")
        self._bar.console.print("\n".join(lines), highlight=False)


# Phase -> a line as it begins, and what stands before its bar.
_PHASES = {
    "finishing": ("finishing: all that it may know is read", "learns once more, from all that it may know"),
    "examining": ("examining: once, on what was held back", "held against what was held back, beside simpler models"),
    "indexing": ("indexing: what finds titles quickly", "the index is built, and the map drawn"),
    "writing": ("writing the bundle", ""),
}


class ConsoleParts:
    """Phases of a training without epochs on a terminal: a line as each begins, and a bar with the time left.

    Args:
      console: where to write.
    """

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=console,
            transient=True,
        )

    def __enter__(self) -> "ConsoleParts":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._bar.tasks:
            self._bar.remove_task(self._bar.task_ids[0])
            self._bar.stop()

    def __call__(self, phase: str, step: int, steps: int) -> None:
        """Tells of a step: 0 as the phase begins, of 0 where there are none to count."""
        begins, doing = _PHASES[phase]
        if not step:
            self._end()
            self._bar.console.print(begins, highlight=False)
            return
        if not self._bar.tasks:
            self._bar.add_task(doing, total=steps)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=step)


def _losses(figures: Mapping[str, float]) -> str:
    losses = {what: figures.get(name) for what, name in (("list", "retrieval_loss"), ("stars", "rating_loss"))}
    return "errors " + ", ".join(f"{what} {loss:.3f}" for what, loss in losses.items() if loss is not None)
