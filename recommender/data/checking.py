"""Checks a table of one's own before anything is done with it: which column may hold what, and all that is wrong.

The rules are those of the reader. Where it refuses rows they are noted and taken out, and it reads again, so that one
look shows the problems of every kind.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recommender.data.columns import ColumnMapping
from recommender.data.delimited import MisshapenRowsError
from recommender.data.mapped import SEPARATORS, open_table, ratings_of_table, table_columns
from recommender.data.ratings import Ratings
from recommender.data.tables import RefusedRowsError
from recommender.errors import DataError

# What columns are called in the data sets of this kind that are about; compared without case, spaces and dashes.
_USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "user": ("userid", "user", "username", "viewerid", "viewer", "customerid", "memberid", "reviewerid", "uid", "who"),
    "item": ("itemid", "item", "movieid", "movie", "filmid", "film", "animeid", "bookid", "productid", "asin", "isbn"),
    "rating": ("rating", "score", "stars", "myrating", "userrating", "points", "overall", "bookrating", "value"),
    "timestamp": ("timestamp", "time", "date", "datetime", "ratedat", "watcheddate", "createdat", "when", "at"),
    "title": ("title", "name", "movietitle", "filmtitle", "itemname", "movietitle"),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row; or, without a row, with the file.

    Attributes:
      row: its number in the file, the header counted.
      column: where it stands; None for the row as a whole.
      value: what stands there.
      complaint: what is wrong with it and what to do.
    """

    row: int | None
    column: str | None
    value: str | None
    complaint: str


@dataclass(frozen=True)
class TableCheck:
    """What a look at a table found.

    Attributes:
      ratings: the whole table as ratings; None if anything is wrong with it.
      problems: the first of them, of every kind, by row.
      n_problems: how many there are.
    """

    ratings: Ratings | None
    problems: tuple[Problem, ...]
    n_problems: int


def check_mapped_table(path: Path, mapping: ColumnMapping, *, most: int = 50) -> TableCheck:
    """Reads a table as `read_mapped_table` would, and lists what is wrong with it instead of stopping at the first.

    Args:
      path: a csv, tsv or parquet file.
      mapping: which column holds what.
      most: how many problems to list; of each kind at most so many.
    """
    problems: list[Problem] = []
    counted = 0
    ratings = None
    try:
        table = open_table(path, mapping.columns)
        while True:
            try:
                ratings = ratings_of_table(table, mapping, path.stem)
                break
            except RefusedRowsError as error:
                counted += len(error.places)
                for place in error.places[:most].tolist():
                    value = ", ".join(table.value(column, place) for column in error.columns)
                    problems.append(Problem(table.row(place), ", ".join(error.columns), value, error.complaint(place)))
                table = table.without(error.places)
                if not len(table):
                    break
    except MisshapenRowsError as error:
        counted += len(error.complaints)
        problems += [Problem(row, None, None, complaint) for row, complaint in list(error.complaints.items())[:most]]
    except DataError as error:
        if not problems:  # of what is left of a table whose rows were taken out, nothing is said
            counted += 1
            problems.append(Problem(None, None, None, str(error)))
    problems.sort(key=lambda problem: (problem.row or 0, problem.column or ""))
    return TableCheck(None if problems else ratings, tuple(problems[:most]), counted)


def propose_columns(columns: Sequence[str]) -> dict[str, str]:
    """Which column may hold what, by their names.

    Returns:
      "user", "item", "rating", "timestamp", "title" -> column, for those that a name was found for.
    """
    plain = {re.sub(r"[\W_]+", "", column).lower(): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for part, names in _USUAL_NAMES.items():
        for name in names:
            if name in plain and plain[name] not in found.values():
                found[part] = plain[name]
                break
    if "item" not in found and "title" in found:  # the title tells the items apart where no id does
        found["item"] = found.pop("title")
    return found


def first_rows(path: Path, n: int = 5) -> pd.DataFrame:
    """The first rows of a table, every column as text; of a text file only its beginning is read.

    Raises:
      DataError: if the file is missing, empty or cannot be read.
    """
    columns = table_columns(path)
    separator = SEPARATORS[path.suffix.lower()]
    if separator is None:
        import pyarrow.parquet as pq

        rows = next(pq.ParquetFile(path).iter_batches(batch_size=n), None)
        return pd.DataFrame(columns=columns) if rows is None else rows.to_pandas().head(n).astype(str)
    try:
        return pd.read_csv(path, sep=separator, dtype=str, nrows=n, keep_default_na=False, on_bad_lines="skip")
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(f"{path.name} cannot be cut into columns ({error}); save it as plain text.") from error
