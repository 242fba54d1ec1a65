"""What each part of the flagship is worth: variants without it, side by side.

    python -m benchmarks.ablation [--data FOLDER] [--split random] [--seeds 1] [--only NAME ...] [--json FILE] [--test]

The training part of a split is split again in the same way, and the figures are those of the part held out then, means
over the seeds: nothing was chosen on it, and the split's own test part is left alone. With --test it is looked at.

A variant without an input or with another popularity is trained anew. What is only weighed when the training is over
(neighbours, labels, praise) is taken out of the model that has all, whose other weights stay; that takes a second.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recommender.data import Ratings, Split, load_ratings, split_by_name
from recommender.errors import ConfigurationError, RecommenderError
from recommender.evaluation import Evaluation, evaluate_own_last
from recommender.models.configuration import HISTORY, TIMESTAMP, Task
from recommender.models.flagship.choosing import ChosenWeights
from recommender.models.flagship.model import Flagship
from recommender.models.zoo import find_model
from recommender.training.trainer import TrainedModel, train_model

_ALL_TIME_DAYS = 365_000.0  # a half-life beside which no data set is long
_NOTHING: Mapping[str, Any] = {}
_COLUMNS = {
    "rmse": ("RMSE", ".4f"),
    "nll": ("NLL", ".4f"),
    "top_100_unseen": ("top-100 unseen", ".4f"),
    "top_10_unseen": ("top-10 unseen", ".4f"),
    "ndcg_at_10": ("NDCG@10", ".4f"),
    "liked_ndcg_at_10": ("liked NDCG@10", ".4f"),
    "below_own_mean_at_10": ("below own mean", ".3f"),
}
Figures = dict[str, float]


class Variant(NamedTuple):
    """A model with something changed.

    Attributes:
      settings: what it is trained with.
      weights: what it is weighed with once trained, by name of `ChosenWeights`.
      tasks: whose figures it has.
    """

    settings: Mapping[str, Any] = _NOTHING
    weights: Mapping[str, float] = _NOTHING
    tasks: tuple[Task, ...] = (Task.RETRIEVAL, Task.RATING)


def variants(ratings: Ratings) -> dict[str, Variant]:
    """The variants by name; those of one training follow each other."""
    whole = find_model("flagship").configure({}).fitted_to(ratings)
    queries, candidates = whole.query_inputs, whole.candidate_inputs
    features = {*whole.viewer_features, *whole.title_features}
    return {
        "all": Variant(),
        "no neighbours": Variant(weights={"neighbour_weight": 0.0}),
        "no factors": Variant(weights={"implicit_weight": 0.0}),
        "no labels": Variant(weights={"content_weight": 0.0}),
        "no neighbours, factors, labels": Variant(
            weights={"neighbour_weight": 0.0, "implicit_weight": 0.0, "content_weight": 0.0}
        ),
        "no praise": Variant(weights={"praise_weight": 0.0}),
        "retrieval only": Variant(weights={"praise_weight": 0.0}, tasks=(Task.RETRIEVAL,)),
        "no history": Variant({"query_inputs": [name for name in queries if name != HISTORY]}),
        "no moment": Variant({"query_inputs": [name for name in queries if name != TIMESTAMP]}),
        "no side features": Variant(
            {
                "query_inputs": [name for name in queries if name not in features],
                "candidate_inputs": [name for name in candidates if name not in features],
            }
        ),
        "all-time popularity": Variant({"best_seller_days": _ALL_TIME_DAYS}),
        "rating only": Variant({"retrieval_weight": 0.0}, tasks=(Task.RATING,)),
    }


def examine(
    split: Split, seed: int, chosen: Mapping[str, Variant], model: str = "flagship"
) -> Iterator[tuple[str, Figures]]:
    """Trains what has to be trained, weighs the rest, and examines each variant on the split's test part.

    Args:
      split: the parts.
      seed: of the trainings.
      chosen: variants by name.
      model: of the zoo; only the flagship can be weighed.

    Yields:
      Name and figures, by `_COLUMNS`.
    """
    trained: TrainedModel | None = None
    settings: Mapping[str, Any] = {}
    for name, variant in chosen.items():
        if trained is None or variant.settings != settings:
            settings = variant.settings
            trained = train_model(model, split, seed=seed, settings=settings)
        yield name, _figures(_weighed(trained, variant.weights, split.test), variant.tasks)


def _weighed(trained: TrainedModel, weights: Mapping[str, float], held_out: Ratings) -> Evaluation:
    """Examines a trained flagship with some of its weights replaced, which come back afterwards."""
    if not weights:
        return evaluate_own_last(trained.scorer, trained.training_part, held_out)
    if not isinstance(trained.model, Flagship):
        raise TypeError(f"expected a flagship, found {type(trained.model).__name__}.")
    own = ChosenWeights(*(getattr(trained.configuration, name) for name in ChosenWeights._fields))
    trained.model.parts.assign(own._replace(**weights))
    found = evaluate_own_last(trained.scorer, trained.training_part, held_out)
    trained.model.parts.assign(own)
    return found


def _figures(found: Evaluation, tasks: tuple[Task, ...]) -> Figures:
    figures = {
        "rmse": found.rmse,
        "nll": found.nll,
        "top_100_unseen": found.top_k_unseen.get("100"),
        "top_10_unseen": found.top_k_unseen.get("10"),
        "ndcg_at_10": found.ndcg_at_10,
        "liked_ndcg_at_10": found.liked_ndcg_at_10,
        "below_own_mean_at_10": found.below_own_mean_at_10,
    }
    wanted = set(figures)
    if Task.RATING not in tasks:
        wanted -= {"rmse", "nll", "below_own_mean_at_10"}
    if Task.RETRIEVAL not in tasks:  # an untrained ranking says nothing
        wanted &= {"rmse", "nll"}
    return {name: value for name, value in figures.items() if value is not None and name in wanted}


def table(rows: Mapping[str, list[Figures]]) -> str:
    """The table, a row for each variant with the means over its seeds."""
    lines = ["| variant | " + " | ".join(title for title, _ in _COLUMNS.values()) + " |", "|---" * 8 + "|"]
    for name, found in rows.items():
        cells = [
            format(np.mean([one[figure] for one in found]), form) if figure in found[0] else ""
            for figure, (_, form) in _COLUMNS.items()
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Examines every variant on every seed and prints a table."""
    arguments = _arguments()
    try:
        _run(arguments)
    except RecommenderError as error:
        sys.exit(str(error))


def _run(arguments: argparse.Namespace) -> None:
    ratings = load_ratings(arguments.data)
    chosen = variants(ratings)
    unknown = [name for name in arguments.only or () if name not in chosen]
    if unknown:
        raise ConfigurationError(f"there is no variant {unknown[0]!r}; there are: {', '.join(chosen)}.")
    if arguments.only:
        chosen = {name: variant for name, variant in chosen.items() if name in arguments.only}
    rows: dict[str, list[Figures]] = {name: [] for name in chosen}
    for seed in arguments.seeds:
        split = split_by_name(arguments.split, ratings, seed=seed)
        if not arguments.test:
            split = split_by_name(arguments.split, split.training_part, seed=seed)
        for name, figures in examine(split, seed, chosen):
            rows[name].append(figures)
            print(f"seed {seed}, {name}: {figures}", file=sys.stderr, flush=True)
            if arguments.json:
                part = "test" if arguments.test else "held out of the training part"
                report = {"part": part, "split": arguments.split, "seeds": arguments.seeds, "variants": rows}
                arguments.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    print(table(rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", default="ml-100k", help="a data set by name, or a folder in its layout")
    parser.add_argument("--split", default="random", choices=("random", "per-user-last", "temporal"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="variants, by name; all if not given")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--test", action="store_true", help="look at the split's own test part instead")
    return parser.parse_args()


if __name__ == "__main__":
    main()
