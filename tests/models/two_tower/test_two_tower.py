import numpy as np
import pytest
import tensorflow as tf

from recommender.errors import ConfigurationError
from recommender.models.two_tower.model import TwoTower
from recommender.models.zoo import find_model
from tests.checkerboard import SIZE, checkerboard, checkerboard_split

TRAIN = checkerboard_split().train
PLAIN = {"stranger_share": 0.0, "embedding_size": 4, "n_time_buckets": 4}


def build(name: str, **settings) -> TwoTower:
    entry = find_model(name)
    return entry.build(entry.configure({**PLAIN, **settings}).fitted_to(TRAIN), TRAIN)


def batch_of(rows: list[int]) -> dict[str, tf.Tensor]:
    return {
        "viewer": tf.constant(TRAIN.user_rows[rows] + 1, tf.int32),  # every viewer of the checkerboard has a row
        "title": tf.constant(TRAIN.item_rows[rows], tf.int32),
        "at": tf.constant(TRAIN.timestamps[rows]),
        "stars": tf.constant(TRAIN.stars[rows], tf.float32),
        "weight": tf.ones(len(rows)),
    }


def baked(model: TwoTower) -> tuple[np.ndarray, np.ndarray]:
    """Queries of all viewers (of models that read no moment) and candidates of all titles."""
    parts = model.bake(TRAIN)
    at = tf.fill([model.space.n_viewers], tf.constant(880_500_000, tf.int64))
    return model.query(parts.viewers, parts.histories, at).numpy(), parts.candidates.numpy()


def test_bias_of_a_title_starts_at_the_log_of_its_share_and_is_no_part_of_its_place():
    model = build("two-tower")
    queries, candidates = baked(model)
    counts = np.bincount(TRAIN.item_rows, minlength=SIZE)
    np.testing.assert_allclose(candidates[:, -1], np.log((counts + 1) / (counts.sum() + SIZE)), rtol=1e-5)
    np.testing.assert_array_equal(queries[:, -1], 1)
    assert model.embedding_size == candidates.shape[1] - 1 == 4


def test_catalogue_loss_is_the_softmax_without_other_titles_the_viewer_rated():
    model = build("two-tower")
    rows = [0, 5, 40]
    queries, candidates = baked(model)
    losses = []
    for viewer, title in zip(TRAIN.user_rows[rows], TRAIN.item_rows[rows], strict=True):
        scores = candidates @ queries[viewer + 1]
        rated = set(TRAIN.item_rows[TRAIN.user_rows == viewer]) - {title}
        kept = [other for other in range(SIZE) if other not in rated]
        losses.append(np.log(np.exp(scores[kept]).sum()) - scores[title])
    assert float(model.compute_loss(batch_of(rows))) == pytest.approx(np.mean(losses), rel=1e-5)


def test_batch_loss_takes_the_log_of_a_titles_frequency_off_its_score():
    model = build("two-tower", negatives="batch")
    rows = [0, 5, 40]
    titles = TRAIN.item_rows[rows]
    assert len(set(titles)) == 3
    queries, candidates = baked(model)
    counts = np.bincount(TRAIN.item_rows, minlength=SIZE)
    scores = queries[TRAIN.user_rows[rows] + 1] @ candidates[titles].T
    scores -= np.log((counts[titles] + 1) / (counts.sum() + SIZE))
    expected = (np.log(np.exp(scores).sum(axis=1)) - np.diag(scores)).mean()
    assert float(model.compute_loss(batch_of(rows))) == pytest.approx(expected, rel=1e-5)


def test_weighted_losses_of_both_tasks_are_added():
    model = build("multitask", retrieval_weight=0.0, rating_weight=2.0)
    rows = [0, 5, 40]
    parts = model.bake(TRAIN)
    viewers = TRAIN.user_rows[rows] + 1
    stars = model.stars(
        tf.gather(parts.viewers, viewers),
        tf.gather(parts.histories, viewers),
        tf.constant(TRAIN.timestamps[rows]),
        tf.gather(parts.titles, TRAIN.item_rows[rows])[:, None, :],
    ).numpy()[:, 0]
    expected = 2 * np.mean((stars - TRAIN.stars[rows]) ** 2)
    assert float(model.compute_loss(batch_of(rows))) == pytest.approx(expected, rel=1e-5)


def described(model: TwoTower, row: int) -> tuple[list[int], int]:
    """The titles whose features describe the viewer of a training row, and the row's own title."""
    viewer, title = TRAIN.user_rows[row], TRAIN.item_rows[row]
    read = model._read_titles(tf.constant([viewer + 1]), tf.constant([title])).numpy()[0]
    return np.flatnonzero(~np.isnan(read)).tolist(), title


def test_target_is_left_out_of_what_describes_its_viewer():
    titles, target = described(build("cross", query_layers=(4,)), 30)
    rated = set(TRAIN.item_rows[TRAIN.user_rows == TRAIN.user_rows[30]])
    assert set(titles) == rated - {target}


def test_tutorials_preferences_are_the_target_alone():
    titles, target = described(build("cross", query_layers=(4,), described="target"), 30)
    assert titles == [target]


def test_candidates_without_projection_are_their_inputs_side_by_side():
    model = build("deep-1", projection_size=8, project_candidates=False, hash_bins=0, title_bias=False)
    _, candidates = baked(model)
    assert candidates.shape == (SIZE, 8)
    np.testing.assert_array_equal(candidates[:, :4], model._title_ids.table())


def test_linear_layers_are_one_matrix():
    def queries(activation: str) -> np.ndarray:
        model = build("deep-3", activation=activation)
        inputs = tf.constant([[0.0] * 9, [1.0] * 9, [-1.0] * 9])
        return model._query_tower(inputs).numpy()

    zero, plus, minus = queries("linear")
    np.testing.assert_allclose(plus - zero, zero - minus, atol=1e-6)
    zero, plus, minus = queries("relu")
    assert not np.allclose(plus - zero, zero - minus, atol=1e-6)


def test_query_and_candidate_of_different_sizes_are_refused():
    entry = find_model("deep-1")
    with pytest.raises(ConfigurationError, match=r"query of 8 numbers does not fit a candidate of 64 \(title_id and"):
        entry.configure({"embedding_size": 32, "projection_size": 8, "project_candidates": False}).fitted_to(
            checkerboard()
        )


def test_towers_of_several_inputs_need_a_projection():
    with pytest.raises(ConfigurationError, match="set projection_size"):
        find_model("deep-1").configure({"projection_size": 0}).fitted_to(checkerboard())
