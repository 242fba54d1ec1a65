"""Links from one page to another; the choices come along."""

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_PAGES = "_pages"


def remember(pages: Sequence[StreamlitPage]) -> None:
    """Notes the pages of the navigation; call it before any page runs."""
    st.session_state[_PAGES] = {page.url_path: page for page in pages}


def draw(path: str, label: str, icon: str) -> None:
    """Draws a link to the page with this path."""
    st.page_link(st.session_state[_PAGES][path], label=label, icon=icon, width="content")
