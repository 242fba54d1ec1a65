import numpy as np
import pytest

from recommender.evaluation.target_leak import evaluate_leaking, popularity_within
from tests.checkerboard import SIZE, checkerboard, checkerboard_split


def test_query_that_gives_its_target_away_finds_it_at_once():
    split = checkerboard_split()
    found = evaluate_leaking(np.eye(SIZE, dtype=np.float32), None, split.train, split.test)
    assert found["top_k_all"]["1"] == found["top_k_unseen"]["1"] == 1.0
    assert found["rmse"] is None


def test_ranks_are_those_of_the_row_of_the_target_among_unseen_titles():
    split = checkerboard_split()
    # Each row puts its own title behind those of the same parity, of which a viewer has seen nearly all.
    titles = np.arange(SIZE)
    scores = (titles[:, None] % 2 == titles[None, :] % 2) * 2.0 - np.eye(SIZE)
    found = evaluate_leaking(scores, np.full(SIZE, 4.0), split.training_part, split.test)
    assert found["top_k_all"]["5"] == 0.0
    assert found["top_k_unseen"]["1"] == 1.0
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean((split.test.stars - 4) ** 2)))


def test_popularity_within_a_description_ranks_its_titles_by_count_and_others_last():
    scores = popularity_within(np.array([0, 1, 0]), np.array([5.0, 9.0, 0.0]))
    np.testing.assert_array_equal(scores, [[5, -1, 0], [-1, 9, -1], [5, -1, 0]])


def test_predictions_are_clipped_to_the_scale():
    split = checkerboard_split()
    found = evaluate_leaking(np.eye(SIZE), np.full(SIZE, 99.0), split.train, split.test)
    assert found["mae"] == pytest.approx(np.mean(np.abs(split.test.stars - checkerboard().scale.high)))
