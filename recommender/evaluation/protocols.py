"""How a model is examined: one protocol for live models, bundles and reference rows.

The moment of asking is part of it. A question that is told the second of a held-out rating is told the session it was
given in: in a random split of MovieLens 100K more than nine of ten lie within a minute of a rating that the model has
read. So the figures that count are asked at each viewer's last known moment (`own-last`). Those that are told the
second (`held-out`), as many tutorials ask, stand beside them under that name.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from recommender.data.catalogue_limits import cutoffs_of
from recommender.data.ranking import best_rows, titles_ahead, titles_ahead_of_each
from recommender.data.ratings import Ratings
from recommender.data.seen import RatingsByViewer
from recommender.data.splits import are_among, tied
from recommender.evaluation import metrics

HEAD = 10  # length of the list that a viewer looks at
LIKED_FROM = 0.75  # of the way from the lowest rating to the highest: 4 of 5 stars
_CHUNK = 2_048  # queries asked at once,
_CELLS = 2**22  # or fewer where they make more scores than this: 17 MB of them
# Of very many held-out interactions those of some viewers are asked about: more would say the same, and take hours.
_MOST_ASKED = 400_000  # at the viewers' last known moments
_MOST_TOLD = 50_000  # told the second, a ranking each
_MOST_SCORES = 2**28  # in all rankings together: of very many titles fewer are made

Rows = npt.NDArray[np.integer]
Moments = npt.NDArray[np.int64]


class Scorer(Protocol):
    """Anything that can be examined. Rows are rows of the data set's `users` and `items`."""

    def score(self, user_rows: Rows, timestamps: Moments) -> metrics.Floats:
        """[n, n_titles] retrieval scores, higher is better."""

    def rate(self, user_rows: Rows, item_rows: Rows, timestamps: Moments) -> metrics.Floats | None:
        """[n] predicted ratings in stars, inside the scale; None from a model that predicts none."""


@runtime_checkable
class ProbabilityScorer(Scorer, Protocol):
    """A scorer that may also say how likely each rating of the scale is."""

    def probabilities(self, user_rows: Rows, item_rows: Rows, timestamps: Moments) -> metrics.Floats | None:
        """[n, n_levels] probabilities of the ratings low, low + step, ..., high; None from a model that gives none."""


@runtime_checkable
class TimelessScorer(Scorer, Protocol):
    """A scorer that may say that the moment changes none of its answers, and need not be asked at another."""

    @property
    def same_at_every_moment(self) -> bool:
        """Whether it does not read the moment."""


@dataclass(frozen=True)
class Figures:
    """What was measured by one way of asking. Shares are in [0, 1], errors in stars.

    A figure is None where the model does not predict what it is about, or where it says nothing on the data at hand.

    Attributes:
      n_test: held-out interactions that were asked about: all, or of very many those of viewers who lie evenly among
        all.
      n_repeated: those of a pair that the viewer had rated in the training part already.
      n_ties: those that share viewer and second with one of the training part, so that no time tells them apart.
      rmse: of predicted ratings.
      mae: of the same.
      nll: negative log-likelihood of the held-out stars, nats; see `metrics.negative_log_likelihood`.
      interval_80_covers: share of them inside the predicted 80% interval; see `metrics.interval_coverage`.
      top_k_all: cutoff (see `cutoffs_of`) -> share of held-out interactions whose title is in the top k of the whole
        catalogue.
      top_k_unseen: the same among titles the viewer has not seen. Repeated pairs are left out, and viewers who have
        nothing unseen but what is to be found.
      ndcg_at_10: mean over viewers with something to find among other unseen titles.
      recall_at_10: the same, over viewers with more unseen titles than the list holds.
      liked_ndcg_at_10: as `ndcg_at_10`, to be found being what the viewer liked: held-out stars at or above both the
        mean of the viewer's known ones and three quarters of the scale.
      below_own_mean_at_10: share of the titles listed whose predicted stars lie below the mean of the viewer's known
        ones; mean over viewers.
      coverage_at_10: share of the catalogue in at least one of these lists.
      novelty_at_10: mean self-information of the titles in these lists, bits.
      says_nothing: figure -> why it says nothing on these data.
    """

    n_test: int
    n_repeated: int
    n_ties: int
    rmse: float | None
    mae: float | None
    nll: float | None
    interval_80_covers: float | None
    top_k_all: dict[str, float | None]
    top_k_unseen: dict[str, float | None]
    ndcg_at_10: float | None
    recall_at_10: float | None
    liked_ndcg_at_10: float | None
    below_own_mean_at_10: float | None
    coverage_at_10: float | None
    novelty_at_10: float | None
    says_nothing: dict[str, str]


@dataclass(frozen=True)
class Evaluation(Figures):
    """What was measured: each question put at the viewer's last known moment (`own-last`).

    Attributes:
      held_out: the same figures told the second: each question put at the moment of the held-out interaction, and each
        list at the viewer's first of these; None where that was not asked.
    """

    held_out: Figures | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for json."""
        return asdict(self)


class Examiner:
    """Examines models on interactions they have not seen, one after another: what does not depend on them is kept.

    Args:
      training_part: what the models have read: its titles are the seen ones, removed for the `unseen` figures.
      held_out: the interactions to predict.
    """

    def __init__(self, training_part: Ratings, held_out: Ratings) -> None:
        self._training_part, self._held_out = training_part, held_out

    def evaluate(self, scorer: Scorer) -> Evaluation:
        """Examines a model, asked both ways.

        Args:
          scorer: the model.

        Returns:
          The figures. Told the second, the model is asked for a ranking once per held-out interaction, and otherwise
          once per viewer, a chunk at a time, so that memory grows with the interactions and never with viewers x
          titles.
        """
        own_last = self._of_most.own_last(scorer)
        # Without times, or of who does not read them, both are the same question.
        blind = isinstance(scorer, TimelessScorer) and scorer.same_at_every_moment
        if not blind and self._held_out.schema.has_timestamps:
            told = self._of_some.told_the_second(scorer)
        else:
            told = own_last if self._of_some is self._of_most else self._of_some.own_last(scorer)
        return Evaluation(**vars(own_last), held_out=told)

    def evaluate_own_last(self, scorer: Scorer) -> Evaluation:
        """The part of `evaluate` that asks at each viewer's last known moment, without `held_out`."""
        return Evaluation(**vars(self._of_most.own_last(scorer)))

    @cached_property
    def _of_most(self) -> "_Examination":
        held_out = self._held_out
        some = of_some_viewers(held_out, n_ratings=_MOST_ASKED, n_viewers=_most_lists(held_out))
        return _Examination(self._training_part, some)

    @cached_property
    def _of_some(self) -> "_Examination":
        held_out = self._held_out
        some = of_some_viewers(held_out, n_ratings=min(_MOST_TOLD, _most_lists(held_out)))
        return self._of_most if some is self._of_most.held_out else _Examination(self._training_part, some)


def evaluate(scorer: Scorer, training_part: Ratings, held_out: Ratings) -> Evaluation:
    """Examines one model; see `Examiner` for the arguments and what is found."""
    return Examiner(training_part, held_out).evaluate(scorer)


def evaluate_own_last(scorer: Scorer, training_part: Ratings, held_out: Ratings) -> Evaluation:
    """Examines one model at each viewer's last known moment; see `Examiner`."""
    return Examiner(training_part, held_out).evaluate_own_last(scorer)


def _most_lists(held_out: Ratings) -> int:
    return max(_MOST_SCORES // len(held_out.items), 1)


def of_some_viewers(held_out: Ratings, *, n_viewers: float = np.inf, n_ratings: float = np.inf) -> Ratings:
    """All of it, or where that is much the part of viewers that lie evenly among all.

    Args:
      held_out: interactions.
      n_viewers: about so many viewers at most.
      n_ratings: about so many interactions at most.
    """
    viewers = np.unique(held_out.user_rows)
    every = int(max(np.ceil(len(viewers) / n_viewers), np.ceil(len(held_out) / n_ratings), 1))
    if every == 1:
        return held_out
    return held_out.take(np.flatnonzero(np.isin(held_out.user_rows, viewers[::every])))


class HeadOfLists:
    """The two figures by which settings are chosen, for many scorers in a row, as `evaluate_own_last` gives them.

    Args:
      training_part: what the scorers have read.
      held_out: the interactions to predict.
    """

    def __init__(self, training_part: Ratings, held_out: Ratings) -> None:
        self._examination = _Examination(training_part, held_out)
        self._moments = last_moments(training_part)

    def figures(self, scorer: Scorer) -> tuple[float, float]:
        """NDCG@10 and liked NDCG@10; 0 for one that says nothing on the data."""
        ndcg, liked = (_mean_of_numbers(figures) or 0.0 for figures in self.by_viewer(scorer))
        return ndcg, liked

    def by_viewer(self, scorer: Scorer) -> tuple[metrics.Floats, metrics.Floats]:
        """The two figures of each viewer with held-out interactions, [n_viewers]; NaN where nothing can be found."""
        given = self._examination
        found: tuple[list[metrics.Floats], list[metrics.Floats]] = ([], [])
        if given.silence:
            nothing = np.full(len(given.viewers), np.nan)
            return nothing, nothing
        for viewers in _chunks(given.viewers, given.n_titles):
            seen = given.seen.seen_mask(viewers)
            scores = np.where(seen, -np.inf, scorer.score(viewers, self._moments[viewers]))
            # The head of the lists alone is looked at, so that it is found once for both figures.
            listed = best_rows(scores, min(HEAD, given.n_titles))
            head = np.take_along_axis(scores, listed, axis=1)
            n_unseen = (~seen).sum(axis=1)
            wanted = given.wanted.rated_mask(viewers) & ~seen
            for figures, relevant in zip(found, (wanted, given.liked.rated_mask(viewers) & ~seen), strict=True):
                totals = relevant.sum(axis=1)
                gains = np.take_along_axis(relevant, listed, axis=1) & ~np.isneginf(head)
                discounts = 1.0 / np.log2(np.arange(listed.shape[1]) + 2.0)
                ideal = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(totals, listed.shape[1])]
                counts = (totals > 0) & (n_unseen > wanted.sum(axis=1))
                figures.append(np.where(counts, gains @ discounts / np.where(counts, ideal, 1.0), np.nan))
        ndcg, liked = (np.concatenate(figures) for figures in found)
        return ndcg, liked


def rated_by_viewers_of(held_out: Ratings, training_part: Ratings) -> Ratings:
    """What the viewers of the held-out part rated in the training part: all of it, if it is theirs alone."""
    asked = np.zeros(len(held_out.users), np.bool_)
    asked[held_out.user_rows] = True
    theirs = asked[training_part.user_rows]
    return training_part if theirs.all() else training_part.take(np.flatnonzero(theirs))


def last_moments(ratings: Ratings) -> Moments:
    """[n_users] UTC seconds of each viewer's last interaction; the last of all for a viewer who has none."""
    moments = np.full(len(ratings.users), ratings.timestamps.max(initial=0), np.int64)
    order = np.argsort(ratings.timestamps, kind="stable")
    moments[ratings.user_rows[order]] = ratings.timestamps[order]  # the last write of a viewer wins
    return moments


def repeated(training_part: Ratings, held_out: Ratings) -> npt.NDArray[np.bool_]:
    """[n_held_out] whether the viewer had rated the title of each interaction in the training part already."""
    theirs, ours = (part.user_rows * np.int64(len(part.items)) + part.item_rows for part in (training_part, held_out))
    return are_among(ours, theirs)


class _Examination:
    """A training part and a held-out part, and all that does not depend on who is asked.

    Attributes:
      order: [n] held-out interactions, one viewer's after another's, so that a scorer can work out once what it needs.
      viewers: [n_viewers] rows of the viewers with held-out interactions.
      means: [n_users] mean of the stars each viewer gave in the training part; NaN without any.
      n_ties: see `Figures`.
      counted: [n] which held-out interactions count among unseen titles.
    """

    def __init__(self, training_part: Ratings, held_out: Ratings) -> None:
        self.training_part, self.held_out = training_part, held_out
        self.n_titles = len(training_part.items)
        self.cutoffs = cutoffs_of(self.n_titles)
        self.order = np.argsort(held_out.user_rows, kind="stable")
        self.viewers = np.unique(held_out.user_rows)
        self.means = _mean_stars(training_part)
        theirs = rated_by_viewers_of(held_out, training_part)  # nobody else's ratings are looked up
        self.seen, self.wanted = RatingsByViewer(theirs), RatingsByViewer(held_out)
        scale, stars = training_part.scale, held_out.exact_stars
        least = np.fmax(self.means, scale.low + LIKED_FROM * (scale.high - scale.low))
        self.liked = RatingsByViewer(held_out.take(np.flatnonzero(stars >= least[held_out.user_rows] - _ROUNDING)))
        self.levels = np.clip(np.rint((stars - scale.low) / scale.step).astype(np.int64), 0, scale.n_levels - 1)
        self.repeated = repeated(theirs, held_out)
        self.n_ties = int(tied(theirs, held_out).sum())
        self.counted = ~self.repeated & self._has_others()[held_out.user_rows]
        self.silence = _why_rankings_say_nothing(training_part, held_out)

    def own_last(self, scorer: Scorer) -> Figures:
        """The figures, each question put at the viewer's last known moment."""
        moments = last_moments(self.training_part)
        lists = _Lists(self, scorer)
        n_held_out = len(self.held_out)
        ahead_all, ahead_unseen = np.empty(n_held_out, np.int64), np.empty(n_held_out, np.int64)
        users = self.held_out.user_rows[self.order]
        for viewers in _chunks(self.viewers, self.n_titles):
            scores, seen = scorer.score(viewers, moments[viewers]), self.seen.seen_mask(viewers)
            lists.add(viewers, moments[viewers], scores, seen)
            rows = self.order[np.searchsorted(users, viewers[0]) : np.searchsorted(users, viewers[-1], side="right")]
            queries, targets = np.searchsorted(viewers, self.held_out.user_rows[rows]), self.held_out.item_rows[rows]
            ahead_all[rows], ahead_unseen[rows] = titles_ahead_of_each(scores, seen, queries, targets)
        return self._figures(scorer, moments[self.held_out.user_rows], ahead_all, ahead_unseen, lists)

    def told_the_second(self, scorer: Scorer) -> Figures:
        """The figures, each question put at the moment of the held-out interaction."""
        moments, first = self.held_out.timestamps, _first_moments(self.held_out)
        lists = _Lists(self, scorer)
        for viewers in _chunks(self.viewers, self.n_titles):
            lists.add(viewers, first[viewers], scorer.score(viewers, first[viewers]), self.seen.seen_mask(viewers))
        ahead_all, ahead_unseen = np.empty(len(moments), np.int64), np.empty(len(moments), np.int64)
        for rows in _chunks(self.order, self.n_titles):
            users, targets = self.held_out.user_rows[rows], self.held_out.item_rows[rows]
            scores = scorer.score(users, moments[rows])
            ahead_all[rows] = titles_ahead(scores, targets)
            ahead_unseen[rows] = titles_ahead(scores, targets, self.seen.seen_mask(users))
        return self._figures(scorer, moments, ahead_all, ahead_unseen, lists)

    def _figures(
        self, scorer: Scorer, moments: Moments, ahead_all: Rows, ahead_unseen: Rows, lists: "_Lists"
    ) -> Figures:
        among_all = self._shares(ahead_all)
        among_unseen = self._shares(ahead_unseen[self.counted])
        of_lists = lists.figures()
        silent = {name: why for name, why in _SAYS_NOTHING.items() if of_lists.get(name, 0.0) is None}
        if None in among_unseen.values():
            silent["top_k_unseen"] = _NOTHING_TO_FIND
        if not self.held_out.schema.has_ratings:
            of_lists["liked_ndcg_at_10"] = None
            silent["liked_ndcg_at_10"] = _NO_RATINGS
        if self.silence:
            among_all, among_unseen, of_lists = (
                dict.fromkeys(figures) for figures in (among_all, among_unseen, of_lists)
            )
            silent = dict.fromkeys(["top_k_all", "top_k_unseen", *of_lists], self.silence)
        return Figures(
            n_test=len(self.held_out),
            n_repeated=int(self.repeated.sum()),
            n_ties=self.n_ties,
            top_k_all=among_all,
            top_k_unseen=among_unseen,
            **self._star_figures(scorer, moments),
            **of_lists,
            says_nothing=silent,
        )

    def _shares(self, ahead: Rows) -> dict[str, float | None]:
        shares = metrics.top_k_accuracy(self.cutoffs, ahead)
        return {str(k): metrics.number(share) for k, share in zip(self.cutoffs, shares, strict=True)}

    def _star_figures(self, scorer: Scorer, moments: Moments) -> dict[str, float | None]:
        users, titles = self.held_out.user_rows, self.held_out.item_rows
        stars: list[metrics.Floats] = []
        likely: list[metrics.Floats] = []
        for start in range(0, len(moments), _CHUNK):
            rows = self.order[start : start + _CHUNK]
            asked = users[rows], titles[rows], moments[rows]
            rated = scorer.rate(*asked)
            if rated is None:
                break
            stars.append(rated)
            if len(likely) == len(stars) - 1 and isinstance(scorer, ProbabilityScorer):
                told = scorer.probabilities(*asked)
                likely += [] if told is None else [told]
        found: dict[str, float | None] = dict.fromkeys(("rmse", "mae", "nll", "interval_80_covers"))
        if stars:
            predicted, given = np.concatenate(stars), self.held_out.stars[self.order]
            found |= {"rmse": metrics.rmse(predicted, given), "mae": metrics.mae(predicted, given)}
        if likely:
            chances, levels = np.concatenate(likely), self.levels[self.order]
            found["nll"] = metrics.negative_log_likelihood(chances, levels)
            found["interval_80_covers"] = metrics.interval_coverage(chances, levels)
        return found

    def _has_others(self) -> npt.NDArray[np.bool_]:
        """[n_users] whether a viewer with held-out titles has not seen others beside them."""
        found = np.zeros(len(self.held_out.users), np.bool_)
        for viewers in _chunks(self.viewers, self.n_titles):
            found[viewers] = ~(self.seen.seen_mask(viewers) | self.wanted.rated_mask(viewers)).all(axis=1)
        return found


class _Lists:
    """The ten titles that each viewer would see, one chunk of viewers after another.

    Args:
      examination: whose viewers they are.
      scorer: who is asked for stars of the titles listed.
    """

    def __init__(self, examination: _Examination, scorer: Scorer) -> None:
        self._examination, self._scorer = examination, scorer
        self._head = min(HEAD, examination.n_titles)
        self._by_viewer: dict[str, list[metrics.Floats]] = {}
        self._shown: list[Rows] = []

    def add(self, viewers: Rows, moments: Moments, scores: metrics.Floats, seen: npt.NDArray[np.bool_]) -> None:
        """Takes in some viewers.

        Args:
          viewers: [n] rows.
          moments: [n] when each is asked.
          scores: [n, n_titles] retrieval scores.
          seen: [n, n_titles] what each has seen.
        """
        given = self._examination
        scores = np.where(seen, -np.inf, scores)
        wanted, liked = (
            part.rated_mask(viewers) & ~given.seen.rated_mask(viewers) for part in (given.wanted, given.liked)
        )
        n_unseen = (~seen).sum(axis=1)
        has_others = n_unseen > (wanted & ~seen).sum(axis=1)
        head = [self._head]
        found = {
            "ndcg_at_10": np.where(has_others, metrics.ndcg_at(head, scores, wanted)[:, 0], np.nan),
            "liked_ndcg_at_10": np.where(has_others, metrics.ndcg_at(head, scores, liked)[:, 0], np.nan),
            "recall_at_10": np.where(n_unseen > HEAD, metrics.recall_at(head, scores, wanted)[:, 0], np.nan),
        }
        listed = best_rows(scores, HEAD)
        shown = ~np.isneginf(np.take_along_axis(scores, listed, axis=1))
        found["below_own_mean_at_10"] = self._below_own_mean(viewers, moments, listed, shown)
        for name, values in found.items():
            self._by_viewer.setdefault(name, []).append(values)
        self._shown.append(listed[shown])

    def figures(self) -> dict[str, float | None]:
        """The figures of all lists, those that say nothing None."""
        given = self._examination
        found = {name: _mean_of_numbers(np.concatenate(parts)) for name, parts in self._by_viewer.items()}
        shown = np.concatenate(self._shown)
        counts = np.bincount(given.training_part.item_rows, minlength=given.n_titles)
        found["coverage_at_10"] = metrics.coverage_of(shown, given.n_titles) if given.n_titles > HEAD else None
        found["novelty_at_10"] = metrics.novelty_of(shown, counts) if len(shown) else None
        return found

    def _below_own_mean(
        self, viewers: Rows, moments: Moments, listed: Rows, shown: npt.NDArray[np.bool_]
    ) -> metrics.Floats:
        """[n] share of each list; NaN without a mean, a list or predicted stars."""
        places, columns = np.nonzero(shown)
        stars = self._scorer.rate(viewers[places], listed[places, columns], moments[places])
        if stars is None:
            return np.full(len(viewers), np.nan)
        means = self._examination.means[viewers]
        below = np.bincount(places, stars < means[places], minlength=len(viewers))
        totals = shown.sum(axis=1)
        return np.where(np.isnan(means) | (totals == 0), np.nan, below / np.maximum(totals, 1))


_ROUNDING = 1e-6  # of a mean of equal stars
_NOTHING_TO_FIND = (
    "no viewer has a held-out title that they had not rated before, among other titles they have not seen"
)
_NO_RATINGS = "the data have no ratings, so that nothing says what was liked"
_SAYS_NOTHING = {
    "ndcg_at_10": _NOTHING_TO_FIND,
    "recall_at_10": "no viewer has more than ten unseen titles, so that a list of ten leaves none out",
    "liked_ndcg_at_10": "no viewer has a liked title to find among others they have not seen",
    "coverage_at_10": "a list of ten holds the whole catalogue",
    "novelty_at_10": "every viewer has seen the whole catalogue",
}


def _why_rankings_say_nothing(training_part: Ratings, held_out: Ratings) -> str:
    """Why no ranking of these data can be right or wrong; empty if some can."""
    if len(training_part.items) < 2:
        return "the catalogue has one title, so there is nothing to choose from"
    if len(np.union1d(training_part.user_rows, held_out.user_rows)) < 2:
        return "the data have one viewer, so nothing says what others would like"
    return ""


def _mean_stars(ratings: Ratings) -> npt.NDArray[np.float64]:
    """[n_users] mean of each viewer's stars; NaN without any."""
    counts = np.bincount(ratings.user_rows, minlength=len(ratings.users))
    sums = np.bincount(ratings.user_rows, ratings.exact_stars, minlength=len(ratings.users))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _first_moments(ratings: Ratings) -> Moments:
    """[n_users] UTC seconds of each viewer's first interaction; a number without meaning for one who has none."""
    moments = np.full(len(ratings.users), np.iinfo(np.int64).max)
    np.minimum.at(moments, ratings.user_rows, ratings.timestamps)
    return moments


def _mean_of_numbers(values: metrics.Floats) -> float | None:
    """The mean over viewers of whom it says something; None if there is none."""
    found = values[~np.isnan(values)]
    return float(found.mean()) if len(found) else None


def _chunks(rows: Rows, n_titles: int) -> Iterator[Rows]:
    size = max(min(_CHUNK, _CELLS // n_titles), 1)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
