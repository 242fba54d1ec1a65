"""Text as UTF-8 in which lines end and values are quoted alike, however it is written; and how that is.

- Encoding: a mark at the beginning, else UTF-8 if it is that throughout, else Windows-1252, which most else is.
- Above the table: comments, blank lines, `sep=;`, and titles, which fill less than half of the columns.
- Separator: that which cuts most of the first rows into equally many columns.
- Quotes: single ones if every row has them, or more rows then have equally many columns; also behind spaces, around
  whole lines, and within values behind backslashes.
- Decimal commas: where a column holds numbers, some of which have commas.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.data.tables.form import ChosenForm, separator_name
from recommender.data.tables.heading import NUMBER, Heading, column_of, find_heading, usual_width
from recommender.data.tables.lines import HEADER_BYTES, OPEN_QUOTE, Separated
from recommender.errors import DataError

_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SPOKEN = {"utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
_SEPARATORS = (",", ";", "\t", "|", "::")
_ABOVE = re.compile(rb'(?:"?sep=(.)"?\n)?(?:[ \t]*\n|(?:[#%]|//)[^\n]*\n)*')  # the first with which Excel cuts
_COMMENT = re.compile(rb"^([#%]|//)[#%/ \t]*([^\n]*)\n\s*\Z", re.MULTILINE)
_ROWS_LOOKED_AT = 500
DECIMAL_COMMA = r"\s*[-+]?\d+(?:,\d+)?\s*"
_WITH_COMMA = re.compile(r"\s*+[-+]?\d*+,\d++\s*+")
_THOUSANDS = re.compile(r"\s*[-+]?\d{1,3}(?:,\d{3})+\s*")
_BACKSLASH = re.compile(rb'\\(["\\])')
_WRAPPED = re.compile(rb'^"([^"\n]*+(?:""[^"\n]*+)*+)"$', re.MULTILINE)
_NO_TEXT = "it holds bytes that no text has; give a table as text, parquet, feather, json lines or xlsx"


@dataclass(frozen=True)
class TextForm:
    """How a text is written.

    Attributes:
      separator: what stands between two values.
      heading: what its first rows say; for the columns' names.
      start: where its rows begin.
      decimal: what stands before the fraction of a number.
      encoding: how its letters were written, for people.
      comment: what lines begin with that are no rows; "" if there are none.
      said: how its values were quoted, for people.
    """

    separator: str
    heading: Heading
    start: int = 0
    decimal: str = "."
    encoding: str = "UTF-8"
    comment: str = ""
    said: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{separator_name(self.separator)} between values", *["decimal commas"] * (self.decimal == ",")]
        return f"text in {self.encoding}, {', '.join((*parts, *self.said))}; {self.heading}"


def read_text(
    data: bytes, file: str, chosen: ChosenForm, *, tabs: bool = False, quoted: bool = True, names: Sequence[str] = ()
) -> tuple[bytes, TextForm]:
    """Finds out how a text is written.

    What somebody says of it goes before; `tabs` is whether its file's name speaks of tabs, `quoted` whether values may
    stand in quotes, `names` what columns are called that no row names: numbers from 1 if these are not as many.

    Returns:
      The text in UTF-8, each line ended by a line feed, its values in double quotes alone, those within them doubled;
      and how it was written.

    Raises:
      DataError: if it is empty or no text, or its columns' names cannot be cut.
    """
    data, encoding = in_utf8(data, file, chosen.encoding)
    data = unified_lines(data)
    start, excel, *_ = _above(data)
    if len(data) > HEADER_BYTES and b"\n" not in data[:HEADER_BYTES]:
        raise DataError(f"{file}: its first line is longer than {HEADER_BYTES / 1e6:,.0f} MB; that is no table.")
    data, said = _unwrapped(data, start) if quoted else (data, ())
    separator = chosen.separator or excel
    if not separator:
        separator = _found_separator(_beginning(data, start), tabs)
        data = _evened(data, separator) if " " in separator else data
    if quoted:
        data, quotes = _in_double_quotes(data, start, separator)
        said += quotes
    start, _, comment, words = _above(data)
    cut = Separated(separator, comment)
    rows = list(cut.first_rows(data, _ROWS_LOOKED_AT, start))
    if not rows:
        raise DataError(f"{file} is empty; it should begin with a header that names its columns.")
    if not names and comment and chosen.header is None:
        names = cut.cells(words, 0, len(words))
    heading = find_heading([row.cells for row in rows], chosen.header, names)
    first = rows[heading.n_above]
    if heading.is_row and first.end is None:
        row = data.count(b"\n", 0, first.start) + 1
        raise DataError(f"{file}, row {row}: {OPEN_QUOTE}.")
    start = first.start if first.end is None or not heading.is_row else min(first.end + 1, len(data))
    body = [row.cells for row in rows[heading.n_above + heading.is_row :]]
    return data, TextForm(separator, heading, start, chosen.decimal or _found_decimal(body), encoding, comment, said)


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


def _above(data: bytes) -> tuple[int, str, str, bytes]:
    """Where comments and blank lines at the beginning end; the separator named there; their mark, and the last one."""
    found = _ABOVE.match(data)
    end = found.end() if found else 0
    comment = _COMMENT.search(data, 0, end)
    mark, words = (comment[1], comment[2]) if comment else (b"", b"")
    if mark and data.startswith(mark, end):  # of a table whose ids begin so
        end, mark, words = data.find(mark), b"", b""
    return end, (found[1] or b"").decode("latin-1") if found else "", mark.decode(), words


def _found_separator(data: bytes, tabs: bool) -> str:
    """That which cuts most of the first rows into equally many columns, and of equals into the most."""
    best, found = (0.0, 0), "\t" if tabs else ","
    for separator in ("\t", *_SEPARATORS) if tabs else _SEPARATORS:
        width, share = _usual_width(_in_double_quotes(data, 0, separator)[0], separator)
        if width > 1 and (share, width) > best:
            best, found = (share, width), separator
    return found if best[1] else _spaces_between(data) or found


def _spaces_between(data: bytes) -> str:
    """Two spaces where two or more stand between all values, one where one or more do; "" where neither is so."""
    for separator in ("  ", " "):
        rows = [row.cells for row in Separated(separator).first_rows(_evened(data, separator), _ROWS_LOOKED_AT)]
        width, share = usual_width(rows[1:])
        if width > 1 and share == 1 and len(rows[0]) in (width, width - 1):
            return separator
    return ""


def _evened(data: bytes, separator: str) -> bytes:
    """The text without spaces around its lines, and with as many between values everywhere."""
    return re.sub(rb" {%d,}" % len(separator), separator.encode(), re.sub(rb"(?m)^ +| +$", b"", data))


def _usual_width(data: bytes, separator: str) -> tuple[int, float]:
    return usual_width([row.cells for row in Separated(separator).first_rows(data, _ROWS_LOOKED_AT)])


def _beginning(data: bytes, start: int = 0) -> bytes:
    """The first lines of a text, as far as they are whole."""
    lines = data[start : start + HEADER_BYTES].split(b"\n", _ROWS_LOOKED_AT)[:_ROWS_LOOKED_AT]
    whole = len(lines) == _ROWS_LOOKED_AT or start + HEADER_BYTES >= len(data)
    return b"\n".join(lines if whole else lines[:-1] or lines)


def _unwrapped(data: bytes, start: int) -> tuple[bytes, tuple[str, ...]]:
    """The text without quotes around whole lines, as spreadsheets write what was a table of one column to them."""
    lines = [line for line in _beginning(data, start).split(b"\n") if line]
    inside = [found[1] for line in lines if (found := _WRAPPED.fullmatch(line))]
    if len(inside) < len(lines):
        return data, ()
    return _WRAPPED.sub(lambda found: found[1].replace(b'""', b'"'), data), ("each line in quotes",)


def _in_double_quotes(data: bytes, start: int, separator: str) -> tuple[bytes, tuple[str, ...]]:
    """The text with values in double quotes alone, quotes within them doubled; and how they were, for people."""
    cut = re.escape(separator.encode())
    said: list[str] = []
    if b'\\"' in data and re.search(rb'(?m)(?:^|%s)"[^"\n]*\\"(?!%s|"|$)' % (cut, cut), data):
        data = _BACKSLASH.sub(lambda found: b'""' if found[1] == b'"' else b"\\", data)
        said.append("quotes behind backslashes")
    single = re.compile(rb"(?m)(^|%s) *'((?:[^'\\\n]|''|\\[^\n])*+)'(?= *(?:%s|$))" % (cut, cut))
    if _has_single_quotes(_beginning(data, start), separator, single):
        data = single.sub(_in_double, data)
        said.append("single quotes around values")
    spaced = rb'(?m)(^|%s) +(?="[^"]*+(?:""[^"]*+)*+" *(?:%s|$))' % (cut, cut)
    if b' "' in data and " " not in separator and re.search(spaced, data):
        whole = re.compile(rb'(?m)(^|%s) *("[^"]*+(?:""[^"]*+)*+")(?= *(?:%s|$))' % (cut, cut))
        without = whole.sub(rb"\1\2", data)
        said += ["spaces before quotes"] * (without != data)
        data = without
    return data, tuple(said)


def _has_single_quotes(data: bytes, separator: str, single: re.Pattern[bytes]) -> bool:
    """Whether all rows below the first have a value in single quotes, or more of them have equally many columns so."""
    lines = [line for line in data.split(b"\n")[1:] if line.strip()]
    n = sum(single.search(line) is not None for line in lines)
    if not n or n == len(lines):
        return n > 0
    return _usual_width(single.sub(_in_double, data), separator)[1] > _usual_width(data, separator)[1]


def _in_double(found: re.Match[bytes]) -> bytes:
    value = re.sub(rb"\\(.)", rb"\1", found[2].replace(b"''", b"'")).replace(b'"', b'""')
    return b'%s"%s"' % (found[1], value)


def _found_decimal(rows: Sequence[Sequence[str]]) -> str:
    for place in range(len(rows[0]) if rows else 0):
        cells = column_of(rows, place)
        commas = [cell for cell in cells if _WITH_COMMA.fullmatch(cell)]
        numbers = all(NUMBER.fullmatch(cell) and "." not in cell for cell in cells)
        if commas and numbers and not all(map(_THOUSANDS.fullmatch, commas)):
            return ","
    return "."
