"""A model to be asked many things: loaded from its bundle, or a row of the zoo trained on the spot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.bundle.signatures import AT_REST, STRANGER
from recommender.bundle.training_data import load_data_of, split_again
from recommender.data import Ratings, Split
from recommender.evaluation import Scorer

Signatures = Mapping[str, Callable[..., Any]]
Rows = npt.NDArray[np.integer]


@dataclass(frozen=True)
class System:
    """A model and what it has read.

    Attributes:
      name: for tables.
      signatures: see `ServedModel`; the model's rows of titles are those of `ratings`.
      scorer: the same, for rows of `ratings`.
      ratings: the data set.
      training_part: of it, what the model has read.
    """

    name: str
    signatures: Signatures
    scorer: Scorer
    ratings: Ratings
    training_part: Ratings


def load_system(bundle: Path) -> System:
    """A bundle, with its data set.

    Raises:
      RecommenderError: if the bundle or its data set cannot be read.
    """
    from recommender.serving.recommender import Recommender
    from recommender.serving.scorer import bundle_scorer

    recommender = Recommender.load(bundle)
    ratings = load_data_of(recommender.manifest.data)
    training_part = split_again(ratings, recommender.manifest.split).training_part
    return System(bundle.name, recommender.signatures, bundle_scorer(recommender, ratings), ratings, training_part)


def train_system(model: str, ratings: Ratings, split: Split, *, seed: int) -> System:
    """A row of the zoo, trained with our settings.

    Raises:
      RecommenderError: if there is no such model, or it cannot be trained on these data.
    """
    from recommender.training.trainer import train_model

    trained = train_model(model, split, seed=seed)
    return System(model, trained.served.signatures, trained.scorer, ratings, trained.training_part)


def ask_for_visitor(
    signatures: Signatures, given: Rows, stars: npt.NDArray[np.floating], at: int, k: int
) -> tuple[Rows, npt.NDArray[np.floating]]:
    """What a model lists for somebody it has never seen, without what they rated.

    Args:
      signatures: the model.
      given: [n] the titles they rated, oldest first.
      stars: [n] with how many stars.
      at: the moment, UTC seconds.
      k: length of the list.

    Returns:
      [k] titles, best first, and [k] their predicted stars (NaN from a model that predicts none).
    """
    import tensorflow as tf

    asked = {
        **AT_REST,
        "viewer": np.array([STRANGER], np.int32),
        "at": np.array([at], np.int64),
        "k": np.int32(k),
        "excluded": given[None].astype(np.int32),
        "history_items": given.astype(np.int32),
        "history_stars": stars.astype(np.float32),
        "history_times": np.zeros(len(given), np.int64),
        "history_kept": np.ones((1, len(given)), np.bool_),
    }
    found = signatures["retrieve"](**{name: tf.constant(value) for name, value in asked.items()})
    return found["items"].numpy()[0], found["stars"].numpy()[0]
