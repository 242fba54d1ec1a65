"""What a data set turned out to be, in sentences: said before anybody trains on it."""

import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.ratings import TITLE, Ratings
from recommender.data.tables.cells import beginning_of

# What no title of words looks like: 4107, tt0114709, 034545104X, or an id of hexadecimal digits.
_CODE = r"[A-Za-z]{0,4}[-_]?\d[\dA-Za-z_-]*|[0-9a-f-]{16,}"
_NEARLY_ALL = 0.9
_MOST_LEVELS = 12  # of a scale whose shares are listed one by one
_MANY = 0.25  # share of the ratings from which a lone value at the end of the scale is asked about,
_LONELY, _LONELY_NOUGHT = 5.0, 2.0  # if its neighbour on the scale has so many times fewer; the same of 0 and below
_SOME, _GAP = 0.05, 2.0  # or share from which it is asked about where it stands so many steps apart from all others


class Description(NamedTuple):
    """A data set in sentences.

    Attributes:
      facts: how many ratings of what by whom, when, on which scale; how they are spread; how many are repeated; how
        the source was read.
      code: a value that may mean "not rated", see `lone_value`.
      question: whether it does, without what to do about it; "" where no value stands apart.
      coded_titles: a title that is a code, as nearly all are; "" where titles are words.
    """

    facts: tuple[str, ...]
    code: float | None
    question: str
    coded_titles: str = ""


def describe(ratings: Ratings) -> Description:
    """What a data set turned out to be."""
    stars, rated = ratings.stars, ratings.schema.has_ratings
    what = "rating" if rated else "row"
    size = (
        f"{_count(len(ratings), what)} of {_count(len(ratings.items), 'title')} by "
        f"{_count(len(ratings.users), 'viewer')}, {_span(ratings)}"
    )
    if rated:
        facts = [
            f"{size}, on a scale of {ratings.scale} in steps of {ratings.scale.step:g}.",
            f"Ratings: {_spread(stars)}.",
        ]
    else:
        facts = [
            f"{size}, without ratings.",
            "A row says that a viewer took a title, not how it was liked: models can rank titles, not predict stars.",
        ]
    pairs = ratings.user_rows.astype(np.int64) * len(ratings.items) + ratings.item_rows
    n_repeated = len(pairs) - len(np.unique(pairs))
    if n_repeated:
        again = "Rated again" if rated else "Taken again"
        facts.append(f"{again} by the same viewer: {n_repeated:,} of them, and each counts.")
    facts += ratings.how_read
    code, question = (lone_value(stars) if rated else None), ""
    if code is not None:
        share = float(np.mean(stars == code))
        question = f"{share:.0%} of the ratings are {code:g}, and hardly any lies next to it: does that mean not rated?"
    return Description(tuple(facts), code, question, _coded(ratings.items[TITLE]))


def lone_value(stars: npt.NDArray[np.floating]) -> float | None:
    """A value at an end of the scale that many ratings have and hardly any has next to it; None without.

    Where somebody wrote 0 or 99 for "not rated", it stands apart so; the lowest or highest star does not. Of two values
    alone, a thumb up or down, neither is one.
    """
    values, counts = np.unique(stars, return_counts=True)
    if len(values) < 3 or not len(stars):
        return None
    step = float(np.median(np.diff(values)))
    for end, neighbour in ((0, 1), (-1, -2)):
        nought = end == 0 and values[end] <= 0 < values[neighbour]
        lonely = counts[end] >= (_LONELY_NOUGHT if nought else _LONELY) * counts[neighbour]
        apart = abs(values[end] - values[neighbour]) >= _GAP * step and (nought or end == -1)
        if (counts[end] >= _MANY * len(stars) and lonely) or (counts[end] >= _SOME * len(stars) and apart):
            return float(values[end])
    return None


def _coded(titles: "pd.Series[str]") -> str:
    coded = titles.str.fullmatch(_CODE)
    return beginning_of(str(titles.iloc[0])) if coded.mean() >= _NEARLY_ALL else ""


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


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
