"""Trains a model of the zoo on the train part of a split, and stops it by the validation part."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
import tensorflow as tf
import tf_keras as keras

from recommender.data.ratings import Ratings
from recommender.data.splits import Split
from recommender.errors import ConfigurationError, RecommenderError
from recommender.evaluation import Evaluation, Means, Popularity, Scorer, evaluate_own_last
from recommender.evaluation.metrics import rmse
from recommender.features import training_batches
from recommender.models.configuration import ModelConfiguration, Task
from recommender.models.served import Servable, ServedModel, TrainingData
from recommender.models.zoo import DEFAULT, ZooEntry, find_model, require_ratings
from recommender.training.callbacks import CHECKPOINT, SCORE, Reporter, Reporting, Validation, WeightAverage
from recommender.training.curves import TRAIN, LearningCurves

MakeReporter = Callable[[int, int], AbstractContextManager[Reporter]]


class TrainingError(RecommenderError):
    """Training came to nothing: the loss is not a number."""


@dataclass(frozen=True)
class TrainedModel:
    """What a training leaves behind.

    Attributes:
      entry: the model's row in the zoo.
      preset: the set of settings it was trained with.
      configuration: the settings, fitted to the data, with what validation chose.
      model: with the best epoch's weights; of one that is trained anew at the end (see `Finishing`) those of that.
      served: the same model, reading histories of train and validation.
      scorer: the same, for evaluation.
      user_ids: users behind the model's viewer rows, from row 1 on.
      training_part: train and validation: what the finished model has read.
      curves: see `LearningCurves.frame`.
      epochs_run: epochs until training stopped.
      best_epoch: the epoch whose weights were kept, from 1.
      seconds: from choosing settings and building the model to the end of all training, validation included.
      train_metrics: losses and figures of the best epoch, on what it learned from.
      validation: the best epoch on the validation part, the train part being all that was read; asked at the viewers'
        last known moments alone.
      n_parameters: trained numbers, those that another training has left to a finished model among them.
    """

    entry: ZooEntry
    preset: str
    configuration: ModelConfiguration
    model: Servable
    served: ServedModel
    scorer: Scorer
    user_ids: tuple[str, ...]
    training_part: Ratings
    curves: pd.DataFrame
    epochs_run: int
    best_epoch: int
    seconds: float
    train_metrics: dict[str, float]
    validation: Evaluation
    n_parameters: int


def train_model(
    name: str,
    split: Split,
    *,
    seed: int,
    preset: str = DEFAULT,
    settings: Mapping[str, Any] | None = None,
    make_reporter: MakeReporter | None = None,
    tensorboard: Path | None = None,
    checkpoints: Path | None = None,
) -> TrainedModel:
    """Trains a model. The test part is not looked at.

    Args:
      name: a model of the zoo.
      split: the parts; validation chooses the epoch, or the numbers of a model in closed form, and joins the histories
        that the finished model reads.
      seed: of initial values, order and masks; the same seed on the same machine gives the same model.
      preset: a set of settings of the model.
      settings: settings to replace, by name.
      make_reporter: makes, from the numbers of epochs and of steps in each, who reports progress.
      tensorboard: folder for TensorBoard's logs.
      checkpoints: folder for the weights of the best epoch so far, and at the end of the finished model; see
        `restore_model`.

    Raises:
      ConfigurationError: for an unknown model, preset or setting, one that does not fit the data, a model that predicts
        ratings of data that have none, or a split without a validation part.
      TrainingError: if the loss is not a number from the first epoch on.
    """
    entry = find_model(name)
    if not len(split.validation):
        raise ConfigurationError(
            f"the split {split.name!r} leaves nothing for validation, which stops the training; give more "
            "interactions or a larger validation part, or choose another split."
        )
    started = time.perf_counter()
    require_ratings(entry, split.train)
    configuration = entry.configure(settings or {}, preset).fitted_to(split.train)
    configuration = configuration.chosen_on(split.train, split.validation)
    keras.utils.set_random_seed(seed)
    model = entry.build(configuration, split.train)
    data = _training_data(model, configuration, split, seed) if isinstance(model, keras.Model) else None
    finished: Servable = model
    n_trained = n_parameters(model)
    served = ServedModel(model, split.train, rates=Task.RATING in entry.tasks)
    scorer = served.scorer
    curves = LearningCurves()
    evaluations: list[Evaluation] = []
    best_epoch, epochs_run = 0, 0
    training_part = split.training_part
    if isinstance(model, keras.Model) and data is not None:
        model.compile(optimizer=_optimizer(configuration, data.steps))
        model.optimizer.build(model.trainable_variables)  # else the first step makes its slots, and is traced twice
        simple = _SimpleFigures.of(split.train, split.validation)

        def summarise(logs: Mapping[str, float]) -> dict[str, float]:
            return _training_figures(logs, entry.tasks, configuration)

        def examine() -> dict[str, float]:
            served.refresh(split.train)
            evaluations.append(evaluate_own_last(scorer, split.train, split.validation))
            losses = model.evaluate(data.validation, verbose=0, return_dict=True)
            return {**summarise(losses), **_validation_figures(evaluations[-1], entry.tasks, configuration, simple)}

        average = WeightAverage(configuration.average_momentum)
        validation = Validation(examine, summarise, average, configuration.patience, curves, checkpoints)
        callbacks: list[keras.callbacks.Callback] = [average, validation]
        if configuration.plateau_patience:
            callbacks.append(_halving(configuration.plateau_patience))
        if tensorboard is not None:
            callbacks.append(keras.callbacks.TensorBoard(str(tensorboard), profile_batch=0))
        with make_reporter(configuration.epochs, data.steps) if make_reporter else nullcontext() as reporter:
            if reporter is not None:
                callbacks.append(Reporting(reporter))
            model.fit(
                data.batches,
                epochs=configuration.epochs,
                steps_per_epoch=data.steps,
                callbacks=callbacks,
                verbose=0,
            )
        if not evaluations:
            raise TrainingError(
                f"{name}: the loss is not a number; lower the learning rate or the weights of the losses."
            )
        best_epoch, epochs_run = validation.best_epoch, validation.epochs_run
        evaluated = evaluations[best_epoch - 1]
        if isinstance(model, Finishing):
            configuration = model.choose_weights(split.train, split.validation)
            served.refresh(split.train)
            evaluated = evaluate_own_last(scorer, split.train, split.validation)
            finished = _trained_anew(model, configuration, training_part, seed)
            served = ServedModel(finished, training_part, rates=Task.RATING in entry.tasks)
            if checkpoints is not None and isinstance(finished, keras.Model):  # over the best epoch
                finished.save_weights(str(checkpoints / CHECKPOINT))
        else:
            served.refresh(training_part)
    else:  # solved in closed form when it is baked
        evaluated = evaluate_own_last(scorer, split.train, split.validation)
        served.refresh(training_part)
    frame = curves.frame()
    best_losses = frame[(frame["phase"] == TRAIN) & (frame["epoch"] == best_epoch)]
    return TrainedModel(
        entry=entry,
        preset=preset,
        configuration=configuration,
        model=finished,
        served=served,
        scorer=served.scorer,
        user_ids=tuple(finished.space.users_of_viewers(split.train)),
        training_part=training_part,
        curves=frame,
        epochs_run=epochs_run,
        best_epoch=best_epoch,
        seconds=time.perf_counter() - started,
        train_metrics=dict(zip(best_losses["metric"], best_losses["value"], strict=True)),
        validation=evaluated,
        n_parameters=n_trained,
    )


def restore_model(name: str, split: Split, configuration: ModelConfiguration, checkpoints: Path) -> Servable:
    """A model with the weights that a training left in `checkpoints`.

    Args:
      name: a model of the zoo.
      split: the parts it was trained on.
      configuration: its settings, as `TrainedModel` holds them.
      checkpoints: the folder given to `train_model`.

    Raises:
      TrainingError: if there are no weights, or those of other settings.
    """
    build = find_model(name).build
    model = build(configuration, split.train)
    if isinstance(model, Finishing):
        model = build(configuration, split.training_part)
    if not isinstance(model, keras.Model):
        raise TrainingError(f"{name} is solved in closed form and has no weights to load; train it again.")
    try:
        model.load_weights(str(checkpoints / CHECKPOINT)).assert_existing_objects_matched()
    except (AssertionError, ValueError, OSError, tf.errors.OpError) as error:
        raise TrainingError(
            f"{checkpoints}: holds no weights of {name} with these settings ({str(error).splitlines()[0]}); "
            "name the folder that `train --checkpoints` was given, and the settings of that training."
        ) from error
    return model


def n_parameters(model: Servable) -> int:
    """How many trained numbers a model has; 0 of one that is solved in closed form."""
    weights = model.trainable_variables if isinstance(model, keras.Model) else []
    return int(sum(np.prod(weight.shape) for weight in weights))


def _optimizer(configuration: ModelConfiguration, steps: int) -> keras.optimizers.Optimizer:
    total = configuration.epochs * steps
    warmup = min(configuration.warmup_steps, total)
    rate = configuration.learning_rate
    if configuration.decay:
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else rate,
            max(total - warmup, 1),
            warmup_target=rate if warmup else None,
            warmup_steps=warmup,
        )
    return {"adam": keras.optimizers.Adam, "adagrad": keras.optimizers.Adagrad}[configuration.optimizer](rate)


def _halving(patience: int) -> keras.callbacks.Callback:
    return keras.callbacks.ReduceLROnPlateau(f"val_{SCORE}", mode="max", factor=0.5, patience=patience)


def _training_figures(
    logs: Mapping[str, float], tasks: Sequence[Task], configuration: ModelConfiguration
) -> dict[str, float]:
    """Losses and figures of an epoch, all of them means over it; Keras's own losses are those of the last batch."""
    weights = {Task.RETRIEVAL: configuration.retrieval_weight, Task.RATING: configuration.rating_weight}
    losses = {f"{task}_loss": logs[f"{task}_loss"] for task in tasks}
    total = sum(weights[task] * logs[f"{task}_loss"] for task in tasks)
    top = {name: value for name, value in logs.items() if name.startswith("top_")}
    figures = {"total_loss": total, **losses, **top}
    if Task.RATING in tasks:
        figures["rmse"] = math.sqrt(logs.get("squared_error", logs["rating_loss"]))
    return figures


@runtime_checkable
class AsksItsOwn(Protocol):
    """A model that makes its own training data."""

    def training_data(self, validation: Ratings, seed: int) -> TrainingData:
        """What it learns from, and what its losses on validation are seen on."""


@runtime_checkable
class Finishing(Protocol):
    """A model that has something left to do when it has been trained."""

    def choose_weights(self, train: Ratings, validation: Ratings) -> ModelConfiguration:
        """Chooses on validation what can be chosen now alone; gives the configuration with it."""

    def anew(self, training_part: Ratings, seed: int) -> tuple[Servable, tf.data.Dataset, int]:
        """The model to be finished, of all that it may read, validation included; its batches, and how many."""


def _trained_anew(model: Finishing, configuration: ModelConfiguration, training_part: Ratings, seed: int) -> Servable:
    """The finished model: trained as before, but over all of its steps, as there is nothing left to stop it by."""
    finished, batches, steps = model.anew(training_part, seed)
    if not isinstance(finished, keras.Model) or not configuration.retrieval_weight:
        return finished
    average = WeightAverage(configuration.average_momentum)
    finished.compile(optimizer=_optimizer(configuration, -(-steps // configuration.epochs)))
    finished.optimizer.build(finished.trainable_variables)
    finished.fit(batches, steps_per_epoch=steps, callbacks=[average], verbose=0)
    average.swap()
    return finished


def _training_data(model: Servable, configuration: ModelConfiguration, split: Split, seed: int) -> TrainingData:
    if isinstance(model, AsksItsOwn):
        return model.training_data(split.validation, seed)

    def batches_of(part: Ratings) -> tf.data.Dataset:
        return training_batches(
            part,
            model.space,
            batch_size=configuration.batch_size,
            viewer_weight_exponent=configuration.viewer_weight_exponent,
            seed=seed,
        )

    steps = math.ceil(len(split.train) / configuration.batch_size)
    return TrainingData(batches_of(split.train).repeat(), steps, batches_of(split.validation))


@dataclass(frozen=True)
class _SimpleFigures:
    """What the simplest means reach on validation, by which gains are measured whatever the scale and the catalogue.

    Attributes:
      ndcg_at_10: of popularity.
      top_k: cutoff -> share, of popularity.
      rmse: of viewers' and titles' means.
    """

    ndcg_at_10: float | None
    top_k: dict[str, float | None]
    rmse: float

    @classmethod
    def of(cls, train: Ratings, validation: Ratings) -> "_SimpleFigures":
        popularity = evaluate_own_last(Popularity(train), train, validation)
        means = Means(train).rate(validation.user_rows, validation.item_rows, validation.timestamps)
        return cls(popularity.ndcg_at_10, popularity.top_k_unseen, rmse(means, validation.stars))


def _validation_figures(
    evaluation: Evaluation, tasks: Sequence[Task], configuration: ModelConfiguration, simple: _SimpleFigures
) -> dict[str, float]:
    """The figures that learning curves show, and the score by which the best epoch is chosen.

    The score adds up gains that have no unit: of the head of the list (NDCG@10) and of its body (the largest cutoff of
    unseen titles) over popularity, and of the rating error over viewers' and titles' means, so that no task outweighs
    the other on a scale of ten or in a long catalogue. What a model is not trained for, or with a weight of 0, does not
    count, and neither does what says nothing on the data.
    """
    largest = list(evaluation.top_k_unseen)[-1]
    shares = {k: share for k, share in evaluation.top_k_unseen.items() if k in ("10", largest) and share is not None}
    figures = {f"top_{k}_unseen": share for k, share in shares.items()}
    if evaluation.ndcg_at_10 is not None:
        figures["ndcg_at_10"] = evaluation.ndcg_at_10
    score = 0.0
    if Task.RETRIEVAL in tasks and configuration.retrieval_weight:
        for found, simply in (
            (evaluation.ndcg_at_10, simple.ndcg_at_10),
            (shares.get(largest), simple.top_k.get(largest)),
        ):
            score += (found or 0.0) / (simply or 1.0)
    if evaluation.rmse is not None:
        figures["rmse"] = evaluation.rmse
        score -= evaluation.rmse / max(simple.rmse, 1e-6) if configuration.rating_weight else 0.0
    return {**figures, SCORE: score}
