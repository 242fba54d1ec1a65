"""One run: a folder, and the state that can be read from its files."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from recommender.bundle.plain_file import read_json
from recommender.data.atomic import atomic_folder, drafts
from recommender.runs import process
from recommender.runs.progress import Event, last_event
from recommender.runs.progress_log import DONE, FAILED, INTERRUPTED, ProgressLog
from recommender.runs.request import RunRequest

REQUEST = "request.json"
_MOST_BYTES = 1_000_000  # of a request
_LOG_LINES = 12
_SCARCE_BYTES = 20e6  # with less free, a run that ended without a word probably lacked room


class State(StrEnum):
    """What has become of a run."""

    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"  # its process is gone, unexpectedly, and it had not finished


ACTIVE = frozenset({State.WAITING, State.RUNNING, State.CANCELLING})


@dataclass(frozen=True)
class Run:
    """A training that was asked for.

    Attributes:
      folder: holds all there is of it; its name is the run's id.
      request: what was asked for.
    """

    folder: Path
    request: RunRequest

    @property
    def id(self) -> str:
        """The run's id; ids sort by the time that the runs were added."""
        return self.folder.name

    @property
    def store(self) -> Path:
        """The folder that its bundle is written into, beside others."""
        return Path(self.request.store)

    @property
    def bundle(self) -> Path:
        """The folder of its bundle."""
        return self.store / self.request.name

    @property
    def progress(self) -> Path:
        """The file in which its process notes how far it is."""
        return self.folder / "progress.jsonl"

    @property
    def log(self) -> Path:
        """The file that gets what its process prints."""
        return self.folder / "log.txt"

    @property
    def lock(self) -> Path:
        """The file that is locked while its process lives; it exists once the run has been started."""
        return self.folder / "alive"

    @property
    def temporary(self) -> Path:
        """Its process's folder for temporary files."""
        return self.folder / "tmp"

    @property
    def started(self) -> bool:
        """Whether it has left the queue."""
        return self.lock.exists()

    @property
    def settled(self) -> bool:
        """Whether its process is gone for good, and what that left behind is removed."""
        return (self.folder / "settled").exists()

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return not self.settled and process.is_alive(self.lock)

    @property
    def cancelled_at(self) -> float | None:
        """When it was cancelled, in seconds since 1970; None if it was not."""
        try:
            return (self.folder / "cancel").stat().st_mtime
        except OSError:
            return None

    @property
    def end(self) -> Event | None:
        """The event with which its process said how it ended; None if it has not, or could not."""
        event = last_event(self.progress)
        return event if event is not None and event["event"] == "end" else None

    @property
    def state(self) -> State:
        """What has become of it."""
        # In this order: a process that starts meanwhile still waits, and one that ends meanwhile has by then said how.
        started, alive, end = self.started, self.is_alive, self.end
        if end is not None and end["outcome"] == DONE:
            return State.DONE
        if alive:
            return State.RUNNING if self.cancelled_at is None else State.CANCELLING
        if end is not None and end["outcome"] != INTERRUPTED:
            return State.FAILED
        if self.cancelled_at is not None:
            return State.CANCELLED
        return State.STOPPED if started else State.WAITING

    @property
    def reason(self) -> str:
        """Why it failed or stopped, in a sentence; "" in every other state."""
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
        """The last lines that its process printed."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(line[:300] for line in lines[-_LOG_LINES:])

    @property
    def pid(self) -> int | None:
        """The number of its process, or of another one after it has ended; None before it is started."""
        try:
            return int((self.folder / "pid").read_text())
        except (OSError, ValueError):
            return None

    def note_pid(self, pid: int) -> None:
        """Writes down the number of its process."""
        (self.folder / "pid").write_text(str(pid))

    def cancel(self) -> None:
        """Cancels it: if it waits it is never started, if it trains its process is asked to clear up and end."""
        (self.folder / "cancel").touch(exist_ok=True)
        self.end_process()

    def end_process(self, *, at_once: bool = False) -> None:
        """Asks its process and all that this has started to end, or kills them `at_once`."""
        pid = self.pid
        if pid is not None:
            process.end(pid, self.lock, at_once=at_once)

    def fail(self, reason: str) -> None:
        """Notes that it could not be started, and why."""
        self.lock.touch()
        ProgressLog(self.progress).end(FAILED, reason)
        (self.folder / "settled").touch()

    def settle(self, exit_code: int | None) -> None:
        """Removes what its process, which is gone, has left behind.

        Args:
          exit_code: with which it ended; None if this server has not started it and cannot ask the system.
        """
        if exit_code is not None:
            (self.folder / "exit").write_text(str(exit_code))
        shutil.rmtree(self.temporary, ignore_errors=True)
        if self.state is not State.DONE:
            for folder in self._half_written():
                shutil.rmtree(folder, ignore_errors=True)
        (self.folder / "settled").touch()

    def _half_written(self) -> Iterator[Path]:
        """What its process left in the store if it was killed while it wrote the bundle."""
        since = self.lock.stat().st_mtime
        for folder in drafts(self.bundle):
            with suppress(OSError):
                if folder.stat().st_mtime >= since - 1:
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
    """Makes the folder of a new run.

    Raises:
      OSError: if it cannot be written; then there is no folder.
    """
    with atomic_folder(folder) as draft:
        (draft / REQUEST).write_text(request.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_run(folder: Path) -> Run:
    """The run in a folder.

    Raises:
      OSError: if there is none, or it cannot be read.
      ValueError: if it was written by another version.
    """
    return Run(folder, RunRequest.model_validate(read_json(folder / REQUEST, _MOST_BYTES)))
