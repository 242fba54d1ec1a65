import numpy as np
import pytest
import tensorflow as tf

from recommender.models.served import ServedModel
from recommender.models.zoo import find_model
from tests.checkerboard import checkerboard_split

TRAIN = checkerboard_split().train
MOMENT = np.array([880_500_000], np.int64)


@pytest.fixture(scope="module")
def model():
    entry = find_model("matrix-factorization")
    configuration = entry.configure({"n_factors": 4, "stddev": 0.7, "factor_l2": 0.0, "stranger_share": 0.0})
    return entry.build(configuration, TRAIN)


def parts(model) -> tuple[np.ndarray, np.ndarray, float]:
    """Viewers' and titles' factors with their bias last, and the global bias."""
    tables = {weight.shape[0]: weight.numpy() for weight in model.weights if weight.shape.rank == 2}
    (bias,) = (float(weight) for weight in model.weights if weight.shape.rank == 0 and "bias" in weight.name)
    return tables[model.space.n_viewers], tables[model.space.n_titles], bias


def logits(model) -> np.ndarray:
    """[n_viewers, n_titles] what stands inside the sigmoid."""
    viewers, titles, bias = parts(model)
    return viewers[:, :-1] @ titles[:, :-1].T + viewers[:, -1:] + titles[:, -1] + bias


def test_global_bias_starts_where_the_sigmoid_gives_the_mean_rating(model):
    *_, bias = parts(model)
    assert 1 + 4 / (1 + np.exp(-bias)) == pytest.approx(TRAIN.stars.mean(), abs=1e-5)


def test_stars_are_the_scale_times_the_sigmoid_of_factors_and_biases(model):
    scorer = ServedModel(model, TRAIN, rates=True).scorer
    users, items = np.array([0, 3, 23], np.int32), np.array([5, 0, 23], np.int32)
    expected = 1 + 4 / (1 + np.exp(-logits(model)[model.space.viewer_of_user[users], items]))
    found = scorer.rate(users, items, np.repeat(MOMENT, 3))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert ((found > 1) & (found < 5)).all()


def test_titles_are_ranked_by_what_stands_inside_the_sigmoid(model):
    scorer = ServedModel(model, TRAIN, rates=True).scorer
    np.testing.assert_allclose(scorer.score(np.array([7]), MOMENT)[0], logits(model)[8], rtol=1e-4, atol=1e-5)


def test_loss_is_the_mean_squared_error_in_stars(model):
    batch = {
        "viewer": tf.constant([1, 2, 24]),
        "title": tf.constant([3, 3, 0]),
        "stars": tf.constant([5.0, 1.0, 3.0]),
    }
    predicted = 1 + 4 / (1 + np.exp(-logits(model)[[1, 2, 24], [3, 3, 0]]))
    expected = np.mean((predicted - [5, 1, 3]) ** 2)
    assert float(model.compute_loss(batch)) == pytest.approx(expected, rel=1e-5)
