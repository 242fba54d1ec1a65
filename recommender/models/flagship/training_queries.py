"""Questions to learn from: a viewer as of some moment, what they had rated by then, and what is to be found."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.data.ratings import Ratings
from recommender.features import Histories, ViewerLists

SITTING_SECONDS = 6 * 3600  # a longer pause begins a new sitting
_FEW = 5  # ratings: with no more of them read, a question counts as one of a newcomer,
_MORE_TARGETS = 5  # and asks for so many times more titles
_SHORTENED = 0.1  # share of questions of which only the last few ratings are read
_MOST_VALIDATED = 512  # viewers whose losses are looked at after an epoch
_PART_READ = 0.3  # share of the questions about the middle of a life that read a part of the rest, of any size

_APART = np.int64(2**32)  # more than a catalogue has titles: question times this plus title is one number for both

Rows = npt.NDArray[np.int64]

SIGNATURE = {
    name: tf.TensorSpec([None], dtype)
    for name, dtype in {
        "viewer": tf.int32,  # [batch] model rows
        "at": tf.int64,  # [batch] UTC seconds
        "items": tf.int32,  # [n] what is read, as in `Histories`
        "stars": tf.float32,
        "times": tf.int64,
        "rows": tf.int32,
        "target_items": tf.int32,  # [m] what is to be found,
        "target_rows": tf.int32,  # and by which question;
        "target_stars": tf.float32,  # what it was given
        "seen_items": tf.int32,  # [s] what is not to be found, as it was rated before
        "seen_rows": tf.int32,
    }.items()
}


def histories_of(batch: dict[str, tf.Tensor]) -> Histories:
    """What the questions of a batch read."""
    return Histories(batch["items"], batch["stars"], batch["times"], batch["rows"], tf.size(batch["viewer"]))


@dataclass(frozen=True)
class QuestionShares:
    """How many questions ask what comes where; each in [0, 1], together 1.

    Attributes:
      among: for titles among those that are read, as a random split asks; the moment is the viewer's last, so that no
        target's minute is given away.
      next: for what comes right after what is read.
      later: for what comes in the sittings after it.
    """

    among: float
    next: float
    later: float

    @classmethod
    def counted(cls, train: Ratings, held_out: Ratings) -> "QuestionShares":
        """How the held-out interactions lie to what each viewer rated in the training part.

        Those of viewers without any tell nothing. Without times, or without such interactions, all is `among`.
        """
        last = np.full(len(train.users), -1, np.int64)
        np.maximum.at(last, train.user_rows, train.timestamps)
        known = last[held_out.user_rows] >= 0
        if not train.schema.has_timestamps or not known.any():
            return cls(1.0, 0.0, 0.0)
        after = (held_out.timestamps - last[held_out.user_rows])[known]
        later = float(np.mean(after > SITTING_SECONDS))
        among = float(np.mean(after < 0))  # what shares the last second may as well have come next
        return cls(among, 1.0 - among - later, later)


class TrainingQueries:
    """An endless stream of batches of questions about viewers of the training part.

    Args:
      lists: what the viewers rated.
      shares: how many questions ask what comes where.
      batch_size: questions of a batch.
      n_targets: titles that a question asks for.
      history_dropout: share of the ratings read that is left out.
      cold_share: share of the questions of which next to nothing is read.
      seed: of the stream.
    """

    def __init__(
        self,
        lists: ViewerLists,
        shares: QuestionShares,
        *,
        batch_size: int,
        n_targets: int,
        history_dropout: float,
        cold_share: float,
        seed: int,
    ) -> None:
        self._lists, self._shares = lists, shares
        self._batch_size, self._n_targets = batch_size, n_targets
        self._dropout, self._cold_share, self._seed = history_dropout, cold_share, seed
        self._owners = np.repeat(np.arange(len(lists.starts) - 1, dtype=np.int32), np.diff(lists.starts))
        pauses = np.diff(lists.times) > SITTING_SECONDS
        later = np.flatnonzero(pauses & (self._owners[1:] == self._owners[:-1])) + 1
        self._sittings = later.astype(np.int32)  # where a later sitting begins

    def __call__(self) -> Iterator[dict[str, npt.NDArray[np.generic]]]:
        """Batches, by `SIGNATURE`; from the beginning each time."""
        rng = np.random.default_rng(self._seed)
        while True:
            yield self._batch(rng)

    def _batch(self, rng: np.random.Generator) -> dict[str, npt.NDArray[np.generic]]:
        lists, size = self._lists, self._batch_size
        kinds = rng.choice(3, size, p=[self._shares.among, self._shares.next, self._shares.later])
        cuts = rng.integers(0, len(self._owners), size)
        if len(self._sittings):
            cuts = np.where(kinds == 2, rng.choice(self._sittings, size), cuts)
        viewers = self._owners[cuts].astype(np.int64)
        first, last = lists.starts[viewers], lists.starts[viewers + 1]
        among = kinds == 0
        cold = rng.random(size) < self._cold_share
        few = first + rng.integers(0, 4, size) * rng.integers(0, 2, size)
        cuts = np.where(cold & ~among, np.minimum(few, last - 1), cuts)
        # All ratings of the viewers side by side, of which each question reads some and asks for others.
        rows, owners = _ranges(first, last)
        of_lives = among[owners]
        to_read, to_find = self._among(rng, owners, last - first)
        n_targets = self._n_targets * np.where(cuts - first <= _FEW, _MORE_TARGETS, 1)
        to_read = np.where(of_lives, to_read, rows < cuts[owners])
        to_find = np.where(of_lives, to_find, (rows >= cuts[owners]) & (rows < (cuts + n_targets)[owners]))
        pairs = owners * _APART + lists.items[rows]
        seen = to_read & ~np.isin(pairs, pairs[to_find])
        shortened = (rng.random(size) < _SHORTENED) & ~among
        oldest = np.where(shortened, cuts - rng.integers(1, 6, size), first)
        to_read &= (rows >= oldest[owners]) & (rng.random(len(rows)) >= self._dropout)
        moments = lists.times[np.where(among, last - 1, np.where(cuts > first, cuts - 1, cuts))]
        targets = (owners[to_find], lists.items[rows[to_find]], lists.stars[rows[to_find]])
        return _batch_of(lists, viewers, moments, (rows[to_read], owners[to_read]), targets, (rows[seen], owners[seen]))

    def _among(
        self, rng: np.random.Generator, owners: Rows, lengths: Rows
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """What is read, and what is asked for, when titles among those that are read are asked for.

        Args:
          rng: chance.
          owners: [n] whose rating each is, ascending.
          lengths: [batch] ratings of each question's viewer.

        Returns:
          Two [n] masks.
        """
        n_targets = np.minimum(self._n_targets, np.maximum(1, lengths // 5))
        n_read = lengths - n_targets
        in_part = rng.random(len(lengths)) < _PART_READ
        n_read = np.where(in_part, np.floor(rng.random(len(lengths)) * (n_read + 1)), n_read)
        drawn = np.empty(len(owners), np.int64)  # the place of a rating among its viewer's, shuffled
        shuffled = np.lexsort((rng.random(len(owners)), owners))
        drawn[shuffled] = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        to_find = drawn < n_targets[owners]
        return ~to_find & (drawn < (n_targets + n_read)[owners]), to_find


def validation_queries(
    lists: ViewerLists, viewer_rows: Rows, held_out: Ratings, moments: Rows, batch_size: int
) -> Iterator[dict[str, npt.NDArray[np.generic]]]:
    """Batches of one question for viewers of the held-out part: all that they rated is read, at their last moment.

    Of many viewers some are asked about, the same in every epoch.

    Args:
      lists: what the viewers rated in the training part.
      viewer_rows: [n] model rows of the held-out ratings, none of a stranger.
      held_out: the held-out ratings.
      moments: [n_viewers] when each is asked, UTC seconds.
      batch_size: questions of a batch.
    """
    order = np.argsort(viewer_rows, kind="stable")
    viewers, starts = np.unique(viewer_rows[order], return_index=True)
    wanted = np.split(held_out.item_rows[order], starts[1:])
    stars = np.split(held_out.stars[order], starts[1:])
    every = -(-len(viewers) // _MOST_VALIDATED) or 1
    viewers, wanted, stars = viewers[::every], wanted[::every], stars[::every]
    for start in range(0, len(viewers), batch_size):
        asked = viewers[start : start + batch_size]
        targets, given = wanted[start : start + batch_size], stars[start : start + batch_size]
        rows, owners = _ranges(lists.starts[asked], lists.starts[asked + 1])
        target_rows = np.repeat(np.arange(len(asked)), [len(titles) for titles in targets])
        target_items = np.concatenate(targets).astype(np.int64)
        pairs = owners * _APART + lists.items[rows]
        seen = ~np.isin(pairs, target_rows * _APART + target_items)
        found = (target_rows, target_items, np.concatenate(given))
        yield _batch_of(lists, asked, moments[asked], (rows, owners), found, (rows[seen], owners[seen]))


def _ranges(first: Rows, last: Rows) -> tuple[Rows, Rows]:
    """The rows from `first` to `last` (without it) of each question, one after the other, and which question's."""
    lengths = last - first
    owners = np.repeat(np.arange(len(lengths)), lengths)
    return np.arange(len(owners)) + np.repeat(first - np.cumsum(lengths) + lengths, lengths), owners


def _batch_of(
    lists: ViewerLists,
    viewers: Rows,
    moments: Rows,
    read: tuple[Rows, Rows],
    targets: tuple[Rows, npt.NDArray[np.integer], npt.NDArray[np.floating]],
    seen: tuple[Rows, Rows],
) -> dict[str, npt.NDArray[np.generic]]:
    """A batch by `SIGNATURE`.

    Args:
      lists: what the viewers rated.
      viewers: [batch] model rows.
      moments: [batch] UTC seconds.
      read: the places in the lists of what is read, and by which question.
      targets: by which question each is to be found; its title; its stars.
      seen: the places of what is not to be found, and by which question.
    """
    (rows, owners), (target_owners, titles, stars), (seen_rows, seen_owners) = read, targets, seen
    return {
        "viewer": viewers.astype(np.int32),
        "at": moments.astype(np.int64),
        "items": lists.items[rows],
        "stars": lists.stars[rows],
        "times": lists.times[rows].astype(np.int64),
        "rows": owners.astype(np.int32),
        "target_items": titles.astype(np.int32),
        "target_rows": target_owners.astype(np.int32),
        "target_stars": stars.astype(np.float32),
        "seen_items": lists.items[seen_rows].astype(np.int32),
        "seen_rows": seen_owners.astype(np.int32),
    }
