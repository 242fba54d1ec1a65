from types import SimpleNamespace

import pytest
import tensorflow as tf

from recommender.training.callbacks import WeightAverage


def averaged(every, momentum=0.5, steps=4):
    """The average after steps that set a weight to 1, 2, 3 and so on, from 0."""
    weight = tf.Variable(0.0)
    average = WeightAverage(momentum, every)
    average.set_model(SimpleNamespace(trainable_variables=[weight]))
    average.on_train_begin()
    for step in range(steps):
        weight.assign(step + 1.0)
        average.on_train_batch_end(step)
    average.swap()
    return float(weight)


def test_average_moves_at_each_step_towards_the_weights():
    expected = 1.0
    for step in range(1, 5):
        momentum = min(0.5, (1 + step) / (10 + step))
        expected = momentum * expected + (1 - momentum) * step
    assert averaged(1) == pytest.approx(expected)


def test_average_that_moves_every_other_step_moves_twice_as_far():
    expected = 1.0
    for step in (2, 4):
        momentum = min(0.5, (1 + step) / (10 + step)) ** 2
        expected = momentum * expected + (1 - momentum) * step
    assert averaged(2) == pytest.approx(expected)


def test_without_momentum_weights_stay():
    assert averaged(1, momentum=0.0) == 4.0
