"""What the rating half would gain if it read what the retrieval half knows of a viewer and a title.

    python -m benchmarks.sharing [--data FOLDER] [--split random] [--seeds 1 2 3]

The training part of a split is split again in the same way, the flagship is trained on one part, and predicts the stars
of the other. What its predictions miss is then read out of more and more inputs by a ridge regression, of four fifths
of those ratings for the last fifth, five times; so nothing that is read out was fitted to what it is judged by, and the
model itself learns nothing from it, as behind a stopped gradient. The split's own test part is left alone.

The inputs: what the rating half has itself (its predicted stars, and how many ratings the viewer and the title have);
beside that the parts of retrieval's score (trained towers, popularity prior, neighbours, labels, factors); and beside
both their squares, and their products with the inputs of the rating half.
"""

import argparse
import sys

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.data import Ratings, load_ratings, split_by_name
from recommender.errors import RecommenderError
from recommender.evaluation import metrics
from recommender.evaluation.protocols import last_moments
from recommender.models.flagship.choosing import ChosenWeights
from recommender.models.flagship.model import Flagship
from recommender.training.trainer import train_model

_PARTS = ("prior_weight", "neighbour_weight", "content_weight", "implicit_weight")  # the towers are what is left
_FOLDS = 5
_PENALTY = 100.0  # of a readout's squared weights, of inputs whose deviation is 1
_AT_ONCE = 2_000
Floats = npt.NDArray[np.float64]


def shared(model: Flagship, training_part: Ratings, held_out: Ratings, seed: int) -> dict[str, float]:
    """RMSE of predicted stars as they are, and corrected by each readout, in stars.

    Args:
      model: trained.
      training_part: what it has learned from.
      held_out: what it has not.
      seed: of the folds.
    """
    predicted, parts = _predicted_and_parts(model, training_part, held_out)
    lengths = np.bincount(training_part.user_rows, minlength=len(training_part.users))[held_out.user_rows]
    counts = np.bincount(training_part.item_rows, minlength=len(training_part.items))[held_out.item_rows]
    own = np.stack([predicted, np.log1p(lengths), np.log1p(counts)], axis=1)
    products = np.concatenate([parts**2, *(parts * own[:, column : column + 1] for column in range(3))], axis=1)
    inputs = {
        "stars and counts": own,
        "and the parts of retrieval's score": np.concatenate([own, parts], axis=1),
        "and their squares and products": np.concatenate([own, parts, products], axis=1),
    }
    folds = np.random.default_rng(seed).integers(0, _FOLDS, len(predicted))
    stars = held_out.stars.astype(np.float64)
    found = {"as predicted": metrics.rmse(predicted, stars)}
    for name, columns in inputs.items():
        found[name] = metrics.rmse(predicted + _read_out(columns, stars - predicted, folds), stars)
    return found


def _predicted_and_parts(model: Flagship, training_part: Ratings, held_out: Ratings) -> tuple[Floats, Floats]:
    """[n] predicted stars, and [n, 5] the parts of the score, of held-out pairs asked at viewers' last moments."""
    baked = model.bake(training_part)
    at = last_moments(training_part)[held_out.user_rows]
    rows = model.space.viewer_of_user[held_out.user_rows]
    own = ChosenWeights(*(getattr(model.configuration, name) for name in ChosenWeights._fields))
    nothing = ChosenWeights(*(0.0 for _ in own))
    predicted, parts = [], []
    for first in range(0, len(rows), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        viewers, histories = tf.gather(baked.viewers, rows[some]), tf.gather(baked.histories, rows[some])
        items, moments = held_out.item_rows[some], tf.constant(at[some], tf.int64)
        candidates = tf.gather(baked.candidates, items)

        def score(
            weights: ChosenWeights, asked: tuple[tf.Tensor, ...] = (viewers, histories, moments, candidates)
        ) -> Floats:
            model.parts.assign(weights)
            answer: Floats = tf.reduce_sum(model.query(*asked[:3]) * asked[3], axis=1).numpy()
            return answer

        towers = score(nothing)
        added = [score(nothing._replace(**{name: getattr(own, name)})) - towers for name in _PARTS]
        parts.append(np.stack([towers, *added], axis=1))
        predicted.append(
            model.stars(viewers, histories, moments, tf.gather(baked.titles, items)[:, None])[:, 0].numpy()
        )
    model.parts.assign(own)
    return np.concatenate(predicted).astype(np.float64), np.concatenate(parts).astype(np.float64)


def _read_out(inputs: Floats, missing: Floats, folds: npt.NDArray[np.int64]) -> Floats:
    """[n] what of `missing` a ridge regression of the other folds finds in [n, size] inputs."""
    inputs = (inputs - inputs.mean(axis=0)) / np.maximum(inputs.std(axis=0), 1e-9)
    inputs = np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)
    penalties = np.diag([*[_PENALTY] * (inputs.shape[1] - 1), 0.0])
    found = np.zeros(len(missing))
    for fold in range(_FOLDS):
        others = folds != fold
        known = inputs[others]
        weights = np.linalg.solve(known.T @ known + penalties, known.T @ missing[others])
        found[~others] = inputs[~others] @ weights
    return found


def main() -> None:
    """Prints a row for each seed, and one of their means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", default="ml-100k", help="a data set by name, or a folder in its layout")
    parser.add_argument("--split", default="random", choices=("random", "per-user-last", "temporal"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    arguments = parser.parse_args()
    try:
        rows = [_of_seed(arguments, seed) for seed in arguments.seeds]
    except RecommenderError as error:
        sys.exit(str(error))
    print("| seed | " + " | ".join(rows[0]) + " |\n|---" + "|---" * len(rows[0]) + "|")
    for seed, row in zip(arguments.seeds, rows, strict=True):
        print(f"| {seed} | " + " | ".join(f"{value:.4f}" for value in row.values()) + " |")
    print("| mean | " + " | ".join(f"{np.mean([row[name] for row in rows]):.4f}" for name in rows[0]) + " |")


def _of_seed(arguments: argparse.Namespace, seed: int) -> dict[str, float]:
    split = split_by_name(arguments.split, load_ratings(arguments.data), seed=seed)
    split = split_by_name(arguments.split, split.training_part, seed=seed)
    trained = train_model("flagship", split, seed=seed)
    if not isinstance(trained.model, Flagship):
        raise TypeError(f"expected a flagship, found {type(trained.model).__name__}.")
    return shared(trained.model, trained.training_part, split.test, seed)


if __name__ == "__main__":
    main()
