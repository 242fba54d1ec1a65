"""Every model of the zoo but the flagship, which has a file of its own, through the conformance suite."""

from recommender.models.zoo import ZOO
from tests.conformance import Conformance

SMALL = {"batch_size": 64, "epochs": 20, "patience": 20, "learning_rate": 0.02, "average_momentum": 0.0}
SMALL_TOWERS = {**SMALL, "embedding_size": 8, "n_time_buckets": 4, "embedding_l2": 0.0}
SMALL_DEEP = {**SMALL_TOWERS, "projection_size": 8, "hash_bins": 500}


class TestMultitask(Conformance):
    model = "multitask"
    settings = {**SMALL_TOWERS, "epochs": 30, "patience": 30, "projection_size": 8, "rating_layers": (32,)}


class TestTwoTower(Conformance):
    model = "two-tower"
    settings = SMALL_TOWERS


class TestDeep1(Conformance):
    model = "deep-1"
    settings = SMALL_DEEP


class TestDeep3(Conformance):
    model = "deep-3"
    settings = {**SMALL_DEEP, "batch_size": 32}


class TestDeep5(Conformance):
    model = "deep-5"
    settings = {**SMALL_DEEP, "negatives": "batch"}


class TestMatrixFactorization(Conformance):
    model = "matrix-factorization"
    settings = {**SMALL, "n_factors": 8, "learning_rate": 0.05, "stddev": 0.5, "factor_l2": 0.0}
    knows_the_colours = False  # it learns from stars alone


class TestCross(Conformance):
    model = "cross"
    settings = {**SMALL_TOWERS, "projection_size": 8, "query_layers": (16,), "rating_layers": (16,)}
    knows_the_stars = False  # they do not depend on the features of titles


class TestEase(Conformance):
    model = "ease"
    settings = {"ease_l2": 1.0}


class TestRecencyEase(Conformance):
    model = "recency-ease"
    settings = {"ease_l2": 1.0, "half_lives": (2.0, 6.0)}


class TestSignedEase(Conformance):
    model = "signed-ease"
    settings = {"ease_l2": 1.0, "half_lives": (), "star_weight": 0.5, "content_weight": 0.3}


class TestPopularity(Conformance):
    model = "popularity"
    settings = {}
    knows_the_colours = False


class TestRecentPopularity(Conformance):
    model = "recent-popularity"
    settings = {}
    knows_the_colours = False


class TestMeans(Conformance):
    model = "means"
    settings = {}
    knows_the_colours = False
    knows_the_stars = False  # on the board everybody and everything is rated alike


def test_every_model_of_the_zoo_is_examined():
    examined = {case.model for case in Conformance.__subclasses__()}
    assert examined >= set(ZOO) - {"flagship"}
