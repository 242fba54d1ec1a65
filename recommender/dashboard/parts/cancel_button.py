"""The button that ends what goes on in a process of its own."""

from collections.abc import Callable

import streamlit as st


def draw(run_id: str, *, ending: bool, cancel: Callable[[], None]) -> None:
    """Draws it.

    Args:
      run_id: of what is ended.
      ending: whether it has been asked to end already.
      cancel: asks it to.
    """
    st.button("Cancel", icon=":material/stop_circle:", key=f"cancel_{run_id}", disabled=ending, on_click=cancel)
