"""What a run is to train or to replay, and the command that does it."""

import json
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from recommender.data import ColumnMapping, FeatureColumn, RatingScale
from recommender.data.own_table.mapping import parse_features
from recommender.errors import ConfigurationError


class RunRequest(BaseModel):
    """All that a training, or the replay of a bundle, needs to be started.

    Attributes:
      name: the name of the bundle to write; of a replay, the bundle that is replayed.
      model: the name of a model of the zoo.
      preset: the name of the settings to start from.
      data: the name of a data set, or the path of a file or folder.
      data_label: what people call the data set.
      columns: which column holds what, if the data are a table.
      settings: setting -> value, in place of the preset's.
      split: the name of a split.
      seed: the seed of the split and of the training.
      index: the kind of index that finds short lists.
      replace: whether a bundle of this name may be replaced.
      store: the folder that the bundle is written into; set by the queue that the run is added to.
      every: the length of a step, as 1y, of a replay; "" for a training.
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
    index: str = "auto"
    replace: bool = False
    store: str = ""
    every: str = ""

    @property
    def is_replay(self) -> bool:
        """Whether a bundle is replayed, not trained."""
        return bool(self.every)


def run_command(request: RunRequest, bundle: Path, progress: Path) -> list[str]:
    """The command line of a run; see `train_command` and `replay_command`."""
    return (replay_command if request.is_replay else train_command)(request, bundle, progress)


def replay_command(request: RunRequest, bundle: Path, progress: Path) -> list[str]:
    """The command line of a replay.

    Args:
      request: what to replay; with `replace`, in the place of what another replay has found.
      bundle: its bundle.
      progress: the file to note progress in.
    """
    options = [f"--every={request.every}", f"--progress={progress}", *["--replace"] * request.replace]
    return [sys.executable, "-m", "recommender", "replay", *options, "--", str(bundle)]


def train_command(request: RunRequest, out: Path, progress: Path) -> list[str]:
    """The command line of a training.

    Args:
      request: what to train.
      out: the bundle's folder.
      progress: the file to note progress in.

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
    flags = [] if request.columns is None else _column_flags(request.columns)
    settings = [f"--set={name}={json.dumps(value)}" for name, value in request.settings.items()]
    # With "=", so that no value can be taken for an option.
    named = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "recommender", "train", *named, *flags, *settings, "--", request.model]


def _column_options(columns: ColumnMapping) -> dict[str, str]:
    options = {"user": columns.user, "item": columns.item}
    if columns.rating is not None:
        options["rating"] = columns.rating
    if columns.timestamp is not None:
        options["timestamp"] = columns.timestamp
    if columns.title is not None:
        options["title"] = columns.title
    if columns.poster is not None:
        options["poster"] = columns.poster
    if columns.features:
        options["features"] = _features_option(columns.features)
    if columns.scale is not None:
        options["scale"] = scale_text(columns.scale)
    if columns.repeats is not None:
        options["repeats"] = columns.repeats
    if columns.items is not None:
        options["items"] = columns.items
    if columns.items_id is not None:
        options["items-id"] = columns.items_id
    return options | columns.form.model_dump(exclude_none=True, exclude={"header"})


def _column_flags(columns: ColumnMapping) -> list[str]:
    flags = [f"--missing={value:g}" for value in columns.missing]
    if columns.day_first is not None:
        flags.append("--day-first" if columns.day_first else "--month-first")
    if columns.form.header is not None:
        flags.append("--header" if columns.form.header else "--no-header")
    return flags


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
