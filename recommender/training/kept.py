"""Trainings that are kept until their bundle is written, so that a full disk costs no training.

What is kept for a bundle lies hidden in the cache, or where that cannot be written beside the bundle: the weights, as
`restore_model` reads them, and beside them what cannot be worked out again. Of each destination the latest is kept.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import Any

import pandas as pd
import tensorflow as tf
import tf_keras as keras
from pydantic import BaseModel, ConfigDict, ValidationError

from recommender.data.atomic import atomic_folder
from recommender.data.fetching.cache import cache_folder
from recommender.data.ratings import Ratings
from recommender.data.splits import Split
from recommender.errors import TrainingError
from recommender.evaluation import Evaluation
from recommender.models.configuration import Task
from recommender.models.served import ServedModel
from recommender.models.zoo import find_model
from recommender.training.callbacks import CHECKPOINT
from recommender.training.trainer import TrainedModel, n_parameters, restore_model

_FACTS = "training.json"
_IN_CACHE = "trainings"
_MOST_KEPT = 5  # in the cache, of all destinations
_SAID = {
    "model": "the model",
    "preset": "the preset",
    "settings": "the settings",
    "seed": "the seed",
    "data": "the data",
    "split": "the split",
}


class Asked(BaseModel):
    """What a training was asked for; only the same can be gone on with.

    Attributes:
      model: a model of the zoo.
      preset: its set of settings.
      settings: those that were replaced.
      seed: of split and training.
      data: checksum of the data set.
      split: its name, and a checksum of which interaction is in which part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    preset: str
    settings: dict[str, Any]
    seed: int
    data: str
    split: str

    @classmethod
    def of_command(
        cls, model: str, ratings: Ratings, split: Split, *, preset: str, settings: Mapping[str, Any], seed: int
    ) -> "Asked":
        """What is asked for now."""
        parts = hashlib.sha256()
        for part in (split.train, split.validation, split.test):
            for column in (part.user_rows, part.item_rows, part.timestamps):
                parts.update(column.tobytes())
        said = f"{split.name} {parts.hexdigest()}"
        return cls(model=model, preset=preset, settings=dict(settings), seed=seed, data=ratings.checksum, split=said)

    def differences(self, other: "Asked") -> list[str]:
        """What is another thing in another training, in words."""
        return [said for name, said in _SAID.items() if getattr(self, name) != getattr(other, name)]


class _Facts(BaseModel):
    """What of a training is neither asked for nor in its weights; see `TrainedModel`."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    asked: Asked
    configuration: dict[str, Any]
    curves: list[dict[Any, Any]]
    epochs_run: int
    best_epoch: int
    seconds: float
    train_metrics: dict[str, float]
    validation: dict[str, Any]


def keep(trained: TrainedModel, asked: Asked, bundle: Path) -> Path | None:
    """Keeps a training until its bundle is written.

    Args:
      trained: the model.
      asked: what it was asked for.
      bundle: where its bundle will be.

    Returns:
      Where it is kept; None if it has no weights to keep, as it is solved in closed form, or no disk has room for them.
    """
    if not isinstance(trained.model, keras.Model):
        return None
    facts = _Facts(
        asked=asked,
        configuration=trained.configuration.model_dump(mode="json"),
        curves=trained.curves.to_dict("records"),
        epochs_run=trained.epochs_run,
        best_epoch=trained.best_epoch,
        seconds=trained.seconds,
        train_metrics=trained.train_metrics,
        validation=trained.validation.to_dict(),
    )
    drop(bundle)
    for place in _places(bundle):
        with suppress(OSError, tf.errors.OpError), atomic_folder(place) as folder:
            trained.model.save_weights(str(folder / CHECKPOINT))
            (folder / _FACTS).write_text(facts.model_dump_json(), encoding="utf-8")
        if (place / _FACTS).is_file():
            _drop_oldest(place)
            return place
    return None


def find(bundle: Path) -> Path:
    """Where the training of a bundle is kept.

    Raises:
      TrainingError: if none is.
    """
    for place in _places(bundle):
        if (place / _FACTS).is_file():
            return place
    raise TrainingError(f"{bundle}: no training of it is kept that could be gone on with; train without --resume.")


def resume(place: Path, asked: Asked, split: Split) -> TrainedModel:
    """The training that is kept in a place, as `train_model` gave it.

    Args:
      place: by `find`.
      asked: what is asked for now, which must be what was asked for then.
      split: the parts of the data.

    Raises:
      TrainingError: if another training is kept there, or what is there cannot be read.
    """
    try:
        facts = _Facts.model_validate_json((place / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise TrainingError(
            f"{place}: what is kept of a training cannot be read ({str(error).splitlines()[0]}); train without "
            "--resume."
        ) from error
    other = asked.differences(facts.asked)
    if other:
        raise TrainingError(
            f"{place}: the training that is kept there is another one, as {' and '.join(other)} differ; give the "
            "command as it was given then, or train without --resume."
        )
    entry = find_model(asked.model)
    configuration = entry.configuration.model_validate(facts.configuration)
    model = restore_model(asked.model, split, configuration, place)
    served = ServedModel(model, split.training_part, rates=Task.RATING in entry.tasks)
    return TrainedModel(
        entry=entry,
        preset=asked.preset,
        configuration=configuration,
        model=model,
        served=served,
        scorer=served.scorer,
        user_ids=tuple(model.space.users_of_viewers(split.train)),
        training_part=split.training_part,
        curves=pd.DataFrame(facts.curves),
        epochs_run=facts.epochs_run,
        best_epoch=facts.best_epoch,
        seconds=facts.seconds,
        train_metrics=facts.train_metrics,
        validation=Evaluation(**facts.validation),
        n_parameters=n_parameters(model),
    )


def drop(bundle: Path) -> None:
    """Deletes what is kept for a bundle."""
    for place in _places(bundle):
        rmtree(place, ignore_errors=True)


def _places(bundle: Path) -> Iterator[Path]:
    """Where the training of a bundle may be kept, the best first."""
    digest = hashlib.sha256(str(bundle.resolve()).encode()).hexdigest()[:16]
    yield cache_folder() / _IN_CACHE / f"{bundle.name}-{digest}"
    yield bundle.with_name(f".{bundle.name}.training")


def _drop_oldest(place: Path) -> None:
    """Deletes the trainings of other bundles that were kept longest ago, if there are many beside this one."""
    if place.parent.name == _IN_CACHE:
        kept = sorted(place.parent.glob(f"[!.]*/{_FACTS}"), key=lambda file: file.stat().st_mtime)
        for file in kept[:-_MOST_KEPT]:
            rmtree(file.parent, ignore_errors=True)
