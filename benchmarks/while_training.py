"""A change of viewer or moment on the page Recommend while a model trains in the background, as a ratio to without.

    python -m benchmarks.while_training [--changes 30] [--model two-tower]

The training is one that the page itself would start, from the same queue, so with its priority and its threads. It runs
over a copy of the committed flagship's store, on MovieLens 100K, with so many epochs that it lasts, and is cancelled at
the end. Both series alternate in blocks, so that what else the machine does falls on both.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.browser import ROOT, chromium, free_port, streamlit_run
from benchmarks.rerun import change_moment, change_viewer, open_page
from recommender.bundle import MODEL_STORE
from recommender.runs import Queue, RunRequest, State, progress_from, read_events

_BLOCKS = 3
_WARM = 3
_VIEWERS = 90  # that a change of viewer goes round


def main() -> None:
    """Measures change by change with and without a training, and prints medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--changes", type=int, default=30)
    parser.add_argument("--model", default="two-tower")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        store = Path(folder) / "store"
        shutil.copytree(MODEL_STORE / "flagship-100k", store / "flagship")
        queue = Queue(store / ".runs", store)
        port = free_port()
        with streamlit_run(ROOT / "streamlit_app.py", port, {"MATINEE_BUNDLE": str(store / "flagship")}):
            page = open_page(browser, port)
            seconds: dict[tuple[str, bool], list[float]] = {}
            repeat = 0
            for block in range(_BLOCKS):
                for training in (False, True):
                    with _training(queue, f"{asked.model}-{block}", asked.model) if training else _quiet():
                        for number in range(_WARM + -(-asked.changes // _BLOCKS)):
                            for what, change in (("viewer", change_viewer), ("moment", change_moment)):
                                taken = change(page, repeat % _VIEWERS)
                                if number >= _WARM:
                                    seconds.setdefault((what, training), []).append(taken)
                            repeat += 1
    print(f"{asked.model} in the background, {os.cpu_count()} cores")
    for what in ("viewer", "moment"):
        without, beside = (1e3 * statistics.median(seconds[what, training]) for training in (False, True))
        print(f"{what}: without {without:.0f} ms, while training {beside:.0f} ms, ratio {beside / without:.2f}")


@contextmanager
def _quiet() -> Iterator[None]:
    yield


@contextmanager
def _training(queue: Queue, name: str, model: str) -> Iterator[None]:
    """A training that is past its start, for as long as the block lasts."""
    run = queue.add(RunRequest(name=name, model=model, settings={"epochs": 1000, "patience": 1000}))
    while progress_from(read_events(run.progress), time.time()).done == 0:
        if run.settled:
            raise SystemExit(f"the training did not start: {run.reason}\n{run.log_tail}")
        time.sleep(0.2)
    try:
        yield
        if run.state is not State.RUNNING:
            raise SystemExit("the training was over before the changes were; measure fewer.")
    finally:
        queue.cancel(run)
        while not run.settled:
            time.sleep(0.2)


if __name__ == "__main__":
    main()
