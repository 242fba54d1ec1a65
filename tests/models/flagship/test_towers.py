import numpy as np
import pytest
import tensorflow as tf

from recommender.models.flagship.towers import CandidateTower, QueryTower


def test_query_is_a_vector_how_far_biases_count_and_the_moments():
    tower = QueryTower(3, dropout=0.5)
    history, features = np.array([[1.0, 2, 3], [0, 0, 0]]), np.array([[0.5, 0, 0], [0, 0, 0]])
    lengths, moments = np.array([[10.0], [0.0]]), np.array([[0.25, 0.75], [0.0, 1.0]])
    inputs = [tf.constant(part, tf.float32) for part in (history, features, np.log1p(lengths), moments)]
    lean = 0.7  # where it starts
    expected = np.concatenate([history + features, 1 - 2 ** (-lengths / 5), lean * moments], axis=1)
    np.testing.assert_allclose(tower(inputs), expected, atol=1e-5)


def test_of_somebody_of_whom_nothing_is_read_the_prior_alone_is_left():
    tower, titles = QueryTower(3, dropout=0.0), CandidateTower(4, 3)
    for weight in titles.weights:
        weight.assign(tf.ones_like(weight))
    prior = np.array([[0.5], [1.0], [-2.0], [0.0]], np.float32)
    nothing = [tf.zeros([1, 3]), tf.zeros([1, 3]), tf.zeros([1, 1]), tf.ones([1, 1])]
    scores = tf.matmul(tower(nothing), titles(tf.zeros([4, 3]), tf.constant(prior)), transpose_b=True)
    np.testing.assert_allclose(scores[0], 0.7 * prior[:, 0], atol=1e-6)


def test_numbers_of_the_vector_alone_are_dropped_in_training():
    tower = QueryTower(200, dropout=0.5)
    inputs = [tf.ones([1, 200]), tf.zeros([1, 200]), tf.ones([1, 1]), tf.ones([1, 2])]
    plain, dropped = tower(inputs).numpy()[0], tower(inputs, training=True).numpy()[0]
    assert 50 < np.count_nonzero(dropped[:200] == 0) < 150
    np.testing.assert_array_equal(dropped[200:], plain[200:])


def test_some_candidates_are_those_rows_of_all_and_so_is_their_penalty():
    tower = CandidateTower(5, 3)
    content, prior = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    rows = [4, 1]
    some = tower.some(tf.constant(rows), tf.gather(content, rows), tf.gather(prior, rows))
    np.testing.assert_allclose(some, tower(content, prior).numpy()[rows])
    assert float(tower.penalty(tf.constant(rows))) == pytest.approx(np.sum(tower._ids.numpy()[rows] ** 2), rel=1e-5)
