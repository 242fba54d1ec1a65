"""What is known of all bundles, and which of them may be compared."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from recommender.bundle.manifest import MANIFEST, Manifest, sha256_of
from recommender.dashboard.bundles import exams, loading
from recommender.dashboard.pages.models import facts
from recommender.errors import BundleError
from tests.dashboard.doubles import manifest


def with_split(**changes: object) -> Manifest:
    said = manifest()
    return said.model_copy(update={"split": said.split.model_copy(update=changes)})


def test_bundles_of_one_exam_differ_in_nothing() -> None:
    assert exams.exam_of(manifest()).unlike(exams.exam_of(manifest(model="other"))) == ""


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (manifest(data_name="anime"), "other data, anime"),
        (with_split(name="temporal"), "another split, temporal"),
        (with_split(train_file_checksum="aa"), "another split, random"),
        (with_split(seed=7), "seed 7 of the split"),
        (with_split(n_test=9), "a test part of 9 ratings"),
        (
            manifest().model_copy(update={"data": manifest().data.model_copy(update={"checksum": "cd"})}),
            "another edition of ml-100k",
        ),
    ],
)
def test_exam_says_what_differs(other: Manifest, says: str) -> None:
    assert exams.exam_of(other).unlike(exams.exam_of(manifest())) == says
    assert exams.exam_of(other) != exams.exam_of(manifest())


def test_bundles_are_grouped_by_exam_the_shown_one_first() -> None:
    manifests = {"a": manifest(data_name="anime"), "b": manifest(), "c": manifest(data_name="anime"), "d": manifest()}
    groups = exams.by_exam(manifests, exams.exam_of(manifests["b"]))
    assert list(groups.values()) == [["b", "d"], ["a", "c"]]


def test_table_is_best_first_and_blank_where_nothing_was_measured() -> None:
    starless = manifest(tasks=("retrieval",))
    unmeasured = manifest().model_copy(update={"metrics": {}})
    frame = exams.table({"none": unmeasured, "plain": manifest(), "starless": starless}, ["none", "plain", "starless"])
    assert frame["name"].tolist() == ["plain", "starless", "none"]
    assert frame["rmse"].tolist()[0] == 0.9
    assert frame["rmse"].isna().tolist() == [False, True, True]
    assert frame["top_100"].tolist()[:2] == [0.65, 0.65]


def test_references_come_from_whoever_measured_them() -> None:
    silent = manifest().model_copy(update={"references": {}})
    assert exams.references({"a": silent, "b": manifest()}, ["a", "b"]) == {"popularity": 0.41}
    assert exams.references({"a": silent}, ["a"]) == {}


def write(folder: Path, said: Manifest, **files: bytes) -> Path:
    """A bundle of these files, with their checksums."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    said = said.model_copy(update={"files": {name: sha256_of(folder / name) for name in files}})
    (folder / "manifest.json").write_text(said.model_dump_json())
    return folder


def test_packed_bundle_holds_every_file_of_the_manifest(tmp_path: Path) -> None:
    bundle = write(tmp_path / "small", manifest(), weights=b"w" * 1000, history=b"epoch\n1\n")
    (bundle / "left-over").write_text("not of it")
    with zipfile.ZipFile(io.BytesIO(exams.pack(bundle))) as archive:
        assert sorted(archive.namelist()) == ["small/history", "small/manifest.json", "small/weights"]
        assert archive.read("small/weights") == b"w" * 1000
        assert json.loads(archive.read("small/manifest.json"))["model"] == "flagship"


def test_damaged_bundle_is_not_packed(tmp_path: Path) -> None:
    bundle = write(tmp_path / "small", manifest(), weights=b"w")
    (bundle / "weights").write_bytes(b"x")
    with pytest.raises(BundleError, match="weights: is missing or was changed"):
        exams.pack(bundle)


def test_manifest_is_read_again_once_it_is_replaced(tmp_path: Path) -> None:
    bundle = write(tmp_path / "small", manifest())
    assert exams.manifest_of(bundle).model == "flagship"
    assert exams.manifest_of(bundle) is exams.manifest_of(bundle)
    (bundle / "manifest.json").write_text(manifest(model="other").model_dump_json())
    assert exams.manifest_of(bundle).model == "other"


def test_unreadable_bundles_are_left_out(tmp_path: Path) -> None:
    good = write(tmp_path / "good", manifest())
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "manifest.json").write_text("{half")
    assert list(exams.readable({"good": good, "torn": tmp_path / "torn"})) == ["good"]


def test_settings_that_differ_stand_first() -> None:
    other = manifest().model_copy(update={"configuration": {"learning_rate": 0.1, "embedding_size": 4, "depth": 2}})
    table = facts.settings_table({"a": manifest(), "b": other})
    assert table.index.tolist() == ["learning_rate", "user_features", "depth", "embedding_size"]
    assert table.loc["learning_rate"].tolist() == ["0.002", "0.1"]
    assert table.loc["user_features"].tolist() == ["age", ""]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (manifest().model_dump_json(), "flagship on ml-100k, trained 2026-11-21"),
        ("{half a manif", "cannot be read; choose it to see why"),
        ('{"schema_version": 1}', "cannot be read; choose it to see why"),
        ('{"schema_version": 2, "model": "x"}', "cannot be read; choose it to see why"),
        ("[]", "cannot be read; choose it to see why"),
    ],
)
def test_bundle_in_a_few_words(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    assert loading.about(tmp_path) == says


def test_bar_tells_bundles_apart_before_pydantic_and_pandas_are_imported(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest().model_dump_json())
    program = (
        "import sys; from pathlib import Path; from recommender.dashboard.bundles.loading import about;"
        "print(about(Path(sys.argv[1]))); assert not {'pydantic', 'pandas', 'tensorflow'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "flagship on ml-100k" in done.stdout


def test_flaw_names_the_file_that_cannot_be_taken_away(tmp_path: Path) -> None:
    bundle = write(tmp_path / "small", manifest(), weights=b"w", history=b"h")
    names = list(exams.manifest_of(bundle).files)
    assert exams.flaw(bundle) == exams.flaw(bundle, MANIFEST, names[0]) == ""
    assert exams.take(bundle, names[0]) == (bundle / names[0]).read_bytes()
    (bundle / names[0]).write_text("something else")
    assert f"small/{names[0]}: is missing or was changed" in exams.flaw(bundle)
    assert exams.flaw(bundle, MANIFEST) == ""
    (bundle / names[0]).unlink()
    assert f"small/{names[0]}: is missing" in exams.flaw(bundle, names[0])
    with pytest.raises(BundleError, match="train the model again"):
        exams.take(bundle, names[0])
    (bundle / MANIFEST).unlink()
    assert exams.flaw(bundle, MANIFEST)
