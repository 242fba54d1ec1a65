"""The title that is open on the page Movies: in the address bar, so that it can be shared and comes along."""

import streamlit as st

from recommender.dashboard.choices import current

_TIMES_OPENED = "_movies_opened"


def asked() -> str | None:
    """The title that the address asks for, whether the model knows it or not."""
    return st.query_params.get(current.MOVIE)


def open_title(title: str) -> None:
    """Opens a title; for callbacks."""
    st.query_params[current.MOVIE] = title
    st.session_state[_TIMES_OPENED] = times_opened() + 1


def times_opened() -> int:
    """How many titles this session has opened."""
    opened: int = st.session_state.get(_TIMES_OPENED, 0)
    return opened
