"""Trains a model of the zoo on the training part of a split, and stops it by the validation part."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
import tf_keras as keras

from recommender.data.ratings import Ratings
from recommender.data.splits import Split
from recommender.errors import RecommenderError
from recommender.evaluation import Evaluation, evaluate
from recommender.features import training_batches
from recommender.models.configuration import FlagshipConfiguration
from recommender.models.served import LiveScorer, ServedModel
from recommender.models.zoo import find_model
from recommender.training.callbacks import SCORE, Reporter, Reporting, Validation, WeightAverage
from recommender.training.history import LearningCurves

MakeReporter = Callable[[int, int], AbstractContextManager[Reporter]]


class TrainingError(RecommenderError):
    """Training came to nothing: the loss is not a number."""


@dataclass(frozen=True)
class TrainedModel:
    """What a training leaves behind.

    Attributes:
      name: the model's name in the zoo.
      configuration: its settings.
      served: the model with the best epoch's weights, reading histories of train and validation.
      scorer: the same, for evaluation.
      user_ids: users behind the model's viewer rows, from row 1 on.
      known: train and validation: what the model was given to know.
      curves: see `LearningCurves.frame`.
      epochs_run: epochs until training stopped.
      best_epoch: the epoch whose weights were kept, from 1.
      seconds: from building the model to the end of training, validation included.
      train_metrics: losses and figures of the best epoch, on what it learned from.
      validation: the best epoch on the validation part, with only the training part known.
      n_parameters: trained numbers.
    """

    name: str
    configuration: FlagshipConfiguration
    served: ServedModel
    scorer: LiveScorer
    user_ids: tuple[str, ...]
    known: Ratings
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
    settings: Mapping[str, Any] | None = None,
    make_reporter: MakeReporter | None = None,
    tensorboard: Path | None = None,
) -> TrainedModel:
    """Trains a model. The test part is not looked at.

    Args:
      name: a model of the zoo.
      split: the parts; validation chooses the epoch, and joins the histories that the finished model reads.
      seed: of initial values, order and masks; the same seed on the same machine gives the same model.
      settings: settings to replace, by name.
      make_reporter: makes, from the number of epochs and of steps an epoch, who is told how it goes.
      tensorboard: folder for TensorBoard's logs.

    Raises:
      ConfigurationError: for an unknown model or setting.
      TrainingError: if the loss is not a number from the first epoch on.
    """
    entry = find_model(name)
    configuration = entry.configure(settings or {})
    keras.utils.set_random_seed(seed)
    started = time.perf_counter()
    model = entry.build(configuration, split.train)
    steps = math.ceil(len(split.train) / configuration.batch_size)
    warmup = min(configuration.warmup_steps, configuration.epochs * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0,
        max(configuration.epochs * steps - warmup, 1),
        warmup_target=configuration.learning_rate,
        warmup_steps=warmup,
    )
    model.compile(optimizer=keras.optimizers.Adam(schedule))
    served = ServedModel(model, split.train, configuration.embedding_size)
    scorer = LiveScorer(served, model.space)
    curves = LearningCurves()
    evaluations: list[Evaluation] = []

    def batches_of(part: Ratings) -> tf.data.Dataset:
        return training_batches(
            part,
            model.space,
            batch_size=configuration.batch_size,
            viewer_weight_exponent=configuration.viewer_weight_exponent,
            seed=seed,
        )

    def summarise(logs: Mapping[str, float]) -> dict[str, float]:
        """Losses and figures of an epoch, all of them means over it; Keras's own losses are those of the last batch."""
        retrieval, rating = logs["retrieval_loss"], logs["rating_loss"]
        total = configuration.retrieval_weight * retrieval + configuration.rating_weight * rating
        top = {name: value for name, value in logs.items() if name.startswith("top_")}
        losses = {"total_loss": total, "retrieval_loss": retrieval, "rating_loss": rating}
        return {**losses, **top, "rmse": math.sqrt(rating)}

    def examine() -> dict[str, float]:
        served.refresh(split.train)
        evaluations.append(evaluate(scorer, split.train, split.validation))
        losses = model.evaluate(batches_of(split.validation), verbose=0, return_dict=True)
        return {**summarise(losses), **_validation_figures(evaluations[-1])}

    average = WeightAverage(configuration.average_momentum)
    validation = Validation(examine, summarise, average, configuration.patience, curves)
    callbacks: list[keras.callbacks.Callback] = [average, validation]
    if tensorboard is not None:
        callbacks.append(keras.callbacks.TensorBoard(str(tensorboard), profile_batch=0))
    with make_reporter(configuration.epochs, steps) if make_reporter else nullcontext() as reporter:
        if reporter is not None:
            callbacks.append(Reporting(reporter))
        model.fit(batches_of(split.train), epochs=configuration.epochs, callbacks=callbacks, verbose=0)
    if not evaluations:
        raise TrainingError(f"{name}: the loss is not a number; lower the learning rate or the weights of the losses.")
    known = split.train.with_more(split.validation)
    served.refresh(known)
    frame = curves.frame()
    best_losses = frame[(frame["phase"] == "train") & (frame["epoch"] == validation.best_epoch)]
    return TrainedModel(
        name=name,
        configuration=configuration,
        served=served,
        scorer=scorer,
        user_ids=tuple(model.space.users_of_viewers(split.train)),
        known=known,
        curves=frame,
        epochs_run=validation.epochs_run,
        best_epoch=validation.best_epoch,
        seconds=time.perf_counter() - started,
        train_metrics=dict(zip(best_losses["metric"], best_losses["value"], strict=True)),
        validation=evaluations[validation.best_epoch - 1],
        n_parameters=int(sum(np.prod(weight.shape) for weight in model.trainable_variables)),
    )


def _validation_figures(evaluation: Evaluation) -> dict[str, float]:
    """The figures that learning curves show, and the score by which the best epoch is chosen.

    The score adds the head of the list (NDCG@10) to its body (the largest cutoff of unseen titles) and takes the rating
    error off, unweighted; of the three the body moves most from one epoch to the next.
    """
    figures = {f"top_{k}_unseen": share for k, share in evaluation.top_k_unseen.items() if k in ("10", "100")}
    figures["ndcg_at_10"] = evaluation.ndcg_at_10
    body = list(evaluation.top_k_unseen.values())[-1]
    score = evaluation.ndcg_at_10 + body
    if evaluation.rmse is not None:
        figures["rmse"] = evaluation.rmse
        score -= evaluation.rmse
    return {**figures, SCORE: score}
