"""The steps of a model's clock are those the model itself has."""

from itertools import pairwise

import numpy as np
import pytest

from recommender.serving.clock_grain import ClockGrain, clock_grain, training_moments
from tests.dashboard.doubles import FIRST, LAST, DoubleRecommender, small_ratings, timeless_ratings
from tests.eager import eager_functions


def double(**configuration: object) -> DoubleRecommender:
    model = DoubleRecommender()
    model.manifest = model.manifest.model_copy(update={"configuration": configuration})
    return model.with_ratings(small_ratings())


def test_width_is_that_of_the_step_around_the_moment() -> None:
    edges = np.array([0, 100, 400, 1_000])
    grain = ClockGrain(edges, edges[[0, 3]], straight=True, exact=True)
    assert [grain.width_at(at) for at in (-5, 0, 99, 100, 399, 999, 1_000, 5_000)] == [
        100, 100, 100, 300, 300, 600, 600, 600,
    ]  # fmt: skip
    assert grain.star_width_at(50) == 1_000


def test_edges_are_quantiles_of_the_ratings() -> None:
    found = clock_grain(double(n_time_knots=5, n_rating_time_knots=3))
    assert found is not None
    times = np.sort(small_ratings().timestamps)
    assert np.allclose(found.edges, np.quantile(times, np.linspace(0, 1, 5)), atol=1)
    assert len(found.star_edges) == 3
    assert found.straight
    assert not found.exact  # the double names another data set


def test_equal_buckets_are_equally_long() -> None:
    found = clock_grain(double(n_time_buckets=11, time_buckets="equal"))
    assert found is not None
    assert np.ptp(np.diff(found.edges)) <= 1
    assert not found.straight


@pytest.mark.parametrize(
    "model",
    [
        DoubleRecommender(),
        double(embedding_size=4),
        DoubleRecommender(inputs=("user_id",)).with_ratings(small_ratings()),
        DoubleRecommender(has_timestamps=False).with_ratings(timeless_ratings()),
    ],
    ids=["without ratings", "without steps", "reads no clock", "data without times"],
)
def test_nothing_is_said_where_there_are_no_steps_or_no_ratings(model: DoubleRecommender) -> None:
    assert clock_grain(model) is None


def test_training_moments_are_sorted_and_within_the_span() -> None:
    found = training_moments(double())
    assert found is not None
    assert np.all(np.diff(found[0]) >= 0)
    assert FIRST <= found[0][0] <= found[0][-1] <= LAST


def test_scores_of_a_trained_model_run_straight_inside_a_step_and_jump_at_its_edges(
    checkerboard_folder, tmp_path
) -> None:
    from recommender.data import load_ratings, split_by_name
    from recommender.export.export import export_bundle
    from recommender.serving.recommender import Recommender
    from recommender.training.trainer import train_model

    ratings = load_ratings(checkerboard_folder)
    split = split_by_name("random", ratings, seed=1)
    settings = {"epochs": 1, "embedding_size": 4, "n_time_buckets": 5}
    with eager_functions():
        trained = train_model("deep-1", split, seed=1, settings=settings)
    export_bundle(tmp_path / "deep", trained, ratings, split, seed=1)
    model = Recommender.load(tmp_path / "deep").with_ratings(ratings)
    found = clock_grain(model)
    assert found is not None
    assert found.exact
    user, jumps = model.user_ids[0], []
    for left, right in pairwise(found.edges[1:].tolist()):
        quarters = [left + (right - left) * part // 4 for part in (1, 2, 3)]
        low, middle, high = model.scores(user, quarters)
        assert np.abs(low - 2 * middle + high).max() < 1e-4
        before, after = model.scores(user, [left - 1, left])
        jumps.append(np.abs(after - before).max())
    assert min(jumps) > 1e-3


def test_split_of_another_share_is_not_called_exact(checkerboard_bundle, checkerboard_folder) -> None:
    from recommender.data import load_ratings
    from recommender.serving.recommender import Recommender

    found = training_moments(Recommender.load(checkerboard_bundle).with_ratings(load_ratings(checkerboard_folder)))
    assert found is not None
    assert not found[1]  # the fixture holds back a tenth to validate, which is not the usual share
