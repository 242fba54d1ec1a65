"""Which training runs and which wait: one at a time, over all pages and servers that share a folder of runs."""

import logging
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from recommender.bundle import MODEL_STORE, default_bundle
from recommender.bundle.manifest import MANIFEST
from recommender.bundle.reader import read_manifest
from recommender.errors import BundleError, ConfigurationError, RecommenderError
from recommender.runs import process
from recommender.runs.bundle_names import COMMITTED, check_name
from recommender.runs.request import RunRequest, run_command
from recommender.runs.run import ACTIVE, Run, State, read_run, write_run
from recommender.runs.uploads import Uploads
from recommender.runs.watcher import Watcher

RUNS_VARIABLE = "MATINEE_RUNS"
MOST_WAITING = 10
MOST_OVER = 30  # runs that are over, before the oldest are removed
MOST_BUNDLES = 50  # of a store, before the page trains no further one; the command line does
_GRACE_SECONDS = 10.0  # from being asked to end, to being killed
_NEEDED_BYTES = 100e6  # a bundle of a middling data set, written beside the one it replaces

_log = logging.getLogger(__name__)


class Queue:
    """The runs of one folder.

    A server may stop at any time: its trainings go on in processes of their own, those that wait are on disk, and the
    next server looks after both.

    Args:
      folder: the runs' folder.
      store: the folder for the bundles of runs that are added; queues with several stores may share a folder of runs.
      kept: names of bundles that are never replaced.
      command: makes a run's command line from its request, the bundle's folder and the file for its progress.
    """

    def __init__(
        self,
        folder: Path,
        store: Path,
        *,
        kept: Collection[str] = (),
        command: Callable[[RunRequest, Path, Path], list[str]] = run_command,
    ) -> None:
        self.folder, self.store, self.kept = folder, store, frozenset(kept)
        self._command = command
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._watcher = Watcher(folder, self.advance)
        self._read: dict[Path, Run] = {}  # a request never changes
        self._unreadable: dict[Path, str] = {}  # folder -> why

    @property
    def trouble(self) -> str:
        """Why the queue cannot be looked after at present, in a sentence; "" while it can."""
        return self._watcher.trouble

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        read, found, unreadable = self._read, {}, {}
        for folder in sorted(self.folder.glob("[0-9]*"), reverse=True):
            try:
                found[folder] = read[folder] if folder in read else read_run(folder)
            except (OSError, ValueError) as error:
                if folder not in self._unreadable:
                    _log.warning("%s: holds no run that can be read; it is left alone", folder)
                unreadable[folder] = _first_line(error)
        self._read, self._unreadable = found, unreadable
        return list(found.values())

    def unreadable(self) -> dict[str, str]:
        """Folders of the queue that hold no run that can be read: name -> why."""
        self.runs()
        return {folder.name: why for folder, why in self._unreadable.items()}

    def remove_unreadable(self, name: str) -> None:
        """Removes such a folder."""
        with suppress(OSError), self._locked():
            if name in self.unreadable():
                _remove(self.folder / name)

    def remove_refused(self, name: str) -> None:
        """Removes a bundle of the store that cannot be read.

        Raises:
          ConfigurationError: if it can be read, is kept, or is being written.
          RecommenderError: if it cannot be removed.
        """
        if name not in self.bundles() or name in self.kept or _is_readable(self.store / name):
            raise ConfigurationError(f"the bundle {name} stays as it is; only one that cannot be read is removed here.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked():
                if any((run.store, run.request.name) == (self.store.resolve(), name) for run in self.active()):
                    raise ConfigurationError(f"{name} is being trained; wait, or cancel that.")
                _remove(self.store / name)
        except OSError as error:
            raise RecommenderError(f"{self.store / name}: cannot be removed ({error}); remove it by hand.") from error

    def active(self) -> list[Run]:
        """Runs that train or wait, the oldest first; reads little of those that are over."""
        return [run for run in reversed(self.runs()) if not run.settled and run.state in ACTIVE]

    def bundles(self) -> tuple[str, ...]:
        """Names of the bundles in this queue's store."""
        return tuple(sorted(manifest.parent.name for manifest in self.store.glob(f"[!.]*/{MANIFEST}")))

    def add(self, request: RunRequest, *, held: Path | None = None) -> Run:
        """Adds a run to the end of the queue; it is started when its turn comes.

        Args:
          request: what to train.
          held: the uploaded table to train on, as `Uploads.hold` gave it, in place of the request's data. It is kept
            if the run is accepted, and so is the uploaded file of titles that the request's columns name.

        Raises:
          ConfigurationError: if its bundle may not be called so, or is not there to be replayed, too many runs wait,
            the store is full, or this system cannot train from the page.
          RecommenderError: if the folder of runs cannot be written.
        """
        if not process.SUPPORTED:
            raise ConfigurationError(
                "training from the page needs Linux or macOS; use `python -m recommender train` here."
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked():
                run = self._accept(request, held)
        except OSError as error:
            raise RecommenderError(
                f"{self.folder}: cannot be written ({error.strerror or error}); make room, or set {RUNS_VARIABLE} to a "
                "folder on another disk."
            ) from error
        self.supervise()
        return run

    def again(self, run: Run) -> Run:
        """Adds a run with the same request.

        Raises:
          RecommenderError: as `add`.
        """
        return self.add(run.request)

    def cancel(self, run: Run) -> None:
        """Ends a run, or takes it out of the queue; a bundle that it has not finished is removed."""
        with suppress(OSError), self._locked():
            if run.state in ACTIVE:
                run.cancel()

    def forget(self, run: Run) -> None:
        """Removes the folder of a run that is over; its bundle stays."""
        with suppress(OSError), self._locked():
            if run.state not in ACTIVE and not run.is_alive:
                shutil.rmtree(run.folder, ignore_errors=True)
                Uploads(self.folder).drop_unused(self.store)

    def advance(self) -> bool:
        """Clears up after runs whose process is gone, and starts the next one if none trains.

        Returns:
          Whether a run trains or waits.
        """
        if not self.folder.is_dir() or not process.SUPPORTED:
            return False
        with self._locked():
            runs = [run for run in reversed(self.runs()) if not run.settled]
            alive = [run for run in runs if run.started and not self._settle_if_gone(run)]
            for run in alive:
                cancelled_at = run.cancelled_at
                if cancelled_at is not None and time.time() - cancelled_at > _GRACE_SECONDS:
                    run.end_process(at_once=True)
            waiting = [run for run in runs if run.state is State.WAITING]
            while waiting and not alive:
                run = waiting.pop(0)
                if self._start(run):
                    alive = [run]
            return bool(alive or waiting)

    def supervise(self) -> None:
        """Has a thread look after the queue until it is empty; call it whenever there may be something to do."""
        self._watcher.call()

    def _locked(self) -> FileLock:
        """Keeps other threads and servers out of a block that changes the folder."""
        return FileLock(self.folder / "lock")

    def _accept(self, request: RunRequest, held: Path | None) -> Run:
        """Writes down a run, if it may be added, and removes the oldest of those that are over."""
        runs = self.runs()
        active = [run for run in runs if run.state in ACTIVE]
        if len(active) > MOST_WAITING:
            raise ConfigurationError(f"{MOST_WAITING} trainings wait already; wait too, or cancel one.")
        if request.is_replay:
            self._check_replayed(request, active)
        else:
            check_name(
                request.name,
                bundles=() if request.replace else self.bundles(),
                waiting=[run.request.name for run in active if run.store == self.store.resolve()],
                kept=self.kept,
            )
            self._check_room(request, active)
        update: dict[str, Any] = {"store": str(self.store.resolve())}
        uploads, columns = Uploads(self.folder), request.columns
        if held is not None:
            update["data"] = str(uploads.keep(held, self.store))
            if columns is not None and columns.items is not None:
                items = str(uploads.keep(Path(columns.items), self.store))
                update["columns"] = columns.model_copy(update={"items": items})
        run = Run(self.folder / self._new_id(request, runs), request.model_copy(update=update))
        try:
            write_run(run.folder, run.request)
            for old in [run for run in runs if run not in active][MOST_OVER:]:
                shutil.rmtree(old.folder, ignore_errors=True)
        finally:
            uploads.drop_unused(self.store)
        return run

    def _check_replayed(self, request: RunRequest, active: Collection[Run]) -> None:
        """Refuses to replay what is not there, or is being written or replayed."""
        if request.name not in self.bundles():
            raise ConfigurationError(f"there is no bundle {request.name} to replay; train it first.")
        if any((run.store, run.request.name) == (self.store.resolve(), request.name) for run in active):
            raise ConfigurationError(f"{request.name} is being trained or replayed already; wait, or cancel that.")

    def _check_room(self, request: RunRequest, active: Collection[Run]) -> None:
        """Refuses a bundle that would be one too many in the store."""
        names = {run.request.name for run in active if run.store == self.store.resolve()} | set(self.bundles())
        if request.name not in names and len(names) >= MOST_BUNDLES:
            raise ConfigurationError(
                f"{self.store} holds {MOST_BUNDLES} bundles with those that wait, and no more are trained from the "
                "page; replace one of them, or remove the folder of one."
            )

    def _settle_if_gone(self, run: Run) -> bool:
        """Clears up after a run that was started if its process is gone; whether it is."""
        child = self._children.get(run.id)
        code = None if child is None else child.poll()  # also lets the system forget it
        if process.is_alive(run.lock):
            return False
        self._children.pop(run.id, None)
        run.settle(code)
        return True

    def _start(self, run: Run) -> bool:
        """Starts a run, or notes why it cannot be started; whether it was."""
        try:
            if (run.bundle / MANIFEST).exists() and not (run.request.replace or run.request.is_replay):
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


def _is_readable(bundle: Path) -> bool:
    """Whether what a bundle says of itself can be read."""
    try:
        read_manifest(bundle)
    except BundleError:
        return False
    return True


def _remove(folder: Path) -> None:
    """Removes a folder with all in it, or the link that stands in its place."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")[:200] or type(error).__name__


def default_queue() -> Queue:
    """The queue of the store that is served: in MATINEE_RUNS, or beside the bundles in `.runs`."""
    store = default_bundle().parent
    folder = Path(os.environ.get(RUNS_VARIABLE) or store / ".runs").expanduser()
    return _queue(folder, store, default_bundle().name)


@lru_cache(maxsize=4)
def _queue(folder: Path, store: Path, default: str) -> Queue:
    committed = COMMITTED if store.resolve() == MODEL_STORE.resolve() else ()
    return Queue(folder, store, kept={default, *committed})
