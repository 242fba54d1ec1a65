"""The link that shows the same view to whoever opens it: every choice written out."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import streamlit as st

from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.drawing import links

_SHARED_BY_PAGES = (
    *(current.USER, current.AT, current.TITLES, current.K, current.PIN, current.MODEL),
    *current.SWITCHES,
    *(name for written in current.WRITTEN.values() for name in written.NAMES),
)
_LEFT_OUT = (current.STEP, current.MARKED, current.PRESENT)  # how it is shown, not what


def link_to_view(options: Options, chosen: Choices, page_choices: Mapping[str, str]) -> str:
    """The whole address; only its query where the server does not know how it is reached.

    Args:
      options: what may be chosen.
      chosen: what is.
      page_choices: choices that only this page has, by parameter.
    """
    reached = st.context.url or ""
    root = "/" if reached and not urlsplit(reached).path else ""
    return f"{reached}{root}?{urlencode({**_query(options, chosen), **page_choices}, doseq=True, safe=':')}"


def address_of_app() -> str:
    """Where the first page is, with a slash at its end; only that where the server does not know how it is reached."""
    reached = urlsplit(st.context.url or "")
    folder, _, last = reached.path.rpartition("/")
    path = folder if last in links.pages() else reached.path
    return f"{reached.scheme}://{reached.netloc}{path.rstrip('/')}/" if reached.netloc else "/"


def _query(options: Options, chosen: Choices) -> dict[str, str | list[str]]:
    """The parameters of the view, by name."""
    found: dict[str, str | list[str]] = {}
    if current.MODEL in st.session_state:
        found[current.MODEL] = st.session_state[current.MODEL]
    found[current.USER] = chosen.user
    if options.has_clock:
        found[current.AT] = _written(chosen.at)
    if chosen.pin is not None:
        found[current.PIN] = _written(chosen.pin)
    if chosen.titles:
        found[current.TITLES] = list(chosen.titles)
    if chosen.k != current.DEFAULT_K:
        found[current.K] = str(chosen.k)
    for key, usual in current.SWITCHES.items():
        if st.session_state.get(key, usual) != usual:
            found[key] = str(not usual).lower()
    found |= {name: values for name, values in current.list_written().items() if values}
    for name in st.query_params:  # what only this page has
        if name not in (*_SHARED_BY_PAGES, *_LEFT_OUT):
            found[name] = st.query_params.get_all(name)
    return found


def _written(seconds: int) -> str:
    return current.write_clock(current.to_clock(seconds))
