"""Cuts delimited text (tabs, csv, `::`) into a `FileTable`, after a check of its shape."""

from array import array
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from recommender.data.tables.file_table import FileTable
from recommender.data.tables.form import AS_FOUND, ChosenForm
from recommender.data.tables.heading import Heading
from recommender.data.tables.lines import LONGEST_ROW, OPEN_QUOTE, Separated
from recommender.data.tables.text import DECIMAL_COMMA, TextForm, in_utf8, read_text, unified_lines
from recommender.errors import DataError

_BLOCK_BYTES = 1 << 24
_CUT = "\x1f"  # the unit separator stands in no text
_MOST_COMPLAINTS = 1_000  # that are put into words; the rest is counted
_MOST_NAMES = 20  # of columns, in a message
_LINES_LOOKED_AT = 100  # for the first rows that can be shown
_COMMA_WITHIN = r"(\d),(\d)"
_DOTS_WITHIN = r"^\s*[-+]?\d{1,3}(\.\d{3})+(,\d+)?\s*$"  # between thousands, where a comma stands before fractions


class MisshapenRowsError(DataError):
    """Rows that cannot be cut into columns; the message is about the first of them.

    Attributes:
      complaints: number of the row in the file -> what is wrong and what to do; of the first rows, where there are very
        many.
      n_rows: how many such rows there are.
      others: the table of all other rows, which may be none.
    """

    def __init__(self, complaints: Mapping[int, str], n_rows: int, others: FileTable) -> None:
        row, complaint = next(iter(complaints.items()))
        super().__init__(f"{others.file}, row {row}: {complaint}.")
        self.complaints, self.n_rows, self.others = complaints, n_rows, others


def read_table(
    data: bytes, file: str, columns: Sequence[str], *, separator: str = "\t", header: bool = False, quoted: bool = False
) -> FileTable:
    """Cuts a text file that is written as agreed into named columns of strings.

    Args:
      data: the file's content.
      file: its name, for messages.
      columns: the columns, in the file's order; with a header, those that are needed, in any order.
      separator: what stands between two values, one character or more.
      header: whether the first row holds the columns' names.
      quoted: whether a value may stand in double quotes.

    Returns:
      A table of these columns.

    Raises:
      MisshapenRowsError: if rows hold another number of values, or leave a double quote open.
      DataError: if the file is empty or no text, or its header does not fit.
    """
    if header:
        return DelimitedText.found(file, data, ChosenForm(separator=separator, header=True), quoted=quoted).read(
            columns
        )
    data = unified_lines(in_utf8(data, file)[0])
    if not data or data.isspace():
        raise DataError(f"{file} is empty; it should hold the columns {', '.join(columns)}.")
    form = TextForm(separator, Heading(0, False, tuple(columns)))
    return DelimitedText(file, data, form, quoted=quoted).read(columns)


class DelimitedText:
    """A text in UTF-8, whose lines end with line feeds, cut into columns; see `TableFile`."""

    def __init__(self, file: str, data: bytes, form: TextForm, *, quoted: bool = True) -> None:
        separator, start = form.separator, form.start
        self._first_row = 1 + data.count(b"\n", 0, start)
        if len(separator.encode()) > 1:  # which the parser cannot cut at
            above, rows = (part.replace(separator.encode(), _CUT.encode()) for part in (data[:start], data[start:]))
            data, start, separator = above + rows, len(above), _CUT
        self.file, self.form = file, str(form)
        self._data, self._start, self._quoted, self._decimal = data, start, quoted, form.decimal
        self._cut, self._separator = Separated(separator, form.comment), separator
        self._has_header, self._names = form.heading.is_row, form.heading.names
        self.columns = list(self._names[: len(self._names) - form.heading.n_ends])

    @classmethod
    def found(
        cls,
        file: str,
        data: bytes,
        chosen: ChosenForm = AS_FOUND,
        *,
        tabs: bool = False,
        quoted: bool = True,
        names: Sequence[str] = (),
    ) -> "DelimitedText":
        """A text of which it is yet to be found out how it is written; see `read_text`.

        Raises:
          DataError: if it is empty or no text, or its columns' names cannot be cut.
        """
        data, form = read_text(data, file, chosen, tabs=tabs, quoted=quoted, names=names)
        return cls(file, data, form, quoted=quoted)

    @property
    def n_rows(self) -> int:
        """How many lines it has."""
        return self._data.count(b"\n")

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows, as they are read; those that cannot be cut into columns are left out."""
        end = self._start
        for _ in range(_LINES_LOOKED_AT):
            end = self._data.find(b"\n", end) + 1 or len(self._data)
        row_end = self._cut.row_end(self._data, end) if self._quoted and end < len(self._data) else end
        short = copy(self)
        short._data = self._data[: row_end or end]
        try:
            table = short.read(self.columns)
        except MisshapenRowsError as error:
            table = error.others
        shown = pd.DataFrame({name: values.to_pandas() for name, values in table.columns.items()})
        for name in shown if self._decimal == "," else ():
            if shown[name].str.fullmatch(DECIMAL_COMMA).all():
                shown[name] = shown[name].str.replace(",", ".")
        return shown.head(n)

    def read(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> FileTable:
        """Some of its columns.

        Raises:
          MisshapenRowsError: if rows hold another number of values, or leave a double quote open.
          DataError: if a column is missing or named twice, or there are no rows.
        """
        if self._has_header:
            require_columns(columns, self.columns, f"{self.file}, row {self._first_row - 1}")
        else:
            require_columns(columns, self.columns, self.file, "as the first row seems to hold values, they are called")
        rows = _Rows.found(self._data, self._start, self._cut, len(self._names), quoted=self._quoted)
        if rows.n_rows == 0:
            raise DataError(f"{self.file} holds nothing below its header; it should hold a row for each rating or "
                            "title.")  # fmt: skip
        found, refused, complaints = self._parse(rows, columns)
        values = {name: found[name] for name in columns}
        if self._decimal == ",":
            for name in set(numbers) & set(columns):
                values[name] = _with_points(values[name])
        row_numbers = rows.row_numbers(self._first_row)
        headless = not self._has_header
        if not refused:
            return FileTable(self.file, values, self._first_row, row_numbers, headless, n_blank=rows.n_blank)
        complaints = {n: rows.complaints.get(n, complaint) for n, complaint in complaints.items()}
        if row_numbers is None:
            row_numbers = self._first_row + np.arange(rows.n_rows)
        kept = np.delete(row_numbers, np.array(refused) - 1)
        raise MisshapenRowsError(
            {int(row_numbers[n - 1]): complaint for n, complaint in complaints.items()},
            len(refused),
            FileTable(self.file, values, self._first_row, kept, headless, n_blank=rows.n_blank),
        )

    def _parse(self, rows: "_Rows", columns: Sequence[str]) -> tuple[Any, Sequence[int], dict[int, str]]:
        """The columns of all rows with a value for each name; the other rows' numbers, and what is wrong with them."""
        numbers = array("q")
        complaints: dict[int, str] = {}

        def refuse(row: Any) -> str:
            numbers.append(row.number or 0)
            if len(complaints) < _MOST_COMPLAINTS:
                complaints[row.number] = (
                    f"{row.actual_columns} columns where {row.expected_columns} are expected ({named(self.columns)}); "
                    "mend or remove the row"
                )
            return "skip"

        def read(use_threads: bool) -> Any:
            return pa.csv.read_csv(
                pa.BufferReader(pa.py_buffer(rows.data).slice(rows.start)),
                read_options=pa.csv.ReadOptions(
                    column_names=self._names, use_threads=use_threads, block_size=rows.block_bytes
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=self._separator,
                    quote_char='"' if self._quoted else False,
                    ignore_empty_lines=False,
                    newlines_in_values=rows.continued is not None,
                    invalid_row_handler=refuse,
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.large_string()), include_columns=columns
                ),
            )

        try:
            table = read(use_threads=True)
            if numbers:  # of several threads none knows the number of a row
                del numbers[:]
                complaints.clear()
                table = read(use_threads=False)
        except pa.ArrowInvalid as error:
            said = " ".join(str(error).split())[:200]
            raise DataError(f"{self.file} cannot be cut into columns ({said}); save it as plain text.") from error
        if len(table) + len(numbers) != rows.n_rows:
            raise DataError(
                f"{self.file} cannot be cut into columns ({rows.n_rows:,} rows were counted, {len(table):,} found); "
                "save it as plain text."
            )
        return table, numbers, complaints


def _with_points(texts: Any) -> Any:
    """Numbers with decimal commas, and dots between their thousands, as Python writes them."""
    bare = pa.compute.replace_substring(texts, ".", "")
    texts = pa.compute.if_else(pa.compute.match_substring_regex(texts, _DOTS_WITHIN), bare, texts)
    return pa.compute.replace_substring_regex(texts, _COMMA_WITHIN, r"\1.\2")


@dataclass(frozen=True)
class _Rows:
    """Text as the parser reads it: of as many rows as were counted.

    Attributes:
      data: the text.
      start: where its rows begin in it.
      n_rows: how many there are.
      complaints: number of each row that the parser would misread, from 1 -> what is wrong with it. It is replaced by
        one of too many values, which the parser refuses and numbers the rows below as before.
      continued: numbers of the lines that no row begins in, from 0; None if there are none.
      block_bytes: what the parser may look at at once; no row is longer.
      n_blank: how many lines between rows say nothing, and were taken out.
    """

    data: bytes
    start: int
    n_rows: int
    complaints: dict[int, str]
    continued: npt.NDArray[np.int64] | None
    block_bytes: int
    n_blank: int

    @classmethod
    def found(cls, data: bytes, start: int, cut: Separated, n_columns: int, *, quoted: bool) -> "_Rows":
        """Finds blank lines, values of several lines, and quotes that are left open."""
        end = len(data)
        while data.startswith(b"\n\n", end - 2) and end - 1 >= start:  # blank lines at the end do no harm
            end -= 1
        data = data if end == len(data) else data[:end]
        replacement = cut.separator * n_columns
        complaints: dict[int, str] = {}
        parts: list[bytes] = []
        continued: list[npt.NDArray[np.int64]] = []
        n_continued, kept, row_end, longest = 0, start, start - 1, 0
        n_lines = n_blank = 0
        for block_start, line_ends, suspicious in _blocks(data, start, cut, quoted=quoted):
            starts = np.append(0, line_ends[:-1] + 1)
            longest = max(longest, int((line_ends - starts).max()))
            for line in np.flatnonzero(suspicious).tolist():
                begin, line_end = block_start + int(starts[line]), block_start + int(line_ends[line])
                if begin <= row_end:  # within a value that began above
                    continue
                if cut.is_blank(data, begin, line_end):
                    parts.append(data[kept:begin])
                    kept = min(line_end + 1, len(data))
                    continued.append(np.array([n_lines + line]))
                    n_continued, n_blank = n_continued + 1, n_blank + 1
                    continue
                found = cut.row_end(data, begin) if quoted else line_end
                if found is not None and found > line_end and len(cut.cells(data, begin, found)) != n_columns:
                    found = None  # not a value of several lines, but two open quotes
                if found is None:
                    complaints[n_lines + line + 1 - n_continued] = OPEN_QUOTE
                    parts += (data[kept:begin], replacement)
                    kept = line_end
                elif found > line_end:
                    more = data.count(b"\n", begin, found)
                    continued.append(n_lines + line + 1 + np.arange(more))
                    n_continued += more
                    longest = max(longest, found - begin)
                    row_end = found
            n_lines += len(line_ends)
        if parts:
            data, start = b"".join([*parts, data[kept:]]), 0
        block_bytes = min(max(1 << 20, 2 * longest), LONGEST_ROW)
        lines = np.concatenate(continued) if continued else None
        return cls(data, start, n_lines - n_continued, complaints, lines, block_bytes, n_blank)

    def row_numbers(self, first: int) -> npt.NDArray[np.int64] | None:
        """[n_rows] the line that each row begins in; None where each line is a row."""
        if self.continued is None:
            return None
        return np.delete(first + np.arange(self.n_rows + len(self.continued)), self.continued)


def _blocks(data: bytes, start: int, cut: Separated, *, quoted: bool) -> Any:
    """Yields of each block of whole lines its start, its lines' ends from there, and which may be blank or odd."""
    while start < len(data):
        stop = data.find(b"\n", start + _BLOCK_BYTES) + 1 or len(data)
        block = np.frombuffer(data, np.uint8, stop - start, start)
        ends = np.flatnonzero(block == ord("\n"))
        if block[-1] != ord("\n"):  # the last line has no end
            ends = np.append(ends, len(block))
        starts = np.append(0, ends[:-1] + 1)
        suspicious = np.isin(block[starts], np.frombuffer(cut.no_row_begins_with, np.uint8))
        quotes = np.flatnonzero(block == ord('"')) if quoted else ends[:0]
        if len(quotes):
            _suspect_quotes(block, quotes, ends, ord(cut.separator), suspicious)
        yield start, ends, suspicious
        start = stop


def _suspect_quotes(
    block: npt.NDArray[np.uint8],
    quotes: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    separator: int,
    suspicious: npt.NDArray[np.bool_],
) -> None:
    """Marks the lines in which not every other quote begins a value, and not every one between ends one."""
    lines = np.searchsorted(ends, quotes)
    counts = np.bincount(lines, minlength=len(ends))
    suspicious |= counts % 2 == 1
    opens = (np.arange(len(quotes)) - (np.cumsum(counts) - counts)[lines]) % 2 == 0
    neighbour = np.where(opens, quotes - 1, quotes + 1)
    inside = (neighbour >= 0) & (neighbour < len(block))
    beside = block[np.where(inside, neighbour, 0)]
    fits = ~inside | (beside == separator) | (beside == ord("\n")) | (beside == ord('"'))
    suspicious[lines[~fits]] = True


def named(columns: Sequence[str]) -> str:
    """The names of columns, for messages: of very many the first, and each cut."""
    names = [name if len(name) <= 40 else f"{name[:40]}..." for name in columns[:_MOST_NAMES]]
    return ", ".join(names) + (f" and {len(columns) - _MOST_NAMES:,} more" if len(columns) > _MOST_NAMES else "")


def require_columns(columns: Sequence[str], found: Sequence[str], place: str, said: str = "the header names") -> None:
    """Checks that a table has the columns that are needed, each once.

    Args:
      columns: those that are needed.
      found: the table's.
      place: where they are named, for messages.
      said: what stands there before their names.

    Raises:
      DataError: if it has not.
    """
    for column in columns:
        if f"{column} (1)" in found and column not in found:
            same = ", ".join(name for name in found if name.startswith(f"{column} ("))
            raise DataError(f"{place}: several columns are named {column!r}; say which one: {same}.")
        if column not in found:
            raise DataError(f"{place}: there is no column {column!r}; {said} {named(found)}.")
