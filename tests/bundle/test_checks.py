"""Why a bundle is refused."""

import json
import os
import shutil
from collections.abc import Callable
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


def only(frame: str) -> Callable[[Path], None]:
    return lambda bundle: (bundle / "history.csv").write_text(frame)


def rename_users(change: Callable[[list[str]], list[str]], kind: str = "users") -> Callable[[Path], None]:
    def rewrite(bundle: Path) -> None:
        names = json.loads((bundle / "identifiers.json").read_text())
        names[kind] = change(names[kind])
        (bundle / "identifiers.json").write_text(json.dumps(names))

    return rewrite


def move_a_title(bundle: Path) -> None:
    lines = (bundle / "catalogue_map.csv").read_text().splitlines()
    name = lines[1].partition(",")[0]
    (bundle / "catalogue_map.csv").write_text("\n".join([lines[0], f"{name},1.5,0", *lines[2:]]))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (rename_users(lambda names: []), r"identifiers\.json: names 0 viewers, the manifest says 24"),
        (rename_users(lambda names: [*names, "more"]), "names 25 viewers"),
        (rename_users(lambda names: names[:-7], "titles"), "names 17 titles with 24 ids, the manifest says 24"),
        (rename_users(lambda names: [*names[:-1], names[0]], "item_ids"), "names one of its item_ids twice"),
        (only("a,b\n"), r"history\.csv: has other columns than epoch, phase, metric and value"),
        (only("epoch,phase,metric,value\n1,train,loss,good\n"), r"history\.csv: holds no learning curves"),
        (only(""), "cannot be read"),
        (move_a_title, r"catalogue_map\.csv: has a place beyond"),
        (lambda bundle: (bundle / "catalogue_map.csv").write_text("item_id,x\n"), "other columns than item_id, x and"),
        (lambda bundle: (bundle / "catalogue_map.csv").write_text("item_id,x,y\nnone,0,0\n"), "places for 1 titles"),
    ],
)
def test_files_that_disagree_with_the_manifest_are_refused_though_they_are_sealed(bundle, spoil, message):
    spoil(bundle)
    reseal(bundle)
    with pytest.raises(BundleError, match=message):
        read_bundle(bundle)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("training", {"last_moment": 253_402_300_799}),
        ("training", {"last_moment": 1}),
        ("training", {"finished_at": "yesterday"}),
        ("data", {"scale": {"low": 5, "high": 1, "step": 1}}),
        ("data", {"scale": {"low": 1, "high": 5, "step": 1e-9}}),
        ("data", {"columns": {"user": 7}}),
        ("data", {"n_titles": -1}),
        ("split", {"seed": -1}),
        ("sizes", {"bytes": 7}),
        ("metrics", {"test": {"rmse": "good"}}),
        ("metrics", {"test": {"says_nothing": ["rmse"]}}),
        ("references", {"ease": {"held_out": {"held_out": {}}}}),
        ("configuration", {"n_time_knots": "many"}),
        ("configuration", {"genres": {"a": {}}}),
    ],
)
def test_what_a_manifest_cannot_mean_is_refused_though_it_is_sealed(bundle, part, change):
    reseal(bundle, lambda content: content[part].update(change))
    with pytest.raises(BundleError, match="bytes" if part == "sizes" else part):
        read_bundle(bundle)
