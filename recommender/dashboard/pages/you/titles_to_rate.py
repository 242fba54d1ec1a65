"""Which titles to ask a visitor to rate first: those whose stars say most of their taste; pure NumPy."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.ratings import Ratings, rows_among

# Titles considered at a time. On MovieLens 100K, viewers asked with 60 came nearer to their own lists after a dozen
# questions than with 200: a question about a title one has not seen is wasted.
POOL = 60


def popularity_and_spread(
    ratings: Ratings, item_ids: tuple[str, ...]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How many rated each title, and how much they disagree on it.

    Args:
      ratings: the data set.
      item_ids: [n_titles] titles by id.

    Returns:
      [n_titles] number of ratings and [n_titles] standard deviation of the stars; zeros where a title has none.
    """
    n = len(ratings.items)
    counts = np.bincount(ratings.item_rows, minlength=n).astype(np.float64)
    stars = ratings.exact_stars
    means = np.bincount(ratings.item_rows, stars, n) / np.maximum(counts, 1)
    squares = np.bincount(ratings.item_rows, (stars - means[ratings.item_rows]) ** 2, n)
    rows = rows_among(pd.Series(item_ids, dtype="str"), ratings.items["item_id"])
    rated = rows >= 0
    spreads = np.sqrt(squares / np.maximum(counts, 1))
    return np.where(rated, counts[rows], 0.0), np.where(rated, spreads[rows], 0.0)


def most_informative(
    popularity: npt.NDArray[np.float64],
    spread: npt.NDArray[np.float64],
    places: npt.NDArray[np.floating] | None,
    n: int,
) -> list[int]:
    """Titles in the order in which to ask for them.

    Each next title is, of the most popular ones not asked yet, that with the greatest log(1 + popularity) x spread x
    (1 - cosine to the nearest title asked before). The first two factors are "log popularity x entropy" of Rashid et
    al., Getting to know you (2002), with the standard deviation in the place of the entropy; the third is a
    farthest-point traversal, so that no question repeats another.

    Args:
      popularity: [n_titles] how many rated each title.
      spread: [n_titles] how much they disagree on it; of no weight where it is 0 for the most popular titles.
      places: [n_titles, size] embeddings of the titles; None without.
      n: how many titles.

    Returns:
      At most n rows of titles; none of a title that nobody rated.
    """
    order = np.argsort(-popularity, kind="stable")
    order = order[popularity[order] > 0]
    weights = np.log1p(popularity) * (spread if spread[order[:POOL]].any() else 1.0)
    distance = np.ones(len(popularity))
    directions = None if places is None else places / np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-12)
    chosen: list[int] = []
    while len(chosen) < n and len(order):
        candidates = order[:POOL]
        place = int(np.argmax(weights[candidates] * distance[candidates]))
        chosen.append(int(candidates[place]))
        order = np.delete(order, place)
        if directions is not None:
            distance = np.minimum(distance, 1.0 - np.clip(directions @ directions[chosen[-1]], -1.0, 1.0))
    return chosen
