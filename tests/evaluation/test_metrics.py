import numpy as np
import pytest

from recommender.evaluation import metrics

SCORES = np.array([[0.9, 0.1, 0.5, 0.3], [0.2, 0.8, 0.8, -np.inf]])
RELEVANT = np.array([[False, True, True, False], [True, False, False, True]])


def test_rmse_and_mae_of_a_known_table():
    predicted, actual = np.array([1.0, 2.0, 5.0]), np.array([1.0, 4.0, 4.0])
    assert metrics.rmse(predicted, actual) == pytest.approx(np.sqrt(5 / 3))
    assert metrics.mae(predicted, actual) == pytest.approx(1.0)


def test_errors_of_no_ratings_are_nan():
    assert np.isnan(metrics.rmse(np.array([]), np.array([])))
    assert np.isnan(metrics.mae(np.array([]), np.array([])))


# Five levels, and what came: the lowest and the middle one.
CHANCES = np.array([[0.4, 0.3, 0.2, 0.1, 0.0], [0.05, 0.05, 0.8, 0.05, 0.05]])


def test_interval_counts_a_level_by_the_share_of_its_stretch_inside():
    # Level 0 occupies [0, .4], of which .3 lies inside [.1, .9]; level 2 occupies [.1, .9], all of it inside.
    assert metrics.interval_coverage(CHANCES, np.array([0, 2])) == pytest.approx((0.75 + 1) / 2)
    assert metrics.interval_coverage(CHANCES[:1], np.array([0]), 0.5) == pytest.approx(0.15 / 0.4)


def test_level_held_impossible_lies_at_a_point():
    assert metrics.interval_coverage(CHANCES[:1], np.array([4])) == 0.0  # at 1
    assert metrics.interval_coverage(np.array([[0.5, 0.0, 0.5]]), np.array([1])) == 1.0  # at the median


def test_right_distribution_covers_what_is_asked():
    generator = np.random.default_rng(1)
    chances = generator.dirichlet(np.ones(5), size=20_000)
    came = (generator.random(20_000)[:, None] > chances.cumsum(axis=1)).sum(axis=1).clip(max=4)
    assert metrics.interval_coverage(chances, came) == pytest.approx(0.8, abs=0.01)
    assert metrics.interval_coverage(np.full((20_000, 5), 0.2), np.full(20_000, 2)) == 1.0


def test_likelihood_is_of_what_came_and_rows_are_brought_to_one():
    came = np.array([0, 2])
    assert metrics.negative_log_likelihood(CHANCES, came) == pytest.approx(-(np.log(0.4) + np.log(0.8)) / 2)
    assert metrics.negative_log_likelihood(7 * CHANCES, came) == pytest.approx(
        metrics.negative_log_likelihood(CHANCES, came)
    )
    assert metrics.negative_log_likelihood(CHANCES[:1], np.array([4])) == pytest.approx(-np.log(1e-12))


def test_chances_of_no_ratings_are_nan():
    nothing = np.zeros(0, int)
    assert np.isnan(metrics.interval_coverage(CHANCES[:0], nothing))
    assert np.isnan(metrics.negative_log_likelihood(CHANCES[:0], nothing))


def test_top_k_accuracy_is_the_share_of_ranks_below_k():
    assert metrics.top_k_accuracy([1, 2, 4], np.array([0, 1, 3])) == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert np.isnan(metrics.top_k_accuracy([1], np.array([], int))).all()


def test_recall_counts_relevant_titles_found():
    assert metrics.recall_at([1, 2, 4], SCORES, RELEVANT)[0] == pytest.approx([0, 0.5, 1.0])


def test_hidden_title_is_never_found():
    assert metrics.recall_at([4], SCORES, RELEVANT)[1] == pytest.approx([0.5])


def test_viewer_without_relevant_titles_gives_nan():
    nothing = np.zeros_like(RELEVANT)
    assert np.isnan(metrics.recall_at([2], SCORES, nothing)).all()
    assert np.isnan(metrics.ndcg_at([2], SCORES, nothing)).all()


def test_ndcg_of_a_list_worked_out_by_hand():
    # Places 2 and 4 of 4 are relevant: gains 1/log2(3) + 1/log2(5) against the ideal 1 + 1/log2(3).
    expected = (1 / np.log2(3) + 1 / np.log2(5)) / (1 + 1 / np.log2(3))
    assert metrics.ndcg_at([4], SCORES, RELEVANT)[0] == pytest.approx([expected])


def test_ndcg_of_the_ideal_list_is_one():
    assert metrics.ndcg_at([2], np.array([[3.0, 2.0, 1.0]]), np.array([[True, True, False]])) == pytest.approx(1.0)


@pytest.mark.parametrize("k", [0, 5])
def test_cutoff_outside_the_catalogue_is_refused(k):
    with pytest.raises(ValueError, match=r"1\.\.4"):
        metrics.recall_at([k], SCORES, RELEVANT)


def test_different_shapes_are_refused():
    with pytest.raises(ValueError, match="shape"):
        metrics.ndcg_at([1], SCORES, RELEVANT[:1])


def test_coverage_counts_titles_shown_to_anybody():
    assert metrics.coverage_of(np.array([[0], [1], [1]]), 4) == 2 / 4
    assert metrics.coverage_of(np.array([[3, 2, 1, 0]]), 4) == 1.0


def test_novelty_is_lower_for_popular_titles():
    popularity = np.array([98, 0, 0, 0])
    assert metrics.novelty_of(np.array([[0]]), popularity) == pytest.approx(-np.log2(99 / 102))
    assert metrics.novelty_of(np.array([[1]]), popularity) == pytest.approx(-np.log2(1 / 102))
