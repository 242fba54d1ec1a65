"""A viewer who comes as a visitor, with their ratings and nothing else, gets nearly their own list."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.folding_in import compare, ratings_read
from recommender.bundle import MODEL_STORE
from recommender.bundle.signatures import History
from recommender.data import Ratings, cached_ml100k, load_ratings, read_ml100k, split_by_name
from recommender.serving.recommender import Recommender

FLAGSHIP = MODEL_STORE / "flagship-100k"


@pytest.fixture(scope="module")
def recommender(checkerboard_bundle: Path) -> Recommender:
    return Recommender.load(checkerboard_bundle)


@pytest.fixture(scope="module")
def ratings(checkerboard_folder: Path) -> Ratings:
    return load_ratings(checkerboard_folder)


@pytest.fixture(scope="module")
def histories(recommender: Recommender, ratings: Ratings) -> dict[str, History]:
    return ratings_read(recommender, ratings)


def test_bundle_holds_of_each_viewer_what_train_and_validation_hold_and_nothing_of_test(histories, ratings):
    split = split_by_name("random", ratings, seed=1)
    assert sum(len(history.stars) for history in histories.values()) == len(split.train) + len(split.validation)
    held_out = split.test.interactions["user_id"], split.test.items["title"].to_numpy()[split.test.item_rows]
    assert not [user for user, title in zip(*held_out, strict=True) if title in histories[user].stars]
    assert all((np.diff(history.times) >= 0).all() for history in histories.values())


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
    """Not every list passes the floors above: those who rated the other squares of the board get another one."""
    viewers = sorted(histories)
    others = {viewer: histories[str(int(viewer) % len(viewers) + 1)] for viewer in viewers}
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
