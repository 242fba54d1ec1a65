"""The address of a view: every choice written out, so that it shows the same to whoever opens it."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import streamlit as st

from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options

_SHARED = (current.USER, current.AT, current.TITLES, current.K, current.HIDE_SEEN, current.PIN, current.MODEL)
_SHOWING = (current.STEP, current.PRESENT)  # how it is told, not what is shown


def query(options: Options) -> dict[str, str | list[str]]:
    """The parameters of the view, by name.

    Args:
      options: what may be chosen.
    """
    chosen = current.choices(options)
    found: dict[str, str | list[str]] = {}
    if current.MODEL in st.session_state:
        found[current.MODEL] = st.session_state[current.MODEL]
    found[current.USER] = chosen.user
    if options.has_clock:
        found[current.AT] = _typed(chosen.at)
    if chosen.pin is not None:
        found[current.PIN] = _typed(chosen.pin)
    if chosen.titles:
        found[current.TITLES] = list(chosen.titles)
    if chosen.k != current.DEFAULT_K:
        found[current.K] = str(chosen.k)
    if not chosen.hide_seen:
        found[current.HIDE_SEEN] = "false"
    for name in st.query_params:  # what only this page has
        if name not in (*_SHARED, *_SHOWING):
            found[name] = st.query_params.get_all(name)
    return found


def of_view(options: Options, others: Mapping[str, str]) -> str:
    """The whole address; only its query where the server does not know how it is reached.

    Args:
      options: what may be chosen.
      others: choices that only this page has, by parameter.
    """
    reached = st.context.url or ""
    root = "/" if reached and not urlsplit(reached).path else ""
    return f"{reached}{root}?{urlencode({**query(options), **others}, doseq=True, safe=':')}"


def _typed(seconds: int) -> str:
    return current.to_clock(seconds).strftime("%Y-%m-%dT%H:%M")
