"""What "multitask" means, as a drawing: one history in, what both tasks share, and two answers out."""

from html import escape
from typing import NamedTuple

from recommender.charts.palette import EMPHASIS, QUIET

_WIDE, _HIGH = 340, 262
_BOX = 'rx="7" fill="none" stroke-width="1.5"'
_LINE = f'fill="none" stroke="{QUIET}" stroke-width="1.5"'


class Words(NamedTuple):
    """What the drawing says; each is one or two lines, with a line break between them."""

    model: str
    shared: str
    list_gain: str
    star_gain: str


def both_tasks(words: Words, alt: str) -> str:
    """The drawing as svg, in the colour of the text around it.

    Args:
      words: what it says.
      alt: all of it in words, for those who do not see it.
    """
    return (
        f'<svg viewBox="0 0 {_WIDE} {_HIGH}" width="100%" style="max-width: 24rem" role="img" '
        f'aria-label="{escape(alt)}" font-size="13" fill="currentColor">'
        + _box(70, 4, 200, "What somebody watched\nand how they rated it", QUIET)
        + _arrow(170, 48, 170, 76)
        + _box(70, 80, 200, f"{words.model}:\n{words.shared}", EMPHASIS)
        + _arrow(120, 124, 70, 214)
        + _arrow(220, 124, 270, 214)
        + _text(80, 164, words.list_gain, "end")
        + _text(260, 164, words.star_gain, "start")
        + _box(4, 218, 132, "The list:\nwhat they watch", QUIET)
        + _box(204, 218, 132, "The stars:\nwhat they give", QUIET)
        + "</svg>"
    )


def _box(x: int, y: int, width: int, text: str, colour: str) -> str:
    box = f'<rect x="{x}" y="{y}" width="{width}" height="42" stroke="{colour}" {_BOX}/>'
    return box + _text(x + width // 2, y + 18, text, "middle")


def _text(x: int, y: int, text: str, anchor: str) -> str:
    lines = text.split("\n")
    spans = "".join(f'<tspan x="{x}" y="{y + 16 * i}">{escape(line)}</tspan>' for i, line in enumerate(lines))
    return f'<text text-anchor="{anchor}">{spans}</text>'


def _arrow(x: int, y: int, to_x: int, to_y: int) -> str:
    """A line that ends in a small hook, which points down."""
    return f'<path d="M{x} {y}L{to_x} {to_y}m-5 -5l5 5l5 -5" {_LINE}/>'
