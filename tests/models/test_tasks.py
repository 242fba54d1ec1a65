import numpy as np
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recommender.models.tasks import BatchRetrieval, CatalogueRetrieval, SampledRetrieval, SetRetrieval, TitleSets

SHARES = np.array([0.4, 0.3, 0.1, 0.1, 0.05, 0.05])


def random_embeddings():
    generator = np.random.default_rng(0)
    return generator.normal(size=(3, 4)).astype("f4"), generator.normal(size=(6, 4)).astype("f4")


def test_catalogue_softmax_is_the_mean_cross_entropy_over_all_titles():
    generator = np.random.default_rng(0)
    queries, titles = generator.normal(size=(3, 4)).astype("f4"), generator.normal(size=(6, 4)).astype("f4")
    targets, weights = np.array([5, 0, 2]), np.array([1.0, 2.0, 0.0], "f4")
    scores = queries @ titles.T
    losses = np.log(np.exp(scores).sum(1)) - scores[np.arange(3), targets]
    loss = CatalogueRetrieval()(
        tf.constant(queries), tf.constant(titles), tf.constant(targets), sample_weight=tf.constant(weights)
    )
    assert float(loss) == pytest.approx(np.mean(losses * weights), rel=1e-5)


def test_masked_titles_are_no_negatives_but_the_target_counts():
    queries, titles = tf.constant([[1.0, 0.0]]), tf.constant([[1.0, 0.0], [3.0, 0.0], [0.5, 0.0]])
    loss = CatalogueRetrieval()(queries, titles, tf.constant([0]), masked=tf.constant([[1.0, 1.0, 0.0]]))
    assert float(loss) == pytest.approx(np.log(np.exp(1.0) + np.exp(0.5)) - 1.0, abs=1e-5)


@pytest.mark.parametrize("corrected", [True, False])
def test_sampled_softmax_runs_over_the_batch_and_the_drawn_without_what_the_viewer_chose(corrected):
    queries, titles = random_embeddings()
    targets, drawn, weights = np.array([5, 0, 0]), np.array([2, 5, 1, 2]), np.array([1.0, 2.0, 0.5], "f4")
    masked = np.zeros((3, 6), "f4")
    masked[0, [5, 2]] = masked[1, 1] = 1.0  # the first viewer chose its target, and title 2, elsewhere too
    loss = SampledRetrieval(SHARES, 4, corrected=corrected).loss_among(
        *(tf.constant(part) for part in (queries, titles, targets, drawn)),
        sample_weight=tf.constant(weights),
        masked=tf.constant(masked),
    )
    expected_count = 3 * SHARES + 4 / 6
    losses = []
    for row, query in enumerate(queries):
        columns = [row]  # the query's own place in the batch
        for column, title in enumerate([*targets, *drawn]):
            if column != row and title != targets[row] and not masked[row, title]:
                columns.append(column)
        sampled = np.array([*targets, *drawn])[columns]
        scores = titles[sampled] @ query - (np.log(expected_count[sampled]) if corrected else 0.0)
        losses.append(np.log(np.exp(scores).sum()) - scores[0])
    assert float(loss) == pytest.approx(np.mean(losses * weights), rel=1e-4)


def test_titles_are_drawn_anew_for_each_batch():
    queries, titles = random_embeddings()
    task = SampledRetrieval(SHARES, 2, corrected=True)
    found = {float(task(tf.constant(queries), tf.constant(titles), tf.constant([5, 0, 2]))) for _ in range(8)}
    assert len(found) > 1
    assert all(np.isfinite(loss) and loss > 0 for loss in found)


RNG = np.random.default_rng(3)
QUERIES = RNG.normal(size=(6, 4)).astype(np.float32)
CANDIDATES = RNG.normal(size=(5, 4)).astype(np.float32)
TARGETS = np.array([0, 3, 0, 1, 0, 3], np.int32)  # 2 and 4 are in no batch
WEIGHTS = np.array([1.0, 0.5, 2.0, 1.0, 0.25, 1.25], np.float32)
FREQUENCY = np.array([0.5, 0.2, 0.1, 0.15, 0.05], np.float32)


def cross_entropy(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(targets)), targets]


def test_batch_softmax_is_that_of_numpy():
    scores = QUERIES @ CANDIDATES[TARGETS].T
    expected = (cross_entropy(scores, np.arange(6)) * WEIGHTS).mean()
    assert BatchRetrieval()(QUERIES, CANDIDATES, TARGETS, sample_weight=WEIGHTS).numpy() == pytest.approx(expected)


def test_correction_takes_log_frequency_off_and_counts_the_own_title_once():
    scores = QUERIES @ CANDIDATES[TARGETS].T - np.log(FREQUENCY[TARGETS])
    again = (TARGETS[:, None] == TARGETS) & ~np.eye(6, dtype=bool)
    expected = cross_entropy(np.where(again, -np.inf, scores), np.arange(6)).mean()
    assert BatchRetrieval()(QUERIES, CANDIDATES, TARGETS, frequency=FREQUENCY).numpy() == pytest.approx(expected)


@pytest.mark.parametrize("corrected", [False, True])
def test_loss_and_gradient_are_those_of_tensorflow_recommenders(corrected):
    """Its own task, which scores every occurrence, gives the sum over the batch."""
    candidates = tf.Variable(CANDIDATES)
    with tf.GradientTape(persistent=True) as tape:
        ours = BatchRetrieval()(QUERIES, candidates, TARGETS, frequency=FREQUENCY if corrected else None)
        theirs = tfrs.tasks.Retrieval(remove_accidental_hits=corrected)(
            tf.constant(QUERIES),
            tf.gather(candidates, TARGETS),
            candidate_sampling_probability=tf.gather(FREQUENCY, TARGETS) if corrected else None,
            candidate_ids=tf.constant(TARGETS) if corrected else None,
        )
    assert 6 * ours.numpy() == pytest.approx(theirs.numpy(), rel=1e-5)
    our_gradient, their_gradient = (tf.convert_to_tensor(tape.gradient(loss, candidates)) for loss in (ours, theirs))
    np.testing.assert_allclose(6 * our_gradient, their_gradient, atol=1e-5)


def question_sets():
    """Targets and known titles of three questions: two targets, none known; one and two; one and one."""
    targets = TitleSets(tf.constant([5, 0, 2, 1]), tf.constant([0, 0, 1, 2]))
    return targets, TitleSets(tf.constant([0, 4, 2]), tf.constant([1, 1, 2]))


def set_losses(queries, titles, columns=slice(None), correction=0.0):
    """Each target's loss against the columns that its question does not know."""
    targets, known = question_sets()
    scores = queries @ titles.T - correction
    scores[known.rows.numpy(), known.items.numpy()] = -np.inf
    pairs = zip(targets.rows.numpy(), targets.items.numpy(), strict=True)
    return [np.log(np.exp(scores[row, columns]).sum()) - scores[row, item] for row, item in pairs]


def test_targets_of_a_question_share_the_softmax_without_what_it_knows():
    queries, titles = random_embeddings()
    loss = SetRetrieval(SHARES, None)(tf.constant(queries), tf.constant(titles), *question_sets())
    assert float(loss) == pytest.approx(np.mean(set_losses(queries, titles)), rel=1e-5)


def sampled_loss(task, queries, titles):
    targets, known = question_sets()
    columns = task.columns(targets)
    return task(tf.constant(queries), tf.gather(titles, columns), targets, known, columns)


def test_sampled_sets_run_over_targets_and_drawn_titles_with_rare_ones_counted_up(monkeypatch):
    queries, titles = random_embeddings()
    monkeypatch.setattr(tf.random, "uniform", lambda *_, **__: tf.constant([3, 3], tf.int32))
    loss = sampled_loss(SetRetrieval(SHARES, 2), queries, titles)
    expected = np.minimum(4 * SHARES + 2 / 6, 1.0)  # times that a title is among them
    losses = set_losses(queries, titles, columns=[0, 1, 2, 3, 5], correction=np.log(expected))  # title 4 is not there
    assert float(loss) == pytest.approx(np.mean(losses), rel=1e-5)


def test_sampling_so_many_that_all_titles_come_is_the_softmax_over_the_catalogue():
    queries, titles = random_embeddings()
    whole = SetRetrieval(SHARES, None)(tf.constant(queries), tf.constant(titles), *question_sets())
    sampled = sampled_loss(SetRetrieval(SHARES, 1_000), queries, titles)
    assert float(sampled) == pytest.approx(float(whole), rel=1e-5)


def test_targets_among_the_best_unknown_titles_count_as_found():
    queries, titles = np.eye(3, 4, dtype="f4"), np.zeros((6, 4), "f4")
    titles[:, :3] = np.array([[6, 9, 1], [5, 4, 6], [4, 8, 9], [3, 3, 5], [2, 9, 4], [1, 2, 3]])
    task = SetRetrieval(SHARES, None, ks=(1, 2))
    task(tf.constant(queries), tf.constant(titles), *question_sets())
    # Title 5 is the last of question 0, and title 0 its first; 2 and 1 are the first of those not known.
    assert [float(accuracy.result()) for accuracy in task.accuracies] == [0.75, 0.75]
    assert SetRetrieval(SHARES, 2, ks=(1, 2)).accuracies == []


def test_task_with_accuracies_is_saved_with_its_model(tmp_path):
    kept = tf.train.Checkpoint(task=SetRetrieval(SHARES, None, ks=(1, 2))).write(str(tmp_path / "best"))
    saved = [name for name, _ in tf.train.list_variables(kept)]
    assert sum("_accuracies" in name for name in saved) == 4  # a sum and a count for each
