"""The columns of tables that several pages show, each the same wherever it stands, and how high a table is."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from recommender import charts
from recommender.dashboard.drawing.words import sentence_case

if TYPE_CHECKING:
    from recommender.data.schema import RatingScale

_ROW_PIXELS = 35
_BORDER_PIXELS = 2
_CHIP = "#9b8f8033"  # quiet: in a table colour would mean nothing


def height(
    n_rows: int, most: int, *, if_short: Literal["content", "auto"] = "content"
) -> int | Literal["content", "auto"]:
    """As high as its rows, at most so many and the header; a longer table scrolls."""
    return if_short if n_rows <= most else (most + 1) * _ROW_PIXELS + _BORDER_PIXELS


def place() -> ColumnConfig:
    """The place in a list, from 1."""
    return st.column_config.NumberColumn("#", width=36)


def title(width: int) -> ColumnConfig:
    """The name of a title as text."""
    return st.column_config.TextColumn("Title", width=width)


def title_button(
    width: int, key: str, on_click: Callable[..., None], *, args: Sequence[Any] = (), help: str | None = None
) -> ButtonColumnResult | ColumnConfig:
    """The name of a title, which can be clicked.

    Args:
      width: pixels.
      key: where Streamlit keeps what was clicked.
      on_click: called after a click.
      args: its arguments.
      help: what a click does.
    """
    return st.column_config.ButtonColumn(
        "Title", type="tertiary", alignment="left", width=width, key=key, on_click=on_click, args=tuple(args), help=help
    )


def year() -> ColumnConfig:
    """The year of a title."""
    return st.column_config.NumberColumn("Year", format="%d", width=55)


def labels(name: str | None, width: int) -> ColumnConfig:
    """The values of the feature that says what kind of title it is, as chips."""
    return st.column_config.MultiselectColumn(sentence_case(name or ""), color=_CHIP, width=width)


def gave(help: str | None = None) -> ColumnConfig:
    """Stars that somebody gave."""
    return st.column_config.NumberColumn("Gave", format="%g", width=55, help=help)


def predicted_stars(help: str | None = None) -> ColumnConfig:
    """Predicted stars as a number, where a list is narrow."""
    return st.column_config.NumberColumn("Stars", format="%.1f", width=55, help=help)


def predicted_stars_bar(name: str, scale: "RatingScale", width: int, help: str) -> ColumnConfig:
    """Predicted stars as a bar from the scale's lowest to its highest."""
    return st.column_config.ProgressColumn(
        name, min_value=scale.low, max_value=scale.high, format="%.1f", color=charts.QUIET, width=width, help=help
    )


def score() -> ColumnConfig:
    """The retrieval score."""
    return st.column_config.NumberColumn(
        "Score", format="%.2f", width=62, help="Retrieval score: what the list is ordered by; it has no scale."
    )


def found() -> ColumnConfig:
    """The place in a list that the retrieval score alone would give."""
    return st.column_config.NumberColumn(
        "Pick",
        width=62,
        help="Its place by retrieval score alone: what this viewer would pick. The best of these are then ranked by "
        "the score and by what their predicted stars lie above the viewer's mean: what they would praise.",
    )


def move(help: str | None = None, width: int = 75) -> ColumnConfig:
    """Places gained or lost, as text."""
    return st.column_config.TextColumn("Move", width=width, help=help)


def places(name: str, help: str, width: int = 65) -> ColumnConfig:
    """Places in a list, however long that is."""
    return st.column_config.NumberColumn(name, format="localized", width=width, help=help)


def likeness() -> ColumnConfig:
    """How alike two titles are."""
    return st.column_config.NumberColumn(
        "Alike",
        format="%.2f",
        width=65,
        help="How alike the model holds two titles: 1 is as alike as can be (cosine of their embeddings).",
    )


def seen() -> ColumnConfig:
    """Whether the viewer has rated a title."""
    return st.column_config.CheckboxColumn("Seen", width=55)


def future() -> ColumnConfig:
    """Whether a title was not out at the moment."""
    says = "Nobody had rated it by then, or its year had not begun."
    return st.column_config.CheckboxColumn("Not out", width=70, help=says)


def when() -> ColumnConfig:
    """The moment of a rating."""
    return st.column_config.DatetimeColumn("Rated (UTC)", format="D MMM YYYY, HH:mm", width=150)
