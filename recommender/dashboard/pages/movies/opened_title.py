"""The title that is open on the page Movies: in the address bar, so that it can be shared and comes along."""

import streamlit as st

from recommender.dashboard.choices import current

_N_OPENED = "_n_opened_titles"


def asked_for() -> str | None:
    """The title that the address asks for, whether the model has it or not."""
    return st.query_params.get(current.MOVIE)


def open_title(title: str) -> None:
    """Opens a title; for callbacks."""
    st.query_params[current.MOVIE] = title
    st.session_state[_N_OPENED] = n_opened() + 1


def n_opened() -> int:
    """How many titles this session has opened."""
    opened: int = st.session_state.get(_N_OPENED, 0)
    return opened
