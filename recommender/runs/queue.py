"""Who trains and who waits: one at a time, over all pages and servers that share a folder of runs."""

import json
import logging
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from recommender.bundle import MODEL_STORE, default_bundle
from recommender.bundle.manifest import MANIFEST
from recommender.errors import ConfigurationError, RecommenderError
from recommender.runs import process
from recommender.runs.request import COMMITTED, RunRequest, check_name, train_command
from recommender.runs.run import ACTIVE, Run, State, read_run, write_run
from recommender.runs.uploads import Uploads

RUNS_VARIABLE = "MATINEE_RUNS"
MOST_WAITING = 10
MOST_OVER = 30  # runs that are over, before the oldest are forgotten
MOST_BUNDLES = 50  # of a store, before the page trains no further one; the command line does
_LOOK_SECONDS = 1.0
_TROUBLED_SECONDS = 15.0  # between two looks while the folder cannot be read or written
_GRACE_SECONDS = 10.0  # from being asked to end, to being ended
_NEEDED_BYTES = 100e6  # a bundle of a middling data set, written beside the one it replaces

_log = logging.getLogger(__name__)


class Queue:
    """The runs of one folder.

    Server or page may go at any time: children live on in sessions of their own, what waits is on disk, and whoever
    comes next looks after both.

    Args:
      folder: the runs' folder.
      store: where the bundles of what is added go; servers of several stores may share a folder of runs.
      kept: names of bundles that are never replaced.
      command: makes the command line of a run.
    """

    def __init__(
        self,
        folder: Path,
        store: Path,
        *,
        kept: Collection[str] = (),
        command: Callable[[RunRequest, Path, Path], list[str]] = train_command,
    ) -> None:
        self.folder, self.store, self.kept = folder, store, frozenset(kept)
        self._command = command
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._watch: threading.Thread | None = None
        self._starting = threading.Lock()
        self._called = threading.Event()
        self._read: dict[Path, Run] = {}  # what was asked for never changes
        self._unreadable: set[Path] = set()
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why the queue cannot be looked after at present, in a sentence; "" while it can."""
        return self._trouble

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        known, found = self._read, {}
        for folder in sorted(self.folder.glob("[0-9]*"), reverse=True):
            try:
                found[folder] = known[folder] if folder in known else read_run(folder)
            except (OSError, ValueError):
                if folder not in self._unreadable:
                    self._unreadable.add(folder)
                    _log.warning("%s: holds no run that can be read; it is left alone", folder)
        self._read = found
        return list(found.values())

    def active(self) -> list[Run]:
        """What trains or waits, the first to come first; of runs that are over little is read."""
        return [run for run in reversed(self.runs()) if not run.settled and run.state in ACTIVE]

    def bundles(self) -> tuple[str, ...]:
        """Names of the bundles in this queue's store."""
        return tuple(sorted(manifest.parent.name for manifest in self.store.glob(f"[!.]*/{MANIFEST}")))

    def add(self, request: RunRequest, *, held: Path | None = None) -> Run:
        """Appends a run; it is started when its turn comes.

        Args:
          request: what to train.
          held: the upload it is trained on, as `Uploads.hold` gave it: kept if the run is accepted, and then the
            request's data.

        Raises:
          ConfigurationError: if its bundle may not be called so, too many wait, the store is full, or this system
            cannot do it.
          RecommenderError: if the folder of runs cannot be written.
        """
        if not process.SUPPORTED:
            raise ConfigurationError(
                "training from the page needs Linux or macOS; use `python -m recommender train` here."
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with process.alone(self.folder / "lock"):
                runs = self.runs()
                active = [run for run in runs if run.state in ACTIVE]
                if len(active) > MOST_WAITING:
                    raise ConfigurationError(f"{MOST_WAITING} trainings wait already; wait too, or cancel one.")
                check_name(
                    request.name,
                    bundles=() if request.replace else self.bundles(),
                    waiting=[run.request.name for run in active if run.store == self.store.resolve()],
                    kept=self.kept,
                )
                self._check_room(request, active)
                update = {"store": str(self.store.resolve())}
                if held is not None:
                    update["data"] = str(Uploads(self.folder).keep(held, self.store))
                run = Run(self.folder / self._new_id(request, runs), request.model_copy(update=update))
                try:
                    write_run(run.folder, run.request)
                    for old in [run for run in runs if run not in active][MOST_OVER:]:
                        shutil.rmtree(old.folder, ignore_errors=True)
                finally:
                    self._drop_uploads()
        except OSError as error:
            raise RecommenderError(
                f"{self.folder}: cannot be written ({error.strerror or error}); make room, or set {RUNS_VARIABLE} to a "
                "folder on another disk."
            ) from error
        self.supervise()
        return run

    def again(self, run: Run) -> Run:
        """Asks once more for what a run was asked for.

        Raises:
          RecommenderError: as `add`.
        """
        return self.add(run.request)

    def cancel(self, run: Run) -> None:
        """Ends a run, or takes it out of the queue; what it has not finished is cleared away."""
        with suppress(OSError), process.alone(self.folder / "lock"):
            if run.state in ACTIVE:
                run.cancel()

    def forget(self, run: Run) -> None:
        """Removes what is known of a run that is over; its bundle stays."""
        with suppress(OSError), process.alone(self.folder / "lock"):
            if run.state not in ACTIVE and not run.lives:
                shutil.rmtree(run.folder, ignore_errors=True)
                self._drop_uploads()

    def advance(self) -> bool:
        """Clears up after those that are gone, and starts the next if nobody trains.

        Returns:
          Whether anybody trains or waits.
        """
        if not self.folder.is_dir() or not process.SUPPORTED:
            return False
        with process.alone(self.folder / "lock"):
            runs = [run for run in reversed(self.runs()) if not run.settled]
            living = [run for run in runs if run.started and not self._settle_if_gone(run)]
            for run in living:
                asked = run.cancelled_at
                if asked is not None and time.time() - asked > _GRACE_SECONDS:
                    run.end_process(at_once=True)
            waiting = [run for run in runs if run.state is State.WAITING]
            while waiting and not living:
                run = waiting.pop(0)
                if self._start(run):
                    living = [run]
            return bool(living or waiting)

    def supervise(self) -> None:
        """Has a thread look after the queue until it is empty; call it whenever there may be something to do."""
        with self._starting:
            self._called.set()
            if self._watch is None or not self._watch.is_alive():
                self._watch = threading.Thread(target=self._look_after, name="training queue", daemon=True)
                self._watch.start()

    def _look_after(self) -> None:
        while True:
            self._called.clear()
            busy = self._advance_or_report()
            with self._starting:
                # Who has called since the look began may have added what it did not see.
                if not busy and not self._called.is_set():
                    self._watch = None
                    return
            if self._trouble:
                self._called.wait(_TROUBLED_SECONDS)
            elif busy:
                time.sleep(_LOOK_SECONDS)

    def _advance_or_report(self) -> bool:
        try:
            busy = self.advance()
        except OSError as error:
            trouble = f"{self.folder}: cannot be looked after ({error.strerror or error}); make room, or mend the disk."
            if trouble != self._trouble:
                _log.exception("%s: the queue cannot be looked after; it is tried again", self.folder)
            self._trouble = trouble
            return True
        if self._trouble:
            _log.warning("%s: the queue is looked after again", self.folder)
        self._trouble = ""
        return busy

    def _check_room(self, request: RunRequest, active: Collection[Run]) -> None:
        names = {run.request.name for run in active if run.store == self.store.resolve()} | set(self.bundles())
        if request.name not in names and len(names) >= MOST_BUNDLES:
            raise ConfigurationError(
                f"{self.store} holds {MOST_BUNDLES} bundles with those that wait, and no more are trained from the "
                "page; replace one of them, or remove the folder of one."
            )

    def _drop_uploads(self) -> None:
        with suppress(OSError):  # then somebody may refer to what cannot be read; the next one tries again
            wanted = _paths(self.folder.glob("[0-9]*/request.json"), "data")
            Uploads(self.folder).drop_all_but(wanted, _sources, self.store)

    def _settle_if_gone(self, run: Run) -> bool:
        child = self._children.get(run.id)
        code = None if child is None else child.poll()  # also buries it
        if process.lives(run.lock):
            return False
        self._children.pop(run.id, None)
        run.settle(code)
        return True

    def _start(self, run: Run) -> bool:
        try:
            if (run.bundle / MANIFEST).exists() and not run.request.replace:
                raise ConfigurationError(
                    f"meanwhile there is a bundle called {run.request.name}; train under another name."
                )
            run.store.mkdir(parents=True, exist_ok=True)
            free = min(shutil.disk_usage(folder).free for folder in (run.store, self.folder))
            if free < _NEEDED_BYTES:
                raise RecommenderError(
                    f"only {free / 1e6:,.0f} MB are free on the disk, and {_NEEDED_BYTES / 1e6:,.0f} are wanted; "
                    "make room and run it again."
                )
            command = self._command(run.request, run.bundle, run.progress)
            child = process.start(command, lock=run.lock, log=run.log, temporary=run.temporary)
        except (OSError, ValueError, RecommenderError) as error:  # a name with a null byte is a ValueError
            run.fail(str(error))
            return False
        self._children[run.id] = child
        run.note_pid(child.pid)
        return True

    @staticmethod
    def _new_id(request: RunRequest, runs: list[Run]) -> str:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        if runs:  # the clock may have been set back
            stamp = max(stamp, f"{runs[0].id[: len(stamp)]}0")
        return f"{stamp}-{request.name}"


def _sources(store: Path) -> list[Path] | None:
    """Where the data of a store's bundles lie; None if there is no such store at present."""
    return _paths(store.glob(f"[!.]*/{MANIFEST}"), "data", "source") if store.is_dir() else None


def _paths(files: Iterable[Path], *field: str) -> list[Path]:
    """The paths that a field of json files names; taken as it is, since files of another version count as well."""
    found = []
    for file in files:
        with suppress(ValueError, KeyError, TypeError):
            value = json.loads(file.read_text(encoding="utf-8"))
            for name in field:
                value = value[name]
            found.append(Path(value))
    return found


def default_queue() -> Queue:
    """The queue of the store that is served: in MATINEE_RUNS, or beside the bundles in `.runs`."""
    store = default_bundle().parent
    folder = Path(os.environ.get(RUNS_VARIABLE) or store / ".runs").expanduser()
    return _queue(folder, store, default_bundle().name)


@lru_cache(maxsize=4)
def _queue(folder: Path, store: Path, default: str) -> Queue:
    committed = COMMITTED if store.resolve() == MODEL_STORE.resolve() else ()
    return Queue(folder, store, kept={default, *committed})
