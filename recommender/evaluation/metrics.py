"""Metrics of predicted ratings and of ranked titles; NumPy only.

The ranking metrics share one signature, `metric(ks, scores, relevant)`. A title that must not be shown (because the
viewer has seen it) carries the score -inf. The order of titles is that of `recommender.data.ranking`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.data.ranking import best_rows

Floats = npt.NDArray[np.floating]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.integer]


def rmse(predicted: Floats, actual: Floats) -> float:
    """Root of the mean squared error, in stars.

    Args:
      predicted: [n] stars.
      actual: [n] stars.

    Returns:
      A number of stars; NaN if n is 0.
    """
    return float(np.sqrt(np.mean(np.square(predicted - actual)))) if len(actual) else float("nan")


def mae(predicted: Floats, actual: Floats) -> float:
    """Mean absolute error, in stars.

    Args:
      predicted: [n] stars.
      actual: [n] stars.

    Returns:
      A number of stars; NaN if n is 0.
    """
    return float(np.mean(np.abs(predicted - actual))) if len(actual) else float("nan")


def top_k_accuracy(ks: Sequence[int], ahead: Integers) -> Floats:
    """Share of queries whose target is among the first k (TFRS calls it FactorizedTopK categorical accuracy).

    Args:
      ks: cutoffs, each at least 1.
      ahead: [n_queries] titles ranked before the target, as `titles_ahead` counts them.

    Returns:
      [len(ks)] shares in [0, 1]; NaN if there is no query.
    """
    if len(ahead) == 0:
        return np.full(len(ks), np.nan)
    return np.array([np.mean(ahead < k) for k in ks])


def recall_at(ks: Sequence[int], scores: Floats, relevant: Booleans) -> Floats:
    """Share of each viewer's relevant titles found in the top k.

    Args:
      ks: cutoffs, each between 1 and n_titles.
      scores: [n_viewers, n_titles] higher is better.
      relevant: [n_viewers, n_titles].

    Returns:
      [n_viewers, len(ks)] in [0, 1]; NaN where a viewer has no relevant title.

    Raises:
      ValueError: if the shapes differ or a cutoff lies outside 1..n_titles.
    """
    found = np.cumsum(_relevance_in_order(ks, scores, relevant), axis=1)
    totals = relevant.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return found[:, np.asarray(ks) - 1] / np.where(totals == 0, np.nan, totals)


def ndcg_at(ks: Sequence[int], scores: Floats, relevant: Booleans) -> Floats:
    """Normalised discounted cumulative gain with binary relevance.

    Järvelin and Kekäläinen (2002), with the discount 1 / log2(1 + place) and the ideal list as the norm.

    Args:
      ks: cutoffs, each between 1 and n_titles.
      scores: [n_viewers, n_titles] higher is better.
      relevant: [n_viewers, n_titles].

    Returns:
      [n_viewers, len(ks)] in [0, 1]; NaN where a viewer has no relevant title.

    Raises:
      ValueError: if the shapes differ or a cutoff lies outside 1..n_titles.
    """
    gains = _relevance_in_order(ks, scores, relevant)
    discounts = 1.0 / np.log2(np.arange(gains.shape[1]) + 2.0)
    reached = np.cumsum(gains * discounts, axis=1)
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])
    totals = relevant.sum(axis=1)
    columns = []
    for k in ks:
        best = ideal[np.minimum(totals, k)]
        columns.append(reached[:, k - 1] / np.where(best == 0, np.nan, best))
    return np.stack(columns, axis=1)


def coverage_of(lists: Integers, n_titles: int) -> float:
    """Share of the catalogue that is shown to at least one viewer.

    Args:
      lists: [n_viewers, k] the titles shown, as `best_rows` gives them.
      n_titles: size of the catalogue.

    Returns:
      A share in [0, 1].
    """
    return len(np.unique(lists)) / n_titles


def novelty_of(lists: Integers, popularity: Integers) -> float:
    """Mean self-information of the titles shown, in bits: -log2 of a title's share of all interactions.

    Zhou et al. (2010), "Solving the apparent diversity-accuracy dilemma", with one added to each count.

    Args:
      lists: [n_viewers, k] the titles shown, as `best_rows` gives them.
      popularity: [n_titles] interactions of each title in the training part.

    Returns:
      Bits; higher means less popular titles.
    """
    counts = popularity + 1.0
    return float(np.mean(-np.log2(counts / counts.sum())[lists]))


def _relevance_in_order(ks: Sequence[int], scores: Floats, relevant: Booleans) -> Floats:
    """[n_viewers, max(ks)] 1.0 where the title in that place is relevant and may be shown."""
    if scores.shape != relevant.shape:
        raise ValueError(f"scores {scores.shape} and relevant {relevant.shape} differ in shape")
    if min(ks) < 1 or max(ks) > scores.shape[1]:
        raise ValueError(f"cutoffs {list(ks)} must lie within 1..{scores.shape[1]}, the number of titles")
    order = best_rows(scores, max(ks))
    shown = ~np.isneginf(np.take_along_axis(scores, order, axis=1))
    return (np.take_along_axis(relevant, order, axis=1) & shown).astype(float)
