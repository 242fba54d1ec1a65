"""The models by name: what each is, its configuration, and how it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import tf_keras as keras
from pydantic import ValidationError

from recommender.data.ratings import Ratings
from recommender.errors import ConfigurationError
from recommender.features import FeatureSpace
from recommender.models.configuration import FlagshipConfiguration
from recommender.models.flagship import IDENTIFIERS, Flagship


@dataclass(frozen=True)
class ZooEntry:
    """One row of the zoo.

    Attributes:
      name: as on the command line.
      description: one sentence for people.
      configuration: the class of its settings, whose defaults are what we recommend.
      build: makes an untrained model from its settings and the training part.
    """

    name: str
    description: str
    configuration: type[FlagshipConfiguration]
    build: Callable[[FlagshipConfiguration, Ratings], keras.Model]

    def configure(self, settings: Mapping[str, Any]) -> FlagshipConfiguration:
        """The recommended settings with some replaced.

        Raises:
          ConfigurationError: for a name that does not exist or a value out of bounds.
        """
        try:
            return self.configuration(**settings)
        except ValidationError as error:
            first = error.errors()[0]
            setting = ".".join(str(part) for part in first["loc"])
            known = ", ".join(self.configuration.model_fields)
            raise ConfigurationError(f"{self.name}, setting {setting}: {first['msg']}; settings are {known}.") from None


def _build_flagship(configuration: FlagshipConfiguration, train: Ratings) -> Flagship:
    space = FeatureSpace.fit(
        train,
        viewer_features=[name for name in configuration.query_inputs if name not in IDENTIFIERS],
        title_features=[name for name in configuration.candidate_inputs if name not in IDENTIFIERS],
        shrinkage=configuration.mean_shrinkage,
    )
    return Flagship(configuration, space, train)


ZOO: Mapping[str, ZooEntry] = MappingProxyType(
    {
        "flagship": ZooEntry(
            "flagship",
            "Retrieval and rating in one model that reads the viewer's history, the moment and side features.",
            FlagshipConfiguration,
            _build_flagship,
        )
    }
)


def find_model(name: str) -> ZooEntry:
    """The zoo's entry of this name.

    Raises:
      ConfigurationError: if there is none; the message lists those there are.
    """
    if name not in ZOO:
        raise ConfigurationError(f"there is no model {name!r}; there are: {', '.join(ZOO)}.")
    return ZOO[name]
