"""Tables that were handed in: kept under their content, so that a bundle finds its ratings again."""

import hashlib
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recommender.errors import RecommenderError

_ABANDONED_SECONDS = 24 * 3600.0


class Uploads:
    """A folder of tables.

    Args:
      folder: the runs' folder; the tables lie in `data` there, those that are still looked at in `data/.new`.
    """

    def __init__(self, folder: Path) -> None:
        self._kept, self._new = folder / "data", folder / "data" / ".new"

    def hold(self, name: str, content: bytes | memoryview) -> Path:
        """Writes a table to look at; forgotten after a day unless it is kept.

        Args:
          name: what the file was called; what is no letter, digit, dot, - or _ is replaced.
          content: its bytes.

        Raises:
          RecommenderError: if it cannot be written.
        """
        path = self._new / hashlib.sha256(content).hexdigest()[:16] / _safe(name)
        with _disk_errors(path):
            if not path.is_file():
                self._drop_abandoned()
                path.parent.mkdir(parents=True, exist_ok=True)
                draft = path.with_name(f"{path.name}.new")
                draft.write_bytes(content)
                draft.replace(path)
        return path

    def keep(self, path: Path) -> Path:
        """Keeps a table that was held, for good.

        Returns:
          Where it lies now.

        Raises:
          RecommenderError: if it cannot be written.
        """
        place = self._kept / path.parent.name / path.name
        with _disk_errors(place):
            if not place.is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                draft = place.with_name(f"{place.name}.new")
                shutil.copyfile(path, draft)
                draft.replace(place)
        return place

    def _drop_abandoned(self) -> None:
        for folder in self._new.glob("*"):
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                    shutil.rmtree(folder)


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
