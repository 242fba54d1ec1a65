"""The picker of followed titles: a list of all, or beyond some thousands a search."""

import streamlit as st

from recommender.dashboard.answers.searching import search_of
from recommender.dashboard.choices import state
from recommender.dashboard.choices.state import Known
from recommender.dashboard.frame.bar import MOST_OPTIONS

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
    """The titles that are followed, and before them those that the words may mean; without words, the first."""
    ordered = known.titles.ordered
    found = search_of(ordered).find(words, _MOST_FOUND) if words.strip() else ordered[:_MOST_FOUND]
    return tuple(dict.fromkeys([*found, *state.followed(known)]))
