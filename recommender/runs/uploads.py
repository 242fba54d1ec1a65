"""Uploaded tables: each is kept under a checksum of its content, so that a bundle finds its ratings again."""

import hashlib
import os
import re
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from recommender.bundle import MANIFEST
from recommender.bundle.plain_file import read_json
from recommender.data.atomic import atomic_file
from recommender.data.tables.formats import is_table
from recommender.data.tables.unpacking import table_stem
from recommender.errors import RecommenderError

MOST_HELD = 10  # tables that are held and not kept, before the oldest are deleted
MOST_BYTES_HELD = 1_000_000_000  # of all of them together
MOST_BYTES_KEPT = 4_000_000_000  # of the tables that bundles and runs refer to
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
        """Writes a table down; it is deleted after a day, or when newer ones leave it no room.

        There is room for `MOST_HELD` tables, which together have `MOST_BYTES_HELD`.

        Args:
          name: the name of the uploaded file; what is no letter, digit, dot, - or _ is replaced.
          content: its bytes.

        Returns:
          Where it lies now.

        Raises:
          RecommenderError: if it cannot be written, or is larger than `MOST_BYTES_HELD`.
        """
        return self._hold(hashlib.sha256(content).hexdigest(), Path(_safe(name)), {"": content})

    def hold_parts(self, parts: Mapping[str, bytes | memoryview]) -> Path:
        """Writes a table of several files down, as `hold` does one.

        Args:
          parts: name of each uploaded file -> its bytes.

        Returns:
          The folder in which they lie now, called as the first of them without the number at its end.

        Raises:
          RecommenderError: if they cannot be written.
        """
        digest = hashlib.sha256()
        files: dict[str, bytes | memoryview] = {}
        for name, content in sorted(parts.items()):
            digest.update(repr((name, hashlib.sha256(content).hexdigest())).encode())
            safe = _safe(name).lstrip("_")  # with which begins what is no table, in folders of parts
            safe = safe if is_table(Path(safe)) else f"{safe}.csv"
            files[f"{len(files)}-{safe}" if safe in files else safe] = content
        folder = re.sub(r"(?:part)?[\W\d_]*$", "", table_stem(Path(next(iter(files)))))
        return self._hold(digest.hexdigest(), Path(folder or "ratings"), files)

    def _hold(self, digest: str, place: Path, contents: Mapping[str, bytes | memoryview]) -> Path:
        """Writes a file, or a folder of files whose names are given, under a checksum of the content."""
        path, size = self._new / digest[:16] / place, sum(memoryview(content).nbytes for content in contents.values())
        if size > MOST_BYTES_HELD:
            raise RecommenderError(
                f"{path.name} has {size / 1e6:,.0f} MB, and {MOST_BYTES_HELD / 1e6:,.0f} MB may be uploaded; train on "
                "it with `python -m recommender train --data FILE`."
            )
        with _disk_errors(path):
            for name, content in contents.items():
                if not (path / name).is_file():
                    (path / name).parent.mkdir(parents=True, exist_ok=True)
                    with atomic_file(path / name, mode=_PRIVATE) as file:
                        file.write(content)
            os.utime(path.parent)  # from now on it is the newest
            self._drop_abandoned()
        return path

    def keep(self, path: Path, store: Path) -> Path:
        """Keeps a held table for a bundle that is trained on it.

        Args:
          path: as `hold` or `hold_parts` returned it.
          store: the folder that the bundle is written into.

        Returns:
          Where it lies now.

        Raises:
          RecommenderError: if it cannot be written, or is beyond what all kept tables may have.
        """
        if not path.exists():
            raise RecommenderError(f"{path.name} was looked at too long ago and is forgotten; upload it again.")
        place = self._kept.resolve() / path.parent.name / path.name
        size, taken = _bytes_below(path), _bytes_below(self._kept) - _bytes_below(self._new)
        if not place.exists() and taken + size > MOST_BYTES_KEPT:
            raise RecommenderError(
                f"{path.name} has {size / 1e6:,.0f} MB, and the tables that were uploaded before have "
                f"{taken / 1e6:,.0f} MB of the {MOST_BYTES_KEPT / 1e6:,.0f} that all may have; remove trainings and "
                "models on them first."
            )
        with _disk_errors(place):
            for held in [path] if path.is_file() else path.iterdir():
                kept = place / held.relative_to(path)
                if not kept.is_file():
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    with held.open("rb") as content, atomic_file(kept, mode=_PRIVATE) as file:
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
            used_by_runs = _folders_named(self._folder.glob("[0-9]*/request.json"), ("data",), ("columns", "items"))
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
        held, size = [], 0
        for folder in self._new.glob("*"):
            with suppress(OSError):
                held.append((folder.stat().st_mtime, folder))
        for place, (at, folder) in enumerate(sorted(held, reverse=True)):
            size += _bytes_below(folder)
            if place >= MOST_HELD or (place and size > MOST_BYTES_HELD) or time.time() - at > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _bytes_below(path: Path) -> int:
    """Bytes of a file, or of all files in a folder, those that go away meanwhile left out."""
    total = 0
    for file in (path, *path.rglob("*")):
        with suppress(OSError):
            status = file.lstat()
            total += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return total


def _used_by_bundles(store: Path) -> set[Path]:
    """The folders of the tables that a store's bundles were trained on."""
    return _folders_named(store.glob(f"[!.]*/{MANIFEST}"), ("data", "source"), ("data", "columns", "items"))


def _folders_named(files: Iterable[Path], *ways: tuple[str, ...]) -> set[Path]:
    """The folders of the tables that json files name.

    The files are not validated: those that another version has written count as well.

    Args:
      files: requests or manifests.
      ways: the keys that lead to a table's path in each; a file without them names none.

    Raises:
      OSError: if a file cannot be read.
    """
    found = set()
    for file in files:
        with suppress(ValueError):
            said = read_json(file, _MOST_BYTES)
            for keys in ways:
                with suppress(ValueError, KeyError, TypeError):
                    value = said
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
