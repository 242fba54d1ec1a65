"""Orders the head of a list so that neighbours are not alike: maximal marginal relevance (Carbonell and Goldstein)."""

import numpy as np
import numpy.typing as npt

MOST_VARIED = 100  # titles of the head of a list that are ordered anew
_MOST_ALIKE = 0.8  # what likeness counts for beside the place in the list at the end of the dial


def directions(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """[n, size] the same vectors at length 1, so that their inner products are cosines; one of length 0 stays."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def varied(likeness: npt.NDArray[np.floating], share: float) -> npt.NDArray[np.int64]:
    """The order in which to put titles.

    One after another, the title is taken whose place is best less what it has of the title that was taken before and is
    most like it. Places, and not scores, as those of one model cannot be held against those of another.

    Args:
      likeness: [n, n] cosines of titles that stand in order, the best first.
      share: in [0, 1] how much likeness counts; 0 leaves the order.

    Returns:
      [n] places of the order given.
    """
    n = len(likeness)
    weight = _MOST_ALIKE * share
    worth = (1.0 - weight) * (1.0 - np.arange(n) / max(n, 1))
    nearest = np.zeros(n)
    left = np.ones(n, np.bool_)
    order = np.empty(n, np.int64)
    for place in range(n):
        chosen = int(np.argmax(np.where(left, worth - weight * nearest, -np.inf)))
        order[place], left[chosen] = chosen, False
        nearest = np.maximum(nearest, likeness[chosen])
    return order
