"""How long a list is and whether it holds seen titles: controls that several pages share."""

import streamlit as st

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices import current


def draw_controls(can: Abilities) -> None:
    """Draws them; what is chosen is left in the session."""
    # Not a number input: Streamlit 1.67 fails on ?k=1e999 before anybody can check it.
    lengths = range(1, current.MAX_K + 1)
    st.selectbox(
        "Titles",
        lengths,
        index=lengths.index(current.DEFAULT_K),
        key=current.K,
        bind="query-params",
        filter_mode="prefix",
        width=100,
    )
    st.toggle(
        "Hide seen",
        value=True,
        key=current.HIDE_SEEN,
        bind="query-params",
        disabled=not can.has_ratings,
        help="Leaves out what this viewer has rated; needs the ratings.",
    )
