"""The colours of every chart.

Those of marks read on warm paper and on ink (at least 3 to 1), so no chart needs to know the theme. No colour of text
does (4.5 to 1), so text asks Vega for the ground it is drawn on.
"""

from collections.abc import Mapping, Sequence

NOW = "#d97706"  # marquee amber: the moment, and what is chosen; nothing else
PINNED = "#7b8fa1"  # the pinned moment, always
QUIET = "#9b8f80"  # tracks, references, training beside validation
TEXT = {"expr": "luminance(background) > 0.5 ? '#1a130d' : '#efe6d8'"}  # names inside a chart
NOTE = {"expr": "luminance(background) > 0.5 ? '#6b6257' : '#a3978a'"}  # small text inside a chart
EMPHASIS = "#3c97cb"  # the one series a chart is about, where there are no titles to tell apart

# Found by search for the largest smallest distance (CIE L*a*b*) between any two, seen normally and with simulated
# deuteranopia, protanopia and tritanopia (Machado, Oliveira and Fernandes, 2009), away from amber, with a contrast of
# at least 3 on both grounds. Six is where that still works, so six titles can be followed.
TITLE_COLOURS = ("#3c97cb", "#d8708a", "#147049", "#4963cb", "#63972f", "#70567d")


def assign_colours(titles: Sequence[str], held: Mapping[str, str] | None = None) -> dict[str, str]:
    """A colour for each title, the one it already has where it has one.

    Args:
      titles: at most `len(TITLE_COLOURS)` titles; more share colours in turn.
      held: title -> colour from before; titles no longer followed give theirs back.

    Returns:
      title -> colour.
    """
    kept = {title: colour for title, colour in (held or {}).items() if title in titles}
    free = [colour for colour in TITLE_COLOURS if colour not in kept.values()]
    for position, title in enumerate(title for title in titles if title not in kept):
        kept[title] = free[position] if position < len(free) else TITLE_COLOURS[position % len(TITLE_COLOURS)]
    return {title: kept[title] for title in titles}


# What every chart is drawn with: Streamlit's own grey of axes is too pale on paper (3.4 to 1).
HOUSE = {part: {"labelColor": NOTE, "titleColor": NOTE} for part in ("axis", "legend", "header")}
