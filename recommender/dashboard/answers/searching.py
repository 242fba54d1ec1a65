"""The search of titles, built once for a catalogue and shared by all viewers."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from recommender.dashboard.answers import title_lists

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender
    from recommender.serving.title_search import TitleSearch


@lru_cache(maxsize=8)  # an index of 60,000 titles takes seconds
def search_of(titles: tuple[str, ...]) -> "TitleSearch":
    """The search over these titles, those to prefer among equals first."""
    from recommender.serving.title_search import TitleSearch

    return TitleSearch(titles)


def find(recommender: "Recommender", words: str, limit: int) -> list[str]:
    """The titles of a catalogue that were most likely meant; of equals, those first that most have rated."""
    return search_of(_by_popularity(recommender, title_lists.version(recommender))).find(words, limit)


@st.cache_resource(max_entries=4, show_spinner=False)
def _by_popularity(_recommender: "Recommender", version: str) -> tuple[str, ...]:
    """The catalogue, the titles that most have rated first, as far as that is known."""
    counts = title_lists.times_rated(_recommender, version)
    if counts is None:
        return tuple(_recommender.titles)
    order = np.argsort(-counts.reindex(list(_recommender.item_ids)).fillna(0).to_numpy(), kind="stable")
    return tuple(_recommender.titles[row] for row in order)
