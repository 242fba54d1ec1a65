"""A known viewer who comes as a visitor, with their ratings and nothing else, gets nearly their own list."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.folding_in import compare, ratings_read
from recommender.data import cached_ml100k, read_ml100k, split_by_name
from recommender.export.export import export_bundle
from recommender.serving.recommender import Recommender
from recommender.training.trainer import train_model
from tests.checkerboard import checkerboard

FLAGSHIP = Path(__file__).parents[1] / "model_store" / "flagship"
SETTINGS = {
    "embedding_size": 8,
    "rating_size": 8,
    "batch_size": 64,
    "epochs": 20,
    "patience": 20,
    "learning_rate": 0.02,
    "average_momentum": 0.0,
}


@pytest.fixture(scope="module")
def recommender(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    split = split_by_name("random", checkerboard(), seed=1)
    trained = train_model("flagship", split, seed=1, settings=SETTINGS)
    path = tmp_path_factory.mktemp("store") / "flagship"
    export_bundle(path, trained, checkerboard(), split, seed=1)
    return Recommender.load(path)


@pytest.fixture(scope="module")
def histories(recommender: Recommender) -> dict[str, dict[str, float]]:
    return ratings_read(recommender, checkerboard())


def test_bundle_knows_of_each_viewer_what_train_and_validation_hold_and_nothing_of_test(histories):
    split = split_by_name("random", checkerboard(), seed=1)
    assert sum(len(stars) for stars in histories.values()) == len(split.train) + len(split.validation)
    held_out = zip(split.test.interactions["user_id"], split.test.interactions["item_id"], strict=True)
    assert not [pair for pair in held_out if f"Title {pair[1][1:]}" in histories[pair[0]]]


def test_viewer_with_id_and_the_baked_ratings_gets_exactly_their_own_list(recommender, histories):
    found = compare(recommender, histories, sorted(histories), histories, with_id=True)
    assert found.overlap.min() == 1
    assert found.correlation.min() > 0.9999
    assert np.nanmax(found.stars) < 1e-4


def test_viewer_as_a_visitor_gets_nearly_their_own_list(recommender, histories, record_property):
    found = compare(recommender, histories, sorted(histories), histories, with_id=False)
    record_property("overlap@10", float(found.overlap.mean()))
    record_property("Spearman's rank correlation", float(found.correlation.mean()))
    assert found.overlap.mean() >= 0.9
    assert found.correlation.mean() >= 0.9


def test_somebody_elses_ratings_do_not_give_it(recommender, histories):
    """The floors above are not met by any list: those who met the other squares of the board have another one."""
    viewers = sorted(histories)
    others = {viewer: histories[f"u{(int(viewer[1:]) + 1) % len(viewers)}"] for viewer in viewers}
    found = compare(recommender, histories, viewers, others, with_id=False)
    assert found.overlap.mean() < 0.8
    assert found.correlation.mean() < 0.5


def test_viewers_of_movielens_as_visitors_of_the_flagship_get_nearly_their_own_lists(record_property):
    """The bundle that is delivered; `benchmarks.folding_in` measures the same over more viewers."""
    folder = cached_ml100k()
    if folder is None:
        pytest.skip("NO RATINGS: MovieLens 100K is not in the cache; `python -m recommender fetch` puts it there")
    ratings = read_ml100k(folder)
    flagship = Recommender.load(FLAGSHIP)
    histories = ratings_read(flagship, ratings)
    viewers = [str(viewer) for viewer in np.random.default_rng(0).choice(sorted(histories), 20, replace=False)]
    found = compare(flagship, histories, viewers, histories, with_id=False)
    record_property("overlap@10", float(found.overlap.mean()))
    record_property("Spearman's rank correlation", float(found.correlation.mean()))
    assert flagship.manifest.data.checksum == ratings.checksum
    assert found.overlap.mean() >= 0.9
    assert found.correlation.mean() >= 0.99
