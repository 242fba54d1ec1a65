"""Writing as a whole: a reader sees the old file or folder, or the new one, and never half of one.

What is written lies beside its place first, hidden, and is renamed. Of two who write to one place at once, the last one
to finish counts.
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

_AT_FDCWD = -100  # paths are relative to the working directory; <fcntl.h>
_RENAME_EXCHANGE = 2  # <linux/fs.h>
_SUFFIX = re.compile(r"[0-9a-f]{8}")


@contextmanager
def atomic_file(path: Path, *, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A file to write, which takes its place when the block ends without an error and is gone otherwise.

    Args:
      path: its place, in a folder that exists.
      mode: its rights, less those that the umask takes.

    Raises:
      OSError: if it cannot be written; what was there before is left as it was.
    """
    draft = _draft(path)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
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
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path)
    draft.mkdir()
    try:
        yield draft
        _replace(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def drafts(path: Path) -> list[Path]:
    """What writers of a place have begun: by one that still writes, or that was killed."""
    prefix = f".{path.name}."
    beside = path.parent.glob(f"{prefix}*")
    return [draft for draft in beside if _SUFFIX.fullmatch(draft.name.removeprefix(prefix))]


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
