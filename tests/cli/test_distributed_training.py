"""`train --distributed`: several processes on this machine train one model, each on its share of the viewers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from benchmarks.invented import Size, invented
from recommender.data import split_by_name
from recommender.evaluation import evaluate
from recommender.training.trainer import train_model

SEED = 3
SETTINGS = {  # what validation would choose, so that the trainings differ in nothing but who trains
    "steps": 120,
    "neighbour_l2": 300.0,
    "neighbour_half_lives": [],
    "star_weight": 0.8,
    "best_seller_days": 30.0,
    "implicit_weight": 0.5,
    "content_weight": 0.8,
    "neighbour_weight": 4.0,
    "prior_weight": 0.7,
    "praise_weight": 0.4,
}
COLUMNS = ["--user", "user_id", "--item", "item_id", "--rating", "rating", "--timestamp", "timestamp"]
NOISE = {"rmse": 0.02, "ndcg_at_10": 0.02, "liked_ndcg_at_10": 0.02}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "invented.csv"
    invented(Size(10_000, 300, 300), seed=1).interactions.to_csv(path, index=False)
    return path


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("localhost", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


@pytest.fixture
def start(table, tmp_path):
    """Starts the processes of one training, the first of them first; ends those that are left over."""
    started = []

    def start(count, *more):
        cluster = {"worker": [f"localhost:{port}" for port in free_ports(count)]}
        settings = [f"--set={name}={json.dumps(value)}" for name, value in SETTINGS.items()]
        command = [sys.executable, "-m", "recommender", "train", "flagship", "--data", table, *COLUMNS, *settings]
        for index in range(count):
            given = {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})}
            started.append(
                subprocess.Popen(
                    [*map(str, command), "--seed", str(SEED), "--distributed", *map(str, more)],
                    env={**os.environ, **given, "MATINEE_CACHE": str(tmp_path / f"cache-{index}")},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        return started[-count:]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def alone(table):
    """Figures on test of a training by one process."""
    from recommender.data import ColumnMapping, load_ratings

    columns = ColumnMapping(user="user_id", item="item_id", rating="rating", timestamp="timestamp")
    split = split_by_name("random", load_ratings(str(table), columns=columns), seed=SEED)
    trained = train_model("flagship", split, seed=SEED, settings=SETTINGS)
    return evaluate(trained.scorer, trained.training_part, split.test).to_dict()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("count", [2, 3])
def test_several_processes_train_what_one_trains_up_to_the_noise_of_seeds(start, alone, tmp_path, count):
    out = tmp_path / "flagship"
    first, *others = start(count, "--out", out, "--json")
    said, complaint = first.communicate()
    assert first.returncode == 0, complaint
    found = json.loads(said)["metrics"]["test"]
    for name, noise in NOISE.items():
        assert found[name] == pytest.approx(alone[name], abs=noise), name
    for index, other in enumerate(others, 2):
        _, notes = other.communicate()
        assert other.returncode == 0, notes
        assert f"process {index} of {count} is done" in notes
    assert (out / "manifest.json").is_file()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("killed", [0, 1])
def test_where_one_process_is_killed_the_other_says_so_and_the_old_bundle_stays(start, tmp_path, killed):
    out, progress = tmp_path / "flagship", tmp_path / "progress.jsonl"
    out.mkdir()
    (out / "manifest.json").write_text("{}")
    processes = start(2, "--out", out, "--set=steps=100000", "--progress", progress)
    while not progress.exists() or '"step"' not in progress.read_text():
        codes = [process.poll() for process in processes]
        assert codes == [None, None], [process.communicate() for process in processes if process.poll() is not None]
        time.sleep(0.5)
    processes[killed].send_signal(signal.SIGKILL)
    left = processes[1 - killed]
    _, complaint = left.communicate()
    assert left.returncode == 2, complaint
    assert "one of the 2 processes that train together has ended; nothing was written" in complaint
    assert "Traceback" not in complaint
    assert (out / "manifest.json").read_text() == "{}"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
