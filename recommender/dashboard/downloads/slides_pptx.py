"""Slides as pptx: titles, tables and notes are those of the program that opens them, so they can be changed there."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recommender.dashboard.downloads.sheet import INK, LINE, PAPER, SOFT
from recommender.dashboard.downloads.slides import (
    HIGH,
    MARGIN,
    NAME_SIZE,
    NAME_TOP,
    NOTE_ROW,
    NOTE_SIZE,
    TABLE_NAME_SIZE,
    TABLE_SIZE,
    TITLE_TOP,
    WIDE,
    Layout,
    PlacedPicture,
    Slide,
    layout_of,
)

if TYPE_CHECKING:
    from pptx.shapes.shapetree import SlideShapes
    from pptx.slide import Slide as Page
    from pptx.text.text import TextFrame
    from pptx.util import Length

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_FONT = "Arial"  # of those that every such program has, the one nearest to ours
_TITLE_ONLY = 5  # of the layouts of an empty presentation
_POINTS = 0.75  # to a pixel


def slides_pptx(slides: Sequence[Slide]) -> bytes:
    """The slides as one presentation."""
    from pptx import Presentation

    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = _pixels(WIDE), _pixels(HIGH)
    for slide in slides:
        page = presentation.slides.add_slide(presentation.slide_layouts[_TITLE_ONLY])
        _fill(page, slide, layout_of(slide))
    presentation.core_properties.title = slides[0].title if len(slides) == 1 else f"{len(slides)} views of Matinee"
    presentation.core_properties.author = "Matinee"
    written = io.BytesIO()
    presentation.save(written)
    return written.getvalue()


def _fill(page: "Page", slide: Slide, layout: Layout) -> None:
    page.background.fill.solid()
    page.background.fill.fore_color.rgb = _colour(PAPER)
    shapes, inside = page.shapes, WIDE - 2 * MARGIN
    title, notes = shapes.title, page.notes_slide.notes_text_frame
    assert title is not None  # the layout has one
    assert notes is not None  # as has every page that is made here
    title.left, title.top, title.width, title.height = (
        _pixels(value)
        for value in (MARGIN, TITLE_TOP - layout.title_size, inside, layout.top - TITLE_TOP + layout.title_size - 12)
    )
    _write(title.text_frame, slide.title, layout.title_size, INK, bold=True)
    if slide.sentence:
        _text(shapes, slide.name, (MARGIN, NAME_TOP - NAME_SIZE, inside), NAME_SIZE, SOFT)
    if layout.columns:
        _text(shapes, layout.table_name, (MARGIN, layout.top - 12, inside / 2), TABLE_NAME_SIZE, INK, bold=True)
        _add_table(shapes, layout)
    if layout.table_note:
        below = (MARGIN, layout.table_bottom - TABLE_SIZE, inside)
        _text(shapes, layout.table_note, below, TABLE_SIZE, SOFT)
    for picture in layout.pictures:
        _text(shapes, picture.name, (picture.left, picture.top - 24, picture.width), TABLE_NAME_SIZE, INK, bold=True)
        _add_picture(shapes, picture)
    for place, line in enumerate(layout.note_lines):
        _text(shapes, line, (MARGIN, layout.note_top - NOTE_SIZE + place * NOTE_ROW, inside), NOTE_SIZE, SOFT)
    notes.text = "\n".join(slide.notes)


def _add_table(shapes: "SlideShapes", layout: Layout) -> None:
    columns, n_rows = layout.columns, len(layout.columns[0].cells)
    top = layout.table_top - 0.7 * layout.row
    width = sum(column.width for column in columns)
    table = shapes.add_table(n_rows, len(columns), *map(_pixels, (MARGIN, top, width, n_rows * layout.row))).table
    for place, column in enumerate(columns):
        table.columns[place].width = _pixels(column.width)
        for row, value in enumerate(column.cells):
            cell = table.cell(row, place)
            cell.fill.solid()
            cell.fill.fore_color.rgb = _colour(PAPER if row else LINE)
            cell.margin_top = cell.margin_bottom = _pixels(2)
            _write(cell.text_frame, value, TABLE_SIZE, INK if row else SOFT, at_end=column.at_end, margins=False)


def _add_picture(shapes: "SlideShapes", picture: PlacedPicture) -> None:
    places = map(_pixels, (picture.left, picture.top, picture.width, picture.height))
    shape = shapes.add_picture(io.BytesIO(picture.png), *places)
    shape.name = picture.name
    for described in shape.element.xpath(".//p:cNvPr"):  # python-pptx has no name for it
        described.set("descr", picture.alt)


def _text(
    shapes: "SlideShapes",
    text: str,
    place: tuple[float, float, float],
    size: int,
    colour: str,
    *,
    bold: bool = False,
) -> None:
    """Adds a line of text.

    Args:
      shapes: of the slide.
      text: the line.
      place: left, top and width, pixels.
      size: of its letters, pixels.
      colour: of them.
      bold: whether they are.
    """
    box = shapes.add_textbox(*map(_pixels, (*place, size * 1.6)))
    _write(box.text_frame, text, size, colour, bold=bold)


def _write(
    frame: "TextFrame",
    text: str,
    size: int,
    colour: str,
    *,
    bold: bool = False,
    at_end: bool = False,
    margins: bool = True,
) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    frame.text = text
    frame.word_wrap = True
    if margins:
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = _pixels(0)
    frame.vertical_anchor = MSO_ANCHOR.TOP
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if at_end else PP_ALIGN.LEFT
    paragraph.font.name, paragraph.font.size, paragraph.font.bold = _FONT, Pt(size * _POINTS), bold
    paragraph.font.color.rgb = _colour(colour)


def _pixels(value: float) -> "Length":
    from pptx.util import Emu

    return Emu(round(value * 9_525))  # 914,400 to an inch of 96 pixels


def _colour(text: str) -> object:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(text.removeprefix("#").upper())
