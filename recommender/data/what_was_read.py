"""What a data set turned out to be, in sentences: said before anybody trains on it."""

import datetime

import numpy as np
import numpy.typing as npt

from recommender.data.ratings import Ratings

_MOST_LEVELS = 12  # of a scale whose shares are listed one by one
_MANY = 0.25  # share of the ratings from which a lone value at the end of the scale is asked about,
_LONELY = 5.0  # if its neighbour on the scale has so many times fewer


def what_was_read(ratings: Ratings) -> tuple[str, ...]:
    """How many ratings of what by whom, when, on which scale, how spread, and how many are repeated."""
    stars = ratings.stars
    said = [
        f"{len(ratings):,} ratings of {len(ratings.items):,} titles by {len(ratings.users):,} viewers, "
        f"{_span(ratings)}, on a scale of {ratings.scale} in steps of {ratings.scale.step:g}.",
        f"Ratings: {_spread(stars)}.",
    ]
    pairs = ratings.user_rows.astype(np.int64) * len(ratings.items) + ratings.item_rows
    n_repeated = len(pairs) - len(np.unique(pairs))
    if n_repeated:
        said.append(f"{n_repeated:,} ratings are of a title that the same viewer had rated before.")
    return tuple(said)


def question_about_codes(ratings: Ratings) -> str:
    """Whether a value means "not rated", as a question without what to do about it; "" where none stands apart."""
    lone = lone_value(ratings.stars)
    if lone is None:
        return ""
    share = float(np.mean(ratings.stars == lone))
    return f"{share:.0%} of the ratings are {lone:g}, and hardly any lies next to it: does that mean not rated?"


def lone_value(stars: npt.NDArray[np.floating]) -> float | None:
    """A value at an end of the scale that many ratings have and hardly any has next to it; None without.

    Where somebody wrote 0 or 99 for "not rated", it stands apart so; the lowest or highest star does not. Of two values
    alone, a thumb up or down, neither is one.
    """
    values, counts = np.unique(stars, return_counts=True)
    if len(values) < 3 or not len(stars):
        return None
    for end, neighbour in ((0, 1), (-1, -2)):
        if counts[end] >= _MANY * len(stars) and counts[end] >= _LONELY * counts[neighbour]:
            return float(values[end])
    return None


def _span(ratings: Ratings) -> str:
    if not ratings.schema.has_timestamps or not len(ratings):
        return "no times"
    first, last = (
        datetime.datetime.fromtimestamp(int(at), datetime.UTC).date().isoformat()
        for at in (ratings.timestamps.min(), ratings.timestamps.max())
    )
    return f"{first} to {last}"


def _spread(stars: npt.NDArray[np.floating]) -> str:
    values, counts = np.unique(stars, return_counts=True)
    if len(values) <= _MOST_LEVELS:
        return ", ".join(f"{value:g}: {n / len(stars):.0%}" for value, n in zip(values, counts, strict=True))
    low, quarter, half, most, high = np.quantile(stars, [0, 0.25, 0.5, 0.75, 1])
    return f"{low:g} to {high:g}, half of them from {quarter:g} to {most:g}, in the middle {half:g}"
