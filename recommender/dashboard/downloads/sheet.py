"""Charts and whole views as pictures, drawn on the server without a browser.

The drawing program is large and is imported when the first picture is asked for.
"""

import base64
from html import escape
from typing import Any

from recommender.dashboard.downloads.download import Download, Picture, Table, is_number

PAPER, INK, SOFT, LINE = "#fbf6ec", "#2a221b", "#6b6156", "#ddd1bc"  # the light theme of .streamlit/config.toml
_FONT = "Hanken Grotesk, Liberation Sans, Arial, sans-serif"  # the drawing program has the second one built in
_WIDTH, _MARGIN, _ROW = 1040, 40, 25
_LETTER = 0.56  # mean width of a letter, in parts of its height
_SCALE = 2
GRAMMAR = "6.4"  # of Vega-Lite, the one Altair writes


def sheet_png(download: Download) -> bytes:
    """A whole view on one sheet: title, sentences, charts, tables, where it comes from."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(_sheet(download), scale=_SCALE)
    return drawn


def _dressed(picture: Picture, width: int) -> dict[str, Any]:
    """The chart as our light theme shows it."""
    specification = picture.specification()
    specification["width"] = width
    specification["background"] = PAPER
    quiet = {"labelColor": SOFT, "titleColor": SOFT, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE}
    specification["config"] = {
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {**quiet, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
        "legend": {"labelColor": SOFT, "titleColor": SOFT, "labelFontSize": 12},
    }
    return specification


def _sheet(download: Download) -> str:
    import vl_convert

    parts: list[str] = []
    y = _MARGIN + 26
    parts.append(_text(_MARGIN, y, download.title, 26, weight=600))
    for sentence in download.sentences:
        for line in _lines(sentence, 15):
            y += 24
            parts.append(_text(_MARGIN, y, line, 15))
    y += 14
    for table in download.drawn_tables[:1]:
        drawn, y = _table(table, y)
        parts += drawn
    for picture in download.pictures:
        y += 36
        parts.append(_text(_MARGIN, y, picture.name, 17, weight=600))
        y += 14
        png: bytes = vl_convert.vegalite_to_png(_dressed(picture, _WIDTH - 320), vl_version=GRAMMAR, scale=_SCALE)
        wide, high = (int.from_bytes(png[at : at + 4], "big") / _SCALE for at in (16, 20))  # of the header IHDR
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
    for line in [part for text in (about, download.licence, download.address) for part in _lines(text, 12)]:
        y += 18
        parts.append(_text(_MARGIN, y, line, 12, colour=SOFT))
    height = y + _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{_WIDTH}" '
        f'height="{height}"><rect width="100%" height="100%" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def _table(table: Table, y: int) -> tuple[list[str], int]:
    """The elements of a table below a height, and the height below it."""
    y += 36
    parts = [_text(_MARGIN, y, table.name, 17, weight=600)]
    texts = table.texts()
    wanted = {name: max([len(name), *map(len, column)]) + 3 for name, column in texts.items()}
    room = (_WIDTH - 2 * _MARGIN) / (13 * _LETTER)
    share = room / sum(wanted.values()) if wanted else 1.0
    x = float(_MARGIN)
    y += 26
    for name, column in texts.items():
        letters = max(4, int(wanted[name] * min(1.0, share)))
        wide = letters * 13 * _LETTER * max(1.0, share)
        end = is_number(table.frame[name])
        for row, value in enumerate((str(name), *column)):
            short = value if len(value) < letters else f"{value[: letters - 3].rstrip()}..."
            parts.append(
                _text(
                    x + (wide - 16 if end else 0),
                    y + row * _ROW,
                    short,
                    13,
                    colour=INK if row else SOFT,
                    anchor="end" if end else "start",
                )
            )
        x += wide
    for row in range(len(table.frame) + 1):
        under = y + row * _ROW + 8
        parts.append(f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{under}" y2="{under}" stroke="{LINE}"/>')
    y += len(table.frame) * _ROW + 12
    for line in _lines(table.note, 12):
        y += 17
        parts.append(_text(_MARGIN, y, line, 12, colour=SOFT))
    return parts, y


def _text(
    x: float, y: float, text: str, size: int, *, weight: int = 400, colour: str = INK, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="{_FONT}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _lines(text: str, size: int) -> list[str]:
    """A text in lines of the sheet's width."""
    room = int((_WIDTH - 2 * _MARGIN) / (size * _LETTER))
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
