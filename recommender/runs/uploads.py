"""Tables that were handed in: kept under their content, so that a bundle finds its ratings again."""

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from recommender.errors import RecommenderError

MOST_HELD = 10  # tables that are only looked at, before the oldest are forgotten
_ABANDONED_SECONDS = 24 * 3600.0
_STORES = ".stores"  # beside a kept table: where bundles that are trained on it go


class Uploads:
    """A folder of tables, each in a folder that its content names: two of one name never meet.

    A table that is looked at is held; one that a run was accepted for is kept, by the queue, for as long as a run or a
    bundle refers to it.

    Args:
      folder: the runs' folder; the tables lie in `data` there, those that are still looked at in `data/.new`.
    """

    def __init__(self, folder: Path) -> None:
        self._kept, self._new = folder / "data", folder / "data" / ".new"

    def hold(self, name: str, content: bytes | memoryview) -> Path:
        """Writes a table to look at; forgotten after a day, or when `MOST_HELD` newer ones are looked at.

        Args:
          name: what the file was called; what is no letter, digit, dot, - or _ is replaced.
          content: its bytes.

        Raises:
          RecommenderError: if it cannot be written.
        """
        path = self._new / hashlib.sha256(content).hexdigest()[:16] / _safe(name)
        with _disk_errors(path):
            if not path.is_file():
                _write(path, lambda file: file.write(content))
            os.utime(path.parent)  # somebody looks at it now
            self._drop_abandoned()
        return path

    def keep(self, path: Path, store: Path) -> Path:
        """Keeps a table that was held, for a bundle that is trained on it.

        Args:
          path: as `hold` gave it.
          store: the folder that the bundle goes to.

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
                with path.open("rb") as content:
                    _write(place, lambda file: shutil.copyfileobj(content, file))
            stores = {*self._stores(place.parent), str(store.resolve())}
            _write(place.parent / _STORES, lambda file: file.write("\n".join(sorted(stores)).encode()))
        return place

    def drop_all_but(
        self, wanted: Collection[Path], trained_on: Callable[[Path], Collection[Path] | None], store: Path
    ) -> None:
        """Deletes the kept tables that nobody refers to any more.

        Args:
          wanted: those that runs refer to.
          trained_on: what the bundles of a store were trained on; None for a store that is not there at present,
            whose tables stay.
          store: one that is looked into in any case, beside those that a table was kept for.
        """
        by_runs = {path.resolve().parent for path in wanted}
        for folder in self._kept.resolve().glob("[!.]*"):
            if folder in by_runs:
                continue
            found = [trained_on(place) for place in {store.resolve(), *map(Path, self._stores(folder))}]
            if not any(paths is None or folder in {path.resolve().parent for path in paths} for paths in found):
                shutil.rmtree(folder, ignore_errors=True)

    def _stores(self, folder: Path) -> list[str]:
        """The stores that bundles trained on a table went to."""
        try:
            return (folder / _STORES).read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

    def _drop_abandoned(self) -> None:
        looked_at = []
        for folder in self._new.glob("*"):
            with suppress(OSError):
                looked_at.append((folder.stat().st_mtime, folder))
        for place, (at, folder) in enumerate(sorted(looked_at, reverse=True)):
            if place >= MOST_HELD or time.time() - at > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Writes a file as a whole; of two who write at once, both leave one that is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    draft = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            fill(file)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


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
