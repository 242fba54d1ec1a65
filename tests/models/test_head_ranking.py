import numpy as np
import pytest
import tensorflow as tf

from recommender.models.head_ranking import praised, rank_head

SCORES = np.array([[5.0, 1.0, 4.0, 2.0, 3.0]])
PRAISE = np.array([[-9.0, 9.0, 0.5, 0.0, 3.0]])


def order(scores, praise, n_first):
    ranked = rank_head(tf.constant(scores), tf.constant(praise), tf.constant(n_first))
    return np.argsort(-ranked.numpy(), axis=1, kind="stable").tolist()


def test_stars_below_the_mean_count_for_more():
    stars, means, below = (tf.constant(numbers) for numbers in ([[1.0, 3.0, 5.0]] * 2, [[3.0], [4.0]], [[4.0], [0.0]]))
    assert praised(stars, means, below).numpy().tolist() == [[-10.0, 0.0, 2.0], [-3.0, -1.0, 1.0]]


def test_praise_orders_the_head_and_what_it_pushes_out_comes_last_there():
    assert order(SCORES, PRAISE, [3]) == [[4, 2, 0, 3, 1]]  # title 1 is praised most and not in the head


def test_head_as_long_as_the_list_is_ordered_by_score_and_praise_down_to_the_least_score():
    assert order(SCORES, PRAISE, [99]) == [[1, 4, 2, 3, 0]]


def test_titles_pushed_out_keep_their_order():
    assert order(SCORES, -9.0 * np.ones((1, 5)), [3]) == [[0, 2, 4, 3, 1]]


def test_every_list_has_a_head_of_its_own_length():
    scores, praise = np.repeat(SCORES, 2, axis=0), np.repeat(PRAISE, 2, axis=0)
    assert order(scores, praise, [1, 2]) == [[0, 2, 4, 3, 1], [2, 0, 4, 3, 1]]


@pytest.mark.parametrize("n_first", [1, 3, 5])
def test_without_praise_scores_stay_as_they_are(n_first):
    ranked = rank_head(tf.constant(SCORES), tf.zeros_like(SCORES), tf.constant([n_first]))
    np.testing.assert_array_equal(ranked, SCORES)


def test_no_list_gives_no_list():
    assert rank_head(tf.zeros([0, 4]), tf.zeros([0, 4]), tf.zeros([0], tf.int32)).shape == (0, 4)
