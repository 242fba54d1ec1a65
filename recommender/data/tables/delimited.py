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
from recommender.data.tables.lines import HEADER_BYTES, LONGEST_ROW, Separated
from recommender.data.tables.text import DECIMAL_COMMA, TextForm, in_utf8, read_text, unified_lines
from recommender.errors import DataError

_BLOCK_BYTES = 1 << 24
_CUT = "\x1f"  # the unit separator stands in no text
_MOST_COMPLAINTS = 1_000  # that are put into words; the rest is counted
_MOST_NAMES = 20  # of columns, in a message
_LINES_LOOKED_AT = 100  # for the first rows that can be shown
_KINDS = (":token_seq", ":token", ":float_seq", ":float")  # behind the names of RecBole's columns
_BLANK = "the line is blank; remove it"
_OPEN_QUOTE = (
    "a double quote is opened and not closed; close it where its value ends, and write a double quote within a value "
    'as ""'
)
_COMMA_WITHIN = r"(\d),(\d)"


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
    data: bytes,
    file: str,
    columns: Sequence[str],
    *,
    separator: str = "\t",
    header: bool = False,
    quoted: bool = False,
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
      MisshapenRowsError: if rows are blank, hold another number of values, or leave a double quote open.
      DataError: if the file is empty or no text, or its header does not fit.
    """
    data = unified_lines(in_utf8(data, file)[0])
    if not data or data.isspace():
        raise DataError(f"{file} is empty; it should hold the columns {', '.join(columns)}.")
    return DelimitedText(file, data, TextForm(separator, header=header), columns, quoted=quoted).read(columns)


class DelimitedText:
    """A text in UTF-8, whose lines end with line feeds, cut into columns.

    Args:
      file: its name, for messages.
      data: the text.
      form: how it is written.
      names: the columns' names, if no row holds them.
      quoted: whether a value may stand in double quotes.

    Attributes:
      columns: the columns' names, without the white space around each.
      form: how it is written, for people.

    Raises:
      DataError: if the header cannot be cut.
    """

    def __init__(
        self, file: str, data: bytes, form: TextForm, names: Sequence[str] = (), *, quoted: bool = True
    ) -> None:
        separator = form.separator
        if len(separator.encode()) > 1:  # which the parser cannot cut at
            data = data.replace(separator.encode(), _CUT.encode())
            separator = _CUT
        self.file, self.form = file, str(form)
        self._data, self._separator, self._quoted, self._decimal = data, separator, quoted, form.decimal
        self._has_header = form.header
        self.columns, self._start = self._header() if form.header else (list(names), 0)
        self._first_row = 1 + form.lines_above + data.count(b"\n", 0, self._start)

    @classmethod
    def found(
        cls, file: str, data: bytes, chosen: ChosenForm = AS_FOUND, *, tabs: bool = False, names: Sequence[str] = ()
    ) -> "DelimitedText":
        """A text of which it is yet to be found out how it is written.

        Args:
          file: its name, for messages.
          data: its content.
          chosen: what somebody says of the way it is written.
          tabs: whether its name says that tabs stand between its values.
          names: what its columns are called if no row names them; numbers from 1 if there are not as many.

        Raises:
          DataError: if it is empty or no text, or its header cannot be cut.
        """
        data, form = read_text(data, file, chosen, tabs=tabs)
        width = len(next(Separated(form.separator).first_rows(data, 1), [""]))
        return cls(file, data, form, names if len(names) == width else tuple(map(str, range(1, width + 1))))

    @property
    def n_rows(self) -> int:
        """How many lines it has."""
        return self._data.count(b"\n")

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows, as they are read; those that cannot be cut into columns are left out."""
        end = self._start
        for _ in range(_LINES_LOOKED_AT):
            end = self._data.find(b"\n", end) + 1 or len(self._data)
        row_end = Separated(self._separator).row_end(self._data, end) if self._quoted and end < len(self._data) else end
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

        Args:
          columns: their names.
          numbers: those of them that hold numbers, which may be written with decimal commas.

        Raises:
          MisshapenRowsError: if rows are blank, hold another number of values, or leave a double quote open.
          DataError: if a column is missing or named twice, or there are no rows.
        """
        if self._has_header:
            require_columns(columns, self.columns, f"{self.file}, row {self._first_row - 1}")
        else:
            require_columns(columns, self.columns, self.file, "as the first row seems to hold values, they are called")
        rows = _Rows.of(self._data, self._start, self._separator, len(self.columns), quoted=self._quoted)
        if rows.n_rows == 0:
            raise DataError(f"{self.file} holds nothing below its header; it should hold a row for each rating or "
                            "title.")  # fmt: skip
        found, refused, complaints = self._parse(rows, columns)
        values = {name: found[name] for name in columns}
        if self._decimal == ",":
            for name in set(numbers) & set(columns):
                values[name] = pa.compute.replace_substring_regex(values[name], _COMMA_WITHIN, r"\1.\2")
        row_numbers = rows.row_numbers(self._first_row)
        table = FileTable(self.file, values, self._first_row, row_numbers, headless=not self._has_header)
        if not refused:
            return table
        complaints = {n: rows.complaints.get(n, complaint) for n, complaint in complaints.items()}
        if row_numbers is None:
            row_numbers = self._first_row + np.arange(rows.n_rows)
        kept = np.delete(row_numbers, np.array(refused) - 1)
        raise MisshapenRowsError(
            {int(row_numbers[n - 1]): complaint for n, complaint in complaints.items()},
            len(refused),
            FileTable(self.file, values, self._first_row, kept, headless=not self._has_header),
        )

    def _header(self) -> tuple[list[str], int]:
        """The names in the first row, and where the rows below it begin.

        RecBole's names come with a kind; without it they are the publisher's.
        """
        data, cut = self._data, Separated(self._separator)
        line_end = data.find(b"\n") if b"\n" in data else len(data)
        end: int | None = line_end
        if self._quoted:
            end = cut.row_end(data, 0)
        if line_end == 0:
            raise DataError(f"{self.file}, row 1: {_BLANK}.")
        if end is None or end > HEADER_BYTES:
            raise DataError(f"{self.file}, row 1: {_OPEN_QUOTE}.")
        names = cut.cells(data, 0, end) if self._quoted else data[:end].decode().split(self._separator)
        if all(name.endswith(_KINDS) for name in names):
            names = [name.rpartition(":")[0] for name in names]
        return [name.strip() for name in names], min(end + 1, len(data))

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
                    column_names=self.columns, use_threads=use_threads, block_size=rows.block_bytes
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


@dataclass(frozen=True)
class _Rows:
    """Text as the parser reads it: of as many rows as were counted.

    Attributes:
      data: the text.
      start: where its rows begin in it.
      n_rows: how many there are.
      complaints: number of each row that the parser would misread, from 1 -> what is wrong with it. It is replaced by
        one of too many values, which the parser refuses and numbers the rows below as before.
      continued: numbers of the lines that go on with the row above, from 0; None if there are none.
      block_bytes: what the parser may look at at once; no row is longer.
    """

    data: bytes
    start: int
    n_rows: int
    complaints: dict[int, str]
    continued: npt.NDArray[np.int64] | None
    block_bytes: int

    @classmethod
    def of(cls, data: bytes, start: int, separator: str, n_columns: int, *, quoted: bool) -> "_Rows":
        """Finds blank lines, values of several lines, and quotes that are left open."""
        end = len(data)
        while data.startswith(b"\n\n", end - 2) and end - 1 >= start:  # blank lines at the end do no harm
            end -= 1
        data = data if end == len(data) else data[:end]
        cut, replacement = Separated(separator), separator.encode() * n_columns
        complaints: dict[int, str] = {}
        parts: list[bytes] = []
        continued: list[npt.NDArray[np.int64]] = []
        n_continued, kept, row_end, longest = 0, start, start - 1, 0
        n_lines = 0
        for block_start, line_ends, suspicious in _blocks(data, start, separator, quoted=quoted):
            starts = np.append(0, line_ends[:-1] + 1)
            longest = max(longest, int((line_ends - starts).max()))
            for line in np.flatnonzero(suspicious).tolist():
                begin, line_end = block_start + int(starts[line]), block_start + int(line_ends[line])
                if begin <= row_end:  # within a value that began above
                    continue
                found = None if begin == line_end else cut.row_end(data, begin)
                if found is not None and found > line_end and len(cut.cells(data, begin, found)) != n_columns:
                    found = None  # not a value of several lines, but two open quotes
                if found is None:
                    complaints[n_lines + line + 1 - n_continued] = _BLANK if begin == line_end else _OPEN_QUOTE
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
        return cls(data, start, n_lines - n_continued, complaints, lines, block_bytes)

    def row_numbers(self, first: int) -> npt.NDArray[np.int64] | None:
        """[n_rows] the line that each row begins in; None where each line is a row."""
        if self.continued is None:
            return None
        return np.delete(first + np.arange(self.n_rows + len(self.continued)), self.continued)


def _blocks(data: bytes, start: int, separator: str, *, quoted: bool) -> Any:
    """Blocks of whole lines, so that little memory is needed.

    Yields:
      Where the block begins; where each of its lines ends, from there; and whether the line is blank or has quotes
      elsewhere than around its values.
    """
    while start < len(data):
        stop = data.find(b"\n", start + _BLOCK_BYTES) + 1 or len(data)
        block = np.frombuffer(data, np.uint8, stop - start, start)
        ends = np.flatnonzero(block == ord("\n"))
        if block[-1] != ord("\n"):  # the last line has no end
            ends = np.append(ends, len(block))
        suspicious = np.diff(ends, prepend=-1) == 1
        quotes = np.flatnonzero(block == ord('"')) if quoted else ends[:0]
        if len(quotes):
            _suspect_quotes(block, quotes, ends, ord(separator), suspicious)
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
        if column not in found:
            raise DataError(f"{place}: there is no column {column!r}; {said} {named(found)}.")
        if found.count(column) > 1:
            raise DataError(f"{place}: two columns are named {column!r}; rename or remove one of them.")
