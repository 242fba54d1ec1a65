"""The one reason to give for each title of a list: the ratings that lift it, or that everybody watches it.

Both are answers of the model: asked again without one of these ratings, it gives the title less; asked with no rating
at all, it puts what everybody watches at least as high. What a list is ordered by counts, praise included: it is the
question of `explain`, put to fewer ratings, so the bars of a title say the same of a rating that is named here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.bundle.signatures import History

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

# Ratings left out one by one, of those that count; ratings read for all of them: about 30 ms on one core.
_FEWEST_ASKED, _MOST_READ = 10, 3_000
_MOST_APART = 0.5  # the second rating lifts at least so much as this share of what the first does
_NOTHING = 5e-4  # a smaller lift is none


@dataclass(frozen=True)
class Reason:
    """Why a title stands where it stands.

    Attributes:
      ratings: title and stars of at most two ratings that lift it most, of those at or above the mean of what is read;
        without either alone it is given less. None if `popular`, or if no such rating lifts it.
      popular: with no rating read it would stand at least as high, so only that everybody watches it speaks for it.
    """

    ratings: tuple[tuple[str, float], ...] = ()
    popular: bool = False


class Said(NamedTuple):
    """What is said of the titles of a list.

    Attributes:
      ranges: a row for each title: `low` and `high`, between which stars most likely lie; see `Recommender.sweep`.
      reasons: one for each title.
    """

    ranges: pd.DataFrame
    reasons: list[Reason]


def reasons(
    recommender: "Recommender",
    user: str | None,
    at: int,
    titles: Sequence[str],
    *,
    history: History | None,
    competing: npt.NDArray[np.bool_],
) -> Said:
    """Asks about these titles with the history as it is and without each rating that may lift one of them.

    And for a list of that length with nothing read, to see which titles everybody would be given.

    Args:
      recommender: a model; of one that reads no history there is no reason to give.
      user: a viewer; None for a visitor.
      at: the moment, UTC seconds.
      titles: the first of a list, best first; at least one.
      history: what is read of the viewer; None if nobody can say.
      competing: [n_titles] which titles of the catalogue can be listed.

    Returns:
      Stars and reasons. Two calls of the model answer all; long catalogues and histories take a few more.
    """
    if history is None or not recommender.manifest.reads_history:
        return Said(recommender.sweep(user, [at], titles), [Reason()] * len(titles))
    given = list(history.stars.items())
    if not given:  # nothing is known of them
        return Said(recommender.sweep(user, [at], titles, history=history), [Reason(popular=True)] * len(titles))
    asked = _worth_asking(recommender, titles, history)
    kept = np.ones((1 + len(asked), len(given)), np.bool_)
    kept[1 + np.arange(len(asked)), asked] = False
    swept = recommender.sweep(user, [at] * len(kept), titles, history=history, kept=kept)
    ranked = swept["ranked"].to_numpy().reshape(len(kept), len(titles))
    popular = _is_popular(recommender, user, at, titles, competing)
    found = []
    for lifts, by_all in zip((ranked[0] - ranked[1:]).T, popular, strict=True):
        named = [] if by_all else _strongest(lifts)
        found.append(Reason(tuple(given[asked[place]] for place in named), popular=bool(by_all)))
    return Said(swept.head(len(titles)), found)


def _worth_asking(recommender: "Recommender", titles: Sequence[str], history: History) -> npt.NDArray[np.integer]:
    """Which ratings of a history may lift one of these titles: all at or above its mean, or of many the likeliest.

    These are by turns the titles most like the list and those with most stars; the newest of a model without a space.
    """
    given, stars = list(history.stars), np.array(list(history.stars.values()))
    liked = np.flatnonzero(stars >= stars.mean())
    most = max(_FEWEST_ASKED, _MOST_READ // len(given))
    if len(liked) <= most or not recommender.manifest.has_space:
        return liked[-most:]
    likeness = recommender.likeness(titles, [given[place] for place in liked]).mean(axis=0)
    most_stars = np.lexsort((-liked, -stars[liked]))  # of as many the newest first
    by_turns = np.stack([np.argsort(-likeness, kind="stable"), most_stars], axis=1)
    return liked[list(dict.fromkeys(by_turns.ravel().tolist()))[:most]]


def _is_popular(
    recommender: "Recommender", user: str | None, at: int, titles: Sequence[str], competing: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """[len(titles)] whether each stands at least as high with nothing read, among titles that can be listed."""
    nothing = History({})
    of_all = recommender.retrieve(
        user, at, len(titles), history=nothing, include_seen=True, include_future=True, among=competing
    )
    places = {title: place for place, title in enumerate(of_all["title"])}
    return np.array([places.get(title, len(titles)) <= place for place, title in enumerate(titles)], np.bool_)


def _strongest(lifts: npt.NDArray[np.floating]) -> list[int]:
    """The one or two that lift most, the first of them first; none where nothing does."""
    order = np.argsort(-lifts, kind="stable")[:2]
    least = max(_NOTHING, _MOST_APART * float(lifts.max(initial=0.0)))
    return [int(place) for place in order if lifts[place] >= least]
