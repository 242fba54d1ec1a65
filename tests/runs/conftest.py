"""Runs of a child without TensorFlow, which does in a moment what its request's model says."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recommender.runs.queue import Queue
from recommender.runs.request import RunRequest
from recommender.runs.run import ACTIVE, Run

CHILD = """
import json, os, signal, sys, time
from pathlib import Path

what, progress, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
draft = out.parent / f".{out.name}.abcd1234"

def note(event, **facts):
    with progress.open("a") as file:
        file.write(json.dumps({"event": event, "at": time.time(), **facts}) + "\\n")

note("phase", phase="training")
note("plan", epochs=3, steps=10)
if what == "refused":
    note("end", outcome="failed", message="films.csv, row 3: mend it.")
    sys.exit(2)
if what == "killed":
    draft.mkdir()
    print("last words", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
if what == "slow":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    draft.mkdir()
    try:
        time.sleep(600)
    finally:
        draft.rmdir()
        note("end", outcome="interrupted", message="")
if what == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    draft.mkdir()
    time.sleep(600)
while what == "gated" and not (out.parent / "gate").exists():
    time.sleep(0.05)
for epoch in (1, 2, 3):
    note("epoch", epoch=epoch, figures={"rating_loss": 1.0 / epoch, "val_score": -abs(epoch - 2)}, seconds=0.5)
out.mkdir(exist_ok=True)
(out / "manifest.json").write_text("{}")
note("end", outcome="done", message="", epochs_run=3, best_epoch=2, seconds=1.5, metrics={"rmse": 0.9}, references={})
"""


@pytest.fixture
def make_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Queue]]:
    """Makes queues over one folder, as several servers would; ends what is left of their children."""
    monkeypatch.setattr("recommender.runs.watcher._LOOK_SECONDS", 0.05)
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    made: list[Queue] = []

    def make(**options: object) -> Queue:
        def command(request: RunRequest, out: Path, progress: Path) -> list[str]:
            return [sys.executable, "-S", str(script), request.model, str(progress), str(out)]

        made.append(Queue(tmp_path / "store" / ".runs", **{"store": tmp_path / "store", "command": command, **options}))
        return made[-1]

    yield make
    for queue in made:
        for run in queue.runs():
            if run.state in ACTIVE:
                run.cancel()
                run.end_process(at_once=True)
        wait_for(lambda queue=queue: not queue.advance())


def wait_for(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.02)


def asked(what: str, name: str = "mine", **more: object) -> RunRequest:
    return RunRequest(name=name, model=what, **more)


def over(run: Run) -> Callable[[], bool]:
    return lambda: run.settled
