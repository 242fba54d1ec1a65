"""Predicted ratings, now and over time. A retrieval score never shares their axis."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from recommender.charts.palette import NOTE, NOW, PINNED, QUIET, TEXT

_ROW_PIXELS = 52
_AXIS_PIXELS = 34
_DOT = 150
_BESIDE_NOTE = alt.ExprRef("max(60, width - 140)")  # pixels a name has, beside the longest note
_STARS = "predicted stars"
_MONTHS, _DAYS = "%b %Y", "%-d %b, %H:%M"  # d3 formats of moments
_MONTHS_TO_NAME = "60D"  # in less time than that, ticks would all name the same month or two
_PLAIN = "~f"  # of ticks; with "g" a ten is written 1e+1


def predicted_stars(frame: pd.DataFrame, scale: tuple[float, float]) -> alt.LayerChart:
    """One track per title, from the lowest star to the highest, with a dot at the predicted rating.

    Everything that differs from title to title is in the data, so that the same picture serves all titles.

    Args:
      frame: one row per title: `position` (from the top), `title`, `name` (as shown), `colour`, `stars` (predicted
        now), `pinned` (predicted at the pinned moment, NaN without one), `given` (the viewer's own rating, NaN if there
        is none), `note` (text at the right).
      scale: lowest and highest rating.

    Returns:
      A layered chart: track, line from pinned to now, tick for pinned, diamond for given, dot for now, two texts.
    """
    stars = alt.Scale(domain=list(scale), nice=False, zero=False)
    axis = alt.Axis(title=None, grid=False, tickMinStep=1, format=_PLAIN, domain=False)
    tooltip = [
        alt.Tooltip("name:N", title="Title"),
        alt.Tooltip("stars:Q", title="Predicted now", format=".2f"),
        alt.Tooltip("pinned:Q", title="Predicted at the pin", format=".2f"),
        alt.Tooltip("given:Q", title="Given by the viewer", format="~g"),
    ]
    return _tracks(frame, scale, stars, axis, ("stars", "pinned", "given"), tooltip)


def ranks_in_catalogue(frame: pd.DataFrame, n_titles: int) -> alt.LayerChart:
    """One track per title, from the last place of the list to the first, with a dot at the title's own.

    For models that predict no stars. The steps are those of a logarithm: from 1 to 10 is as far as from 10 to 100.

    Args:
      frame: as for `predicted_stars`, with `place` and `place_pinned` instead of `stars` and `pinned`; NaN for a title
        that is left out of the list.
      n_titles: how many titles there are, which is the last place.

    Returns:
      A layered chart: track, line from pinned to now, tick for pinned, dot for now, two texts.
    """
    last = max(n_titles, 2)
    ranks = alt.Scale(type="log", domain=[last, 1], nice=False)
    marks = [10**power for power in range(len(str(last))) if 10**power * 2 <= last or power == 0]
    axis = alt.Axis(title=None, grid=False, values=[*marks, last], format=",d", domain=False, labelFlush=True)
    tooltip = [
        alt.Tooltip("name:N", title="Title"),
        alt.Tooltip("place:Q", title="Place now", format=",d"),
        alt.Tooltip("place_pinned:Q", title="Place at the pin", format=",d"),
        alt.Tooltip("given:Q", title="Given by the viewer", format="~g"),
    ]
    return _tracks(frame, (last, 1), ranks, axis, ("place", "place_pinned", None), tooltip)


def _tracks(
    frame: pd.DataFrame,
    ends: tuple[float, float],
    scale: alt.Scale,
    axis: alt.Axis,
    fields: tuple[str, str, str | None],
    tooltip: list[alt.Tooltip],
) -> alt.LayerChart:
    """A track per title between two ends; `fields` are those of now, of the pinned moment, and of what was given."""
    left, right = ends
    at_now, at_pin, given = fields
    base = alt.Chart().encode(y=alt.Y("position:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)))
    colour = alt.Color("colour:N", scale=None, legend=None)
    at_left = alt.X(datum=left, type="quantitative", scale=scale)
    since_pin = base.transform_filter(f"isValid(datum.{at_pin})")
    layers = [
        base.mark_rule(color=QUIET, opacity=0.35, strokeWidth=2, yOffset=12).encode(
            x=alt.X(datum=left, type="quantitative", scale=scale, axis=axis), x2=alt.X2(datum=right)
        ),
        since_pin.mark_rule(strokeWidth=4, opacity=0.5, yOffset=12, aria=False).encode(
            x=alt.X(f"{at_pin}:Q", scale=scale), x2=f"{at_now}:Q", color=colour
        ),
        since_pin.mark_tick(color=PINNED, thickness=3, size=18, orient="vertical", yOffset=12, aria=False).encode(
            x=alt.X(f"{at_pin}:Q", scale=scale), tooltip=tooltip
        ),
    ]
    if given is not None:
        layers.append(
            base.transform_filter(f"isValid(datum.{given})")
            .mark_point(shape="diamond", size=_DOT, strokeWidth=2, filled=False, color=QUIET, yOffset=12, aria=False)
            .encode(x=alt.X(f"{given}:Q", scale=scale), tooltip=tooltip)
        )
    layers += [
        base.mark_point(size=_DOT, filled=True, opacity=1, yOffset=12).encode(
            x=alt.X(f"{at_now}:Q", scale=scale), color=colour, tooltip=tooltip
        ),
        base.mark_text(
            align="left", baseline="middle", dy=-9, fontSize=13, fontWeight=600, limit=_BESIDE_NOTE, color=TEXT
        ).encode(x=at_left, text="name:N"),
        base.mark_text(align="right", baseline="middle", dy=-9, fontSize=12, color=NOTE).encode(
            x=alt.X(datum=right, type="quantitative", scale=scale), text="note:N"
        ),
    ]
    return alt.layer(*layers, data=frame).properties(height=_ROW_PIXELS * len(frame) + _AXIS_PIXELS)


def stars_over_time(
    frame: pd.DataFrame,
    scale: tuple[float, float],
    colours: Mapping[str, str],
    now: pd.Timestamp,
    pinned: pd.Timestamp | None = None,
    heading: str = _STARS,
) -> alt.LayerChart:
    """Predicted ratings as the clock turns, with a rule at this moment and one at the pinned moment.

    Args:
      frame: `moment` (timestamps in UTC), `title`, `name`, `stars`, and `low` and `high`: between which a rating is
        likely to lie, NaN where nobody can say.
      scale: lowest and highest value of the axis.
      colours: title -> colour.
      now: the chosen moment.
      pinned: the pinned moment.
      heading: of the axis, where the values are no stars.

    Returns:
      A layered chart of lines and rules, and behind them where a rating of the first title is likely to lie; the
      ranges of several would hide each other.
    """
    order = list(dict.fromkeys(frame["title"]))
    ranged = frame[frame["title"].isin(order[:1]) & frame["low"].notna()]
    short = frame["moment"].max() - frame["moment"].min() < pd.Timedelta(_MONTHS_TO_NAME)
    ticks = _DAYS if short else _MONTHS
    stars = alt.Scale(domain=list(scale), nice=False)
    band = (
        alt.Chart(ranged[["moment", "low", "high"]])
        .mark_area(color=colours[order[0]], opacity=0.2, interpolate="step-after", aria=False)
        .encode(x=moment_axis("moment", ticks), y=alt.Y("low:Q", scale=stars), y2="high:Q")
    )
    lines = (
        alt.Chart(frame.drop(columns=["low", "high"]).assign(day=frame["moment"].dt.strftime("%d %b %Y")))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=moment_axis("moment", ticks),
            y=alt.Y(
                "stars:Q",
                title=heading,
                scale=stars,
                axis=alt.Axis(tickMinStep=1 if heading == _STARS else alt.Undefined, format=_PLAIN),
            ),
            color=alt.Color(
                "title:N",
                scale=alt.Scale(domain=order, range=[colours[title] for title in order]),
                legend=None if len(order) == 1 else alt.Legend(title=None, orient="bottom"),
            ),
            tooltip=[
                alt.Tooltip("name:N", title="Title"),
                alt.Tooltip("day:N", title="Day (UTC)"),
                alt.Tooltip("stars:Q", title="Predicted", format=".2f"),
            ],
        )
    )
    bands = [band] if len(ranged) else []
    return alt.layer(*bands, lines, *moment_rules(now, pinned, ticks)).properties(height=220)


def moment_axis(field: str, tick_format: str = _MONTHS) -> alt.X:
    """Time from left to right, in UTC wherever the browser stands."""
    return alt.X(
        f"{field}:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(grid=False, format=tick_format, labelOverlap=True, tickCount=6),
    )


def moment_rules(now: pd.Timestamp, pinned: pd.Timestamp | None = None, tick_format: str = _MONTHS) -> list[alt.Chart]:
    """A rule at the chosen moment, and before it a dashed one at the pinned moment.

    Args:
      now: the chosen moment, UTC.
      pinned: the pinned moment, UTC.
      tick_format: that of the axis they are layered over.

    Returns:
      One or two charts to be layered over one with a temporal x.
    """
    rules = []
    if pinned is not None:
        rules.append(_rule(pinned, PINNED, "Pinned", [4, 3], tick_format))
    rules.append(_rule(now, NOW, "Now", [1, 0], tick_format))
    return rules


def _rule(moment: pd.Timestamp, colour: str, label: str, dash: list[int], tick_format: str) -> alt.Chart:
    frame = pd.DataFrame({"moment": [moment], "label": [f"{label}: {moment:%d %b %Y, %H:%M} UTC"]})
    return (
        alt.Chart(frame)
        .mark_rule(color=colour, strokeWidth=2, strokeDash=dash)
        .encode(x=moment_axis("moment", tick_format), tooltip=[alt.Tooltip("label:N", title="Moment")])
    )
