"""The flagship as a whole: its loss, what its settings leave out, and trainings of data that lack something."""

import gc
import weakref
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import tensorflow as tf

from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale, Schema
from recommender.data.splits import Split
from recommender.evaluation import evaluate_own_last
from recommender.models.flagship.choosing import ChosenWeights
from recommender.models.flagship.model import Flagship
from recommender.models.zoo import find_model
from recommender.training.trainer import train_model
from tests.checkerboard import SIZE, checkerboard_split
from tests.eager import eager_functions
from tests.models.flagship.reading import histories_of
from tests.models.flagship.test_served_flagship import SMALL

SPLIT = checkerboard_split()
MOMENTS = tf.constant([880_000_000, 880_400_000, 881_000_000], tf.int64)
# Chosen beforehand, so that nothing is looked for on validation.
CHOSEN = {
    **{"among_share": 0.5, "later_share": 0.2, "best_seller_days": 30.0, "neighbour_l2": 2.0},
    **{"neighbour_half_lives": (), "star_weight": 0.8},
}


def built(**settings):
    entry = find_model("flagship")
    return entry.build(entry.configure({**SMALL, **CHOSEN, **settings}).fitted_to(SPLIT.train), SPLIT.train)


def a_batch(model):
    data = model.training_data(SPLIT.validation, seed=1)
    return next(iter(data.batches))


def test_what_batches_are_made_from_goes_with_them():
    model = built()
    data = model.training_data(SPLIT.validation, seed=1)
    next(iter(data.batches))
    made_by = weakref.ref(data.batches.made_by)
    assert made_by() is not None
    del data
    gc.collect()
    assert made_by() is None


def test_loss_is_the_weighted_sum_of_both_losses():
    model = built()
    batch = a_batch(model)
    for retrieval, rating in ((1.0, 0.0), (0.0, 1.0), (0.3, 2.0)):
        weights = {"retrieval_weight": retrieval, "rating_weight": rating}
        model.configuration = model.configuration.model_copy(update=weights)
        model.reset_metrics()
        loss = float(model.compute_loss(batch))
        expected = retrieval * model._retrieval_loss.result() + rating * model._rating_loss.result()
        np.testing.assert_allclose(loss, float(expected), rtol=1e-5)


def test_training_adds_the_penalty_of_what_a_question_reads_or_scores():
    model = built(retrieval_l2=10.0, query_dropout=0.0, history_dropout=0.0, stranger_share=0.0, rating_weight=0.0)
    batch = a_batch(model)
    added = float(model.compute_loss(batch, training=True)) - float(model.compute_loss(batch))
    squares = model._history_tower.penalty(batch["items"]) + model._candidate_tower.penalty()
    assert added == pytest.approx(10 * float(squares) / 16, rel=1e-3)


def test_query_of_a_history_times_candidates_is_made_of_the_parts_side_by_side():
    model = built()
    model.parts.assign(ChosenWeights(3.0, 2.0, 0.6, 0.5, 1.5, 0.0))
    baked = model.bake(SPLIT.train)
    read = histories_of([(0, 5.0, 0), (4, 1.0, 1)], [], [(2, 5.0, 0)])
    query = model.query(tf.gather(baked.viewers, [0, 0, 0]), model.pool(read), MOMENTS)
    scores = tf.matmul(query, baked.candidates, transpose_b=True).numpy()

    vector = model._history_tower(read).numpy()
    titles = (model._candidate_tower._ids + model._title_features.table()).numpy()
    prior = model._prior.at(MOMENTS).numpy() @ model._prior.fit(SPLIT.train).numpy().T
    pooled, candidates = model._neighbours.pool(read).numpy(), model._neighbours.fit(SPLIT.train)
    n_factors, n_labels = model._neighbours.n_factors, model._neighbours.n_labels
    of_labels = 0.6 + 1.5 * 32 * 2 ** (-np.array([2, 0, 1])[:, None] / 5)
    weighed = pooled * np.concatenate([np.full((3, n_factors), 3.0), np.repeat(of_labels, n_labels, axis=1)], axis=1)
    # As long as nothing is learnt, biases are zeros and the prior counts by 0.7.
    factors = model._implicit.pool(read).numpy() @ model._implicit.fit(SPLIT.train).T
    expected = vector @ titles.T + 0.5 * 0.7 * prior + weighed @ candidates.T + 2.0 * factors
    np.testing.assert_allclose(scores, expected, atol=1e-4)


def test_baking_some_reads_their_histories_and_learns_from_all_the_same():
    model = built()
    model.stars_model.sample(1)
    some = SPLIT.train.take(np.flatnonzero(SPLIT.train.user_rows < 5))
    whole, part = model.bake(SPLIT.train), model.bake_some(SPLIT.train, some)
    np.testing.assert_array_equal(part.candidates, whole.candidates)
    read, others = (part.histories.numpy()[rows] for rows in (slice(1, 6), slice(6, None)))
    np.testing.assert_allclose(read, whole.histories.numpy()[1:6], atol=1e-5)
    np.testing.assert_allclose(others, np.repeat(part.histories.numpy()[:1], len(others), axis=0), atol=1e-6)
    assert np.abs(others - whole.histories.numpy()[6:]).max() > 0.1


def test_served_parts_hold_no_table_of_viewers_or_of_features():
    model = built()
    names = {variable.ref() for part in model.serving_parts for variable in part.variables}
    tables = [model._viewer_features, model._title_features, model._candidate_tower]
    assert not names & {variable.ref() for table in tables for variable in table.variables}


def answers(model, read, moved=0):
    """Scores and stars of all titles for three strangers."""
    baked, histories, at = model.bake(SPLIT.train), model.pool(read), MOMENTS + moved
    nobody = tf.gather(baked.viewers, [0, 0, 0])
    scores = tf.matmul(model.query(nobody, histories, at), baked.candidates, transpose_b=True)
    return scores.numpy(), model.stars(nobody, histories, at, baked.titles[None]).numpy()


def test_moment_that_is_left_out_changes_nothing():
    read = histories_of([(0, 5.0, 0)], [], [])
    for inputs, changes in ((("history",), False), (("history", "timestamp"), True)):
        model = built(query_inputs=inputs)
        model.stars_model.sample(1)
        if changes:
            model.stars_model._head._drift.assign([0.0, 0.5, 0.0, 0.5, 0.0])
        for now, later in zip(answers(model, read), answers(model, read, moved=300_000), strict=True):
            assert np.allclose(now, later, atol=1e-6) != changes


def test_history_that_is_left_out_changes_nothing():
    one = histories_of(*[[(title, 5.0, 0) for title in range(5)]] * 3)
    other = histories_of(*[[(title, 1.0, 0) for title in range(5, 9)]] * 3)
    for inputs, changes in ((("timestamp",), False), (("timestamp", "history"), True)):
        model = built(query_inputs=inputs)
        model.stars_model.sample(1)
        for before, after in zip(answers(model, one), answers(model, other), strict=True):
            assert np.allclose(before, after, atol=1e-6) != changes
    assert built(query_inputs=("timestamp",))._neighbours.size == 0


def test_side_features_that_are_left_out_have_no_weights():
    model = built(query_inputs=("history",), candidate_inputs=("title_id",))
    assert not model._title_features.weights
    assert not model._viewer_features.weights
    assert built()._title_features.weights


def test_large_catalogues_are_sampled_and_others_scored_whole(monkeypatch):
    def samples(**settings):
        return built(**settings).retrieval_task._n_uniform is not None

    assert not samples()
    assert samples(negatives="sampled")
    monkeypatch.setattr("recommender.models.flagship.model.MOST_TITLES_SCORED", SIZE - 1)
    assert samples()


def test_validation_is_asked_of_known_viewers_at_their_last_moment_and_nothing_is_drawn():
    model = built()
    data = model.training_data(SPLIT.validation, seed=1)
    once, again = (list(data.validation.as_numpy_iterator()) for _ in "ab")
    assert str(once) == str(again)
    train = SPLIT.train
    for batch in once:
        for viewer, at in zip(batch["viewer"], batch["at"], strict=True):
            user = np.flatnonzero(model.space.viewer_of_user == viewer)[0]
            assert at == train.timestamps[train.user_rows == user].max()
    assert sum(len(batch["target_items"]) for batch in once) == len(SPLIT.validation)


def test_steps_are_divided_into_the_epochs():
    model = built(steps=31, epochs=4)
    data = model.training_data(SPLIT.validation, seed=1)
    assert data.steps == 8
    assert len(list(islice(data.batches, 40))) == 40  # without end


def bare(ratings: Ratings) -> Ratings:
    """The same without times and side features."""
    return replace(ratings, interactions=ratings.interactions.drop(columns="timestamp"), schema=Schema((), (), False))


def in_half_stars(ratings: Ratings) -> Ratings:
    """The same with 4.5 for the best and 0.5 for the worst."""
    stars = np.where(ratings.stars > 3, 4.5, 0.5)
    return replace(ratings, interactions=ratings.interactions.assign(rating=stars), scale=RatingScale(0.5, 5, 0.5))


def as_it_is(ratings: Ratings) -> Ratings:
    return ratings


UNCHOSEN = dict.fromkeys(ChosenWeights._fields)
VARIANTS = {
    "bare data, sampled": (bare, {"negatives": "sampled", "n_uniform_negatives": 16}),
    "half stars, retrieval only": (in_half_stars, {"rating_weight": 0.0}),
    "without history, rating only": (as_it_is, {"query_inputs": ("timestamp", "*"), "retrieval_weight": 0.0}),
    "without timestamp, weights chosen": (as_it_is, {"query_inputs": ("history",), **UNCHOSEN}),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_trains_and_serves(variant):
    change, settings = VARIANTS[variant]
    split = Split("diagonal", 0, *(change(part) for part in (SPLIT.train, SPLIT.validation, SPLIT.test)))
    with eager_functions():
        trained = train_model("flagship", split, seed=1, settings={**SMALL, **CHOSEN, "steps": 2, **settings})
        figures = evaluate_own_last(trained.scorer, trained.training_part, split.test)
    assert np.isfinite(trained.curves["value"]).all()
    assert isinstance(trained.model, Flagship)
    assert trained.scorer.probabilities([0], [0], np.array([0])).shape == (1, split.train.scale.n_levels)
    scale = split.train.scale
    of_the_middle = np.sqrt(np.mean((split.test.stars - (scale.low + scale.high) / 2) ** 2))
    if variant.startswith("without history"):
        assert figures.rmse < 1.2 * of_the_middle
    else:
        assert figures.top_k_unseen["1"] > 0.8  # by neighbours, as two steps teach little
        assert figures.rmse < 0.9 * of_the_middle
    weights = ChosenWeights(*(getattr(trained.configuration, name) for name in ChosenWeights._fields))
    held = trained.model.parts
    np.testing.assert_allclose(
        weights,
        [held.neighbours, held.implicit, held.content, held.prior, held.newcomers, held.praise],
        rtol=1e-6,
    )
    if variant.endswith("chosen"):
        assert weights.neighbour_weight + weights.content_weight > 0  # labels tell the colours as well
