"""Differences of two answers of a model, as bars to both sides of nothing."""

import altair as alt
import pandas as pd

from recommender.charts.palette import EMPHASIS, QUIET

_ROW_PIXELS = 34
_MARGIN_PIXELS = 24  # that Streamlit takes from a chart's height
_INK = "currentColor"  # that of the text around the chart, in either theme
_BESIDE_NOTE = alt.ExprRef("max(60, width - 8 - 5.6 * length(datum.note))")  # pixels a label has beside its row's note


def effect_bars(frame: pd.DataFrame, unit: str) -> alt.LayerChart:
    """One bar for each effect, to the right where it speaks for the title, to the left where it speaks against it.

    The scale is that of the data, and everything that differs from row to row is in them, so that the same picture
    serves all titles.

    Args:
      frame: one row per bar: `position` (from the top), `label`, `value` (signed), `note` (text at the right: the value
        and what else is to be said).
      unit: what the values are counted in, for the tooltip.

    Returns:
      A layered chart: bars, a tick at nothing, labels, notes.
    """
    base = alt.Chart().encode(y=alt.Y("position:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)))
    scale = alt.Scale(zero=True, nice=False)
    tooltip = [
        alt.Tooltip("label:N", title="Of"),
        alt.Tooltip("value:Q", title=unit, format="+.4f"),
        alt.Tooltip("note:N", title="Shown"),
    ]
    return alt.layer(
        base.mark_bar(height=7, cornerRadius=2, yOffset=9).encode(
            x=alt.X("value:Q", axis=None, scale=scale),
            color=alt.condition(alt.datum.value >= 0, alt.value(EMPHASIS), alt.value(QUIET)),
            tooltip=tooltip,
        ),
        base.mark_tick(color=QUIET, thickness=2, size=15, orient="vertical", yOffset=9).encode(
            x=alt.X(datum=0, type="quantitative", scale=scale)
        ),
        base.mark_text(align="left", baseline="middle", dy=-5, fontSize=13, color=_INK, limit=_BESIDE_NOTE).encode(
            x=alt.value(0), text="label:N", tooltip=tooltip
        ),
        base.mark_text(align="right", baseline="middle", dy=-5, fontSize=12, color=_INK).encode(
            x=alt.value("width"), text="note:N", tooltip=tooltip
        ),
        data=frame,
    ).properties(height=_ROW_PIXELS * len(frame) + _MARGIN_PIXELS)
