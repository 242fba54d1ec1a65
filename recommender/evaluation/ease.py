"""Strong reference rows: the linear model from titles to titles that has a closed form, and what it can hear.

Three rows of the zoo are one class with other settings: `ease`, `recency-ease` and `signed-ease`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg

from recommender.data.catalogue_limits import MOST_TITLES_OF_EASE
from recommender.data.ratings import Ratings
from recommender.data.schema import Kind, RatingScale
from recommender.data.seen import RatingsByViewer, ratings_in_order
from recommender.errors import ConfigurationError
from recommender.evaluation.metrics import Floats
from recommender.evaluation.popularity import counts_at_the_end
from recommender.evaluation.rankings import Ranking

# The best-seller list as part of the scores: the whole list of a viewer of whom nothing was read, and for others too
# little to move a title. Divided by 2^17, so that the largest share of it is 0.8e-5 and no digit is lost.
BEST_SELLER_WEIGHT = 2.0**-17
# Ratings' worth of pull of the content's mean towards nothing, so that one rated title does not outvote EASE.
_CONTENT_PULL = 5.0
_CELLS = 2**22  # viewers x titles held at once

Numbers = Any  # an array of NumPy or a tensor: the formulas below are served by TensorFlow as well


@dataclass(frozen=True)
class EaseSettings:
    """What is solved, and how a history is read.

    Attributes:
      ease_l2: lambda of EASE, above 0; greater ones let fewer viewers decide less.
      half_lives: a rated title weighs the mean over these of 2^(-position / half-life), position 0 being the newest;
        none: all weigh 1.
      star_weight: how much more a title weighs with more stars; see `history_weights`.
      content_weight: of the titles' likeness by their features; 0 leaves it out.
      features: the multi-category item features that likeness is by.
      best_seller_days: half-life of the list for a viewer of whom nothing was read; infinite for all-time popularity.
      viewer_exponent: a viewer who rated n titles counts for n^-exponent in B; see `viewer_shares`.
    """

    ease_l2: float = 300.0
    half_lives: tuple[float, ...] = ()
    star_weight: float = 0.0
    content_weight: float = 0.0
    features: tuple[str, ...] = ()
    best_seller_days: float = float("inf")
    viewer_exponent: float = 0.0


class TitleWeights:
    """EASE's weights between titles, for several lambdas from one count of who rated what for each viewer exponent.

    Steck (2019), "Embarrassingly Shallow Autoencoders for Sparse Data", equation 8: with X the table of who rated
    what and P = (X'X + lambda I)^-1, the weights B = I - P diag(1 / diag P) reproduce X best among those with
    a diagonal of zeros.

    Args:
      training_part: the training part.

    Raises:
      ConfigurationError: if the catalogue is too large for a square matrix.
    """

    def __init__(self, training_part: Ratings) -> None:
        n_titles = len(training_part.items)
        if n_titles > MOST_TITLES_OF_EASE:
            raise ConfigurationError(
                f"{training_part.name}: {n_titles:,} titles make a matrix of {4e-9 * n_titles**2:.1f} GB, "
                f"and EASE inverts it; it takes up to {MOST_TITLES_OF_EASE:,} "
                f"titles. Choose another model, or leave rare titles out."
            )
        self._rated = RatingsByViewer(training_part)
        viewers = training_part.user_rows[ratings_in_order(training_part)]  # once for each title
        self._lengths = np.bincount(viewers, minlength=len(training_part.users))
        self._counts: dict[float, npt.NDArray[np.float32]] = {}
        self._made: dict[tuple[float, float], npt.NDArray[np.float32]] = {}

    def at(self, ease_l2: float, viewer_exponent: float = 0.0) -> npt.NDArray[np.float32]:
        """[n_titles, n_titles] B: from the title rated (row) to the title scored (column); made once and kept.

        Raises:
          ConfigurationError: if lambda is not above 0.
        """
        if not ease_l2 > 0:
            raise ConfigurationError(f"EASE's lambda is {ease_l2:g}; it must be above 0.")
        key = ease_l2, viewer_exponent
        if key not in self._made:
            if viewer_exponent not in self._counts:
                shares = viewer_shares(self._lengths, viewer_exponent)
                self._counts[viewer_exponent] = _cooccurrences(self._rated, shares)
            self._made[key] = _weights(self._counts[viewer_exponent], ease_l2)
        return self._made[key]


class Ease(Ranking):
    """Ranks titles by a weighted sum of those the viewer rated, and rates none of them; the moment plays no part.

    A score is history x B (see `TitleWeights`), the history holding a weight for each rated title (`history_weights`);
    plus, with a content weight, the weighted sum of the cosines between the rated titles and the one scored, times
    content_weight / (sum of absolute weights + 5); plus next to nothing of the best-seller list.

    Args:
      training_part: the training part.
      settings: lambda, and how histories are read.
      title_weights: those of the same training part, if they are at hand.

    Attributes:
      weights: [n_titles, n_titles] float32 B.
      content: [n_titles, n_words] unit vectors of the titles' features; no words without a content weight.
      best_sellers: [n_titles] what stands for the best-seller list in every score.

    Raises:
      ConfigurationError: if the catalogue is too large for a square matrix, or lambda is not above 0.
    """

    same_at_every_moment = True

    def __init__(
        self,
        training_part: Ratings,
        settings: EaseSettings | None = None,
        title_weights: TitleWeights | None = None,
    ) -> None:
        self.settings = settings = settings or EaseSettings()
        self.weights = (title_weights or TitleWeights(training_part)).at(settings.ease_l2, settings.viewer_exponent)
        features = settings.features if settings.content_weight else ()
        self.content = content_vectors(training_part, features)
        best_sellers = counts_at_the_end(training_part, settings.best_seller_days)
        best_sellers *= BEST_SELLER_WEIGHT / max(best_sellers.max(initial=0.0), 1e-30)
        self.best_sellers = best_sellers.astype(np.float32)
        rows = ratings_in_order(training_part)
        users = training_part.user_rows[rows]
        self._starts = np.searchsorted(users, np.arange(len(training_part.users) + 1))
        self._titles = training_part.item_rows[rows]
        positions = self._starts[users + 1] - 1 - np.arange(len(rows))
        self._history = history_weights(positions, training_part.stars[rows], training_part.scale, settings)

    def score(self, user_rows: npt.NDArray[np.integer], timestamps: npt.NDArray[np.int64]) -> Floats:
        """[n, n_titles] sums of weights from the titles each viewer rated; the same at every moment."""
        users, places = np.unique(user_rows, return_inverse=True)
        histories = np.zeros((len(users), len(self.weights)), np.float32)
        for row, user in enumerate(users):
            part = slice(self._starts[user], self._starts[user + 1])
            histories[row, self._titles[part]] = self._history[part]
        scores = histories @ self.weights + self.best_sellers
        if self.content.shape[1]:
            lengths = np.abs(histories).sum(axis=1, keepdims=True)
            scores += (content_share(lengths, self.settings) * (histories @ self.content)) @ self.content.T
        answer: Floats = scores[places]
        return answer


def history_weights(positions: Numbers, stars: Numbers, scale: RatingScale, settings: EaseSettings) -> Numbers:
    """What each rated title weighs in its viewer's history.

    With x = (stars - middle of the scale) / half its width, in [-1, 1], a title weighs 1 + star_weight (x - 1/2) times
    the mean of 2^(-position / half-life). A star weight of 0.8 makes it .6 + .4 (stars - 3) on a scale of 1 to 5; above
    2/3 the lowest stars weigh less than nothing.

    Args:
      positions: [n] floats, how many ratings of the same viewer are newer.
      stars: [n].
      scale: of the stars.
      settings: half-lives and star weight.

    Returns:
      [n] weights, an array or a tensor like the arguments.
    """
    middle, half_width = (scale.low + scale.high) / 2, (scale.high - scale.low) / 2 or 1.0
    weights = 1.0 + settings.star_weight * ((stars - middle) / half_width - 0.5)
    if settings.half_lives:
        decays = [2.0 ** (-positions / half_life) for half_life in settings.half_lives]
        weights = weights * (sum(decays) / len(decays))
    return weights


def viewer_shares(lengths: npt.NDArray[np.integer], exponent: float) -> npt.NDArray[np.float32]:
    """What each viewer counts for among those whose ratings tell which titles go together.

    Who rated a thousand titles tells of half a million pairs, who rated ten of 45: were all to count alike, a few would
    decide. With an exponent of 0 all do; with 0.5 a viewer counts for n^-0.5.

    Args:
      lengths: [n_viewers] titles that each rated.
      exponent: from 0.

    Returns:
      [n_viewers] shares, 1 for a viewer who rated as many titles as the mean viewer.
    """
    mean = lengths.sum() / max(np.count_nonzero(lengths), 1)
    return ((np.maximum(lengths, 1) / max(mean, 1.0)) ** -exponent).astype(np.float32)


def content_share(lengths: Numbers, settings: EaseSettings) -> Numbers:
    """By what the sum of a history's cosines is multiplied, from the sum of the absolute weights in it."""
    return settings.content_weight / (lengths + _CONTENT_PULL)


def content_vectors(ratings: Ratings, features: Sequence[str]) -> npt.NDArray[np.float32]:
    """Titles by what labels them, so that their inner products are cosines.

    Args:
      ratings: the data set.
      features: multi-category item features by name.

    Returns:
      [n_titles, n_words] a column for each word of each feature, weighted log(n_titles / titles that bear it) (Spärck
      Jones, 1972), rows of length 1; zeros for a title without words.
    """
    places: dict[tuple[str, str], int] = {}
    pairs = [
        (row, places.setdefault((name, word), len(places)))
        for name in features
        for row, words in enumerate(ratings.items[name])
        for word in words
    ]
    table = np.zeros((len(ratings.items), len(places)), np.float32)
    if pairs:
        rows, columns = np.array(pairs).T
        table[rows, columns] = 1.0
        table *= np.log(len(table) / table.sum(axis=0))
        table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12)
    return table


def labelling_features(ratings: Ratings) -> tuple[str, ...]:
    """Names of the item features that label a title with several words, such as genres."""
    return tuple(feature.name for feature in ratings.schema.item_features if feature.kind is Kind.MULTI_CATEGORY)


def _cooccurrences(rated: RatingsByViewer, shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """[n_titles, n_titles] viewers who rated both, by [n_users] shares; of ones exact up to 16 million viewers."""
    counts = np.zeros((rated.n_titles, rated.n_titles), np.float32)
    size = max(_CELLS // rated.n_titles, 1)
    for start in range(0, len(shares), size):
        chunk = rated.rated_mask(np.arange(start, min(start + size, len(shares)))).astype(np.float32)
        counts += chunk.T @ (shares[start : start + size, None] * chunk)
    return counts


def inverse_of(matrix: npt.NDArray[np.floating]) -> npt.NDArray[Any]:
    """The inverse of a symmetric matrix without eigenvalues below 0, in a third of the time that any other takes.

    Args:
      matrix: [n, n], of which the upper half is read; it is written over.

    Raises:
      numpy.linalg.LinAlgError: if it has no inverse.
    """
    factorise, invert = linalg.get_lapack_funcs(("potrf", "potri"), (matrix,))
    factor, failed = factorise(matrix.T, lower=True, overwrite_a=True)  # as LAPACK has it, column by column
    inverse, unsolved = invert(factor, lower=True, overwrite_c=True)
    if failed or unsolved:
        raise np.linalg.LinAlgError("the matrix has no inverse")
    upper = np.triu(inverse.T)
    return upper + np.triu(upper, 1).T


def _weights(counts: npt.NDArray[np.float32], ease_l2: float) -> npt.NDArray[np.float32]:
    """B of these counts."""
    diagonal = np.diag_indices_from(counts)
    counts = counts.copy()
    counts[diagonal] += np.float32(ease_l2)
    weights = inverse_of(counts)
    weights /= -np.diag(weights)  # column by column
    weights[diagonal] = 0.0
    return weights
