"""A model as it would have been at a moment, and what it would have said of the time after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from recommender.bundle.signatures import AT_REST, STRANGER
from recommender.data.ranking import best_rows
from recommender.data.ratings import ITEM_ID, RATING, TIMESTAMP, USER_ID, Ratings
from recommender.data.seen import RatingsByViewer
from recommender.data.splits import Split
from recommender.evaluation.protocols import LIKED_FROM, Scorer
from recommender.evaluation.references import fit_references
from recommender.replay.steps import Step
from recommender.training.trainer import TrainedModel, train_model

HEAD = 10
REFERENCES = ("popularity", "recent-popularity", "recency-ease")
_VALIDATION_SHARE = 0.05
_FEWEST_RATINGS, _FEWEST_VIEWERS = 1_000, 20  # from which a snapshot can learn
_ROUNDING = 1e-6  # of a mean of equal stars

Rows = npt.NDArray[np.integer]
Scores = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Watched:
    """What one viewer rated for the first time within a step.

    Attributes:
      user: their id.
      before: what they had rated by the step's start, the oldest first.
      items: ids of the titles, each once.
      stars: what they gave.
      liked: whether each was liked: at or above their mean by then and three quarters of the scale.
    """

    user: str
    before: pd.DataFrame
    items: tuple[str, ...]
    stars: npt.NDArray[np.float64]
    liked: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A model trained on what was known by a moment, and the references of that moment.

    Attributes:
      cut: UTC seconds; nothing from then on was read.
      past: all interactions before it, with the titles and viewers that there were.
      trained: the model.
    """

    cut: int
    past: Ratings
    trained: TrainedModel


def known_by(ratings: Ratings, cut: int) -> Ratings:
    """What there was before a moment: interactions, the titles somebody had rated, the viewers who had rated."""
    before = ratings.interactions[ratings.timestamps < cut].reset_index(drop=True)
    return replace(
        ratings,
        interactions=before,
        items=ratings.items[ratings.items[ITEM_ID].isin(set(before[ITEM_ID]))].reset_index(drop=True),
        users=ratings.users[ratings.users[USER_ID].isin(set(before[USER_ID]))].reset_index(drop=True),
        aliases={},
    )


def too_little(past: Ratings) -> str:
    """Why nothing can be learned from so little; empty if it can."""
    if len(past) < _FEWEST_RATINGS or len(past.users) < _FEWEST_VIEWERS:
        return f"{len(past):,} ratings and {len(past.users):,} viewers were known by then, too few to learn from"
    return ""


def take_snapshot(
    past: Ratings, cut: int, model: str, seed: int, settings: Mapping[str, Any] | None = None
) -> Snapshot:
    """Trains a model on what was known by a moment; the last 5% of it, viewer by viewer, are its validation part."""
    return Snapshot(cut, past, train_model(model, _split(past, seed), seed=seed, settings=settings))


def _split(past: Ratings, seed: int) -> Split:
    """Train and validation; what each viewer rated last is validated on, ratings of one second in the seed's order."""
    order = np.lexsort((np.random.default_rng(seed).permutation(len(past)), past.timestamps, past.user_rows))
    counts = np.bincount(past.user_rows, minlength=len(past.users))
    ends = np.cumsum(counts)[past.user_rows[order]]
    late = ends - np.arange(len(order)) <= np.ceil(_VALIDATION_SHARE * counts)[past.user_rows[order]]
    late &= counts[past.user_rows[order]] > 1
    return Split(
        "replay", seed, past.take(np.sort(order[~late])), past.take(np.sort(order[late])), past.take(order[:0])
    )


def watched_in(ratings: Ratings, step: Step) -> list[Watched]:
    """What each viewer rated for the first time within a step, in the order of their ids."""
    times = ratings.timestamps
    by_then = RatingsByViewer(ratings.take(np.flatnonzero(times < step.start)))
    inside = ratings.interactions[(times >= step.start) & (times < step.end)]
    low, high = ratings.scale.low, ratings.scale.high
    found = []
    for user, rows in inside.groupby(USER_ID, sort=True):
        before = by_then.rated_by(str(user))[::-1].reset_index(drop=True)
        new = rows[~rows[ITEM_ID].isin(set(before[ITEM_ID]))].drop_duplicates(ITEM_ID)
        if new.empty:
            continue
        least = max(before[RATING].mean() if len(before) else low, low + LIKED_FROM * (high - low))
        stars = new[RATING].to_numpy(np.float64)
        found.append(Watched(str(user), before, tuple(new[ITEM_ID]), stars, stars >= least - _ROUNDING))
    return found


class Answers:
    """A snapshot's model, asked for viewers with what they had rated by the moment of asking.

    So an old snapshot reads new histories, as a server does whose model has not been trained again.

    Args:
      snapshot: the model, and what it learned from.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._served = snapshot.trained.served
        self._items = {item: row for row, item in enumerate(snapshot.past.items[ITEM_ID])}
        self._viewers = {user: row for row, user in enumerate(snapshot.trained.user_ids, start=1)}

    def rows_of(self, items: Sequence[str]) -> Rows:
        """[n] the model's row of each title; -1 for one that came out later."""
        return np.array([self._items.get(item, -1) for item in items], np.int64)

    def scores(self, watched: Watched, at: int) -> Scores:
        """[n_titles] what the viewer's list is ordered by, -inf for what they had rated."""
        inputs, seen = self._inputs(watched)
        answer = self._served.score(
            viewer=tf.constant([self._viewers.get(watched.user, STRANGER)], tf.int32),
            at=tf.constant([at], tf.int64),
            **inputs,
        )
        scores = answer["ranked"].numpy()[0].copy()
        scores[seen] = -np.inf
        return scores

    def stars(self, watched: Watched, at: int, rows: Rows) -> Scores:
        """[n] predicted stars of some titles; NaN from a model that predicts none."""
        inputs, _ = self._inputs(watched)
        answer = self._served.rate(
            viewer=tf.constant(self._viewers.get(watched.user, STRANGER), tf.int32),
            at=tf.constant([at], tf.int64),
            items=tf.constant(rows, tf.int32),
            **inputs,
        )
        stars: Scores = answer["stars"].numpy()[0]
        return stars

    def _inputs(self, watched: Watched) -> tuple[dict[str, tf.Tensor], Rows]:
        before = watched.before.drop_duplicates(ITEM_ID, keep="last")
        rows = self.rows_of(before[ITEM_ID].tolist())
        known = rows >= 0
        history = {
            "history_items": rows[known].astype(np.int32),
            "history_stars": before[RATING].to_numpy(np.float32)[known],
            "history_times": before[TIMESTAMP].to_numpy(np.int64)[known],
            "history_kept": np.ones((1, int(known.sum())), np.bool_),
        }
        return {name: tf.constant(value) for name, value in {**AT_REST, **history}.items()}, rows[known]


def reference_rows(ratings: Ratings, past: Ratings, seed: int) -> Iterator[tuple[str, Scorer]]:
    """The references of a moment, which have read what was known by then, for rows of all viewers of the data set."""
    split = _split(replace(past, users=ratings.users), seed)
    for name, reference in fit_references(split):
        if name in REFERENCES and reference.scorer is not None:
            yield name, reference.scorer


def found_by(scores: Scores, watched: Watched, rows: Rows) -> dict[str, float]:
    """How well one list answers what its viewer went on to watch.

    Args:
      scores: [n_titles] by which the list is ordered, -inf for what is left out.
      watched: what they watched.
      rows: [n] the row of each title watched, -1 for one that the model cannot know: it counts as missed.

    Returns:
      `hits` among the ten, `ndcg`, and `liked_ndcg` (NaN if nothing was liked).
    """
    listed = best_rows(scores[None], HEAD)[0]
    listed = listed[np.isfinite(scores[listed])]
    discounts = 1.0 / np.log2(np.arange(HEAD) + 2.0)

    def gain(wanted: Rows, total: int) -> float:
        hit = np.isin(listed, wanted[wanted >= 0])
        return float(hit @ discounts[: len(listed)] / discounts[: min(total, HEAD)].sum()) if total else float("nan")

    return {
        "hits": float(np.isin(listed, rows[rows >= 0]).sum()),
        "ndcg": gain(rows, len(rows)),
        "liked_ndcg": gain(rows[watched.liked], int(watched.liked.sum())),
    }
