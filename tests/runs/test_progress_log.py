"""What a training notes: every step of the way, and how it ended."""

import math
import signal

import pytest

from recommender.errors import OUT_OF_MEMORY, DataError
from recommender.runs.progress import last_event, read_events
from recommender.runs.progress_log import ProgressLog, open_progress_log


def test_what_is_noted_is_read_again(tmp_path):
    file = tmp_path / "progress.jsonl"
    with ProgressLog(file) as log:
        log.phase("training")
        log.plan(2, 3)
        for number in (1, 2, 3):  # within a second only the first is noted
            log.step(1, number, {"retrieval_loss": 1.0, "rating_loss": math.nan})
        log.epoch(1, {"val_score": 0.5}, 1.5)
    events = read_events(file)
    assert [event["event"] for event in events] == ["phase", "plan", "step", "epoch"]
    assert events[2]["figures"] == {"retrieval_loss": 1.0}
    assert last_event(file)["seconds"] == 1.5


def test_steps_of_a_phase_without_epochs_are_noted_as_rarely(tmp_path):
    file = tmp_path / "progress.jsonl"
    log = ProgressLog(file)
    for step, steps in ((0, 0), (1, 5), (2, 5)):
        log.part("finishing", step, steps)
    phase, noted = read_events(file)
    assert (phase["event"], phase["phase"]) == ("phase", "finishing")
    assert (noted["event"], noted["step"], noted["steps"]) == ("part", 1, 5)


def test_disk_that_refuses_a_line_does_not_end_the_training(tmp_path):
    ProgressLog(tmp_path / "no folder" / "progress.jsonl").phase("training")


class ResourceExhaustedError(Exception):
    """As TensorFlow calls it."""


@pytest.mark.parametrize(
    ("error", "outcome", "message"),
    [
        (DataError("row 3: mend it."), "failed", "row 3: mend it."),
        (KeyboardInterrupt(), "interrupted", ""),
        (KeyError("who"), "crashed", "an error it did not expect (KeyError: 'who')."),
        (
            OSError(28, "No space left on device"),
            "crashed",
            "no space is left on the disk; make room and run it again.",
        ),
        (MemoryError(), "crashed", OUT_OF_MEMORY),
        (ResourceExhaustedError(), "crashed", OUT_OF_MEMORY),
    ],
)
def test_bad_end_is_noted_and_goes_on(tmp_path, error, outcome, message):
    with pytest.raises(type(error)), open_progress_log(tmp_path / "progress.jsonl"):
        raise error
    end = last_event(tmp_path / "progress.jsonl")
    assert (end["event"], end["outcome"], end["message"]) == ("end", outcome, message)


def test_polite_request_to_end_is_an_interruption_and_only_within(tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), open_progress_log(tmp_path / "progress.jsonl"):
        signal.raise_signal(signal.SIGTERM)
    assert last_event(tmp_path / "progress.jsonl")["outcome"] == "interrupted"
    assert signal.getsignal(signal.SIGTERM) is before


def test_without_a_file_nothing_is_noted_and_no_signal_is_heard():
    before = signal.getsignal(signal.SIGTERM)
    with open_progress_log(None) as log:
        log.phase("training")
        assert signal.getsignal(signal.SIGTERM) is before
