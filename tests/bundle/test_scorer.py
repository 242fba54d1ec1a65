import numpy as np
import tensorflow as tf

from recommender.bundle.scorer import SignatureScorer

# The model's row of each user and title of a data set, which lists its titles in another order.
VIEWER_ROWS, TITLE_ROWS = np.array([2, 0]), np.array([1, 2, 0])
AT = np.array([7, 7], np.int64)


class Model:
    """Says ten times the viewer's row plus the title's."""

    @property
    def signatures(self):
        return {"score": self.score, "rate_pairs": self.rate_pairs}

    def score(self, viewer, at, **history):
        return {"scores": 10.0 * tf.cast(viewer, tf.float32)[:, None] + tf.range(3.0)}

    def rate_pairs(self, viewer, at, items):
        return {"stars": 10.0 * tf.cast(viewer, tf.float32) + tf.cast(items, tf.float32)}


class Doubtful(Model):
    """Gives the chance of one star beside its stars, of two levels: a tenth of the title's row."""

    def rate_pairs(self, viewer, at, items):
        one = 0.1 * tf.cast(items, tf.float32)
        return {**super().rate_pairs(viewer, at, items), "probabilities": tf.stack([one, 1 - one], axis=1)}


def scorer(rates, model=Model):
    return SignatureScorer(model(), VIEWER_ROWS, TITLE_ROWS, rates=rates)


def test_scores_stand_in_the_order_of_the_data_set():
    assert scorer(rates=True).score(np.array([0, 1]), AT).tolist() == [[21, 22, 20], [1, 2, 0]]


def test_pairs_are_rated_by_the_models_own_rows():
    assert scorer(rates=True).rate(np.array([0, 1]), np.array([0, 2]), AT).tolist() == [21, 0]


def test_model_that_predicts_no_ratings_is_not_asked_for_them():
    assert scorer(rates=False).rate(np.array([0, 1]), np.array([0, 2]), AT) is None


def test_chances_are_those_of_the_signature_if_it_gives_them():
    asked = np.array([0, 1]), np.array([0, 1]), AT
    np.testing.assert_allclose(scorer(True, Doubtful).probabilities(*asked), [[0.1, 0.9], [0.2, 0.8]], atol=1e-6)
    assert scorer(True, Doubtful).rate(*asked).tolist() == [21, 2]
    assert scorer(True).probabilities(*asked) is None
    assert scorer(False, Doubtful).probabilities(*asked) is None
