"""What stars would gain from retrieval: the parts are those of the score, and a readout finds what its inputs say."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks import sharing
from recommender.evaluation.protocols import last_moments
from recommender.models.flagship.choosing import ChosenWeights
from recommender.training.trainer import train_model
from tests.checkerboard import checkerboard_split
from tests.models.flagship.test_flagship import CHOSEN
from tests.models.flagship.test_served_flagship import SMALL


@pytest.fixture(scope="module")
def trained():
    return train_model("flagship", checkerboard_split(), seed=1, settings={**SMALL, **CHOSEN, "steps": 2})


def test_parts_add_up_to_the_score_of_known_viewers(trained):
    model, held_out = trained.model, checkerboard_split().test
    predicted, parts = sharing._predicted_and_parts(model, trained.training_part, held_out)
    own = ChosenWeights(*(getattr(model.configuration, name) for name in ChosenWeights._fields))
    baked, at = model.bake(trained.training_part), last_moments(trained.training_part)[held_out.user_rows]
    rows = model.space.viewer_of_user[held_out.user_rows]
    asked = tf.gather(baked.viewers, rows), tf.gather(baked.histories, rows), tf.constant(at, tf.int64)
    model.parts.assign(own._replace(newcomer_weight=0.0))
    scores = tf.reduce_sum(model.query(*asked) * tf.gather(baked.candidates, held_out.item_rows), axis=1).numpy()
    model.parts.assign(own)
    assert parts.shape == (len(held_out), 5)
    np.testing.assert_allclose(parts.sum(axis=1), scores, rtol=1e-3, atol=1e-3)
    stars = trained.scorer.rate(held_out.user_rows, held_out.item_rows, at)
    np.testing.assert_allclose(predicted, stars, atol=1e-4)


def test_weights_are_left_as_they_were(trained):
    before = model_weights(trained.model)
    found = sharing.shared(trained.model, trained.training_part, checkerboard_split().test, seed=1)
    assert len(found) == 4
    assert model_weights(trained.model) == before


def model_weights(model):
    return [float(variable.numpy()) for variable in model.parts.variables]


def test_readout_finds_what_inputs_say_and_nothing_of_chance():
    rng = np.random.default_rng(0)
    inputs, chance = rng.normal(size=(4000, 3)), rng.normal(size=4000)
    folds = rng.integers(0, sharing._FOLDS, 4000)
    said = 0.5 * inputs[:, 1]
    np.testing.assert_allclose(sharing._read_out(inputs, said, folds), said, atol=0.1)
    assert np.square(chance - sharing._read_out(inputs, chance, folds)).mean() > 0.995 * np.square(chance).mean()
