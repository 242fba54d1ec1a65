"""A training by the real command in a process of its own, which is refused; a journey makes one that is not."""

import pandas as pd
import pytest

from recommender.data import ColumnMapping
from recommender.runs import Queue, RunRequest, State, Uploads
from tests.checkerboard import checkerboard
from tests.runs.conftest import over, wait_for


@pytest.mark.slow
@pytest.mark.timeout(1500)  # a low-priority process, which imports TensorFlow
def test_table_that_the_model_cannot_read_ends_its_process_with_the_reason(tmp_path):
    data = checkerboard().interactions.rename(columns={"user_id": "who", "item_id": "film", "rating": "points"})
    text = pd.DataFrame(data[["who", "film", "points"]]).to_csv(index=False)
    store = tmp_path / "store"
    queue = Queue(store / ".runs", store)
    run = queue.add(
        RunRequest(
            name="described",
            model="cross",
            columns=ColumnMapping(user="who", item="film", rating="points"),
        ),
        held=Uploads(queue.folder).hold("my films.csv", text.encode()),
    )
    wait_for(over(run), seconds=1200)
    assert run.state is State.FAILED
    assert "describes its titles by no feature" in run.reason
    assert not list(store.glob(".[!r]*"))
