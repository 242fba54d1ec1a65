"""Links from one page to another; the choices come along."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

_PAGES = "_pages"


def remember(pages: Mapping[str, StreamlitPage]) -> None:
    """Notes the pages of the navigation by their paths; call it before any page runs."""
    st.session_state[_PAGES] = dict(pages)


def pages() -> Mapping[str, StreamlitPage]:
    """The pages by their paths; also the first, which Streamlit serves without one."""
    found: dict[str, StreamlitPage] = st.session_state[_PAGES]
    return found


def draw(path: str, label: str, icon: str) -> None:
    """Draws a link to the page with this path."""
    with tall_as_a_button():
        st.page_link(pages()[path], label=label, icon=icon, width="content")


def tall_as_a_button() -> DeltaGenerator:
    """A place for a link in a row with buttons."""
    return st.container(height=40, border=False, vertical_alignment="center", width="content")
