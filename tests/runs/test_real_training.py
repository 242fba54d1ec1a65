"""A training by the real command in a process of its own."""

import pandas as pd
import pytest

from recommender.bundle.reader import read_manifest
from recommender.bundle.training_data import load_data_of
from recommender.data import ColumnMapping
from recommender.runs import Queue, RunRequest, State, Uploads, live_curves, read_events
from recommender.runs.progress_log import PHASES
from tests.checkerboard import checkerboard
from tests.runs.conftest import over, wait_for


@pytest.mark.timeout(1500)  # two low-priority processes, each of which imports TensorFlow
def test_uploaded_table_is_trained_on_and_found_again_by_its_bundle(tmp_path):
    data = checkerboard()
    text = pd.DataFrame(
        {
            "who": data.interactions["user_id"],
            "film": data.interactions["item_id"],
            "points": data.interactions["rating"].astype(int),
        }
    ).to_csv(index=False)
    store = tmp_path / "store"
    queue = Queue(store / ".runs", store)
    held = Uploads(queue.folder).hold("my films.csv", text.encode())
    refused = queue.add(
        RunRequest(
            name="described",
            model="cross",
            columns=ColumnMapping(user="who", item="film", rating="points"),
        ),
        held=held,
    )
    run = queue.add(
        RunRequest(
            name="mine",
            model="two-tower",
            data_label="my films",
            columns=ColumnMapping(user="who", item="film", rating="points"),
            settings={"epochs": 2, "embedding_size": 4, "batch_size": 64},
            seed=3,
        ),
        held=held,
    )
    wait_for(over(run), seconds=1200)
    assert refused.state is State.FAILED
    assert "describes its titles by no feature" in refused.reason
    assert run.state is State.DONE, run.log_tail
    assert not list(store.glob(".[!r]*"))

    manifest = read_manifest(store / "mine")
    assert (manifest.model, manifest.training.seed, manifest.configuration["embedding_size"]) == ("two-tower", 3, 4)
    assert run.end["metrics"]["ndcg_at_10"] == manifest.metrics["test"]["ndcg_at_10"]
    assert set(run.end["references"]) == set(manifest.references) >= {"popularity", "ease"}

    events = read_events(run.progress)
    phases = [event["phase"] for event in events if event["event"] == "phase"]
    assert phases == list(PHASES)
    curves = live_curves(events)
    validated = curves[curves["phase"] == "validation"]
    assert set(validated["epoch"]) == {1.0, 2.0}
    assert {"retrieval_loss", "ndcg_at_10", "score"} <= set(validated["metric"])

    for each in (refused, run):
        queue.forget(each)
    assert len(load_data_of(manifest.data)) == len(data)  # the table is the bundle's, too
