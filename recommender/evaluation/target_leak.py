"""Figures of queries that leak their target, the title to be found: they measure the query, not the recommender.

A tutorial that asks with the genre, type and audience of each held-out title, and looks for that title, shows a high
top-k. Popularity within the same description shows how much of it the description gives away.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.data.catalogue_limits import cutoffs_of
from recommender.data.ranking import titles_ahead
from recommender.data.ratings import Ratings
from recommender.data.seen import RatingsByViewer
from recommender.evaluation import metrics
from recommender.evaluation.protocols import repeated

_CHUNK = 2_048  # interactions ranked at once


def evaluate_leaking(
    scores: metrics.Floats, stars: metrics.Floats | None, training_part: Ratings, held_out: Ratings
) -> dict[str, Any]:
    """Examines answers to queries that describe the target.

    Args:
      scores: [n_titles, n_titles] retrieval scores of all titles (columns) for a query that describes one (row).
      stars: [n_titles] predicted rating of a title by such a query about it; None if none are predicted.
      training_part: what was rated before is removed for `top_k_unseen`.
      held_out: the interactions to predict.

    Returns:
      `rmse` and `mae` (None without stars), `top_k_all` and `top_k_unseen`, named and measured as in `Evaluation`.
    """
    seen = RatingsByViewer(training_part)
    ahead_all, ahead_unseen = [], []
    for start in range(0, len(held_out), _CHUNK):
        rows = slice(start, start + _CHUNK)
        targets = held_out.item_rows[rows]
        ahead_all.append(titles_ahead(scores[targets], targets))
        ahead_unseen.append(titles_ahead(scores[targets], targets, seen.seen_mask(held_out.user_rows[rows])))
    ks = cutoffs_of(scores.shape[1])
    unseen = np.concatenate(ahead_unseen)[~repeated(training_part, held_out)]
    shares = {
        name: {str(k): metrics.number(share) for k, share in zip(ks, metrics.top_k_accuracy(ks, ahead), strict=True)}
        for name, ahead in (("top_k_all", np.concatenate(ahead_all)), ("top_k_unseen", unseen))
    }
    predicted = (
        None if stars is None else np.clip(stars, training_part.scale.low, training_part.scale.high)[held_out.item_rows]
    )
    return {
        "rmse": None if predicted is None else metrics.rmse(predicted, held_out.stars),
        "mae": None if predicted is None else metrics.mae(predicted, held_out.stars),
        **shares,
    }


def popularity_within(groups: npt.NDArray[np.integer], counts: metrics.Floats) -> metrics.Floats:
    """Best-seller lists of the titles described alike, for `evaluate_leaking`.

    Args:
      groups: [n_titles] the same number for titles of the same description.
      counts: [n_titles] training ratings of each title.

    Returns:
      [n_titles, n_titles] counts for titles described as the row's, and one less than none for the others.
    """
    return np.where(groups[:, None] == groups[None, :], counts[None, :], -1.0).astype(np.float32)
