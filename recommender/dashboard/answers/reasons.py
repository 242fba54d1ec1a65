"""What a card says beside its title: between which stars it most likely lies, and one reason in a sentence."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.data.titles import short_name
from recommender.serving.reasons import Reason, Said, reasons
from recommender.serving.viewer_histories import history_of

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_Stars = tuple[tuple[str, float], ...]

_NUMBERS = ("no", "one", "two", "three", "four", "five")


class Asker(NamedTuple):
    """For whom a list is, and when.

    Attributes:
      user: a viewer of the data; None for a visitor.
      at: the moment, UTC seconds.
      gave: title and stars of a visitor's ratings, oldest first; None for a viewer, who has a history.
    """

    user: str | None
    at: int
    gave: _Stars | None = None


def with_reasons(
    recommender: "Recommender", version: str, listed: pd.DataFrame, catalogue: pd.DataFrame, asker: Asker
) -> pd.DataFrame:
    """A list with what its cards say.

    Args:
      recommender: the model as it was asked for the list.
      version: its `title_lists.version`.
      listed: `title_lists.recommended`.
      catalogue: the `whole_catalogue` it is the head of.
      asker: for whom it is.

    Returns:
      The list with `low` and `high` (NaN from a model that gives no probabilities), `because` (a sentence, or ""),
      `named` (the titles in it) and `popular` (whether that is all there is to say).
    """
    titles = tuple(listed["title"])
    if not titles:
        return listed.assign(low=np.nan, high=np.nan, because="", named=[], popular=False)
    competing = title_lists.competing(recommender, catalogue)
    ranges, found = _asked(recommender, version, asker, titles, competing)
    who = "you" if asker.user is None else "they"
    return listed.assign(
        low=ranges["low"].to_numpy(),
        high=ranges["high"].to_numpy(),
        because=[sentence(reason, who, starred=recommender.manifest.data.has_ratings) for reason in found],
        named=pd.Series([tuple(title for title, _ in reason.ratings) for reason in found], dtype=object),
        popular=[reason.popular for reason in found],
    )


@st.cache_data(max_entries=200, show_spinner=False)
def _asked(
    _recommender: "Recommender",
    version: str,
    asker: Asker,
    titles: tuple[str, ...],
    competing: npt.NDArray[np.bool_],
) -> Said:
    from recommender.bundle.signatures import History

    read = None if asker.gave is None else History(dict(asker.gave))
    if asker.user is not None and _recommender.has_ratings:
        read = history_of(_recommender.history_read(asker.user))
    return reasons(_recommender, asker.user, asker.at, titles, history=read, competing=competing)


def sentence(reason: Reason, who: str, *, starred: bool = True) -> str:
    """A reason in words.

    Args:
      reason: of a title.
      who: "they" or "you".
      starred: whether viewers of the data gave stars; if not, they took titles.

    Returns:
      "Because they gave five stars to Alien and Aliens.", "Everybody watches it.", or "" where there is none to give.
    """
    if reason.popular:
        return "Everybody watches it."
    if not reason.ratings:
        return ""
    if not starred:
        return f"Because {who} took {_names([title for title, _ in reason.ratings])}."
    same = [
        (stars, [title for title, _ in group]) for stars, group in groupby(reason.ratings, key=lambda pair: pair[1])
    ]
    parts = [
        f"{_number(stars)} {'star' if stars == 1 else 'stars'} to {_names(titles)}"
        if i == 0
        else f"{_number(stars)} to {_names(titles)}"
        for i, (stars, titles) in enumerate(same)
    ]
    return f"Because {who} gave {' and '.join(parts)}."


def _number(stars: float) -> str:
    return _NUMBERS[int(stars)] if stars == int(stars) and 0 <= stars < len(_NUMBERS) else f"{stars:g}"


def _names(titles: Sequence[str]) -> str:
    return " and ".join(short_name(title) for title in titles)
