"""Writing as a whole: a reader sees the old file or folder, or the new one, and never half of one.

What is written lies beside its place first, hidden, and is renamed. Of two who write to one place at once, the last one
to finish counts. A draft is locked while its writer lives; whoever writes next removes what a killed one has left.
"""

import ctypes
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from filelock import lock_descriptor, unlock_descriptor

_AT_FDCWD = -100  # paths are relative to the working directory; <fcntl.h>
_RENAME_EXCHANGE = 2  # <linux/fs.h>
_DRAFT = re.compile(r"\.(.+)\.[0-9a-f]{8}")
_LOCKS = os.name == "posix"  # elsewhere a folder cannot be opened, and what is open cannot be renamed


@contextmanager
def atomic_file(path: Path, *, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A file to write, which takes its place when the block ends without an error and is gone otherwise.

    Args:
      path: its place, in a folder that exists.
      mode: its rights, less those that the umask takes.

    Raises:
      OSError: if it cannot be written; what was there before is left as it was.
    """
    clear_abandoned(path.parent, path.name)
    draft, descriptor = _new_file(path, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes its place when the block ends without an error and is gone otherwise.

    Args:
      path: its place; folders above it are made, and a folder that is there is replaced.

    Raises:
      OSError: if it cannot be written; what was there before is left as it was.
    """
    with draft_folder(path) as draft:
        yield draft
        _replace(draft, path)


@contextmanager
def draft_folder(path: Path) -> Iterator[Path]:
    """A folder to prepare in what belongs to a place; it is gone when the block ends.

    It lies beside the place: what a killed process leaves of it is found there and removed, see `clear_abandoned`.

    Args:
      path: the place; folders above it are made.

    Raises:
      OSError: if the folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_abandoned(path.parent, path.name)
    draft, descriptor = _new_folder(path)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def drafts(path: Path) -> list[Path]:
    """What writers of a place have begun: by one that still writes, or that was killed."""
    return _drafts_in(path.parent, path.name)


def clear_abandoned(folder: Path, name: str | None = None) -> None:
    """Removes the drafts in a folder whose writers are gone, as far as the system tells and allows.

    Args:
      folder: the folder; there need be none.
      name: of the place that they were written for; any if None.
    """
    if not _LOCKS:
        return
    for draft in _drafts_in(folder, name):
        with suppress(OSError):
            descriptor = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if lock_descriptor(descriptor, blocking=False):
                    shutil.rmtree(draft, ignore_errors=True) if draft.is_dir() else draft.unlink()
                    unlock_descriptor(descriptor)
            finally:
                os.close(descriptor)


def _drafts_in(folder: Path, name: str | None) -> list[Path]:
    found = []
    for path in folder.glob(".*"):
        draft = _DRAFT.fullmatch(path.name)
        if draft is not None and name in (None, draft[1]):
            found.append(path)
    return found


def _new_file(path: Path, mode: int) -> tuple[Path, int]:
    """A draft of a file, and its descriptor, which is locked until it is closed."""
    while True:
        draft = _draft(path)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        if _locked(descriptor, draft):
            return draft, descriptor


def _new_folder(path: Path) -> tuple[Path, int | None]:
    """A draft of a folder, and where the system can, a descriptor that is locked until it is closed."""
    while True:
        draft = _draft(path)
        draft.mkdir()
        if not _LOCKS:
            return draft, None
        with suppress(FileNotFoundError):
            descriptor = os.open(draft, os.O_RDONLY)
            if _locked(descriptor, draft):
                return draft, descriptor


def _locked(descriptor: int, draft: Path) -> bool:
    """Locks a new draft; False, and closes it, if one that cleared up took it for abandoned just before."""
    if not _LOCKS:
        return True
    with suppress(OSError):  # a file system without locks; nothing is cleared up there
        lock_descriptor(descriptor)
    if draft.exists():
        return True
    os.close(descriptor)
    return False


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def _replace(new: Path, path: Path) -> None:
    """Puts a folder in the place of another, in one step where the system can (Linux), else in two renames.

    A process that is killed just between those two leaves the old folder beside the place, under a name that says so.
    """
    if not path.exists():
        new.rename(path)
    elif not _exchange(new, path):
        previous = path.with_name(f".{path.name}.previous-{os.getpid()}")
        path.rename(previous)
        try:
            new.rename(path)
        except OSError:
            previous.rename(path)
            raise
        shutil.rmtree(previous, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two folders atomically by Linux's renameat2(2); False where there is no such call."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    if renameat2 is None:
        return False
    return renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0
