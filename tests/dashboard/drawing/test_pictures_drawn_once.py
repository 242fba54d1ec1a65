"""Charts that hold their data: built for the first who sees them, and shown alike to all others."""

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from recommender.dashboard.drawing import pictures


def test_chart_is_built_once_for_what_it_depends_on_and_anew_for_something_else(monkeypatch):
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr(st, "vega_lite_chart", lambda data, spec, **options: shown.append(spec))
    built = []

    def build(value: float) -> alt.LayerChart:
        built.append(value)
        frame = pd.DataFrame({"when": pd.to_datetime(["2001-02-03"], utc=True), "value": [value]})
        return alt.layer(alt.Chart(frame).mark_bar().encode(x="when:T", y="value:Q"))

    for value in (1.0, 1.0, 2.0):
        pictures.draw_once(lambda value=value: build(value), ("a model", value), key="drawn_once", alt="bars")
    assert built == [1.0, 2.0]
    assert [frame["value"].tolist() for spec in shown for frame in spec["datasets"].values()] == [[1.0], [1.0], [2.0]]
    assert all("data" in spec or "data" in spec["layer"][0] for spec in shown)
    assert shown[0]["config"]
