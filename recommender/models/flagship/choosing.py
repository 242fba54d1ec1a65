"""What the parts of a score count for: chosen on the validation part, when the model has been trained."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import tensorflow as tf

from recommender.data.ratings import Ratings
from recommender.evaluation import rankings
from recommender.evaluation.choosing import Difference, some_viewers_of
from recommender.evaluation.metrics import Floats, Integers
from recommender.evaluation.protocols import HeadOfLists
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.head_ranking import praised, rank_head
from recommender.models.served import Baked, Ranking

NEIGHBOUR_WEIGHTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
NEWCOMER_WEIGHTS = (64.0, 32.0, 16.0, 8.0, 4.0, 2.0)  # beside the usual 1
IMPLICIT_WEIGHTS = (0.0, 0.35, 0.7, 1.5, 3.0)
CONTENT_WEIGHTS = (0.0, 0.8, 1.6, 3.2, 6.4)
PRIOR_WEIGHTS = (1.0, 0.7, 0.5, 0.4, 0.3)
PRAISE_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8)
MOST_NDCG_LOST = 0.005  # by praise, for lists that are liked better
MOST_LOST_BY_NEWCOMERS = 0.002  # of both figures, standard error included, so that five titles are heard


class ChosenWeights(NamedTuple):
    """What was chosen; see the settings of these names."""

    neighbour_weight: float
    implicit_weight: float
    content_weight: float
    prior_weight: float
    newcomer_weight: float
    praise_weight: float


USUAL = ChosenWeights(4.0, 0.5, 0.8, 0.7, 1.0, 0.6)
# Where most questions are for titles among those that are read.
USUAL_AMONG = USUAL._replace(neighbour_weight=8.0, implicit_weight=1.5)


Gain = Callable[[ChosenWeights, ChosenWeights], Difference]


class ScoreWeights(tf.Module):
    """What the parts of a score count for beside the trained vector, as a served model holds it."""

    def __init__(self, weights: ChosenWeights) -> None:
        super().__init__()
        self.neighbours, self.implicit, self.content, self.prior, self.newcomers, self.praise = (
            tf.Variable(weight, dtype=tf.float32, trainable=False) for weight in weights
        )

    def assign(self, weights: ChosenWeights) -> None:
        """Takes weights over."""
        held = (self.neighbours, self.implicit, self.content, self.prior, self.newcomers, self.praise)
        for variable, weight in zip(held, weights, strict=True):
            variable.assign(weight)


class Weighable(Ranking, Protocol):
    """A trained model whose parts can be weighed."""

    configuration: FlagshipConfiguration
    parts: ScoreWeights

    def bake_some(self, ratings: Ratings, read: Ratings) -> Baked:
        """What is served, of viewers only the histories in `read`."""


class _Lists(rankings.Ranking):
    """A model behind the `Scorer` protocol, as its weights stand.

    Args:
      model: the model.
      train: what it has learnt from.
      read: of that, the histories of viewers who are asked about.
    """

    def __init__(self, model: Weighable, train: Ratings, read: Ratings) -> None:
        self._model, self._baked = model, model.bake_some(train, read)
        self._stars: dict[bytes, tf.Tensor] = {}  # of viewers at moments: what no weight changes

    def score(self, user_rows: Integers, timestamps: Integers) -> Floats:
        """[n, n_titles] what lists are ordered by."""
        model, baked = self._model, self._baked
        rows = model.space.viewer_of_user[user_rows]
        viewers, histories = tf.gather(baked.viewers, rows), tf.gather(baked.histories, rows)
        at = tf.constant(timestamps, tf.int64)
        scores = tf.matmul(model.query(viewers, histories, at), baked.candidates, transpose_b=True)
        weights, means, below = model.praise(histories)
        asked = user_rows.tobytes() + timestamps.tobytes()
        if asked not in self._stars:
            self._stars[asked] = model.stars(viewers, histories, at, baked.titles[None])
        praise = weights * praised(self._stars[asked], means, below)
        answer: Floats = rank_head(scores, praise, model.n_ranked + model.n_read(histories)).numpy()
        return answer


def starting_weights(given: FlagshipConfiguration) -> ChosenWeights:
    """What the settings give, and what is usual for the others."""
    own = (getattr(given, name) for name in ChosenWeights._fields)
    usual = USUAL_AMONG if (given.among_share or 0.0) > 0.5 else USUAL
    return ChosenWeights(*(one if weight is None else weight for one, weight in zip(usual, own, strict=True)))


def choose_weights(model: Weighable, train: Ratings, validation: Ratings, read: Ratings) -> ChosenWeights:
    """The weights for the best lists, which the model is left with; what the settings give is kept.

    A validation part is small, and the best of many weights on it is often the best by chance: the usual ones, found on
    three splits of MovieLens 100K, are left only where others are better by more than two standard errors of that.
    First, one after the other, the weights of factors, neighbours, labels and the prior, by NDCG@10 plus that of liked
    titles. Where neighbours count for more than usual, what newcomers are given would be drowned: it grows with them as
    far as that costs no more than 0.002, its standard error included. Then praise, by NDCG@10 of liked titles, among
    weights that cost at most 0.005 of NDCG@10.

    Args:
      model: a trained model.
      train: what it has learnt from.
      validation: the validation part.
      read: the part of `train` that holds the histories of viewers who are asked about.
    """
    lists, asked = HeadOfLists(train, some_viewers_of(validation)), _Lists(model, train, read)
    given = model.configuration
    tried: dict[ChosenWeights, tuple[Floats, Floats]] = {}

    def figures(weights: ChosenWeights) -> tuple[Floats, Floats]:
        if weights not in tried:
            model.parts.assign(weights)
            tried[weights] = lists.by_viewer(asked)
        return tried[weights]

    def both(weights: ChosenWeights, than: ChosenWeights) -> Difference:
        return Difference.between(*zip(figures(weights), figures(than), strict=True))

    def liked(weights: ChosenWeights, than: ChosenWeights) -> Difference:
        return Difference.between((figures(weights)[1], figures(than)[1]))

    def best_of(
        others: Sequence[ChosenWeights],
        usual: ChosenWeights,
        gain: Callable[[ChosenWeights, ChosenWeights], Difference],
    ) -> ChosenWeights:
        found = max(others, key=lambda weights: gain(weights, usual).mean)
        return found if gain(found, usual).is_certain else usual

    best = starting_weights(given)
    for name, grid in (
        ("implicit_weight", IMPLICIT_WEIGHTS),
        ("neighbour_weight", NEIGHBOUR_WEIGHTS),
        ("content_weight", CONTENT_WEIGHTS),
        ("prior_weight", PRIOR_WEIGHTS),
    ):
        if getattr(given, name) is None:
            best = best_of([best._replace(**{name: weight}) for weight in grid], best, both)
    if given.newcomer_weight is None:
        most = best.neighbour_weight / USUAL_AMONG.neighbour_weight
        more = [best._replace(newcomer_weight=weight) for weight in NEWCOMER_WEIGHTS if weight <= most]
        best = next((weights for weights in more if sum(both(best, weights)) <= MOST_LOST_BY_NEWCOMERS), best)
    if given.praise_weight is None:
        without, usual = best._replace(praise_weight=0.0), best.praise_weight

        def is_cheap(weights: ChosenWeights) -> bool:
            return Difference.between((figures(without)[0], figures(weights)[0])).mean <= MOST_NDCG_LOST

        tries = (best._replace(praise_weight=weight) for weight in PRAISE_WEIGHTS)
        cheap = [weights for weights in tries if is_cheap(weights)]
        best = best_of(cheap, max(weights for weights in cheap if weights.praise_weight <= usual), liked)
    model.parts.assign(best)
    return best
