import numpy as np

from recommender.data.ranking import best_rows, ranks_in_catalogue, titles_ahead, titles_ahead_of_each

SCORES = np.array([[0.9, 0.1, 0.5, 0.3], [0.2, 0.8, 0.8, -np.inf]])


def test_best_rows_are_the_head_of_a_stable_sort():
    scores = np.random.default_rng(5).integers(0, 6, size=(200, 30)).astype(np.float32)  # most of them tie
    scores[3, :20] = -np.inf
    scores[4, 7] = np.nan
    for k in (1, 10, 30):
        assert best_rows(scores, k).tolist() == np.argsort(-scores, axis=1, kind="stable")[:, :k].tolist()


def test_list_longer_than_the_catalogue_is_the_whole_catalogue():
    assert best_rows(SCORES, 9).tolist() == [[0, 2, 3, 1], [1, 2, 0, 3]]


def test_titles_ahead_of_the_target_are_counted():
    assert titles_ahead(SCORES, np.array([2, 0])).tolist() == [1, 2]


def test_ties_are_ranked_in_catalogue_order():
    assert titles_ahead(np.array([[1.0, 2.0], [2.0, 2.0]]), np.array([0, 1])).tolist() == [1, 1]
    assert titles_ahead(np.array([[2.0, 2.0]]), np.array([0])).tolist() == [0]


def test_removed_titles_do_not_compete_but_the_target_does():
    removed = np.array([[True, False, True, False], [False, True, False, False]])
    assert titles_ahead(SCORES, np.array([2, 0]), removed).tolist() == [0, 1]


def test_titles_ahead_of_each_are_those_ahead_of_one_after_the_other():
    generator = np.random.default_rng(2)
    scores = generator.integers(0, 6, size=(40, 30)).astype(np.float32)  # most of them tie
    removed = generator.random((40, 30)) < 0.4
    scores[7] = generator.normal(size=30)
    queries = np.sort(generator.integers(0, 40, 500))
    targets = generator.integers(0, 30, 500)
    among_all, among_competing = titles_ahead_of_each(scores, removed, queries, targets)
    assert among_all.tolist() == titles_ahead(scores[queries], targets).tolist()
    assert among_competing.tolist() == titles_ahead(scores[queries], targets, removed[queries]).tolist()


def test_ranks_agree_with_counting():
    scores = np.random.default_rng(1).normal(size=(9, 50)).astype(np.float32)
    counted = (scores[:, None, :] > scores[:, [3, 17], None]).sum(axis=2) + 1
    assert np.array_equal(ranks_in_catalogue(scores, np.array([3, 17])), counted)


def test_equal_scores_share_the_best_rank():
    assert ranks_in_catalogue(np.array([[2.0, 3.0, 3.0]]), np.array([0, 1, 2])).tolist() == [[3, 1, 1]]
