"""The zoo as a form shows it: models, presets, and the main settings with bounds. Reading it imports TensorFlow."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import annotated_types
from pydantic.fields import FieldInfo

from recommender.bundle.indexes import AUTO, EXACT, KINDS
from recommender.data import Ratings
from recommender.errors import ConfigurationError


@dataclass(frozen=True)
class Setting:
    """A number that can be set.

    Attributes:
      name: as the model calls it.
      label: as people do.
      help: what it does, in the model's own words.
      whole: whether it is a whole number.
      low: the least.
      high: the greatest that is sensible.
      default: what it is unless it is set.
    """

    name: str
    label: str
    help: str
    whole: bool
    low: float
    high: float
    default: float


@dataclass(frozen=True)
class ModelChoice:
    """A model that can be trained.

    Attributes:
      name: in the zoo.
      description: one sentence.
      presets: names of its sets of settings.
      in_closed_form: whether it is solved rather than trained, so that there are no epochs.
    """

    name: str
    description: str
    presets: tuple[str, ...]
    in_closed_form: bool


# name -> label, sensible bounds; in this order in the form
_SHOWN: Mapping[str, tuple[str, float, float]] = {
    "epochs": ("Epochs, at most", 1, 200),
    "patience": ("Patience, epochs", 1, 50),
    "embedding_size": ("Embedding size", 2, 512),
    "n_factors": ("Factors", 2, 512),
    "learning_rate": ("Learning rate", 1e-5, 1.0),
    "batch_size": ("Batch size", 16, 65_536),
    "retrieval_weight": ("Weight of retrieval", 0.0, 10.0),
    "rating_weight": ("Weight of rating", 0.0, 10.0),
    "ease_l2": ("Penalty", 1.0, 10_000.0),
}
_WEIGHTS = ("retrieval_weight", "rating_weight")


@lru_cache(maxsize=1)
def models() -> tuple[ModelChoice, ...]:
    """The models of the zoo, in its order."""
    from recommender.models.zoo import ZOO

    return tuple(
        ModelChoice(entry.name, entry.description, entry.presets, not _is_trained(entry)) for entry in ZOO.values()
    )


@lru_cache(maxsize=64)
def settings_of(model: str, preset: str) -> tuple[Setting, ...]:
    """The main settings of a model, with the bounds that its configuration and good sense give.

    Raises:
      ConfigurationError: if there is no such model or preset.
    """
    from recommender.models.zoo import find_model

    entry = find_model(model)
    configuration = entry.configure({}, preset)
    own = set(type(configuration).model_fields)
    if not _is_trained(entry):
        own &= {"ease_l2"}
    if len(entry.tasks) == 1:
        own -= set(_WEIGHTS)
    found = []
    for name, (label, low, high) in _SHOWN.items():
        default = getattr(configuration, name, None)
        if name in own and default is not None:  # None: validation chooses
            field = type(configuration).model_fields[name]
            least, most = _bounds(field, low, high)
            text = " ".join((field.description or "").split())
            found.append(
                Setting(name, label, text, field.annotation is int, min(least, default), max(most, default), default)
            )
    return tuple(found)


def check_settings(model: str, preset: str, settings: Mapping[str, Any], ratings: Ratings | None) -> None:
    """Asks the model whether it can be trained so.

    Args:
      model: of the zoo.
      preset: a set of its settings.
      settings: those that are replaced.
      ratings: the data set, where it is at hand.

    Raises:
      ConfigurationError: if not; the message is the model's own.
    """
    from recommender.models.zoo import find_model, require_ratings

    entry = find_model(model)
    configuration = entry.configure(settings, preset)
    for setting in settings_of(model, preset):  # the bounds of a widget are kept by the browser alone
        value = settings.get(setting.name, setting.default)
        if not setting.low <= value <= setting.high:
            raise ConfigurationError(
                f"{setting.label}: {value:g} lies outside {setting.low:g} to {setting.high:g}; choose one inside."
            )
    if ratings is not None:
        require_ratings(entry, ratings)
        configuration.fitted_to(ratings)


def installed_indexes() -> tuple[str, ...]:
    """The kinds of index that can be built here, the usual one first; the exact one alone without a library."""
    found = [kind for kind, library in KINDS.items() if importlib.util.find_spec(library.module)]
    return (AUTO, EXACT, *found) if found else (EXACT,)


def _is_trained(entry: Any) -> bool:
    from recommender.models.references import ReferenceConfiguration

    return not issubclass(entry.configuration, ReferenceConfiguration)


def _bounds(field: FieldInfo, low: float, high: float) -> tuple[float, float]:
    """Ours, narrowed by what the configuration refuses."""
    for constraint in field.metadata:
        if isinstance(constraint, annotated_types.Ge):
            low = max(low, float(constraint.ge))  # type: ignore[arg-type]
        if isinstance(constraint, annotated_types.Le):
            high = min(high, float(constraint.le))  # type: ignore[arg-type]
    return low, high
