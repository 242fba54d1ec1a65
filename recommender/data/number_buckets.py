"""Numbers as buckets: what a model reads of a number, and what can be said of it instead."""

import numpy as np
import numpy.typing as npt

_BUCKETS = 10


def number_buckets(values: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.int64], int]:
    """Quantile buckets with as equal counts as ties allow.

    Args:
      values: [n] numbers; NaN is unknown.

    Returns:
      [n] buckets from 1, in order of the numbers, 0 where unknown; and how many rows a table of them needs.
    """
    numbers = values[~np.isnan(values)]
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _BUCKETS + 1)[1:-1])) if len(numbers) else numbers
    buckets = np.searchsorted(edges, values, side="right") + 1
    return np.where(np.isnan(values), 0, buckets), len(edges) + 2
