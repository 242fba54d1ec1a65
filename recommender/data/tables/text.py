"""Text that may be written in many ways, as UTF-8 whose lines end alike; and how it is written, found by looking.

- Encoding: a mark at the beginning, else UTF-8 if it is that throughout, else Windows-1252, which most else is.
- Separator: that which cuts the first rows into as many columns as the first one.
- Decimal commas: where a column holds numbers, some of which have commas.
- Header: none if the first row holds a number where all rows below it hold numbers.
- Backslashes: where one stands before a quote in the middle of a quoted value.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.data.tables.form import ChosenForm, separator_name
from recommender.data.tables.lines import HEADER_BYTES, Separated
from recommender.errors import DataError

_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SPOKEN = {"utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
_SEPARATORS = (",", ";", "\t", "|", "::")
_SAID = re.compile(rb'"?sep=(.)"?\n')  # with which a table for Excel may begin
_ROWS_LOOKED_AT = 500
_MOST_LETTERS = 60  # of a number or a date
_NUMBER = re.compile(r"\s*+[-+]?(?:\d++[.,]?\d*+|[.,]\d++)(?:[eE][-+]?\d++)?\s*+")
DECIMAL_COMMA = r"\s*[-+]?\d+(?:,\d+)?\s*"
_WITH_COMMA = re.compile(r"\s*+[-+]?\d*+,\d++\s*+")
_THOUSANDS = re.compile(r"\s*[-+]?\d{1,3}(?:,\d{3})+\s*")
_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d.*|\s*\d{1,2}[./]\d{1,2}[./]\d{2,4}.*", re.DOTALL)
_BACKSLASH = re.compile(rb'\\(["\\])')
_NO_TEXT = "it holds bytes that no text has; give a table as text, parquet, feather, json lines or xlsx"


@dataclass(frozen=True)
class TextForm:
    """How a text is written.

    Attributes:
      separator: what stands between two values.
      decimal: what stands before the fraction of a number.
      encoding: how its letters were written, for people.
      header: whether the first row holds the columns' names.
      escaped: whether a quote within a value was written behind a backslash.
      lines_above: how many lines stand above the table.
    """

    separator: str
    decimal: str = "."
    encoding: str = "UTF-8"
    header: bool = True
    escaped: bool = False
    lines_above: int = 0

    def __str__(self) -> str:
        parts = [f"{separator_name(self.separator)} between values"]
        parts += ["decimal commas"] * (self.decimal == ",")
        parts += ["quotes behind backslashes"] * self.escaped
        names = "the first row names the columns" if self.header else "no row names the columns: they are numbered"
        return f"text in {self.encoding}, {', '.join(parts)}; {names}"


def read_text(data: bytes, file: str, chosen: ChosenForm, *, tabs: bool = False) -> tuple[bytes, TextForm]:
    """Finds out how a text is written.

    Args:
      data: the file's content.
      file: its name, for messages.
      chosen: what somebody says of it.
      tabs: whether its name says that tabs stand between its values.

    Returns:
      The text in UTF-8 without what stands above the table, each line ended by a line feed, each quote within a quoted
      value doubled; and how it was written.

    Raises:
      DataError: if it is empty or no text.
    """
    data, encoding = in_utf8(data, file, chosen.encoding)
    data = unified_lines(data)
    said, above = _SAID.match(data), 0
    if said:
        data, above = data[said.end() :], 1
    if not data or data.isspace():
        raise DataError(f"{file} is empty; it should begin with a header that names its columns.")
    if len(data) > HEADER_BYTES and b"\n" not in data[:HEADER_BYTES]:
        raise DataError(f"{file}: its first line is longer than {HEADER_BYTES / 1e6:,.0f} MB; that is no table.")
    separator = chosen.separator or (said[1].decode("latin-1") if said else _found_separator(data, tabs))
    escaped = _has_backslashes(data, separator)
    if escaped:
        data = _BACKSLASH.sub(lambda found: b'""' if found[1] == b'"' else b"\\", data)
    rows = list(_first_rows(data, separator))
    header = chosen.header if chosen.header is not None else has_header(rows)
    decimal = chosen.decimal or _found_decimal(rows[header:])
    return data, TextForm(separator, decimal, encoding, header, escaped, above)


def unified_lines(data: bytes) -> bytes:
    """The text with a line feed at the end of each line, whether it had that, a carriage return, or both."""
    if b"\r" not in data:
        return data
    return data.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def in_utf8(data: bytes, file: str, encoding: str | None = None) -> tuple[bytes, str]:
    """A text in UTF-8 without a mark, and how it was encoded, for people.

    Args:
      data: a file's content.
      file: its name, for messages.
      encoding: as somebody says; None to find it out.

    Raises:
      DataError: if it is no text, or not so encoded.
    """
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    encoding = encoding or _MARKS.get(mark) or _without_mark(data)
    if encoding in ("utf-8", "UTF-8"):
        data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode(encoding)
        data = data if data.isascii() or encoding == "utf-8" else text.encode()
    except UnicodeDecodeError as error:
        row = unified_lines(data[: error.start]).count(b"\n") + 1
        name = _SPOKEN.get(encoding, encoding)
        raise DataError(f"{file}, row {row}: the text is not encoded as {name}; save the file as UTF-8.") from None
    except UnicodeEncodeError:
        raise DataError(f"{file}: {_NO_TEXT}.") from None
    if b"\0" in data:
        raise DataError(f"{file}: {_NO_TEXT}.")
    return data, _SPOKEN.get(encoding, encoding)


def _without_mark(data: bytes) -> str:
    """The encoding of a text that does not say it."""
    if data.isascii() and b"\0" not in data:
        return "utf-8"
    beginning = np.frombuffer(data, np.uint8, min(len(data), 4_096) // 2 * 2)
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(beginning) and (beginning[place::2] == 0).mean() > 0.4 and (beginning[1 - place :: 2] != 0).all():
            return name
    try:
        data.decode()
        return "utf-8"
    except UnicodeDecodeError:
        pass
    wide = np.count_nonzero(np.frombuffer(data, np.uint8) >= 0x80)
    if sum(map(len, _UTF8_CHARACTER.findall(data))) > wide / 2:
        return "utf-8"  # with some rows that are not, which are then named
    try:
        data.decode("cp1252")
        return "cp1252"
    except UnicodeDecodeError:
        return "latin-1"


def _found_separator(data: bytes, tabs: bool) -> str:
    """That which cuts most of the first rows into as many columns as the first, and of equals into the most."""
    best, found = (0.0, 0), "\t" if tabs else ","
    for separator in ("\t", *_SEPARATORS) if tabs else _SEPARATORS:
        widths = [len(row) for row in _first_rows(data, separator)]
        agreeing = sum(width == widths[0] for width in widths) / len(widths)
        if widths[0] > 1 and (agreeing, widths[0]) > best:
            best, found = (agreeing, widths[0]), separator
    if not best[1]:
        widths = [len(row) for row in _first_rows(data, " ")]
        if widths[0] > 1 and len(widths) > 1 and len(set(widths)) == 1:
            return " "
    return found


def _first_rows(data: bytes, separator: str) -> Iterator[list[str]]:
    """The first rows, of whatever lengths."""
    return Separated(separator).first_rows(data, _ROWS_LOOKED_AT)


def _has_backslashes(data: bytes, separator: str) -> bool:
    if b'\\"' not in data:
        return False
    cut = re.escape(separator.encode())
    return re.search(rb'(?:^|\n|%s)"[^"\n]*\\"(?!%s|"|\n|$)' % (cut, cut), data) is not None


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of some rows holds the columns' names: not if it holds a number where all below it do."""
    if len(rows) < 2:
        return not (rows and all(map(_is_figure, rows[0])))
    return not any(
        _is_figure(cell) and all(_is_figure(other) for other in _column(rows[1:], place))
        for place, cell in enumerate(rows[0])
    )


def _found_decimal(rows: Sequence[Sequence[str]]) -> str:
    for place in range(len(rows[0]) if rows else 0):
        cells = _column(rows, place)
        commas = [cell for cell in cells if _WITH_COMMA.fullmatch(cell)]
        numbers = all(_NUMBER.fullmatch(cell) and "." not in cell for cell in cells)
        if commas and numbers and not all(map(_THOUSANDS.fullmatch, commas)):
            return ","
    return "."


def _column(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """What is filled in of a column; of long texts the beginning."""
    return [row[place][:_MOST_LETTERS] for row in rows if place < len(row) and row[place].strip()]


def _is_figure(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))
