"""Any table of ratings, whose columns are mapped by name.

What is decided here:

- Titles must tell items apart, and many a catalogue has several works of one name. They are not merged: each gets
  its id appended, `Emma [4107]`. (To merge them, map the column of titles as the item.)
- An item has one title and one value of each feature. A row that says otherwise than the item's first row is
  refused, because nobody has said which of them is right.
- A user may rate an item again at another time. Two rows that agree in user, item and time (or in user and item,
  where there are no times) are refused.
- Users and items are in the order of their ids: as numbers if all are, else as text.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from recommender.data.own_table.mapping import KINDS, ColumnMapping, FeatureColumn
from recommender.data.ratings import ITEM_ID, RATING, TIMESTAMP, TITLE, USER_ID, Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from recommender.data.tables.cells import split_values
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.parts import TableParts, has_wildcards
from recommender.data.tables.unpacking import table_stem
from recommender.data.titles import with_ids
from recommender.errors import DataError

_NO_ID = "is no id; give one or remove the row"
_NO_TITLE = "is no title; give the item one or remove the row"
_A_TIME = 100_000_000  # seconds since 1970, of March 1973: no scale of ratings begins there
_LARGEST = 1e9
_FEW_VALUES = 3  # of fewer nobody can say what lies far from the others
_RARE, _FAR = 0.001, 3.0  # an outlier: so rare, and so many lengths of the other ratings' scale away
_MANY_VALUES, _STRETCHED = 50, 20.0  # no scale: so many values, and half of the ratings in a twentieth of it
_FINEST = 1_000_000  # steps to a star, of a scale that is inferred: finer ones are noise of the writing


def read_mapped_table(path: Path, mapping: ColumnMapping, say: Callable[[str], object] | None = None) -> Ratings:
    """Reads and checks a table of ratings.

    Args:
      path: a file of any kind that `TableFile` reads; or a folder or pattern of such files, which are its parts.
      mapping: which column holds what.
      say: is told how the file is written.

    Returns:
      Ratings in the file's order, with the mapped features of items and no users' features. Without a column of
      titles the ids are the titles; without a scale it is the one that the ratings show: from the lowest to the
      highest, in the largest steps that meet all of them.

    Raises:
      DataError: if the file is missing or no such table, or a value is wrong; names file and row.
    """
    path = Path(path).expanduser()
    file = TableParts(path, mapping.form)
    if say is not None:
        say(f"Read {file.file} as {file.form}.")
    return ratings_of_table(file.read(mapping.columns, mapping.numbers), mapping, name_of_data(path))


def name_of_data(path: Path) -> str:
    """What a data set is called by the place it lies in: by its folder where it has several files."""
    return path.parent.resolve().name if has_wildcards(path) else table_stem(path)


def ratings_of_table(table: FileTable, mapping: ColumnMapping, name: str) -> Ratings:
    """Checks the rows of a table and makes ratings of them; see `read_mapped_table`.

    Args:
      table: holds the mapping's columns.
      mapping: which column holds what.
      name: of the data set.

    Raises:
      DataError: if a value is wrong; a `RefusedRowsError` where rows are to blame.
    """
    table = without_missing(table, mapping)
    # The ratings before the rest, so that wrong columns are noticed where they are plain.
    stars = _stars(table, mapping)
    scale = mapping.scale or _shown_scale(table, stars, mapping.rating)
    times = None if mapping.timestamp is None else table.moments(mapping.timestamp)
    user_ids, users = _ids(table, mapping.user)
    item_ids, items = _ids(table, mapping.item)
    _refuse_repetitions(table, mapping, user_ids, item_ids, times)
    catalogue = _describe_items(table, mapping, item_ids, items)
    del table  # of strings; they are no longer needed
    columns: dict[str, Any] = {
        USER_ID: pd.Series(users, dtype="str").take(user_ids).array,
        ITEM_ID: pd.Series(items, dtype="str").take(item_ids).array,
        RATING: stars,
    }
    if times is not None:
        columns[TIMESTAMP] = times
    schema = Schema(
        item_features=tuple(Feature(feature.column, KINDS[feature.kind]) for feature in mapping.features),
        has_timestamps=times is not None,
    )
    people = pd.DataFrame({USER_ID: pd.Series(users, dtype="str").take(_order(users))}).reset_index(drop=True)
    return Ratings(name, pd.DataFrame(columns), catalogue, people, scale, schema)


def without_missing(table: FileTable, mapping: ColumnMapping) -> FileTable:
    """The table without the rows whose rating means "not rated".

    Raises:
      DataError: if none is left.
    """
    if not mapping.missing:
        return table
    codes, texts = table.codes(mapping.rating)
    values = pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy(np.float64)
    left_out = np.flatnonzero(np.isin(values, mapping.missing)[codes])
    if len(left_out) == len(table) > 0:
        named = ", ".join(f"{value:g}" for value in mapping.missing)
        raise DataError(f"{table.file}: every rating is {named}, which is said to mean not rated; nothing is left.")
    return table.without(left_out) if len(left_out) else table


def value_checks(mapping: ColumnMapping) -> list[Callable[[FileTable], object]]:
    """The checks of `ratings_of_table` that look at one column alone, so that each of a row's bad values is found.

    Returns:
      Functions of the table, one for each column that is checked so, which raise as `ratings_of_table`.
    """
    checks: list[tuple[str, Callable[[FileTable], object]]] = [
        (mapping.rating, partial(_stars, mapping=mapping)),
        (mapping.user, partial(_ids, column=mapping.user)),
        (mapping.item, partial(_ids, column=mapping.item)),
    ]
    if mapping.timestamp is not None:
        checks.append((mapping.timestamp, partial(FileTable.moments, column=mapping.timestamp)))
    if mapping.title is not None:
        checks.append((mapping.title, partial(_require_filled, column=mapping.title, complaint=_NO_TITLE)))
    for feature in mapping.features:
        checks.append((feature.column, partial(_values_of_rows, feature=feature)))
    return list(dict(reversed(checks)).values())  # of a column that is mapped twice, the first


def _stars(table: FileTable, mapping: ColumnMapping) -> npt.NDArray[np.float64]:
    if mapping.scale is None:
        return table.numbers(mapping.rating)
    return table.ratings(mapping.rating, mapping.scale)


def _ids(table: FileTable, column: str) -> tuple[npt.NDArray[np.int32], list[str]]:
    """[n_rows] position of each row's id among the ids, in the order of their first rows; and those."""
    return _require_filled(table, column, _NO_ID)


def _require_filled(table: FileTable, column: str, complaint: str) -> tuple[npt.NDArray[np.int32], list[str]]:
    """As `FileTable.codes`, of a column in which no value is empty."""
    codes, values = table.codes(column)
    if "" in values:
        table.refuse(codes == values.index(""), column, complaint)
    return codes, values


def _order(ids: Sequence[str]) -> npt.NDArray[np.int64]:
    """[n] positions of the ids in their order."""
    numbers = all(value.isascii() and value.isdigit() for value in ids)
    by: Callable[[int], Any] = (lambda place: (int(ids[place]), ids[place])) if numbers else ids.__getitem__
    return np.array(sorted(range(len(ids)), key=by), np.int64)


def _shown_scale(table: FileTable, stars: npt.NDArray[np.float64], column: str) -> RatingScale:
    values, counts = np.unique(stars, return_counts=True)
    if len(values) < 2:
        raise DataError(
            f"{table.file}, column {column}: all ratings are {values[0]:g}, which shows no scale; give the scale."
        )
    if values[0] > _A_TIME:
        raise DataError(
            f"{table.file}, column {column}: {values[0]:.0f} and the like are times, no ratings; name another column."
        )
    table.refuse(np.abs(stars) > _LARGEST, column, "is no rating of any scale; mend it")
    _refuse_outliers(table, stars, column, values, counts)
    low, high = float(values[0]), float(values[-1])
    step = int(np.gcd.reduce(np.round((values - low) * _FINEST).astype(np.int64)))
    return RatingScale(low, high, max(step, 1) / _FINEST)


def _refuse_outliers(
    table: FileTable,
    stars: npt.NDArray[np.float64],
    column: str,
    values: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
) -> None:
    """Refuses what would stretch the scale to many times its length by itself: a 45 for 4.5, or hours of play.

    Args:
      table: the ratings' table.
      stars: [n_rows] the ratings.
      column: where they stand.
      values: [n] the different ones, ascending.
      counts: [n] how often each is given.
    """
    far = np.zeros(len(stars), np.bool_)
    for end, low, high in ((-1, values[0], values[-2]), (0, values[1], values[-1])):  # of at least two values
        rare = counts[end] <= max(1, _RARE * len(stars))
        if len(values) > _FEW_VALUES and rare and abs(values[end] - (high if end else low)) > _FAR * (high - low):
            far |= stars == values[end]
    table.refuse(
        far,
        column,
        "lies far from all other ratings, and would decide the scale; mend it, or give the scale that it belongs to",
    )
    middle = np.median(stars)
    if len(values) > _MANY_VALUES and values[-1] - values[0] > _STRETCHED * max(middle - values[0], 1e-9):
        raise DataError(
            f"{table.file}, column {column}: values go from {values[0]:g} to {values[-1]:g}, though half are "
            f"below {middle:g}: that is a count or a time, no scale of ratings; name another column, or give the scale."
        )


def _refuse_repetitions(
    table: FileTable,
    mapping: ColumnMapping,
    user_ids: npt.NDArray[np.int32],
    item_ids: npt.NDArray[np.int32],
    times: npt.NDArray[np.int64] | None,
) -> None:
    """Compares what the values mean, so that neither white space nor the way a time is written tells rows apart."""
    columns = {mapping.user: pa.array(user_ids), mapping.item: pa.array(item_ids)}
    if times is not None and mapping.timestamp is not None:
        columns[mapping.timestamp] = pa.array(times)
    table.require_distinct(tuple(columns), meaning=columns)


def _describe_items(
    table: FileTable, mapping: ColumnMapping, item_ids: npt.NDArray[np.int32], items: Sequence[str]
) -> pd.DataFrame:
    # [n_items] each item's first row: items are numbered in the order of these, so there the highest number rises.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(item_ids), prepend=-1))
    columns: dict[str, Any] = {ITEM_ID: pd.Series(items, dtype="str")}
    columns[TITLE] = columns[ITEM_ID]
    if mapping.title is not None:
        codes, titles = _one_value_each(table, mapping.title, mapping.item, item_ids, first)
        if "" in titles:
            nameless = codes == titles.index("")
            table.refuse(nameless[item_ids], mapping.title, _NO_TITLE)
        chosen = pd.Series(titles, dtype="str").take(codes).reset_index(drop=True)
        columns[TITLE] = with_ids(chosen, columns[ITEM_ID])
    for feature in mapping.features:
        codes, texts = _one_value_each(table, feature.column, mapping.item, item_ids, first)
        values = _values(table, feature, texts, codes[item_ids])
        columns[feature.column] = values.take(codes).reset_index(drop=True)
    return pd.DataFrame(columns).take(_order(items)).reset_index(drop=True)


def _one_value_each(
    table: FileTable, column: str, item: str, item_ids: npt.NDArray[np.int32], first: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int32], list[str]]:
    """[n_items] position of each item's value among the column's distinct ones; and those."""
    codes, values = table.codes(column)
    contradicts = codes != codes[first][item_ids]

    def complaint(place: int) -> str:
        earlier = int(first[item_ids[place]])
        return (
            f"contradicts {values[codes[earlier]]!r} of row {table.row(earlier)} for the same {item}; "
            "give each item one value, or leave the column out"
        )

    table.refuse(contradicts, column, complaint)
    return codes[first], values


def _values_of_rows(table: FileTable, feature: FeatureColumn) -> pd.Series:
    codes, texts = table.codes(feature.column)
    return _values(table, feature, texts, codes)


def _values(table: FileTable, feature: FeatureColumn, texts: list[str], row_codes: npt.NDArray[np.int32]) -> pd.Series:
    """[n_texts] what the texts mean for a feature of this kind; see `Feature`."""
    if KINDS[feature.kind] is Kind.MULTI_CATEGORY:
        return pd.Series(split_values(pd.Series(texts, dtype="str"), feature.separator), dtype=object)
    if KINDS[feature.kind] is not Kind.NUMBER:
        return pd.Series(texts, dtype="str")
    numbers = pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy(np.float64)
    wrong = ~np.isfinite(numbers) & np.array([text != "" for text in texts])
    table.refuse(wrong[row_codes], feature.column, "is not a number; mend it, or leave it empty if it is unknown")
    return pd.Series(numbers)
