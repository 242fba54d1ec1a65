"""Writes a bundle so that a reader sees the old one or the new one, never half."""

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from recommender.bundle.manifest import (
    IDENTIFIERS,
    LEARNING_CURVES,
    MANIFEST,
    SAVED_MODEL,
    Identifiers,
    Manifest,
    sha256_of,
)
from recommender.errors import BundleError

_AT_FDCWD = -100  # paths are relative to the working directory; <fcntl.h>
_RENAME_EXCHANGE = 2  # <linux/fs.h>


def check_destination(path: Path) -> None:
    """Finds out before a long training whether its bundle can be written.

    Args:
      path: the bundle's future folder.

    Raises:
      BundleError: if something that is not a bundle is in the way, or the folder above cannot be written.
    """
    if path.exists() and not (path / MANIFEST).is_file() and not (path.is_dir() and not any(path.iterdir())):
        raise BundleError(f"{path}: exists and is not a bundle; it is left as it is, name another folder with --out.")
    with _temporary_folder(path):
        pass


def write_bundle(
    path: Path,
    *,
    save_model: Callable[[Path], None],
    identifiers: Identifiers,
    learning_curves: pd.DataFrame,
    describe: Callable[[dict[str, str], int], Manifest],
    more_files: Sequence[Path] = (),
) -> Manifest:
    """Writes into a temporary folder beside the destination, then renames it.

    Args:
      path: the bundle's folder; a bundle that is there is replaced.
      save_model: writes a SavedModel into the folder it is given.
      identifiers: users and titles by model row.
      learning_curves: see `Bundle`.
      describe: makes the manifest from the checksums of the files and their size in bytes.
      more_files: copied into the bundle under their own names.

    Returns:
      The manifest as written.

    Raises:
      BundleError: if the folder cannot be written; what was there before is left as it was.
    """
    check_destination(path)
    with _temporary_folder(path) as folder:
        try:
            save_model(folder / SAVED_MODEL)
            (folder / IDENTIFIERS).write_text(identifiers.model_dump_json(), encoding="utf-8")
            learning_curves.to_csv(folder / LEARNING_CURVES, index=False, lineterminator="\n")
            for file in more_files:
                shutil.copyfile(file, folder / file.name)
            files = sorted(file for file in folder.rglob("*") if file.is_file())
            checksums = {file.relative_to(folder).as_posix(): sha256_of(file) for file in files}
            manifest = describe(checksums, sum(file.stat().st_size for file in files))
            (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
            _replace(folder, path)
        except OSError as error:
            raise BundleError(
                f"{path}: cannot be written ({error}); free some space or name another folder."
            ) from error
    return manifest


@contextmanager
def _temporary_folder(path: Path) -> Iterator[Path]:
    """A folder on the same file system as the destination; gone afterwards unless it was renamed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise BundleError(f"{path.parent}: cannot be written ({error}); name another folder with --out.") from error
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _replace(new: Path, path: Path) -> None:
    """Puts a folder in the place of another, in one step where the system can (Linux), else in two renames.

    A process killed just between those two leaves the old bundle beside the place, under a name that says so.
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
