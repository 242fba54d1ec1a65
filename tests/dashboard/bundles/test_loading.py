"""Bundles on their way from the disk to a page: loaded once, kept, and loaded anew when they are replaced."""

import gc
import os
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommender.bundle.reader import read_manifest
from recommender.dashboard.bundles import loading
from recommender.dashboard.bundles.loading import Loading
from recommender.errors import BundleError
from tests.dashboard.doubles import DoubleRecommender, small_ratings


@pytest.fixture(autouse=True)
def _frozen_again() -> Iterator[None]:
    """As `tests/conftest.py` leaves it: these tests melt what no other needs looked through for garbage."""
    yield
    gc.freeze()


def test_loaded_model_is_frozen_out_of_garbage_collection(recommender, tmp_path: Path) -> None:
    gc.unfreeze()
    loading._freeze.cache_clear()
    assert Loading(tmp_path).recommender() is not None
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    gc.unfreeze()


def test_model_that_left_the_cache_is_collected_though_it_is_full_of_cycles(monkeypatch, tmp_path: Path) -> None:
    class Cyclic(DoubleRecommender):
        def __init__(self) -> None:
            super().__init__()
            object.__setattr__(self, "itself", self)

        def with_ratings(self, ratings: object) -> "Cyclic":
            return self

    monkeypatch.setattr(loading, "load_recommender", lambda bundle: Cyclic())
    monkeypatch.setattr(loading, "read_cached_ratings", small_ratings)
    loading._freeze.cache_clear()
    first = Loading(tmp_path).recommender()
    later = weakref.ref(Loading(tmp_path).recommender())
    Loading(tmp_path).recommender()  # collects what was there before
    gc.unfreeze()
    assert first is not None
    assert later() is None


def test_bundle_that_fails_freezes_nothing_and_leaves_it_to_the_next(recommender, monkeypatch, tmp_path: Path) -> None:
    def fail(bundle: Path) -> None:
        raise BundleError("torn")

    gc.unfreeze()
    loading._freeze.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load_recommender", fail)
        with pytest.raises(BundleError):
            Loading(tmp_path).recommender()
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()
    Loading(tmp_path).recommender()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_first_model_is_never_loaded_again_however_many_others_are_looked_at(
    recommender, monkeypatch, tmp_path: Path
) -> None:
    loads: list[str] = []
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: loads.append(bundle.name) or recommender)
    others = [tmp_path / name for name in "abcd"]
    for bundle in (loading.default_bundle(), *others, loading.default_bundle(), *others[1:], others[0]):
        loading.load(bundle).recommender()
    assert loads == ["flagship", *"abcd", "a"]


def test_a_bundle_is_loaded_once_and_again_when_it_is_replaced(recommender, monkeypatch, tmp_path: Path) -> None:
    loads = []
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: loads.append(bundle) or recommender)
    (tmp_path / "manifest.json").write_text("{}")
    for _ in range(3):
        loading.load(tmp_path).recommender()
    assert len(loads) == 1
    os.utime(tmp_path / "manifest.json", (1, 1))
    loading.load(tmp_path).recommender()
    assert len(loads) == 2


def test_data_of_ones_own_that_are_gone_are_a_line_of_the_log(caplog, tmp_path: Path) -> None:
    facts = read_manifest(loading.default_bundle()).data
    gone = facts.model_copy(update={"name": "mine", "source": str(tmp_path / "mine.csv")})
    assert loading.read_own_ratings(gone) is None
    (said,) = caplog.records
    assert "mine.csv" in said.getMessage()
    assert said.exc_info is None


@pytest.mark.parametrize("chosen", [None, "1"])
def test_model_is_loaded_without_what_remembers_every_shape_and_trainings_are_not(monkeypatch, tmp_path, chosen):
    name, seen = "TF_ENABLE_ONEDNN_OPTS", []
    if chosen is None:
        monkeypatch.delenv(name, raising=False)
    else:
        monkeypatch.setenv(name, chosen)
    monkeypatch.setattr("tensorflow.config.optimizer.set_experimental_options", lambda options: None)
    monkeypatch.setattr(
        "recommender.serving.recommender.Recommender.load", lambda bundle: seen.append(os.environ[name])
    )
    loading.load_recommender(tmp_path)
    assert seen == [chosen or "0"]
    assert os.environ.get(name) == chosen  # which a training would inherit


def test_functions_are_run_as_they_are_written_from_the_first_call_on(monkeypatch, tmp_path):
    done = []
    monkeypatch.setattr("tensorflow.config.optimizer.set_experimental_options", done.append)
    monkeypatch.setattr("recommender.serving.recommender.Recommender.load", lambda bundle: done.append("loaded"))
    loading.load_recommender(tmp_path)
    assert done == [{"disable_meta_optimizer": True}, "loaded"]
