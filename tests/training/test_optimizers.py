import numpy as np
import tensorflow as tf
import tf_keras as keras

from recommender.data.catalogue_limits import MOST_TITLES_SCORED
from recommender.training.optimizers import RowwiseAdam, adam_for

TABLE = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
SLOPES = np.random.default_rng(1).normal(size=(4, 2, 3)).astype(np.float32)  # of four steps, two rows each


def trained(optimizer, rows):
    """The table after a step for each of the lists of rows."""
    table = tf.Variable(TABLE)
    optimizer.build([table])
    for slopes, read in zip(SLOPES, rows, strict=False):
        optimizer.apply_gradients([(tf.IndexedSlices(tf.constant(slopes), tf.constant(read), (5, 3)), table)])
    return table.numpy()


def test_rows_that_every_step_reads_move_as_adam_moves_them_and_the_others_stay():
    rows = [[0, 3]] * 4
    ours, theirs = (trained(each(0.1), rows) for each in (RowwiseAdam, keras.optimizers.Adam))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(ours[[1, 2, 4]], TABLE[[1, 2, 4]])


def test_row_that_is_read_no_more_stays_where_adam_lets_it_drift():
    ours, theirs = (trained(each(0.1), [[0, 3], [1, 2]]) for each in (RowwiseAdam, keras.optimizers.Adam))
    once = trained(RowwiseAdam(0.1), [[0, 3]])
    np.testing.assert_array_equal(ours[[0, 3]], once[[0, 3]])
    assert np.abs(theirs[[0, 3]] - once[[0, 3]]).min() > 1e-4


def test_equal_rows_of_a_gradient_are_added_up():
    whole = trained(RowwiseAdam(0.1), [[2, 2]])
    table = tf.Variable(TABLE)
    optimizer = RowwiseAdam(0.1)
    optimizer.build([table])
    slopes = np.zeros_like(TABLE)
    slopes[2] = SLOPES[0].sum(axis=0)
    optimizer.apply_gradients([(tf.constant(slopes), table)])
    np.testing.assert_allclose(whole[2], table.numpy()[2], rtol=1e-5)


def test_long_catalogues_alone_are_trained_by_rows():
    assert adam_for(MOST_TITLES_SCORED) is keras.optimizers.Adam
    assert adam_for(MOST_TITLES_SCORED + 1) is RowwiseAdam
