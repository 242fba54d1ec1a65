"""A bundle as evaluation asks for it."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from recommender.bundle.signatures import BAKED_HISTORIES
from recommender.data.ratings import Ratings
from recommender.errors import ConfigurationError
from recommender.serving.recommender import Recommender

_CHUNK = 2_048  # interactions rated at once


class BundleScorer:
    """A bundle behind the `Scorer` protocol: rows of a data set in, scores and stars out.

    A user the model was not trained on is asked for as a visitor.

    Args:
      recommender: the loaded bundle.
      ratings: the data set whose rows the questions will name.

    Raises:
      ConfigurationError: if a title of the data set is not in the model's catalogue.
    """

    def __init__(self, recommender: Recommender, ratings: Ratings) -> None:
        unknown = ratings.items[~ratings.items["item_id"].isin(recommender.item_ids)]
        if len(unknown):
            raise ConfigurationError(
                f"{ratings.name}: title {unknown['title'].iloc[0]!r} is not in the model's catalogue; "
                f"evaluate on {recommender.manifest.data.name}, which it was trained on."
            )
        self._ask = recommender.signatures
        self._rates = recommender.manifest.rates
        self._viewers = (
            pd.Index(recommender.user_ids).get_indexer(pd.Index(ratings.users["user_id"])).astype(np.int32) + 1
        )
        self._items = pd.Index(recommender.item_ids).get_indexer(pd.Index(ratings.items["item_id"])).astype(np.int32)

    def score(self, user_rows: npt.NDArray[np.integer], timestamps: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """[n, n_titles] retrieval scores, titles in the order of the data set."""
        asked = {"viewer": self._viewers[user_rows], "at": timestamps, **BAKED_HISTORIES}
        answer = self._ask["score"](**{name: tf.constant(value) for name, value in asked.items()})
        scores: npt.NDArray[np.float32] = answer["scores"].numpy()[:, self._items]
        return scores

    def rate(
        self,
        user_rows: npt.NDArray[np.integer],
        item_rows: npt.NDArray[np.integer],
        timestamps: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.float32] | None:
        """[n] predicted ratings; None from a model that predicts none."""
        if not self._rates:
            return None
        parts = []
        for start in range(0, len(user_rows), _CHUNK):
            rows = slice(start, start + _CHUNK)
            answer = self._ask["rate_pairs"](
                viewer=tf.constant(self._viewers[user_rows[rows]]),
                items=tf.constant(self._items[item_rows[rows]]),
                at=tf.constant(timestamps[rows]),
            )
            parts.append(answer["stars"].numpy())
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)
