"""Why a bundle is refused."""

import json
import shutil
from pathlib import Path

import pytest

from recommender.bundle.reader import read_bundle
from recommender.errors import BundleError


@pytest.fixture
def bundle(checkerboard_bundle, tmp_path) -> Path:
    return Path(shutil.copytree(checkerboard_bundle, tmp_path / "flagship"))


@pytest.mark.parametrize("name", ["identifiers.json", "history.csv", "saved_model/variables/variables.index"])
def test_changed_file_is_refused_by_name(bundle, name):
    file = bundle / name
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(BundleError, match=f"{name}.*checksum.*train it again"):
        read_bundle(bundle)


def test_missing_file_is_refused_by_name(bundle):
    (bundle / "history.csv").unlink()
    with pytest.raises(BundleError, match=r"history\.csv.*missing"):
        read_bundle(bundle)


def test_no_bundle_is_a_sentence(tmp_path):
    with pytest.raises(BundleError, match="there is no bundle here"):
        read_bundle(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: "{", "cannot be read"),
        (lambda content: "[]", "schema version None"),
        (
            lambda content: content.replace('"schema_version": 4', '"schema_version": 99'),
            "version 99, this program reads 3 and 4",
        ),
        (lambda content: content.replace('"n_titles"', '"titles"'), "data.n_titles"),
    ],
    ids=["truncated", "of another kind", "of another version", "with a field missing"],
)
def test_manifest_that_is_damaged_is_refused(bundle, change, message):
    file = bundle / "manifest.json"
    file.write_text(change(file.read_text()))
    with pytest.raises(BundleError, match=message):
        read_bundle(bundle)


def test_index_without_a_checksum_is_refused_by_the_name_of_its_file(bundle):
    file = bundle / "manifest.json"
    content = json.loads(file.read_text())
    content["index"]["kind"] = "faiss"
    file.write_text(json.dumps(content))
    with pytest.raises(BundleError, match=r"names an index faiss and no checksum of index\.faiss; train it again"):
        read_bundle(bundle)
