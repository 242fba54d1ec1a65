"""Slides, written as pptx and pdf and read again."""

import io
from dataclasses import replace

import pandas as pd
import pytest
from pptx import Presentation
from pypdf import PdfReader

from recommender.dashboard.downloads.download import Table
from recommender.dashboard.downloads.slides import HIGH, WIDE, Slide, layout_of
from recommender.dashboard.downloads.slides_pdf import slides_pdf
from recommender.dashboard.downloads.slides_pptx import slides_pptx
from tests.dashboard.downloads.test_downloads import VIEW

pytest.importorskip("vl_convert", reason="NO DRAWING: pip install vl-convert-python; nothing was drawn")

ADDRESS = "http://localhost:8501/?user=181"
SLIDE = Slide("The critic", "Nobody pleases <them> & that is fine.", ADDRESS, VIEW)
GONE = Slide("Elsewhere", "", ADDRESS, None, "This view cannot be worked out: there is no model 'gone'.")


def test_pptx_holds_titles_tables_charts_with_words_and_notes() -> None:
    presentation = Presentation(io.BytesIO(slides_pptx([SLIDE, GONE])))
    assert presentation.slide_width * 9 == presentation.slide_height * 16
    page, gone = presentation.slides
    assert page.shapes.title.text == SLIDE.sentence
    (table,) = [shape.table for shape in page.shapes if shape.has_table]
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells == [["#", "Title", "Stars"], ["1", "M*A*S*H & <b>", "4.25"], ["2", "Ran", "3.00"]]
    pictures = [shape for shape in page.shapes if hasattr(shape, "image")]
    assert len(pictures) == 2
    assert pictures[0].image.blob.startswith(b"\x89PNG")
    (described,) = pictures[0].element.xpath(".//p:cNvPr/@descr")
    assert described == "a 4.2, b 3.0"
    notes = page.notes_slide.notes_text_frame.text
    for told in (VIEW.title, "A sentence.", "Model: flagship", ADDRESS, VIEW.licence):
        assert told in notes
    assert gone.shapes.title.text == "Elsewhere"
    assert GONE.missing in {shape.text_frame.text for shape in gone.shapes if shape.has_text_frame}


def test_pdf_has_a_page_for_each_slide_with_its_words_and_an_outline() -> None:
    pdf = PdfReader(io.BytesIO(slides_pdf([SLIDE, GONE])))
    assert [item.title for item in pdf.outline] == ["The critic", "Elsewhere"]
    box = pdf.pages[0].mediabox
    assert box.width * 9 == box.height * 16
    first, second = (page.extract_text() for page in pdf.pages)
    for told in (SLIDE.sentence, "The critic", "M*A*S*H & <b>", "1 of 2", ADDRESS):
        assert told in first
    assert GONE.missing in second


def test_table_that_is_too_long_says_how_much_is_left_out_and_nothing_stands_outside_of_the_slide() -> None:
    frame = pd.DataFrame({"#": range(1, 101), "Title": ["A title of many words that goes on and on"] * 100})
    wide = frame.assign(**{f"Column {n}": ["long words in it"] * 100 for n in range(8)})
    layout = layout_of(replace(SLIDE, download=replace(VIEW, tables=(Table("Many", wide),))))
    n_rows = len(layout.columns[0].cells) - 1
    assert layout.table_note == f"and {100 - n_rows} more"
    assert layout.table_bottom < layout.note_top
    assert [column.cells[0] for column in layout.columns][:2] == ["#", "Title"]
    assert sum(column.width for column in layout.columns) < WIDE / 2
    for picture in layout.pictures:
        assert picture.left + picture.width <= WIDE
        assert picture.top + picture.height <= layout.note_top <= HIGH


def test_address_of_one_long_word_is_broken_inside_of_the_slide() -> None:
    lines = layout_of(replace(SLIDE, address="http://localhost/?titles=" + "A" * 300)).note_lines
    assert sum(line.count("A" * 50) > 0 for line in lines) == 2
    assert max(map(len, lines)) < 230


def test_long_sentence_is_set_smaller_and_still_whole() -> None:
    long = "Seven words are in this very sentence. " * 6
    layout = layout_of(replace(SLIDE, sentence=long))
    assert " ".join(layout.title_lines) == long.strip()
    assert layout.title_size < layout_of(SLIDE).title_size
