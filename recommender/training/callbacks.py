"""What happens around the steps of a training: averaging, validating, keeping the best, telling how it goes."""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
import tf_keras as keras

from recommender.training.curves import TRAIN, VALIDATION, LearningCurves

SCORE = "score"
CHECKPOINT = "best"  # file name of the best weights in a folder of checkpoints


class WeightAverage(keras.callbacks.Callback):
    """Validates, keeps and leaves behind an exponential average of the weights over steps.

    Early on the average follows the weights more closely, with momentum (1 + step) / (10 + step) as in TensorFlow's
    ExponentialMovingAverage, so that it is not held back by the initial values.

    Args:
      momentum: share of the old average kept at each step, later on; 0 leaves the weights as they are.
      every: steps from one move of the average to the next, which then is as far as that of so many: of long tables
        each takes longer than a step.
    """

    def __init__(self, momentum: float, every: int = 1) -> None:
        super().__init__()
        self._momentum, self._every = momentum, every
        self._steps = 0

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Forgets an earlier training."""
        self._averages: list[tf.Variable] = []
        self._steps = 0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Moves the average towards the weights."""
        if not self._momentum:
            return
        if not self._averages:
            self._averages = [tf.Variable(weight, trainable=False) for weight in self.model.trainable_variables]
            self._move = tf.function(self._move_towards)
        self._steps += 1
        if self._steps % self._every == 0:
            momentum = min(self._momentum, (1 + self._steps) / (10 + self._steps))
            self._move(tf.constant(momentum**self._every))

    def _move_towards(self, momentum: tf.Tensor) -> None:
        for average, weight in zip(self._averages, self.model.trainable_variables, strict=True):
            average.assign(momentum * average + (1 - momentum) * weight)

    def swap(self) -> None:
        """Exchanges weights and average, if there is one."""
        if not self._momentum:
            return
        for average, weight in zip(self._averages, self.model.trainable_variables, strict=True):
            value = tf.identity(weight)
            weight.assign(average)
            average.assign(value)


class Validation(keras.callbacks.Callback):
    """Examines the averaged weights after each epoch, keeps the best, and stops when they get no better.

    Args:
      examine: gives the figures of the weights as they are, `score` (higher is better) among them.
      summarise: makes the figures to note of what Keras logs of an epoch of training.
      average: whose weights are examined and, at the end, left in the model.
      patience: epochs without a better score before training stops.
      curves: where the figures of training and validation are noted.
      checkpoints: folder to keep the best weights in as well; a training that is killed leaves them behind.
    """

    def __init__(
        self,
        examine: Callable[[], dict[str, float]],
        summarise: Callable[[Mapping[str, float]], dict[str, float]],
        average: WeightAverage,
        patience: int,
        curves: LearningCurves,
        checkpoints: Path | None = None,
    ) -> None:
        super().__init__()
        self._examine, self._summarise, self._average = examine, summarise, average
        self._patience, self._curves, self._checkpoints = patience, curves, checkpoints
        self.best_epoch = 0
        self.best_figures: dict[str, float] = {}
        self.epochs_run = 0
        self._best_weights: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Validates; adds its figures to the logs under `val_...` for the callbacks after this one."""
        logs = {} if logs is None else logs
        self.epochs_run = epoch + 1
        if not all(map(math.isfinite, logs.values())):
            self.model.stop_training = True
            return
        self._curves.add(self.epochs_run, TRAIN, self._summarise(logs))
        self._average.swap()
        figures = self._examine()
        self._curves.add(self.epochs_run, VALIDATION, figures)
        logs.update({f"val_{name}": value for name, value in figures.items()})
        if not self.best_figures or figures[SCORE] > self.best_figures[SCORE]:
            self.best_epoch, self.best_figures = self.epochs_run, figures
            self._keep_weights()
            if self._checkpoints is not None:
                self.model.save_weights(str(self._checkpoints / CHECKPOINT))
        elif self.epochs_run - self.best_epoch >= self._patience:
            self.model.stop_training = True
        self._average.swap()

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Leaves the best epoch's averaged weights in the model."""
        for weight, best in zip(self.model.weights, self._best_weights, strict=False):
            weight.assign(best)
        self._best_weights = []

    def _keep_weights(self) -> None:
        """Writes over what was kept, as of a long catalogue there is no room for both."""
        if not self._best_weights:
            self._best_weights = [np.asarray(weight.numpy()) for weight in self.model.weights]
            return
        for kept, weight in zip(self._best_weights, self.model.weights, strict=True):
            kept[...] = weight.numpy()


class Reporter(Protocol):
    """Somebody who wants to know how a training goes."""

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        """A step of an epoch (both from 1) is done; the losses are means over the epoch so far."""

    def epoch(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        """An epoch (from 1) and its validation are done; validation figures are named `val_...`."""


class Reporting(keras.callbacks.Callback):
    """Tells a reporter what Keras tells its callbacks; comes after `Validation`, whose figures it passes on."""

    def __init__(self, reporter: Reporter) -> None:
        super().__init__()
        self._reporter = reporter
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Starts the epoch's clock."""
        self._epoch = epoch + 1
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Passes a step on."""
        self._reporter.step(self._epoch, batch + 1, logs or {})

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Passes an epoch on."""
        self._reporter.epoch(epoch + 1, logs or {}, time.perf_counter() - self._started)
