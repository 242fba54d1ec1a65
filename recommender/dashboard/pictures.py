"""Shows charts without building them again: a picture is built once, and each rerun sends its data alone.

Building one with Altair takes 30-60 ms, most of it checking its own output against the grammar; a rerun takes less.
"""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from recommender import charts


def show(picture: str, frame: pd.DataFrame, *settings: Any, key: str, alt: str, built_for: Hashable = None) -> None:
    """Shows one of the `charts` whose layers share one frame.

    Args:
      picture: the chart function's name.
      frame: its data.
      settings: its other arguments.
      key: the element's key.
      alt: its accessible name.
      built_for: what of the frame the picture itself depends on, beside its length.
    """
    spec = _spec(picture, (len(frame), built_for), frame, *settings)
    st.vega_lite_chart(frame, spec, key=key, alt=alt)


@st.cache_data(max_entries=128, show_spinner=False)
def _spec(picture: str, built_for: Hashable, _frame: pd.DataFrame, *settings: Any) -> dict[str, Any]:
    spec: dict[str, Any] = getattr(charts, picture)(_frame, *settings).to_dict(format="vega-lite")
    shared = spec.pop("data")
    spec["datasets"].pop(shared["name"])
    assert not spec.pop("datasets"), f"{picture} has a second frame, which would not be shown"
    return spec
