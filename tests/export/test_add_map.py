import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recommender.bundle.reader import read_bundle, read_manifest
from recommender.errors import BundleError
from recommender.export import add_map
from recommender.serving.recommender import Recommender
from tests.checkerboard import SIZE
from tests.sealing import reseal


@pytest.fixture
def bundle(checkerboard_bundle, tmp_path) -> Path:
    return Path(shutil.copytree(checkerboard_bundle, tmp_path / "flagship"))


def without_map(path: Path) -> Path:
    """The bundle as it was written before there were maps."""
    (path / "catalogue_map.csv").unlink()
    reseal(path, lambda content: content.pop("map"))
    return path


def test_exported_bundle_holds_a_place_for_every_title(bundle):
    places = read_bundle(bundle).catalogue_map
    assert places is not None
    assert places["item_id"].tolist() == list(read_bundle(bundle).identifiers.item_ids)
    assert places[["x", "y"]].abs().to_numpy().max() == 1.0
    facts = read_manifest(bundle).map
    assert facts is not None
    assert facts.n_titles == SIZE
    assert 0.5 < facts.trustworthiness <= 1.0


def test_bundle_without_a_map_is_read_and_served(bundle):
    recommender = Recommender.load(without_map(bundle))
    assert recommender.catalogue_map is None
    assert recommender.manifest.map is None


def test_adding_a_map_draws_that_of_the_export_and_changes_no_other_file(bundle):
    exported = read_bundle(bundle)
    assert exported.catalogue_map is not None
    add_map.add_map(without_map(bundle))
    again = read_bundle(bundle)
    assert again.catalogue_map is not None
    pd.testing.assert_frame_equal(again.catalogue_map, exported.catalogue_map)
    assert again.manifest.files == exported.manifest.files
    assert again.manifest.sizes == exported.manifest.sizes
    changed = {"map", "versions", "seal"}
    assert again.manifest.model_dump(exclude=changed) == exported.manifest.model_dump(exclude=changed)
    assert [file.name for file in bundle.parent.iterdir()] == ["flagship"]


def test_map_without_a_space_is_refused_and_the_bundle_left(bundle, monkeypatch):
    monkeypatch.setattr(add_map, "draw_map", lambda candidates: None)
    before = read_bundle(bundle).manifest
    with pytest.raises(BundleError, match="no space that could be mapped"):
        add_map.add_map(bundle)
    assert read_bundle(bundle).manifest == before


def test_of_a_long_catalogue_the_titles_a_stranger_would_be_shown_are_mapped(bundle, monkeypatch):
    monkeypatch.setattr(add_map, "MOST_TITLES_MAPPED", 12)
    add_map.add_map(bundle)
    recommender = Recommender.load(bundle)
    shown = recommender.retrieve(None, recommender.last_moment, 12)["item_id"]
    assert recommender.catalogue_map is not None
    assert set(recommender.catalogue_map["item_id"]) == set(shown)
    assert recommender.manifest.map is not None
    assert recommender.manifest.map.n_titles == 12


def test_command_says_how_good_the_map_is(run, bundle):
    code, out, _ = run("map", without_map(bundle))
    assert code == 0
    assert f"map of {SIZE} titles, trustworthiness" in " ".join(out.split())
    assert np.isfinite(read_bundle(bundle).catalogue_map[["x", "y"]].to_numpy()).all()
