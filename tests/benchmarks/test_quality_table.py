import json
import subprocess
import sys

import pytest

from benchmarks import peers, quality
from recommender.errors import ConfigurationError
from recommender.models.references import ReferenceConfiguration
from recommender.models.zoo import ZOO
from tests.checkerboard import SIZE, write_checkerboard_as_ml100k


def test_cell_gives_the_mean_and_the_sample_deviation_between_seeds():
    assert quality._cell([1.0, 2.0, 3.0], ".2f") == "2.00 ± 1.00"
    assert quality._cell([0.5], ".3f") == "0.500"
    assert quality._cell([None, None], ".3f") == ""


def test_unknown_system_is_refused_with_the_models_there_are():
    with pytest.raises(ConfigurationError, match=r"'oracle'.*flagship"):
        quality._present(["oracle"], skip_missing=True)


def test_peer_that_is_not_installed_is_left_out_aloud_or_refused(monkeypatch, capsys):
    lacking = {**peers.PEERS, "als": peers.Peer(peers._fit_als, "no_such_module")}
    monkeypatch.setattr(quality, "PEERS", lacking)
    with pytest.raises(ConfigurationError, match="no_such_module"):
        quality._present(["als", "ease"], skip_missing=False)
    assert quality._present(["als", "ease"], skip_missing=True) == ["ease"]
    assert "LEFT OUT: als" in capsys.readouterr().err


def test_default_sets_every_reference_and_peer_beside_our_models(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["quality"])
    systems = quality._arguments().systems
    assert systems[0] == "flagship"
    references = {name for name, entry in ZOO.items() if issubclass(entry.configuration, ReferenceConfiguration)}
    assert references | set(peers.PEERS) <= set(systems)
    assert len(systems) == len(set(systems))


def test_every_system_and_seed_becomes_a_row_of_the_table_and_of_the_json(tmp_path):
    data, out = write_checkerboard_as_ml100k(tmp_path / "data"), tmp_path / "rows.json"
    command = [sys.executable, "-m", "benchmarks.quality", "--data", str(data), "--json", str(out)]
    command += ["--systems", "popularity", "ease", "--seeds", "1", "2"]
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = json.loads(out.read_text("utf-8"))
    assert [(row["system"], row["seed"]) for row in rows] == [
        ("popularity", 1),
        ("popularity", 2),
        ("ease", 1),
        ("ease", 2),
    ]
    assert all(row["split"] == "random" and row["seconds"] > 0 and row["peak_mb"] >= 0 for row in rows)
    # A fifth of a board of SIZE x SIZE / 2 is held out, and a viewer's colour tells EASE all there is to know.
    assert rows[0]["test"]["n_test"] == -(-(SIZE * SIZE // 2) // 5)
    assert rows[2]["test"]["ndcg_at_10"] > rows[0]["test"]["ndcg_at_10"]
    mean = f"{(rows[2]['test']['ndcg_at_10'] + rows[3]['test']['ndcg_at_10']) / 2:.4f}"
    assert any(line.startswith("| ease |") and mean in line for line in table.splitlines())
    assert "| ease, seed 2 |" in table
