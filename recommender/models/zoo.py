"""The models by name: what each is, its configuration, and how it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from recommender.data.ratings import Ratings
from recommender.errors import ConfigurationError
from recommender.features import TITLE_TEXT
from recommender.models.configuration import HISTORY, TIMESTAMP, TITLE_ID, USER_ID, ModelConfiguration, Task
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.flagship.model import Flagship
from recommender.models.matrix_factorization import MatrixFactorization, MatrixFactorizationConfiguration
from recommender.models.references import (
    EaseConfiguration,
    EaseModel,
    MeansConfiguration,
    MeansModel,
    PopularityConfiguration,
    PopularityModel,
    RecencyEaseConfiguration,
    RecentPopularityConfiguration,
    RecentPopularityModel,
    SignedEaseConfiguration,
)
from recommender.models.served import Servable
from recommender.models.two_tower.configuration import TwoTowerConfiguration
from recommender.models.two_tower.model import TwoTower

DEFAULT = "default"  # the preset of our own, tuned on validation
TUTORIAL = "tutorial"  # the preset that reproduces the public tutorial a model comes from


@dataclass(frozen=True)
class ZooEntry:
    """One row of the zoo.

    Attributes:
      name: as on the command line.
      description: one sentence for people.
      tasks: what it is trained for; a model trained for rating alone ranks titles by the rating it predicts.
      configuration: the class of its settings, whose defaults are what we recommend.
      build: makes an untrained model from its settings and the training part.
      defaults: settings of ours that differ from those of the class.
      tutorial: the settings of the public tutorial, where the model comes from one.
    """

    name: str
    description: str
    tasks: tuple[Task, ...]
    configuration: type[ModelConfiguration]
    build: Callable[[Any, Ratings], Servable]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    tutorial: Mapping[str, Any] | None = None

    @property
    def presets(self) -> tuple[str, ...]:
        """Names of the sets of settings there are."""
        return (DEFAULT,) if self.tutorial is None else (DEFAULT, TUTORIAL)

    @property
    def inputs(self) -> tuple[str, ...]:
        """What it reads, by our settings, of a data set that has it."""
        configuration = self.configure({})
        return (*configuration.query_inputs, *configuration.candidate_inputs)

    def configure(self, settings: Mapping[str, Any], preset: str = DEFAULT) -> ModelConfiguration:
        """The settings of a preset with some replaced.

        Raises:
          ConfigurationError: for a preset or name that does not exist or a value out of bounds.
        """
        if preset not in self.presets:
            raise ConfigurationError(f"{self.name} has no preset {preset!r}; it has: {', '.join(self.presets)}.")
        ours = self.tutorial if preset == TUTORIAL else self.defaults
        try:
            return self.configuration(**{**(ours or {}), **settings})
        except ValidationError as error:
            first = error.errors()[0]
            setting = ".".join(str(part) for part in first["loc"])
            names = ", ".join(self.configuration.model_fields)
            raise ConfigurationError(f"{self.name}, setting {setting}: {first['msg']}; settings are {names}.") from None


_BOTH = (Task.RETRIEVAL, Task.RATING)

# In the tutorials TFRS's retrieval loss is a sum over the batch; ours is a mean, so the weight makes up for it.
_AS_PUBLISHED: dict[str, Any] = {
    "optimizer": "adagrad",
    "learning_rate": 0.1,
    "decay": False,
    "batch_size": 8192,
    "retrieval_weight": 8192.0,
    "epochs": 3,
    "patience": 3,
    "negatives": "batch",
    "sampling_correction": False,
    "stranger_share": 0.0,
    "time_buckets": "equal",
    "title_bias": False,
}
# The collaborative filtering example of keras.io, with a squared error in stars in the place of its cross-entropy.
_FACTORIZATION_AS_PUBLISHED: dict[str, Any] = {
    "learning_rate": 1e-3,
    "decay": False,
    "batch_size": 64,
    "epochs": 5,
    "patience": 5,
    "factor_l2": 1e-3,  # 1e-6 of the sum over about a thousand rows
    "stranger_share": 0.0,
}
# Tuned on the validation part of MovieLens 100K, split random with seed 42, asked at each viewer's last known moment.
_TUNED: dict[str, Any] = {
    "n_time_buckets": 8,  # of a month each; the thousand of the class learn sessions, which that moment says nothing of
    "embedding_size": 64,
    "embedding_l2": 0.05,
    "learning_rate": 1e-2,
    "epochs": 5,
    "viewer_weight_exponent": 0.5,
    "average_momentum": 0.98,
}
_DEEP_INPUTS = {"query_inputs": (USER_ID, TIMESTAMP), "candidate_inputs": (TITLE_ID, TITLE_TEXT), "hash_bins": 20_000}


def _deep(n_layers: int, hidden: tuple[int, ...]) -> ZooEntry:
    layers = {**_DEEP_INPUTS, "query_layers": hidden, "projection_size": 64}
    return ZooEntry(
        f"deep-{n_layers}",
        f"Lists titles from viewer, moment and words of titles: {n_layers} layer{'s' * (n_layers > 1)} of a network "
        f"read{'s' * (n_layers == 1)} the viewer.",
        (Task.RETRIEVAL,),
        TwoTowerConfiguration,
        TwoTower.build_for,
        defaults={**layers, **_TUNED, "dropout": 0.1},
        # The first edition of the tutorial, which is the one of 1, 3 and 5 layers, found ReLU worse than none.
        tutorial={**layers, **_AS_PUBLISHED, "activation": "linear", "project_candidates": False},
    )


_TWO_TOWER = {"query_inputs": (USER_ID,), "candidate_inputs": (TITLE_ID,), "projection_size": 0}
_MULTITASK = {
    "query_inputs": (USER_ID, TIMESTAMP),
    "candidate_inputs": (TITLE_ID, TITLE_TEXT),
    "projection_size": 32,
}
_CROSS = {
    "query_inputs": (HISTORY,),
    "candidate_inputs": (TITLE_ID,),
    "projection_size": 32,
    "cross_layers": 1,
    "query_layers": (512, 256, 128, 64),
    "batch_norm": True,
    "dropout": 0.2,
    "layer_l2": 1e-5,
}

_ENTRIES = (
    ZooEntry(
        "flagship",
        "Retrieval and rating in one model that reads the viewer's history in order, the moment and side features.",
        _BOTH,
        FlagshipConfiguration,
        Flagship.build_for,
    ),
    ZooEntry(
        "multitask",
        "Lists titles and predicts stars from viewer, moment and words of titles: two networks learn both at once.",
        _BOTH,
        TwoTowerConfiguration,
        partial(TwoTower.build_for, rates=True),
        defaults={**_MULTITASK, **_TUNED, "projection_size": 64},
        # Batches as in the tutorial on context features, from which the inputs are.
        tutorial={
            **_MULTITASK,
            **_AS_PUBLISHED,
            "batch_size": 2048,
            "retrieval_weight": 0.5 * 2048,
            "rating_weight": 0.5,
        },
    ),
    ZooEntry(
        "two-tower",
        "Lists titles from who the viewer is alone: both become points, and what lies the viewer's way comes first.",
        (Task.RETRIEVAL,),
        TwoTowerConfiguration,
        TwoTower.build_for,
        defaults={**_TWO_TOWER, **_TUNED},
        tutorial={**_TWO_TOWER, **_AS_PUBLISHED},
    ),
    _deep(1, ()),
    _deep(3, (64, 64)),
    _deep(5, (128, 128, 64, 64)),
    ZooEntry(
        "matrix-factorization",
        "Predicts stars from what viewers and titles have in common, and lists first what it predicts highest.",
        (Task.RATING,),
        MatrixFactorizationConfiguration,
        MatrixFactorization.build_for,
        # Tuned on the validation part of MovieLens 100K, split random with seed 42.
        defaults={
            "learning_rate": 0.02,
            "factor_l2": 0.15,
            "stddev": 0.1,
            "epochs": 10,
            "patience": 3,
            "average_momentum": 0.98,
        },
        tutorial=_FACTORIZATION_AS_PUBLISHED,
    ),
    ZooEntry(
        "cross",
        "Lists titles and predicts stars from the kinds of titles a viewer likes, and how these go together.",
        _BOTH,
        TwoTowerConfiguration,
        partial(TwoTower.build_for, rates=True),
        # Tuned, as far as it was, on the validation part of the anime archive.
        defaults={**_CROSS, "learning_rate": 2e-3, "epochs": 12, "patience": 3},
        tutorial={
            **_CROSS,
            "described": "target",
            "negatives": "batch",
            "sampling_correction": False,
            "title_bias": False,
            "stranger_share": 0.0,
            "decay": False,
            "plateau_patience": 2,
            "patience": 5,  # longer than the plateau's, so that training goes on at half the rate before it stops
            "epochs": 10,
        },
    ),
    ZooEntry(
        "ease",
        "Reference: counts what is watched together (EASE), and lists what goes with what the viewer rated.",
        (Task.RETRIEVAL,),
        EaseConfiguration,
        EaseModel,
    ),
    ZooEntry(
        "recency-ease",
        "Reference: EASE that listens more to what was rated last.",
        (Task.RETRIEVAL,),
        RecencyEaseConfiguration,
        EaseModel,
    ),
    ZooEntry(
        "signed-ease",
        "Reference: EASE for which low stars speak against a title, and which listens to genres and the like.",
        (Task.RETRIEVAL,),
        SignedEaseConfiguration,
        EaseModel,
    ),
    ZooEntry(
        "popularity",
        "Reference: the same best-seller list for everybody.",
        (Task.RETRIEVAL,),
        PopularityConfiguration,
        PopularityModel,
    ),
    ZooEntry(
        "recent-popularity",
        "Reference: the best-seller list of the days before the moment of asking.",
        (Task.RETRIEVAL,),
        RecentPopularityConfiguration,
        RecentPopularityModel,
    ),
    ZooEntry(
        "means",
        "Reference: a title's mean rating and how far the viewer rates above such means; ranks titles by it.",
        (Task.RATING,),
        MeansConfiguration,
        MeansModel,
    ),
)
ZOO: Mapping[str, ZooEntry] = MappingProxyType({entry.name: entry for entry in _ENTRIES})


def find_model(name: str) -> ZooEntry:
    """The zoo's entry of this name.

    Raises:
      ConfigurationError: if there is none; the message lists those there are.
    """
    if name not in ZOO:
        raise ConfigurationError(f"there is no model {name!r}; there are: {', '.join(ZOO)}.")
    return ZOO[name]


def require_ratings(entry: ZooEntry, ratings: Ratings) -> None:
    """Checks that the data have what a model is trained for.

    Raises:
      ConfigurationError: if it predicts ratings and the data have none; the message names the models that need none.
    """
    if Task.RATING in entry.tasks and not ratings.schema.has_ratings:
        others = ", ".join(other.name for other in ZOO.values() if Task.RATING not in other.tasks)
        raise ConfigurationError(
            f"{entry.name} learns to predict ratings, and {ratings.name} has none; choose a model that only ranks: "
            f"{others}."
        )
