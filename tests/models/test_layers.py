import numpy as np
import pytest
import tensorflow as tf

from recommender.features import EncodedFeature
from recommender.models.layers import FeatureTable, MeanL2
from recommender.models.served import CatalogueIndex


def test_feature_bag_counts_by_its_mean_and_features_add_up():
    genres = EncodedFeature("genres", 3, np.array([[1, 2], [1, 0], [0, 0]], np.int32))
    year = EncodedFeature("year", 2, np.array([[1], [0], [0]], np.int32))
    layer = FeatureTable([genres, year], 3, 4, 0.0)
    (embeddings,) = (weight.numpy() for weight in layer.weights)
    table = layer.table().numpy()
    np.testing.assert_allclose(table[0], (embeddings[1] + embeddings[2]) / 2 + embeddings[3 + 1], atol=1e-6)
    np.testing.assert_allclose(table[1], embeddings[1], atol=1e-6)
    np.testing.assert_array_equal(table[2], np.zeros(4))
    np.testing.assert_allclose(layer.rows(tf.constant([2, 0, 0, 1])), table[[2, 0, 0, 1]], atol=1e-6)


def test_no_features_are_zeros():
    none = FeatureTable([], 2, 3, 0.0)
    np.testing.assert_array_equal(none.table(), np.zeros((2, 3)))
    np.testing.assert_array_equal(none.rows(tf.constant([1])), np.zeros((1, 3)))


def test_empty_table_costs_nothing():
    assert MeanL2(0.1)(tf.zeros((0, 3))).numpy() == 0.0


def test_penalty_does_not_grow_with_the_table():
    row = np.array([[3.0, 4.0]], np.float32)
    assert MeanL2(0.1)(tf.constant(row)).numpy() == pytest.approx(2.5)
    assert MeanL2(0.1)(tf.constant(np.repeat(row, 7, axis=0))).numpy() == pytest.approx(2.5)


def test_index_gives_the_same_top_k_as_numpy_and_leaves_titles_out():
    generator = np.random.default_rng(0)
    queries = generator.normal(size=(2, 4)).astype(np.float32)
    candidates = generator.normal(size=(9, 4)).astype(np.float32)
    index = CatalogueIndex()
    index.index(tf.constant(candidates))
    scores = queries @ candidates.T
    order = np.argsort(-scores, axis=1)
    found, rows = index(tf.constant(queries), tf.constant(3))
    np.testing.assert_array_equal(rows, order[:, :3])
    np.testing.assert_allclose(found, np.take_along_axis(scores, order[:, :3], 1), rtol=1e-5)
    _, rows = index(tf.constant(queries), tf.constant(8), tf.constant(order[:, :1].astype(np.int32)))
    np.testing.assert_array_equal(rows, order[:, 1:])
