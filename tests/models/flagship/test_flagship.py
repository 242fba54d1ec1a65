from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from recommender.data.ratings import Ratings
from recommender.data.schema import Schema
from recommender.data.splits import Split
from recommender.evaluation import evaluate
from recommender.features import Histories
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.tasks import CatalogueRetrieval, SampledRetrieval
from recommender.models.zoo import find_model
from recommender.training.trainer import train_model
from tests.checkerboard import SIZE, checkerboard_split
from tests.conformance import Conformance

SMALL = {
    "embedding_size": 8,
    "rating_size": 8,
    "n_time_knots": 4,
    "time_size": 4,
    "batch_size": 64,
    "epochs": 60,
    "patience": 60,
    "learning_rate": 0.02,
    "rating_l2": 0.1,
    "average_momentum": 0.9,
}


class TestFlagship(Conformance):
    model = "flagship"
    settings = SMALL


def built(**settings):
    entry = find_model("flagship")
    train = checkerboard_split().train
    return entry.build(entry.configure({**SMALL, **settings}).fitted_to(train), train)


def a_batch(model, rows=(0, 1, 2)):
    train = checkerboard_split().train
    rows = np.array(rows)
    return {
        "viewer": tf.constant(model.space.viewer_of_user[train.user_rows[rows]]),
        "title": tf.constant(train.item_rows[rows]),
        "at": tf.constant(train.timestamps[rows]),
        "stars": tf.constant(train.stars[rows]),
        "weight": tf.ones(len(rows)),
    }


def test_loss_is_the_weighted_sum_of_both_losses():
    model = built(stranger_share=0.0, blank_share=0.0, history_keep=(1.0, 1.0), rater_keep=(1.0, 1.0))
    batch = a_batch(model)
    for retrieval, rating in ((1.0, 0.0), (0.0, 1.0), (0.3, 2.0)):
        model.configuration = model.configuration.model_copy(
            update={"retrieval_weight": retrieval, "rating_weight": rating}
        )
        model.reset_metrics()
        loss = float(model.compute_loss(batch))
        expected = retrieval * model._retrieval_loss.result() + rating * model._rating_loss.result()
        np.testing.assert_allclose(loss, float(expected), rtol=1e-5)


def test_target_is_not_read_in_training():
    """The stars of the target, and whether it was rated at all, leave no trace in what is read to predict it."""
    settings = {"stranger_share": 0.0, "history_keep": (1.0, 1.0), "rater_keep": (1.0, 1.0), "blank_share": 0.0}
    model = built(**settings)
    batch = a_batch(model, [5])
    viewer, title = batch["viewer"], batch["title"]
    _, retrieval, rating = model._read_histories(viewer, title, training=True)
    stars = model._rated_titles(viewer).numpy()
    assert not np.isnan(stars[0, int(title[0])])
    stars[0, int(title[0])] = np.nan
    for history, sums in ((model._retrieval_history, retrieval), (model._rating_history, rating)):
        np.testing.assert_allclose(history.pooled(sums), history(tf.constant(stars)), atol=1e-5)


def test_served_parts_hold_no_table_of_demographics_or_genres():
    model = built()
    names = {variable.ref() for part in model.serving_parts for variable in part.variables}
    tables = [model._viewer_features, model._title_features, model._viewer_ids, model._candidate_tower]
    assert not names & {variable.ref() for table in tables for variable in table.variables}


def histories_of(stars):
    """Rows of stars with NaN for gaps as the lists that a model pools."""
    rows, items = np.nonzero(~np.isnan(stars))
    return Histories(
        tf.constant(items, tf.int32),
        tf.constant(stars[rows, items], tf.float32),
        tf.zeros([len(rows)], tf.int64),
        tf.constant(rows, tf.int32),
        tf.constant(len(stars)),
    )


def answers(model, moved=0, stars=None):
    """Scores and stars of all titles for the first viewers, at moments moved by so many seconds."""
    viewers, at = tf.constant([1, 2, 3]), tf.constant([880_000_000, 880_400_000, 881_000_000], tf.int64) + moved
    baked = model.bake(checkerboard_split().train)
    histories = tf.gather(baked.histories, viewers) if stars is None else model.pool(histories_of(stars))
    rows = tf.gather(baked.viewers, viewers)
    scores = tf.matmul(model.query(rows, histories, at), baked.candidates, transpose_b=True)
    return scores.numpy(), model.stars(rows, histories, at, baked.titles[None]).numpy()


def test_moment_that_is_left_out_changes_nothing():
    for inputs, changes in ((("user_id", "history"), False), (("user_id", "history", "timestamp"), True)):
        model = built(query_inputs=inputs)
        for now, later in zip(answers(model), answers(model, moved=300_000), strict=True):
            assert np.allclose(now, later, atol=1e-6) != changes


def test_history_that_is_left_out_changes_nothing_and_the_query_reads_the_id():
    one = np.full((3, SIZE), np.nan, np.float32)
    other = one.copy()
    one[:, :5], other[:, 5:9] = 5.0, 1.0
    for inputs, changes in ((("user_id", "timestamp"), False), (("user_id", "timestamp", "history"), True)):
        model = built(query_inputs=inputs)
        for before, after in zip(answers(model, stars=one), answers(model, stars=other), strict=True):
            assert np.allclose(before, after, atol=1e-6) != changes
    by_id, by_history = built(query_inputs=("user_id",)), built(query_inputs=("user_id", "history"))
    assert np.abs(by_id._viewer_vectors()[:, :8]).max() > 0
    assert np.abs(by_history._viewer_vectors()[:, :8]).max() == 0


def test_side_features_and_raters_that_are_left_out_have_no_weights():
    model = built(query_inputs=("history",), candidate_inputs=("title_id",))
    assert not model._title_features.weights
    assert not model._viewer_features.weights
    assert model._viewer_ids.table().shape[1] == 0
    batch = a_batch(model)
    rated = model._rated_titles_of(batch, model._title_features.table(), False)
    factors = tf.gather(model._rated_title_tower._factors, batch["title"])
    np.testing.assert_allclose(rated[:, :8], factors, atol=1e-6)


def test_title_id_cannot_be_left_out():
    with pytest.raises(ValueError, match="title_id"):
        FlagshipConfiguration(candidate_inputs=("genres",))


def test_large_catalogues_are_sampled_and_others_scored_whole():
    assert isinstance(built().retrieval_task, CatalogueRetrieval)
    assert isinstance(built(negatives="sampled").retrieval_task, SampledRetrieval)


def bare(ratings: Ratings) -> Ratings:
    """The same without times and side features."""
    return replace(ratings, interactions=ratings.interactions.drop(columns="timestamp"), schema=Schema((), (), False))


VARIANTS = {
    "bare data, sampled": {"negatives": "sampled", "n_uniform_negatives": 16},
    "retrieval only": {"rating_weight": 0.0},
    "rating only": {"retrieval_weight": 0.0},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_trains_and_serves(variant):
    split = checkerboard_split()
    if variant.startswith("bare data"):
        split = Split("diagonal", 0, *(bare(part) for part in (split.train, split.validation, split.test)))
    trained = train_model("flagship", split, seed=1, settings={**SMALL, "epochs": 30, **VARIANTS[variant]})
    found = evaluate(trained.scorer, trained.training_part, split.test)
    assert np.isfinite(trained.curves["value"]).all()
    if variant != "rating only":
        assert found.top_k_unseen["5"] > 0.8
    if variant != "retrieval only":
        assert found.rmse < 1.5  # 2.0 for always guessing the middle
