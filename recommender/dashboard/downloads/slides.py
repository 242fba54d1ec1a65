"""Views as slides, one each: a sentence as title, a table, charts, and below them where all of it comes from.

What stands where on a slide is worked out here once; `slides_pptx` and `slides_pdf` write it down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from recommender.dashboard.downloads.download import Download, Picture
from recommender.dashboard.downloads.sheet import Column, drawn_png, fitted_columns, lines_of

WIDE, HIGH, MARGIN = 1280, 720, 56  # pixels, 16 to 9
NAME_SIZE, NAME_TOP = 15, 52  # of its letters, and where the name of the view stands
TITLE_TOP, TITLE_ROW = 88, 1.25
TABLE_NAME_SIZE, TABLE_SIZE = 16, 15
NOTE_SIZE, NOTE_ROW, _MOST_LINES = 10, 13, (2, 1, 2, 2)
_TITLE_SIZES = (30, 24, 20, 16)  # the largest at which it has two lines, or three at the last
_BODY_BOTTOM, _GAP = HIGH - 84, 36
_TABLE_SHARE = 0.54  # of the width, beside charts
_ROW, _HIGHEST_ROW = 27, 36  # of a table: as its rows leave room for
_FEWEST_COLUMNS, _MOST_PICTURES = 4, 2


@dataclass(frozen=True)
class Slide:
    """What a slide is made of.

    Attributes:
      name: what the view is called.
      sentence: what it shows; the name takes its place if it is empty.
      address: where the live view is.
      download: what the view shows; None if it could not be worked out.
      missing: why not, in a sentence.
    """

    name: str
    sentence: str
    address: str
    download: Download | None
    missing: str = ""

    @property
    def title(self) -> str:
        """What stands on top."""
        return self.sentence or self.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of it: sentences, the model and the data, the address, the terms."""
        if self.download is None:
            return tuple(filter(None, (self.missing, self.address)))
        facts = "; ".join(f"{name}: {fact}" for name, fact in self.download.facts.items())
        said = " ".join(f"{part.rstrip('.')}." for part in (self.download.title, *self.download.sentences))
        return tuple(filter(None, (said, facts, self.address, self.download.licence)))


@dataclass(frozen=True)
class PlacedPicture:
    """A chart and its place, pixels."""

    name: str
    alt: str
    png: bytes
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """What stands where on a slide, in pixels.

    Attributes:
      title_lines, title_size: the title and the size of its letters.
      top: where the body begins.
      table_name, columns: the table; none if there are no columns.
      row: height of its rows.
      table_note: what it leaves out.
      pictures: the charts.
      note_lines: the small print.
    """

    title_lines: tuple[str, ...]
    title_size: int
    top: int
    table_name: str
    columns: tuple[Column, ...]
    row: int
    table_note: str
    pictures: tuple[PlacedPicture, ...]
    note_lines: tuple[str, ...]

    @property
    def table_bottom(self) -> int:
        """Below its last row."""
        return self.table_top + len(self.columns[0].cells) * self.row if self.columns else self.top

    @property
    def table_top(self) -> int:
        """The line of the table's headings."""
        return self.top + 34

    @property
    def note_top(self) -> int:
        """The first line of the small print."""
        return HIGH - 18 - NOTE_ROW * (len(self.note_lines) - 1)


def layout_of(slide: Slide) -> Layout:
    """Works out what stands where; the charts are drawn for it."""
    inside = WIDE - 2 * MARGIN
    wrapped = {size: lines_of(slide.title, size, inside) for size in _TITLE_SIZES}
    size = next((size for size in _TITLE_SIZES if len(wrapped[size]) <= 2), _TITLE_SIZES[-1])
    top = int(TITLE_TOP + TITLE_ROW * size * len(wrapped[size])) + 12
    tables = () if slide.download is None else slide.download.drawn_tables[:1]
    pictures = () if slide.download is None else slide.download.pictures[:_MOST_PICTURES]
    columns: tuple[Column, ...] = ()
    note, row = slide.missing, _ROW
    for table in tables:
        room = _BODY_BOTTOM - top - 34
        n_left_out = max(0, len(table.frame) - (room // _ROW - 1))
        note = f"and {n_left_out + 1:,} more" if n_left_out else ""
        shown = table.first(len(table.frame) - n_left_out - bool(n_left_out))
        row = min(_HIGHEST_ROW, room // (len(shown.frame) + 1 + bool(note)))
        width = inside * _TABLE_SHARE if pictures else inside
        columns = tuple(fitted_columns(shown, width, TABLE_SIZE, fewest=_FEWEST_COLUMNS))
    left = MARGIN + (inside * _TABLE_SHARE + _GAP if tables else 0)
    return Layout(
        title_lines=tuple(wrapped[size]),
        title_size=size,
        top=top,
        table_name=tables[0].name if tables else "",
        columns=columns,
        row=row,
        table_note=note,
        pictures=_placed(pictures, left, top),
        note_lines=_small_print(slide.notes, inside),
    )


def _small_print(notes: Sequence[str], width: int) -> tuple[str, ...]:
    """Notes in lines, of each no more than there is room for: the notes of a presentation hold them all."""
    lines = (lines_of(note, NOTE_SIZE, width)[:most] for note, most in zip(notes, _MOST_LINES, strict=False))
    return tuple(line for of_note in lines for line in of_note)


def _placed(pictures: Sequence[Picture], left: float, top: int) -> tuple[PlacedPicture, ...]:
    """Charts one below the other, each as large as its part of the body lets it be."""
    placed = []
    width = WIDE - MARGIN - left
    height = (_BODY_BOTTOM - top) / max(len(pictures), 1) - _ROW
    for number, picture in enumerate(pictures):
        png, wide, high = drawn_png(picture, int(width) - 70)
        scale = min(1.3, width / wide, height / high)
        below = top + number * (height + _ROW) + 12
        placed.append(
            PlacedPicture(picture.name, picture.alt or picture.name, png, left, below, wide * scale, high * scale)
        )
    return tuple(placed)
