"""A training that is kept until its bundle is written is the same one when it is gone on with."""

import numpy as np
import pytest

from recommender.errors import TrainingError
from recommender.training import kept
from recommender.training.trainer import train_model
from tests.checkerboard import checkerboard, checkerboard_split
from tests.conftest import SHORT

SETTINGS = {
    "flagship": {**SHORT, "steps": 2, "epochs": 1},
    "matrix-factorization": {"batch_size": 64, "epochs": 2, "n_factors": 4},
}
SPLIT = checkerboard_split()


def asked_of(model, **other):
    asked = {"preset": "default", "settings": SETTINGS.get(model, {}), "seed": 3, **other}
    return kept.Asked.of_command(model, checkerboard(), SPLIT, **asked)


@pytest.fixture(scope="module", params=list(SETTINGS))
def trained(request):
    return train_model(request.param, SPLIT, seed=3, settings=SETTINGS[request.param])


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MATINEE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_training_that_was_kept_scores_rates_and_says_of_itself_what_it_did(trained, tmp_path):
    name, bundle = trained.entry.name, tmp_path / "films"
    assert kept.keep(trained, asked_of(name), bundle) == kept.find(bundle)
    again = kept.resume(kept.find(bundle), asked_of(name), SPLIT)
    users, items = np.arange(24, dtype=np.int32), np.arange(24, dtype=np.int32)[::-1].copy()
    moments = np.linspace(880_000_000, 881_000_000, 24).astype(np.int64)
    np.testing.assert_array_equal(again.scorer.score(users, moments), trained.scorer.score(users, moments))
    np.testing.assert_array_equal(again.scorer.rate(users, items, moments), trained.scorer.rate(users, items, moments))
    assert again.curves.equals(trained.curves)
    same = ("configuration", "epochs_run", "best_epoch", "seconds", "train_metrics", "validation", "n_parameters")
    assert {name: getattr(again, name) for name in same} == {name: getattr(trained, name) for name in same}
    assert again.user_ids == trained.user_ids


@pytest.mark.parametrize(
    ("other", "said"),
    [({"seed": 4}, "the seed"), ({"settings": {}}, "the settings"), ({"preset": "tutorial"}, "the preset")],
)
def test_another_training_is_not_gone_on_with(trained, tmp_path, other, said):
    place = kept.keep(trained, asked_of(trained.entry.name), tmp_path / "films")
    with pytest.raises(TrainingError, match=f"is another one, as {said} differ; give the command as it was given then"):
        kept.resume(place, asked_of(trained.entry.name, **other), SPLIT)


def test_other_data_and_another_split_are_told_apart():
    from recommender.data.splits import Split

    ratings = checkerboard()
    cut = Split(SPLIT.name, SPLIT.seed, SPLIT.train, SPLIT.test, SPLIT.validation)
    asked = {"preset": "default", "settings": {}, "seed": 3}
    one = kept.Asked.of_command("flagship", ratings, SPLIT, **asked)
    assert one.differences(kept.Asked.of_command("flagship", ratings, cut, **asked)) == ["the split"]
    assert one.differences(kept.Asked.of_command("flagship", SPLIT.train, SPLIT, **asked)) == ["the data"]
    assert one.differences(kept.Asked.of_command("flagship", checkerboard(), checkerboard_split(), **asked)) == []


def test_a_cache_without_room_lets_it_be_kept_beside_the_bundle_and_no_room_at_all_is_no_error(
    trained, tmp_path, cache, monkeypatch
):
    cache.write_text("in the way")
    bundle = tmp_path / "store" / "films"
    assert kept.keep(trained, asked_of(trained.entry.name), bundle) == tmp_path / "store" / ".films.training"
    kept.drop(bundle)
    with pytest.raises(TrainingError, match="no training of it is kept"):
        kept.find(bundle)
    (tmp_path / "file").touch()
    assert kept.keep(trained, asked_of(trained.entry.name), tmp_path / "file" / "films") is None


def test_only_the_latest_of_a_destination_and_the_latest_destinations_are_kept(trained, tmp_path, cache, monkeypatch):
    monkeypatch.setattr(kept, "_MOST_KEPT", 2)
    for name in ("a", "b", "b", "c"):
        kept.keep(trained, asked_of(trained.entry.name), tmp_path / name)
    assert sorted(path.name.split("-")[0] for path in (cache / "trainings").iterdir()) == ["b", "c"]


def test_damaged_facts_are_said(trained, tmp_path):
    place = kept.keep(trained, asked_of(trained.entry.name), tmp_path / "films")
    (place / "training.json").write_text("{}")
    with pytest.raises(TrainingError, match=r"cannot be read .*; train without --resume"):
        kept.resume(place, asked_of(trained.entry.name), SPLIT)
