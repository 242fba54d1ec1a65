"""Noting how far a training is: lines of json in a file, which others read while it is written."""

import errno
import json
import math
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from recommender.errors import OUT_OF_MEMORY, RecommenderError, is_out_of_memory

PHASES = ("starting", "reading", "preparing", "training", "finishing", "examining", "indexing", "writing")
DONE, FAILED, CRASHED, INTERRUPTED = "done", "failed", "crashed", "interrupted"  # how a training ends


class ProgressLog:
    """Appends events to a file, each a line of json; a `Reporter` of a training.

    A line that cannot be written is lost and the training goes on: it is worth more than its curves, and writing the
    bundle will say what is wrong with the disk.

    Args:
      file: the file; None to note nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._began = self._last_step = 0.0

    def __enter__(self) -> "ProgressLog":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def phase(self, name: str) -> None:
        """Notes what begins: one of `PHASES`."""
        self._note("phase", phase=name)

    def plan(self, epochs: int, steps: int) -> "ProgressLog":
        """Notes how many epochs there will be at most, and of how many steps each."""
        self._began = time.monotonic()
        self._note("plan", epochs=epochs, steps=steps)
        return self

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        """Notes a step that is done: one a second at first, then ever fewer, so that the file stays short."""
        if self._is_due():
            self._note("step", epoch=epoch, step=step, figures=_finite(losses))

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now - self._last_step < max(1.0, (now - self._began) / 300):
            return False
        self._last_step = now
        return True

    def epoch(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        """Notes an epoch whose validation is done, too; figures of the validation are named `val_...`."""
        self._note("epoch", epoch=epoch, figures=_finite(figures), seconds=seconds)

    def part(self, phase: str, step: int, steps: int) -> None:
        """Notes how much of a phase without epochs is done, as rarely as `step` does.

        Args:
          phase: one of `PHASES`.
          step: how many steps are done; 0 as the phase begins.
          steps: how many there are; 0 where nobody counts them.
        """
        if not step:
            self._began, self._last_step = time.monotonic(), 0.0
            self.phase(phase)
        elif self._is_due():
            self._note("part", step=step, steps=steps)

    def end(self, outcome: str, message: str = "", **facts: Any) -> None:
        """Notes how the training ended; the last event of all."""
        self._note("end", outcome=outcome, message=message, **facts)

    def _note(self, event: str, **facts: Any) -> None:
        if self._file is None:
            return
        line = json.dumps({"event": event, "at": round(time.time(), 3), **facts}) + "\n"
        with suppress(OSError), self._file.open("a", encoding="utf-8") as file:
            file.write(line)


@contextmanager
def open_progress_log(file: Path | None) -> Iterator[ProgressLog]:
    """A log for a training in the block, which also notes an error that ends the block.

    With a file, a request to end (SIGTERM) raises KeyboardInterrupt in the block, so that nothing is left half written.

    Args:
      file: the file to append to; None to note nothing.
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
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    text = str(error).strip().splitlines()
    if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or any("No space left" in line for line in text):
        return "no space is left on the disk; make room and run it again."
    return f"an error it did not expect ({type(error).__name__}{': ' + text[0][:200] if text else ''})."


def _finite(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items() if math.isfinite(value)}
