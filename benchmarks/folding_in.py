"""How near a viewer comes to their own list when they are asked for as a visitor, by their ratings alone.

    python -m benchmarks.folding_in [--bundle model_store/flagship-100k] [--viewers 200] [--seed 0]

A bundle holds each viewer's history of the train and validation parts, which are recomputed here from the split that
the manifest names. Of the test part nothing is read but how often each title was rated, by which the page proposes
titles. A visitor lacks what else the model knows of a viewer: the id and, where it reads them, age, gender and
occupation. All lists leave out what the viewer rated in those parts.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.bundle import MODEL_STORE
from recommender.bundle.training_data import load_data_of, split_again
from recommender.dashboard.pages.you.answers import proposals
from recommender.data import Ratings
from recommender.data.seen import RatingsByViewer
from recommender.serving.recommender import History, Recommender
from recommender.serving.viewer_histories import history_of

_LISTED = 10
_FEW = (0, 1, 3, 5, 10, 20)  # ratings of a visitor who has not given all
_ASKED = (6, 12, 30, 60, 120)  # titles put before a visitor by the page


@dataclass(frozen=True)
class Nearness:
    """How near a list comes to the viewer's own, over some viewers.

    Attributes:
      overlap: [n_viewers] share of the first ten that both have.
      correlation: [n_viewers] Spearman's rank correlation of the scores of all titles not rated.
      stars: [n_viewers] mean distance of the predicted ratings of the own first ten, in stars; NaN without stars.
      given: [n_viewers] ratings that were read.
    """

    overlap: npt.NDArray[np.float64]
    correlation: npt.NDArray[np.float64]
    stars: npt.NDArray[np.float64]
    given: npt.NDArray[np.float64]

    def __str__(self) -> str:
        stars = np.nanmean(self.stars) if np.isfinite(self.stars).any() else np.nan
        return (
            f"{self.given.mean():7.1f} {self.overlap.mean():11.3f} {np.quantile(self.overlap, 0.1):9.1f} "
            f"{self.correlation.mean():10.4f} {stars:10.3f}"
        )


HEADER = "ratings  overlap@10  10th pct.   Spearman  stars off"


def ratings_read(recommender: Recommender, ratings: Ratings) -> dict[str, History]:
    """Viewer -> ratings, as the bundle's histories hold them: of a title rated twice the later rating."""
    read = RatingsByViewer(split_again(ratings, recommender.manifest.split).training_part)
    histories = {}
    for viewer in recommender.user_ids:
        newest_first = read.rated_by(viewer).drop_duplicates("item_id").rename(columns={"rating": "stars"})
        histories[viewer] = history_of(newest_first[::-1])
    return histories


def compare(
    recommender: Recommender,
    histories: Mapping[str, History],
    viewers: Sequence[str],
    given: Mapping[str, History],
    *,
    with_id: bool,
) -> Nearness:
    """Asks for each viewer as the bundle knows them, and again with ratings given in the question.

    Args:
      recommender: the bundle, not joined with ratings.
      histories: what each viewer rated as far as the bundle knows, which no list shows.
      viewers: whom to ask for.
      given: the ratings to be read the second time.
      with_id: whether the id is given the second time too.
    """
    figures = []
    at = recommender.last_moment
    for viewer in viewers:
        rated = histories[viewer].stars
        own = _unrated(recommender, viewer, at, None, rated)
        folded = _unrated(recommender, viewer if with_id else None, at, given[viewer], rated)
        folded = folded.reindex(own.index)
        head = own["rank"].nsmallest(_LISTED).index
        figures.append(
            (
                len(set(head) & set(folded["rank"].nsmallest(_LISTED).index)) / len(head),
                own["score"].rank().corr(folded["score"].rank()),
                (own["stars"] - folded["stars"])[head].abs().mean(),
                len(given[viewer].stars),
            )
        )
    return Nearness(*np.array(figures, float).T)


def _unrated(
    recommender: Recommender, viewer: str | None, at: int, history: History | None, rated: Mapping[str, float]
) -> pd.DataFrame:
    frame = recommender.retrieve(viewer, at, len(recommender.titles), history=history, include_seen=True)
    return frame[~frame["title"].isin(rated.keys())].set_index("title")


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=MODEL_STORE / "flagship-100k")
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    recommender = Recommender.load(arguments.bundle)
    if "history" not in recommender.manifest.inputs:
        raise SystemExit(f"{recommender.manifest.model} reads no history, so nobody can be folded in.")
    ratings = load_data_of(recommender.manifest.data)
    histories = ratings_read(recommender, ratings)
    generator = np.random.default_rng(arguments.seed)
    everybody = sorted(histories)
    viewers = [
        everybody[row]
        for row in generator.choice(len(everybody), min(arguments.viewers, len(everybody)), replace=False)
    ]
    print(f"{recommender.manifest.model} on {recommender.manifest.data.name}, {len(viewers)} viewers\n")

    def report(name: str, given: Mapping[str, History], *, with_id: bool = False) -> None:
        print(f"{name:42} {compare(recommender, histories, viewers, given, with_id=with_id)}", flush=True)

    print(f"{'asked for with':42} {HEADER}")
    report("id and all their ratings", histories, with_id=True)
    report("all their ratings, as a visitor", histories)
    for n in _FEW:
        report(f"{n} of them at random", {viewer: _some(histories[viewer], n, generator) for viewer in viewers})
    order = proposals(recommender.with_ratings(ratings), "benchmark")
    for n in _ASKED:
        asked = set(order[:n])
        answered = {v: _part(histories[v], [title in asked for title in histories[v].stars]) for v in viewers}
        report(f"what they rated of the first {n} asked", answered)
        as_many = {v: _some(histories[v], len(answered[v].stars), generator) for v in viewers}
        report("  as many of theirs at random", as_many)


def _some(history: History, n: int, generator: np.random.Generator) -> History:
    return _part(history, generator.permutation(len(history.stars)) < n)


def _part(history: History, kept: Iterable[bool]) -> History:
    """The ratings of a history that are kept, in their order."""
    places = np.flatnonzero(list(kept)).tolist()
    titles, times = list(history.stars), history.times
    return History(
        {titles[place]: history.stars[titles[place]] for place in places},
        None if times is None else [times[place] for place in places],
    )


if __name__ == "__main__":
    _main()
