"""Two models side by side, and all of them in one plane."""

import altair as alt
import pandas as pd

from recommender.charts.palette import EMPHASIS, NOTE, NOW, QUIET

_ROW_PIXELS = 35  # of a row of Streamlit's tables, so that the lines run from row to row
_DOT = 130
_NOTE_PIXELS = 118  # of the longest name of a reference with its share


def places_joined(frame: pd.DataFrame, k: int) -> alt.LayerChart:
    """Lines from each title's place in the left list to its place in the right one, to stand between the two.

    Args:
      frame: `name`, `left` and `right`: places from 1, NaN in the list that has not got the title.
      k: length of the lists.

    Returns:
      A layered chart: lines, places at both edges.
    """
    place = alt.Scale(domain=[0.5, k + 0.5], nice=False, zero=False, reverse=True)
    side = alt.Scale(domain=[0, 1], nice=False, padding=0)
    tooltip = [
        alt.Tooltip("name:N", title="Title"),
        alt.Tooltip("left:Q", title="Place left", format="d"),
        alt.Tooltip("right:Q", title="Place right", format="d"),
    ]
    base = alt.Chart()

    def at(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=place, axis=None)

    def edge(datum: float) -> alt.XDatum:
        return alt.XDatum(datum, type="quantitative", scale=side, axis=None)

    lines = (
        base.transform_filter("isValid(datum.left) && isValid(datum.right)")
        .transform_calculate(same="datum.left === datum.right")
        .mark_rule(strokeWidth=2.5, opacity=0.75)
        .encode(
            x=edge(0.17),
            x2=alt.X2Datum(0.83),
            y=at("left"),
            y2="right:Q",
            color=alt.condition("datum.same", alt.value(QUIET), alt.value(EMPHASIS)),
            tooltip=tooltip,
        )
    )
    texts = [
        base.transform_filter(f"isValid(datum.{field})")
        .mark_text(align=align, fontSize=12, color=NOTE)
        .encode(x=edge(x), y=at(field), text=alt.Text(f"{field}:Q", format="d"), tooltip=tooltip)
        for field, x, align in (("left", 0.04, "left"), ("right", 0.96, "right"))
    ]
    return alt.layer(lines, *texts, data=frame).properties(height=_ROW_PIXELS * k)


def stars_apart(frame: pd.DataFrame, scale: tuple[float, float], first: str, second: str) -> alt.LayerChart:
    """For each title a line from one model's stars to another's, the widest first.

    Args:
      frame: `position` (from the top), `name` (each another), `first`, `second` (stars), `step`.
      scale: lowest and highest rating.
      first: name of the model whose dots are amber, the chosen one.
      second: name of the other.

    Returns:
      A layered chart: track, line, two dots.
    """
    stars = alt.Scale(domain=list(scale), nice=False, zero=False)
    axis = alt.Axis(title=None, grid=False, tickMinStep=1, format="~f", domain=False)
    low, high = scale
    names = alt.Axis(
        title=None, grid=False, domain=False, ticks=False, labelLimit=210, labelPadding=12, labelFontSize=12
    )
    base = alt.Chart().encode(y=alt.Y("name:N", sort=alt.SortField("position"), axis=names))
    tooltip = [
        alt.Tooltip("name:N", title="Title"),
        alt.Tooltip("first:Q", title=first, format=".2f"),
        alt.Tooltip("second:Q", title=second, format=".2f"),
        alt.Tooltip("step:Q", title="Difference", format="+.2f"),
    ]

    def at(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=stars)

    return alt.layer(
        base.mark_rule(color=QUIET, opacity=0.35, strokeWidth=2).encode(
            x=alt.X(datum=low, type="quantitative", scale=stars, axis=axis), x2=alt.X2(datum=high)
        ),
        base.mark_rule(color=EMPHASIS, strokeWidth=4, opacity=0.4).encode(
            x=at("first"), x2="second:Q", tooltip=tooltip
        ),
        base.mark_point(filled=True, opacity=1, size=_DOT, color=EMPHASIS).encode(x=at("second"), tooltip=tooltip),
        base.mark_point(filled=True, opacity=1, size=_DOT, color=NOW).encode(x=at("first"), tooltip=tooltip),
        data=frame,
    ).properties(height=32 * len(frame) + 34)


def quality_of_models(
    frame: pd.DataFrame, axis: tuple[float, float] | None, starless: str, longest: int
) -> alt.LayerChart:
    """All models of one exam: how far their stars are off, and what share of held-out titles they find.

    Args:
      frame: `kind` ("model", "starless": a model that predicts no stars, or "reference"), `name`, `rmse` (NaN where
        there are no stars), `share` (in [0, 1]), `role` ("shown", "beside" or "other"), `note` (as written beside),
        `note_at` (the share at whose height the note stands, clear of the others), `inward` (whether it stands left of
        the dot, because there is no room at its right).
      axis: lowest and highest RMSE shown; None if no model has any.
      starless: what to call the strip of models without stars.
      longest: length of the lists in which titles are found.

    Returns:
      A layered chart: rules for references, dots, a strip of ticks at the right for models without stars, names.
    """
    roles = alt.Color(
        "role:N",
        scale=alt.Scale(domain=["shown", "beside", "other"], range=[NOW, EMPHASIS, QUIET]),
        legend=None,
    )
    base = alt.Chart()
    # The names of references stand at the right of their lines, clear of what lies on the plane.
    edge = alt.ExprRef(f"width - {_NOTE_PIXELS if (frame['kind'] == 'reference').any() else 0}")
    share = alt.Y(
        "share:Q",
        title=f"found in the first {longest} unseen",
        scale=alt.Scale(domainMin=0, nice=True),
        axis=alt.Axis(format="%", tickCount=5),
    )
    note_at = alt.Y("note_at:Q")
    rmse = alt.X(
        "rmse:Q",
        title="stars off (RMSE): better to the left",
        scale=alt.Scale(domain=list(axis or (0, 1)), nice=False, zero=False, range=[0, edge]),
        axis=alt.Axis(grid=False, tickCount=5, format=".2f", tickMinStep=0.01),
    )
    tooltip = [
        alt.Tooltip("name:N", title="Bundle"),
        alt.Tooltip("rmse:Q", title="Stars off (RMSE)", format=".3f"),
        alt.Tooltip("share:Q", title=f"In the first {longest}", format=".1%"),
    ]
    reference = base.transform_filter("datum.kind === 'reference'")
    model = base.transform_filter("datum.kind === 'model'")
    rug = base.transform_filter("datum.kind === 'starless'")
    layers: list[alt.Chart] = [
        reference.mark_rule(color=QUIET, strokeDash=[5, 4], strokeWidth=1.5).encode(
            x=alt.value(0), x2=alt.value(edge), y=share, tooltip=tooltip
        ),
        reference.mark_text(align="left", baseline="middle", dx=8, fontSize=12, color=NOTE).encode(
            x=alt.value(edge), y=note_at, text="note:N"
        ),
    ]
    if axis is not None:
        layers += [
            model.mark_point(filled=True, opacity=1, size=_DOT).encode(x=rmse, y=share, color=roles, tooltip=tooltip),
            *(
                model.transform_filter(condition)
                .mark_text(align=align, dx=shift, fontSize=12, color=NOTE)
                .encode(x=rmse, y=note_at, text="note:N")
                for condition, align, shift in (("!datum.inward", "left", 10), ("datum.inward", "right", -10))
            ),
        ]
    if (frame["kind"] == "starless").any():  # a layer without a mark would be a picture without words to a reader
        layers += [
            rug.mark_tick(orient="horizontal", thickness=3, size=16, opacity=1).encode(
                x=alt.value(edge), y=share, color=roles, tooltip=tooltip
            ),
            rug.mark_text(align="right", dx=-14, fontSize=12, color=NOTE).encode(
                x=alt.value(edge), y=share, text="note:N"
            ),
            rug.transform_aggregate(n="count()")
            .mark_text(align="right", baseline="bottom", fontSize=11, color=NOTE, dy=-4)
            .encode(x=alt.value(edge), y=alt.value("height"), text=alt.value(starless)),
        ]
    return alt.layer(*layers, data=frame).properties(height=360)
