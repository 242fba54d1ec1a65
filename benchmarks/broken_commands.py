"""Commands that are killed at random moments or find the disk full: what is left of a bundle, and what is said.

Part of `python -m benchmarks.faults`. A server that has TensorFlow in memory forks a process for each command, so that
a command costs what it does and not what its start does. All of it is about the checkerboard of the tests.
"""

import hashlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.found import HANG_SECONDS, Found
from recommender.bundle.reader import read_bundle
from recommender.data.atomic import drafts
from recommender.data.fetching.cache import CACHE_VARIABLE
from recommender.data.fetching.fetch import cached_ml100k, fetch_ml100k
from recommender.data.fetching.sources import Sources
from recommender.data.publishers.ml100k import FILES
from recommender.errors import RecommenderError
from tests.checkerboard import write_checkerboard_as_ml100k

_PRELOADED = ["recommender.cli.main", "recommender.export.export", "recommender.training.trainer", __name__]
_CHECKED_EVERY = 20  # kills; then a command runs to its end and everything is looked at for litter
_POLL_SECONDS = 0.002
_PATIENCE_SECONDS = 120.0  # with a command of which is not known yet how long it takes
_TRACEBACK = "Traceback (most recent call last)"
_MODELS = {"train": ("two-tower", "--epochs", "1"), "export": ("popularity",)}


class Workshop:
    """A folder with data, a store and a cache, in which commands run and are killed.

    Args:
      folder: an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.data = write_checkerboard_as_ml100k(folder / "data")
        self.store, self.cache, self.temporary = (folder / name for name in ("store", "cache", "temporary"))
        for made in (self.store, self.cache, self.temporary):
            made.mkdir()
        checksums = {name: hashlib.sha256((self.data / name).read_bytes()).hexdigest() for name in FILES}
        self.sources = Sources(files_sha256=checksums)
        self._output = folder / "output"
        self._forked = multiprocessing.get_context("forkserver")
        self._forked.set_forkserver_preload(_PRELOADED)

    def start(self, do: Callable[[], None]) -> Any:
        """Runs something in a process of its own."""
        process = self._forked.Process(target=_run, args=(do, self._output, self.temporary, self.cache))
        process.start()
        return process

    def said(self) -> str:
        """What the last process printed."""
        return self._output.read_text("utf-8", "replace") if self._output.exists() else ""

    def train(self, kind: str, place: Path) -> Callable[[], None]:
        """The command that trains, or for the kind `export`, hardly trains and writes, a bundle."""
        return partial(_command, "train", *_MODELS[kind], "--data", str(self.data), "--out", str(place))

    def fetch(self) -> Callable[[], None]:
        """The command that brings the data into the cache, with the checkerboard in the place of MovieLens."""
        return partial(_fetch, self.data, self.cache, self.sources)

    def damage(self, kind: str) -> None:
        """Takes a file out of the cache, so that a fetch has something to do."""
        if kind == "fetch":
            (self.cache / "ml-100k" / FILES[0]).unlink(missing_ok=True)

    def litter(self) -> list[str]:
        """What is hidden in the store and the cache, is kept of a training, or lies among temporary files.

        Of these, what TensorFlow and Python write for themselves does not count.
        """
        hidden = [*self.store.glob(".*"), *self.cache.rglob(".*"), *self.cache.glob("trainings/*")]
        temporary = [path for path in self.temporary.iterdir() if not path.name.startswith("__")]
        return sorted(path.name for path in (*hidden, *temporary))


def _run(do: Callable[[], None], output: Path, temporary: Path, cache: Path) -> None:
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    os.environ[CACHE_VARIABLE] = str(cache)
    with output.open("wb") as file:
        for standard in (1, 2):
            os.dup2(file.fileno(), standard)
    do()


def _command(*arguments: str) -> None:
    from recommender.cli.main import main

    sys.argv = ["recommender", *arguments]
    main()


def _fetch(source: Path, cache: Path, sources: Sources) -> None:
    fetch_ml100k(source, cache=cache, sources=sources, progress=lambda _: None)


def kill_commands(kills: int, seed: int, folder: Path) -> Iterator[Found]:
    """Kills so many commands, a third of each kind, over what is there already; yields what was found of each kind."""
    shop, generator = Workshop(folder), np.random.default_rng(seed)
    for place, kind in enumerate(("train", "export", "fetch")):
        found = Found(f"kills of {kind}")
        _kill(shop, kind, (kills + 2 - place) // 3, generator, found)
        yield found


def _kill(shop: Workshop, kind: str, kills: int, generator: np.random.Generator, found: Found) -> None:
    bundle = shop.store / kind
    do = shop.fetch() if kind == "fetch" else shop.train(kind, bundle)
    _whole_run(shop, do, bundle, found)
    shop.damage(kind)
    before, after = _whole_run(shop, do, bundle, found)
    for number in range(1, kills + 1):
        shop.damage(kind)
        process = shop.start(do)
        if kind == "export":
            _wait_until_written(process, bundle, 2 * before + HANG_SECONDS)
        time.sleep(generator.uniform(0, after if kind == "export" else before + after))
        process.kill()
        process.join()
        found.count("killed" if process.exitcode else "answer")
        if _TRACEBACK in shop.said():
            found.fail("traceback", f"kill {number}: {shop.said()[-300:]}")
        if kind != "fetch":
            _look_at(bundle, found)
        if number % _CHECKED_EVERY == 0 or number == kills:
            _whole_run(shop, do, bundle, found)
            if kind == "fetch" and cached_ml100k(shop.cache, sources=shop.sources) is None:
                found.fail("lost", "the cache holds no data after a fetch")
            for name in shop.litter():
                found.fail("litter", name)


def _whole_run(shop: Workshop, do: Callable[[], None], bundle: Path, found: Found) -> tuple[float, float]:
    """Runs a command to its end; seconds until it begins to write, and from then on."""
    process = shop.start(do)
    started = time.monotonic()
    _wait_until_written(process, bundle, _PATIENCE_SECONDS)
    writing = time.monotonic()
    process.join(_PATIENCE_SECONDS)
    if process.is_alive():
        process.kill()
        found.fail("hang", "a command that nobody disturbed")
    elif process.exitcode:
        found.fail("traceback" if _TRACEBACK in shop.said() else "lost", f"undisturbed: {shop.said()[-300:]}")
    return writing - started, time.monotonic() - writing


def _look_at(bundle: Path, found: Found) -> None:
    try:
        read_bundle(bundle)
    except RecommenderError as error:
        found.fail("lost", str(error))


def _wait_until_written(process: Any, bundle: Path, seconds: float) -> None:
    """Waits until a process begins to write a bundle, or is over, or the time is."""
    until = time.monotonic() + seconds
    while not drafts(bundle) and process.is_alive() and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)


def fill_disks(times: int, seed: int, folder: Path) -> Found:
    """Trains so many times onto a disk with too little room, over a bundle that is there.

    The disk is a small one in memory, where the system lets one be mounted; else no file may become longer than some
    size, which is what a quota does.
    """
    shop, generator = Workshop(folder), np.random.default_rng(seed)
    measured = shop.store / "measured"
    found = Found("full disks")
    before, writing = _whole_run(shop, shop.train("export", measured), measured, found)
    size = _size(measured)
    with _small_disk(folder / "disk", 3 * size + 400_000) as mounted:
        place = folder / "disk" / "bundle"
        shutil.copytree(measured, place)
        digest = read_bundle(place).manifest.files
        ballast = folder / "disk" / "ballast"
        for number in range(times):
            room = int(generator.uniform(0, 0.9 * (size if mounted else size / 4)))
            do = shop.train("export", place)
            if mounted:
                ballast.unlink(missing_ok=True)
                ballast.write_bytes(bytes(max(0, shutil.disk_usage(place).free - room)))
            else:
                do = partial(_limited, room, do)
            process = shop.start(do)
            process.join(3 * (before + writing) + HANG_SECONDS)  # other work may have come to the machine
            said = shop.said()
            if process.is_alive():
                process.kill()
                process.join()
                found.fail("hang", f"disk {number}, with room for {room} bytes")
                continue  # the next one clears away what this one has left
            elif _TRACEBACK in said or process.exitcode not in (0, 2) or (process.exitcode and "error: " not in said):
                found.fail("traceback", f"disk {number}, with room for {room} bytes: {said[-400:]}")
            else:
                found.count("sentence" if process.exitcode else "answer")
            _look_at(place, found)
            if process.exitcode and read_bundle(place).manifest.files != digest:
                found.fail("lost", "the bundle is another one, though the command failed")
            for draft in drafts(place):
                found.fail("litter", draft.name)
    return found


def _limited(largest: int, do: Callable[[], None]) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    do()


@contextmanager
def _small_disk(folder: Path, size: int) -> Iterator[bool]:
    """A folder, on a disk of this size if the system lets one be mounted; says whether it is."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    may = sys.platform == "linux" and shutil.which("mount") is not None
    mounted = may and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
