"""MovieLens 100K in the publisher's layout: u.data, u.item, u.user and u.genre.

The catalogue of 1,682 ids holds 1,664 distinct titles: 18 films were entered twice, with the same date and
genres. The lowest id of a title stands for all of them. Interactions are re-keyed to it and all kept, in the
order of u.data, so a viewer may have rated such a title twice, and the 100,000 rows split as everywhere else.
The other ids are in `Ratings.aliases`, by which files that use them (the publisher's u1.base, u1.test, ...)
are read against the catalogue.

Source: F. M. Harper and J. A. Konstan, The MovieLens Datasets: History and Context, ACM TiiS 5(4), 2015.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.publishers import catalogue
from recommender.data.ratings import ITEM_ID, RATING, TIMESTAMP, TITLE, USER_ID, Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from recommender.data.tables.archives import read_members
from recommender.data.tables.delimited import read_table
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.unpacking import check_file, most_bytes_here, too_large
from recommender.errors import DataError

NAME = "ml-100k"
FILES = ("u.data", "u.item", "u.user", "u.genre")
SCALE = RatingScale(low=1.0, high=5.0, step=1.0)
SCHEMA = Schema(catalogue.USER_FEATURES, (Feature("genres", Kind.MULTI_CATEGORY), Feature("year", Kind.NUMBER)))

_DATA_COLUMNS = (USER_ID, ITEM_ID, RATING, TIMESTAMP)
_ITEM_COLUMNS = (ITEM_ID, TITLE, "release_date", "video_release_date", "imdb_url")
_ROW = (USER_ID, ITEM_ID, TIMESTAMP)  # what no two rows may share


def read_ml100k(source: Path) -> Ratings:
    """Reads and checks the data set.

    Args:
      source: a folder with the four files, or the publisher's zip archive.

    Returns:
      Ratings with item features `genres` and `year` (of the title, else of the release), and user features
      `age`, `gender` and `occupation`. Titles are in the order of their ids, users too.

    Raises:
      DataError: if a file is missing, damaged or encoded differently, or a value is wrong; names file and
        row.
    """
    contents = read_members(source, FILES, NAME)
    genres = _read_genres(contents["u.genre"])
    items, aliases = _read_items(contents["u.item"], genres)
    people = read_table(contents["u.user"], "u.user", catalogue.USER_COLUMNS, separator="|")
    users = catalogue.read_users(people, people.text("occupation"))
    table = _read_rows(contents["u.data"], "u.data")
    interactions = _interactions(table, users, items, aliases)
    return Ratings(NAME, interactions, items, users, SCALE, SCHEMA, aliases)


def read_ml100k_interactions(path: Path, ratings: Ratings) -> Ratings:
    """Reads one more file in the layout of u.data, against the users and titles of a data set.

    Args:
      path: for instance the publisher's u1.base.
      ratings: the data set it belongs to.

    Returns:
      The same data set with the file's interactions, in the file's order.

    Raises:
      DataError: as `read_ml100k`.
    """
    return _with_interactions(ratings, _read_rows(_read_file(path), Path(path).name))


def read_ml100k_split(train_path: Path, test_path: Path, ratings: Ratings) -> tuple[Ratings, Ratings]:
    """Reads a train file and a test file, and checks that they have no row in common.

    Rows are compared by the files' own ids: a viewer can have rated both entries of one film in the same
    second.

    Args:
      train_path: for instance the publisher's u1.base.
      test_path: for instance the publisher's u1.test.
      ratings: the data set they belong to.

    Returns:
      The same data set twice, with the interactions of either file.

    Raises:
      DataError: as `read_ml100k`, or if a row is in both files.
    """
    train, test = (_read_rows(_read_file(path), Path(path).name) for path in (train_path, test_path))
    test.require_disjoint(train, _ROW)
    return _with_interactions(ratings, train), _with_interactions(ratings, test)


def _read_file(path: Path) -> bytes:
    place = Path(path).expanduser()
    try:
        size, most = check_file(place).st_size, most_bytes_here(place)
        if size > most:
            raise too_large(place.name, size, most)
        return place.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give a file in the layout of u.data.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}); mend that and try again.") from error


def _read_rows(data: bytes, file: str) -> FileTable:
    table = read_table(data, file, _DATA_COLUMNS)
    table.ratings(RATING, SCALE)  # before the rest, so that a header is called one
    table.require_distinct(_ROW)
    return table


def _with_interactions(ratings: Ratings, table: FileTable) -> Ratings:
    interactions = _interactions(table, ratings.users, ratings.items, dict(ratings.aliases))
    return replace(ratings, interactions=interactions)


def _interactions(table: FileTable, users: pd.DataFrame, items: pd.DataFrame, aliases: dict[str, str]) -> pd.DataFrame:
    user_ids = pd.Series(users[USER_ID], dtype="str")
    user_rows = table.positions_among(USER_ID, user_ids.tolist(), "u.user")
    return pd.DataFrame(
        {
            USER_ID: user_ids.take(user_rows).array,
            ITEM_ID: catalogue.item_ids_of(table, ITEM_ID, items, aliases, "u.item"),
            RATING: table.ratings(RATING, SCALE),
            TIMESTAMP: table.timestamps(TIMESTAMP),
        }
    )


def _read_genres(data: bytes) -> list[str]:
    table = read_table(data, "u.genre", ("genre", "index"), separator="|")
    table.require_distinct(("genre",))
    misplaced = table.integers("index") != np.arange(len(table))
    table.refuse(misplaced, "index", "is out of order; number the genres 0, 1, 2, ... from the top")
    return table.text("genre").tolist()


def _read_items(data: bytes, genres: list[str]) -> tuple[pd.DataFrame, dict[str, str]]:
    table = read_table(data, "u.item", (*_ITEM_COLUMNS, *genres), separator="|")
    order = np.argsort(table.integers(ITEM_ID), kind="stable")
    table.require_distinct((ITEM_ID,))
    titles = table.text(TITLE)
    table.refuse((titles == "").to_numpy(), TITLE, "is no title; give the film one or remove the row")
    flags = np.empty((len(table), len(genres)), bool)  # [n_rows, n_genres]
    for column, genre in enumerate(genres):
        values = table.numbers(genre)
        table.refuse((values != 0) & (values != 1), genre, "is neither 0 nor 1; mend the row")
        flags[:, column] = values == 1
    names = np.array(genres, object)
    frame = pd.DataFrame(
        {
            ITEM_ID: table.text(ITEM_ID),
            TITLE: titles,
            "genres": [tuple(names[row]) for row in flags],
            "year": _years(titles, table.text("release_date")),
        }
    )
    return catalogue.one_row_per_title(frame.iloc[order])


def _years(titles: pd.Series, release_dates: pd.Series) -> npt.NDArray[np.float64]:
    """The year of a title, else of a date like 01-Jan-1995, else NaN."""
    titled = catalogue.years_in(titles)
    released = pd.to_numeric(release_dates.str.extract(r"(\d{4})$", expand=False), errors="coerce")
    return np.where(np.isnan(titled), released.to_numpy(np.float64), titled)
