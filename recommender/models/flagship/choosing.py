"""What the parts of a score count for: chosen on the validation part, when the model has been trained."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import tensorflow as tf

from recommender.data.ratings import Ratings
from recommender.evaluation import rankings
from recommender.evaluation.choosing import of_some_viewers
from recommender.evaluation.metrics import Floats, Integers
from recommender.evaluation.protocols import HeadOfLists
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.head_ranking import rank_head
from recommender.models.served import Ranking

NEIGHBOUR_WEIGHTS = (1.0, 2.0, 4.0, 8.0, 16.0)
CONTENT_WEIGHTS = (0.0, 0.8, 1.6, 3.2, 6.4)
PRIOR_WEIGHTS = (1.0, 0.7, 0.5, 0.4, 0.3)
PRAISE_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0)
MOST_NDCG_LOST = 0.0025  # by praise, for lists that are liked better; half of what may be lost where it was not chosen
_LEAST_GAIN = 1.005  # by which figures must rise for a weight to leave its usual place: below that is chance


class ChosenWeights(NamedTuple):
    """What was chosen; see the settings of these names."""

    neighbour_weight: float
    content_weight: float
    prior_weight: float
    praise_weight: float


class ScoreWeights(tf.Module):
    """What the parts of a score count for beside the trained vector, as a served model holds it."""

    def __init__(self, weights: ChosenWeights) -> None:
        super().__init__()
        self.neighbours, self.content, self.prior, self.praise = (
            tf.Variable(weight, dtype=tf.float32, trainable=False) for weight in weights
        )

    def assign(self, weights: ChosenWeights) -> None:
        """Takes weights over."""
        for held, weight in zip((self.neighbours, self.content, self.prior, self.praise), weights, strict=True):
            held.assign(weight)


class Weighable(Ranking, Protocol):
    """A trained model whose parts can be weighed."""

    configuration: FlagshipConfiguration
    parts: ScoreWeights


class _Lists(rankings.Ranking):
    """A model behind the `Scorer` protocol, as its weights stand.

    Args:
      model: the model.
      train: what it reads.
    """

    def __init__(self, model: Weighable, train: Ratings) -> None:
        self._model, self._baked = model, model.bake(train)

    def score(self, user_rows: Integers, timestamps: Integers) -> Floats:
        """[n, n_titles] what lists are ordered by."""
        model, baked = self._model, self._baked
        rows = model.space.viewer_of_user[user_rows]
        viewers, histories = tf.gather(baked.viewers, rows), tf.gather(baked.histories, rows)
        at = tf.constant(timestamps, tf.int64)
        scores = tf.matmul(model.query(viewers, histories, at), baked.candidates, transpose_b=True)
        weights, means = model.praise(histories)
        praise = weights * (model.stars(viewers, histories, at, baked.titles[None]) - means)
        answer: Floats = rank_head(scores, praise, model.n_ranked + model.n_read(histories)).numpy()
        return answer


def starting_weights(given: FlagshipConfiguration) -> ChosenWeights:
    """What the settings give, and where the choice begins for the others."""
    usual = ChosenWeights(4.0, 0.8, 1.0, 0.0)
    own = (getattr(given, name) for name in ChosenWeights._fields)
    return ChosenWeights(*(usual if weight is None else weight for usual, weight in zip(usual, own, strict=True)))


def choose_weights(model: Weighable, train: Ratings, validation: Ratings) -> ChosenWeights:
    """The weights with the best lists on validation, which the model is left with; what the settings give is kept.

    First, one after the other, those of neighbours, labels and the prior, by NDCG@10 plus that of liked titles. Then
    praise: the best NDCG@10 of liked titles among weights that cost at most 0.0025 of NDCG@10.

    Args:
      model: a trained model.
      train: what it has read.
      validation: the validation part.
    """
    lists, asked = HeadOfLists(train, of_some_viewers(validation)), _Lists(model, train)
    given = model.configuration
    tried: dict[ChosenWeights, tuple[float, float]] = {}

    def figures(weights: ChosenWeights) -> tuple[float, float]:
        if weights not in tried:
            model.parts.assign(weights)
            tried[weights] = lists.figures(asked)
        return tried[weights]

    def best_of(weights: Sequence[ChosenWeights], figure: Callable[[ChosenWeights], float]) -> ChosenWeights:
        return max(weights, key=figure)

    best = starting_weights(given)
    for name, grid in (
        ("neighbour_weight", NEIGHBOUR_WEIGHTS),
        ("content_weight", CONTENT_WEIGHTS),
        ("prior_weight", PRIOR_WEIGHTS),
        ("neighbour_weight", NEIGHBOUR_WEIGHTS),
    ):
        if getattr(given, name) is None:
            other = best_of([best._replace(**{name: weight}) for weight in grid], lambda found: sum(figures(found)))
            best = other if sum(figures(other)) > _LEAST_GAIN * sum(figures(best)) else best
    if given.praise_weight is None:
        least = figures(best)[0] - MOST_NDCG_LOST
        praised = [best._replace(praise_weight=weight) for weight in PRAISE_WEIGHTS]
        best = best_of([found for found in praised if figures(found)[0] >= least], lambda found: figures(found)[1])
    model.parts.assign(best)
    return best
