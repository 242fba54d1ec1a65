"""The processes that train one model together, as TensorFlow's MultiWorkerMirroredStrategy has them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
import tf_keras as keras

from recommender.data.share import WHOLE, Share
from recommender.errors import ConfigurationError, TrainingError

TF_CONFIG = "TF_CONFIG"
_EXAMPLE = '{"cluster": {"worker": ["host1:12345", "host2:12345"]}, "task": {"type": "worker", "index": 0}}'
_FIRST, _OTHERS = "chief", "worker"  # the jobs that TensorFlow counts among those that train
_LOST = (  # what a collective operation raises where another process has ended
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)


@dataclass(frozen=True)
class Workers:
    """The processes of one training, seen from one of them.

    Each builds the same model from the same data and draws its questions from its own share of the viewers. After each
    step the gradients are averaged over all, so that the weights stay the same everywhere.

    Attributes:
      strategy: TensorFlow's; the default one of a process that trains alone.
      share: which of them this is, and how many there are.
    """

    strategy: tf.distribute.Strategy
    share: Share = WHOLE

    @classmethod
    def alone(cls) -> "Workers":
        """One process, as usual."""
        return cls(tf.distribute.get_strategy())

    @classmethod
    def join(cls) -> "Workers":
        """Waits for the others that `TF_CONFIG` names; comes before anything else that TensorFlow is asked for.

        Raises:
          ConfigurationError: if the variable is missing or does not say who trains and which of them this is.
          TrainingError: if the others do not come.
        """
        share = share_named(os.environ.get(TF_CONFIG, ""))
        try:
            return cls(tf.distribute.MultiWorkerMirroredStrategy(), share)
        except (*_LOST, tf.errors.UnknownError) as error:
            raise TrainingError(
                f"the processes that {TF_CONFIG} names did not come together ({str(error).splitlines()[0][:200]}); "
                "start the same command on each of them."
            ) from error

    @property
    def is_first(self) -> bool:
        """Whether this process examines the finished model and writes it."""
        return self.share.index == 0

    def first_says(self, number: float) -> float:
        """The number that the first process gives, on all of them; waits until all have asked."""
        if self.share.count == 1:
            return number
        own = tf.constant(number if self.is_first else 0.0, tf.float64)

        @tf.function
        def added() -> tf.Tensor:
            return self.strategy.run(
                lambda: tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, own)
            )

        return float(added())

    def wait(self) -> None:
        """Waits, in the others, until the first has written what was trained.

        Raises:
          TrainingError: if the first has ended without that.
        """
        with self.together():
            self.first_says(1.0)

    def let_go(self) -> None:
        """Tells the others, in the first, that all is written; those that have ended do not matter any more."""
        with suppress(TrainingError), self.together():
            self.first_says(1.0)

    def batches(self, own: tf.data.Dataset) -> Any:
        """This process's batches as Keras takes them: neither divided nor put together again."""
        if self.share.count == 1:
            return own
        return self.strategy.distribute_datasets_from_function(lambda _: own)

    def averaging(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        """The same optimiser, which averages gradients over the processes where it would add them up."""
        if self.share.count == 1:
            return optimizer
        added, count = optimizer.aggregate_gradients, self.share.count

        def averaged(gradients: Any) -> Any:
            return added([(tf.math.scalar_mul(1.0 / count, gradient), weight) for gradient, weight in gradients])

        optimizer.aggregate_gradients = averaged
        return optimizer

    @contextmanager
    def together(self) -> Iterator[None]:
        """In the block the processes depend on each other.

        Raises:
          TrainingError: if one of them has ended.
        """
        try:
            yield
        except _LOST as error:
            if self.share.count == 1:
                raise
            raise TrainingError(
                f"one of the {self.share.count} processes that train together has ended; nothing was written, and what "
                "was there before is unchanged. Start the command again on all of them."
            ) from error


def share_named(text: str) -> Share:
    """What `TF_CONFIG` says of this process.

    Args:
      text: json: the addresses of all processes, and which of them this is.

    Raises:
      ConfigurationError: if it does not say so.
    """
    how = f"Set it in each process, with another index in each: {TF_CONFIG}='{_EXAMPLE}'."
    if not text:
        raise ConfigurationError(f"--distributed reads {TF_CONFIG}, which is not set. {how}")
    try:
        found = json.loads(text)
        cluster, kind, index = found["cluster"], found["task"]["type"], int(found["task"]["index"])
        jobs = [(job, place) for job in (_FIRST, _OTHERS) for place in range(len(cluster.get(job, ())))]
        return Share(jobs.index((kind, index)), len(jobs))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{TF_CONFIG} does not say which processes train and which of them this is ({text[:120]}). {how}"
        ) from error
