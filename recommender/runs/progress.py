"""How far a training is, read from what it notes: see `progress_log`."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

Event = dict[str, Any]

_VALIDATION = "val_"
_TAIL_BYTES = 64 * 1024  # the last event holds the figures of a few models, a kilobyte each


def read_events(file: Path) -> list[Event]:
    """All events of a file, in order, without lines that are not yet or not wholly written; none without a file."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [event for line in text.splitlines() if (event := _event(line)) is not None]


def last_event(file: Path) -> Event | None:
    """The last event of a file, without reading all of it; None if there is none."""
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
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and "event" in event and "at" in event else None


@dataclass(frozen=True)
class RunProgress:
    """How far a training is.

    Attributes:
      phase: what it does now, as `ProgressLog.phase` has it; "" before the first.
      epochs: how many there will be at most; 0 before that is known, and for a model solved in closed form.
      steps: steps of an epoch.
      done: epochs done, the present one in part: 2.5 is the middle of the third.
      best_epoch: the epoch with the best validation score so far, from 1; 0 before there is one.
      figures: metric -> value at the last validation; None before the first.
      seconds_left: until the last epoch will be done, or in a phase without epochs its last part; None before the
        speed can be measured.
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
        """The share of the epochs that is done, in [0, 1]."""
        return min(1.0, self.done / self.epochs) if self.epochs else 0.0

    @property
    def epochs_since_best(self) -> int:
        """How many epochs have ended since the best one."""
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
    parts: list[Event] = []  # of the phase under way
    for event in events:
        if event["event"] == "phase":
            phase, parts = event["phase"], []
        elif event["event"] == "plan":
            epochs, steps = event["epochs"], event["steps"]
        elif event["event"] == "epoch":
            ended, stepped = [*ended, event], []
        elif event["event"] == "step":
            stepped.append(event)
        elif event["event"] == "part":
            parts.append(event)
    done = float(ended[-1]["epoch"]) if ended else 0.0
    if stepped and steps:
        done = stepped[-1]["epoch"] - 1 + min(stepped[-1]["step"] / steps, 1.0)
    scores = [(event["figures"].get(f"{_VALIDATION}score", -math.inf), -event["epoch"]) for event in ended]
    best = -max(scores)[1] if scores else 0
    figures = None if not ended else _validated(ended[-1])
    left = _seconds_left(epochs, steps, ended, stepped, now)
    if phase not in ("", "training"):
        left = _seconds_of_parts_left(parts, now)
    return RunProgress(phase, epochs, steps, done, best, figures, left)


def _seconds_left(
    epochs: int, steps: int, ended: Sequence[Event], stepped: Sequence[Event], now: float
) -> float | None:
    """The longer of two estimates: from the seconds of whole epochs, and from the steps of the present one."""
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


def _seconds_of_parts_left(parts: Sequence[Event], now: float) -> float | None:
    if len(parts) < 2 or parts[-1]["step"] <= parts[0]["step"]:
        return None
    first, last = parts[0], parts[-1]
    of_a_step = max(last["at"] - first["at"], 1e-3) / (last["step"] - first["step"])
    return max(0.0, (last["steps"] - last["step"]) * of_a_step - max(0.0, now - last["at"]))


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
