import numpy as np

from recommender.evaluation.met import MetTitles
from tests.checkerboard import SIZE, checkerboard


def test_viewers_are_answered_in_the_order_asked_and_as_often():
    ratings = checkerboard()
    table = np.zeros((SIZE, SIZE), bool)
    table[ratings.user_rows, ratings.item_rows] = True
    shuffled = ratings.take(np.random.default_rng(1).permutation(len(ratings)))
    asked = np.array([5, 0, 5, 23])
    assert MetTitles(shuffled).of(asked).tolist() == table[asked].tolist()


def test_viewer_without_interactions_has_met_nothing():
    ratings = checkerboard()
    met = MetTitles(ratings.take(np.flatnonzero(ratings.user_rows == 1))).of(np.array([0, 1, 2]))
    assert met.sum(axis=1).tolist() == [0, SIZE / 2, 0]


def test_no_viewers_give_no_rows():
    assert MetTitles(checkerboard()).of(np.array([], int)).shape == (0, SIZE)
