"""Train, validation and test: which interactions a model learns from, stops by, and is judged by.

Validation is always cut from train. Every split is a partition of the interactions it was given: nothing is
lost and nothing is in two parts.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommender.data.publishers.ml100k import read_ml100k_split
from recommender.data.ratings import Ratings
from recommender.errors import ConfigurationError, DataError

RANDOM = "random"
PER_USER_LAST = "per-user-last"
TEMPORAL = "temporal"
FILES = "files"
COUNTS = "counts"
SPLITS = (RANDOM, PER_USER_LAST, TEMPORAL, FILES, COUNTS)

# In fifths, so that the cut is the same whole number on every machine.
_TRAIN_FIFTHS = 4
VALIDATION_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class Split:
    """Three parts of one data set.

    Attributes:
      name: how it was cut, one of `SPLITS`.
      seed: the seed, or None where chance plays no part. The split `per-user-last` draws between ratings of one second.
      train: to learn from.
      validation: to stop by; cut from train.
      test: to be judged by.
    """

    name: str
    seed: int | None
    train: Ratings
    validation: Ratings
    test: Ratings

    @property
    def training_part(self) -> Ratings:
        """Train and validation together: all that a finished model has read."""
        return self.train.with_more(self.validation)

    @property
    def n_ties(self) -> int:
        """How many test interactions share viewer and second with one of train or validation; see `tied`."""
        return int(tied(self.training_part, self.test).sum())

    def __repr__(self) -> str:
        seed = "" if self.seed is None else f", seed {self.seed}"
        sizes = ", ".join(f"{part} {len(getattr(self, part)):,}" for part in ("train", "validation", "test"))
        return f"Split({self.name!r}{seed}: {sizes} interactions of {self.train.name!r})"


def tied(training_part: Ratings, held_out: Ratings) -> npt.NDArray[np.bool_]:
    """Which held-out interactions share viewer and second with one that was learned from: no time tells them apart.

    Args:
      training_part: what is learned from.
      held_out: what is not, of the same data set.

    Returns:
      [n_held_out] the answer for each; False for all where the data set has no times.
    """
    if not held_out.schema.has_timestamps:
        return np.zeros(len(held_out), np.bool_)
    first = min(part.timestamps.min(initial=np.iinfo(np.int64).max) for part in (training_part, held_out))
    span = max(part.timestamps.max(initial=first) for part in (training_part, held_out)) - first + 1
    theirs, ours = (part.user_rows * np.int64(span) + (part.timestamps - first) for part in (training_part, held_out))
    return are_among(ours, theirs)


def are_among(ours: npt.NDArray[np.int64], theirs: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """[n] whether each of these numbers is one of [m] others, copied once; `np.isin` copies them four times."""
    if not len(theirs):
        return np.zeros(len(ours), np.bool_)
    theirs = np.sort(theirs)
    return theirs[np.minimum(np.searchsorted(theirs, ours), len(theirs) - 1)] == ours


def split_random(ratings: Ratings, seed: int, *, validation_share: float = VALIDATION_SHARE) -> Split:
    """The first 80% of `numpy.random.default_rng(seed).permutation(n)` for train, the rest for test.

    Validation is drawn from train by the same generator's next permutation, so test is the same for every
    share.

    Args:
      ratings: what to split.
      seed: for the generator.
      validation_share: share of train, at least 0 and below 1.

    Raises:
      ConfigurationError: if the share is none.
      DataError: if there are too few interactions.
    """
    generator = np.random.default_rng(seed)
    rows = generator.permutation(len(ratings))
    cut = len(rows) * _TRAIN_FIFTHS // 5
    train, validation = _draw(rows[:cut], validation_share, generator)
    return _split(RANDOM, seed, ratings, train, validation, rows[cut:])


def split_per_user_last(ratings: Ratings, seed: int, *, validation_share: float = VALIDATION_SHARE) -> Split:
    """Each viewer's last 20% for test, and the last share of the remaining ones for validation.

    Both counts are rounded to the nearest whole number, half up, and leave every viewer at least one
    interaction to learn from. Which of a viewer's interactions of one second is the later one, nobody knows, and a
    file's order would often make it the one with the greatest item id: it is drawn. `Split.n_ties` says how many are
    held out by such a draw. All parts are in the data set's order.

    Args:
      ratings: what to split.
      seed: for that draw, `numpy.random.default_rng(seed).permutation(n)`: the greater number is the later one.
      validation_share: share of each viewer's train, at least 0 and below 1.

    Raises:
      ConfigurationError: if the data set has no times, or the share is none.
      DataError: if there are too few interactions.
    """
    _require_times(ratings, PER_USER_LAST)
    share = _checked_share(validation_share)
    users = ratings.user_rows
    order = np.lexsort((np.random.default_rng(seed).permutation(len(ratings)), ratings.timestamps, users))
    counts = np.bincount(users, minlength=len(ratings.users))
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(ratings), np.int64)
    rank[order] = np.arange(len(ratings)) - starts[users[order]]  # 0: the viewer's first
    n_test = (counts * (5 - _TRAIN_FIFTHS) * 2 + 5) // 10
    remaining = counts - n_test
    n_validation = np.minimum(np.floor(remaining * share + 0.5).astype(np.int64), np.maximum(remaining - 1, 0))
    in_test = rank >= remaining[users]
    in_validation = ~in_test & (rank >= (remaining - n_validation)[users])
    return _split(
        PER_USER_LAST,
        seed,
        ratings,
        np.flatnonzero(~in_test & ~in_validation),
        np.flatnonzero(in_validation),
        np.flatnonzero(in_test),
    )


def split_temporal(ratings: Ratings, *, validation_share: float = VALIDATION_SHARE) -> Split:
    """One moment for all: what happened before the 80% quantile of time is train, the rest is test.

    Interactions of one second stay together, so that nothing is learnt from the moment it is judged by; train
    can therefore be a little smaller than 80%. Validation is the last share of train, cut at a moment as
    well. All parts are in the data set's order.

    Args:
      ratings: what to split.
      validation_share: share of train, at least 0 and below 1.

    Raises:
      ConfigurationError: if the data set has no times, or the share is none.
      DataError: if there are too few interactions or moments.
    """
    _require_times(ratings, TEMPORAL)
    share = _checked_share(validation_share)
    times = ratings.timestamps
    rows = np.arange(len(ratings))
    before = times < _time_at(times, len(times) * _TRAIN_FIFTHS // 5)
    learnt = rows[before]
    size = round(len(learnt) * share)
    late = times[learnt] >= _time_at(times[learnt], len(learnt) - size) if size else np.zeros(len(learnt), bool)
    return _split(TEMPORAL, None, ratings, learnt[~late], learnt[late], rows[~before])


def split_files(
    ratings: Ratings, train_path: Path, test_path: Path, seed: int, *, validation_share: float = VALIDATION_SHARE
) -> Split:
    """A published split: a train file and a test file in the layout of u.data.

    Args:
      ratings: the data set they belong to.
      train_path: for instance the publisher's u1.base; validation is drawn from it at random.
      test_path: for instance the publisher's u1.test.
      seed: for that draw.
      validation_share: share of the train file, at least 0 and below 1.

    Raises:
      ConfigurationError: if the share is none.
      DataError: if a file is missing or wrong, or both hold the same (user, item, time).
    """
    train_file, test = read_ml100k_split(train_path, test_path, ratings)
    train, validation = _draw(np.arange(len(train_file)), validation_share, np.random.default_rng(seed))
    return _checked_split(FILES, seed, train_file.take(train), train_file.take(validation), test)


def split_counts(ratings: Ratings, seed: int, *, n_train: int, n_validation: int) -> Split:
    """The given numbers of interactions for train and for validation, the rest for test.

    They are consecutive stretches of `numpy.random.default_rng(seed).permutation(n)`, the permutation of
    `split_random`.

    Args:
      ratings: what to split.
      seed: for the generator.
      n_train: interactions to learn from, at least 1.
      n_validation: interactions to stop by, 0 or more.

    Raises:
      ConfigurationError: if a number is impossible, or nothing is left for test.
    """
    if n_train < 1 or n_validation < 0:
        raise ConfigurationError(
            f"the split {COUNTS!r} was asked for {n_train:,} interactions for train and {n_validation:,} for "
            "validation; give at least 1 for train and 0 for validation."
        )
    if n_train + n_validation >= len(ratings):
        raise ConfigurationError(
            f"{n_train:,} interactions for train and {n_validation:,} for validation leave nothing for test of the "
            f"{len(ratings):,} of {ratings.name!r}; ask for fewer."
        )
    rows = np.random.default_rng(seed).permutation(len(ratings))
    train, validation, test = np.split(rows, [n_train, n_train + n_validation])
    return _split(COUNTS, seed, ratings, train, validation, test)


def split_by_name(
    name: str,
    ratings: Ratings,
    *,
    seed: int = 42,
    validation_share: float = VALIDATION_SHARE,
    train_path: Path | None = None,
    test_path: Path | None = None,
    n_train: int | None = None,
    n_validation: int | None = None,
) -> Split:
    """The split of this name, as on the command line.

    Args:
      name: one of `SPLITS`.
      ratings: what to split.
      seed: for the splits that draw.
      validation_share: share of train, for all splits but `counts`.
      train_path: for the split `files`, and only for it.
      test_path: for the split `files`, and only for it.
      n_train: for the split `counts`, and only for it.
      n_validation: for the split `counts`, and only for it.

    Raises:
      ConfigurationError: if there is no such split, or the files or numbers are missing or out of place.
      DataError: as the split itself.
    """
    if name not in SPLITS:
        raise ConfigurationError(f"there is no split {name!r}; choose one of {', '.join(SPLITS)}.")
    if name != COUNTS and (n_train is not None or n_validation is not None):
        raise ConfigurationError(
            f"the split {name!r} decides itself how many interactions each part has; choose {COUNTS!r} to give numbers."
        )
    if name == FILES:
        if train_path is None or test_path is None:
            raise ConfigurationError(f"the split {FILES!r} needs a train file and a test file; name both.")
        return split_files(ratings, train_path, test_path, seed, validation_share=validation_share)
    if train_path is not None or test_path is not None:
        raise ConfigurationError(
            f"the split {name!r} cuts the data set itself; choose {FILES!r} to use a train file and a test file."
        )
    if name == COUNTS:
        if n_train is None or n_validation is None:
            raise ConfigurationError(f"the split {COUNTS!r} needs numbers for train and for validation; give both.")
        return split_counts(ratings, seed, n_train=n_train, n_validation=n_validation)
    if name == RANDOM:
        return split_random(ratings, seed, validation_share=validation_share)
    if name == PER_USER_LAST:
        return split_per_user_last(ratings, seed, validation_share=validation_share)
    return split_temporal(ratings, validation_share=validation_share)


def _draw(
    rows: npt.NDArray[np.int64], share: float, generator: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Two parts of these rows, each in their order: those that stay, and a random share."""
    drawn = np.zeros(len(rows), bool)
    drawn[generator.permutation(len(rows))[: round(len(rows) * _checked_share(share))]] = True
    return rows[~drawn], rows[drawn]


def _time_at(times: npt.NDArray[np.int64], place: int) -> np.int64:
    """The time at this place, were they sorted."""
    return np.partition(times, place)[place] if len(times) else np.int64(0)


def _split(
    name: str,
    seed: int | None,
    ratings: Ratings,
    train: npt.NDArray[np.int64],
    validation: npt.NDArray[np.int64],
    test: npt.NDArray[np.int64],
) -> Split:
    return _checked_split(name, seed, ratings.take(train), ratings.take(validation), ratings.take(test))


def _checked_split(name: str, seed: int | None, train: Ratings, validation: Ratings, test: Ratings) -> Split:
    for part, held in (("train", train), ("test", test)):
        if not len(held):
            raise DataError(
                f"{train.name}: the split {name!r} leaves nothing for {part}; "
                "give more interactions, at more times, or choose another split."
            )
    return Split(name, seed, train, validation, test)


def _require_times(ratings: Ratings, name: str) -> None:
    if not ratings.schema.has_timestamps:
        raise ConfigurationError(
            f"the split {name!r} goes by time, and {ratings.name!r} has no timestamps; choose {RANDOM!r}."
        )


def _checked_share(share: float) -> float:
    if not 0 <= share < 1:
        raise ConfigurationError(f"the validation share is {share:g}; it must be at least 0 and below 1.")
    return share
