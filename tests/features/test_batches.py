import numpy as np
import pytest

from recommender.features import training_batches
from tests.checkerboard import checkerboard
from tests.features.fitted import fitted_space


def test_an_epoch_holds_every_interaction_once_in_an_order_the_seed_fixes():
    ratings = checkerboard()
    space = fitted_space(ratings)

    def epochs(seed):
        batches = training_batches(ratings, space, batch_size=50, viewer_weight_exponent=0.5, seed=seed)
        return [
            [tuple(pair) for batch in batches for pair in np.stack([batch["viewer"], batch["title"]], 1)] for _ in "ab"
        ]

    first, second = epochs(3)
    assert len(first) == len(ratings)
    assert sorted(first) == sorted(second) == sorted(zip(ratings.user_rows + 1, ratings.item_rows, strict=True))
    assert first != second
    assert epochs(3) == [first, second]
    assert epochs(4)[0] != first


def test_weights_average_to_one_and_favour_viewers_with_few_ratings():
    ratings = checkerboard()
    few = ratings.take(np.flatnonzero((ratings.user_rows != 0) | (ratings.item_rows < 4)))
    space = fitted_space(few)
    (batch,) = training_batches(few, space, batch_size=1000, viewer_weight_exponent=1.0, seed=0)
    weights, viewers = batch["weight"].numpy(), batch["viewer"].numpy()
    assert weights.mean() == pytest.approx(1.0)
    totals = np.bincount(viewers, weights)[1:]
    np.testing.assert_allclose(totals, totals[0], rtol=1e-5)
