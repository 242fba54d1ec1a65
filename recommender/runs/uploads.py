"""Uploaded tables: each is kept under a checksum of its content, so that a bundle finds its ratings again."""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recommender.bundle import MANIFEST
from recommender.bundle.plain_file import read_json
from recommender.data.atomic import atomic_file
from recommender.errors import RecommenderError

MOST_HELD = 10  # tables that are held and not kept, before the oldest are deleted
_ABANDONED_SECONDS = 24 * 3600.0
_MOST_BYTES = 4_000_000  # of a request or manifest
_PRIVATE = 0o600  # a table is its owner's
_STORES = ".stores"  # a file beside a kept table: the stores of the bundles that are trained on it


class Uploads:
    """The uploaded tables of a folder of runs.

    A table is first *held*, while somebody fills in the form, and *kept* once a run on it is accepted: for as long as a
    run or a bundle refers to it. Each lies in a folder named after its content: two of one name stay two.

    Args:
      folder: the runs' folder; kept tables lie in `data` there, held ones in `data/.new`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._kept, self._new = folder, folder / "data", folder / "data" / ".new"

    def hold(self, name: str, content: bytes | memoryview) -> Path:
        """Writes a table down; it is deleted after a day, or when `MOST_HELD` newer ones are held.

        Args:
          name: the name of the uploaded file; what is no letter, digit, dot, - or _ is replaced.
          content: its bytes.

        Returns:
          Where it lies now.

        Raises:
          RecommenderError: if it cannot be written.
        """
        path = self._new / hashlib.sha256(content).hexdigest()[:16] / _safe(name)
        with _disk_errors(path):
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                with atomic_file(path, mode=_PRIVATE) as file:
                    file.write(content)
            os.utime(path.parent)  # from now on it is the newest
            self._drop_abandoned()
        return path

    def keep(self, path: Path, store: Path) -> Path:
        """Keeps a held table for a bundle that is trained on it.

        Args:
          path: as `hold` returned it.
          store: the folder that the bundle is written into.

        Returns:
          Where it lies now.

        Raises:
          RecommenderError: if it cannot be written.
        """
        if not path.is_file():
            raise RecommenderError(f"{path.name} was looked at too long ago and is forgotten; upload it again.")
        place = self._kept.resolve() / path.parent.name / path.name
        with _disk_errors(place):
            if not place.is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                with path.open("rb") as content, atomic_file(place, mode=_PRIVATE) as file:
                    shutil.copyfileobj(content, file)
            stores = {*self._stores(place.parent), str(store.resolve())}
            with atomic_file(place.parent / _STORES, mode=_PRIVATE) as file:
                file.write("\n".join(sorted(stores)).encode())
        return place

    def drop_unused(self, store: Path) -> None:
        """Deletes the kept tables that no run and no bundle refers to.

        A table stays as long as one of the stores that it was kept for is not there at present, and if a run or bundle
        cannot be read.

        Args:
          store: a store to look into, beside those that a table was kept for.
        """
        with suppress(OSError):
            kept = self._kept.resolve()
            used_by_runs = _folders_named(self._folder.glob("[0-9]*/request.json"), "data")
            for folder in set(kept.glob("[!.]*")) - used_by_runs:
                stores = {store.resolve(), *map(Path, self._stores(folder))}
                if all(place.is_dir() and folder not in _used_by_bundles(place) for place in stores):
                    shutil.rmtree(folder, ignore_errors=True)

    def _stores(self, folder: Path) -> list[str]:
        """The stores of the bundles that are trained on a table."""
        try:
            return (folder / _STORES).read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

    def _drop_abandoned(self) -> None:
        held = []
        for folder in self._new.glob("*"):
            with suppress(OSError):
                held.append((folder.stat().st_mtime, folder))
        for place, (at, folder) in enumerate(sorted(held, reverse=True)):
            if place >= MOST_HELD or time.time() - at > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _used_by_bundles(store: Path) -> set[Path]:
    """The folders of the tables that a store's bundles were trained on."""
    return _folders_named(store.glob(f"[!.]*/{MANIFEST}"), "data", "source")


def _folders_named(files: Iterable[Path], *keys: str) -> set[Path]:
    """The folders of the tables that json files name.

    The files are not validated: those that another version has written count as well.

    Args:
      files: requests or manifests.
      keys: the way to the table's path in each; a file without it names none.

    Raises:
      OSError: if a file cannot be read.
    """
    found = set()
    for file in files:
        with suppress(ValueError, KeyError, TypeError):
            value = read_json(file, _MOST_BYTES)
            for key in keys:
                value = value[key]
            found.add(Path(value).resolve().parent)
    return found


def _safe(name: str) -> str:
    path = Path(name.replace("\\", "/"))
    stem = re.sub(r"[^\w.-]+", "-", path.stem).strip(".-")[:80]
    return f"{stem or 'ratings'}{path.suffix.lower()}"


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecommenderError(
            f"{path.parent}: cannot be written ({error.strerror or error}); make room and try again."
        ) from error
