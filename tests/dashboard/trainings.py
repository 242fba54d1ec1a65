"""A queue that starts nothing, and runs in every state, for tests of the page's second view."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import lock_descriptor

from recommender.dashboard.pages.training import form as training_form
from recommender.runs.progress_log import ProgressLog
from recommender.runs.queue import Queue
from recommender.runs.request import RunRequest
from recommender.runs.run import Run, State, read_run, write_run
from tests.dashboard.doubles import figures

VIEW = "Train a model"
GOOD = b"userId,title,rating,timestamp,genre\n" + b"".join(
    f"{user},Film {item},{1 + (user + item) % 5},{880_000_000 + user * 100 + item},Drama|War\n".encode()
    for user in range(6)
    for item in range(6)
)


@pytest.fixture
def queue(recommender: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """The queue of the page, which starts nothing."""
    queue = Queue(tmp_path / ".runs", tmp_path, kept={"flagship"})
    queue.folder.mkdir()
    monkeypatch.setattr(queue, "supervise", lambda: None)
    monkeypatch.setattr(training_form, "default_queue", lambda: queue)
    return queue


@pytest.fixture
def put(queue: Queue) -> Iterator[Callable[..., Run]]:
    """Puts a run into the queue's folder in the state that its files then tell."""
    locks = []

    def put(state: State, name: str = "mine", reason: str = "", **asked: object) -> Run:
        folder = queue.folder / f"20260101-00000{len(queue.runs())}-{name}"
        write_run(
            folder, RunRequest(name=name, model="two-tower", settings={"epochs": 4}, store=str(queue.store), **asked)
        )
        run = read_run(folder)
        if state is State.WAITING:
            return run
        lock = run.lock.open("w")
        if state in (State.RUNNING, State.CANCELLING):
            lock_descriptor(lock.fileno())
            locks.append(lock)
        else:
            lock.close()
        if state in (State.CANCELLING, State.CANCELLED):
            (folder / "cancel").touch()
        log = ProgressLog(run.progress)
        if state is State.DONE:
            told = {"metrics": figures(0.912, 0.64), "references": {"popularity": figures(None, 0.41)}}
            log.end("done", epochs_run=4, best_epoch=3, seconds=41.0, **told)
        if state is State.FAILED:
            log.end("failed", reason)
        if state is State.STOPPED:
            run.log.write_text("first line\nlast words\n")
        assert run.state is state
        return run

    yield put
    for lock in locks:
        lock.close()


def words(app) -> str:
    return " ".join(e.value for e in [*app.markdown, *app.caption, *app.header, *app.subheader, *app.error]).replace(
        "\\", ""
    )


def labels(app) -> list[str]:
    return [button.label for button in app.button]


def send(box, text: str):
    """Chooses what a selectbox does not offer, as a client of its own making can."""
    box.options.append(text)
    return box.set_value(text)
