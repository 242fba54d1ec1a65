"""Between which ratings of the scale predicted stars are likely to lie."""

import numpy as np
import numpy.typing as npt

from recommender.data.schema import RatingScale

_SHARE = 0.8
_ROUNDING = 1e-6  # of probabilities in single precision

Stars = npt.NDArray[np.float64]


def likely_stars(
    probabilities: npt.NDArray[np.floating] | None, shape: tuple[int, ...], scale: RatingScale
) -> tuple[Stars, Stars]:
    """The central 80% of what is predicted: a tenth at most lies below the low end, and a tenth above the high one.

    Args:
      probabilities: [..., n_levels] of the ratings of the scale, the lowest first; None, or no level, from a model that
        gives none.
      shape: of the answer, [...].
      scale: the rating scale.

    Returns:
      Two [...]: the ratings at the low and at the high end; NaN where there are no probabilities.
    """
    if probabilities is None or probabilities.shape[-1] == 0:
        return np.full(shape, np.nan), np.full(shape, np.nan)
    up_to = np.cumsum(probabilities.astype(np.float64), axis=-1)
    up_to /= up_to[..., -1:]
    last = probabilities.shape[-1] - 1
    ends = [(up_to < share - _ROUNDING).sum(axis=-1).clip(max=last) for share in ((1 - _SHARE) / 2, (1 + _SHARE) / 2)]
    low, high = (scale.low + end * (scale.high - scale.low) / max(last, 1) for end in ends)
    return low, high
