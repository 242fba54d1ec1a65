"""What a title holds by chance is never read as Markdown."""

import re
from collections.abc import Callable

import pytest

from recommender.dashboard.drawing.markdown import escape, plain, sentence, without_markup
from tests.dashboard.odd_titles import ODD_TITLES


def test_text_from_outside_is_shortened_and_reads_as_it_was_written() -> None:
    assert plain("<b>[x](http://evil)`") == "\\<b\\>\\[x\\](http:\u2060//evil)\\`"
    assert plain(":smile: at 12:30, :red[x]") == "\\:smile\\: at 12:30, \\:red\\[x\\]"
    assert plain("a\n# b\x07") == "a # b"
    assert plain("a" * 500) == "a" * 60 + "..."


@pytest.mark.parametrize("write", [escape, plain, sentence])
@pytest.mark.parametrize("title", ODD_TITLES)
def test_odd_title_is_literal_text(write: Callable[[str], str], title: str) -> None:
    written = write(title)
    assert without_markup(written) == title
    unescaped = re.sub(r"\\.", "", written)
    assert not re.search(r"[*_`$\[\]~<>&]|:[\w+-]+[:\[/]|(^|\s)(<?->|<-|--|[<>~]=)(\s|$)|://|www\.|\w@", unescaped)


def test_a_line_of_a_page_is_read_without_its_markup() -> None:
    name = "a_model*with.marks`and\\slashes"
    assert without_markup(f":material/verified: By **{escape(name)}**, split `random`.") == f"By {name}, split random."
