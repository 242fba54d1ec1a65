"""How far a training is, as lines of json that one process appends and others read."""

import errno
import json
import math
import signal
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pandas as pd

from recommender.errors import RecommenderError

Event = dict[str, Any]

DONE, FAILED, CRASHED, INTERRUPTED = "done", "failed", "crashed", "interrupted"
_VALIDATION = "val_"
_TAIL_BYTES = 64 * 1024  # the last event holds the figures of a few models, a kilobyte each


class ProgressLog:
    """Notes progress in a file; a `Reporter` of a training.

    A line that the disk refuses is lost: a training is worth more than its curves, and the bundle, which comes last,
    says clearly what is wrong with the disk.

    Args:
      file: where to; None to note nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._began = self._last_step = 0.0

    def __enter__(self) -> "ProgressLog":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def phase(self, name: str) -> None:
        """Something else begins: "starting", "reading", "training", "examining"."""
        self._note("phase", phase=name)

    def plan(self, epochs: int, steps: int) -> "ProgressLog":
        """At most so many epochs of so many steps are to come."""
        self._began = time.monotonic()
        self._note("plan", epochs=epochs, steps=steps)
        return self

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        """A step is done; noted once a second at first, and ever more rarely, so that long trainings stay readable."""
        now = time.monotonic()
        if now - self._last_step >= max(1.0, (now - self._began) / 300):
            self._last_step = now
            self._note("step", epoch=epoch, step=step, figures=_finite(losses))

    def epoch(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        """An epoch and its validation are done; validation figures are named `val_...`."""
        self._note("epoch", epoch=epoch, figures=_finite(figures), seconds=seconds)

    def end(self, outcome: str, message: str = "", **facts: Any) -> None:
        """Nothing more will come."""
        self._note("end", outcome=outcome, message=message, **facts)

    def _note(self, event: str, **facts: Any) -> None:
        if self._file is None:
            return
        line = json.dumps({"event": event, "at": round(time.time(), 3), **facts}) + "\n"
        with suppress(OSError), self._file.open("a", encoding="utf-8") as file:
            file.write(line)


@contextmanager
def noted(file: Path | None) -> Iterator[ProgressLog]:
    """Notes progress while a training runs, and how it ended if it did not end well.

    With a file, a polite request to end (SIGTERM) becomes a KeyboardInterrupt, so that nothing is left half written.
    """
    log = ProgressLog(file)
    listens = file is not None and threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _interrupt) if listens else None
    try:
        yield log
    except RecommenderError as error:
        log.end(FAILED, str(error))
        raise
    except KeyboardInterrupt:
        log.end(INTERRUPTED)
        raise
    except BaseException as error:
        log.end(CRASHED, _in_words(error))
        raise
    finally:
        if listens:
            signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _in_words(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "the memory of this machine was not enough; take smaller settings or less data."
    text = str(error).strip().splitlines()
    if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or any("No space left" in line for line in text):
        return "no space is left on the disk; make room and run it again."
    return f"an error it did not expect ({type(error).__name__}{': ' + text[0][:200] if text else ''})."


def _finite(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items() if math.isfinite(value)}


def read_events(file: Path) -> list[Event]:
    """All that was noted, in order; a line that is still being written, or was torn, is left out."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [event for line in text.splitlines() if (event := _event(line)) is not None]


def last_event(file: Path) -> Event | None:
    """The last thing that was noted, without reading the rest."""
    try:
        with file.open("rb") as lines:
            size = lines.seek(0, 2)
            lines.seek(max(0, size - _TAIL_BYTES))
            tail = lines.read().decode("utf-8", errors="replace")
    except OSError:
        return None
    return next((event for line in reversed(tail.splitlines()) if (event := _event(line)) is not None), None)


def _event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event and "at" in event else None


@dataclass(frozen=True)
class RunProgress:
    """How far a training is.

    Attributes:
      phase: what it does now; "" before it has said anything.
      epochs: at most; 0 before they are known, and for a model solved in closed form.
      steps: of an epoch.
      done: epochs done, the one under way in part.
      best_epoch: the epoch with the best validation score so far, from 1; 0 before there is one.
      figures: what the last epoch was validated to, by metric.
      seconds_left: until the last epoch would be done; None before the speed is known.
    """

    phase: str = ""
    epochs: int = 0
    steps: int = 0
    done: float = 0.0
    best_epoch: int = 0
    figures: Mapping[str, float] | None = None
    seconds_left: float | None = None

    @property
    def share(self) -> float:
        """Of the epochs, in [0, 1]."""
        return min(1.0, self.done / self.epochs) if self.epochs else 0.0

    @property
    def epochs_since_best(self) -> int:
        """Epochs that were validated and no better than the best."""
        return int(self.done) - self.best_epoch if self.best_epoch else 0


def progress_from(events: Sequence[Event], now: float) -> RunProgress:
    """How far a training is, from what it has noted.

    Args:
      events: see `read_events`.
      now: the present, in seconds since 1970.
    """
    phase, epochs, steps = "", 0, 0
    ended: list[Event] = []
    stepped: list[Event] = []  # of the epoch under way
    for event in events:
        if event["event"] == "phase":
            phase = event["phase"]
        elif event["event"] == "plan":
            epochs, steps = event["epochs"], event["steps"]
        elif event["event"] == "epoch":
            ended, stepped = [*ended, event], []
        elif event["event"] == "step":
            stepped.append(event)
    done = float(ended[-1]["epoch"]) if ended else 0.0
    if stepped and steps:
        done = stepped[-1]["epoch"] - 1 + min(stepped[-1]["step"] / steps, 1.0)
    scores = [(event["figures"].get(f"{_VALIDATION}score", -math.inf), -event["epoch"]) for event in ended]
    best = -max(scores)[1] if scores else 0
    figures = None if not ended else _validated(ended[-1])
    return RunProgress(phase, epochs, steps, done, best, figures, _seconds_left(epochs, steps, ended, stepped, now))


def _seconds_left(
    epochs: int, steps: int, ended: Sequence[Event], stepped: Sequence[Event], now: float
) -> float | None:
    """By whole epochs, validation included, and by the steps of the one under way; the longer of the two."""
    found = []
    length = 0.0
    if ended:
        lengths = [event["seconds"] for event in ended]
        length = statistics.median(lengths[1:] or lengths)  # the first one also traces the model
        found.append((epochs - ended[-1]["epoch"]) * length - max(0.0, now - ended[-1]["at"]))
    if len(stepped) > 1 and stepped[-1]["step"] > stepped[0]["step"]:
        first, last = stepped[0], stepped[-1]  # the first step of all traces the model, and does not count
        step_seconds = max(last["at"] - first["at"], 1e-3) / (last["step"] - first["step"])
        rest = (steps - last["step"]) * step_seconds - max(0.0, now - last["at"])
        found.append(max(0.0, rest) + (epochs - last["epoch"]) * max(length, steps * step_seconds))
    return max(0.0, *found) if found else None


def _validated(event: Event) -> dict[str, float]:
    return {
        name.removeprefix(_VALIDATION): value
        for name, value in event["figures"].items()
        if name.startswith(_VALIDATION)
    }


def live_curves(events: Sequence[Event]) -> pd.DataFrame:
    """The learning curves so far.

    Returns:
      `epoch` (float: in the middle of an epoch the mean over it so far), `phase` ("train" or "validation"), `metric`,
      `value`.
    """
    steps = next((event["steps"] for event in events if event["event"] == "plan"), 0)
    rows: list[tuple[float, str, str, float]] = []
    for event in events:
        if event["event"] not in ("step", "epoch"):
            continue
        whole = event["event"] == "epoch"
        at = float(event["epoch"]) if whole else event["epoch"] - 1 + event["step"] / max(steps, 1)
        learned = {name: value for name, value in event["figures"].items() if not name.startswith(_VALIDATION)}
        rows += [(at, "train", name, value) for name, value in learned.items()]
        if whole:
            rows += [(at, "validation", name, value) for name, value in _validated(event).items()]
    return pd.DataFrame(rows, columns=["epoch", "phase", "metric", "value"])
