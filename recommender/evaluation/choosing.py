"""Numbers of the reference rows, chosen on validation: small grids, each point asked for the head of the lists."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple, TypeVar

import numpy as np

from recommender.data.catalogue_limits import MOST_TITLES_SQUARED
from recommender.data.ratings import Ratings
from recommender.evaluation import metrics
from recommender.evaluation.ease import Ease, EaseSettings, TitleWeights
from recommender.evaluation.means import Means
from recommender.evaluation.popularity import RecentPopularity
from recommender.evaluation.protocols import HeadOfLists, Scorer, of_some_viewers

# Half-lives of popularity, in days: from a week to what is nearly all time.
BEST_SELLER_DAYS = (7.0, 14.0, 30.0, 60.0, 180.0, 730.0, 3650.0)
LAMBDAS = (300.0, 100.0, 1000.0)
# In positions, each choice the half-lives of which the mean is taken; none reads the whole history alike.
HALF_LIVES: tuple[tuple[float, ...], ...] = ((), (20.0,), (60.0,), (8.0, 20.0, 60.0), (20.0, 60.0, 200.0))
STAR_WEIGHTS = (0.8, 1.2)  # above 2/3, so that the lowest stars speak against a title
CONTENT_WEIGHTS = (0.1, 0.3, 1.0)
SHRINKAGES = (5.0, 1.0, 3.0, 10.0, 20.0)
MOST_VIEWERS = 2_000  # of the validation part that are asked for lists, the same each time
_MOST_SCORES = 2**27  # of them and all titles: of more than 67,000 titles fewer viewers are asked
VIEWER_EXPONENT = 0.5  # on dev parts of an anime archive any from 0.3 to 0.7 makes lists as good
LAMBDAS_OF_WEIGHED = (300.0, 100.0)  # then long histories add up to less, and 1000 is too much; each takes an inverse
# Standard errors by which lists have to be better with it: so they are on four of four splits of that archive, and on
# one of 18 of MovieLens.
_LIKELY_ERRORS = 1.0
CERTAIN_ERRORS = 2.0  # standard errors; with one, a weight of some twenty that are tried left its place by chance
# Shares of what is known at which it is asked what came next, and how much more that is.
_EARLIER_SHARES, _NEXT = (0.5, 0.6, 0.7, 0.8, 0.9), 0.25

Point = TypeVar("Point")


class Difference(NamedTuple):
    """How much better some lists are than others, by the viewers of both."""

    mean: float
    """The sum of the mean differences of the figures compared."""
    error: float
    """Its standard error."""

    @classmethod
    def between(cls, *compared: tuple[metrics.Floats, metrics.Floats]) -> "Difference":
        """The difference of each pair of figures, [n_viewers] each, NaN where a viewer has none, summed over pairs."""
        shares = np.zeros(len(compared[0][0]))  # what each viewer adds to the mean
        for ours, theirs in compared:
            differences = ours - theirs
            n_viewers = int(np.count_nonzero(~np.isnan(differences)))
            shares += np.nan_to_num(differences) / max(n_viewers, 1)
        mean = float(shares.sum())
        variance = float(np.square(shares).sum()) - mean**2 / max(len(shares), 1)
        return cls(mean, max(variance, 0.0) ** 0.5)

    @property
    def is_certain(self) -> bool:
        """Whether the first are better by more than chance explains: by two standard errors."""
        return self.mean > CERTAIN_ERRORS * self.error


@dataclass(frozen=True)
class Grids:
    """What may be chosen for a row of EASE; of one value there is nothing to choose.

    Attributes:
      best_seller_days, ease_l2, half_lives, star_weight, content_weight: values of `EaseSettings`.
    """

    best_seller_days: Sequence[float] = BEST_SELLER_DAYS
    ease_l2: Sequence[float] = LAMBDAS
    half_lives: Sequence[tuple[float, ...]] = HALF_LIVES
    star_weight: Sequence[float] = (0.0,)
    content_weight: Sequence[float] = (0.0,)


RECENCY_GRIDS = Grids()
SIGNED_GRIDS = Grids(star_weight=STAR_WEIGHTS, content_weight=CONTENT_WEIGHTS)


def some_viewers_of(held_out: Ratings) -> Ratings:
    """What of a held-out part settings are chosen on: all, or of very many viewers some, always the same."""
    return of_some_viewers(held_out, n_viewers=min(MOST_VIEWERS, max(_MOST_SCORES // len(held_out.items), 1)))


class Chooser:
    """Chooses numbers on the validation part; nothing else is looked at.

    Args:
      train: what the candidates are fitted on.
      validation: what they are judged by.
    """

    def __init__(self, train: Ratings, validation: Ratings) -> None:
        self._train, self._validation = train, validation
        self._asked: list[tuple[Ratings, HeadOfLists]] = []  # by `_moments`
        self._lists = HeadOfLists(train, some_viewers_of(validation))
        self._title_weights: TitleWeights | None = None  # counted once, and inverted once for each lambda

    def best_seller_days(self, days: Sequence[float] = BEST_SELLER_DAYS) -> float:
        """The half-life of recent popularity with the best lists.

        Where the validation part comes after all of the train part, as in a split by one moment, it is a few days long,
        and what a few days say of a half-life is mostly chance. There it is asked at several moments of all that is
        known what came next, and the figures of each count alike.
        """
        if len(days) == 1:
            return days[0]
        moments = self._moments()
        return max(
            days, key=lambda one: sum(sum(lists.figures(RecentPopularity(part, one))) for part, lists in moments)
        )

    def _moments(self) -> list[tuple[Ratings, HeadOfLists]]:
        """What was known at some moments, with what came next."""
        train, held_out = self._train, self._validation
        if not train.schema.has_timestamps or train.timestamps.max() >= held_out.timestamps.min():
            return [(train, self._lists)]
        if not self._asked:
            known = train.with_more(held_out)
            times, n = np.sort(known.timestamps), len(known)
            for share in _EARLIER_SHARES:
                cut = times[int(n * share)]
                end = times[min(int(n * share * (1.0 + _NEXT)), n - 1)]
                before = known.take(np.flatnonzero(known.timestamps < cut))
                after = known.take(np.flatnonzero((known.timestamps >= cut) & (known.timestamps <= end)))
                self._asked.append((before, HeadOfLists(before, some_viewers_of(after))))
        return self._asked

    def ease(self, grids: Grids, features: tuple[str, ...] = ()) -> EaseSettings:
        """Settings of EASE with the best lists: first half-lives, then lambda, then the weights of stars and content.

        Args:
          grids: values to choose among. Of several lambdas only the first is tried in catalogues of more than 5,000
            titles, as each takes an inverse.
          features: the item features that the content is read from; without any there is no content, and without
            times neither an order to weigh.
        """
        lambdas = grids.ease_l2
        if len(self._train.items) > MOST_TITLES_SQUARED:
            lambdas = lambdas[:1]
        if not self._train.schema.has_timestamps:
            grids = replace(grids, half_lives=((),), best_seller_days=grids.best_seller_days[:1])
        if not features:
            grids = replace(grids, content_weight=(0.0,))
        best = EaseSettings(best_seller_days=self.best_seller_days(grids.best_seller_days), features=features)
        # One after the other: on three splits of MovieLens 100K the grid of both chose the same in twice the time.
        best = self._best(
            [replace(best, ease_l2=lambdas[0], half_lives=lives) for lives in grids.half_lives], self._ease
        )
        best = self._best([replace(best, ease_l2=ease_l2) for ease_l2 in lambdas], self._ease)
        heard = [
            replace(best, star_weight=star_weight, content_weight=content_weight)
            for star_weight, content_weight in product(grids.star_weight, grids.content_weight)
        ]
        return self._best(heard, self._ease)

    def viewers_weighed(self, settings: EaseSettings) -> EaseSettings:
        """These settings, or with viewers who rated much counting for less where that is likely to make better lists.

        Lambda and the weight of stars are chosen along with it.
        """
        before = self._lists.by_viewer(self._ease(settings))
        best, gain = settings, Difference(0.0, 0.0)
        for ease_l2, star_weight in product(LAMBDAS_OF_WEIGHED, STAR_WEIGHTS):
            tried = replace(settings, ease_l2=ease_l2, star_weight=star_weight, viewer_exponent=VIEWER_EXPONENT)
            after = self._lists.by_viewer(self._ease(tried))
            difference = Difference.between(*zip(after, before, strict=True))
            if difference.mean > max(_LIKELY_ERRORS * difference.error, gain.mean):
                best, gain = tried, difference
        return best

    def shrinkages(
        self, of_users: Sequence[float] = SHRINKAGES, of_items: Sequence[float] = SHRINKAGES
    ) -> tuple[float, float]:
        """The shrinkages of viewers' and titles' means with the smallest RMSE."""

        def error(point: tuple[float, float]) -> float:
            held_out = self._validation
            stars = Means(self._train, *point).rate(held_out.user_rows, held_out.item_rows, held_out.timestamps)
            return metrics.rmse(stars, held_out.stars)

        points = list(product(of_users, of_items))
        return points[0] if len(points) == 1 else min(points, key=error)

    def _ease(self, settings: EaseSettings) -> Ease:
        self._title_weights = self._title_weights or TitleWeights(self._train)
        return Ease(self._train, settings, self._title_weights)

    def _best(self, points: Sequence[Point], fit: Callable[[Point], Scorer]) -> Point:
        """The point with the best lists, the first of equals."""

        def figure(point: Point) -> float:
            return sum(self._lists.figures(fit(point)))

        return points[0] if len(points) == 1 else max(points, key=figure)
