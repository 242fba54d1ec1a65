"""The two weights that are chosen when the model has been trained, on the validation part."""

from typing import NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from recommender.data.ratings import Ratings
from recommender.evaluation import rankings
from recommender.evaluation.choosing import of_some_viewers
from recommender.evaluation.metrics import Floats, Integers
from recommender.evaluation.protocols import HeadOfLists
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.served import Ranking

NEIGHBOUR_WEIGHTS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
PRAISE_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0)
MOST_NDCG_LOST = 0.005  # by praise, for lists that are liked better


class Weighable(Ranking, Protocol):
    """A trained model that has neighbours and praise to weigh."""

    configuration: FlagshipConfiguration

    @property
    def n_of_neighbours(self) -> int:
        """Numbers of a candidate, its last ones, that neighbours and labels make."""


class ChosenWeights(NamedTuple):
    """What was chosen; see the settings of these names."""

    neighbour_weight: float
    praise_weight: float


class _Blend(rankings.Ranking):
    """A trained model with weights to try, behind the `Scorer` protocol.

    Args:
      model: the model.
      train: what it reads.
    """

    def __init__(self, model: Weighable, train: Ratings) -> None:
        self._model = model
        self._baked = model.bake(train)
        n_parts = self._baked.candidates.shape[1] - model.n_of_neighbours
        trained, neighbours = tf.split(self._baked.candidates, [n_parts, model.n_of_neighbours], axis=1)
        self._trained, self._neighbours, self._n_parts = trained, neighbours, n_parts
        self.weights = ChosenWeights(0.0, 0.0)

    def score(self, user_rows: Integers, timestamps: Integers) -> Floats:
        """[n, n_titles] scores and praise together."""
        model, baked = self._model, self._baked
        rows = model.space.viewer_of_user[user_rows]
        viewers, histories = tf.gather(baked.viewers, rows), tf.gather(baked.histories, rows)
        at = tf.constant(timestamps, tf.int64)
        queries = model.query(viewers, histories, at)
        scores = tf.matmul(queries[:, : self._n_parts], self._trained, transpose_b=True)
        scores += self.weights.neighbour_weight * tf.matmul(
            queries[:, self._n_parts :], self._neighbours, transpose_b=True
        )
        if self.weights.praise_weight:
            stars = model.stars(viewers, histories, at, baked.titles[None])
            shares, means = model.praise(histories)
            scores += self.weights.praise_weight * shares * (stars - means)
        answer: Floats = scores.numpy()
        return answer


def choose_weights(model: Weighable, train: Ratings, validation: Ratings) -> ChosenWeights:
    """The weights with the best lists on validation; what the settings give is kept.

    Neighbours first: NDCG@10 plus that of liked titles. Then praise: the best NDCG@10 of liked titles among weights
    that cost at most 0.005 of NDCG@10.

    Args:
      model: a trained model, whose neighbours weigh 1.
      train: what it has read.
      validation: the validation part.
    """
    lists, blend = HeadOfLists(train, of_some_viewers(validation)), _Blend(model, train)
    given = model.configuration

    def figures(weights: ChosenWeights) -> tuple[float, float]:
        blend.weights = weights
        return lists.figures(blend)

    neighbours = NEIGHBOUR_WEIGHTS if given.neighbour_weight is None else (given.neighbour_weight,)
    best = max((ChosenWeights(weight, 0.0) for weight in neighbours), key=lambda weights: sum(figures(weights)))
    if given.praise_weight is not None:
        return best._replace(praise_weight=given.praise_weight)
    tried = {best._replace(praise_weight=weight): np.zeros(2) for weight in PRAISE_WEIGHTS}
    for weights in tried:
        tried[weights] = np.array(figures(weights))
    least = tried[best][0] - MOST_NDCG_LOST
    return max((weights for weights in tried if tried[weights][0] >= least), key=lambda weights: tried[weights][1])
