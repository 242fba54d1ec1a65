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
_LEAST_PROBABILITY = 1e-12  # so that one rating held impossible does not make a mean infinite


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


def interval_coverage(probabilities: Floats, levels: Integers, share: float = 0.8) -> float:
    """Share of given stars inside the central interval of what was predicted: `share` itself, if that is right.

    Stars are few and discrete, so that an interval of whole stars can only cover more than asked. Hence the
    non-randomised probability integral transform of Czado, Gneiting and Held (2009), "Predictive model assessment for
    count data", equation 2: level y of the predicted distribution F occupies the stretch [F(y - 1), F(y)], and a
    rating of y counts by the share of its stretch inside [(1 - share) / 2, (1 + share) / 2].

    Args:
      probabilities: [n, n_levels] of each level of the scale; rows are brought to the sum 1.
      levels: [n] the level that was given, 0 the lowest.
      share: of the interval, in (0, 1).

    Returns:
      A share in [0, 1]; NaN if n is 0.
    """
    if not len(levels):
        return float("nan")
    each = _normalised(probabilities)
    rows = np.arange(len(levels))
    width = each[rows, levels]
    upper = np.cumsum(each, axis=1)[rows, levels]
    low, high = (1 - share) / 2, (1 + share) / 2
    inside = np.clip(np.minimum(upper, high) - np.maximum(upper - width, low), 0, None)
    at_a_point = ((upper >= low) & (upper <= high)).astype(float)  # of a level held impossible
    return float(np.mean(np.where(width > 0, inside / np.where(width > 0, width, 1), at_a_point)))


def negative_log_likelihood(probabilities: Floats, levels: Integers) -> float:
    """Mean of -ln of the probability that was given to the stars that came.

    Args:
      probabilities: [n, n_levels] of each level of the scale; rows are brought to the sum 1.
      levels: [n] the level that was given, 0 the lowest.

    Returns:
      Nats, lower is better; one level held impossible counts as a chance of 1 in 10^12. NaN if n is 0.
    """
    if not len(levels):
        return float("nan")
    given = _normalised(probabilities)[np.arange(len(levels)), levels]
    return float(-np.mean(np.log(np.maximum(given, _LEAST_PROBABILITY))))


def _normalised(probabilities: Floats) -> npt.NDArray[np.float64]:
    each = probabilities.astype(np.float64)
    whole: npt.NDArray[np.float64] = each / each.sum(axis=1, keepdims=True)
    return whole


def number(value: float) -> float | None:
    """The same, or None for NaN, which json has not got."""
    return None if np.isnan(value) else float(value)


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
      lists: [...] the titles shown, of all lists.
      n_titles: size of the catalogue.

    Returns:
      A share in [0, 1].
    """
    return len(np.unique(lists)) / n_titles


def novelty_of(lists: Integers, popularity: Integers) -> float:
    """Mean self-information of the titles shown, in bits: -log2 of a title's share of all interactions.

    Zhou et al. (2010), "Solving the apparent diversity-accuracy dilemma", with one added to each count.

    Args:
      lists: [...] the titles shown, of all lists.
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
