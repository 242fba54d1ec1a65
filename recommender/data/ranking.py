"""The best titles by their scores, and the ranks of some: one order for lists, figures and curves."""

from typing import Literal

import numpy as np
import numpy.typing as npt

_CELLS = 2**24  # of queries and titles that are looked at together

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


def titles_ahead_of_each(
    scores: Scores, removed: npt.NDArray[np.bool_], queries: Rows, targets: Rows
) -> tuple[Rows, Rows]:
    """What `titles_ahead` says where one query is to find many titles: each list is sorted once for all of them.

    Args:
      scores: [n_queries, n_titles] higher is better.
      removed: [n_queries, n_titles] titles that do not compete in the second answer.
      queries: [n] rows of queries, ascending.
      targets: [n] catalogue rows of what they are to find.

    Returns:
      Two [n]: titles listed before each, of all titles and of those that compete.
    """
    costs = -scores
    wanted = costs[queries, targets]
    starts = np.searchsorted(queries, np.arange(len(scores) + 1))

    def places(in_order: Scores, side: Literal["left", "right"]) -> Rows:
        parts = zip(in_order, starts[:-1], starts[1:], strict=True)
        return np.concatenate([np.searchsorted(line, wanted[first:last], side) for line, first, last in parts])

    in_order = np.sort(costs, axis=1)
    among_all = places(in_order, "left")
    among_competing = places(np.sort(np.where(removed, np.inf, costs), axis=1), "left")
    tied = np.flatnonzero(places(in_order, "right") - among_all > 1)
    for part in np.array_split(tied, len(tied) * scores.shape[1] // _CELLS + 1):
        of_part = queries[part]
        earlier = np.arange(scores.shape[1]) < targets[part, None]
        equal = (costs[of_part] == wanted[part, None]) & earlier
        among_all[part] += equal.sum(axis=1)
        among_competing[part] += (equal & ~removed[of_part]).sum(axis=1)
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
