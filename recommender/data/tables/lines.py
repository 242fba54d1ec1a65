"""Where a row of delimited text begins and ends, and what stands in its columns.

A value in double quotes may hold separators, line breaks, and quotes that are doubled. A quote elsewhere than at the
beginning of a value is a letter like any other. The parser of pyarrow reads it so, too.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

HEADER_BYTES = 1 << 20  # a first row has no more
LONGEST_ROW = 1 << 24
OPEN_QUOTE = (
    "a double quote is opened and not closed; close it where its value ends, and write a double quote within a value "
    'as ""'
)


class Row(NamedTuple):
    """A row: where it begins and ends in a text, and what stands in its columns; `end` is None of an open quote."""

    start: int
    end: int | None
    cells: list[str]


class Separated:
    """Text whose values have something between them.

    Args:
      separator: what it is.
      comment: what lines begin with that are no rows; "" if there are none.

    Attributes:
      separator: what stands between values.
      no_row_begins_with: bytes of which a line that says nothing begins with one; of some rows it is the first, too.
    """

    def __init__(self, separator: str, comment: str = "") -> None:
        self.separator = separator.encode()
        self._comment, self._nothing = comment.encode(), b" \t-+=:" + self.separator
        self.no_row_begins_with = b"\n" + self._nothing + self._comment[:1]
        cut = re.escape(self.separator)
        # Letters of a value without quotes around it, as many as there are.
        self._letters = rb"(?:(?!%s)[^\n])*+" % cut if len(self.separator) > 1 else rb"[^%s\n]*+" % cut

    def row_end(self, data: bytes, start: int) -> int | None:
        """Where the row that begins at `start` ends; None if a quote is opened in it and not closed where it should be.

        Args:
          data: the text, in UTF-8.
          start: the beginning of a line.
        """
        line_end = _line_end(data, start)
        if self._line.fullmatch(data, start, line_end):
            return line_end
        found = self._row.match(data, start, start + LONGEST_ROW)
        end = found.end() if found else start
        return end if end > line_end and _line_end(data, end) == end else None

    def cells(self, data: bytes, start: int, end: int) -> list[str]:
        """What stands in the columns of a row; of one with an open quote, as if quotes were letters."""
        found, place = [], start
        while True:
            cell = self._cell.match(data, place, end)
            if cell is None:
                return data[start:end].decode(errors="replace").split(self.separator.decode())
            quoted, rest = cell[1], cell[2]
            value = rest if quoted is None else quoted[1:-1].replace(b'""', b'"') + rest
            found.append(value.decode(errors="replace"))
            place = cell.end() + len(self.separator)
            if cell.end() >= end:
                return found

    def first_rows(self, data: bytes, n: int, start: int = 0) -> Iterator[Row]:
        """The first rows that say something, at most n; there may be one that cannot be cut among them."""
        most = start + HEADER_BYTES
        while n > 0 and start < min(len(data), most):
            found = self.row_end(data, start)
            end = _line_end(data, start) if found is None else found
            if not self.is_blank(data, start, end):
                yield Row(start, found, self.cells(data, start, end))
                n -= 1
            start = end + 1

    def is_blank(self, data: bytes, start: int, end: int) -> bool:
        """Whether a line holds nothing but separators and what is ruled with, or is a comment."""
        is_comment = self._comment != b"" and data.startswith(self._comment, start)
        return is_comment or not data[start:end].strip(self._nothing)

    @cached_property
    def _line(self) -> re.Pattern[bytes]:
        return self._pattern(rb'"[^"\n]*+(?:""[^"\n]*+)*+"%s' % self._letters)

    @cached_property
    def _row(self) -> re.Pattern[bytes]:
        return self._pattern(rb'"[^"]*+(?:""[^"]*+)*+"')

    def _pattern(self, quoted: bytes) -> re.Pattern[bytes]:
        value = rb'(?:%s|(?!")%s)' % (quoted, self._letters)
        return re.compile(rb"%s(?:%s%s)*+" % (value, re.escape(self.separator), value))

    @cached_property
    def _cell(self) -> re.Pattern[bytes]:
        cut = re.escape(self.separator)
        return re.compile(rb'("[^"]*+(?:""[^"]*+)*+"(?!"))?(%s)(?=%s|$)' % (self._letters, cut))


def _line_end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end
