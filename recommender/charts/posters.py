"""Posters of titles that have no picture: drawn from name, year and kinds alone, the same each time.

What kind of title it is decides what is drawn (`_OF_KIND`); the colours, and where things stand, come from the name. A
poster is one svg in the colours and type of the pages, light and dark in one: its colours are CSS's `light-dark()`.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from random import Random
from typing import NamedTuple

from recommender.charts.poster_art import ART, SIZE, STANDING, Inks

WIDTH, HEIGHT = 200, 300

# Ground, far, near, spot, type. Blue, rose, green, indigo, olive and plum of the charts, on paper and in ink; no amber,
# which means "now". Type reads on its ground with 4.5 to 1 or more, in the light and dimmed.
_PALETTES = (
    Inks("#f0e4cf", "#3c97cb", "#24476b", "#d8708a", "#1a130d"),
    Inks("#1d2a44", "#36588a", "#3c97cb", "#f3dfc1", "#fdf9f2"),
    Inks("#f3d9d2", "#d8708a", "#7d2f4a", "#fdf3e3", "#3d1424"),
    Inks("#123a30", "#147049", "#7fb98f", "#f3e3b8", "#fdf9f2"),
    Inks("#dfe3f2", "#93a3e0", "#3d51ad", "#e9a3a0", "#1b2350"),
    Inks("#3b2a46", "#70567d", "#d8708a", "#f3e0cf", "#fdf9f2"),
    Inks("#e9e6c9", "#a5bd6b", "#3f6b2b", "#fbf4e2", "#223214"),
    Inks("#f3ecdf", "#c9b896", "#2b211a", "#4963cb", "#1a130d"),
    Inks("#4d1d2e", "#8d3b55", "#e79aa9", "#fbe6cf", "#fdf9f2"),
    Inks("#d4e6ec", "#7fbcd6", "#1f5673", "#fdf3e3", "#10303f"),
    Inks("#26231f", "#5b5248", "#a99b86", "#f3ecdf", "#fdf9f2"),
    Inks("#e3d6e6", "#ab8fb8", "#573f66", "#f7ead9", "#2c1d36"),
)
_DIM = 0.84  # of bright colours on dark pages, where paper would glare

# What is drawn for a kind of title, most fitting first; kinds are those of MovieLens and, below, of anime and books.
_OF_KIND = {
    "sci-fi": ("orbit", "rings", "horizon"),
    "fantasy": ("peaks", "moon", "orbit"),
    "adventure": ("peaks", "horizon", "mesa"),
    "western": ("mesa", "horizon"),
    "romance": ("two", "sails", "window", "horizon"),
    "comedy": ("smiles", "arcs", "blocks"),
    "drama": ("window", "stairs", "lamp", "door", "sails", "waves"),
    "thriller": ("rings", "eye", "blinds"),
    "mystery": ("eye", "rings", "moon"),
    "crime": ("city", "blinds", "stairs"),
    "film-noir": ("blinds", "lamp", "city"),
    "horror": ("moon", "claws", "eye"),
    "action": ("burst", "bars", "city"),
    "war": ("bars", "burst", "horizon"),
    "children": ("hills", "blocks", "arcs"),
    "animation": ("blocks", "hills", "arcs"),
    "musical": ("waves", "arcs"),
    "music": ("waves", "arcs"),
    "documentary": ("frames", "waves"),
    "sports": ("bars", "stairs"),
    "space": ("orbit",),
    "supernatural": ("moon", "eye"),
    "school": ("blocks", "stairs"),
}
_TELLS_LITTLE = ("drama", "comedy", "thriller", "action", "adventure")  # of two kinds, the other says more
_OF_ANY = ("arcs", "two", "horizon", "stairs", "waves", "door", "blocks", "rings", "peaks", "sails", "window")


_MARGIN = 15
_LEADING = 1.08
_ROOM = 78  # pixels of height for the name
_SIZES = (29, 25, 21.5, 18.5, 16, 14, 12)
_SMALLEST_UNBROKEN = 21.5  # a single word that needs smaller type is broken instead
# Widths of Fraunces at weight 600 in hundredths of its size, measured with its own metrics and rounded up.
_WIDTHS = {
    letter: width
    for width, letters in (
        (30, "'.:`!,;ijl| "),
        (40, '"()[]-Ift{}'),
        (50, "/<>J\\^_crsz1"),
        (60, "+37=?aevxy$*25689FSbdgkopq"),
        (70, "#4ELZhnu~0BCPTVY"),
        (85, "&AGNRUX%DKOQHw"),
        (95, "@Mm"),
        (105, "W"),
    )
    for letter in letters
}


class Film(NamedTuple):
    """What a poster is drawn from: the name as people say it, the year if there is one, and the kinds of title."""

    name: str
    year: int | None
    kinds: tuple[str, ...]


class _Look(NamedTuple):
    """What tells two posters apart: the composition and the palette."""

    art: str
    palette: int


def draw_posters(films: Sequence[Film]) -> list[str]:
    """Posters of titles that stand in a row: each has its own, and none the colours of the one before it.

    Args:
      films: in order.

    Returns:
      [n] svg, 200 by 300, without a name for readers of screens: what stands beside it says what it is.
    """
    looks: list[_Look] = []
    for film in films:
        looks.append(_look_of(film, looks[-1].palette if looks else None))
    return [_draw(film, look) for film, look in zip(films, looks, strict=True)]


def _look_of(film: Film, taken: int | None) -> _Look:
    """What a title looks like; a title is known again by it, so colours alone give way where they are taken."""
    dice = Random(f"{film.name} {film.year} {'|'.join(film.kinds)}")
    arts = _arts_of(film)
    art = arts[int(dice.random() * len(arts))]
    palettes = set(range(len(_PALETTES))) - {taken}
    return _Look(art, min(palettes, key=lambda palette: Random(f"{palette} {film.name}").random()))


def _arts_of(film: Film) -> tuple[str, ...]:
    """The compositions that fit: those of the kind that says most, and the first of the next kind."""
    kinds = [kind.casefold().removesuffix("'s") for kind in film.kinds]
    known = sorted((kind for kind in kinds if kind in _OF_KIND), key=_TELLS_LITTLE.__contains__)
    if not known:
        return _OF_ANY
    return tuple(dict.fromkeys([*_OF_KIND[known[0]], *(_OF_KIND[kind][0] for kind in known[1:2])]))


@lru_cache(maxsize=2000)
def _draw(film: Film, look: _Look) -> str:
    dice = Random(f"{look.art} {film.name} {film.year}")
    inks = Inks(*(_light_and_dark(ink) for ink in _PALETTES[look.palette]))
    below = look.art in STANDING or dice.random() < 0.65  # the picture stands below the type
    y = HEIGHT - SIZE if below else 0
    picture = ART[look.art](dice, inks)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" xmlns="http://www.w3.org/2000/svg" aria-hidden="true" focusable="false">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{inks.ground}"/>'
        f'<svg y="{y}" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}">{picture}</svg>'
        f"{_type(film, inks.type, below=below)}</svg>"
    )


def _light_and_dark(ink: str) -> str:
    red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
    if 0.299 * red + 0.587 * green + 0.114 * blue < 140:
        return ink
    return f"light-dark({ink},#{''.join(f'{round(_DIM * part):02x}' for part in (red, green, blue))})"


def _type(film: Film, ink: str, *, below: bool) -> str:
    """The name in as many lines as it needs, and the year; above the picture, or under it."""
    size, lines = set_type(film.name)
    step = size * _LEADING
    top = 14.0 if below else HEIGHT - 14 - step * len(lines) - (13 if film.year else 0)
    text = "".join(
        f'<text x="{_MARGIN}" y="{top + step * i + 0.8 * size:.1f}" font-size="{size:g}" font-weight="600" '
        f'font-family="Fraunces, Georgia, serif" fill="{ink}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    if film.year is None:
        return text
    y = top + step * len(lines) + 11
    return (
        f'{text}<text x="{_MARGIN}" y="{y:.1f}" font-size="11.5" letter-spacing="1.2" '
        f'font-family="Hanken Grotesk, sans-serif" fill="{ink}">{film.year}</text>'
    )


def set_type(name: str) -> tuple[float, list[str]]:
    """A name set in type: the greatest size at which it fits, with words whole for as long as the type is not small.

    Args:
      name: of a title.

    Returns:
      The size in pixels, and the lines; what does not fit ends in an ellipsis.
    """
    words = re.findall(r"\w+-(?=\w)|\S+", name) or [name]
    for size in _SIZES:
        if size < _SMALLEST_UNBROKEN:
            words = [piece for word in words for piece in _pieces(word, size)]
        lines = _wrapped(words, size)
        if len(lines) * size * _LEADING <= _ROOM and all(_width(line, size) <= _measure() for line in lines):
            return size, lines
    most = int(_ROOM // (size * _LEADING))
    return size, lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][:-1].rstrip()}…"]


def _measure() -> float:
    return WIDTH - 2 * _MARGIN


def _wrapped(words: Sequence[str], size: float) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        joined = lines[-1][-2:-1].isalnum() and lines[-1].endswith("-")
        longer = f"{lines[-1]}{'' if joined else ' '}{word}"
        if _width(longer, size) <= _measure():
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(word: str, size: float) -> list[str]:
    """A word that is too long for a line in parts that are not; scripts without spaces are one long word."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and _width(pieces[-1] + letter, size) > _measure():
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _width(text: str, size: float) -> float:
    return size * sum(_WIDTHS.get(letter) or _width_of_other(letter) for letter in text) / 100


def _width_of_other(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 105
    base = unicodedata.normalize("NFKD", letter)[0]
    return _WIDTHS.get(base, 80)
