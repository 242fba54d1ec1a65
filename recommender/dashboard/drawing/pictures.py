"""Shows charts without building them again: a picture is built once, and each rerun sends its data alone.

Building one with Altair takes 30-60 ms, most of it checking its own output against the grammar; a rerun takes less. The
browser too keeps a picture whose grammar and accessible name stay, and builds it again if one of them changes.
"""

import json
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from recommender import charts

if TYPE_CHECKING:
    import altair


def show(
    picture: str,
    frame: pd.DataFrame,
    *settings: Any,
    key: str,
    alt: str,
    built_for: Hashable = None,
    grows: bool = False,
    **options: Any,
) -> None:
    """Shows one of the `charts` whose layers share one frame.

    Args:
      picture: the chart function's name.
      frame: its data.
      settings: its other arguments, hashable.
      key: the element's key.
      alt: its accessible name: what it shows, not the values, which its marks say themselves.
      built_for: what of the frame the picture itself depends on, beside its length.
      grows: whether the picture is the same for frames of any length.
      options: other arguments of `st.vega_lite_chart`, for a picture that can be clicked.
    """
    spec = _spec(picture, (None if grows else len(frame), built_for), frame, *settings)
    st.vega_lite_chart(frame, spec, key=key, alt=alt, **options)


def draw(chart: "altair.LayerChart | altair.Chart", *, key: str, alt: str, **options: Any) -> Any:
    """Shows a chart as it is; one that is drawn at every rerun had better be shown by name.

    Args:
      chart: of `charts`.
      key: the element's key.
      alt: its accessible name.
      options: of `st.altair_chart`.

    Returns:
      What was selected in it, if it is asked for by `on_select`.
    """
    return st.altair_chart(chart.configure(**charts.HOUSE), key=key, alt=alt, **options)


def show_named(
    picture: str,
    frames: Mapping[str, Any],
    *settings: Any,
    key: str,
    alt: str,
    on_select: Callable[[], None],
    selection: str,
) -> None:
    """Shows one of the `charts` that name their frames and depend on none of them.

    Args:
      picture: the chart function's name.
      frames: its data by name, as tables of pandas or Arrow.
      settings: its arguments, hashable.
      key: the element's key.
      alt: as for `show`.
      on_select: called when a selection of the chart has changed.
      selection: the parameter that is the selection; the others stay in the browser.
    """
    spec = {**_spec_alone(picture, *settings), "datasets": dict(frames)}
    st.vega_lite_chart(None, spec, key=key, alt=alt, on_select=on_select, selection_mode=selection)


def draw_once(build: "Callable[[], altair.LayerChart]", built_for: Hashable, *, key: str, alt: str) -> None:
    """Shows a chart that holds its data, built for the first who sees it and for all others after.

    Args:
      build: makes the chart.
      built_for: all that it depends on.
      key: the element's key, which no other chart may have.
      alt: as for `show`.
    """
    built = _place_of(key, (), built_for)
    if not built.text:
        spec = build().to_dict(**_WRITTEN)
        built.frames = {name: pd.DataFrame(rows) for name, rows in spec.pop("datasets").items()}
        built.text = _in_house_style(spec)
    st.vega_lite_chart(None, {**json.loads(built.text), "datasets": built.frames}, key=key, alt=alt)


# Not held against the schema of Vega-Lite, which takes longer than all else of a chart; the tests of charts do that.
_WRITTEN: Mapping[str, Any] = {"format": "vega-lite", "validate": False}


class _Built:
    """Where a picture is kept once it is built, as JSON, so that nobody changes it for others; and data of its own."""

    def __init__(self) -> None:
        self.text = ""
        self.frames: dict[str, pd.DataFrame] = {}


@lru_cache(maxsize=160)
def _place_of(picture: str, settings: Hashable, built_for: Hashable = None) -> _Built:
    """The place of a picture; Streamlit's cache would hold data, and a picture depends on its settings alone."""
    return _Built()


def _spec(picture: str, built_for: Hashable, frame: pd.DataFrame, *settings: Any) -> dict[str, Any]:
    built = _place_of(picture, settings, built_for)
    if not built.text:
        spec = getattr(charts, picture)(frame, *settings).to_dict(**_WRITTEN)
        shared = spec.pop("data")
        spec["datasets"].pop(shared["name"])
        assert not spec.pop("datasets"), f"{picture} has a second frame, which would not be shown"
        built.text = _in_house_style(spec)
    spec_again: dict[str, Any] = json.loads(built.text)
    return spec_again


def _spec_alone(picture: str, *settings: Any) -> dict[str, Any]:
    built = _place_of(picture, settings)
    if not built.text:
        built.text = _in_house_style(getattr(charts, picture)(*settings).to_dict(**_WRITTEN))
    spec: dict[str, Any] = json.loads(built.text)
    return spec


def _in_house_style(spec: dict[str, Any]) -> str:
    return json.dumps({**spec, "config": spec.get("config", {}) | charts.HOUSE})
