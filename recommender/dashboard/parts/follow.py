"""The picker of followed titles: a list of all, or beyond some thousands a search."""

import streamlit as st

from recommender.dashboard.answers.searching import search_of
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.frame.bar import MOST_OPTIONS

_SEARCH = "_title_search"
_MOST_FOUND = 50


def draw(options: Options) -> None:
    """Draws the picker; what is chosen is left in the session."""
    titles = options.titles.ordered
    if len(options.titles) > MOST_OPTIONS:
        words = st.text_input(
            "Find titles",
            key=_SEARCH,
            placeholder=f"Search {len(options.titles):,} titles",
            icon=":material/search:",
            label_visibility="collapsed",
        )
        titles = _found(options, words)
    st.multiselect(
        "Follow titles",
        titles,
        key=current.TITLES,
        bind="query-params",
        max_selections=current.MAX_TITLES,
        placeholder="Add titles",
        label_visibility="collapsed",
        filter_mode="contains",
        wrap=True,
    )


def _found(options: Options, words: str) -> tuple[str, ...]:
    """The titles that the words may mean (without words, the first), then those that are followed."""
    ordered = options.titles.ordered
    found = search_of(ordered).find(words, _MOST_FOUND) if words.strip() else ordered[:_MOST_FOUND]
    return tuple(dict.fromkeys([*found, *current.followed(options)]))
