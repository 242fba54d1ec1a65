"""The columns of a file, whose every complaint names the file, the row, the column and the way out.

Rows are numbered as an editor numbers them: from 1, with a header counted. All checks work on whole columns,
so that ten million rows take seconds. pandera is not used: it is slow to import, and its messages cannot name
the line.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.schema import RatingScale
from recommender.errors import DataError

# The first recommender that kept ratings is of 1992 (Tapestry); a time before it is another unit or a
# mistake.
EARLIEST_SECONDS = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
DAY_SECONDS = 86_400
_MOST_LETTERS = 200  # of a value in a message


class RefusedRowsError(DataError):
    """Rows of a table were refused; the message is about the first of them.

    Attributes:
      places: positions in the table of all rows that were refused for this reason.
      columns: the column that is wrong, or those that agree with another row's.
      complaint: gives, for one of the places, what is wrong and what to do; it reads on from the value.
    """

    def __init__(
        self, message: str, places: npt.NDArray[np.int64], columns: Sequence[str], complaint: Callable[[int], str]
    ) -> None:
        super().__init__(message)
        self.places, self.columns, self.complaint = places, tuple(columns), complaint


@dataclass(frozen=True)
class FileTable:
    """The columns of one file, unconverted, and where they came from.

    Attributes:
      file: the file's name, for messages.
      columns: name -> pyarrow array, all of one length: strings from a text file; from a file with types also
        whole numbers (times among them, as UTC seconds) and floats, null where there is no value.
      first_row: the number of the first row in the file: 1, or 2 below a header.
      kept_rows: [n_rows] the number of each row in the file, where some were taken out or have several lines; None if
        they are numbered on.
      headless: whether it is text without a header, so that its first row may have been meant as one.
      parts: the files that the rows come from, where they are several, and how many rows are numbered in those before
        each.
      n_blank: how many lines between the rows are blank or comments.
    """

    file: str
    columns: Mapping[str, Any]
    first_row: int = 1
    kept_rows: npt.NDArray[np.int64] | None = None
    headless: bool = False
    parts: tuple[tuple[int, str], ...] = ()
    n_blank: int = 0

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def row(self, place: int) -> int:
        """The number in the file of the row at this position."""
        return self.first_row + place if self.kept_rows is None else int(self.kept_rows[place])

    def where(self, place: int) -> tuple[str, int]:
        """The file, and the number in it, of the row at this position."""
        row = at = self.row(place)
        file = self.file
        for n_before, part in self.parts:
            if row > n_before:
                at, file = row - n_before, part
        return file, at

    def place(self, place: int) -> str:
        """For messages: the file, and the number in it of the row at this position."""
        file, row = self.where(place)
        return f"{file}, row {row}"

    def row_numbers(self) -> npt.NDArray[np.int64]:
        """[n_rows] the number in the file of each row."""
        return self.first_row + np.arange(len(self)) if self.kept_rows is None else self.kept_rows

    def value(self, column: str, place: int) -> str:
        """A value as text, as it stands; the beginning of a long one."""
        text = _shown(self.columns[column][place].as_py())
        return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}..."

    def without(self, places: npt.NDArray[np.int64]) -> "FileTable":
        """The same table without the rows at these positions; the others keep their numbers."""
        kept = np.delete(np.arange(len(self)), places)
        columns = {name: values.take(pa.array(kept)) for name, values in self.columns.items()}
        return replace(self, columns=columns, kept_rows=self.row_numbers()[kept])

    def only(self, columns: Iterable[str]) -> "FileTable":
        """The same table with no other columns than these, of which it keeps one where there are none."""
        kept = list(columns) or list(self.columns)[:1]
        return replace(self, columns={name: self.columns[name] for name in dict.fromkeys(kept)})

    def text(self, column: str) -> "pd.Series[str]":
        """[n_rows] the column as it stands, without the white space around each value."""
        return pc.utf8_trim_whitespace(_as_text(self.columns[column])).to_pandas()

    def codes(self, column: str, *, trimmed: bool = True) -> tuple[npt.NDArray[np.int32], list[str]]:
        """The column's distinct values in the order of their first rows.

        Args:
          column: its name.
          trimmed: whether the white space around each value is taken off.

        Returns:
          [n_rows] position of each row's value among them, and the values.
        """
        texts = _as_text(self.columns[column])
        if isinstance(texts, pa.ChunkedArray):  # put together first: as many dictionaries as parts take long to unify
            texts = texts.combine_chunks()
        encoded = pc.dictionary_encode(texts)
        codes = _numpy(encoded.indices)
        if not trimmed:
            return codes, encoded.dictionary.to_pylist()
        # Few values are trimmed, not many rows; two that agree then get one number.
        places, values = pd.factorize(pc.utf8_trim_whitespace(encoded.dictionary).to_pandas())
        return (codes if len(values) == len(places) else places[codes].astype(np.int32)), values.tolist()

    def numbers(self, column: str) -> npt.NDArray[np.float64]:
        """[n_rows] the column as finite numbers.

        Raises:
          DataError: at the first value that is none.
        """
        values = self._cast(column, pa.float64())
        self.refuse(~np.isfinite(values), column, "is not a number; mend or remove the row")
        return values

    def integers(self, column: str) -> npt.NDArray[np.int64]:
        """[n_rows] the column as whole numbers.

        Raises:
          DataError: at the first value that is none.
        """
        values = self._cast(column, pa.int64())
        if values.dtype != np.int64:
            whole = np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2.0**63)
            self.refuse(~whole, column, "is not a whole number; mend or remove the row")
            values = values.astype(np.int64)
        return values

    def ratings(self, column: str, scale: RatingScale) -> npt.NDArray[np.float64]:
        """[n_rows] the column as ratings in stars, each one of the scale's steps.

        Raises:
          DataError: at the first value that is not a number, outside the scale, or between two of its steps.
        """
        stars = self.numbers(column)
        self.require_on_scale(column, stars, scale)
        return stars

    def require_on_scale(self, column: str, stars: npt.NDArray[np.float64], scale: RatingScale) -> None:
        """Checks that the ratings that were read from a column are steps of a scale.

        Raises:
          DataError: at the first that is outside the scale, or between two of its steps.
        """
        distinct = pd.unique(stars)  # few, so that millions of rows are checked at the cost of these
        if _is_outside(distinct, scale).any() or _is_between_steps(distinct, scale).any():
            advice = "set the rating scale or remove the row"
            self.refuse(_is_outside(stars, scale), column, f"is outside {scale}; {advice}")
            complaint = f"is not on the scale {scale} in steps of {scale.step:g}"
            self.refuse(_is_between_steps(stars, scale), column, f"{complaint}; {advice}")

    def timestamps(self, column: str) -> npt.NDArray[np.int64]:
        """[n_rows] the column as UTC seconds since 1970, between the year 1990 and tomorrow.

        Raises:
          DataError: at the first value that is not a whole number, or lies outside that time.
        """
        seconds = self.integers(column)
        self.refuse_absurd_times(seconds, column)
        return seconds

    def positions_among(self, column: str, allowed: Sequence[str], described_in: str) -> npt.NDArray[np.int32]:
        """[n_rows] position in `allowed` of each value.

        Args:
          column: a column of ids.
          allowed: the distinct values that may stand in it.
          described_in: where these are described, for the message: "u.item".

        Raises:
          DataError: at the first value that is not among them.
        """
        found = pc.index_in(self.columns[column], value_set=pa.array(allowed, pa.large_string()))
        self.refuse(_numpy(found.is_null()), column, f"is not in {described_in}; add it there or remove the row")
        return _numpy(found)

    def require_distinct(self, columns: Sequence[str], *, meaning: Mapping[str, Any] | None = None) -> None:
        """Checks that no two rows agree in all of these columns.

        Args:
          columns: their names.
          meaning: name -> what to compare instead of the column as it stands.

        Raises:
          DataError: at the first row that repeats an earlier one.
        """
        keys = self._keys(columns) if meaning is None else FileTable(self.file, meaning)._keys(columns)
        ordered = np.sort(keys)
        if (ordered[1:] == ordered[:-1]).any():  # several times faster to find out than which they are
            repeated = pd.Series(keys).duplicated().to_numpy()
            place = int(repeated.argmax())

            def complaint(place: int) -> str:
                return f"repeats row {self.row(int((keys == keys[place]).argmax()))}; remove one of them"

            raise RefusedRowsError(
                f"{self.place(place)}: {self._describe(place, columns)} {complaint(place)}.",
                np.flatnonzero(repeated),
                columns,
                complaint,
            )

    def require_disjoint(self, other: "FileTable", columns: Sequence[str]) -> None:
        """Checks that no row agrees with a row of another table in all of these columns.

        Raises:
          DataError: at the first row of this table that is also in the other one.
        """
        joined = {name: pa.chunked_array([*other.columns[name].chunks, *self.columns[name].chunks]) for name in columns}
        keys = FileTable(self.file, joined)._keys(columns)
        theirs, mine = keys[: len(other)], keys[len(other) :]
        shared = np.isin(mine, theirs)
        if shared.any():
            place = int(shared.argmax())
            twin = int((theirs == mine[place]).argmax())
            raise DataError(
                f"{self.place(place)}: {self._describe(place, columns)} is also in "
                f"{other.place(twin)}; remove it from one of the two files."
            )

    def refuse(self, bad: npt.NDArray[np.bool_], column: str, complaint: str | Callable[[int], str]) -> None:
        """Raises at the first bad row.

        Args:
          bad: [n_rows] whether the row's value is wrong.
          column: the column it stands in.
          complaint: what is wrong, after the value: "is outside 1-5; remove the row"; or what gives it for a place.

        Raises:
          RefusedRowsError: if any row is bad.
        """
        if not bad.any():
            return
        complaint_at: Callable[[int], str] = complaint if callable(complaint) else lambda _: complaint
        place = int(bad.argmax())
        said = complaint_at(place)
        value = self.value(column, place)
        if self.headless and self.row(place) == 1 and re.fullmatch(r"[^\W\d][\w .-]*", value):
            said = f"{said.split(';')[0]}; if the first row is a header, remove it"
        shown = value if re.fullmatch(r"[-+.\w]+", value) else repr(value)
        raise RefusedRowsError(
            f"{self.place(place)}, column {column}: {shown} {said}.", np.flatnonzero(bad), (column,), complaint_at
        )

    def refuse_absurd_times(self, seconds: npt.NDArray[np.int64], column: str) -> None:
        """Checks that the times that were read from a column lie between the year 1990 and tomorrow.

        Args:
          seconds: [n_rows] UTC seconds since 1970.
          column: where they stand.

        Raises:
          DataError: at the first that does not.
        """
        latest = int(time.time()) + DAY_SECONDS
        absurd = (seconds < EARLIEST_SECONDS) | (seconds > latest)
        if not absurd.any():
            return
        units = ("milliseconds", 1_000), ("microseconds", 1_000_000), ("nanoseconds", 1_000_000_000)
        value = int(seconds[absurd.argmax()])
        meant = [unit for unit in units if EARLIEST_SECONDS <= value // unit[1] <= latest]
        advice = "it looks like {}: divide the column by {:,}".format(*meant[0]) if meant else "mend or remove the row"
        expected = f"in UTC seconds since 1970 ({EARLIEST_SECONDS} to {latest})"
        self.refuse(absurd, column, f"is not a time between 1990 and tomorrow {expected}; {advice}")

    def _cast(self, column: str, kind: Any) -> npt.NDArray[Any]:
        try:
            return _numpy(pc.cast(self.columns[column], kind))
        except pa.ArrowInvalid:  # which does not say where
            return pd.to_numeric(self.text(column), errors="coerce").to_numpy(np.float64)

    def _keys(self, columns: Sequence[str]) -> npt.NDArray[np.int64]:
        """[n_rows] one number per row, the same for two rows where they agree in all of these columns."""
        keys, size = np.zeros(len(self), np.int64), 1
        for name in columns:
            codes, distinct = self._codes(name)
            if size * distinct >= 2**63:
                keys, kept = pd.factorize(keys)
                size = len(kept)
            keys = keys * distinct + codes
            size *= distinct
        return keys

    def _codes(self, column: str) -> tuple[npt.NDArray[np.int64], int]:
        """[n_rows] numbers from 0, one per value, and a bound on them; whole numbers are compared as such."""
        try:
            values = _numpy(pc.cast(self.columns[column], pa.int64()))
            low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
            if high - low < 2**31:
                return values - low, high - low + 1
        except pa.ArrowInvalid:
            pass
        codes, distinct = self.codes(column)
        return codes.astype(np.int64), len(distinct)

    def _describe(self, place: int, columns: Sequence[str]) -> str:
        return ", ".join(f"{name} {self.value(name, place)}" for name in columns)


def stacked(parts: Sequence[Any]) -> Any:
    """One column of the rows of several arrays; as strings where they are of different types."""
    if len({str(part.type) for part in parts}) > 1:
        parts = [_as_text(part) for part in parts]
    chunks = [chunk for part in parts for chunk in getattr(part, "chunks", [part])]
    return pa.chunked_array(chunks, parts[0].type)


def _is_outside(stars: npt.NDArray[np.float64], scale: RatingScale) -> npt.NDArray[np.bool_]:
    return (stars < scale.low) | (stars > scale.high)


def _is_between_steps(stars: npt.NDArray[np.float64], scale: RatingScale) -> npt.NDArray[np.bool_]:
    steps = (stars - scale.low) / scale.step
    return np.abs(steps - np.round(steps)) > 1e-6


def _as_text(values: Any) -> Any:
    """An Arrow array as strings, "" where there is no value."""
    return values if pa.types.is_large_string(values.type) else pc.fill_null(pc.cast(values, pa.large_string()), "")


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _numpy(array: Any) -> npt.NDArray[Any]:
    return array.to_numpy()
