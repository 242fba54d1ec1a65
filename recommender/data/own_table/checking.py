"""Looks at a table of one's own before it is used: which column may hold what, and all that is wrong with its rows.

The rules are those of the reader. Rows that it refuses are noted and taken out, and it reads again, so that one
look shows all that is wrong.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.description import Description, describe
from recommender.data.own_table.mapping import ColumnMapping
from recommender.data.own_table.reading import (
    name_of_data,
    ratings_of_table,
    value_checks,
    with_second_file,
    without_missing,
)
from recommender.data.own_table.written_times import AmbiguousDatesError
from recommender.data.ratings import RATING, TITLE, USER_ID, Ratings
from recommender.data.schema import Kind
from recommender.data.tables.cells import beginning_of
from recommender.data.tables.delimited import MisshapenRowsError
from recommender.data.tables.file_table import FileTable, RefusedRowsError
from recommender.data.tables.form import AS_FOUND, ChosenForm
from recommender.data.tables.parts import TableParts
from recommender.errors import ConfigurationError, DataError

# Bounds for a table that is checked in the process that serves everybody's pages; the command line has none.
MOST_ROWS = 10_000_000
MOST_BYTES = 1_000_000_000  # in memory: a parquet file may unfold to a thousand times its own size
MOST_COLUMNS = 500
_MOST_LETTERS = 200  # of a value that is shown


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row; or, without a row, with the file.

    Attributes:
      row: its number in the file, the header counted.
      column: where it stands; None for the row as a whole.
      value: what stands there.
      complaint: what is wrong with it and what to do.
      file: in which it stands.
    """

    row: int | None
    column: str | None
    value: str | None
    complaint: str
    file: str = ""


@dataclass(frozen=True)
class TableCheck:
    """What a look at a table found.

    Attributes:
      ratings: the whole table as ratings; None if anything is wrong with it.
      problems: the first of every kind, by row.
      n_problems: how many there are in all.
      n_rows: how many rows have one or more; 0 where it is the file as a whole that is wrong.
      description: of the ratings; None without them.
    """

    ratings: Ratings | None
    problems: tuple[Problem, ...]
    n_problems: int
    n_rows: int
    description: Description | None = None


def check_mapped_table(
    path: Path, mapping: ColumnMapping, *, most: int = 50, table: TableParts | None = None
) -> TableCheck:
    """Reads a table as `read_mapped_table` would, and lists what is wrong with it instead of stopping at the first.

    A table beyond `MOST_ROWS`, `MOST_BYTES` or `MOST_COLUMNS` is refused before it is read.

    Args:
      path: as `read_mapped_table` takes it.
      mapping: which column holds what.
      most: how many problems to list.
      table: what lies there, if it was looked at before with the mapping's form.
    """
    found = _FoundProblems(most)
    ratings = None
    try:
        looked_at = table or _bounded(path, mapping.form)
        try:
            rows = looked_at.read(mapping.columns, mapping.numbers)
        except MisshapenRowsError as error:
            rows = error.others
            found.add_misshapen(error)
        _require_at_most(MOST_ROWS, len(rows), looked_at.file)
        rows = with_second_file(rows, mapping)
        try:
            ratings = ratings_of_table(rows, mapping, name_of_data(path)) if len(rows) else None
        except RefusedRowsError:
            rows, _ = without_missing(rows, mapping)
            none = np.array([], np.int64)
            wrong = [none, *(found.add_refused(rows, check) for check in value_checks(mapping))]
            rows = rows.without(np.flatnonzero(np.isin(rows.row_numbers(), np.concatenate(wrong))))
            found.add_refused(rows, partial(ratings_of_table, mapping=mapping, name=name_of_data(path)))
    except AmbiguousDatesError as error:
        return TableCheck(None, (Problem(None, None, None, f"{error.question}; choose it under Dates."),), 1, 0)
    except (ConfigurationError, DataError) as error:
        if not found.n_problems:  # of what is left of a table whose rows were taken out, nothing is said
            return TableCheck(None, (Problem(None, None, None, str(error)),), 1, 0)
    if found.n_problems or ratings is None:
        return TableCheck(None, found.first(), found.n_problems, found.n_rows())
    return TableCheck(ratings, (), 0, 0, describe(ratings))


class _FoundProblems:
    """Counts problems and keeps the first of each kind.

    Args:
      most: how many to list.
    """

    def __init__(self, most: int) -> None:
        self.n_problems = 0
        self._most = most
        self._n_misshapen = 0
        self._refused: list[npt.NDArray[np.int64]] = [np.array([], np.int64)]  # numbers of rows, for each kind
        self._listed: list[tuple[int, Problem]] = []  # with its place among those of its kind

    def add_misshapen(self, error: MisshapenRowsError) -> None:
        """Adds the rows that cannot be cut into columns."""
        file = error.others.file
        self._list(Problem(row, None, None, complaint, file) for row, complaint in error.complaints.items())
        self._n_misshapen += error.n_rows
        self.n_problems += error.n_rows

    def add_refused(self, table: FileTable, check: Callable[[FileTable], object]) -> npt.NDArray[np.int64]:
        """Adds all rows that a check refuses: it is repeated without them until it refuses none.

        Returns:
          The numbers of the refused rows.
        """
        refused = [np.array([], np.int64)]
        while len(table):
            try:
                check(table)
                break
            except RefusedRowsError as error:
                self._list(_problem(table, error, place) for place in error.places.tolist())
                refused.append(table.row_numbers()[error.places])
                self._refused.append(refused[-1])
                self.n_problems += len(error.places)
                table = table.without(error.places)
        return np.concatenate(refused)

    def first(self) -> tuple[Problem, ...]:
        """The problems to list, by row: the first ones, of every kind as many as there is room for."""
        chosen = [problem for _, problem in sorted(self._listed, key=lambda listed: listed[0])[: self._most]]
        return tuple(sorted(chosen, key=lambda problem: (problem.file, problem.row or 0, problem.column or "")))

    def n_rows(self) -> int:
        """How many rows have a problem."""
        return self._n_misshapen + len(np.unique(np.concatenate(self._refused)))

    def _list(self, problems: Iterable[Problem]) -> None:
        self._listed += enumerate(islice(problems, self._most))


def _problem(table: FileTable, error: RefusedRowsError, place: int) -> Problem:
    value = ", ".join(table.value(column, place) for column in error.columns)
    file, row = table.where(place)
    return Problem(row, ", ".join(error.columns), value, error.complaint(place), file)


def rows_as_read(ratings: Ratings, n: int = 5) -> pd.DataFrame:
    """The first interactions with all that is known of them.

    Returns:
      Columns: `viewer`, `title`, `rating` unless there are none, `time` (UTC) where there are times, and the features
      of titles under their names, those of several categories joined by commas.
    """
    rows = ratings.take(np.arange(min(n, len(ratings))))
    titles = ratings.items.iloc[rows.item_rows].reset_index(drop=True)
    shown = pd.DataFrame({"viewer": rows.interactions[USER_ID], "title": titles[TITLE]})
    if ratings.schema.has_ratings:
        shown["rating"] = rows.interactions[RATING]
    if ratings.schema.has_timestamps:
        shown["time"] = pd.to_datetime(rows.timestamps, unit="s", utc=True)
    for feature in ratings.schema.item_features:
        values = titles[feature.name]
        shown[feature.name] = values.map(", ".join) if feature.kind is Kind.MULTI_CATEGORY else values
    return shown


@dataclass(frozen=True)
class LookedAt:
    """What a first look at a table shows.

    Attributes:
      columns: the names of its columns.
      form: how the file is written, for people.
      beginning: its first rows as text, long values cut; rows that cannot be cut into columns are left out.
      table: what was looked at.
    """

    columns: tuple[str, ...]
    form: str
    beginning: pd.DataFrame
    table: TableParts


def look_at(path: Path, form: ChosenForm = AS_FOUND, n: int = 5) -> LookedAt:
    """A table's columns and first rows, as they will be read.

    Args:
      path: a file of any kind that `TableFile` reads, or a folder of its parts.
      form: how it is written, as far as somebody said so.
      n: how many rows.

    Raises:
      DataError: if the file is missing, holds no row or cannot be read, has two columns of one name, or is beyond
        `MOST_ROWS`, `MOST_BYTES` or `MOST_COLUMNS`.
    """
    table = _bounded(path, form)
    shown = table.beginning(n).map(lambda text: beginning_of(text, _MOST_LETTERS))
    return LookedAt(tuple(table.columns), table.form, shown, table)


def _bounded(path: Path, form: ChosenForm) -> TableParts:
    """Refuses what would be too much to read here, by what the file says of itself."""
    table = TableParts(path, form, MOST_BYTES)
    if len(table.columns) > MOST_COLUMNS:
        raise DataError(
            f"{table.file} has {len(table.columns):,} columns, and {MOST_COLUMNS} are the most; leave some out."
        )
    _require_at_most(MOST_ROWS, table.n_rows, table.file)
    return table


def _require_at_most(most: int, n_rows: int, file: str) -> None:
    if n_rows > most:
        raise DataError(
            f"{file} has {n_rows:,} rows, and {most:,} are the most here; train on fewer, or with "
            "`python -m recommender train`, which has no such bound."
        )
