"""The map of the catalogue."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from recommender.charts.palette import NOW, QUIET, TITLE_COLOURS

PICK = "pick"  # the selection that a click makes: `item_id` and `turn` of the point
OTHER = "Other"
GENRE, YEAR, POPULARITY, PLAIN = "genre", "year", "popularity", "plain"
MOST_GROUPS = len(TITLE_COLOURS)

_RAMP = ["#3a4fb0", "#3c97cb", "#79bf9f"]  # blue to light green: lightness alone tells its ends apart, on both grounds
_MARGIN = 0.07  # of the map's reach, so that names at its edge are not cut


def catalogue_map(
    titles: pd.DataFrame | str,
    marks: pd.DataFrame | str,
    reach: tuple[tuple[float, float], tuple[float, float]],
    colouring: str,
    domain: Sequence[str] | Sequence[float],
    heading: str,
    stars: tuple[float, float] | None,
    inks: tuple[str, str],
) -> alt.LayerChart:
    """Titles as points, near each other where the model thinks them alike; drag to move, scroll to zoom, click to pick.

    Args:
      titles: one row per title: `x`, `y` in [-1, 1], `item_id`, `name` (as shown), `group` (text), `year`, `rated` (how
        many rated it, NaN if unknown), `weight` (the same, at least 1), `turn` (changes when a pick is to count as
        new); or the name under which they come later, so that a browser keeps them while the marks change.
      marks: the same of a few titles, with `given` (stars of the viewer, NaN for none) and `mark` ("opened", "followed"
        or ""); or a name.
      reach: lowest and highest `x`, and `y`.
      colouring: `GENRE`, `YEAR`, `POPULARITY` or `PLAIN`.
      domain: the groups in the order of the legend, without `OTHER`; or the first and last value of the ramp.
      heading: of the legend.
      stars: lowest and highest rating; None where the data have no ratings, so that rings are of one size.
      inks: colours of text and of the ground behind it; a canvas takes none from the page.

    Returns:
      A layered chart: titles, rings around what the viewer rated, diamonds and names for followed titles, and an amber
      ring and the name of the opened one. A click selects by the parameter `PICK`.
    """
    ink, ground = inks
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=_with_margin(*reach[0]), nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=_with_margin(*reach[1]), nice=False, zero=False))
    tooltip = [alt.Tooltip("name:N", title="Title"), alt.Tooltip("year:Q", title="Year")]
    tooltip += [alt.Tooltip("group:N", title=heading)] if colouring == GENRE else []
    tooltip += [alt.Tooltip("rated:Q", title="Rated by", format=",")]
    given = alt.Tooltip("given:Q", title="This viewer gave", format="~g")
    # The scales are those of the first layer alone: with a domain in each, dragging and zooming moves none of them.
    place = {"x": alt.X("x:Q", axis=None), "y": alt.Y("y:Q", axis=None)}
    marked = alt.Chart(_data(marks)).encode(**place, tooltip=[*tooltip, *[given] * (stars is not None)])
    pick = alt.selection_point(name=PICK, fields=["item_id", "turn"], on="click", toggle=False, empty=False)
    move = alt.selection_interval(name="move", bind="scales")
    counted = alt.Size("weight:Q", scale=alt.Scale(type="sqrt", range=[14, 130]), legend=None)
    points = (
        alt.Chart(_data(titles))
        .mark_circle(opacity=0.8)
        .encode(x=x, y=y, color=_colour(colouring, domain, heading), size=counted, tooltip=tooltip)
    )
    rated = (
        marked.transform_filter("isValid(datum.given)")
        .mark_point(filled=False, strokeWidth=1.3, color=ink, opacity=0.7)
        .encode(size=alt.Size("given:Q", scale=alt.Scale(domain=list(stars or (0, 2)), range=[16, 170]), legend=None))
    )
    followed = marked.transform_filter("datum.mark === 'followed'")
    opened = marked.transform_filter("datum.mark === 'opened'")
    return (
        alt.layer(
            points.add_params(pick, move),
            rated,
            followed.mark_point(shape="diamond", filled=False, size=300, strokeWidth=2, color=ink, opacity=1),
            *_named(followed, -16, 12, ink, ground),
            opened.mark_point(filled=False, size=340, strokeWidth=3, color=NOW, opacity=1),
            *_named(opened, -19, 14, ink, ground),
        )
        .resolve_scale(size="independent")
        .properties(height=560, usermeta={"embedOptions": {"renderer": "canvas"}})
    )


def _data(frame: pd.DataFrame | str) -> pd.DataFrame | alt.NamedData:
    return alt.NamedData(frame) if isinstance(frame, str) else frame


def _with_margin(low: float, high: float) -> list[float]:
    margin = _MARGIN * max(high - low, 1e-6)
    return [low - margin, high + margin]


def _named(points: alt.Chart, dy: int, size: int, ink: str, ground: str) -> list[alt.Chart]:
    """The names of a few points, with a rim of the ground's colour so that they read above others."""
    style = {"dy": dy, "fontSize": size, "fontWeight": 600}
    rim = points.mark_text(**style, color=ground, stroke=ground, strokeWidth=4, strokeJoin="round", opacity=0.9)
    return [rim.encode(text="name:N"), points.mark_text(**style, color=ink).encode(text="name:N")]


def _colour(colouring: str, domain: Sequence[str] | Sequence[float], heading: str) -> alt.Color | alt.ColorValue:
    if colouring == PLAIN:
        return alt.value(TITLE_COLOURS[0])
    if colouring == GENRE:
        names = [*domain, OTHER]
        return alt.Color(
            "group:N",
            scale=alt.Scale(domain=names, range=[*TITLE_COLOURS[: len(domain)], QUIET]),
            legend=alt.Legend(title=None, orient="top", symbolSize=90, symbolOpacity=1, columns=4),
        )
    field, kind, form = ("year:Q", "linear", "d") if colouring == YEAR else ("weight:Q", "log", "~s")
    return alt.Color(
        field,
        scale=alt.Scale(domain=list(domain), range=_RAMP, clamp=True, type=kind),
        legend=alt.Legend(title=heading, orient="top", format=form, gradientLength=220, titleOrient="left"),
    )
