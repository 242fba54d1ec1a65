"""How a bundle's signatures are asked: the viewer row of a stranger, and the ratings that they are to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STRANGER = 0  # the model row of a viewer it has never seen; the users it was trained on follow in order

# The dials of a list, by place: what a predicted star above the viewer's mean counts for in the ranking; how much
# farther from the answer to an empty history a score is, as a share; how much of the popularity prior is taken off.
PRAISE, TASTE, POPULARITY = range(3)
NO_DIAL = float("nan")  # in the place of a dial: it rests where validation put it

SAME_MOMENT = -1  # in the place of a moment at which recent popularity is read: that of the question

# The inputs that make a signature read the ratings it was trained on, with the dials at rest.
AT_REST: dict[str, npt.NDArray[np.generic]] = {
    "history_items": np.zeros(0, np.int32),
    "history_stars": np.zeros(0, np.float32),
    "history_times": np.zeros(0, np.int64),
    "history_kept": np.zeros((0, 0), np.bool_),
    "dials": np.full(3, NO_DIAL, np.float32),
    "popular_at": np.full(1, SAME_MOMENT, np.int64),
}


@dataclass(frozen=True)
class History:
    """Ratings that the model is to read instead of those it was trained on: a visitor's, or a viewer's as of then.

    Attributes:
      stars: title -> stars, oldest first. Stars outside the scale are refused.
      times: UTC seconds of each, in the same order; None for ratings that were all given at one moment.
    """

    stars: Mapping[str, float]
    times: Sequence[int] | None = None

    @property
    def ratings(self) -> Sequence[tuple[str, float]]:
        """Title and stars of each, oldest first."""
        return tuple(self.stars.items())


@dataclass(frozen=True)
class Alternatives:
    """Ratings of which each question reads some; a title may stand among them with several stars.

    Attributes:
      ratings: title and stars, oldest first. Stars outside the scale are refused.
      times: UTC seconds of each; None for ratings that were all given at one moment.
    """

    ratings: Sequence[tuple[str, float]]
    times: Sequence[int] | None = None
