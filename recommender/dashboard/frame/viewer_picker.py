"""The picker of viewers, and their place in the URL.

Streamlit would bind it to the URL by its labels, and a label may be a persona's name; so the URL is written by hand
here, and holds the viewer's id.
"""

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recommender.dashboard.choices import state
from recommender.dashboard.choices.state import Known
from recommender.dashboard.drawing.words import escape


def draw(known: Known, labels: Mapping[str, str], most_options: int) -> None:
    """Draws the picker; who is chosen is left in the session and in the URL.

    Args:
      known: what may be chosen.
      labels: viewer -> what to call them, of those who have a name.
      most_options: with more viewers they are typed instead of listed.
    """
    _read_url(known)
    if len(known.users) <= most_options:
        held = st.session_state.get(state.USER)
        if held is not None and held not in known.users:
            st.session_state[state.USER] = known.user
        st.selectbox(
            "Viewer",
            known.users.ordered,
            key=state.USER,
            persist_state="session",  # a closed menu does not send its widgets along to the next page
            format_func=lambda user: labels.get(user, user),
            filter_mode="contains",  # digits find a persona too; ids are in order, so 4 comes before 14
            width=185,
        )
    else:
        st.session_state.setdefault(state.USER, known.user)
        st.text_input(
            "Viewer",
            key=state.USER,
            persist_state="session",  # a closed menu does not send its widgets along to the next page
            help=f"One of {len(known.users):,} viewer ids.",
            icon=":material/search:",
            width=160,
        )
        if st.session_state[state.USER] not in known.users:
            st.caption(f"The model does not know this viewer; here is viewer {escape(known.user)}.")
    _write_url(known)


def _read_url(known: Known) -> None:
    """Takes the viewer of the URL: when a session begins, and when the browser goes back or forth."""
    asked = st.query_params.get(state.USER)
    context = get_script_run_ctx(suppress_warning=True)
    turned_back = context is not None and context.is_history_navigation
    if turned_back:
        st.session_state[state.USER] = asked if asked in known.users else known.user
    elif state.USER not in st.session_state and asked in known.users:
        st.session_state[state.USER] = asked


def _write_url(known: Known) -> None:
    chosen = st.session_state[state.USER]
    wanted = None if chosen == known.user else chosen
    if st.query_params.get(state.USER) == wanted:
        return
    if wanted is None:
        st.query_params.pop(state.USER, None)
    else:
        st.query_params[state.USER] = wanted
