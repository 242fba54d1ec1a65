"""Any table of ratings, whose columns are mapped by name.

What is decided here:

- Titles must tell items apart, and many a catalogue has several works of one name. They are not merged: each gets
  its id appended, `Emma [4107]`. (To merge them, map the column of titles as the item.) An item without a title is
  called as its id.
- An item has one title and one value of each feature. A row that says otherwise than the item's first row is
  refused, because nobody has said which of them is right; a row that says nothing contradicts nobody.
- A row without a viewer, an item, a rating or a time, where there are such columns, is left out.
- What counts of a user and item that stand in several rows, the mapping says, see `repeats`.
- Users and items are in the order of their ids: as numbers if all are, else as text.

What was decided of the table at hand, `Ratings.how_read` says.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.own_table.blanks import blank_rows, emptied, timeless_rows
from recommender.data.own_table.items_file import read_items_file, with_items
from recommender.data.own_table.mapping import KINDS, ColumnMapping, FeatureColumn
from recommender.data.own_table.repeats import count_repeats, usual_repeats
from recommender.data.own_table.written_categories import is_list, split_categories
from recommender.data.own_table.written_ids import read_ids
from recommender.data.own_table.written_stars import WrittenStars, read_stars
from recommender.data.own_table.written_times import read_times
from recommender.data.ratings import ITEM_ID, POSTER, TITLE, USER_ID, Rated, Ratings
from recommender.data.schema import TAKEN, TAKEN_OR_NOT, Feature, Kind, RatingScale, Schema
from recommender.data.tables.cells import beginning_of
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.parts import TableParts, has_wildcards
from recommender.data.tables.unpacking import table_stem
from recommender.data.titles import with_ids
from recommender.errors import DataError

_ONE_VALUE = 1e-4  # ratings nearer to each other are one, written inexactly
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
    # The table is given away: its columns are dropped as soon as they have been read.
    return ratings_of_table(with_second_file(_table_at(path, mapping, say), mapping), mapping, name_of_data(path))


def _table_at(path: Path, mapping: ColumnMapping, say: Callable[[str], object] | None) -> FileTable:
    file = TableParts(path, mapping.form)
    if say is not None:
        say(f"Read {file.file} as {file.form}.")
    return file.read(mapping.columns, mapping.numbers)


def with_second_file(table: FileTable, mapping: ColumnMapping) -> FileTable:
    """Ratings with the titles and features of the file that describes their items, where there is one.

    Raises:
      ConfigurationError, DataError: as `read_items_file` and `with_items`, or if a feature is wrong.
    """
    if mapping.items is None:
        return table
    described, ids = read_items_file(Path(mapping.items), mapping)
    for feature in mapping.features:  # while it is known which row of the file is wrong
        _values_of_rows(described, feature)
    return with_items(table, described, ids, mapping)


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
    passed_over = f"Lines between the rows that are blank or comments: {table.n_blank:,}." * bool(table.n_blank)
    table, left_out = without_missing(table, mapping)
    # The ratings before the rest, so that wrong columns are noticed where they are plain.
    stars, scale, how_rated = _read_ratings(table, mapping)
    times, how_timed = None, ""
    if mapping.timestamp is not None:
        times, how_timed = read_times(table, mapping.timestamp, mapping.day_first)
    # What has been read is dropped: the columns take the most memory of all.
    table = table.only((mapping.user, mapping.item, *mapping.described_by))
    user_ids, users, how_users = read_ids(table, mapping.user)
    item_ids, items, how_items = read_ids(table, mapping.item)
    table = table.only(mapping.described_by)
    catalogue, how_described = _describe_items(table, mapping, item_ids, items)
    del table
    how = mapping.repeats or usual_repeats(rated=mapping.rating is not None, timed=times is not None)
    counted = count_repeats(user_ids.astype(np.int64) * len(items) + item_ids, stars, times, how)
    order = _order(users)
    rated = Rated.packed(
        _places(order)[user_ids[counted.rows]],
        _places(_order(items))[item_ids[counted.rows]],
        counted.stars,
        None if times is None else times[counted.rows],
    )
    schema = Schema(
        item_features=tuple(Feature(feature.column, KINDS[feature.kind]) for feature in mapping.features),
        has_timestamps=times is not None,
        has_ratings=mapping.rating is not None,
    )
    people = pd.DataFrame({USER_ID: pd.Series(users, dtype="str").take(order)}).reset_index(drop=True)
    said = (how_rated, how_timed, how_users, how_items, *how_described, passed_over, left_out, counted.fact)
    how_read = tuple(fact for fact in said if fact)
    return Ratings.of_rows(name, rated, catalogue, people, scale, schema, how_read)


def without_missing(table: FileTable, mapping: ColumnMapping) -> tuple[FileTable, str]:
    """The table without the rows that lack a viewer, an item, a rating or a time, or whose rating means "not rated".

    Returns:
      The table; and how many rows were left out and why, "" if none was.

    Raises:
      DataError: if none is left.
    """
    lacking = {
        f"no {what} ({column})": (timeless_rows if what == "time" else blank_rows)(table, column)
        for what, column in (
            ("viewer", mapping.user),
            ("title", mapping.item),
            ("rating", mapping.rating),
            ("time", mapping.timestamp),
        )
        if column is not None
    }
    if mapping.missing and mapping.rating is not None:
        named = " or ".join(f"{value:g}" for value in mapping.missing)
        codes = np.isin(read_stars(table, mapping.rating).stars, mapping.missing)
        lacking[f"the rating {named}, which means not rated"] = codes
    out = np.zeros(len(table), np.bool_)
    reasons = []
    for what, rows in lacking.items():
        n = int((rows & ~out).sum())  # each row once, for the first thing that it lacks
        out |= rows
        reasons += [f"{n:,} with {what}"] * bool(n)
    if not reasons:
        return table, ""
    if out.all():
        raise DataError(f"{table.file}: of its {len(table):,} rows nothing is left: {', '.join(reasons)}.")
    said = f"Left out: {int(out.sum()):,} of {len(table):,} rows, {', '.join(reasons)}."
    return table.without(np.flatnonzero(out)), said


def value_checks(mapping: ColumnMapping) -> list[Callable[[FileTable], object]]:
    """The checks of `ratings_of_table` that look at one column alone, so that each of a row's bad values is found.

    Returns:
      Functions of the table, one for each column that is checked so, which raise as `ratings_of_table`.
    """
    checks: list[tuple[str, Callable[[FileTable], object]]] = []
    if mapping.rating is not None:
        checks.append((mapping.rating, partial(_stars, mapping=mapping)))
    if mapping.timestamp is not None:
        reading = partial(read_times, column=mapping.timestamp, day_first=mapping.day_first)
        checks.append((mapping.timestamp, reading))
    for feature in mapping.features:
        checks.append((feature.column, partial(_values_of_rows, feature=feature)))
    return list(dict(reversed(checks)).values())  # of a column that is mapped twice, the first


def _read_ratings(table: FileTable, mapping: ColumnMapping) -> tuple[npt.NDArray[np.float64], RatingScale, str]:
    """[n_rows] the ratings, their scale, and how they were read."""
    if mapping.rating is None:
        return np.full(len(table), TAKEN), TAKEN_OR_NOT, ""
    written = _stars(table, mapping)
    scale = mapping.scale or _shown_scale(table, written, mapping.rating)
    return written.stars, scale, written.fact(mapping.rating, scale)


def _stars(table: FileTable, mapping: ColumnMapping) -> WrittenStars:
    column = str(mapping.rating)
    written = read_stars(table, column)
    table.refuse(~np.isfinite(written.stars), column, written.complaint)
    if mapping.scale is not None:
        table.require_on_scale(column, written.stars, mapping.scale)
    return written


def _order(ids: Sequence[str]) -> npt.NDArray[np.int64]:
    """[n] positions of the ids in their order."""
    numbers = all(value.isascii() and value.isdigit() for value in ids)
    by: Callable[[int], Any] = (lambda place: _magnitude(ids[place])) if numbers else ids.__getitem__
    return np.array(sorted(range(len(ids)), key=by), np.int64)


def _places(order: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """[n] where each stands in the order."""
    places = np.empty(len(order), np.int32)
    places[order] = np.arange(len(order))
    return places


def _magnitude(digits: str) -> tuple[int, str, str]:
    """What sorts whole numbers, of however many digits, by their size."""
    significant = digits.lstrip("0")
    return len(significant), significant, digits


def _shown_scale(table: FileTable, written: WrittenStars, column: str) -> RatingScale:
    stars = written.stars
    values, counts = np.unique(stars, return_counts=True)
    if values[-1] - values[0] < _ONE_VALUE and (written.is_thumb or not written.levels):
        shown = f"{values[0]:g}" if not written.example else written.example
        raise DataError(
            f"{table.file}, column {column}: all ratings are {shown}, which shows no scale; give the scale, or name no "
            "column of ratings if a row says only that a title was taken."
        )
    if written.levels:
        return _scale_of(np.unique([*values, *written.levels]))
    if values[0] > _A_TIME:
        raise DataError(
            f"{table.file}, column {column}: {values[0]:.0f} and the like are times, no ratings; name another column."
        )
    table.refuse(np.abs(stars) > _LARGEST, column, "is no rating of any scale; mend it")
    _refuse_outliers(table, stars, column, values, counts)
    return _scale_of(values)


def _scale_of(values: npt.NDArray[np.float64]) -> RatingScale:
    """The scale from the lowest to the highest of ratings, ascending, in the largest steps that meet all of them."""
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
    """Refuses what would stretch the scale to many times its length by itself: a 45 for 4.5, or hours of play."""
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


def _describe_items(
    table: FileTable, mapping: ColumnMapping, item_ids: npt.NDArray[np.int32], items: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """The catalogue, and how the columns that describe it were read."""
    columns: dict[str, Any] = {ITEM_ID: pd.Series(items, dtype="str")}
    columns[TITLE] = columns[ITEM_ID]
    facts = []
    if mapping.title is not None:
        codes, titles = _one_value_each(table, mapping.title, mapping.item, item_ids, len(items))
        chosen = pd.Series(titles, dtype="str").take(codes).reset_index(drop=True)
        n_nameless = int((chosen == "").sum())
        if n_nameless and mapping.title != mapping.item:
            facts.append(f"Without a title, and shown by their id: {n_nameless:,} of {len(items):,}.")
        columns[TITLE] = with_ids(chosen.mask(chosen == "", columns[ITEM_ID]), columns[ITEM_ID])
    if mapping.poster is not None:
        codes, posters = _one_value_each(table, mapping.poster, mapping.item, item_ids, len(items))
        columns[POSTER] = pd.Series(posters, dtype="str").take(codes).reset_index(drop=True)
    for feature in mapping.features:
        codes, texts = _one_value_each(table, feature.column, mapping.item, item_ids, len(items))
        values = _values(table, feature, texts)
        columns[feature.column] = values.take(codes).reset_index(drop=True)
        if KINDS[feature.kind] is Kind.MULTI_CATEGORY:
            shown = next(((text, value) for text, value in zip(texts, values, strict=True) if is_list(text)), None)
            if shown is not None:
                read = beginning_of(", ".join(shown[1]) or "nothing")
                facts.append(f"Column {feature.column}: {beginning_of(shown[0])} was read as a list: {read}.")
    return pd.DataFrame(columns).take(_order(items)).reset_index(drop=True), facts


def _one_value_each(
    table: FileTable, column: str, item: str, item_ids: npt.NDArray[np.int32], n_items: int
) -> tuple[npt.NDArray[np.int32], list[str]]:
    """[n_items] position of each item's first value, if it has any, among the column's distinct ones; and those."""
    codes, texts = table.codes(column)
    places, values = pd.factorize(np.array(emptied(texts), object))
    codes = places.astype(np.int32)[codes]
    blank = values.tolist().index("") if "" in values else -1
    first = np.zeros(n_items, np.int64)
    first[item_ids[::-1]] = np.arange(len(table))[::-1]  # the last write of an item wins, which is its first row
    if blank >= 0:
        says_something = np.flatnonzero(codes != blank)
        first[item_ids[says_something][::-1]] = says_something[::-1]
    contradicts = (codes != codes[first][item_ids]) & (codes != blank)

    def complaint(place: int) -> str:
        earlier = int(first[item_ids[place]])
        return (
            f"contradicts {table.value(column, earlier).strip()!r} of row {table.row(earlier)} for the same {item}; "
            "give each item one value, or leave the column out"
        )

    table.refuse(contradicts, column, complaint)
    return codes[first], values.tolist()


def _values_of_rows(table: FileTable, feature: FeatureColumn) -> pd.Series:
    return _values(table, feature, emptied(table.codes(feature.column)[1]))


def _values(table: FileTable, feature: FeatureColumn, texts: list[str]) -> pd.Series:
    """[n_texts] what the texts of a column mean for a feature of this kind; see `Feature`."""
    if KINDS[feature.kind] is Kind.MULTI_CATEGORY:
        return pd.Series([split_categories(text, feature.separator) for text in texts], dtype=object)
    if KINDS[feature.kind] is not Kind.NUMBER:
        return pd.Series(texts, dtype="str")
    numbers = pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy(np.float64)
    wrong = [text for text, number in zip(texts, numbers, strict=True) if text and not np.isfinite(number)]
    if wrong:
        rows = table.text(feature.column).isin(wrong).to_numpy()
        table.refuse(rows, feature.column, "is not a number; mend it, or leave it empty if it is unknown")
    return pd.Series(numbers)
