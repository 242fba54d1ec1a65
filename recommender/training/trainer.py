"""Trains a model of the zoo on the train part of a split, and stops it by the validation part."""

import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import pandas as pd
import tensorflow as tf
import tf_keras as keras

from recommender.data.catalogue_limits import MOST_TITLES_SCORED
from recommender.data.memory import free_bytes, give_back
from recommender.data.ratings import Ratings
from recommender.data.share import Share
from recommender.data.splits import Split
from recommender.errors import ConfigurationError, TrainingError
from recommender.evaluation import Evaluation, Examiner, Means, Popularity, Scorer
from recommender.evaluation.choosing import some_viewers_of
from recommender.evaluation.metrics import rmse
from recommender.evaluation.protocols import rated_by_viewers_of
from recommender.features import training_batches
from recommender.models.configuration import ModelConfiguration, Needs, Task
from recommender.models.references import ReferenceConfiguration
from recommender.models.served import Servable, ServedModel, TrainingData
from recommender.models.zoo import DEFAULT, ZooEntry, find_model, require_ratings
from recommender.training.callbacks import CHECKPOINT, SCORE, Reporter, Reporting, Validation, WeightAverage
from recommender.training.curves import TRAIN, LearningCurves
from recommender.training.optimizers import adam_for
from recommender.training.workers import Workers

_AVERAGED_EVERY = 10  # steps, in catalogues so long that titles are sampled
_LEAST_FREE = 2 / 3  # of the memory that a training is measured to take
MakeReporter = Callable[[int, int], AbstractContextManager[Reporter]]


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
      validation: the best epoch on the validation part (see `some_viewers_of`), the train part being all that was read;
        asked at the viewers' last known moments alone.
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
    finishing: Callable[[int, int], object] = lambda step, steps: None,
    tensorboard: Path | None = None,
    checkpoints: Path | None = None,
    workers: Workers | None = None,
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
      finishing: is told when everything is chosen and what is left is done once, the last training of a model that is
        trained anew and the reading of all histories: 0 of 0 steps as that begins, then each step of how many.
      tensorboard: folder for TensorBoard's logs.
      checkpoints: folder for the weights of the best epoch so far, and at the end of the finished model; see
        `restore_model`.
      workers: the processes that train together, if there are more, of which this is the first; see `help_to_train`.

    Raises:
      ConfigurationError: for an unknown model, preset or setting, one that does not fit the data, a model that predicts
        ratings of data that have none, one in closed form for several processes, or a split without a validation part.
      TrainingError: if the loss is not a number from the first epoch on, or another process has ended.
    """
    started = time.perf_counter()
    training = _Training.prepared(name, split, seed, preset, settings or {}, workers or Workers.alone())
    model, training_part = training.build(), split.training_part
    finished, n_trained = model, n_parameters(model)
    curves, best_epoch, epochs_run = LearningCurves().frame(), 0, 0
    if isinstance(model, keras.Model):
        fitted = training.fit(model, _Watching(make_reporter, tensorboard, checkpoints))
        model, served, evaluated = fitted.model, fitted.served, fitted.evaluated
        curves, best_epoch, epochs_run = fitted.curves, fitted.best_epoch, fitted.epochs_run
        finished = model
        del fitted
        if isinstance(model, Finishing):
            _let_go_of_optimizer(model)
            training = replace(
                training, configuration=model.choose_weights(split.train, split.validation, training.read)
            )
            served.refresh(split.train, training.read)
            evaluated = training.examiner.evaluate_own_last(served.scorer)
            finishing(0, 0)
            # Of a long catalogue there is no room for two models: the first, which holds itself, goes before the last
            # one learns.
            successor = model.successor(training_part)
            finished = model = successor
            del served
            give_back()
            training.finish(successor, finishing)
            served = ServedModel(finished, training_part, rates=Task.RATING in training.entry.tasks)
            if checkpoints is not None and isinstance(finished, keras.Model):  # over the best epoch
                finished.save_weights(str(checkpoints / CHECKPOINT))
        else:
            finishing(0, 0)
            served.refresh(training_part)
    else:  # solved in closed form when it is baked
        served = training.served(model)
        evaluated = training.examiner.evaluate_own_last(served.scorer)
        finishing(0, 0)
        served.refresh(training_part)
    best_losses = curves[(curves["phase"] == TRAIN) & (curves["epoch"] == best_epoch)]
    return TrainedModel(
        entry=training.entry,
        preset=preset,
        configuration=training.configuration,
        model=finished,
        served=served,
        scorer=served.scorer,
        user_ids=tuple(finished.space.users_of_viewers(split.train)),
        training_part=training_part,
        curves=curves,
        epochs_run=epochs_run,
        best_epoch=best_epoch,
        seconds=time.perf_counter() - started,
        train_metrics=dict(zip(best_losses["metric"], best_losses["value"], strict=True)),
        validation=evaluated,
        n_parameters=n_trained,
    )


def help_to_train(
    name: str,
    split: Split,
    workers: Workers,
    *,
    seed: int,
    preset: str = DEFAULT,
    settings: Mapping[str, Any] | None = None,
) -> None:
    """What `train_model` does in the first of several processes, for as long as the others have a part in it.

    Args:
      name: a model of the zoo.
      split: the parts, the same in each process.
      workers: the processes, of which this is not the first.
      seed: as in `train_model`.
      preset: as there.
      settings: as there.

    Raises:
      ConfigurationError, TrainingError: as `train_model` does.
    """
    training = _Training.prepared(name, split, seed, preset, settings or {}, workers)
    model = training.build()
    assert isinstance(model, keras.Model)  # `prepared` refuses the others
    training.fit(model, _Watching())


class _Watching(NamedTuple):
    """Who is told how a training goes; see `train_model`."""

    make_reporter: MakeReporter | None = None
    tensorboard: Path | None = None
    checkpoints: Path | None = None


@dataclass(frozen=True)
class _Fitted:
    """What fitting leaves behind: a model with the best epoch's weights, and how it went; see `TrainedModel`.

    Attributes:
      evaluated: the best epoch on validation.
    """

    model: Servable
    served: ServedModel
    evaluated: Evaluation
    curves: pd.DataFrame
    best_epoch: int
    epochs_run: int


@dataclass(frozen=True)
class _Training:
    """A training that may begin: what is trained, on what, and by whom; see `train_model`."""

    entry: ZooEntry
    configuration: ModelConfiguration
    split: Split
    seed: int
    workers: Workers
    read: Ratings  # of the train part, what viewers rated who are examined while the model learns
    examiner: Examiner  # of these viewers

    @classmethod
    def prepared(
        cls, name: str, split: Split, seed: int, preset: str, settings: Mapping[str, Any], workers: Workers
    ) -> "_Training":
        """Checks what is asked for, and chooses what the settings leave open."""
        entry = find_model(name)
        if not len(split.validation):
            raise ConfigurationError(
                f"the split {split.name!r} leaves nothing for validation, which stops the training; give more "
                "interactions or a larger validation part, or choose another split."
            )
        require_ratings(entry, split.train)
        configuration = entry.configure(settings, preset).fitted_to(split.train)
        if workers.share.count > 1 and isinstance(configuration, ReferenceConfiguration):
            raise ConfigurationError(
                f"{name} is solved in closed form, which one process does; train it without --distributed."
            )
        require_memory(configuration.needs(split.train), free_bytes())
        configuration = configuration.chosen_on(split.train, split.validation)
        examiner = Examiner(split.train, some_viewers_of(split.validation))
        return cls(entry, configuration, split, seed, workers, read_when_examined(split), examiner)

    def build(self) -> Servable:
        """The untrained model; each process has chance of its own, and the first's initial values."""
        keras.utils.set_random_seed(self.seed + self.workers.share.index)
        with self.workers.strategy.scope():
            return self.entry.build(self.configuration, self.split.train)

    def served(self, model: Servable) -> ServedModel:
        """The model as it is asked, which has read the train part."""
        return ServedModel(model, self.split.train, rates=Task.RATING in self.entry.tasks, read=self.read)

    def fit(self, model: keras.Model, watching: _Watching) -> _Fitted:
        """Fits the weights, in each process of all; what is left in the first is a model of its own."""
        entry, configuration, split, workers = self.entry, self.configuration, self.split, self.workers
        validation_part = some_viewers_of(split.validation)
        curves, evaluations = LearningCurves(), list[Evaluation]()
        with workers.together():
            data = _training_data(model, configuration, split, self.seed, workers.share)
            served = self.served(model)
            scorer = served.scorer
            with workers.strategy.scope():
                model.compile(
                    optimizer=workers.averaging(_optimizer(configuration, data.steps, len(split.train.items)))
                )
                model.optimizer.build(model.trainable_variables)  # else the first step makes its slots: traced twice
            model.distribute_reduction_method = "first"  # losses are told of each process's own share, not added up
            simple = _SimpleFigures.measured(self.examiner, split.train, validation_part)
            of_validation, n_batches = workers.batches(data.validation), sum(1 for _ in data.validation)

            def summarise(logs: Mapping[str, float]) -> dict[str, float]:
                return _training_figures(logs, entry.tasks, configuration)

            def examine() -> dict[str, float]:
                served.refresh(split.train, self.read)
                evaluations.append(self.examiner.evaluate_own_last(scorer))
                figures = _validation_figures(evaluations[-1], entry.tasks, configuration, simple)
                figures[SCORE] = workers.first_says(figures[SCORE])
                if not n_batches:  # a model that knows viewers by what they rated may know nobody there
                    return figures
                losses = model.evaluate(of_validation, steps=n_batches, verbose=0, return_dict=True)
                return {**summarise(losses), **figures}

            average = _average(configuration, model.space.n_titles)
            validation = Validation(examine, summarise, average, configuration.patience, curves, watching.checkpoints)
            callbacks: list[keras.callbacks.Callback] = [average, validation]
            if configuration.plateau_patience:
                callbacks.append(_halving(configuration.plateau_patience))
            if watching.tensorboard is not None:
                callbacks.append(keras.callbacks.TensorBoard(str(watching.tensorboard), profile_batch=0))
            make_reporter = watching.make_reporter
            with make_reporter(configuration.epochs, data.steps) if make_reporter else nullcontext() as reporter:
                if reporter is not None:
                    callbacks.append(Reporting(reporter))
                model.fit(
                    workers.batches(data.batches),
                    epochs=configuration.epochs,
                    steps_per_epoch=data.steps,
                    callbacks=callbacks,
                    verbose=0,
                )
            if not evaluations:
                raise TrainingError(
                    f"{entry.name}: the loss is not a number; lower the learning rate or the weights of the losses."
                )
            if workers.share.count > 1:
                model = self._on_its_own(model)
                served = self.served(model)
        return _Fitted(
            model,
            served,
            evaluations[validation.best_epoch - 1],
            curves.frame(),
            validation.best_epoch,
            validation.epochs_run,
        )

    def _on_its_own(self, model: keras.Model) -> Servable:
        """The same model without the others, for what is left to do; each process takes part in saving it."""
        with tempfile.TemporaryDirectory() as folder:
            model.save_weights(str(Path(folder) / CHECKPOINT))
            if not self.workers.is_first:
                return model
            alone = self.entry.build(self.configuration, self.split.train)
            alone = _with_weights(alone, self.entry.name, Path(folder))
        if isinstance(alone, Finishing):
            alone.go_on_from(model)
        return alone

    def finish(self, model: "Finishing", tell: Callable[[int, int], object]) -> None:
        """Trains a successor for as many steps as it asks for: there is nothing left to stop it by.

        Of several processes the first does it, alone.
        """
        configuration, n_titles = self.configuration, len(self.split.training_part.items)
        batches, steps = model.last_batches(self.seed)
        if not isinstance(model, keras.Model) or not configuration.retrieval_weight:
            return
        average = _average(configuration, n_titles)
        model.compile(optimizer=_optimizer(configuration, -(-steps // configuration.epochs), n_titles))
        model.optimizer.build(model.trainable_variables)
        telling = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: tell(batch + 1, steps))
        model.fit(batches, steps_per_epoch=steps, callbacks=[average, telling], verbose=0)
        average.swap()
        _let_go_of_optimizer(model)


def read_when_examined(split: Split) -> Ratings:
    """The train part, or where some viewers alone are examined, what they rated in it: nobody asks for the others."""
    asked = some_viewers_of(split.validation)
    if asked is split.validation:
        return split.train
    return rated_by_viewers_of(asked, split.train)


def require_memory(needs: Needs | None, free: int | None) -> None:
    """Refuses a training that memory is far too small for, before it takes hours to find out.

    Args:
      needs: what it is measured to take.
      free: bytes that are; None where nobody knows.

    Raises:
      ConfigurationError: if less than two thirds of it are free: the measure is a rough one.
    """
    if needs is not None and free is not None and free < needs.memory * _LEAST_FREE:
        raise ConfigurationError(
            f"this training takes about {needs.memory / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free; leave "
            "rare titles out (--min-ratings), give fewer ratings, or end other programs."
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
    return _with_weights(model, name, checkpoints)


def _with_weights(model: Servable, name: str, checkpoints: Path) -> Servable:
    """The model, into which the weights that a training left in a folder are read; errors as of `restore_model`."""
    if not isinstance(model, keras.Model):
        raise TrainingError(f"{name} is solved in closed form and has no weights to load; train it again.")
    try:
        status = model.load_weights(str(checkpoints / CHECKPOINT))
        status.assert_existing_objects_matched().expect_partial()  # the optimiser's own numbers are left there
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


def _let_go_of_optimizer(model: object) -> None:
    """Of a model that is trained no more: Adam's moments are twice as large as the weights."""
    if isinstance(model, keras.Model):
        model.optimizer = None


def _average(configuration: ModelConfiguration, n_titles: int) -> WeightAverage:
    return WeightAverage(configuration.average_momentum, 1 if n_titles <= MOST_TITLES_SCORED else _AVERAGED_EVERY)


def _optimizer(configuration: ModelConfiguration, steps: int, n_titles: int) -> keras.optimizers.Optimizer:
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
    return {"adam": adam_for(n_titles), "adagrad": keras.optimizers.Adagrad}[configuration.optimizer](rate)


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

    def training_data(self, validation: Ratings, seed: int, share: Share) -> TrainingData:
        """What it learns from, in this share of all steps, and what its losses on validation are seen on."""


@runtime_checkable
class Finishing(Servable, Protocol):
    """A model that has something left to do when it has been trained."""

    def choose_weights(self, train: Ratings, validation: Ratings, read: Ratings) -> ModelConfiguration:
        """Chooses on validation what can be chosen now alone; gives the configuration with it."""

    def successor(self, training_part: Ratings) -> "Finishing":
        """The model to be finished, made for all that it may read, validation included; it holds nothing of this."""

    def last_batches(self, seed: int) -> tuple[tf.data.Dataset, int]:
        """Of a successor: what it learns from before it is finished, and how many batches."""

    def go_on_from(self, other: Any) -> None:
        """Takes over what another model of the same weights had drawn when it was trained."""


def _training_data(
    model: Servable, configuration: ModelConfiguration, split: Split, seed: int, share: Share
) -> TrainingData:
    if isinstance(model, AsksItsOwn):
        return model.training_data(split.validation, seed, share)

    def batches_of(part: Ratings, batch_size: int) -> tf.data.Dataset:
        return training_batches(
            part,
            model.space,
            batch_size=batch_size,
            viewer_weight_exponent=configuration.viewer_weight_exponent,
            seed=seed,
        )

    size = configuration.batch_size
    steps = math.ceil(len(split.train) / size)
    batches = batches_of(share.part_of(split.train), share.size_of(size)).repeat()
    return TrainingData(batches, steps, batches_of(split.validation, size))


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
    def measured(cls, examiner: Examiner, train: Ratings, validation: Ratings) -> "_SimpleFigures":
        popularity = examiner.evaluate_own_last(Popularity(train))
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
