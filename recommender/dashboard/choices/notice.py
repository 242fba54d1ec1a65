"""The one line that says what could not be chosen as it was asked, until something else is chosen."""

from collections.abc import Sequence

import streamlit as st

from recommender.dashboard.choices.current import Choices

_LINE = "_notice"
_SHOWN_WITH = "_notice_shown_with"


def write(opening: str, clauses: Sequence[str]) -> None:
    """Puts a line in the place of the last one: the opening, then what was wrong; none if nothing was."""
    st.session_state[_LINE] = f"{opening}{'; '.join(clauses)}." if clauses else ""
    st.session_state.pop(_SHOWN_WITH, None)


def read(chosen: Choices) -> str | None:
    """The line, if there is one and nothing was chosen since it was first read."""
    line: str = st.session_state.get(_LINE, "")
    if line and st.session_state.setdefault(_SHOWN_WITH, chosen) != chosen:
        st.session_state[_LINE] = line = ""
    return line or None
