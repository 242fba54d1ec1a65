"""What the manifests in the store say, before any model is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.dashboard.bundles import manifests
from tests.dashboard.doubles import manifest

CANNOT = "cannot be read; choose it to see why"
ROOT = Path(__file__).parents[3]


def write(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text(text)
    return folder


def test_manifest_is_read_again_once_it_is_replaced(tmp_path: Path) -> None:
    bundle = write(tmp_path / "small", manifest().sealed_json())
    assert manifests.manifest_of(bundle).model == "flagship"
    assert manifests.manifest_of(bundle) is manifests.manifest_of(bundle)
    (bundle / "manifest.json").write_text(manifest(model="other").sealed_json())
    assert manifests.manifest_of(bundle).model == "other"


def pipe(folder: Path) -> Path:
    folder.mkdir()
    os.mkfifo(folder / "manifest.json")
    return folder


def test_unreadable_bundles_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    bundles = {
        "good": write(tmp_path / "good", manifest().sealed_json()),
        "torn": write(tmp_path / "torn", "{half"),
        "nested": write(tmp_path / "nested", "[" * 200_000),
        "pipe": pipe(tmp_path / "pipe"),
    }
    assert list(manifests.readable_manifests(bundles)) == ["good"]
    refused = manifests.refused(bundles)
    assert list(refused) == ["torn", "nested", "pipe"]
    assert "nested too deeply" in refused["nested"]
    assert "a pipe or a device" in refused["pipe"]
    assert manifests.summary(bundles["pipe"]) == manifests.summary(bundles["nested"]) == CANNOT


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (manifest().sealed_json(), "flagship on ml-100k, trained 2026-11-21"),
        ("{half a manif", CANNOT),
        ('{"schema_version": 1}', CANNOT),
        ('{"schema_version": 2, "model": "x"}', CANNOT),
        ("[]", CANNOT),
        (manifest().sealed_json().replace("flagship", "flagshiq"), CANNOT),
    ],
)
def test_bundle_in_a_few_words(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    assert manifests.summary(tmp_path) == says


def test_bar_tells_bundles_apart_before_pydantic_and_pandas_are_imported(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest().sealed_json())
    program = (
        "import sys; from pathlib import Path; from recommender.dashboard.bundles.manifests import summary;"
        "print(summary(Path(sys.argv[1]))); assert not {'pydantic', 'pandas', 'tensorflow'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "flagship on ml-100k" in done.stdout
