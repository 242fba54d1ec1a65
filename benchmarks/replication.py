"""Whether what the clock says is learned or noise: two trainings on different random splits, side by side.

    python -m benchmarks.replication [--model flagship] [--data ml-100k] [--seeds 1 2] [--json OUT]
    python -m benchmarks.replication --bundles FOLDER FOLDER
    python -m benchmarks.replication --between 1998-01-01 2015-01-01 [--bundle FOLDER]

60 viewers are asked at 60 moments, evenly over the span of the data, each time with the same history. Of each viewer's
20 best titles (by the first training's mean score over the moments, among those rated in neither training part) the
scores of both trainings are set against each other, each title's curve less its own mean: *replication* is the
correlation of all of these. *Title by title* also takes off what the viewer's titles do together at a moment, which
changes no list, and is the mean of each curve's own correlation, so that titles which move much do not speak for those
which move little. *Change* is how many of the ten titles listed give way to others from one moment to the next, without
a new rating, a mean over viewers, moments and both trainings: 60 moments of MovieLens 100K are 3.6 days apart. *Stars*
is the standard deviation of the predicted stars of the same titles around their means over the moments.

With `--between`, every viewer of a bundle is asked at two moments: as of then, and with the same history at both. It
prints the share of the ten titles that are others at the second, and how many titles listed as of the first were not
out.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.systems import System, load_system, train_system
from recommender.bundle import default_bundle
from recommender.bundle.training_data import load_data_of
from recommender.data import load_ratings, split_by_name
from recommender.data.clock import MINUTE
from recommender.data.ranking import best_rows
from recommender.data.seen import RatingsByViewer
from recommender.errors import ConfigurationError, RecommenderError
from recommender.serving.recommender import Recommender

_VIEWERS, _MOMENTS, _BEST, _LISTED = 60, 60, 20, 10
_STILL = 1e-9  # mean square of scores that do not move but for rounding
Floats = npt.NDArray[np.floating]
Rows = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Replication:
    """What two trainings say of the clock.

    Attributes:
      correlation: of the curves of scores; NaN if no score moves.
      by_title: the mean of each curve's own, less what the viewer's titles do together; NaN if none moves apart.
      change: titles of the ten that change from one moment to the next.
      stars: standard deviation over time of predicted stars; None without stars.
      days: between neighbouring moments.
    """

    correlation: float
    by_title: float
    change: float
    stars: float | None
    days: float


def replicate(first: System, second: System) -> Replication:
    """Sets two trainings side by side.

    Args:
      first: a model; its scores say which titles are looked at.
      second: another training, on the same data set.

    Raises:
      ConfigurationError: if they are not, the data have no times, or no viewer is known to both.
    """
    ratings = first.ratings
    if ratings.checksum != second.ratings.checksum:
        raise ConfigurationError("the two were trained on different data; name two trainings on the same data set.")
    if not ratings.schema.has_timestamps:
        raise ConfigurationError(f"{ratings.name!r} has no times, so there is no clock to look at.")
    known = np.intersect1d(first.training_part.user_rows, second.training_part.user_rows)
    if not len(known):
        raise ConfigurationError("no viewer is in both training parts; name two trainings that share viewers.")
    viewers = known[np.linspace(0, len(known) - 1, min(_VIEWERS, len(known))).astype(int)]
    moments = np.linspace(ratings.timestamps.min(), ratings.timestamps.max(), _MOMENTS).astype(np.int64)
    systems = (first, second)
    seen = [RatingsByViewer(system.training_part) for system in systems]
    curves: tuple[list[Floats], list[Floats]] = ([], [])
    changes, stars = [], []
    for viewer in viewers:
        users = np.full(_MOMENTS, viewer)
        hidden = [rated.seen_mask(users[:1]) for rated in seen]
        scores = [system.scorer.score(users, moments) for system in systems]
        candidates = np.where(hidden[0] | hidden[1], -np.inf, scores[0].mean(axis=0, keepdims=True))
        best = best_rows(candidates, _BEST)[0]
        best = best[np.isfinite(candidates[0, best])]
        for curve, whole, own, system in zip(curves, scores, hidden, systems, strict=True):
            curve.append(centred(whole[:, best]))
            changes.append(mean_change(best_rows(np.where(own, -np.inf, whole), _LISTED)))
            rated = system.scorer.rate(
                np.repeat(users, len(best)), np.tile(best, _MOMENTS), np.repeat(moments, len(best))
            )
            if rated is not None:
                stars.append(centred(rated.reshape(_MOMENTS, len(best))).ravel())
    pooled = [np.concatenate([one.ravel() for one in curve])[:, None] for curve in curves]
    apart = [np.concatenate([one - one.mean(axis=1, keepdims=True) for one in curve], axis=1) for curve in curves]
    return Replication(
        correlation=mean_correlation(pooled[0], pooled[1]),
        by_title=mean_correlation(apart[0], apart[1]),
        change=float(np.mean(changes)),
        stars=float(np.concatenate(stars).std()) if stars else None,
        days=float(moments[1] - moments[0]) / 86_400,
    )


def centred(curves: Floats) -> Floats:
    """[n_moments, n_titles] curves less each title's mean over the moments."""
    less: Floats = curves - curves.mean(axis=0)
    return less


def mean_correlation(first: Floats, second: Floats) -> float:
    """The mean over columns of the correlation of two [n, n_columns] tables whose columns have the mean 0.

    Columns that move in neither or in one of the two are left out; NaN if no other is there.
    """
    lengths = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    moving = lengths > _STILL * len(first)
    return float(((first * second).sum(axis=0)[moving] / lengths[moving]).mean()) if moving.any() else float("nan")


def mean_change(lists: Rows) -> float:
    """How many titles of a list are not in the next one: the mean over [n_moments, length] lists but the last."""
    neighbours = zip(lists[:-1].tolist(), lists[1:].tolist(), strict=True)
    return float(np.mean([len(set(now) - set(then)) for now, then in neighbours]))


@dataclass(frozen=True)
class Between:
    """How lists differ between two moments.

    Attributes:
      as_of_then: share of the ten titles that are others at the second moment, a mean over viewers; each moment is
        asked as of then.
      same_history: the same with all that is known at both, so that the clock alone moves.
      not_out: titles listed as of then, over both moments, that nobody had rated by then.
      of: how many were listed.
    """

    as_of_then: float
    same_history: float
    not_out: int
    of: int


def between(bundle: Path, moments: tuple[int, int]) -> Between:
    """Asks every viewer of a bundle at two moments, UTC seconds.

    Raises:
      RecommenderError: if the bundle or its data set cannot be read.
    """
    recommender = Recommender.load(bundle)
    ratings = load_data_of(recommender.manifest.data)
    recommender = recommender.with_ratings(ratings)
    first_rated = ratings.interactions.groupby("item_id")["timestamp"].min()
    then, same, not_out, n = [], [], 0, 0
    for user in recommender.user_ids:
        lists = [recommender.as_of(at).retrieve(user, at, _LISTED) for at in moments]
        for at, listed in zip(moments, lists, strict=True):
            not_out += int((first_rated.reindex(listed["item_id"]).to_numpy() >= at + MINUTE).sum())
            n += len(listed)
        then.append(_others(lists[0], lists[1]))
        same.append(_others(*(recommender.retrieve(user, at, _LISTED) for at in moments)))
    return Between(float(np.mean(then)), float(np.mean(same)), not_out, n)


def _others(before: pd.DataFrame, after: pd.DataFrame) -> float:
    """Share of the second list that is not in the first."""
    return 1.0 - float(after["item_id"].isin(before["item_id"]).mean())


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains or loads both, and prints the figures."""
    options = _options(arguments)
    if options.between:
        _print_between(options)
        return
    try:
        found = replicate(*_systems(options))
    except RecommenderError as error:
        sys.exit(str(error))
    print(f"replication of the titles' curves: r {found.correlation:.2f}; title by title: r {found.by_title:.2f}")
    print(f"titles of the ten that change per {found.days:.1f} days: {found.change:.2f}")
    if found.stars is not None:
        print(f"predicted stars around their means over the moments: sd {found.stars:.3f}")
    if options.json:
        options.json.write_text(json.dumps(vars(found), indent=1) + "\n", encoding="utf-8")


def _print_between(options: argparse.Namespace) -> None:
    first, second = (int(day.replace(tzinfo=UTC).timestamp()) for day in options.between)
    try:
        found = between(options.bundle, (first, second))
    except RecommenderError as error:
        sys.exit(str(error))
    print(f"share of the ten titles that change, as of then: {found.as_of_then:.2f}")
    print(f"with the same history: {found.same_history:.2f}")
    print(f"listed as of then and not out yet: {found.not_out} of {found.of:,}")


def _systems(options: argparse.Namespace) -> tuple[System, System]:
    if options.bundles:
        first, second = (load_system(bundle) for bundle in options.bundles)
        return first, second
    ratings = load_ratings(options.data, min_ratings=options.min_ratings)
    first, second = (
        train_system(options.model, ratings, split_by_name("random", ratings, seed=seed), seed=seed)
        for seed in options.seeds
    )
    return first, second


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="flagship", help="of the zoo, trained twice")
    parser.add_argument("--data", default="ml-100k", help="a data set by name, or a folder in its layout")
    parser.add_argument("--seeds", nargs=2, type=int, default=[1, 2], help="of the splits and the trainings")
    parser.add_argument("--bundles", nargs=2, type=Path, help="two bundles to read instead")
    parser.add_argument("--min-ratings", type=int, default=1, help="leave out titles rated less often")
    parser.add_argument("--between", nargs=2, type=datetime.fromisoformat, help="two days; see above")
    parser.add_argument("--bundle", type=Path, default=default_bundle(), help="the bundle for --between")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
