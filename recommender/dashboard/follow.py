"""The picker of followed titles: a list of all, or beyond some thousands a search."""

import streamlit as st

from recommender.dashboard import state
from recommender.dashboard.bar import MOST_OPTIONS
from recommender.dashboard.state import Known

_SEARCH = "_title_search"
_MOST_FOUND = 50


def draw(known: Known) -> None:
    """Draws the picker; what is chosen is left in the session."""
    options = known.titles.ordered
    if len(known.titles) > MOST_OPTIONS:
        words = st.text_input(
            "Find titles",
            key=_SEARCH,
            placeholder=f"Search {len(known.titles):,} titles",
            icon=":material/search:",
            label_visibility="collapsed",
        )
        options = _found(known, words)
    st.multiselect(
        "Follow titles",
        options,
        key=state.TITLES,
        bind="query-params",
        max_selections=state.MAX_TITLES,
        placeholder="Add titles",
        label_visibility="collapsed",
        filter_mode="contains",
        wrap=True,
    )


def _found(known: Known, words: str) -> tuple[str, ...]:
    """The titles that are followed, and before them the first that hold all the words."""
    wanted = words.lower().split()
    hits = (title for title in known.titles.ordered if all(word in title.lower() for word in wanted))
    found = [title for title, _ in zip(hits, range(_MOST_FOUND), strict=False)]
    return tuple(dict.fromkeys([*found, *state.followed(known)]))
