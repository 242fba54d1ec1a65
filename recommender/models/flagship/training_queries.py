"""Questions to learn from: a viewer as of some moment, what they had rated by then, and what is to be found."""

from collections.abc import Iterator, Sequence
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
    def of(cls, train: Ratings, held_out: Ratings) -> "QuestionShares":
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
      n_titles: of the catalogue.
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
        n_titles: int,
        seed: int,
    ) -> None:
        self._lists, self._shares = lists, shares
        self._batch_size, self._n_targets = batch_size, n_targets
        self._dropout, self._cold_share, self._seed = history_dropout, cold_share, seed
        self._owners = np.repeat(np.arange(len(lists.starts) - 1), np.diff(lists.starts))
        pauses = np.diff(lists.times) > SITTING_SECONDS
        self._sittings = np.flatnonzero(pauses & (np.diff(self._owners) == 0)) + 1  # where a later sitting begins
        self._is_target = np.zeros(n_titles, np.bool_)

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
        read, wanted, stars, seen, moments = [], [], [], [], []
        for kind, cut in zip(kinds, cuts, strict=True):
            viewer = self._owners[cut]
            first, last = lists.starts[viewer], lists.starts[viewer + 1]
            if kind == 0:
                history, targets = self._among(rng, first, last)
                moments.append(lists.times[last - 1])
            else:
                if rng.random() < self._cold_share:
                    cut = min(first + rng.integers(0, 4) * rng.integers(0, 2), last - 1)
                history = np.arange(first, cut)
                n_targets = self._n_targets * (_MORE_TARGETS if cut - first <= _FEW else 1)
                targets = np.arange(cut, min(last, cut + n_targets))
                moments.append(lists.times[cut - 1] if cut > first else lists.times[cut])
            items = lists.items[targets]
            self._is_target[items] = True
            before = lists.items[history]
            seen.append(before[~self._is_target[before]])
            self._is_target[items] = False
            wanted.append(items)
            if kind != 0 and rng.random() < _SHORTENED:
                history = history[-int(rng.integers(1, 6)) :]
            if self._dropout and len(history):
                history = history[rng.random(len(history)) >= self._dropout]
            read.append(history)
            stars.append(lists.stars[targets])
        return _joined(lists, self._owners[cuts], np.array(moments), read, (wanted, stars), seen)

    def _among(self, rng: np.random.Generator, first: int, last: int) -> tuple[Rows, Rows]:
        """What is read, and what is asked for, of the ratings `first` to `last`."""
        n_targets = min(self._n_targets, max(1, (last - first) // 5))
        targets = rng.choice(last - first, n_targets, replace=False)
        history = np.delete(np.arange(last - first), targets)
        if rng.random() < _PART_READ:
            history = np.sort(rng.choice(history, rng.integers(0, len(history) + 1), replace=False))
        return first + history, first + targets


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
        read = [np.arange(lists.starts[viewer], lists.starts[viewer + 1]) for viewer in asked]
        seen = [np.setdiff1d(lists.items[history], titles) for history, titles in zip(read, targets, strict=True)]
        yield _joined(lists, asked, moments[asked], read, (targets, given), seen)


def _joined(
    lists: ViewerLists,
    viewers: Rows,
    moments: Rows,
    read: list[Rows],
    targets: tuple[Sequence[npt.NDArray[np.integer]], Sequence[npt.NDArray[np.float32]]],
    seen: list[Rows],
) -> dict[str, npt.NDArray[np.generic]]:
    rows = np.concatenate(read)
    wanted, stars = targets
    return {
        "viewer": viewers.astype(np.int32),
        "at": moments.astype(np.int64),
        "items": lists.items[rows],
        "stars": lists.stars[rows],
        "times": lists.times[rows],
        "rows": _owners_of(read),
        "target_items": np.concatenate(wanted).astype(np.int32),
        "target_rows": _owners_of(wanted),
        "target_stars": np.concatenate(stars).astype(np.float32),
        "seen_items": np.concatenate(seen).astype(np.int32),
        "seen_rows": _owners_of(seen),
    }


def _owners_of(parts: Sequence[npt.NDArray[np.integer]]) -> npt.NDArray[np.int32]:
    return np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
