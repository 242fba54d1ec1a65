"""What a replay found: how good lists were over time, and what a model keeps of it as it gets older."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from recommender.charts.palette import EMPHASIS, NOTE, QUIET
from recommender.charts.stars import moment_axis

_NEW_YEAR = "1 Jan "  # how the label of a step begins that is a year


def found_over_time(frame: pd.DataFrame, colours: Mapping[str, str], heading: str) -> alt.LayerChart:
    """A line for each system over the starts of the steps, with the band of its mean over viewers.

    Args:
      frame: `moment` (timestamps in UTC), `system`, `n` (viewers), `mean`, `low`, `high`.
      colours: system -> colour, in the order of the legend.
      heading: what is counted.

    Returns:
      A layered chart: bands, lines, dots.
    """
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    # In a row they would not fit a phone.
    legend = alt.Legend(title=None, orient="bottom", symbolOpacity=1, symbolType="circle", columns=2)
    dated = frame.assign(day=frame["moment"].dt.strftime("%d %b %Y"))
    base = alt.Chart(dated).encode(x=moment_axis("moment", "%b %Y"))
    y = alt.Y("mean:Q", title=heading, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5))
    tooltip = [
        alt.Tooltip("system:N", title="List by"),
        alt.Tooltip("day:N", title="From (UTC)"),
        alt.Tooltip("mean:Q", title=heading, format=".3f"),
        alt.Tooltip("low:Q", title="At least", format=".3f"),
        alt.Tooltip("high:Q", title="At most", format=".3f"),
        alt.Tooltip("n:Q", title="Viewers", format=","),
    ]
    return alt.layer(
        base.mark_area(opacity=0.15, aria=False).encode(
            y=alt.Y("low:Q", title=heading), y2="high:Q", color=alt.Color("system:N", scale=scale, legend=legend)
        ),
        base.mark_line(strokeWidth=2.5).encode(y=y, color=alt.Color("system:N", scale=scale, legend=legend)),
        base.mark_circle(size=45, opacity=1).encode(
            y=y, color=alt.Color("system:N", scale=scale, legend=legend), tooltip=tooltip
        ),
    ).properties(height=260)


def stars_off(frame: pd.DataFrame, colours: Mapping[str, str]) -> alt.LayerChart:
    """How far predicted stars were off over the starts of the steps: by how much, and to which side.

    Args:
      frame: `moment` (timestamps in UTC), `figure` (of `colours`), `stars`, `n` (ratings).
      colours: what is drawn -> colour, in the order of the legend.

    Returns:
      A layered chart: a rule at no error, lines, dots.
    """
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    legend = alt.Legend(title=None, orient="bottom", symbolOpacity=1, symbolType="circle")
    dated = frame.assign(day=frame["moment"].dt.strftime("%d %b %Y"))
    base = alt.Chart(dated).encode(
        x=moment_axis("moment", "%b %Y"),
        y=alt.Y("stars:Q", title="stars", axis=alt.Axis(tickCount=5)),
        color=alt.Color("figure:N", scale=scale, legend=legend),
    )
    tooltip = [
        alt.Tooltip("figure:N", title="What"),
        alt.Tooltip("day:N", title="From (UTC)"),
        alt.Tooltip("stars:Q", title="Stars", format="+.2f"),
        alt.Tooltip("n:Q", title="Ratings", format=","),
    ]
    return alt.layer(
        alt.Chart(pd.DataFrame({"stars": [0.0]}))
        .mark_rule(color=QUIET, strokeDash=[4, 3], aria=False)
        .encode(y="stars:Q"),
        base.mark_line(strokeWidth=2.5),
        base.mark_circle(size=45, opacity=1).encode(tooltip=tooltip),
    ).properties(height=200)


def kept_by_age(frame: pd.DataFrame) -> alt.LayerChart:
    """What a snapshot keeps of its worth, by how many steps ago it was trained, with the band over viewers.

    Args:
      frame: `age` (steps), `kept`, `low`, `high` (shares of what a new one finds), `n` (questions).

    Returns:
      A layered chart: a rule at the worth of a new one, band, line, dots.
    """
    x = alt.X("age:Q", title="age of the model, in steps", axis=alt.Axis(tickMinStep=1, grid=False, format="d"))
    y = alt.Y("kept:Q", title="of what a new one finds", axis=alt.Axis(format="%", tickCount=5))
    base = alt.Chart(frame).encode(x=x)
    tooltip = [
        alt.Tooltip("age:Q", title="Age in steps", format="d"),
        alt.Tooltip("kept:Q", title="Keeps", format=".0%"),
        alt.Tooltip("low:Q", title="At least", format=".0%"),
        alt.Tooltip("high:Q", title="At most", format=".0%"),
        alt.Tooltip("n:Q", title="Questions", format=","),
    ]
    return alt.layer(
        base.mark_rule(color=QUIET, strokeDash=[4, 3], aria=False).encode(
            x=alt.value(0), x2=alt.value("width"), y=alt.datum(1.0)
        ),
        base.mark_area(color=EMPHASIS, opacity=0.18, aria=False).encode(
            y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q"
        ),
        base.mark_line(color=EMPHASIS, strokeWidth=2.5).encode(y=y),
        base.mark_circle(color=EMPHASIS, size=50, opacity=1).encode(y=y, tooltip=tooltip),
    ).properties(height=230)


def snapshots_by_step(frame: pd.DataFrame, heading: str, labels: Sequence[str]) -> alt.Chart:
    """A cell for each snapshot and each step that it was asked about; the bluer, the more it found.

    Args:
      frame: `cut` and `start` (of `labels`), `mean`, `n` (viewers).
      heading: what is counted.
      labels: of snapshots and steps, in order.

    Returns:
      One chart.
    """
    yearly = all(label.startswith(_NEW_YEAR) for label in labels)
    shown = {"labelExpr": f"slice(datum.label, {len(_NEW_YEAR)})"} if yearly else {}
    axis = alt.Axis(labelAngle=0, labelOverlap=True, ticks=False, domain=False, labelColor=NOTE, **shown)
    legend = alt.Legend(
        title=f"{heading}: the bluer, the more",
        orient="top",
        symbolType="square",
        symbolFillColor=EMPHASIS,
        symbolStrokeWidth=0,
        tickCount=4,
        titleLimit=0,
    )
    return (
        alt.Chart(frame)
        .mark_rect(color=EMPHASIS, stroke=None)
        .encode(
            x=alt.X("start:O", title="asked what came next, from", sort=list(labels), axis=axis),
            y=alt.Y("cut:O", title="model trained up to", sort=list(labels), axis=axis),
            opacity=alt.Opacity("mean:Q", scale=alt.Scale(range=[0.08, 1.0], zero=False), legend=legend),
            tooltip=[
                alt.Tooltip("cut:O", title="Trained up to"),
                alt.Tooltip("start:O", title="Asked what came next from"),
                alt.Tooltip("mean:Q", title=heading, format=".3f"),
                alt.Tooltip("n:Q", title="Viewers", format=","),
            ],
        )
        .properties(height=alt.Step(18))
    )
