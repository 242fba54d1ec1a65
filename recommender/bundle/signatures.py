"""Ratings that a model reads when it is asked, in place of those it was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# What to give a bundle's signature so that it reads the histories it holds.
BAKED_HISTORIES: dict[str, npt.NDArray[np.generic]] = {
    "history_items": np.zeros(0, np.int32),
    "history_stars": np.zeros(0, np.float32),
    "history_kept": np.zeros((0, 0), np.bool_),
}


@dataclass(frozen=True)
class History:
    """Ratings that the model is to read instead of those it was trained on: a visitor's, or a viewer's as of then.

    Attributes:
      stars: title -> stars. Stars outside the scale are refused.
    """

    stars: Mapping[str, float]
