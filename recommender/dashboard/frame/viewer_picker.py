"""The picker of viewers, and their place in the URL.

Streamlit would bind it to the URL by its labels, and a label may be a persona's name; so the URL is written by hand
here, and holds the viewer's id.
"""

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing.markdown import escape


def draw(options: Options, labels: Mapping[str, str], most_options: int) -> None:
    """Draws the picker; who is chosen is left in the session and in the URL.

    Args:
      options: what may be chosen.
      labels: viewer -> what to call them, of those who have a name.
      most_options: with more viewers they are typed instead of listed.
    """
    _read_url(options)
    if len(options.users) <= most_options:
        if st.session_state.get(current.USER) not in options.users:
            st.session_state[current.USER] = options.first_user
        st.selectbox(
            "Viewer",
            options.users.ordered,
            key=current.USER,
            persist_state="session",  # a closed menu does not send its widgets along to the next page
            format_func=lambda user: labels.get(user, user),
            filter_mode="contains",  # digits find a persona too; ids are in order, so 4 comes before 14
            width=185,
        )
    else:
        st.session_state.setdefault(current.USER, options.first_user)
        st.text_input(
            "Viewer",
            key=current.USER,
            persist_state="session",  # a closed menu does not send its widgets along to the next page
            help=f"One of {len(options.users):,} viewer ids.",
            icon=":material/search:",
            width=160,
        )
        if st.session_state[current.USER] not in options.users:
            st.caption(f"The model does not know this viewer; here is viewer {escape(options.first_user)}.")
    _write_url(options)


def _read_url(options: Options) -> None:
    """Takes the viewer of the URL: when a session begins, and when the browser goes back or forth."""
    asked = st.query_params.get(current.USER)
    context = get_script_run_ctx(suppress_warning=True)
    turned_back = context is not None and context.is_history_navigation
    if turned_back:
        st.session_state[current.USER] = asked if asked in options.users else options.first_user
    elif current.USER not in st.session_state and asked in options.users:
        st.session_state[current.USER] = asked


def _write_url(options: Options) -> None:
    chosen = st.session_state[current.USER]
    wanted = None if chosen == options.first_user else chosen
    if st.query_params.get(current.USER) == wanted:
        return
    if wanted is None:
        st.query_params.pop(current.USER, None)
    else:
        st.query_params[current.USER] = wanted
