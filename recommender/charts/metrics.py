"""Final figures beside the row that a model has to beat."""

import altair as alt
import pandas as pd

from recommender.charts.palette import EMPHASIS, QUIET


def shares_beside_reference(frame: pd.DataFrame, model: str, reference: str) -> alt.LayerChart:
    """For each figure, a line from the reference to the model: its length is what the model earned.

    Args:
      frame: `metric` (as shown), `model` and `reference`, both shares in [0, 1].
      model: the model's name.
      reference: the reference's name.

    Returns:
      A layered chart: line, hollow dot for the reference, dot for the model.
    """
    order = list(frame["metric"])
    long = frame.melt(id_vars="metric", var_name="system", value_name="share").replace(
        {"system": {"model": model, "reference": reference}}
    )
    y = alt.Y("metric:N", sort=order, title=None, axis=alt.Axis(grid=False, domain=False, ticks=False, labelLimit=220))
    x = alt.X(
        "share:Q",
        title=None,
        scale=alt.Scale(domainMin=0, nice=True),
        axis=alt.Axis(format="%", tickCount=5),
    )
    gain = (
        alt.Chart(frame)
        .mark_rule(color=EMPHASIS, strokeWidth=4, opacity=0.35)
        .encode(y=y, x=alt.X("reference:Q", title=None), x2="model:Q")
    )
    dots = (
        alt.Chart(long)
        .mark_point(filled=True, size=120, opacity=1)
        .encode(
            y=y,
            x=x,
            color=alt.Color(
                "system:N",
                scale=alt.Scale(domain=[model, reference], range=[EMPHASIS, QUIET]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[
                alt.Tooltip("metric:N", title="Figure"),
                alt.Tooltip("system:N", title="Of"),
                alt.Tooltip("share:Q", title="Value", format=".1%"),
            ],
        )
    )
    return alt.layer(gain, dots).properties(height=34 * len(order) + 50)
