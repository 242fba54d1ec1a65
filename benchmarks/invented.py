"""Invented ratings of any size that a recommender can learn from: tastes, fashions, a long tail, and years of time.

Titles come out over twenty years, are watched most when they are new, and their popularity falls off as Zipf's law has
it. Viewers and titles have tastes in a few directions, of which genres say something; a viewer watches what is popular
and to their taste, in sittings, and gives it stars by taste, by how good it is, and by their own measure. Nothing in it
is of any real person or film.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data import Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema

_FIRST, _LAST = 800_000_000, 1_430_000_000  # UTC seconds: twenty years
_GENRES = ("Action", "Comedy", "Drama", "Documentary", "Noir", "Thriller", "Musical", "Western", "Fantasy", "War")
_TASTES = len(_GENRES)
_AT_ONCE = 2_000_000  # candidates that are weighed together
_CANDIDATES = 8  # titles that come to a viewer's mind, for one that is watched


class Size(NamedTuple):
    """How large a table is."""

    ratings: int
    viewers: int
    titles: int


def invented(size: Size, *, seed: int) -> Ratings:
    """A table of about so many ratings; a viewer rates a title at most once.

    Args:
      size: of the table; viewers beyond the ratings' number rate nothing and are left out.
      seed: the same seed, the same table.
    """
    rng = np.random.default_rng(seed)
    genres = rng.random((size.titles, _TASTES)) < 0.18
    tastes = rng.normal(0, 0.5, (size.titles, _TASTES)).astype(np.float32) + genres
    premieres = np.sort(rng.uniform(-2.0, 1.0, size.titles))  # in spans of the data; most were out before it began
    popularity = np.arange(1, size.titles + 1) ** -0.9
    popularity = rng.permutation(popularity / popularity.sum())
    quality = (rng.normal(0, 0.45, size.titles) + 0.1 * np.log(popularity * size.titles)).astype(np.float32)
    lengths = _lengths(rng, size)
    leanings = rng.normal(0, 1.0, (size.viewers, _TASTES)).astype(np.float32)
    starts, measures = rng.uniform(0, 0.97, size.viewers), rng.normal(3.4, 0.35, size.viewers)
    columns: tuple[list[npt.NDArray[Any]], ...] = ([], [], [])  # of users, titles and moments
    first = 0
    ends = np.cumsum(lengths)
    while first < size.viewers:
        last = max(int(np.searchsorted(ends, ends[first] + _AT_ONCE // _CANDIDATES)), first + 1)
        chosen = _watched(rng, slice(first, last), lengths, starts, premieres, popularity, (leanings, tastes))
        for column, values in zip(columns, chosen, strict=True):
            column.append(values)
        first = last
    user, item, day = (np.concatenate(column) for column in columns)
    stars = measures[user] + quality[item] + rng.normal(0, 0.8, len(user))
    for part in np.array_split(np.arange(len(user)), len(user) // _AT_ONCE + 1):
        stars[part] += np.einsum("ij,ij->i", leanings[user[part]], tastes[item[part]]) * 0.35
    return Ratings(
        name=f"invented-{len(user)}",
        interactions=pd.DataFrame(
            {
                "user_id": np.array([f"v{row}" for row in range(size.viewers)], object)[user],
                "item_id": np.array([f"t{row}" for row in range(size.titles)], object)[item],
                "rating": np.clip(np.round(stars * 2) / 2, 0.5, 5.0),
                "timestamp": (_FIRST + day * (_LAST - _FIRST)).astype(np.int64),
            }
        ),
        items=_catalogue(genres, premieres),
        users=pd.DataFrame({"user_id": [f"v{row}" for row in range(size.viewers)]}),
        scale=RatingScale(0.5, 5.0, 0.5),
        schema=Schema((), (Feature("genres", Kind.MULTI_CATEGORY), Feature("year", Kind.NUMBER)), True),
    )


def _lengths(rng: np.random.Generator, size: Size) -> npt.NDArray[np.int64]:
    """[viewers] how many ratings each gives: few of most, many of some, at most a quarter of the catalogue."""
    mean = size.ratings / size.viewers
    lengths = rng.lognormal(0, 1.0, size.viewers)
    wanted = lengths * (mean / lengths.mean())
    return np.clip(np.round(wanted), 1, max(size.titles // 4, 1)).astype(np.int64)


def _watched(
    rng: np.random.Generator,
    viewers: slice,
    lengths: npt.NDArray[np.int64],
    starts: npt.NDArray[np.floating],
    premieres: npt.NDArray[np.floating],
    popularity: npt.NDArray[np.floating],
    tastes: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.floating]]:
    """Who watched what when, of some viewers: rows of viewers and titles, and moments in [0, 1) of the span."""
    leanings, directions = tastes
    counts = lengths[viewers]
    owner = np.repeat(np.arange(viewers.start, viewers.stop), counts * _CANDIDATES)
    title = np.searchsorted(np.cumsum(popularity), rng.random(len(owner))).clip(max=len(popularity) - 1)
    # Each comes to mind at some moment of the viewer's time: a sitting within months of their first.
    sitting = starts[owner] + rng.exponential(0.01, len(owner)) * rng.integers(0, 4, len(owner))
    sitting = np.minimum(sitting + rng.uniform(0, 2e-5, len(owner)), 0.999)
    age = sitting - premieres[title]
    weight = np.einsum("ij,ij->i", leanings[owner], directions[title]) + 1.2 * np.exp(-np.maximum(age, 0) / 0.05)
    key = weight + rng.gumbel(size=len(owner))
    key[age < 0] = -np.inf  # not out yet
    order = np.lexsort((-key, owner * np.int64(len(premieres)) + title))
    same = np.zeros(len(owner), bool)
    same[1:] = (np.diff(owner[order]) == 0) & (np.diff(title[order]) == 0)
    order = order[~same & np.isfinite(key[order])]
    order = order[np.lexsort((-key[order], owner[order]))]
    begins = np.searchsorted(owner[order], owner[order])
    order = order[np.arange(len(order)) - begins < lengths[owner[order]]]
    return owner[order], title[order], sitting[order]


def _catalogue(genres: npt.NDArray[np.bool_], premieres: npt.NDArray[np.floating]) -> pd.DataFrame:
    names = np.array(_GENRES, object)
    years = np.floor(1995 + premieres * 20)
    return pd.DataFrame(
        {
            "item_id": [f"t{row}" for row in range(len(genres))],
            "title": [f"Invented {row} ({year:.0f})" for row, year in enumerate(years)],
            "genres": [tuple(names[own]) for own in genres],
            "year": years,
        }
    )
