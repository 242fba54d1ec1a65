"""The titles that a search has found, as buttons."""

from collections.abc import Callable, Sequence

import streamlit as st

from recommender.dashboard.drawing.markdown import escape, plain
from recommender.data.titles import spoken_name


def draw(words: str, found: Sequence[str], key: str, on_click: Callable[[str], None]) -> None:
    """Draws a button for each title found, or one line if there is none.

    Args:
      words: what was looked for.
      found: titles.
      key: of the buttons, which are numbered.
      on_click: called with the title that was clicked.
    """
    if not found:
        st.caption(f"Nothing here is like '{plain(words)}'.", width="content")
    for place, title in enumerate(found):
        name, year = spoken_name(title)
        st.button(
            escape(f"{name} ({year})" if year else name),
            key=f"{key}_{place}",
            type="tertiary",
            icon=":material/movie:",
            on_click=on_click,
            args=(title,),
        )
