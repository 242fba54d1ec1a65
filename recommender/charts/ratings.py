"""What a model was trained on."""

import altair as alt
import pandas as pd

from recommender.charts.palette import QUIET
from recommender.charts.stars import moment_axis, moment_rules


def ratings_over_time(frame: pd.DataFrame, now: pd.Timestamp, pinned: pd.Timestamp | None = None) -> alt.LayerChart:
    """How many ratings each week brought, with the moment and the pinned moment as rules.

    Args:
      frame: `week` (timestamps in UTC, each the start of a week) and `ratings` (count).
      now: the chosen moment.
      pinned: the pinned moment.

    Returns:
      A layered chart of bars and rules.
    """
    weeks = frame.assign(
        **{"next": frame["week"] + pd.Timedelta(weeks=1), "from": frame["week"].dt.strftime("%d %b %Y")}
    )
    bars = (
        alt.Chart(weeks)
        .mark_bar(color=QUIET, opacity=0.7, binSpacing=1)
        .encode(
            x=moment_axis("week"),
            x2="next:T",
            y2=alt.datum(0),
            y=alt.Y("ratings:Q", title="ratings a week", axis=alt.Axis(format="~s", tickCount=4)),
            tooltip=[
                alt.Tooltip("from:N", title="Week from (UTC)"),
                alt.Tooltip("ratings:Q", title="Ratings", format=","),
            ],
        )
    )
    return alt.layer(bars, *moment_rules(now, pinned)).properties(height=170)
