"""Why a bundle is refused."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.bundle.reader import read_bundle, read_manifest
from recommender.bundle.writer import seal_bundle
from recommender.errors import BundleError
from tests.sealing import reseal


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
        (lambda content: "[]", "is no json object"),
        (lambda content: "[" * 200_000, "nested too deeply"),
        (lambda content: '{"a":' * 200_000, "nested too deeply"),
        (lambda content: content.replace('"n_train": 207', '"n_train": 208'), "does not say what it said"),
        (lambda content: content.replace('"seal"', '"steal"'), "has no seal.*python -m recommender seal"),
        (
            lambda content: content.replace('"schema_version": 4', '"schema_version": 99'),
            "version 99, this program reads 3 and 4",
        ),
    ],
    ids=["truncated", "another kind", "lists in lists", "objects in objects", "changed", "unsealed", "another version"],
)
def test_manifest_that_is_damaged_is_refused(bundle, change, message):
    file = bundle / "manifest.json"
    file.write_text(change(file.read_text()))
    with pytest.raises(BundleError, match=message):
        read_bundle(bundle)


def rename(content: dict[str, Any]) -> None:
    content["data"]["titles"] = content["data"].pop("n_titles")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (rename, "data.n_titles"),
        (lambda content: content["index"].update(kind="faiss"), r"gives no checksum of index\.faiss; train it again"),
        (lambda content: content["files"].clear(), r"gives no checksum of saved_model/saved_model\.pb"),
        (lambda content: content["files"].update({"../../etc/hostname": "0" * 64}), "files.*hostname"),
        (lambda content: content["files"].update({"/etc/hostname": "0" * 64}), "files.*hostname"),
        (lambda content: content["files"].update({"saved_model/saved_model.cpb": "0" * 64}), "files.*cpb"),
        (lambda content: content["files"].update({"index.ann": "0" * 64}), r"index\.ann: is missing"),
        (lambda content: content["files"].update({"history.csv": "none"}), "files.*history.csv"),
    ],
    ids=["a field", "an index", "no files", "above", "from the root", "not ours", "not there", "no checksum"],
)
def test_manifest_that_says_what_cannot_be_is_refused_though_it_is_sealed(bundle, change, message):
    reseal(bundle, change)
    with pytest.raises(BundleError, match=message):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["more.txt", "saved_model/saved_model.cpb", "saved_model/assets/words.txt", "more/a"])
def test_file_that_the_manifest_does_not_name_is_refused(bundle, name):
    (bundle / name).parent.mkdir(exist_ok=True)
    (bundle / name).write_text("")
    with pytest.raises(BundleError, match="the manifest does not name it; remove it"):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["manifest.json", "history.csv", "saved_model/saved_model.pb"])
@pytest.mark.parametrize("replace", [Path.symlink_to, lambda file, elsewhere: os.mkfifo(file)], ids=["link", "pipe"])
def test_link_or_pipe_in_the_place_of_a_file_is_refused_without_waiting(bundle, name, replace, tmp_path):
    elsewhere = (bundle / name).rename(tmp_path / "elsewhere")
    replace(bundle / name, elsewhere)
    with pytest.raises(BundleError, match=f"{Path(name).name}.*a link, a folder, a pipe or a device"):
        read_bundle(bundle)


def test_no_flipped_bit_of_a_manifest_is_believed_with_another_meaning(bundle):
    file = bundle / "manifest.json"
    meant, content = read_manifest(bundle), file.read_bytes()
    generator = np.random.default_rng(15)
    for place in generator.choice(8 * len(content), 300, replace=False):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << (place % 8)
        file.write_bytes(flipped)
        try:
            assert read_manifest(bundle) == meant, place
        except BundleError:
            continue


def test_bundle_of_an_earlier_version_is_sealed_and_nothing_else_of_it_changes(bundle):
    file = bundle / "manifest.json"
    written = file.read_text()
    file.write_text(json.dumps({name: value for name, value in json.loads(written).items() if name != "seal"}))
    assert seal_bundle(bundle).seal == json.loads(written)["seal"]
    assert json.loads(file.read_text()) == json.loads(written)
    with pytest.raises(BundleError, match="has a seal; it is left as it is"):
        seal_bundle(bundle)


def test_damaged_bundle_is_not_sealed(bundle):
    file = bundle / "manifest.json"
    content = {name: value for name, value in json.loads(file.read_text()).items() if name != "seal"}
    file.write_text(json.dumps(content))
    (bundle / "history.csv").write_text("epoch")
    with pytest.raises(BundleError, match=r"history\.csv.*checksum"):
        seal_bundle(bundle)
    assert json.loads(file.read_text()) == content
