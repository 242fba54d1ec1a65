"""The search of titles, built once for a catalogue and shared by all viewers."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.drawing.markdown import escape, plain
from recommender.data.titles import spoken_name

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


def draw_found(words: str, found: Sequence[str], key: str, on_click: Callable[[str], None]) -> None:
    """Draws a button for each title found, or one line if there is none.

    Args:
      words: what was looked for.
      found: titles.
      key: of the buttons, which are numbered.
      on_click: told which title was clicked.
    """
    if not found:
        st.caption(f"Nothing here is like '{plain(words)}'.", width="content")
    for place, title in enumerate(found):
        name, year = spoken_name(title)
        st.button(
            escape(f"{name} ({year})" if year else name),
            key=f"{key}_{place}",
            type="tertiary",
            icon=":material/movie:",
            on_click=on_click,
            args=(title,),
        )
