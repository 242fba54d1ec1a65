"""The picker of viewers."""

from collections.abc import Mapping

import streamlit as st

from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing.markdown import escape


def draw(options: Options, labels: Mapping[str, str], most_options: int) -> None:
    """Draws the picker; who is chosen is left in the session.

    Args:
      options: what may be chosen.
      labels: viewer -> what to call them, of those who have a name.
      most_options: with more viewers they are typed instead of listed.
    """
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
        )
    else:
        st.session_state.setdefault(current.USER, options.first_user)
        st.text_input(
            "Viewer",
            key=current.USER,
            persist_state="session",  # a closed menu does not send its widgets along to the next page
            help=f"One of {len(options.users):,} viewer ids.",
            icon=":material/search:",
        )
        if st.session_state[current.USER] not in options.users:
            st.caption(f"The model does not know this viewer; here is viewer {escape(options.first_user)}.")
