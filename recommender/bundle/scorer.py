"""A model's signatures as evaluation asks them, of a model in memory and of a bundle alike."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.bundle.signatures import BAKED_HISTORIES

Rows = npt.NDArray[np.integer]
Moments = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


class Answering(Protocol):
    """A `ServedModel` in memory, or a `Recommender` that has loaded a bundle."""

    @property
    def signatures(self) -> Mapping[str, Callable[..., Any]]:
        """Functions by name, `score` and `rate_pairs` among them; see `ServedModel`."""


class SignatureScorer:
    """Signatures behind the `ProbabilityScorer` protocol: rows of a data set in, scores, stars and their chances out.

    Args:
      model: which is held, as the functions of a model in memory do not keep it alive.
      viewer_rows: [n_users] the model's row of each user of the data set; 0 for one it was not trained on.
      title_rows: [n_titles] the model's row of each title of the data set.
      rates: whether the model predicts ratings.
    """

    def __init__(self, model: Answering, viewer_rows: Rows, title_rows: Rows, *, rates: bool) -> None:
        self._model, self._rates = model, rates
        self._viewer_rows, self._title_rows = viewer_rows.astype(np.int32), title_rows.astype(np.int32)

    def score(self, user_rows: Rows, timestamps: Moments) -> Floats:
        """[n, n_titles] retrieval scores, titles in the order of the data set."""
        scores = self._ask("score", viewer=self._viewer_rows[user_rows], at=timestamps, **BAKED_HISTORIES)["scores"]
        return scores[:, self._title_rows]

    def rate(self, user_rows: Rows, item_rows: Rows, timestamps: Moments) -> Floats | None:
        """[n] predicted ratings; None from a model that predicts none."""
        return self._rate_pairs(user_rows, item_rows, timestamps).get("stars")

    def probabilities(self, user_rows: Rows, item_rows: Rows, timestamps: Moments) -> Floats | None:
        """[n, n_levels] chances of each rating of the scale; None from a model whose signature gives none."""
        return self._rate_pairs(user_rows, item_rows, timestamps).get("probabilities")

    def _rate_pairs(self, user_rows: Rows, item_rows: Rows, timestamps: Moments) -> dict[str, Floats]:
        if not self._rates:
            return {}
        viewers, titles = self._viewer_rows[user_rows], self._title_rows[item_rows]
        return self._ask("rate_pairs", viewer=viewers, at=timestamps, items=titles)

    def _ask(self, signature: str, **inputs: npt.NDArray[np.generic]) -> dict[str, Floats]:
        answer = self._model.signatures[signature](**{name: tf.constant(value) for name, value in inputs.items()})
        return {name: value.numpy() for name, value in answer.items()}
