"""How long a list is, whether it holds seen titles and how it looks: controls that several pages share."""

import streamlit as st

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices

_CARDS, _TABLE = "Cards", "Table"
_LAYOUT = "_layout"


def draw_layout(chosen: Choices) -> None:
    """Draws the choice between cards and a table, the same on all pages and in the address."""
    st.session_state[_LAYOUT] = _CARDS if chosen.as_cards else _TABLE
    st.segmented_control(
        "The list as",
        [_CARDS, _TABLE],
        required=True,
        key=_LAYOUT,
        on_change=lambda: current.choose_layout(table=st.session_state[_LAYOUT] == _TABLE),
        label_visibility="collapsed",
        width="content",
    )


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
    if not can.has_clock:
        return
    known = st.toggle(
        "With all that is known",
        key=current.ALL_KNOWN,
        bind="query-params",
        disabled=not can.has_ratings,
        help="Else the page stands as of the moment: the model reads what this viewer had rated by then, only that "
        "counts as seen, and what was not out is left out. Needs the ratings. Nothing is trained again: what the model "
        "learned from everybody, it keeps.",
    )
    st.toggle(
        "Also what was not out",
        key=current.FUTURE,
        bind="query-params",
        disabled=known or not can.has_ratings,
        help="Lists also titles that nobody had rated by the moment, or whose year had not begun; they are marked.",
    )
