import shutil

import pytest

from recommender.bundle.reader import read_bundle
from recommender.bundle.training_data import load_data_of, split_again
from recommender.errors import BundleError
from recommender.export.add_dials import add_dials


@pytest.fixture
def bundle(checkerboard_bundle, tmp_path):
    return read_bundle(shutil.copytree(checkerboard_bundle, tmp_path / "flagship"))


@pytest.fixture
def data(bundle, checkerboard_folder):
    ratings = load_data_of(bundle.manifest.data, str(checkerboard_folder))
    return ratings, split_again(ratings, bundle.manifest.split)


def test_a_bundle_says_what_turning_each_dial_costs(bundle):
    dials = bundle.manifest.dials
    assert dials.n_viewers == 24
    for positions, low in ((dials.personal, -1), (dials.praise, -1), (dials.varied, 0)):
        assert [position.at for position in positions] == sorted(position.at for position in positions)
        assert (positions[0].at, positions[-1].at) == (low, 1)
    (rest,) = {
        position
        for positions in (dials.personal, dials.praise, dials.varied)
        for position in positions
        if not position.at
    }
    assert rest.ndcg_at_10 == pytest.approx(bundle.manifest.metrics["test"]["ndcg_at_10"], abs=1e-6)
    assert len({position.ndcg_at_10 for position in dials.personal}) > 1
    assert len({position.ndcg_at_10 for position in dials.varied}) > 1


def test_the_same_is_measured_of_the_finished_bundle(bundle, data):
    before = bundle.manifest
    after = add_dials(bundle, *data)
    assert after.files == before.files
    for name in ("personal", "praise", "varied"):
        for live, loaded in zip(getattr(before.dials, name), getattr(after.dials, name), strict=True):
            assert loaded.ndcg_at_10 == pytest.approx(live.ndcg_at_10, abs=1e-5)
    assert read_bundle(bundle.path).manifest == after


def test_a_bundle_without_dials_is_left_as_it_was(bundle, data, monkeypatch):
    monkeypatch.setattr("recommender.export.add_dials.measure_dials", lambda *_: None)
    with pytest.raises(BundleError, match="its lists cannot be turned"):
        add_dials(bundle, *data)
    assert read_bundle(bundle.path).manifest == bundle.manifest
