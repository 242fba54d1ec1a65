"""What the parts of a score count for, chosen when everything else has been learnt."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from recommender.evaluation.choosing import Difference
from recommender.evaluation.protocols import HeadOfLists
from recommender.models.flagship import choosing
from recommender.models.flagship.choosing import (
    CONTENT_WEIGHTS,
    IMPLICIT_WEIGHTS,
    NEIGHBOUR_WEIGHTS,
    NEWCOMER_WEIGHTS,
    PRAISE_WEIGHTS,
    PRIOR_WEIGHTS,
    USUAL,
    USUAL_AMONG,
    ScoreWeights,
    choose_weights,
    starting_weights,
)
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.head_ranking import rank_head
from recommender.models.served import Baked
from tests.checkerboard import SIZE, checkerboard_split

SPLIT = checkerboard_split()
GRIDS = {
    **{"neighbour_weight": NEIGHBOUR_WEIGHTS, "implicit_weight": IMPLICIT_WEIGHTS, "content_weight": CONTENT_WEIGHTS},
    **{"prior_weight": PRIOR_WEIGHTS, "newcomer_weight": NEWCOMER_WEIGHTS, "praise_weight": PRAISE_WEIGHTS},
}


class Double:
    """A number each for neighbours, factors, labels and prior beside a random one; two of them tell colours a bit.

    What newcomers are given, everybody here is: a number that tells colours as wrongly as one says.
    """

    n_ranked = 20

    def __init__(self, telling=True, stars="none", wrong=0.0, **given):
        rng = np.random.default_rng(0)
        self.configuration = FlagshipConfiguration(**given)
        self.parts = ScoreWeights(starting_weights(self.configuration))
        self.space = SimpleNamespace(viewer_of_user=np.arange(1, SIZE + 1))
        viewers, titles = (-1.0) ** (np.arange(SIZE + 1) - 1), (-1.0) ** np.arange(SIZE)
        noise = rng.normal(size=(5, SIZE))
        told = [titles + 2 * noise[1], noise[4], titles + 3 * noise[2]]
        self.candidates = np.stack([20 * noise[0], *told, noise[3], -wrong * titles], axis=1)
        ones = np.ones(SIZE + 1)
        self.queries = np.stack([ones, viewers, ones, viewers, ones, viewers], axis=1)
        if not telling:
            self.queries[:, 1:] = 0.3 * rng.normal(size=(SIZE + 1, 5))
        agree = viewers[:, None] * titles
        self.given_stars = 3.0 + {"good": 30 * agree, "bad": -3000 * agree, "none": 0 * agree}[stars]

    def bake(self, ratings):
        rows = tf.range(SIZE + 1)[:, None]
        candidates = tf.constant(self.candidates, tf.float32)
        return Baked(rows, tf.cast(rows, tf.float32), candidates, tf.zeros([SIZE, 1]))

    def bake_some(self, ratings, read):
        return self.bake(ratings)

    def query(self, viewers, histories, at):
        parts = self.parts
        weights = tf.stack([1.0, parts.neighbours, parts.implicit, parts.content, parts.prior, parts.newcomers])
        return weights * tf.gather(tf.constant(self.queries, tf.float32), viewers[:, 0])

    def stars(self, viewers, histories, at, titles):
        return tf.gather(tf.constant(self.given_stars, tf.float32), viewers[:, 0])

    def praise(self, histories):
        return self.parts.praise + tf.zeros_like(histories), tf.fill([1, 1], 3.0), tf.fill([1, 1], 2.0)

    def n_read(self, histories):
        return tf.zeros([tf.shape(histories)[0]], tf.int32)

    def figures(self, weights):
        """NDCG@10 and liked NDCG@10 of its lists."""
        return [np.nanmean(figures) for figures in self.by_viewer(weights)]

    def difference(self, weights, than):
        return Difference.between(*zip(self.by_viewer(weights), self.by_viewer(than), strict=True))

    def by_viewer(self, weights):
        scores = self.queries * [1.0, *weights[:5]] @ self.candidates.T
        above = self.given_stars - 3.0
        praise = weights.praise_weight * np.where(above < 0, 3 * above, above)
        ranked = rank_head(tf.constant(scores), tf.constant(praise), tf.fill([SIZE + 1], self.n_ranked)).numpy()
        scorer = SimpleNamespace(score=lambda users, _: ranked[users + 1])
        return HeadOfLists(SPLIT.train, SPLIT.validation).by_viewer(scorer)

    def choose(self):
        return choose_weights(self, SPLIT.train, SPLIT.validation, SPLIT.train)


@pytest.fixture(scope="module")
def double():
    return Double()


@pytest.fixture(scope="module")
def chosen(double):
    return double.choose()


def test_difference_is_the_sum_of_the_mean_ones_with_the_error_of_a_mean():
    rng = np.random.default_rng(0)
    ours, theirs = rng.normal(1.0, 1.0, 400), rng.normal(0.8, 1.0, 400)
    found = Difference.between((ours, theirs))
    assert found.mean == pytest.approx(np.mean(ours - theirs))
    assert found.error == pytest.approx(np.std(ours - theirs) / 20)
    twice = Difference.between((ours, theirs), (ours, theirs))
    assert twice == pytest.approx((2 * found.mean, 2 * found.error))  # figures of one viewer are no two viewers


def test_viewer_without_a_figure_counts_in_none_of_its_differences():
    ours, theirs = np.array([1.0, np.nan, 0.5, 0.0]), np.array([0.0, 0.3, 0.5, np.nan])
    assert Difference.between((ours, theirs)).mean == pytest.approx(0.5)
    assert Difference.between((np.full(4, np.nan), theirs)) == (0.0, 0.0)


@pytest.mark.parametrize(("mean", "error", "certain"), [(0.25, 0.1, True), (0.2, 0.1, False), (0.0, 0.0, False)])
def test_difference_has_to_be_more_than_twice_its_error(mean, error, certain):
    assert Difference(mean, error).is_certain == certain


def test_weight_leaves_its_usual_place_where_that_makes_better_lists(double, chosen):
    start = starting_weights(double.configuration)
    assert start == USUAL
    assert chosen.neighbour_weight > USUAL.neighbour_weight
    retrieved = start._replace(neighbour_weight=chosen.neighbour_weight)
    assert double.difference(retrieved, start).is_certain
    others = [sum(double.figures(start._replace(neighbour_weight=weight))) for weight in NEIGHBOUR_WEIGHTS]
    assert sum(double.figures(retrieved)) == pytest.approx(max(others))
    assert all(weight in (*GRIDS[name], getattr(USUAL, name)) for name, weight in chosen._asdict().items())


@pytest.mark.parametrize("telling", [True, False])
def test_weight_that_may_be_better_by_chance_stays_usual(telling):
    double = Double(telling=telling)
    chosen, weights, n_kept = double.choose(), USUAL, 0
    for name in ("implicit_weight", "neighbour_weight", "content_weight", "prior_weight"):
        differences = [double.difference(weights._replace(**{name: weight}), weights) for weight in GRIDS[name]]
        largest = max(differences, key=lambda difference: difference.mean)
        after = weights._replace(**{name: getattr(chosen, name)})
        assert (after != weights) == largest.is_certain
        n_kept += after == weights
        weights = after
    assert n_kept or not telling


@pytest.mark.parametrize(("stars", "expected"), [("good", 0.6), ("bad", 0.0), ("none", USUAL.praise_weight)])
def test_praise_is_what_makes_lists_liked_and_costs_little(stars, expected):
    double = Double(stars=stars)
    chosen = double.choose()
    assert chosen.praise_weight == expected
    without = chosen._replace(praise_weight=0.0)
    if stars == "good":
        assert double.difference(chosen, without).is_certain
    if stars == "bad":
        assert double.difference(without, without._replace(praise_weight=PRAISE_WEIGHTS[1])).is_certain


@pytest.mark.parametrize("most_lost", [0.0025, 0.05, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_praise_costs_no_more_than_it_may(most_lost, seed, monkeypatch):
    """Where stars say something else than retrieval, so that praise has its price."""
    monkeypatch.setattr(choosing, "MOST_NDCG_LOST", most_lost)
    double = Double(stars="good")
    double.candidates[:, :2] = np.stack([2 * double.candidates[:, 0] / 20, 5 * (-1.0) ** np.arange(SIZE)], axis=1)
    double.given_stars = 3.0 + 30 * np.random.default_rng(seed).normal(size=double.given_stars.shape)
    chosen = double.choose()
    without = chosen._replace(praise_weight=0.0)
    loss = Difference.between((double.by_viewer(without)[0], double.by_viewer(chosen)[0]))
    assert loss.mean <= most_lost + 1e-9
    dearest = without._replace(praise_weight=PRAISE_WEIGHTS[-1])
    assert double.figures(without)[0] - double.figures(dearest)[0] > 0.0025  # so that the bound has something to forbid


@pytest.mark.parametrize("wrong", [0.0, 3.0, 10.0, 100.0])
def test_newcomers_are_given_the_most_that_costs_little_where_neighbours_count_for_more_than_usual(wrong):
    given = USUAL._replace(neighbour_weight=256.0)
    double = Double(wrong=wrong, **given._replace(newcomer_weight=None)._asdict())
    each = {weight: given._replace(newcomer_weight=weight) for weight in (1.0, *NEWCOMER_WEIGHTS) if weight <= 32.0}
    losses = {weight: sum(double.difference(given, weights)) for weight, weights in each.items()}
    assert double.choose().newcomer_weight == max(weight for weight, loss in losses.items() if loss <= 0.002)
    assert (max(losses.values()) > 0.002) == (wrong > 0)


def test_newcomers_are_given_what_is_usual_where_neighbours_count_for_that():
    assert Double(**USUAL._replace(newcomer_weight=None)._asdict()).choose() == USUAL


def test_model_is_left_with_what_was_chosen(double, chosen):
    held = double.parts
    parts = (held.neighbours, held.implicit, held.content, held.prior, held.newcomers, held.praise)
    found = [float(weight) for weight in parts]
    np.testing.assert_allclose(found, double.choose(), rtol=1e-6)


@pytest.mark.parametrize("given", [list(GRIDS), ["praise_weight"], ["content_weight", "prior_weight"]])
def test_weights_that_the_settings_give_are_kept(given):
    weights = dict(zip(GRIDS, (0.7, 0.3, 0.2, 0.6, 0.4, 0.9), strict=True))
    found = Double(**{name: weights[name] for name in given}).choose()._asdict()
    for name, weight in found.items():
        allowed = (weights[name],) if name in given else (*GRIDS[name], getattr(USUAL, name))
        assert weight in allowed


@pytest.mark.parametrize(("among", "usual"), [(None, USUAL), (0.0, USUAL), (0.5, USUAL), (0.97, USUAL_AMONG)])
def test_usual_weights_follow_what_is_asked(among, usual):
    assert starting_weights(FlagshipConfiguration(among_share=among)) == usual
    assert starting_weights(FlagshipConfiguration(among_share=among, implicit_weight=0.2)).implicit_weight == 0.2
