"""Files of a bundle for whoever downloads them, and what keeps them from being downloaded."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from recommender.bundle.manifest import MANIFEST, Manifest, sha256_of
from recommender.dashboard.bundles import files
from recommender.dashboard.bundles.manifests import manifest_of
from recommender.errors import BundleError
from tests.dashboard.doubles import manifest


def write(folder: Path, said: Manifest, contents: dict[str, bytes]) -> Path:
    """A bundle of these files, with their checksums."""
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    said = said.model_copy(update={"files": {name: sha256_of(folder / name) for name in contents}})
    (folder / "manifest.json").write_text(said.sealed_json())
    return folder


def test_zipped_bundle_holds_every_file_of_the_manifest(tmp_path: Path) -> None:
    bundle = write(tmp_path / "small", manifest(), {"identifiers.json": b"w" * 1000, "history.csv": b"epoch\n1\n"})
    (bundle / "left-over").write_text("not of it")
    with zipfile.ZipFile(io.BytesIO(files.zip_bundle(bundle))) as archive:
        assert sorted(archive.namelist()) == ["small/history.csv", "small/identifiers.json", "small/manifest.json"]
        assert archive.read("small/identifiers.json") == b"w" * 1000
        assert json.loads(archive.read("small/manifest.json"))["model"] == "flagship"


def test_damaged_bundle_is_not_zipped(tmp_path: Path) -> None:
    bundle = write(tmp_path / "small", manifest(), {"identifiers.json": b"w"})
    (bundle / "identifiers.json").write_bytes(b"x")
    with pytest.raises(BundleError, match=r"identifiers\.json: is missing or was changed"):
        files.zip_bundle(bundle)


def test_flaw_names_the_file_that_cannot_be_downloaded(tmp_path: Path) -> None:
    bundle = write(tmp_path / "small", manifest(), {"identifiers.json": b"w", "history.csv": b"h"})
    names = list(manifest_of(bundle).files)
    assert files.flaw(bundle) == files.flaw(bundle, MANIFEST, names[0]) == ""
    assert files.read(bundle, names[0]) == (bundle / names[0]).read_bytes()
    (bundle / names[0]).write_text("something else")
    assert f"small/{names[0]}: is missing or was changed" in files.flaw(bundle)
    assert files.flaw(bundle, MANIFEST) == ""
    (bundle / names[0]).unlink()
    assert f"small/{names[0]}: is missing" in files.flaw(bundle, names[0])
    with pytest.raises(BundleError, match="train the model again"):
        files.read(bundle, names[0])
    (bundle / MANIFEST).unlink()
    assert files.flaw(bundle, MANIFEST)
