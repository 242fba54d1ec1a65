"""The command `replay`."""

import json
import shutil

import pytest

from recommender.replay import snapshot
from recommender.runs import progress_from, read_events


@pytest.fixture(autouse=True)
def _little_is_enough(monkeypatch):
    monkeypatch.setattr(snapshot, "_FEWEST_RATINGS", 20)
    monkeypatch.setattr(snapshot, "_FEWEST_VIEWERS", 5)


def test_replay_prints_figures_over_time_and_by_age_and_keeps_them(run, checkerboard_folder, tmp_path):
    out = tmp_path / "replay"
    asked = ("replay", checkerboard_folder, "--every", "10d", "--model", "popularity", "--out", out)
    code, printed, progress = run(*asked)
    assert code == 0
    assert "How fast it ages" in printed
    assert "training on" in progress
    code, output, progress = run(*asked, "--json")
    assert code == 0
    assert "training on" not in progress  # it was all there
    found = json.loads(output, parse_constant=lambda name: pytest.fail(f"{name} is no json"))
    assert {row["rmse"] for row in found["stars"]} == {None}  # popularity predicts no stars
    assert "nan" not in printed
    assert found["model"] == "popularity"
    assert {row["system"] for row in found["all"]} == {"popularity", "recent-popularity", "recency-ease"}
    assert found["ageing"][0]["kept"] == 1.0
    assert (out / "checksums.json").is_file()


def test_replay_of_a_bundle_takes_its_data_and_its_model(run, bundle_with_ratings, tmp_path):
    out = tmp_path / "replay"
    code, _, complaint = run("replay", bundle_with_ratings, "--every", "3y", "--out", out)
    assert code == 2
    assert "less than two steps of 3y" in complaint
    asked = ("replay", bundle_with_ratings, "--every", "20d", "--out", out, "--json", "--model", "popularity")
    code, output, _ = run(*asked)
    assert code == 0
    assert json.loads(output)["model"] == "popularity"
    code, _, complaint = run(*asked, "--seed", 3)
    assert code == 2
    assert "holds another replay" in complaint
    code, output, progress = run(*asked, "--seed", 3, "--replace")
    assert code == 0
    assert "training on" in progress
    assert json.loads((out / "replay.json").read_text())["seed"] == 3


def test_progress_is_noted_for_the_page_and_counts_what_was_missing(run, checkerboard_folder, tmp_path):
    out, log = tmp_path / "replay", tmp_path / "progress.jsonl"
    asked = ("replay", checkerboard_folder, "--every", "10d", "--model", "popularity", "--out", out)
    assert run(*asked, "--progress", log)[0] == 0
    events = read_events(log)
    snapshots = sorted((out / "snapshots").iterdir())
    progress = progress_from(events, events[-1]["at"])
    assert progress.epochs >= len(snapshots) > 1
    assert progress.share == 1.0
    assert events[-1]["outcome"] == "done"
    shutil.rmtree(snapshots[-1])
    again = tmp_path / "again.jsonl"
    assert run(*asked, "--progress", again)[0] == 0
    assert progress_from(read_events(again), 0.0).epochs == progress.epochs - len(snapshots) + 1
    failed = tmp_path / "failed.jsonl"
    assert run(*asked, "--seed", 3, "--progress", failed)[0] == 2
    assert read_events(failed)[-1]["outcome"] == "failed"
