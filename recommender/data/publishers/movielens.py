"""MovieLens beyond 100K: the csv editions (latest-small, 25M, 32M) and the `::` editions (1M, 10M).

A title that occurs under several movie ids is one title: the lowest id stands for all of them, as in MovieLens
100K. Interactions are re-keyed to it and all kept, in the file's order; the other ids are in `Ratings.aliases`.

Source: F. M. Harper and J. A. Konstan, The MovieLens Datasets: History and Context, ACM TiiS 5(4), 2015.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from recommender.data.publishers import catalogue
from recommender.data.ratings import ITEM_ID, RATING, TIMESTAMP, TITLE, USER_ID, Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from recommender.data.tables.archives import read_members
from recommender.data.tables.cells import split_values
from recommender.data.tables.delimited import read_table
from recommender.data.tables.file_table import FileTable
from recommender.errors import DataError

CSV_FILES = ("ratings.csv", "movies.csv")
DAT_FILES = ("ratings.dat", "movies.dat")
DAT_USERS = "users.dat"

HALF_STARS = RatingScale(low=0.5, high=5.0, step=0.5)  # also of movielens.org and Letterboxd
WHOLE_STARS = RatingScale(low=1.0, high=5.0, step=1.0)
ITEM_FEATURES = (Feature("genres", Kind.MULTI_CATEGORY), Feature("year", Kind.NUMBER))
# By their numbers in users.dat, as the README of MovieLens 1M gives them.
_NAMES = (
    "other|academic/educator|artist|clerical/admin|college/grad student|customer service|doctor/health care|"
    "executive/managerial|farmer|homemaker|K-12 student|lawyer|programmer|retired|sales/marketing|scientist|"
    "self-employed|technician/engineer|tradesman/craftsman|unemployed|writer"
)
OCCUPATIONS = tuple(_NAMES.split("|"))


_NO_GENRES = "(no genres listed)"
# What the columns hold, in the files' order, and how the csv editions name them.
_CSV_RATINGS = ("userId", "movieId", "rating", "timestamp")
_CSV_MOVIES = ("movieId", "title", "genres")
_DAT_RATINGS = (USER_ID, ITEM_ID, RATING, TIMESTAMP)
_DAT_MOVIES = (ITEM_ID, TITLE, "genres")
_DAT_USERS = (USER_ID, "gender", "age", "occupation", "zip_code")


def read_movielens_csv(source: Path) -> Ratings:
    """Reads and checks an edition with ratings.csv and movies.csv.

    Args:
      source: a folder with the two files, or the publisher's zip archive.

    Returns:
      Ratings in half stars, with item features `genres` (none where none are listed) and `year` (of the title),
      and no user features. Titles and users are in the order of their ids.

    Raises:
      DataError: if a file is missing, damaged or encoded differently, or a value is wrong; names file and row.
    """
    contents = read_members(source, CSV_FILES)
    movies = read_table(contents.pop("movies.csv"), "movies.csv", _CSV_MOVIES, separator=",", header=True, quoted=True)
    rows = read_table(contents.pop("ratings.csv"), "ratings.csv", _CSV_RATINGS, separator=",", header=True, quoted=True)
    return _ratings(Path(source).stem, rows, _CSV_RATINGS, movies, _CSV_MOVIES, HALF_STARS)


def read_movielens_dat(source: Path) -> Ratings:
    """Reads and checks an edition with ratings.dat and movies.dat, whose columns are separated by `::`.

    The edition is recognised by users.dat: with it the files are read as MovieLens 1M (whole stars), without
    it as 10M (half stars, in UTF-8).

    Args:
      source: a folder with the files, or the publisher's zip archive.

    Returns:
      Ratings with item features `genres` and `year` (of the title), and for 1M user features `age` (the lower
      end of a group: 1, 18, 25, 35, 45, 50 or 56), `gender` and `occupation`. Titles and users are in the order
      of their ids.

    Raises:
      DataError: if a file is missing, damaged or encoded differently, or a value is wrong; names file and row.
    """
    contents = read_members(source, DAT_FILES, optional=(DAT_USERS,))
    first_edition = DAT_USERS in contents

    def table(file: str, columns: Sequence[str]) -> FileTable:
        return read_table(contents.pop(file), file, columns, separator="::")

    if not first_edition and not _is_utf8(contents["movies.dat"]):
        raise DataError(
            "movies.dat is not encoded as UTF-8, as it is in MovieLens 10M; save it as UTF-8, or, if this is "
            f"MovieLens 1M, lay its {DAT_USERS} beside it."
        )
    movies = table("movies.dat", _DAT_MOVIES)
    people = table(DAT_USERS, _DAT_USERS) if first_edition else None
    users = None if people is None else catalogue.read_users(people, _occupations(people))
    scale = WHOLE_STARS if first_edition else HALF_STARS
    return _ratings(
        Path(source).stem, table("ratings.dat", _DAT_RATINGS), _DAT_RATINGS, movies, _DAT_MOVIES, scale, users
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _ratings(
    name: str,
    table: FileTable,
    columns: Sequence[str],
    movies: FileTable,
    movie_columns: Sequence[str],
    scale: RatingScale,
    users: pd.DataFrame | None = None,
) -> Ratings:
    user, item, rating, timestamp = columns
    stars = table.ratings(rating, scale)  # before the rest, so that a header is called one
    items, aliases = _read_items(movies, *movie_columns)
    table.require_distinct((user, item, timestamp))
    item_ids = catalogue.item_ids_of(table, item, items, aliases, movies.file)
    times = table.timestamps(timestamp)
    if users is None:
        schema = Schema(item_features=ITEM_FEATURES)
        users, user_ids = catalogue.users_by_number(table, user)
    else:
        schema = Schema(item_features=ITEM_FEATURES, user_features=catalogue.USER_FEATURES)
        described = pd.Series(users[USER_ID], dtype="str")
        user_ids = described.take(table.positions_among(user, described.tolist(), DAT_USERS)).reset_index(drop=True)
    del table  # of strings; they are no longer needed
    interactions = pd.DataFrame({USER_ID: user_ids, ITEM_ID: item_ids, RATING: stars, TIMESTAMP: times})
    return Ratings(name, interactions, items, users, scale, schema, aliases)


def _read_items(table: FileTable, item: str, title: str, genres: str) -> tuple[pd.DataFrame, dict[str, str]]:
    order = np.argsort(table.integers(item), kind="stable")
    table.require_distinct((item,))
    titles = table.text(title)
    table.refuse((titles == "").to_numpy(), title, "is no title; give the film one or remove the row")
    frame = pd.DataFrame(
        {
            ITEM_ID: table.text(item),
            TITLE: titles,
            "genres": split_values(table.text(genres), "|", _NO_GENRES),
            "year": catalogue.years_in(titles),
        }
    )
    return catalogue.one_row_per_title(frame.iloc[order])


def _occupations(table: FileTable) -> "pd.Series[str]":
    numbers = table.integers("occupation")
    unknown = (numbers < 0) | (numbers >= len(OCCUPATIONS))
    table.refuse(unknown, "occupation", f"is not between 0 and {len(OCCUPATIONS) - 1}; mend or remove the row")
    return pd.Series(OCCUPATIONS, dtype="str").take(numbers)
