"""How a training went."""

import altair as alt
import pandas as pd

from recommender.charts.palette import EMPHASIS, NOW, QUIET, TITLE_COLOURS


def learning_curve(frame: pd.DataFrame, best_epoch: int, title: str, number_format: str = ".3f") -> alt.LayerChart:
    """One figure over the epochs, training beside validation, with a rule at the epoch that was kept.

    Args:
      frame: `epoch` (int), `phase` ("train" or "validation"), `value`, of one metric.
      best_epoch: the epoch whose weights the bundle holds.
      title: what the figure is, for the axis.
      number_format: d3 format of the figure.

    Returns:
      A layered chart: rule, lines, points.
    """
    phases = ["train", "validation"]
    shown = [phase for phase in phases if phase in set(frame["phase"])]
    encodings = {
        "x": alt.X(
            "epoch:Q",
            title=None,
            scale=alt.Scale(nice=False, zero=False, padding=6),
            axis=alt.Axis(grid=False, tickMinStep=1, format="d"),
        ),
        "y": alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=_value_axis(number_format)),
        "color": alt.Color(
            "phase:N",
            scale=alt.Scale(domain=phases, range=[QUIET, EMPHASIS]),
            # One below the other: side by side they do not fit a chart of half a phone.
            legend=alt.Legend(title=None, orient="top", direction="vertical", values=shown, symbolSize=60, offset=2),
        ),
        "tooltip": [
            alt.Tooltip("epoch:Q", title="Epoch"),
            alt.Tooltip("phase:N", title="Part"),
            alt.Tooltip("value:Q", title=title, format=number_format),
        ],
    }
    best = (
        alt.Chart()
        .transform_filter(f"datum.epoch === {int(best_epoch)}")
        .mark_rule(color=NOW, strokeWidth=2)
        .encode(
            x=encodings["x"],
            tooltip=[alt.Tooltip("epoch:Q", title="Best epoch, the one that was kept")],
        )
    )
    lines = alt.Chart().mark_line(strokeWidth=2.5).encode(**encodings)
    points = alt.Chart().mark_point(filled=True, size=36, opacity=1).encode(**encodings)
    return alt.layer(best, lines, points, data=frame).properties(height=230)


def _value_axis(number_format: str) -> alt.Axis:
    """An axis whose ticks lie so far apart that no two are written alike."""
    digits = int(number_format[1:-1]) + 2 * number_format.endswith("%")
    return alt.Axis(format=number_format, tickCount=4, tickMinStep=10.0**-digits)


def live_curve(frame: pd.DataFrame, epochs: int, best_epoch: int, title: str, number_format: str) -> alt.LayerChart:
    """One figure of a training under way, on an axis as long as the training may become.

    Args:
      frame: `epoch` (float: in the middle of an epoch the mean over it so far), `phase` ("train" or "validation"),
        `value`, of one metric; of any length.
      epochs: at most.
      best_epoch: the best so far; 0 before there is one.
      title: what the figure is, for the tooltip.
      number_format: d3 format of the figure.

    Returns:
      A layered chart: rule, lines, points of validation.
    """
    phases = ["train", "validation"]
    encodings = {
        "x": alt.X(
            "epoch:Q",
            title=None,
            scale=alt.Scale(domain=[0, max(epochs, 1)], nice=False, padding=8),
            axis=alt.Axis(grid=False, tickMinStep=1, format="d", tickCount=min(max(epochs, 1), 8)),
        ),
        "y": alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=_value_axis(number_format)),
        "color": alt.Color(
            "phase:N",
            scale=alt.Scale(domain=phases, range=[QUIET, EMPHASIS]),
            legend=alt.Legend(title=None, orient="top", symbolSize=60, offset=2),
        ),
        "tooltip": [
            alt.Tooltip("epoch:Q", title="Epoch", format=".2~f"),
            alt.Tooltip("phase:N", title="Part"),
            alt.Tooltip("value:Q", title=title, format=number_format),
        ],
    }
    best = (
        alt.Chart()
        .transform_filter(f"datum.phase === 'validation' && datum.epoch === {int(best_epoch)}")
        .mark_rule(color=NOW, strokeWidth=2)
        .encode(x=encodings["x"], tooltip=[alt.Tooltip("epoch:Q", title="Best epoch so far")])
    )
    lines = alt.Chart().mark_line(strokeWidth=2.5).encode(**encodings)
    points = (
        alt.Chart()
        .mark_point(filled=True, opacity=1)
        .encode(
            **encodings,
            size=alt.condition("datum.phase === 'validation'", alt.value(46), alt.value(10)),
        )
    )
    return alt.layer(best, lines, points, data=frame).properties(height=190)


def layers_compared(frame: pd.DataFrame, title: str, number_format: str = ".0%") -> alt.LayerChart:
    """One figure on validation over the epochs, a line for each depth, with a larger dot at the epoch that was kept.

    Args:
      frame: `layers` (int), `epoch` (int), `value`, `kept` (whether the model holds that epoch's weights).
      title: what the figure is, for the axis.
      number_format: d3 format of the figure.

    Returns:
      A layered chart: lines, points.
    """
    depths = sorted(set(frame["layers"]))
    shown = frame.assign(depth=[_depth(layers) for layers in frame["layers"]])
    encodings = {
        "x": alt.X(
            "epoch:Q",
            title="epoch",
            scale=alt.Scale(nice=False, zero=False, padding=6),
            axis=alt.Axis(grid=False, tickMinStep=1, format="d"),
        ),
        "y": alt.Y("value:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(format=number_format)),
        "color": alt.Color(
            "depth:N",
            scale=alt.Scale(domain=[_depth(layers) for layers in depths], range=list(TITLE_COLOURS[: len(depths)])),
            legend=alt.Legend(title=None, orient="top", symbolSize=60),
        ),
        "tooltip": [
            alt.Tooltip("depth:N", title="Query tower"),
            alt.Tooltip("epoch:Q", title="Epoch"),
            alt.Tooltip("value:Q", title=title, format=".3f"),
            alt.Tooltip("kept:N", title="Kept"),
        ],
    }
    lines = alt.Chart().mark_line(strokeWidth=2.5).encode(**encodings)
    sizes = alt.Size("kept:N", scale=alt.Scale(domain=[False, True], range=[30, 150]), legend=None)
    points = alt.Chart().mark_point(filled=True, opacity=1).encode(**encodings, size=sizes)
    return alt.layer(lines, points, data=shown).properties(height=300, width=520)


def _depth(layers: int) -> str:
    return f"{layers} layer{'s' * (layers > 1)}"
