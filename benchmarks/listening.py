"""Whether a model hears what a visitor likes and hates.

    python -m benchmarks.listening [--bundles FOLDER ...] [--models NAME ...] [--data ml-100k] [--seed 42] [--json OUT]

For each genre with more than 3,000 ratings a visitor gives the highest stars to five titles: of the genre's 15 most
rated ones, the five with the fewest genres. *Liked* is the share of the ten titles listed then that bear the genre,
*hated* the same after the lowest stars, and *nothing* the share after a single middling rating of the most rated title
of all; means over genres, asked at the data's last moment. The last column is the share of the ten listed after hating
whose predicted stars lie below the middle of the scale, for models that predict stars.

Bundles are read (the flagship unless others are named), models of the zoo are trained on the random split (the
reference rows unless others are named). How often titles were rated is counted in the whole data set.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.systems import Rows, System, ask_for_visitor, load_system, train_system
from recommender.bundle import MODEL_STORE
from recommender.data import Ratings, load_ratings, split_by_name
from recommender.data.schema import Kind
from recommender.errors import ConfigurationError, RecommenderError

REFERENCES = ("popularity", "ease", "recency-ease", "signed-ease")
_LEAST_RATINGS = 3_000  # of a genre
_HEAD, _GIVEN, _LISTED = 15, 5, 10


@dataclass(frozen=True)
class Heard:
    """What the lists of visitors come to; shares, means over genres.

    Attributes:
      nothing: bear the genre after a middling rating of the most rated title.
      liked: bear it after five highest ratings in it.
      hated: bear it after five lowest ratings in it.
      low_after_hating: predicted below the middle of the scale after these; None without stars.
    """

    nothing: float
    liked: float
    hated: float
    low_after_hating: float | None


def visitors(ratings: Ratings, least_ratings: int = _LEAST_RATINGS) -> Iterator[tuple[npt.NDArray[np.bool_], Rows]]:
    """The genres to be liked and hated, in the order of the alphabet.

    Args:
      ratings: the data set; genres are the words of its first feature that labels titles.
      least_ratings: a genre is asked for that has more.

    Yields:
      [n_titles] whether each title bears the genre, and the rows of the five titles to be rated.

    Raises:
      ConfigurationError: if no feature labels titles, or no genre has enough ratings.
    """
    labels = [feature.name for feature in ratings.schema.item_features if feature.kind is Kind.MULTI_CATEGORY]
    if not labels:
        raise ConfigurationError(f"no feature of {ratings.name!r} labels titles as genres do; choose another data set.")
    words = [set(of_title) for of_title in ratings.items[labels[0]]]
    counts = np.bincount(ratings.item_rows, minlength=len(ratings.items))
    n_words = np.array([len(of_title) for of_title in words])
    enough = False
    for word in sorted(set().union(*words)):
        bears = np.array([word in of_title for of_title in words])
        if counts[bears].sum() > least_ratings:
            enough = True
            head = np.argsort(np.where(bears, -counts, 1), kind="stable")[: min(_HEAD, int(bears.sum()))]
            yield bears, head[np.argsort(n_words[head], kind="stable")][:_GIVEN]
    if not enough:
        raise ConfigurationError(f"no label of {ratings.name!r} has more than {least_ratings:,} ratings.")


def listen(system: System, least_ratings: int = _LEAST_RATINGS) -> Heard:
    """Asks a model for all visitors.

    Args:
      system: the model.
      least_ratings: see `visitors`.
    """
    ratings, scale = system.ratings, system.ratings.scale
    middle = (scale.low + scale.high) / 2
    at = int(system.training_part.timestamps.max(initial=0))
    most_rated = np.array([np.bincount(ratings.item_rows).argmax()])

    def listed(given: Rows, stars: float) -> tuple[Rows, npt.NDArray[np.floating]]:
        return ask_for_visitor(system.signatures, given, np.full(len(given), stars), at, _LISTED)

    listed_after_nothing, _ = listed(most_rated, middle)
    nothing, liked, hated, low = [], [], [], []
    for bears, given in visitors(ratings, least_ratings):
        nothing.append(bears[listed_after_nothing].mean())
        liked.append(bears[listed(given, scale.high)[0]].mean())
        after_hating, stars = listed(given, scale.low)
        hated.append(bears[after_hating].mean())
        if np.isfinite(stars).all():
            low.append((stars < middle).mean())
    nothing_of, liked_of, hated_of = (float(np.mean(shares)) for shares in (nothing, liked, hated))
    return Heard(nothing_of, liked_of, hated_of, float(np.mean(low)) if low else None)


def main(arguments: Sequence[str] | None = None) -> None:
    """Asks every model and prints the table."""
    options = _options(arguments)
    try:
        _run(options)
    except RecommenderError as error:
        sys.exit(str(error))


def _run(options: argparse.Namespace) -> None:
    found: dict[str, Heard] = {}
    print("| system | nothing | liked | hated | predicted low after hating |\n|---|---|---|---|---|")
    for system in _systems(options):
        heard = found[system.name] = listen(system, options.least_ratings)
        cells = [heard.nothing, heard.liked, heard.hated, heard.low_after_hating]
        written = ["" if cell is None else f"{cell:.2f}" for cell in cells]
        print(f"| {system.name} | {' | '.join(written)} |", flush=True)
    if options.json:
        figures = {name: vars(heard) for name, heard in found.items()}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _systems(options: argparse.Namespace) -> Iterator[System]:
    for bundle in options.bundles:
        yield load_system(bundle)
    if options.models:
        ratings = load_ratings(options.data)
        split = split_by_name("random", ratings, seed=options.seed)
        for model in options.models:
            yield train_system(model, ratings, split, seed=options.seed)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--bundles", nargs="*", type=Path, default=[MODEL_STORE / "flagship-100k"], help="none: give no folder"
    )
    parser.add_argument("--models", nargs="*", default=list(REFERENCES), help="of the zoo; none: give no name")
    parser.add_argument("--data", default="ml-100k", help="for --models: a data set by name, or a folder in its layout")
    parser.add_argument("--seed", type=int, default=42, help="for --models: of the split and the training")
    parser.add_argument("--least-ratings", type=int, default=_LEAST_RATINGS, help="a genre is asked for that has more")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
