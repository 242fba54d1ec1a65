"""What turning each dial of a list costs, on the test part: for the page that offers the dials."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.bundle.dials import PLACES, Dials
from recommender.bundle.manifest import DialFacts, DialPosition
from recommender.bundle.scorer import SignatureScorer
from recommender.data.catalogue_limits import MOST_TITLES_SCORED
from recommender.data.ranking import best_rows
from recommender.data.ratings import Ratings
from recommender.data.seen import RatingsByViewer
from recommender.evaluation import Evaluation, Examiner
from recommender.serving.variety import MOST_VARIED, varied

_MOST_VIEWERS = 250  # asked, of those with held-out ratings; drawn by the seed
_AHEAD = 1.0  # added to the best score, so that titles that were ordered anew stand before all others

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Examined:
    """A model, and the parts of the data set that it is examined with.

    Attributes:
      scorer: the model.
      directions: [n_titles, size] where titles lie among each other, of length 1; size 0 if they lie in no space.
      has_dials: whether it knows more dials than `varied`.
      training_part: what the model has read.
      test: the interactions to find.
    """

    scorer: SignatureScorer
    directions: Floats
    has_dials: bool
    training_part: Ratings
    test: Ratings


def measure_dials(examined: Examined, seed: int) -> DialFacts | None:
    """Examines the lists of a model with each dial in a few places, the others at rest.

    Args:
      examined: the model and the data.
      seed: draws the viewers.

    Returns:
      The figures; None where there is no dial, nobody to ask, or too many titles to be ranked for everybody.
    """
    names = [*(["personal", "praise"] if examined.has_dials else []), *["varied"] * bool(examined.directions.shape[1])]
    viewers = np.unique(examined.test.user_rows)
    if not names or not len(viewers) or len(examined.training_part.items) > MOST_TITLES_SCORED:
        return None
    if len(viewers) > _MOST_VIEWERS:
        viewers = np.random.default_rng(seed).choice(viewers, _MOST_VIEWERS, replace=False)
    held_out = examined.test.take(np.flatnonzero(np.isin(examined.test.user_rows, viewers)))
    seen, examiner = RatingsByViewer(examined.training_part), Examiner(examined.training_part, held_out)

    def position(dials: Dials, at: float) -> DialPosition:
        return _position(at, examiner.evaluate_own_last(_Turned(examined, seen, dials)))

    at_rest = position(Dials(), 0.0)
    found = {
        name: tuple(at_rest if place == 0 else position(Dials(**{name: place}), place) for place in PLACES[name])
        for name in names
    }
    return DialFacts(n_viewers=len(viewers), **found)


def _position(at: float, figures: Evaluation) -> DialPosition:
    return DialPosition(
        at=at,
        ndcg_at_10=figures.ndcg_at_10,
        liked_ndcg_at_10=figures.liked_ndcg_at_10,
        coverage_at_10=figures.coverage_at_10,
        novelty_at_10=figures.novelty_at_10,
    )


class _Turned:
    """The lists of a model with its dials turned, behind the `Scorer` protocol; of stars nothing is asked."""

    def __init__(self, examined: Examined, seen: RatingsByViewer, dials: Dials) -> None:
        self._scorer, self._directions = examined.scorer.with_dials(dials), examined.directions
        self._seen, self._share = seen, dials.varied

    def score(self, user_rows: Rows, timestamps: npt.NDArray[np.int64]) -> Floats:
        """[n, n_titles] what lists are ordered by."""
        scores = self._scorer.score(user_rows, timestamps)
        if not self._share:
            return scores
        listed = np.where(self._seen.seen_mask(user_rows), -np.inf, scores)
        for row, head in enumerate(best_rows(listed, MOST_VARIED)):
            head = head[np.isfinite(listed[row, head])]
            directions = self._directions[head]
            order = head[varied(directions @ directions.T, self._share)]
            scores[row, order] = scores[row].max() + _AHEAD * np.arange(len(order), 0, -1)
        return scores

    def rate(self, user_rows: Rows, item_rows: Rows, timestamps: npt.NDArray[np.int64]) -> None:
        """Nothing."""
