"""How a model is examined: one protocol for live models, bundles and reference rows."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from recommender.data.ratings import Ratings
from recommender.evaluation import metrics

KS = (1, 5, 10, 50, 100)
HEAD = 10  # length of the list that a viewer looks at
_CHUNK = 2_048  # queries scored at once: 2,048 x 1,664 scores are 14 MB


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
        of their last known rating.
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


def evaluate(scorer: Scorer, known: Ratings, held_out: Ratings) -> Evaluation:
    """Examines a model on interactions it has not seen.

    Args:
      scorer: the model.
      known: what the model may know: its seen titles are removed for the `unseen` figures.
      held_out: the interactions to predict.

    Returns:
      The figures; the model is asked once per held-out interaction and once per viewer.
    """
    n_titles = len(known.items)
    ks = [k for k in KS if k <= n_titles]
    seen = interaction_matrix(known)
    ranks_all, ranks_unseen = [], []
    for rows in _chunks(len(held_out)):
        users, targets = held_out.user_rows[rows], held_out.item_rows[rows]
        scores = scorer.score(users, held_out.timestamps[rows])
        ranks_all.append(metrics.ranks_of(targets, scores))
        ranks_unseen.append(metrics.ranks_of(targets, scores, seen[users]))
    top_all = metrics.top_k_accuracy(ks, np.concatenate(ranks_all))
    top_unseen = metrics.top_k_accuracy(ks, np.concatenate(ranks_unseen))

    viewers = np.unique(held_out.user_rows)
    lists = np.where(seen[viewers], -np.inf, scorer.score(viewers, last_moments(known)[viewers]))
    relevant = interaction_matrix(held_out)[viewers] & ~seen[viewers]
    head = [min(HEAD, n_titles)]
    stars = scorer.rate(held_out.user_rows, held_out.item_rows, held_out.timestamps)
    return Evaluation(
        n_test=len(held_out),
        rmse=None if stars is None else metrics.rmse(stars, held_out.stars),
        mae=None if stars is None else metrics.mae(stars, held_out.stars),
        top_k_all={str(k): float(share) for k, share in zip(ks, top_all, strict=True)},
        top_k_unseen={str(k): float(share) for k, share in zip(ks, top_unseen, strict=True)},
        ndcg_at_10=float(np.nanmean(metrics.ndcg_at(head, lists, relevant))),
        recall_at_10=float(np.nanmean(metrics.recall_at(head, lists, relevant))),
        coverage_at_10=metrics.coverage_at(HEAD, lists),
        novelty_at_10=metrics.novelty_at(HEAD, lists, interaction_matrix(known, counted=True).sum(axis=0)),
    )


def interaction_matrix(ratings: Ratings, *, counted: bool = False) -> npt.NDArray[Any]:
    """Who met what.

    Args:
      ratings: the interactions.
      counted: give the number of meetings instead of whether there was one.

    Returns:
      [n_users, n_titles] bool, or int64 if counted.
    """
    matrix: npt.NDArray[Any] = np.zeros((len(ratings.users), len(ratings.items)), np.int64 if counted else np.bool_)
    if counted:
        np.add.at(matrix, (ratings.user_rows, ratings.item_rows), 1)
    else:
        matrix[ratings.user_rows, ratings.item_rows] = True
    return matrix


def last_moments(ratings: Ratings) -> npt.NDArray[np.int64]:
    """[n_users] UTC seconds of each viewer's last interaction; the last of all for a viewer who has none."""
    moments = np.full(len(ratings.users), ratings.timestamps.max(initial=0), np.int64)
    order = np.argsort(ratings.timestamps, kind="stable")
    moments[ratings.user_rows[order]] = ratings.timestamps[order]  # the last write of a viewer wins
    return moments


def _chunks(n: int) -> Iterator[slice]:
    for start in range(0, n, _CHUNK):
        yield slice(start, start + _CHUNK)
