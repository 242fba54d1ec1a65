"""A data set by its name or its place on disk."""

import difflib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from recommender.data.fetch import fetch_ml100k
from recommender.data.ml100k import NAME as ML100K
from recommender.data.ml100k import read_ml100k
from recommender.data.ratings import Ratings
from recommender.data.sources import ProgressCallback
from recommender.errors import ConfigurationError

# Name -> how to bring it to this machine (source, cache, progress), and how to read what was brought.
_Fetch = Callable[..., Path]
_Read = Callable[[Path], Ratings]
_KNOWN: dict[str, tuple[_Fetch, _Read]] = {ML100K: (fetch_ml100k, read_ml100k)}

DATASETS = tuple(_KNOWN)


def load_ratings(
    data: str | Path = ML100K,
    *,
    source: Path | None = None,
    cache: Path | None = None,
    progress: ProgressCallback | None = None,
) -> Ratings:
    """Reads a data set, after fetching it where that is needed.

    Args:
      data: one of `DATASETS`, or a folder or zip archive in the layout of MovieLens 100K, whose content may
        differ from the publisher's. A name goes before a folder of that name: write `./ml-100k` for the
        folder.
      source: for a name, the folder or archive to fetch from; see `fetch_ml100k`.
      cache: for a name, the folder to fetch into.
      progress: told how far the fetch is.

    Raises:
      ConfigurationError: if there is no such data set, folder or archive.
      FetchError: if the data set cannot be brought to this machine.
      DataError: if its files do not hold what they should.
    """
    if isinstance(data, str) and data in _KNOWN:
        fetch, read = _KNOWN[data]
        return read(fetch(source, cache=cache, progress=progress))
    path = Path(data).expanduser()
    if not path.exists():
        near = difflib.get_close_matches(str(data), DATASETS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known data sets: {', '.join(DATASETS)}."
        raise ConfigurationError(f"{str(data)!r} is neither a data set nor a folder or archive; {hint}")
    return replace(read_ml100k(path), name=path.stem)
