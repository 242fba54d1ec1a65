import numpy as np

from recommender.serving.variety import directions, varied

# Two kinds of titles, by turns three of one and three of the other.
KINDS = directions(np.array([[1.0, 0.0], [1.0, 0.1], [1.0, 0.05], [0.0, 1.0], [0.1, 1.0], [0.05, 1.0]]))
LIKENESS = KINDS @ KINDS.T


def test_at_rest_the_order_stays():
    assert varied(LIKENESS, 0.0).tolist() == [0, 1, 2, 3, 4, 5]


def test_turned_all_the_way_neighbours_are_of_different_kinds():
    order = varied(LIKENESS, 1.0)
    assert order[0] == 0
    assert sorted(order) == [0, 1, 2, 3, 4, 5]
    assert order[1] >= 3
    assert order[0] // 3 != order[1] // 3


def test_the_more_it_counts_the_less_alike_are_the_first():
    rng = np.random.default_rng(1)
    vectors = directions(rng.normal(size=(40, 3)))
    alike = []
    for share in (0.0, 0.5, 1.0):
        head = vectors[varied(vectors @ vectors.T, share)[:8]]
        alike.append(np.triu(head @ head.T, 1).sum())
    assert alike[0] > alike[1] > alike[2]


def test_nothing_has_an_order_too():
    assert varied(np.zeros((0, 0)), 0.5).tolist() == []
    assert directions(np.zeros((1, 2))).tolist() == [[0.0, 0.0]]
