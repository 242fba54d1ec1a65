"""The best titles by their scores, and the ranks of some: one order for lists, figures and curves."""

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating]
Rows = npt.NDArray[np.integer]


def best_rows(scores: Scores, k: int) -> Rows:
    """The titles with the k highest scores of each query, best first.

    Equal scores are in catalogue order, as in TensorFlow's top-k. Titles left out score -inf and so come at the end.

    Args:
      scores: [n_queries, n_titles] higher is better.
      k: length of the list, at least 1.

    Returns:
      [n_queries, min(k, n_titles)] catalogue rows.
    """
    k = min(k, scores.shape[1])
    costs = -scores
    # Only those that are not worse than the k-th are sorted: a fraction of the time of sorting whole rows.
    queries, rows = np.nonzero(~(costs > np.partition(costs, k - 1, axis=1)[:, k - 1 : k]))
    order = np.lexsort((costs[queries, rows], queries))
    starts = np.searchsorted(queries, np.arange(len(scores)))
    best: Rows = rows[order][starts[:, None] + np.arange(k)]
    return best


def titles_ahead(scores: Scores, targets: Rows, removed: npt.NDArray[np.bool_] | None = None) -> Rows:
    """How many titles `best_rows` would list before the one that each query is to find: 0 where it comes first.

    Args:
      scores: [n_queries, n_titles] higher is better.
      targets: [n_queries] catalogue row of the title to be found.
      removed: [n_queries, n_titles] titles that do not compete; the target itself always does.

    Returns:
      [n_queries] numbers of titles.
    """
    target_scores = np.take_along_axis(scores, targets[:, None], axis=1)
    earlier = np.arange(scores.shape[1])[None, :] < targets[:, None]
    ahead = (scores > target_scores) | ((scores == target_scores) & earlier)
    return (ahead if removed is None else ahead & ~removed).sum(axis=1)


def titles_ahead_of_each(scores: Scores, removed: npt.NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """What `titles_ahead` says of every title at once, where one query is to find many of them.

    Args:
      scores: [n_queries, n_titles] higher is better.
      removed: [n_queries, n_titles] titles that do not compete in the second answer.

    Returns:
      Two [n_queries, n_titles]: titles listed before each, of all titles and of those that compete.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    competing = ~np.take_along_axis(removed, order, axis=1)
    among_all, among_competing = np.empty(order.shape, np.int32), np.empty(order.shape, np.int32)
    np.put_along_axis(among_all, order, np.broadcast_to(np.arange(order.shape[1], dtype=np.int32), order.shape), axis=1)
    np.put_along_axis(among_competing, order, np.cumsum(competing, axis=1) - competing, axis=1)
    return among_all, among_competing


def ranks_in_catalogue(scores: Scores, rows: Rows) -> Rows:
    """The ranks of some titles in the whole catalogue, for every query; equal scores share the best rank.

    Args:
      scores: [n_queries, n_titles] higher is better.
      rows: [n] catalogue rows.

    Returns:
      [n_queries, n] ranks from 1.
    """
    ordered = np.sort(scores, axis=1)
    ranks = [
        scores.shape[1] - np.searchsorted(line, of_query[rows], side="right") + 1
        for line, of_query in zip(ordered, scores, strict=True)
    ]
    return np.array(ranks, np.int64).reshape(len(scores), len(rows))
