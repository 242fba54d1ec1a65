"""Charts and whole views as pictures, drawn on the server without a browser.

The drawing program is large and is imported when the first picture is asked for.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from recommender.dashboard.downloads.download import Download, Picture, Table, is_number

PAPER, INK, SOFT, LINE = "#fbf6ec", "#2a221b", "#6b6156", "#ddd1bc"  # the light theme of .streamlit/config.toml
_FONT = "Hanken Grotesk, Liberation Sans, Arial, sans-serif"  # the drawing program has the second one built in
_WIDTH, _MARGIN, _ROW = 1040, 40, 25
_LETTER = 0.56  # mean width of a letter, in parts of its height
_NARROW = 520  # pixels of a chart
_LONGEST = 34  # letters of a cell for which another column is left out
_SCALE = 2
GRAMMAR = "6.4"  # of Vega-Lite, the one Altair writes


def sheet_png(download: Download) -> bytes:
    """A whole view on one sheet: title, sentences, charts, tables, where it comes from."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(_sheet(download), scale=_SCALE)
    return drawn


def drawn_png(picture: Picture, width: int) -> tuple[bytes, float, float]:
    """A chart as png, and how wide and high it is to be shown, pixels.

    Args:
      picture: the chart.
      width: of its drawing area, pixels.
    """
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_dressed(picture, width), vl_version=GRAMMAR, scale=_SCALE)
    wide, high = (int.from_bytes(png[at : at + 4], "big") / _SCALE for at in (16, 20))  # of the header IHDR
    return png, wide, high


def _dressed(picture: Picture, width: int) -> dict[str, Any]:
    """The chart as our light theme shows it."""
    specification = picture.specification()
    specification["width"] = width
    specification["background"] = PAPER
    quiet = {"labelColor": SOFT, "titleColor": SOFT, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE}
    narrow = {"columns": 2} if width < _NARROW else {}  # in one row it would be wider than the chart
    specification["config"] = {
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {**quiet, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
        "legend": {"labelColor": SOFT, "titleColor": SOFT, "labelFontSize": 12, **narrow},
    }
    return specification


def _sheet(download: Download) -> str:
    parts: list[str] = []
    y = _MARGIN + 26
    parts.append(text_part(_MARGIN, y, download.title, 26, weight=600))
    for sentence in download.sentences:
        for line in lines_of(sentence, 15):
            y += 24
            parts.append(text_part(_MARGIN, y, line, 15))
    y += 14
    for table in download.drawn_tables[:1]:
        drawn, y = _table(table, y)
        parts += drawn
    for picture in download.pictures:
        y += 36
        parts.append(text_part(_MARGIN, y, picture.name, 17, weight=600))
        y += 14
        png, wide, high = drawn_png(picture, _WIDTH - 320)
        image = base64.b64encode(png).decode()
        parts.append(
            f'<image x="{_MARGIN}" y="{y}" width="{wide:g}" height="{high:g}" '
            f'xlink:href="data:image/png;base64,{image}"/>'
        )
        y += int(high)
    for table in download.drawn_tables[1:]:
        drawn, y = _table(table, y)
        parts += drawn
    y += 20
    about = "  ·  ".join(f"{name} {fact}" for name, fact in download.facts.items())
    for line in [part for text in (about, download.licence, download.address) for part in lines_of(text, 12)]:
        y += 18
        parts.append(text_part(_MARGIN, y, line, 12, colour=SOFT))
    height = y + _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{_WIDTH}" '
        f'height="{height}"><rect width="100%" height="100%" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


@dataclass(frozen=True)
class Column:
    """A column of a table, cut to the room it has.

    Attributes:
      cells: its heading, then its cells.
      width: pixels.
      at_end: whether it is set at its right edge.
    """

    cells: tuple[str, ...]
    width: float
    at_end: bool


def fitted_columns(table: Table, width: float, size: int, fewest: int | None = None) -> list[Column]:
    """The columns of a table in a width; what is too long for its column is cut.

    Args:
      table: the table.
      width: of them all, pixels.
      size: of the letters, pixels.
      fewest: so many columns stay at least; of the others the widest are left out if there is no room, but never the
        first two. None: all stay.
    """
    texts = table.texts()
    longest = _LONGEST if fewest is not None else None
    wanted = {name: max([len(name), *(len(text[:longest]) for text in column)]) + 3 for name, column in texts.items()}
    room = width / (size * _LETTER)
    while fewest is not None and len(wanted) > max(fewest, 2) and sum(wanted.values()) > room:
        del wanted[max(reversed(list(wanted)[2:]), key=wanted.__getitem__)]
    share = room / sum(wanted.values()) if wanted else 1.0
    columns = []
    for name, letters_wanted in wanted.items():
        letters = max(4, int(letters_wanted * min(1.0, share)))
        cut = [text if len(text) < letters else f"{text[: letters - 3].rstrip()}..." for text in (name, *texts[name])]
        columns.append(Column(tuple(cut), letters * size * _LETTER * max(1.0, share), is_number(table.frame[name])))
    return columns


def table_parts(columns: Sequence[Column], left: float, top: float, size: int, row: int) -> list[str]:
    """The elements of a table.

    Args:
      columns: see `fitted_columns`.
      left: where it begins, pixels.
      top: where its heading stands, pixels.
      size: of its letters, pixels.
      row: height of a row, pixels.
    """
    parts, x = [], left
    for column in columns:
        for place, value in enumerate(column.cells):
            parts.append(
                text_part(
                    x + (column.width - 16 if column.at_end else 0),
                    top + place * row,
                    value,
                    size,
                    colour=INK if place else SOFT,
                    anchor="end" if column.at_end else "start",
                )
            )
        x += column.width
    for place in range(len(columns[0].cells) if columns else 0):
        under = top + place * row + 8
        parts.append(f'<line x1="{left:g}" x2="{x:g}" y1="{under:g}" y2="{under:g}" stroke="{LINE}"/>')
    return parts


def _table(table: Table, y: int) -> tuple[list[str], int]:
    """The elements of a table below a height, and the height below it."""
    y += 36
    parts = [text_part(_MARGIN, y, table.name, 17, weight=600)]
    y += 26
    parts += table_parts(fitted_columns(table, _WIDTH - 2 * _MARGIN, 13), _MARGIN, y, 13, _ROW)
    y += len(table.frame) * _ROW + 12
    for line in lines_of(table.note, 12):
        y += 17
        parts.append(text_part(_MARGIN, y, line, 12, colour=SOFT))
    return parts, y


def text_part(
    x: float, y: float, text: str, size: int, *, weight: int = 400, colour: str = INK, anchor: str = "start"
) -> str:
    """A line of text as an element."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="{_FONT}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def lines_of(text: str, size: int, width: int = _WIDTH - 2 * _MARGIN) -> list[str]:
    """A text in lines of a width in pixels, that of the sheet unless given; a longer word, as an address, is broken."""
    room = int(width / (size * _LETTER))
    lines: list[str] = []
    words = [word[at : at + room] for word in text.split() for at in range(0, len(word), room)]
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
