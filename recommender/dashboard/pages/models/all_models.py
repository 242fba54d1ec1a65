"""All bundles in one picture and one table; those examined on something else in tables of their own."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from recommender.dashboard.bundles import exams
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.words import escape, reference_name

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest


def draw(manifests: Mapping[str, "Manifest"], shown: str, versus: str | None) -> None:
    """Draws the picture and the tables.

    Args:
      manifests: name -> manifest of every bundle that can be read.
      shown: the model in the bar.
      versus: the one beside it, if there is one.
    """
    exam = exams.exam_of(manifests[shown])
    groups = exams.by_exam(manifests, exam)
    st.header("All models", anchor=False)
    st.caption(f"Measured on {escape(str(exam))}; every figure is of that test part, which no training saw.")
    names = groups.pop(exam)
    frame = exams.table(manifests, names)
    picture, figures = st.columns([1, 1], gap="medium")
    with picture:
        _draw_plane(frame, exams.references(manifests, names), shown, versus)
    with figures:
        _draw_table(frame, f"All models examined on {exam}", "all_models")
    for position, (other, members) in enumerate(groups.items()):
        st.markdown(f"**Not comparable with these: {escape(other.unlike(exam))}.** {escape(str(other))}.")
        _draw_table(exams.table(manifests, members), f"Models examined on {other}", f"other_models_{position}")


def _draw_plane(frame: pd.DataFrame, references: Mapping[str, float], shown: str, versus: str | None) -> None:
    measured = frame.dropna(subset="top_100")
    if measured.empty:
        st.caption("No bundle of these holds the figures of this picture.")
        return
    roles = {versus: "beside", shown: "shown"}
    middle = (measured["rmse"].min() + measured["rmse"].max()) / 2
    points = pd.DataFrame(
        {
            "kind": ["starless" if math.isnan(rmse) else "model" for rmse in measured["rmse"]],
            "name": measured["name"],
            "rmse": measured["rmse"],
            "share": measured["top_100"],
            "role": [roles.get(name, "other") for name in measured["name"]],
            "note": measured["name"],
            "inward": measured["rmse"] > middle,
        }
    )
    lines = pd.DataFrame(
        {
            "kind": "reference",
            "name": [reference_name(name) for name in references],
            "rmse": float("nan"),
            "share": list(references.values()),
            "role": "other",
            "note": [f"{reference_name(name)}, {share:.0%}" for name, share in references.items()],
            "inward": False,
        }
    )
    pictures.show(
        "quality_of_models",
        pd.concat([points, lines], ignore_index=True),
        _stars_axis(points),
        "predict no stars",
        key="quality_of_models",
        alt="RMSE against the share of held-out titles in the first hundred: "
        + ", ".join(f"{name} {share:.0%}" for name, share in zip(points["name"], points["share"], strict=True)),
        built_for=tuple(sorted(set(points["kind"]))),
    )
    starless = " Ticks at the right edge: models that predict no stars." * bool((points["kind"] == "starless").any())
    st.caption(f"Amber: the model in the bar; blue: the one beside it. Up and left is better.{starless}")


def _stars_axis(points: pd.DataFrame) -> tuple[float, float] | None:
    """From the best RMSE to the worst, with room for names, and at the right for models that have none."""
    low, high = points["rmse"].min(), points["rmse"].max()
    if math.isnan(low):
        return None
    step = max(high - low, 0.05)
    return (low - 0.15 * step, high + (0.4 if (points["kind"] == "starless").any() else 0.15) * step)


def _draw_table(frame: pd.DataFrame, alt: str, key: str) -> None:
    shares = ["top_100", "top_10", "coverage"]
    st.dataframe(
        frame.assign(**{share: 100 * frame[share] for share in shares}),
        hide_index=True,
        height="content",
        placeholder="",
        key=key,
        alt=alt,
        column_order=["name", "rmse", "top_100", "top_10", "ndcg", "coverage", "megabytes", "seconds"],
        column_config={
            "name": st.column_config.TextColumn("Bundle", width=130),
            "rmse": st.column_config.NumberColumn("RMSE", format="%.3f", width=56, help="Stars off, root mean square."),
            "top_100": st.column_config.NumberColumn(
                "In 100", format="%.1f%%", width=60, help="Share of held-out ratings whose title is in the first 100."
            ),
            "top_10": st.column_config.NumberColumn("In 10", format="%.1f%%", width=56),
            "ndcg": st.column_config.NumberColumn("NDCG@10", format="%.3f", width=78),
            "coverage": st.column_config.NumberColumn(
                "Covers", format="%.1f%%", width=60, help="Share of the catalogue in anybody's first 10."
            ),
            "megabytes": st.column_config.NumberColumn("MB", format="%.1f", width=46),
            "seconds": st.column_config.NumberColumn("Took, s", format="%.0f", width=58),
        },
    )
