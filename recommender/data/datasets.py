"""A data set by its name or its place on disk."""

import difflib
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from recommender.data.fetching.fetch import fetch_ml100k
from recommender.data.fetching.progress import ProgressCallback
from recommender.data.own_table.mapping import ColumnMapping
from recommender.data.own_table.proposals import propose_columns
from recommender.data.own_table.reading import read_mapped_table
from recommender.data.publishers.layouts import recognise_layout
from recommender.data.publishers.ml100k import NAME as ML100K
from recommender.data.publishers.ml100k import read_ml100k
from recommender.data.publishers.movielens import read_movielens_csv
from recommender.data.ratings import Ratings
from recommender.data.tables.delimited import named as listed
from recommender.data.tables.parts import TableParts, has_wildcards
from recommender.errors import ConfigurationError, DataError

# Name -> how to bring it to this machine (source, cache, progress), and how to read what was brought.
_Fetch = Callable[..., Path]
_Read = Callable[[Path], Ratings]
_FETCHED: dict[str, tuple[_Fetch, _Read]] = {ML100K: (fetch_ml100k, read_ml100k)}

# Those that may be passed on lie beside the program, under their own terms.
LATEST_SMALL = "ml-latest-small"
_SHIPPED: dict[str, _Read] = {LATEST_SMALL: read_movielens_csv}
_FOLDER = Path(__file__).parents[2] / "assets" / "datasets"

SHIPPED = tuple(_SHIPPED)
DATASETS = (*_FETCHED, *_SHIPPED)


def load_ratings(
    data: str | Path = ML100K,
    *,
    columns: ColumnMapping | None = None,
    min_ratings: int = 1,
    source: Path | None = None,
    cache: Path | None = None,
    progress: ProgressCallback | None = None,
    say: Callable[[str], object] | None = None,
) -> Ratings:
    """Reads a data set, after fetching it where that is needed.

    Args:
      data: one of `DATASETS`, of which `SHIPPED` need no fetching; or a folder or zip archive in one of the
        `LAYOUTS`, whose content may differ from the publisher's; or a table, as `read_mapped_table` takes it. A name
        goes before a folder of that name: write `./ml-100k` for the folder.
      columns: for a table, and only for it: which column holds what.
      min_ratings: titles rated fewer times are left out; see `Ratings.without_rare_titles`.
      source: for a name, the folder or archive to fetch from; see `fetch_ml100k`.
      cache: for a name, the folder to fetch into.
      progress: called with how far the fetch is.
      say: is told how a table is written.

    Returns:
      Ratings that are called as the data set, or as the file or folder without its ending.

    Raises:
      ConfigurationError: if there is no such data set, folder or file, or columns are missing or out of place.
      FetchError: if the data set cannot be brought to this machine.
      DataError: if its files do not hold what they should.
    """
    if isinstance(data, str) and data in DATASETS:
        if columns is not None:
            raise ConfigurationError(f"columns were named, and {data!r} is no table; leave the columns out.")
        ratings = _read_named(data, source, cache, progress)
    else:
        ratings = _read_place(data, columns, say)
    return ratings.without_rare_titles(min_ratings)


def _read_named(data: str, source: Path | None, cache: Path | None, progress: ProgressCallback | None) -> Ratings:
    if data in _SHIPPED:
        return _SHIPPED[data](source or _FOLDER / f"{data}.zip")
    fetch, read = _FETCHED[data]
    return read(fetch(source, cache=cache, progress=progress))


def _read_place(data: str | Path, columns: ColumnMapping | None, say: Callable[[str], object] | None) -> Ratings:
    path = Path(data).expanduser()
    if not path.exists() and not has_wildcards(path):
        near = difflib.get_close_matches(str(data), DATASETS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known data sets: {', '.join(DATASETS)}."
        raise ConfigurationError(f"{str(data)!r} is neither a data set nor a folder, archive or table; {hint}")
    if columns is not None:
        return read_mapped_table(path, columns, say)
    if not path.is_dir() and not _has_layout(path):
        raise ConfigurationError(_unnamed_columns(path))
    layout, place = recognise_layout(path)
    ratings = layout.read(place)
    return ratings if ratings.name == path.stem else replace(ratings, name=path.stem)


def _has_layout(path: Path) -> bool:
    """Whether this may be an archive in a publisher's layout."""
    try:
        recognise_layout(path)
    except DataError:
        return False
    return True


def _unnamed_columns(path: Path) -> str:
    """What to do with a table whose columns were not named."""
    file = TableParts(path)
    proposed = propose_columns(file.columns)
    example = ""
    if {"user", "item"} <= proposed.keys():
        options = " ".join(f"--{part} {shlex.quote(column)}" for part, column in proposed.items() if len(column) <= 60)
        example = f", perhaps {options}"
    return (
        f"{path} is a plain table with the columns {listed(file.columns)} ({file.form}); say which of them hold the "
        f"user, the item and, if there is one, the rating with --user, --item and --rating{example}."
    )
