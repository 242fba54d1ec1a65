import numpy as np
import tensorflow as tf

from recommender.features import EncodedFeature
from recommender.models.two_tower.inputs import HashedIds, LikedFeatures, MomentEmbedding

NAN = float("nan")
TIMES = np.array([1_000, 1_001, 1_002, 1_003, 1_100], np.int64)  # four in the first moments, one far away


def buckets_of(layer: MomentEmbedding, moments: list[int]) -> list[int]:
    """The row of the bucket table that each moment is given."""
    table = layer.weights[0].numpy()
    found = layer(tf.constant(moments, tf.int64)).numpy()[:, :-1]
    return [int(np.flatnonzero((table == row).all(axis=1))[0]) for row in found]


def test_id_has_a_row_of_its_own_without_bins():
    layer = HashedIds(["a", "b", "c"], 4, 0, 0.0)
    np.testing.assert_array_equal(layer.table(), layer.weights[0])


def test_same_id_falls_into_the_same_bin_wherever_it_stands():
    layer = HashedIds(["a", "b", "c", "b", "a"], 4, 1000, 0.0)
    table = layer.table().numpy()
    assert layer.weights[0].shape == (3, 4)  # no row for the other 997 bins
    np.testing.assert_array_equal(table[1], table[3])
    np.testing.assert_array_equal(table[0], table[4])
    assert not np.array_equal(table[0], table[1])


def test_ids_of_one_bin_share_its_row():
    ids = [f"id {number}" for number in range(20)]
    bins = tf.strings.to_hash_bucket_fast(tf.constant(ids), 3).numpy()
    table = HashedIds(ids, 4, 3, 0.0).table().numpy()
    same = (table[:, None] == table).all(axis=2)
    np.testing.assert_array_equal(same, bins[:, None] == bins)


def test_equal_buckets_have_equal_length():
    layer = MomentEmbedding(TIMES, 5, 3, by="equal", l2=0.0)  # edges at 0, 25, 50, 75 and 100 seconds
    assert buckets_of(layer, [1_000, 1_024, 1_025, 1_049, 1_050, 1_099]) == [1, 1, 2, 2, 3, 4]


def test_quantile_buckets_hold_equally_many_ratings():
    layer = MomentEmbedding(TIMES, 5, 3, by="quantile", l2=0.0)  # edges at the five ratings
    assert buckets_of(layer, list(TIMES)) == [1, 2, 3, 4, 5]
    assert buckets_of(layer, [1_050]) == [4]


def test_moments_outside_the_span_are_held_at_its_ends():
    for by in ("equal", "quantile"):
        layer = MomentEmbedding(TIMES, 5, 3, by=by, l2=0.0)
        found = layer(tf.constant([0, 1_000, 1_100, 2**40], tf.int64)).numpy()
        np.testing.assert_array_equal(found[0], found[1])
        np.testing.assert_array_equal(found[2], found[3])


def test_last_number_of_a_moment_is_normalised_by_mean_and_deviation():
    found = MomentEmbedding(TIMES, 5, 3, by="equal", l2=0.0)(tf.constant(TIMES)).numpy()[:, -1]
    np.testing.assert_allclose(found, (TIMES - TIMES.mean()) / TIMES.std(), rtol=1e-5)


def test_liked_features_are_the_mean_over_titles_at_or_above_the_viewers_own_mean():
    feature = EncodedFeature("genres", 5, np.array([[1, 2], [2, 0], [3, 0], [4, 0]], np.int32))
    layer = LikedFeatures([feature], 4, 3, 0.0)
    (rows,) = (weight.numpy() for weight in layer.weights)
    titles = np.stack([(rows[1] + rows[2]) / 2, rows[2], rows[3], rows[4]])
    stars = [
        [5.0, 1.0, 4.0, NAN],  # mean 3.33: titles 0 and 2
        [NAN, 3.0, NAN, 3.0],  # all alike: all liked
        [NAN, NAN, NAN, NAN],
    ]
    expected = [(titles[0] + titles[2]) / 2, (titles[1] + titles[3]) / 2, np.zeros(3)]
    np.testing.assert_allclose(layer(tf.constant(stars)), expected, atol=1e-6)
