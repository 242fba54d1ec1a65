"""The user's cache folder: where it is, one writer at a time, and what is wrong if it cannot be written."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.data.fetching.progress import FetchProgress, ProgressCallback
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
    """Turns an error of the disk inside the block into a FetchError with folder, reason and advice."""
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


@contextmanager
def locked(folder: Path, name: str, progress: ProgressCallback) -> Iterator[None]:
    """Makes the cache folder, and keeps other processes and threads from fetching the same data set into it.

    Args:
      folder: the cache folder.
      name: the data set.
      progress: called if it has to wait.

    Raises:
      FetchError: if the folder cannot be written, or the other process does not end.
    """
    from filelock import FileLock, Timeout  # here, as most starts fetch nothing

    lock = FileLock(folder / f"{name}.lock")
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            progress(FetchProgress("waiting for another process that fetches the same"))
            try:
                lock.acquire(timeout=LOCK_SECONDS)
            except Timeout as error:
                raise FetchError(
                    f"another process has been fetching {name} into {folder} for {LOCK_SECONDS / 60:.0f} "
                    f"minutes; end it, or set {CACHE_VARIABLE} to another folder."
                ) from error
    try:
        yield
    finally:
        lock.release()


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:,.1f} MB free"
    except OSError:
        return "free space unknown"
