"""Cuts delimited text (tabs, csv, `::`) into a `FileTable`, after a check of its encoding and its shape."""

import csv
import re
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from recommender.data.tables.file_table import FileTable
from recommender.errors import DataError

_MARKS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_BLOCK_BYTES = 1 << 24
_MOST_COMPLAINTS = 1_000  # that are put into words; the rest is counted
_BLANK = "the line is blank; remove it"
_OPEN_QUOTE = (
    "a double quote is opened and not closed in the line; close it, or keep the value in one line, and write "
    'a double quote within a value as ""'
)
# Latin-1 has control characters there, which no text holds; Windows-1252 has quotes and dashes.
_WINDOWS_CHARACTER = re.compile(rb"[\x80-\x9f]")


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
    encoding: str = "utf-8",
    header: bool = False,
    quoted: bool = False,
) -> FileTable:
    """Cuts a text file into named columns of strings.

    Args:
      data: the file's content.
      file: its name, for messages.
      columns: the columns, in the file's order; with a header, those that are needed, in any order.
      separator: what stands between two values, one character or more.
      encoding: "utf-8" or "latin-1".
      header: whether the first row holds the columns' names.
      quoted: whether a value may stand in double quotes.

    Returns:
      A table of these columns.

    Raises:
      MisshapenRowsError: if rows are blank, hold another number of values, or leave a double quote open.
      DataError: if the file is empty or differently encoded, or its header does not fit.
    """
    data = _to_utf8(data, file, encoding)
    if not data or data.isspace():
        raise DataError(f"{file} is empty; it should hold the columns {', '.join(columns)}.")
    if data.endswith((b"\n\n", b"\n\r\n")):  # blank lines at the end do no harm; to strip is to copy
        data = data.rstrip(b"\r\n")
    if len(separator) > 1:  # which the parser cannot cut at; the unit separator stands in no text
        data = data.replace(separator.encode(), b"\x1f")
        separator = "\x1f"
    names = list(columns)
    if header:
        names = _header_of(data, file, separator, quoted)
        _require_columns(columns, names, f"{file}, row 1")
    # The parser refuses a row of too many values, and numbers the rows below it as before.
    data, replaced = _replace_uncuttable_lines(data, separator.encode() * len(names), quoted)
    found, numbers, complaints = _parse(data, file, names, columns, separator, header, quoted)
    first_row = 2 if header else 1
    values = {name: found[name] for name in columns}
    if numbers:
        complaints = {row: replaced.get(row, complaint) for row, complaint in complaints.items()}
        others = np.setdiff1d(first_row + np.arange(len(found) + len(numbers)), numbers)
        raise MisshapenRowsError(complaints, len(numbers), FileTable(file, values, first_row, others))
    if not len(found):
        raise DataError(f"{file} holds nothing below its header; it should hold a row for each rating or title.")
    return FileTable(file, values, first_row)


def read_header(data: bytes, file: str, *, separator: str, quoted: bool) -> list[str]:
    """The columns' names in the first row of a UTF-8 text file, without the white space around each.

    Args:
      data: the file's content, or its first line.
      file: its name, for messages.
      separator: the character between two values.
      quoted: whether a value may stand in double quotes.

    Raises:
      DataError: if the file is empty or differently encoded.
    """
    data = _to_utf8(data, file, "utf-8").strip()
    if not data:
        raise DataError(f"{file} is empty; it should begin with a header that names its columns.")
    return _header_of(data, file, separator, quoted)


def _header_of(data: bytes, file: str, separator: str, quoted: bool) -> list[str]:
    text = data[: data.find(b"\n")].decode() if b"\n" in data else data.decode()
    text = text.rstrip("\r")
    if not text:
        raise DataError(f"{file}, row 1: {_BLANK}.")
    if quoted and text.count('"') % 2:
        raise DataError(f"{file}, row 1: {_OPEN_QUOTE}.")
    names = next(csv.reader([text], delimiter=separator)) if quoted else text.split(separator)
    return [name.strip() for name in names]


def _require_columns(columns: Sequence[str], found: Sequence[str], header: str) -> None:
    for column in columns:
        if column not in found:
            raise DataError(f"{header}: there is no column {column!r}; the header names {', '.join(found)}.")
        if found.count(column) > 1:
            raise DataError(f"{header}: two columns are named {column!r}; rename or remove one of them.")


def _replace_uncuttable_lines(data: bytes, other: bytes, quoted: bool) -> tuple[bytes, dict[int, str]]:
    """Puts another line in the place of each that the parser would misread.

    A blank line is a row of empty values to it, and a double quote that is left open takes in the lines below.

    Args:
      data: the text.
      other: the line to put there.
      quoted: whether a value may stand in double quotes.

    Returns:
      The text; and the number of each such line, from 1 -> what is wrong with it.
    """
    quoted = quoted and b'"' in data
    if not quoted and b"\n\n" not in data and b"\n\r\n" not in data and not data.startswith((b"\n", b"\r\n")):
        return data, {}
    complaints: dict[int, str] = {}
    parts: list[bytes] = []
    kept, start, n_above = 0, 0, 0
    while start < len(data):  # in blocks of whole lines, so that little memory is needed
        stop = data.find(b"\n", start + _BLOCK_BYTES) + 1 or len(data)
        block = np.frombuffer(data, np.uint8, stop - start, start)
        marks = np.flatnonzero((block == ord("\n")) | (block == ord('"')) if quoted else block == ord("\n"))
        ends = np.flatnonzero(block[marks] == ord("\n"))
        if block[-1] != ord("\n"):  # the last line has no end
            marks, ends = np.append(marks, len(block)), np.append(ends, len(marks))
        line_ends = marks[ends]
        lengths = np.diff(line_ends, prepend=-1) - 1
        blank = (lengths == 0) | ((lengths == 1) & (block[line_ends - 1] == ord("\r")))
        open_quote = np.diff(ends, prepend=-1) % 2 == 0  # the quotes in the line and its end
        for line in np.flatnonzero(blank | open_quote).tolist():
            complaints[n_above + line + 1] = _BLANK if blank[line] else _OPEN_QUOTE
            end = start + int(line_ends[line])
            parts += (data[kept : end - int(lengths[line])], other)
            kept = end
        start, n_above = stop, n_above + len(ends)
    return (b"".join([*parts, data[kept:]]) if parts else data), complaints


def _to_utf8(data: bytes, file: str, encoding: str) -> bytes:
    """The text as UTF-8, after a check that it is what it is said to be."""
    mark = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if mark == "UTF-8" and encoding == "utf-8":
        data, mark = data[3:], None
    if mark or b"\0" in data:
        raise DataError(f"{file} is encoded as {mark or 'UTF-16, or not text at all'}; save it as {encoding}.")
    if data.isascii():
        return data
    if encoding == "latin-1":
        # Any byte is a latin-1 character, so decoding cannot fail: wrong text has to be recognised.
        for pattern, name in ((_UTF8_CHARACTER, "UTF-8"), (_WINDOWS_CHARACTER, "Windows-1252")):
            if wrong := pattern.search(data):
                row = data.count(b"\n", 0, wrong.start()) + 1
                raise DataError(f"{file}, row {row}: the text is encoded as {name}; save the file as latin-1.")
        return data.decode("latin-1").encode()
    try:
        data.decode()
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise DataError(f"{file}, row {row}: the text is not encoded as UTF-8; save the file as UTF-8.") from None
    return data


def _parse(
    data: bytes, file: str, names: Sequence[str], columns: Sequence[str], separator: str, header: bool, quoted: bool
) -> tuple[Any, Sequence[int], dict[int, str]]:
    """The columns of all rows with a value for each name; the other rows' numbers, and what is wrong with the first."""
    numbers = array("q")
    complaints: dict[int, str] = {}

    def refuse(row: Any) -> str:
        numbers.append(row.number or 0)
        if len(complaints) < _MOST_COMPLAINTS:
            complaints[row.number] = (
                f"{row.actual_columns} columns where {row.expected_columns} are expected ({', '.join(names)}); "
                "mend or remove the row"
            )
        return "skip"

    def read(use_threads: bool) -> Any:
        return pa.csv.read_csv(
            pa.BufferReader(data),
            read_options=pa.csv.ReadOptions(column_names=names, skip_rows=int(header), use_threads=use_threads),
            parse_options=pa.csv.ParseOptions(
                delimiter=separator,
                quote_char='"' if quoted else False,
                ignore_empty_lines=False,
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
        raise DataError(f"{file} cannot be cut into columns ({error}); save it as plain text.") from error
    return table, numbers, complaints
