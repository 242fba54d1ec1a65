"""Why a title stands where it stands: what its score would be without one title of the history, and at other moments.

Every figure is the difference of two answers of the model, so each can be checked by asking again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.bundle.signatures import History
from recommender.data.ranking import titles_ahead
from recommender.serving.viewer_histories import history_of

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_MOMENTS = 64  # of the span, for its average; the clock's curve is smooth at that step


@dataclass(frozen=True)
class Effect:
    """A difference of two answers: of what lists are ordered by, and of predicted stars (NaN from a model without).

    The former is the retrieval score; of a model that ranks what it retrieved, with praise, as in the head of a list.
    """

    score: float
    stars: float


@dataclass(frozen=True)
class Explanation:
    """What speaks for a title, and what against it.

    Attributes:
      asked: score and stars of the title as they are, with the whole history at the moment.
      reads_history: whether the model reads ratings at all; if not, `titles` is empty and `history` is nothing.
      titles: one row for each title of the history, the one that speaks most for it by score first: `title`, `given`
        (the viewer's stars), and `score` and `stars`: how far score and stars fall when that title alone is left out of
        the history; below zero they rise.
      history: with the whole history, less with an empty one.
      clock: at this moment, less the mean over `_MOMENTS` even moments of the data's span; None where the model reads
        no clock.
    """

    asked: Effect
    reads_history: bool
    titles: pd.DataFrame
    history: Effect
    clock: Effect | None

    @property
    def sum_of_titles(self) -> Effect:
        """All effects of single titles added up; a model that is not linear gives the whole history another effect."""
        return Effect(float(self.titles["score"].sum()), float(self.titles["stars"].sum(skipna=False)))


def explain(recommender: "Recommender", user: str, at: int, title: str) -> Explanation:
    """Asks once with the history as it is, without each of its titles, without all, and at moments of the whole span.

    Args:
      recommender: a model, joined with its ratings if there is to be a history.
      user: a viewer.
      at: the moment, UTC seconds.
      title: the title to be explained.

    Returns:
      The differences. One call of the model answers all; long catalogues take a few.

    Raises:
      UnknownUserError, UnknownTitleError: if the model does not know one.
    """
    reads_history = recommender.manifest.reads_history and recommender.has_ratings
    history = history_of(recommender.history_read(user)) if reads_history else History({})
    stars_given = history.stars
    reads_clock = recommender.manifest.reads_clock
    span = np.linspace(recommender.first_moment, recommender.last_moment, _MOMENTS).astype(np.int64).tolist()
    others = span if reads_clock else []
    n = len(stars_given)
    if n:
        # Rows: the whole history, then without each of its titles, then without all, then the whole at other moments.
        kept = np.concatenate([np.ones((1, n)), 1 - np.eye(n), np.zeros((1, n)), np.ones((len(others), n))]) > 0
        swept = recommender.sweep(user, [at] * (n + 2) + others, [title], history=history, kept=kept)
    else:
        swept = recommender.sweep(user, [at] * 2 + others, [title])
    score, stars = swept["ranked"].to_numpy(np.float64), swept["stars"].to_numpy(np.float64)
    titles = pd.DataFrame(
        {
            "title": list(stars_given),
            "given": list(stars_given.values()),
            "score": score[0] - score[1 : n + 1],
            "stars": stars[0] - stars[1 : n + 1],
        }
    )
    return Explanation(
        asked=Effect(float(score[0]), float(stars[0])),
        reads_history=reads_history,
        titles=titles.sort_values("score", ascending=False, kind="stable").reset_index(drop=True),
        history=Effect(float(score[0] - score[n + 1]), float(stars[0] - stars[n + 1])),
        clock=_against_mean(score, stars, n + 2) if reads_clock else None,
    )


def ranks_without(
    recommender: "Recommender",
    user: str | None,
    at: int,
    title: str,
    left_out: Sequence[str],
    *,
    history: History | None = None,
    competing: npt.NDArray[np.bool_],
) -> pd.Series:
    """The rank of a title when one title of the history is left out.

    Args:
      recommender: as for `explain`.
      user: a viewer; None for a visitor, whose history is given.
      at: the moment, UTC seconds.
      title: the title that is ranked.
      left_out: titles of the history, each left out alone; a few, as each costs a row of the whole catalogue.
      history: read instead of the viewer's training ratings.
      competing: [n_titles] titles among which it is ranked.

    Returns:
      Ranks from 1, indexed by the title left out.
    """
    if not left_out:
        return pd.Series([], dtype=int)
    if history is None:
        assert user is not None, "a visitor's history is given"
        history = history_of(recommender.history_read(user))
    place = {t: i for i, t in enumerate(history.stars)}
    kept = np.ones((len(left_out), len(history.stars)), np.bool_)
    kept[np.arange(len(left_out)), [place[t] for t in left_out]] = False
    scores = recommender.scores(user, [at] * len(left_out), history=history, kept=kept)
    targets = np.full(len(left_out), recommender.rows.row_of_title(title))
    removed = np.broadcast_to(~competing, scores.shape)
    return pd.Series(1 + titles_ahead(scores, targets, removed), index=list(left_out))


def _against_mean(score: npt.NDArray[np.float64], stars: npt.NDArray[np.float64], start: int) -> Effect:
    return Effect(float(score[0] - score[start:].mean()), float(stars[0] - stars[start:].mean()))
