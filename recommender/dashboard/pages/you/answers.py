"""What the page asks of the model and the ratings, kept so that a rerun does not ask again."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from recommender.dashboard.pages.you import preferences, titles_to_rate
from recommender.dashboard.pages.you.visitor import Stars

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

Picks = tuple[tuple[str, tuple[str, ...]], ...]  # `Visitor.picks`, hashable

_PROPOSED = 120


class Without(NamedTuple):
    """A question to the model about one title: where it stands when one rating is not read.

    Attributes:
      at: the moment, UTC seconds.
      history: what is read else.
      title: the title that has a place.
      left_out: titles of the history, each to be left out alone.
    """

    at: int
    history: Stars
    title: str
    left_out: tuple[str, ...]


@st.cache_data(max_entries=8, show_spinner=False)
def proposals(_recommender: "Recommender", version: str) -> tuple[str, ...]:
    """Titles in the order in which to put them before a visitor.

    Without the ratings nobody can say how many viewers rated a title; then the order in which the model lists titles
    for an empty history stands in for it.
    """
    titles, n = _recommender.titles, len(_recommender.titles)
    if _recommender.ratings is None:
        usual = _recommender.retrieve(None, _recommender.last_moment, n, include_seen=True)["title"]
        popularity, spread = np.zeros(n), np.ones(n)
        popularity[_recommender.rows.rows_of_titles(list(usual))] = np.arange(len(usual), 0, -1)
    else:
        popularity, spread = titles_to_rate.popularity_and_spread(_recommender.ratings, _recommender.item_ids)
    # Farther down nothing is looked at, so nothing more need be placed: catalogues may be long.
    head = np.argsort(-popularity, kind="stable")[: _PROPOSED + titles_to_rate.POOL]
    places = None
    if _recommender.manifest.has_space:
        places = _recommender.signatures["embed"](items=head.astype(np.int32))["candidates"].numpy()
    chosen = titles_to_rate.most_informative(popularity[head], spread[head], places, _PROPOSED)
    return tuple(titles[head[place]] for place in chosen)


@st.cache_data(max_entries=8, show_spinner=False)
def categories(_recommender: "Recommender", version: str) -> tuple[preferences.Category, ...]:
    """The categories to pick from; none without ratings."""
    return () if _recommender.ratings is None else preferences.categories(_recommender.ratings)


@st.cache_data(max_entries=20, max_size="20MB", scope="session", show_spinner=False)
def matching(_recommender: "Recommender", version: str, picks: Picks) -> frozenset[str]:
    """Ids of the titles that match what is picked; needs the ratings."""
    assert _recommender.ratings is not None
    return preferences.matching(_recommender.ratings, dict(picks))


@st.cache_data(max_entries=20, scope="session", show_spinner=False)
def stand_ins(_recommender: "Recommender", version: str, picks: Picks, n: int) -> dict[str, float]:
    """At most n titles that stand in for what is picked, with their mean stars; needs the ratings."""
    assert _recommender.ratings is not None
    return preferences.stand_ins(_recommender.ratings, dict(picks), _recommender.titles, n)


@st.cache_data(max_entries=20, max_size="50MB", scope="session", show_spinner=False)  # two are drawn at once
def catalogue(_recommender: "Recommender", version: str, at: int, history: Stars) -> pd.DataFrame:
    """Every title as the model ranks it for somebody with this history at a moment; one call of the model."""
    from recommender.serving.recommender import History

    read = History(dict(history)) if history else None
    return _recommender.retrieve(None, at, len(_recommender.titles), history=read, include_seen=True)


@st.cache_data(max_entries=20, scope="session", show_spinner=False)
def places_without(
    _recommender: "Recommender", version: str, asked: Without, competing: npt.NDArray[np.bool_]
) -> dict[str, int]:
    """The place of a title when one rating is not read; one call of the model.

    Args:
      _recommender: the model; not part of the key.
      version: its `title_lists.version`.
      asked: which title, and without which ratings.
      competing: [n_titles] titles among which it has its place.

    Returns:
      rating left out -> place from 1.
    """
    from recommender.serving.explanation import ranks_without
    from recommender.serving.recommender import History

    history = History(dict(asked.history))
    places = ranks_without(
        _recommender, None, asked.at, asked.title, asked.left_out, history=history, competing=competing
    )
    return {str(rated): int(place) for rated, place in places.items()}
