"""Two models' answers to the same question, side by side."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists

_HEAD = 100  # stars are compared of titles that one of the two ranks this high: those that anybody gets to see


@dataclass(frozen=True)
class Agreement:
    """How far two models agree on one viewer at one moment.

    Attributes:
      overlap: how many of the first `k` titles are in both lists.
      k: length of the lists.
      ranks: Spearman's correlation of the two orders of the catalogue's common titles; NaN for fewer than three.
      stars: Pearson's correlation of the stars predicted for them; NaN if a model predicts none.
      step: mean absolute difference of those stars; NaN if a model predicts none.
    """

    overlap: int
    k: int
    ranks: float
    stars: float
    step: float


@dataclass(frozen=True)
class Comparison:
    """Two models' answers to one question.

    Attributes:
      ours: the first model's list, see `lists`.
      theirs: the second's.
      links: each title's place in both, see `links`.
      agreement: how far they agree.
      apart: the titles on whose stars they differ most, see `stars_apart`.
    """

    ours: pd.DataFrame
    theirs: pd.DataFrame
    links: pd.DataFrame
    agreement: Agreement
    apart: pd.DataFrame


class Question(NamedTuple):
    """What two models are asked.

    Attributes:
      versions: the two models, each by its `title_lists.version`.
      user: the viewer.
      at: UTC seconds.
      k: how many titles are listed.
      hide_seen: whether titles the viewer has rated are left out.
      show_future: whether titles that were not out as of then are listed.
    """

    versions: tuple[str, str]
    user: str
    at: int
    k: int
    hide_seen: bool
    show_future: bool


@st.cache_data(max_entries=50, max_size="50MB", show_spinner=False)
def compare(_first: pd.DataFrame, _second: pd.DataFrame, question: Question) -> Comparison:
    """Compares two models' answers; those to the last questions are kept.

    Args:
      _first: one model's `title_lists.whole_catalogue`; not part of the key.
      _second: the other's; not part of the key.
      question: what the two are answers to.
    """
    first, second = (
        title_lists.placed(one, hide_seen=question.hide_seen, show_future=question.show_future)
        for one in (_first, _second)
    )
    ours, theirs = lists(first, second, question.k)
    both = common(_first, _second)
    return Comparison(ours, theirs, links(ours, theirs), agreement(ours, theirs, both, question.k), stars_apart(both))


def lists(first: pd.DataFrame, second: pd.DataFrame, k: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both lists, each title with its place in the other.

    Args:
      first: one model's `title_lists.whole_catalogue`; titles without a `place` are left out.
      second: the other's.
      k: how many titles are listed.

    Returns:
      Two frames as `title_lists.recommended` gives them, with `elsewhere` (the title's place in the other model's
      order; missing where its catalogue lacks the title) and `move` (places higher here than there; "only here" for a
      title beyond its first k).
    """
    ours, theirs = (title_lists.recommended(one, None, k) for one in (first, second))
    return _beside(ours, second, k), _beside(theirs, first, k)


def _beside(listed: pd.DataFrame, other: pd.DataFrame, k: int) -> pd.DataFrame:
    same = other[other["title"].isin(set(listed["title"]))].drop_duplicates("title").set_index("title")
    elsewhere = same["place"].reindex(listed["title"]).to_numpy(float, na_value=np.nan)
    places = zip(listed["place"].tolist(), elsewhere.tolist(), strict=True)
    return listed.assign(
        elsewhere=pd.array(elsewhere, "Int64"), move=[_move(place, there, k) for place, there in places]
    )


def _move(place: int, elsewhere: float, k: int) -> str:
    if not elsewhere <= k:  # beyond the list, or NaN: not in the other catalogue
        return "only here"
    step = int(elsewhere) - place
    return "=" if step == 0 else f"▲ {step}" if step > 0 else f"▼ {-step}"


def common(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """The titles of both catalogues.

    Args:
      first: one model's `title_lists.whole_catalogue`.
      second: the other's.

    Returns:
      `title`, and `rank` and `stars` with `_first` and `_second` behind.
    """
    columns = ["title", "rank", "stars"]
    return (
        first[columns]
        .drop_duplicates("title")
        .merge(second[columns].drop_duplicates("title"), on="title", suffixes=("_first", "_second"))
    )


def agreement(ours: pd.DataFrame, theirs: pd.DataFrame, both: pd.DataFrame, k: int) -> Agreement:
    """How far two models agree on the first `k` titles and on the catalogue.

    Args:
      ours: the first of the two `lists`.
      theirs: the second.
      both: the titles of both catalogues, as `common` gives them.
      k: how many titles were to be listed.
    """
    difference = (both["stars_second"] - both["stars_first"]).abs()
    return Agreement(
        overlap=len(set(ours["title"]) & set(theirs["title"])),
        k=k,
        ranks=_correlation(both["rank_first"].rank(), both["rank_second"].rank()),
        stars=_correlation(both["stars_first"], both["stars_second"]),
        step=float(difference.mean()) if difference.notna().any() else float("nan"),
    )


def stars_apart(both: pd.DataFrame, n: int = 8) -> pd.DataFrame:
    """The titles on whose stars two models differ most, among the first hundred of either.

    Args:
      both: the titles of both catalogues, as `common` gives them.
      n: how many at most.

    Returns:
      `position` (from the top), `title`, `name` (each another), `first` and `second` (stars), `step` (second less
      first), largest difference first; empty if a model predicts no stars.
    """
    both = both[(both["rank_first"] <= _HEAD) | (both["rank_second"] <= _HEAD)]
    both = both.assign(step=both["stars_second"] - both["stars_first"]).dropna(subset="step")
    both = both.iloc[(-both["step"].abs()).argsort(kind="stable")].head(n)
    named = title_lists.describe(both.rename(columns={"stars_first": "first", "stars_second": "second"}))
    named["name"] = named["name"].where(~named["name"].duplicated(keep=False), named["title"])
    return named.assign(position=range(len(named)))[["position", "title", "name", "first", "second", "step"]]


def links(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """The titles of two lists for `charts.places_joined`.

    Returns:
      `name`, `left` and `right`: the place in each list; NaN in the one that does not have it.
    """
    left = ours.set_index("title")["place"]
    right = theirs.set_index("title")["place"]
    titles = pd.concat([ours[["title", "name"]], theirs[["title", "name"]]]).drop_duplicates("title")
    return titles.assign(
        left=left.reindex(titles["title"]).to_numpy(float), right=right.reindex(titles["title"]).to_numpy(float)
    )[["name", "left", "right"]].reset_index(drop=True)


def _correlation(left: pd.Series, right: pd.Series) -> float:
    """Pearson's; NaN where it says nothing."""
    both = left.notna() & right.notna()
    x, y = left[both].to_numpy(float), right[both].to_numpy(float)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])
