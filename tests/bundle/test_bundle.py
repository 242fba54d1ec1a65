import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

from recommender.bundle.manifest import Identifiers, Manifest
from recommender.bundle.reader import read_bundle, read_manifest
from recommender.bundle.writer import write_bundle
from recommender.errors import BundleError


@pytest.fixture
def bundle(checkerboard_bundle, tmp_path) -> Path:
    return Path(shutil.copytree(checkerboard_bundle, tmp_path / "flagship"))


def rewrite(path: Path, generation: int, manifest: Manifest, size: int = 1000) -> None:
    """A small bundle whose files all carry its generation."""

    def save_model(folder: Path) -> None:
        folder.mkdir()
        (folder / "saved_model.pb").write_text(str(generation) * size)

    write_bundle(
        path,
        save_model=save_model,
        identifiers=Identifiers(users=(str(generation),), item_ids=("1",), titles=("A",)),
        learning_curves=pd.DataFrame({"epoch": [generation], "phase": "train", "metric": "loss", "value": 0.5}),
        describe=lambda files, n_bytes: manifest.model_copy(
            update={
                "files": files,
                "map": None,
                "description": str(generation),
                "sizes": manifest.sizes.model_copy(update={"bytes": n_bytes}),
                "data": manifest.data.model_copy(update={"n_titles": 1}),
            }
        ),
    )


def test_manifest_lists_every_other_file_with_its_checksum(bundle):
    files = {file.relative_to(bundle).as_posix() for file in bundle.rglob("*") if file.is_file()}
    manifest = read_manifest(bundle)
    assert set(manifest.files) == files - {"manifest.json"}
    assert {"identifiers.json", "history.csv", "saved_model/saved_model.pb"} <= files


def test_bundle_holds_no_pickle_and_of_the_data_only_names(bundle, checkerboard_folder):
    assert not [file for file in bundle.rglob("*") if file.suffix in {".pkl", ".pickle"}]
    content = b"".join(file.read_bytes() for file in bundle.rglob("*") if file.is_file())
    assert b"Title 3 (1990)" in content
    for private in (
        b"Even",
        b"other|",
        *(line.encode() for line in (checkerboard_folder / "u.data").read_text().splitlines()[:5]),
    ):
        assert private not in content


def test_writing_replaces_the_old_bundle_and_leaves_nothing_else(bundle):
    manifest = read_manifest(bundle)
    rewrite(bundle, 7, manifest)
    assert read_bundle(bundle).identifiers.users == ("7",)
    assert [file.name for file in bundle.parent.iterdir()] == ["flagship"]


def test_failed_write_leaves_the_old_bundle_as_it_was(bundle):
    before = read_bundle(bundle).manifest

    def fail(folder: Path) -> None:
        folder.mkdir()
        raise OSError(28, "No space left on device")

    with pytest.raises(BundleError, match="No space left"):
        write_bundle(
            bundle,
            save_model=fail,
            identifiers=Identifiers(users=(), item_ids=(), titles=()),
            learning_curves=pd.DataFrame(),
            describe=lambda files, _: before,
        )
    assert read_bundle(bundle).manifest == before
    assert [file.name for file in bundle.parent.iterdir()] == ["flagship"]


def test_folder_that_is_no_bundle_is_not_overwritten(tmp_path, checkerboard_bundle):
    precious = tmp_path / "thesis"
    precious.mkdir()
    (precious / "chapter1.txt").write_text("...")
    with pytest.raises(BundleError, match="is not a bundle"):
        rewrite(precious, 1, read_manifest(checkerboard_bundle))
    assert (precious / "chapter1.txt").read_text() == "..."


def test_destination_below_a_file_is_refused(tmp_path, checkerboard_bundle):
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="cannot be written"):
        rewrite(tmp_path / "file" / "bundle", 1, read_manifest(checkerboard_bundle))


def test_reader_never_sees_half_a_bundle_while_it_is_replaced(bundle):
    manifest = read_manifest(bundle)
    rewrite(bundle, 0, manifest)
    done = threading.Event()

    def keep_writing() -> None:
        for generation in range(1, 60):
            rewrite(bundle, generation, manifest)
        done.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    seen = set()
    while not done.is_set():
        found = read_bundle(bundle)
        assert found.identifiers.users == (found.manifest.description,)
        seen.add(found.manifest.description)
    writer.join()
    assert len(seen) > 1


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_training_killed_at_any_moment_leaves_the_previous_bundle(bundle, checkerboard_folder, sign, tmp_path):
    before = {file: file.read_bytes() for file in bundle.rglob("*") if file.is_file()}
    command = [sys.executable, "-m", "recommender", "train", "matrix-factorization", "--data", str(checkerboard_folder)]

    def listen() -> None:
        """Tests in the background of a shell begin with SIGINT ignored, and so would all that they start."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(
        [*command, "--out", str(bundle), "--epochs", "100000", "--set", "patience=100000"],
        preexec_fn=listen,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )
    for line in process.stderr:
        if line.startswith("epoch 1/"):
            break
    process.send_signal(sign)
    _, errors = process.communicate(timeout=60)
    assert {file: file.read_bytes() for file in bundle.rglob("*") if file.is_file()} == before
    assert process.returncode == (130 if sign == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in errors


def test_manifest_tells_what_was_trained_on_what(bundle, checkerboard_folder):
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["model"] == "flagship"
    assert manifest["configuration"]["head_size"] == 4
    assert manifest["data"]["n_interactions"] == 288
    assert manifest["split"] == {
        **{"name": "random", "seed": 1, "ties": "seed", "n_train": 207, "n_validation": 23, "n_test": 58},
        **dict.fromkeys(("train_file", "test_file", "train_file_checksum", "test_file_checksum")),
    }
    assert manifest["metrics"]["test"]["n_test"] == 58
    assert {"retrieval_loss", "rating_loss"} <= set(manifest["metrics"]["train"])
    assert manifest["references"]["popularity"]["rmse"] is None
    assert {"tensorflow", "tensorflow-recommenders", "tf-keras", "python"} <= set(manifest["versions"])
