"""How a model is examined: one protocol for live models, bundles and reference rows."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from recommender.data.ranking import best_rows, titles_ahead
from recommender.data.ratings import Ratings
from recommender.data.seen import RatingsByViewer
from recommender.evaluation import metrics

KS = (1, 5, 10, 50, 100)
HEAD = 10  # length of the list that a viewer looks at
_CHUNK = 2_048  # queries asked at once,
_CELLS = 2**22  # or fewer where they make more scores than this: 17 MB of them


class Scorer(Protocol):
    """Anything that can be examined. Rows are rows of the data set's `users` and `items`."""

    def score(self, user_rows: npt.NDArray[np.integer], timestamps: npt.NDArray[np.int64]) -> metrics.Floats:
        """[n, n_titles] retrieval scores, higher is better."""

    def rate(
        self,
        user_rows: npt.NDArray[np.integer],
        item_rows: npt.NDArray[np.integer],
        timestamps: npt.NDArray[np.int64],
    ) -> metrics.Floats | None:
        """[n] predicted ratings in stars, inside the scale; None from a model that predicts none."""


@dataclass(frozen=True)
class Evaluation:
    """What was measured. Shares are in [0, 1], errors in stars; None where a model predicts no ratings.

    Attributes:
      n_test: held-out interactions.
      rmse: of predicted ratings clipped to the scale.
      mae: of the same.
      top_k_all: cutoff -> share of held-out interactions whose title is in the top k of the whole catalogue, the query
        being the viewer at the moment of that interaction.
      top_k_unseen: the same after removing what the viewer rated before. (A held-out title that the viewer had rated
        before stays in the running; that is 1 interaction in 200 of MovieLens 100K.)
      ndcg_at_10: mean over viewers with held-out titles, on unseen titles, the query being the viewer at the moment
        of their last rating in the training part.
      recall_at_10: of the same lists.
      coverage_at_10: share of the catalogue in at least one of these lists.
      novelty_at_10: mean self-information of the titles in these lists, bits.
    """

    n_test: int
    rmse: float | None
    mae: float | None
    top_k_all: dict[str, float]
    top_k_unseen: dict[str, float]
    ndcg_at_10: float
    recall_at_10: float
    coverage_at_10: float
    novelty_at_10: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for json."""
        return asdict(self)


def evaluate(scorer: Scorer, training_part: Ratings, held_out: Ratings) -> Evaluation:
    """Examines a model on interactions it has not seen.

    Args:
      scorer: the model.
      training_part: what the model has read: its titles are the seen ones, removed for the `unseen` figures.
      held_out: the interactions to predict.

    Returns:
      The figures; the model is asked once per held-out interaction and once per viewer, a chunk at a time, so that
      memory grows with the interactions and never with viewers x titles.
    """
    n_titles = len(training_part.items)
    ks = [k for k in KS if k <= n_titles]
    seen, relevant = RatingsByViewer(training_part), RatingsByViewer(held_out)
    ahead_all, ahead_unseen, rated = [], [], []
    # One viewer after another, so that a scorer can work out once what it needs of a viewer.
    order = np.argsort(held_out.user_rows, kind="stable")
    for rows in _chunks(order, n_titles):
        users, targets, moments = held_out.user_rows[rows], held_out.item_rows[rows], held_out.timestamps[rows]
        scores = scorer.score(users, moments)
        ahead_all.append(titles_ahead(scores, targets))
        ahead_unseen.append(titles_ahead(scores, targets, seen.seen_mask(users)))
        rated.append(scorer.rate(users, targets, moments))
    top_all = metrics.top_k_accuracy(ks, np.concatenate(ahead_all))
    top_unseen = metrics.top_k_accuracy(ks, np.concatenate(ahead_unseen))
    given = [part for part in rated if part is not None]
    stars = np.concatenate(given)[np.argsort(order)] if given else None  # in the order of `held_out`

    head = [min(HEAD, n_titles)]
    lists, ndcg, recall = [], [], []
    asked_at = last_moments(training_part)
    for users in _chunks(np.unique(held_out.user_rows), n_titles):
        hidden = seen.seen_mask(users)
        scores = np.where(hidden, -np.inf, scorer.score(users, asked_at[users]))
        wanted = relevant.rated_mask(users) & ~hidden
        ndcg.append(metrics.ndcg_at(head, scores, wanted))
        recall.append(metrics.recall_at(head, scores, wanted))
        lists.append(best_rows(scores, HEAD))
    shown = np.concatenate(lists)
    return Evaluation(
        n_test=len(held_out),
        rmse=None if stars is None else metrics.rmse(stars, held_out.stars),
        mae=None if stars is None else metrics.mae(stars, held_out.stars),
        top_k_all={str(k): float(share) for k, share in zip(ks, top_all, strict=True)},
        top_k_unseen={str(k): float(share) for k, share in zip(ks, top_unseen, strict=True)},
        ndcg_at_10=_mean(np.concatenate(ndcg)),
        recall_at_10=_mean(np.concatenate(recall)),
        coverage_at_10=metrics.coverage_of(shown, n_titles),
        novelty_at_10=metrics.novelty_of(shown, np.bincount(training_part.item_rows, minlength=n_titles)),
    )


def _mean(values: metrics.Floats) -> float:
    """The mean over viewers with something to find; 0 if there is none."""
    found = values[~np.isnan(values)]
    return float(found.mean()) if len(found) else 0.0


def last_moments(ratings: Ratings) -> npt.NDArray[np.int64]:
    """[n_users] UTC seconds of each viewer's last interaction; the last of all for a viewer who has none."""
    moments = np.full(len(ratings.users), ratings.timestamps.max(initial=0), np.int64)
    order = np.argsort(ratings.timestamps, kind="stable")
    moments[ratings.user_rows[order]] = ratings.timestamps[order]  # the last write of a viewer wins
    return moments


def _chunks(rows: npt.NDArray[np.integer], n_titles: int) -> Iterator[npt.NDArray[np.integer]]:
    size = max(min(_CHUNK, _CELLS // n_titles), 1)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
