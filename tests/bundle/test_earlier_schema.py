import json

import pytest

from recommender.bundle.reader import read_manifest
from recommender.bundle.seal import with_seal
from recommender.bundle.training_data import split_again, training_part_of
from recommender.data import split_per_user_last
from recommender.errors import BundleError, ConfigurationError
from tests.bundle.test_training_data import manifest_of
from tests.checkerboard import checkerboard
from tests.dashboard.doubles import manifest

TOLD = {"rmse": 0.9, "mae": 0.7, "top_k_all": {"1": 0.1}, "top_k_unseen": {"1": 0.2}}
LISTS = {"n_test": 7, "ndcg_at_10": 0.4, "recall_at_10": 0.3, "coverage_at_10": 0.2, "novelty_at_10": 8.0}


@pytest.fixture
def earlier(tmp_path):
    """A manifest as the schema before this one wrote it."""
    content = json.loads(manifest().model_dump_json(exclude={"seal"}))
    del content["split"]["ties"]
    content |= {
        "schema_version": 3,
        "metrics": {"train": {"rmse": 0.8}, "validation": LISTS | TOLD, "test": LISTS | TOLD},
        "references": {"popularity": LISTS | TOLD, "cross, told the target": TOLD},
    }
    (tmp_path / "manifest.json").write_text(with_seal(json.dumps(content)))
    return tmp_path


def test_figures_told_the_second_are_not_taken_for_those_asked_at_the_last_known_moment(earlier):
    found = read_manifest(earlier)
    assert found.metrics["test"] == found.metrics["validation"] == LISTS | {"held_out": TOLD}
    assert found.metrics["train"] == {"rmse": 0.8}
    assert found.references == {"popularity": LISTS | {"held_out": TOLD}, "cross, told the target": TOLD}
    assert found.schema_version == 4


def test_split_through_one_second_by_the_order_of_the_file_is_not_made_again(earlier):
    facts = read_manifest(earlier).split
    assert facts.ties == "file order"
    ratings = checkerboard()
    assert len(split_again(ratings, facts).test) == 58  # random: no time decides
    cut = manifest_of(ratings, split_per_user_last(ratings, 3))
    assert training_part_of(ratings, cut) is not None
    old = manifest_of(ratings, split_per_user_last(ratings, 3), ties="file order")
    assert training_part_of(ratings, old) is None
    with pytest.raises(ConfigurationError, match=r"order of the file.* Train the bundle again"):
        split_again(ratings, old.split)


@pytest.mark.parametrize("damage", [{"metrics": 7}, {"split": None}, {"references": {"popularity": 1}}])
def test_damaged_manifest_of_the_earlier_schema_is_refused_and_not_crashed_on(earlier, damage):
    file = earlier / "manifest.json"
    content = {name: value for name, value in json.loads(file.read_text()).items() if name != "seal"}
    file.write_text(with_seal(json.dumps(content | damage)))
    with pytest.raises(BundleError, match=next(iter(damage))):
        read_manifest(earlier)
