"""Slides as pdf: each is drawn as a page, and the pages are joined."""

import base64
import io
from collections.abc import Sequence

from recommender.dashboard.downloads.sheet import PAPER, SOFT, table_parts, text_part
from recommender.dashboard.downloads.slides import (
    HIGH,
    MARGIN,
    NAME_SIZE,
    NAME_TOP,
    NOTE_ROW,
    NOTE_SIZE,
    TABLE_NAME_SIZE,
    TABLE_SIZE,
    TITLE_ROW,
    TITLE_TOP,
    WIDE,
    Layout,
    Slide,
    layout_of,
)

_POINTS = 0.75  # to a pixel


def slides_pdf(slides: Sequence[Slide]) -> bytes:
    """The slides as one pdf, with an outline of their names."""
    import vl_convert
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    for number, slide in enumerate(slides, start=1):
        page = vl_convert.svg_to_pdf(_page(slide, layout_of(slide), f"{number} of {len(slides)}"))
        writer.append(PdfReader(io.BytesIO(page)), outline_item=slide.name)
    writer.add_metadata({"/Title": slides[0].title if len(slides) == 1 else f"{len(slides)} views of Matinee"})
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _page(slide: Slide, layout: Layout, number: str) -> str:
    parts = [
        text_part(MARGIN, NAME_TOP, slide.name if slide.sentence else "", NAME_SIZE, colour=SOFT),
        text_part(WIDE - MARGIN, NAME_TOP, number, NAME_SIZE, colour=SOFT, anchor="end"),
    ]
    for place, line in enumerate(layout.title_lines):
        y = TITLE_TOP + place * TITLE_ROW * layout.title_size
        parts.append(text_part(MARGIN, y, line, layout.title_size, weight=600))
    if layout.columns:
        parts.append(text_part(MARGIN, layout.top + 4, layout.table_name, TABLE_NAME_SIZE, weight=600))
        parts += table_parts(layout.columns, MARGIN, layout.table_top, TABLE_SIZE, layout.row)
    parts.append(text_part(MARGIN, layout.table_bottom, layout.table_note, TABLE_SIZE, colour=SOFT))
    for picture in layout.pictures:
        parts.append(text_part(picture.left, picture.top - 8, picture.name, TABLE_NAME_SIZE, weight=600))
        parts.append(
            f'<image x="{picture.left:g}" y="{picture.top:g}" width="{picture.width:g}" height="{picture.height:g}" '
            f'xlink:href="data:image/png;base64,{base64.b64encode(picture.png).decode()}"/>'
        )
    for place, line in enumerate(layout.note_lines):
        parts.append(text_part(MARGIN, layout.note_top + place * NOTE_ROW, line, NOTE_SIZE, colour=SOFT))
    drawn = "".join(parts)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {WIDE} {HIGH}" width="{WIDE * _POINTS:g}" height="{HIGH * _POINTS:g}">'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{drawn}</svg>'
    )
