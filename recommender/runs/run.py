"""One run: a folder, and the state that its files tell."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from recommender.runs import process
from recommender.runs.progress import DONE, FAILED, INTERRUPTED, Event, ProgressLog, last_event
from recommender.runs.request import RunRequest

_LOG_LINES = 12
_LEFTOVER = re.compile(r"[a-z0-9_]{8}")  # what tempfile.mkdtemp appends
_SCARCE_BYTES = 20e6  # with less free, a run that ended without a word probably lacked room


class State(StrEnum):
    """Where a run is."""

    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"  # unexpectedly: its process is gone, and it had not finished


ACTIVE = frozenset({State.WAITING, State.RUNNING, State.CANCELLING})


@dataclass(frozen=True)
class Run:
    """A training that was asked for.

    Attributes:
      folder: holds all that is known of it; its name is the run's id.
      request: what was asked for.
    """

    folder: Path
    request: RunRequest

    @property
    def id(self) -> str:
        """Ids sort as the runs were asked for."""
        return self.folder.name

    @property
    def store(self) -> Path:
        """The folder its bundle goes to."""
        return Path(self.request.store)

    @property
    def bundle(self) -> Path:
        """Where its bundle goes."""
        return self.store / self.request.name

    @property
    def progress(self) -> Path:
        """Where the child notes how far it is."""
        return self.folder / "progress.jsonl"

    @property
    def log(self) -> Path:
        """What the child prints."""
        return self.folder / "log.txt"

    @property
    def lock(self) -> Path:
        """Locked while the child lives; there is one from the moment that it is started."""
        return self.folder / "alive"

    @property
    def temporary(self) -> Path:
        """The child's folder for temporary files."""
        return self.folder / "tmp"

    @property
    def started(self) -> bool:
        """Whether it has left the queue."""
        return self.lock.exists()

    @property
    def settled(self) -> bool:
        """Whether its process is known to be gone and what it left behind was cleared away."""
        return (self.folder / "settled").exists()

    @property
    def lives(self) -> bool:
        """Whether its process runs."""
        return not self.settled and process.lives(self.lock)

    @property
    def cancelled_at(self) -> float | None:
        """When somebody wanted it to end, in seconds since 1970."""
        try:
            return (self.folder / "cancel").stat().st_mtime
        except OSError:
            return None

    @property
    def end(self) -> Event | None:
        """The child's last word, if it had one."""
        event = last_event(self.progress)
        return event if event is not None and event["event"] == "end" else None

    @property
    def state(self) -> State:
        """Where it is, as the files tell."""
        # Asked before the last word: a child that ends in between has then said it.
        lives, end = self.lives, self.end
        if end is not None and end["outcome"] == DONE:
            return State.DONE
        if lives:
            return State.RUNNING if self.cancelled_at is None else State.CANCELLING
        if end is not None and end["outcome"] != INTERRUPTED:
            return State.FAILED
        if self.cancelled_at is not None:
            return State.CANCELLED
        return State.STOPPED if self.started else State.WAITING

    @property
    def reason(self) -> str:
        """Why it came to nothing, in a sentence; "" where there is nothing to say."""
        state, end = self.state, self.end
        if state is State.FAILED and end is not None:
            return str(end["message"])
        if state is not State.STOPPED:
            return ""
        with suppress(OSError):
            if shutil.disk_usage(self.folder).free < _SCARCE_BYTES:
                return "the disk is full; make room and run it again."
        return _EXITS.get(self._exit_code, "its process is gone without a word, as after a restart of the machine.")

    @property
    def log_tail(self) -> str:
        """The end of what the child printed."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(line[:300] for line in lines[-_LOG_LINES:])

    @property
    def pid(self) -> int | None:
        """The number of its process, which means something only while it lives."""
        try:
            return int((self.folder / "pid").read_text())
        except (OSError, ValueError):
            return None

    def note_pid(self, pid: int) -> None:
        """Remembers the number of its process."""
        (self.folder / "pid").write_text(str(pid))

    def cancel(self) -> None:
        """Wants it to end: a waiting one is never started, a running one is asked to clear up and go."""
        (self.folder / "cancel").touch(exist_ok=True)
        self.end_process()

    def end_process(self, *, at_once: bool = False) -> None:
        """Ends its process and all that this has started."""
        pid = self.pid
        if pid is not None:
            process.end(pid, self.lock, at_once=at_once)

    def fail(self, reason: str) -> None:
        """Ends a run that could not be started."""
        self.lock.touch()
        ProgressLog(self.progress).end(FAILED, reason)
        (self.folder / "settled").touch()

    def settle(self, exit_code: int | None) -> None:
        """Clears away what a process that is gone has left behind.

        Args:
          exit_code: how it ended, where that is known: only its parent is told.
        """
        if exit_code is not None:
            (self.folder / "exit").write_text(str(exit_code))
        shutil.rmtree(self.temporary, ignore_errors=True)
        if self.state is not State.DONE:
            for folder in self._half_written():
                shutil.rmtree(folder, ignore_errors=True)
        (self.folder / "settled").touch()

    def _half_written(self) -> Iterator[Path]:
        """Folders in the store that a bundle writer which was killed has left there."""
        since = self.lock.stat().st_mtime
        prefix = f".{self.request.name}."
        for folder in self.store.glob(f"{prefix}*"):
            with suppress(OSError):
                if _LEFTOVER.fullmatch(folder.name.removeprefix(prefix)) and folder.stat().st_mtime >= since - 1:
                    yield folder

    @property
    def _exit_code(self) -> int | None:
        try:
            return int((self.folder / "exit").read_text())
        except (OSError, ValueError):
            return None


_EXITS: dict[int | None, str] = {  # as subprocess gives them: a signal's number below 0; not every system names all
    -9: "its process was killed from outside, as a system does when memory runs out.",
    -11: "its process crashed (a segmentation fault).",
    -15: "its process was ended from outside.",
    130: "its process was ended from outside.",  # after it had cleared up
}


def write_run(folder: Path, request: RunRequest) -> None:
    """Makes the folder of a new run, as a whole.

    Raises:
      OSError: if it cannot be written; then nothing is left of it.
    """
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        draft.mkdir(parents=True)
        (draft / "request.json").write_text(request.model_dump_json(indent=2) + "\n", encoding="utf-8")
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def read_run(folder: Path) -> Run:
    """The run in a folder.

    Raises:
      ValueError, OSError: if there is none, or one of another version.
    """
    text = (folder / "request.json").read_text(encoding="utf-8")
    return Run(folder, RunRequest.model_validate(json.loads(text)))
