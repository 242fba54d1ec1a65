"""A data set by its name or its place on disk."""

import difflib
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from recommender.data.fetching.fetch import fetch_ml100k
from recommender.data.fetching.progress import ProgressCallback
from recommender.data.own_table.mapping import ColumnMapping
from recommender.data.own_table.reading import read_mapped_table
from recommender.data.publishers.layouts import recognise_layout
from recommender.data.publishers.ml100k import NAME as ML100K
from recommender.data.publishers.ml100k import read_ml100k
from recommender.data.publishers.movielens import read_movielens_csv
from recommender.data.ratings import Ratings
from recommender.data.tables.formats import SEPARATORS, is_table, table_columns
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
) -> Ratings:
    """Reads a data set, after fetching it where that is needed.

    Args:
      data: one of `DATASETS`, of which `SHIPPED` need no fetching; or a folder or zip archive in one of the
        `LAYOUTS`, whose content may differ from the publisher's; or a csv, tsv or parquet file. A name goes before a
        folder of that name: write `./ml-100k` for the folder.
      columns: for a csv, tsv or parquet file, and only for it: which column holds what.
      min_ratings: titles rated fewer times are left out; see `Ratings.without_rare_titles`.
      source: for a name, the folder or archive to fetch from; see `fetch_ml100k`.
      cache: for a name, the folder to fetch into.
      progress: called with how far the fetch is.

    Returns:
      Ratings that are called as the data set, or as the file or folder without its ending.

    Raises:
      ConfigurationError: if there is no such data set, folder or file, or columns are missing or out of place.
      FetchError: if the data set cannot be brought to this machine.
      DataError: if its files do not hold what they should.
    """
    ratings = _read_all(data, columns, source, cache, progress)
    return ratings.without_rare_titles(min_ratings)


def _read_all(
    data: str | Path,
    columns: ColumnMapping | None,
    source: Path | None,
    cache: Path | None,
    progress: ProgressCallback | None,
) -> Ratings:
    named = isinstance(data, str) and data in DATASETS
    path = Path(data).expanduser()
    if not named and not path.exists():
        near = difflib.get_close_matches(str(data), DATASETS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known data sets: {', '.join(DATASETS)}."
        raise ConfigurationError(f"{str(data)!r} is neither a data set nor a folder, archive or table; {hint}")
    table = not named and path.is_file() and is_table(path)
    if columns is not None and not table:
        raise ConfigurationError(
            f"columns were named, and {str(data)!r} is no single table; leave the columns out, or name a file that "
            f"ends with {', '.join(SEPARATORS)}."
        )
    if data in _SHIPPED:
        return _SHIPPED[str(data)](source or _FOLDER / f"{data}.zip")
    if named:
        fetch, read = _FETCHED[str(data)]
        return read(fetch(source, cache=cache, progress=progress))
    if table:
        if columns is None:
            raise ConfigurationError(
                f"{path} is a plain table with the columns {', '.join(table_columns(path))}; say which of them hold "
                "the user, the item and, if there is one, the rating with --user, --item and --rating."
            )
        return read_mapped_table(path, columns)
    if path.is_file() and path.suffix.lower() != ".zip" and not zipfile.is_zipfile(path):
        raise DataError(
            f"{path} is neither a folder nor a zip archive, nor a table whose name ends with {', '.join(SEPARATORS)}; "
            "name the folder that it lies in, or rename it."
        )
    layout, place = recognise_layout(path)
    ratings = layout.read(place)
    return ratings if ratings.name == path.stem else replace(ratings, name=path.stem)
