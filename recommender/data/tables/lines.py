"""Where a row of delimited text begins and ends, and what stands in its columns.

A value in double quotes may hold separators, line breaks, and quotes that are doubled. A quote elsewhere than at the
beginning of a value is a letter like any other. The parser of pyarrow reads it so, too.
"""

import re
from collections.abc import Iterator
from functools import cached_property

HEADER_BYTES = 1 << 20  # a first row has no more
LONGEST_ROW = 1 << 24


class Separated:
    """Text whose values have something between them.

    Args:
      separator: what it is.
    """

    def __init__(self, separator: str) -> None:
        self._cut = separator.encode()
        cut = re.escape(self._cut)
        # Letters of a value without quotes around it, as many as there are.
        self._letters = rb"(?:(?!%s)[^\n])*+" % cut if len(self._cut) > 1 else rb"[^%s\n]*+" % cut

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
                return data[start:end].decode(errors="replace").split(self._cut.decode())
            quoted, rest = cell[1], cell[2]
            value = rest if quoted is None else quoted[1:-1].replace(b'""', b'"') + rest
            found.append(value.decode(errors="replace"))
            place = cell.end() + len(self._cut)
            if cell.end() >= end:
                return found

    def first_rows(self, data: bytes, n: int) -> Iterator[list[str]]:
        """The cells of the first rows, at most n; there may be a row that cannot be cut among them."""
        start = 0
        for _ in range(n):
            if start >= len(data) or start > HEADER_BYTES:
                return
            end = self.row_end(data, start)
            end = _line_end(data, start) if end is None else end
            if end > start:
                yield self.cells(data, start, end)
            start = end + 1

    @cached_property
    def _line(self) -> re.Pattern[bytes]:
        return self._pattern(rb'"[^"\n]*+(?:""[^"\n]*+)*+"%s' % self._letters)

    @cached_property
    def _row(self) -> re.Pattern[bytes]:
        return self._pattern(rb'"[^"]*+(?:""[^"]*+)*+"')

    def _pattern(self, quoted: bytes) -> re.Pattern[bytes]:
        value = rb'(?:%s|(?!")%s)' % (quoted, self._letters)
        return re.compile(rb"%s(?:%s%s)*+" % (value, re.escape(self._cut), value))

    @cached_property
    def _cell(self) -> re.Pattern[bytes]:
        cut = re.escape(self._cut)
        return re.compile(rb'("[^"]*+(?:""[^"]*+)*+"(?!"))?(%s)(?=%s|$)' % (self._letters, cut))


def _line_end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end
