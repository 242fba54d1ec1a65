"""A model to be asked many things: loaded from its bundle, or a row of the zoo trained on the spot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.bundle.training_data import load_data_of, split_again
from recommender.data import Ratings, Split
from recommender.evaluation import Scorer

Signatures = Mapping[str, Callable[..., Any]]


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
