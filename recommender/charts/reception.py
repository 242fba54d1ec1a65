"""How one title was received: the stars it was given, and when."""

import altair as alt
import pandas as pd

from recommender.charts.palette import NOW, QUIET


def stars_given(frame: pd.DataFrame) -> alt.Chart:
    """One column for each step of the scale, as high as it was given often.

    Args:
      frame: `stars`, `count`, and `own`: whether this is what the viewer gave.

    Returns:
      A bar chart.
    """
    return (
        alt.Chart(frame)
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X("stars:O", title="stars given", axis=alt.Axis(format="~f", labelAngle=0, grid=False)),
            y=alt.Y("count:Q", title=None, axis=alt.Axis(tickCount=3, format="~s", tickMinStep=1)),
            color=_chosen("own"),
            tooltip=[alt.Tooltip("stars:O", title="Stars"), alt.Tooltip("count:Q", title="Given", format=",")],
        )
        .properties(height=120)
    )


def rated_over_time(frame: pd.DataFrame) -> alt.Chart:
    """One column for each part of the data's span, as high as the title was rated often in it.

    Args:
      frame: `from` and `next` (timestamps in UTC), `count`, `mean` (stars, NaN where there are none), and `own`:
        whether the chosen moment is in it.

    Returns:
      A bar chart.
    """
    return (
        alt.Chart(frame)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X(
                "from:T",
                title=None,
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(grid=False, format="%b %Y", labelOverlap=True, tickCount=4),
            ),
            x2="next:T",
            y2=alt.datum(0),
            y=alt.Y("count:Q", title="ratings", axis=alt.Axis(tickCount=3, format="~s", tickMinStep=1)),
            color=_chosen("own"),
            tooltip=[
                alt.Tooltip("from:T", title="From (UTC)", format="%d %b %Y", formatType="utc"),
                alt.Tooltip("count:Q", title="Ratings", format=","),
                alt.Tooltip("mean:Q", title="Mean", format=".2f"),
            ],
        )
        .properties(height=120)
    )


def _chosen(field: str) -> alt.Color:
    """Amber for what is chosen, quiet for the rest."""
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=[False, True], range=[QUIET, NOW]), legend=None)
