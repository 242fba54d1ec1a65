"""The one reason to give for each title of a list: the ratings that lift it, or that everybody watches it.

Both are answers of the model: asked again without these ratings, it gives the title less; asked with no rating at
all, it puts what everybody watches at least as high. What a list is ordered by counts, praise included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recommender.bundle.signatures import History
from recommender.data.ranking import titles_ahead

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

# Ratings left out one by one, the newest of those that count; ratings read for all of them: about 60 ms on one core.
_FEWEST_ASKED, _MOST_READ = 12, 6_000
_MOST_APART = 0.5  # the second rating lifts at least so much as this share of what the first does
_NOTHING = 5e-4  # a smaller lift is none


@dataclass(frozen=True)
class Reason:
    """Why a title stands where it stands.

    Attributes:
      ratings: title and stars of at most two ratings that lift it most, of those at or above the mean of what is read;
        without the first, and without both, it is given less. None if `popular`, or if no such rating lifts it.
      popular: with no rating read it would stand at least as high, so only that everybody watches it speaks for it.
    """

    ratings: tuple[tuple[str, float], ...] = ()
    popular: bool = False


def reasons(
    recommender: "Recommender",
    user: str | None,
    at: int,
    titles: Sequence[str],
    *,
    history: History,
    competing: npt.NDArray[np.bool_],
) -> list[Reason]:
    """Asks with the history as it is, with none, and without each of its newest ratings; then without those found.

    Args:
      recommender: a model; of one that reads no history there is no reason to give.
      user: a viewer; None for a visitor.
      at: the moment, UTC seconds.
      titles: of a list.
      history: what is read of the viewer.
      competing: [n_titles] which titles of the catalogue can be listed.

    Returns:
      [len(titles)] reasons. Two calls of the model answer all; long catalogues and histories take a few more.
    """
    if not recommender.manifest.reads_history or not titles:
        return [Reason()] * len(titles)
    given = list(history.stars.items())
    if not given:
        return [Reason(popular=True)] * len(titles)  # nothing is known of them
    stars = np.array([stars for _, stars in given])
    asked = np.flatnonzero(stars >= stars.mean())[-max(_FEWEST_ASKED, _MOST_READ // len(given)) :]

    def scores_without(left_out: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        kept = np.ones((len(left_out), len(given)), np.bool_)
        for row, places in zip(kept, left_out, strict=True):
            row[list(places)] = False
        return recommender.scores(user, [at] * len(kept), history=history, kept=kept)

    rows = recommender.rows.rows_of_titles(titles)
    scores = scores_without([(), range(len(given)), *([place] for place in asked)])
    popular = _ahead(scores[1], rows, competing) <= _ahead(scores[0], rows, competing)
    lifts = (scores[0, rows] - scores[2:, rows]).T  # [len(titles), len(asked)]
    named = [[] if popular[i] else [int(asked[best]) for best in _strongest(lifts[i])] for i in range(len(titles))]
    together = np.zeros(len(titles), np.bool_)
    if len(given) * len(titles) <= _MOST_READ and any(len(pair) == 2 for pair in named):
        both = scores_without(named)[np.arange(len(titles)), rows]
        together = scores[0, rows] - both >= lifts.max(axis=1)  # two that each lift it may not do so together
    return [
        Reason(tuple(given[one] for one in (pair if together[i] else pair[:1])), popular=bool(popular[i]))
        for i, pair in enumerate(named)
    ]


def _ahead(
    scores: npt.NDArray[np.floating], rows: npt.NDArray[np.integer], competing: npt.NDArray[np.bool_]
) -> npt.NDArray[np.integer]:
    """How many titles that can be listed stand before each of some."""
    shape = (len(rows), len(scores))
    return titles_ahead(np.broadcast_to(scores, shape), rows, np.broadcast_to(~competing, shape))


def _strongest(lifts: npt.NDArray[np.floating]) -> list[int]:
    """The one or two that lift most, the first of them first; none where nothing does."""
    order = np.argsort(-lifts, kind="stable")[:2]
    least = max(_NOTHING, _MOST_APART * float(lifts[order[0]]))
    return [int(place) for place in order if lifts[place] >= least]
