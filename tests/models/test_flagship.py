import numpy as np
import tensorflow as tf

from recommender.models.zoo import find_model
from tests.checkerboard import checkerboard_split
from tests.conformance import Conformance

SMALL = {
    "query_inputs": ("user_id", "timestamp", "history"),
    "candidate_inputs": ("title_id", "title_text", "genres"),
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
    return entry.build(entry.configure({**SMALL, **settings}), checkerboard_split().train)


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
    """The stars of the target, and whether it was met at all, leave no trace in what is read to predict it."""
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
