"""Showing a page to an audience: its controls folded into one small menu, a heading that says what is shown."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender.dashboard.answers import personas
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import moment

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_FOLDED = "_folded"


@dataclass(frozen=True)
class Frame:
    """Where the shell draws.

    Attributes:
      heading: who, when and by which model; empty but while presenting.
      row: the bar: a row on top of the page, or while presenting the place of its closed menu.
    """

    heading: DeltaGenerator
    row: DeltaGenerator


def frame() -> Frame:
    """The places on top of a page."""
    st.session_state[_FOLDED] = None
    if not current.presenting():
        heading = st.container()
        return Frame(heading, st.container(horizontal=True, vertical_alignment="top", gap="small"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        heading = st.container(width="stretch")
        row = st.container(horizontal=True, width="content", vertical_alignment="center", gap="small")
        st.button(
            "End",
            icon=":material/close_fullscreen:",
            type="tertiary",
            key="end_presenting",
            on_click=switch,
            args=(False,),
            help="Brings the controls back.",
        )
    return Frame(heading, row)


def open_menu(label: str, icon: str) -> DeltaGenerator:
    """Draws the menu that holds viewer, moment and model, closed; while presenting it holds all other controls too.

    It unfolds in its place: what a popover holds, the browser forgets to follow while it is closed.

    Args:
      label: what is chosen in it, in few words.
      icon: beside the label.
    """
    if not current.presenting():
        return st.expander(label, icon=icon, key="who_and_when", width=250)
    for key in (current.MODEL, current.AT):  # set again, for Streamlit writes into the URL what is set and what is seen
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    menu = st.popover(
        "Controls", icon=":material/tune:", type="tertiary", key="controls", help="Viewer, moment and more."
    )
    st.session_state[_FOLDED] = menu
    return menu


def fold(row: DeltaGenerator) -> DeltaGenerator:
    """Where a page draws controls of its own: their row, or while presenting the menu that holds the bar.

    Args:
      row: a container where they stand otherwise.
    """
    menu: DeltaGenerator | None = st.session_state.get(_FOLDED)
    return row if menu is None else menu


def draw_heading(
    place: DeltaGenerator, recommender: "Recommender", options: Options, model: str, *, of_viewer: bool
) -> None:
    """Says while presenting what is shown: viewer (unless the page is about nobody in the data), moment, model."""
    if not current.presenting():
        return
    chosen = current.choices(options)
    when = f"  ·  {moment(chosen.at)}" if options.has_clock else ""
    with place:
        if of_viewer:
            st.title(escape(personas.name_of(recommender, chosen.user)), anchor=False)
        st.markdown(f"by **{escape(model)}**, {escape(recommender.manifest.data.name)}{when}")


def switch(on: bool) -> None:
    """Begins or ends presenting; for callbacks."""
    if on:
        st.query_params[current.PRESENT] = "true"
    else:
        st.query_params.pop(current.PRESENT, None)


def draw_switch() -> None:
    """The button that begins it."""
    if not current.presenting():
        st.button(
            "Present",
            icon=":material/slideshow:",
            type="tertiary",
            key="present",
            on_click=switch,
            args=(True,),
            help="Folds the controls into one small menu, for an audience.",
        )
