"""What a run is asked to do, and the command that does it."""

import json
import re
import sys
from collections.abc import Collection
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from recommender.data import ColumnMapping, FeatureColumn, RatingScale
from recommender.data.own_table.mapping import parse_features
from recommender.errors import ConfigurationError

COMMITTED = frozenset({"flagship", "multitask", "matrix-factorization"})  # what the repository brings; see .gitignore
MOST_LETTERS = 40
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{MOST_LETTERS - 1}}}")


class RunRequest(BaseModel):
    """A training, wholly described.

    Attributes:
      name: of the bundle to write.
      model: of the zoo.
      preset: the set of settings it starts from.
      data: a data set's name, or where it lies.
      data_label: what people call it.
      columns: which column holds what, of a table.
      settings: settings to replace, by name.
      split: how the data are cut.
      seed: of the split and of the training.
      index: what short lists are found with.
      replace: whether a bundle of this name may be replaced.
      store: the folder its bundle goes to; the queue that it is added to says which.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    model: str
    preset: str = "default"
    data: str = "ml-100k"
    data_label: str = "MovieLens 100K"
    columns: ColumnMapping | None = None
    settings: dict[str, int | float | str | bool] = Field(default_factory=dict)
    split: str = "random"
    seed: int = 42
    index: str = "exact"
    replace: bool = False
    store: str = ""


def check_name(name: str, *, bundles: Collection[str], waiting: Collection[str], kept: Collection[str]) -> None:
    """Whether a bundle may be called so.

    Args:
      name: the name.
      bundles: names of bundles that are there and may not be replaced.
      waiting: names that runs will write.
      kept: names that are never replaced.

    Raises:
      ConfigurationError: if not, with the reason.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"a bundle cannot be called {name!r}; take up to {MOST_LETTERS} letters, digits, - and _, the first a "
            "letter or digit."
        )
    folded = name.casefold()  # some file systems do not tell A from a
    if folded in {other.casefold() for other in kept}:
        raise ConfigurationError(f"the bundle {name} stays as it is; choose another name.")
    if folded in {other.casefold() for other in waiting}:
        raise ConfigurationError(f"a training that is not finished will be called {name}; choose another name.")
    if folded in {other.casefold() for other in bundles}:
        raise ConfigurationError(f"there is a bundle called {name}; choose another name, or say that it is replaced.")


def propose_name(model: str, taken: Collection[str]) -> str:
    """The model's name, or with the first number that is free."""
    folded = {name.casefold() for name in taken}
    number, name = 1, model
    while name.casefold() in folded:
        number += 1
        name = f"{model}-{number}"
    return name


def train_command(request: RunRequest, out: Path, progress: Path) -> list[str]:
    """The command line of a training.

    Args:
      request: what to train.
      out: the bundle's folder.
      progress: where it notes how far it is.

    Raises:
      ConfigurationError: if a feature cannot be written as the command line reads it.
    """
    options: dict[str, str] = {
        "data": request.data,
        "preset": request.preset,
        "split": request.split,
        "seed": str(request.seed),
        "index": request.index,
        "out": str(out),
        "progress": str(progress),
        **({} if request.columns is None else _column_options(request.columns)),
    }
    settings = [f"--set={name}={json.dumps(value)}" for name, value in request.settings.items()]
    # With "=", so that no value can be taken for an option.
    named = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "recommender", "train", *named, *settings, "--", request.model]


def _column_options(columns: ColumnMapping) -> dict[str, str]:
    options = {"user": columns.user, "item": columns.item, "rating": columns.rating}
    if columns.timestamp is not None:
        options["timestamp"] = columns.timestamp
    if columns.title is not None:
        options["title"] = columns.title
    if columns.features:
        options["features"] = _features_option(columns.features)
    if columns.scale is not None:
        options["scale"] = scale_text(columns.scale)
    return options


def _features_option(features: tuple[FeatureColumn, ...]) -> str:
    for feature in features:
        if not _is_read_back(feature):
            raise ConfigurationError(
                f"the column {feature.column!r} cannot be a feature under this name; rename it, without colon and "
                "comma."
            )
    return ",".join(map(_feature_option, features))


def _is_read_back(feature: FeatureColumn) -> bool:
    try:
        (found,) = parse_features(_feature_option(feature))
    except (ConfigurationError, ValueError):
        return False
    separators = {found.separator, feature.separator} if feature.kind == "multi" else {""}
    return (found.column, found.kind, len(separators)) == (feature.column, feature.kind, 1)


def _feature_option(feature: FeatureColumn) -> str:
    return f"{feature.column}:{feature.kind}{feature.separator if feature.kind == 'multi' else ''}"


def scale_text(scale: RatingScale) -> str:
    """A rating scale as `parse_scale` reads it."""
    return f"{_decimal(scale.low)}-{_decimal(scale.high)}:{_decimal(scale.step)}"


def _decimal(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
