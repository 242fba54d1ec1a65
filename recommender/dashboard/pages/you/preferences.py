"""The kinds of titles a visitor can pick, and which titles stand in for a pick; pure pandas."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from recommender.data.ratings import ITEM_ID, TITLE, Ratings
from recommender.data.schema import Kind

# So many titles stand in for what is picked: of ten or twenty, twenty moved the list most on MovieLens 100K.
STAND_INS = 20
_NO_VALUE = ("", "unknown", "none", "(no genres listed)")

Picks = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Category:
    """One thing that titles differ in: its name in the data, and its values, the most frequent first."""

    feature: str
    values: tuple[str, ...]


def categories(ratings: Ratings) -> tuple[Category, ...]:
    """All that there is to pick from: labels such as genres first, then the other categories of titles."""
    found = []
    for feature in sorted(ratings.schema.item_features, key=lambda feature: feature.kind is not Kind.MULTI_CATEGORY):
        if feature.kind in (Kind.CATEGORY, Kind.MULTI_CATEGORY):
            counts = Counter(value for values in _values(ratings, feature.name) for value in values)
            values = tuple(value for value, _ in counts.most_common() if value.lower() not in _NO_VALUE)
            if len(values) > 1:
                found.append(Category(feature.name, values))
    return tuple(found)


def matching(ratings: Ratings, picks: Picks) -> frozenset[str]:
    """Ids of the titles that have, of every category in which something is picked, one of the values picked."""
    fits = np.ones(len(ratings.items), bool)
    for feature, wanted in picks.items():
        if wanted:
            fits &= np.array([any(value in wanted for value in values) for values in _values(ratings, feature)])
    return frozenset(ratings.items[ITEM_ID][fits])


def stand_ins(ratings: Ratings, picks: Picks, options: Iterable[str], n: int = STAND_INS) -> dict[str, float]:
    """Titles that the model reads as rated when somebody has picked kinds and rated too few titles.

    Of the matching titles those come first that are popular and of few other kinds: log(1 + ratings) over the number of
    values that a title has in the categories picked from. The picked values take turns, so that a rare one gets as many
    titles as a frequent one.

    Args:
      ratings: the data set.
      picks: category -> values picked.
      options: titles of the catalogue.
      n: at most so many titles.

    Returns:
      title -> its mean stars; empty if nothing is picked.
    """
    turns = [(feature, value) for feature, wanted in picks.items() for value in wanted]
    if not turns or n < 1:
        return {}
    fits = matching(ratings, picks)
    sizes = np.bincount(ratings.item_rows, minlength=len(ratings.items))
    means = np.bincount(ratings.item_rows, ratings.exact_stars, len(sizes)) / np.maximum(sizes, 1)
    table = ratings.items.assign(size=sizes, mean=means)
    table = table[(sizes > 0) & table[ITEM_ID].isin(fits) & table[TITLE].isin(set(options))]
    several = sum(table[f].map(lambda values: max(1, len(_as_tuple(values)))) for f, wanted in picks.items() if wanted)
    ordered = table.assign(weight=np.log1p(table["size"]) / several).sort_values(
        "weight", ascending=False, kind="stable"
    )
    queues = [
        iter(ordered[TITLE][[value in _as_tuple(values) for values in ordered[feature]]].tolist())
        for feature, value in turns
    ]
    mean_of = dict(zip(ordered[TITLE], ordered["mean"], strict=True))
    found: dict[str, float] = {}
    while queues and len(found) < n:
        for queue in list(queues):
            title = next((title for title in queue if title not in found), None)
            if title is None:
                queues.remove(queue)
            elif len(found) < n:
                found[title] = float(mean_of[title])
    return found


def _values(ratings: Ratings, feature: str) -> list[tuple[str, ...]]:
    return [_as_tuple(value) for value in ratings.items[feature]]


def _as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
