"""The address of a view: every choice written out, so that it shows the same to whoever opens it."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import streamlit as st

from recommender.dashboard.choices import state
from recommender.dashboard.choices.state import Known

_SHARED = (state.USER, state.AT, state.TITLES, state.K, state.HIDE_SEEN, state.PIN, state.MODEL)
_SHOWING = (state.STEP, state.PRESENT)  # how it is told, not what is shown


def query(known: Known) -> dict[str, str | list[str]]:
    """The parameters of the view, by name.

    Args:
      known: what may be chosen.
    """
    chosen = state.choices(known)
    found: dict[str, str | list[str]] = {}
    if state.MODEL in st.session_state:
        found[state.MODEL] = st.session_state[state.MODEL]
    found[state.USER] = chosen.user
    if known.has_clock:
        found[state.AT] = _typed(chosen.at)
    if chosen.pin is not None:
        found[state.PIN] = _typed(chosen.pin)
    if chosen.titles:
        found[state.TITLES] = list(chosen.titles)
    if chosen.k != state.DEFAULT_K:
        found[state.K] = str(chosen.k)
    if not chosen.hide_seen:
        found[state.HIDE_SEEN] = "false"
    for name in st.query_params:  # what only this page has
        if name not in (*_SHARED, *_SHOWING):
            found[name] = st.query_params.get_all(name)
    return found


def of_view(known: Known, others: Mapping[str, str]) -> str:
    """The whole address; only its query where the server does not know how it is reached.

    Args:
      known: what may be chosen.
      others: choices that only this page has, by parameter.
    """
    reached = st.context.url or ""
    root = "/" if reached and not urlsplit(reached).path else ""
    return f"{reached}{root}?{urlencode({**query(known), **others}, doseq=True, safe=':')}"


def _typed(seconds: int) -> str:
    return state.to_clock(seconds).strftime("%Y-%m-%dT%H:%M")
