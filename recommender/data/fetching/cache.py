"""The user's cache folder: where it is, one writer at a time, and no half-written file."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recommender.data.fetching.sources import Progress, ProgressCallback
from recommender.errors import FetchError

CACHE_VARIABLE = "MATINEE_CACHE"

# Longer than any fetch takes on a slow line; then something hangs.
LOCK_SECONDS = 900.0


def cache_folder(cache: Path | None = None) -> Path:
    """The folder for fetched data.

    Args:
      cache: the folder, or None for the environment variable MATINEE_CACHE, or this system's place for
        caches.
    """
    if cache is None and os.environ.get(CACHE_VARIABLE):
        cache = Path(os.environ[CACHE_VARIABLE])
    if cache is None:
        import platformdirs

        cache = platformdirs.user_cache_path("matinee", appauthor=False)
    return Path(cache).expanduser()


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns what the disk refuses inside the block into a FetchError with folder, reason and advice."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FetchError(
                f"no space is left for the cache folder {folder} ({_free(folder)}, about 10 MB needed); "
                f"make room, or set {CACHE_VARIABLE} to a folder on another disk."
            ) from error
        raise FetchError(
            f"the cache folder {folder} cannot be written ({error.strerror or error}); "
            f"set {CACHE_VARIABLE} to a folder that you may write."
        ) from error


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces a file as a whole; call it with the folder locked."""
    beside = path.with_name(path.name + ".new")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def locked(folder: Path, name: str, progress: ProgressCallback) -> Iterator[None]:
    """Makes the cache folder and keeps every other process and thread out of one data set.

    Args:
      folder: the cache folder.
      name: the data set.
      progress: told while it waits.

    Raises:
      FetchError: if the folder cannot be written, or the other process does not end.
    """
    import filelock

    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / f"{name}.lock")
    waited = 0.0
    while not lock.is_locked:
        # The lock's own time-out is an OSError too, but none of the disk.
        with disk_errors(folder), suppress(filelock.Timeout):
            lock.acquire(timeout=min(waited, 1.0))
            break
        if waited > LOCK_SECONDS:
            raise FetchError(
                f"another process has been fetching {name} into {folder} for {LOCK_SECONDS / 60:.0f} "
                f"minutes; end it, or set {CACHE_VARIABLE} to another folder."
            )
        progress(Progress("waiting for another process that fetches the same", 0, None))
        waited += 1.0
    try:
        yield
    finally:
        lock.release()


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:,.1f} MB free"
    except OSError:
        return "free space unknown"
