"""What is read out of what a training notes: how far it is, what is left, and the curves."""

import pytest

from recommender.runs.progress import last_event, live_curves, progress_from, read_events


def epoch(number, at, score, seconds=10.0, **figures):
    figures = {"retrieval_loss": 8.0 - number, "val_score": score, "val_ndcg_at_10": score / 2, **figures}
    return {"event": "epoch", "at": at, "epoch": number, "figures": figures, "seconds": seconds}


def step(number, at, of=1):
    return {"event": "step", "at": at, "epoch": of, "step": number, "figures": {"retrieval_loss": 9.0}}


PLAN = {"event": "plan", "at": 100.0, "epochs": 5, "steps": 20}


def test_nothing_is_known_of_a_training_that_has_said_nothing():
    progress = progress_from([], now=0.0)
    assert (progress.share, progress.best_epoch, progress.seconds_left) == (0.0, 0, None)


def test_time_left_in_the_first_epoch_comes_from_the_steps_since_the_first():
    events = [PLAN, step(1, 108.0), step(11, 113.0)]  # tracing took eight seconds; since then two steps a second
    progress = progress_from(events, now=114.0)
    assert progress.seconds_left == pytest.approx((100 - 11) / 2 - 1)
    assert progress.share == pytest.approx(11 / 100)


def test_time_left_later_comes_from_whole_epochs_without_the_first():
    events = [PLAN, epoch(1, 130.0, 0.1, seconds=30.0), epoch(2, 140.0, 0.2), epoch(3, 150.0, 0.3), step(5, 152.0, 4)]
    progress = progress_from(events, now=153.0)
    assert progress.seconds_left == pytest.approx(2 * 10 - 3)
    assert progress.done == pytest.approx(3.25)


def test_epoch_that_is_slower_than_those_before_lengthens_the_time_left():
    events = [PLAN, epoch(4, 140.0, 0.4), step(1, 141.0, 5), step(11, 161.0, 5)]  # two seconds a step by now
    assert progress_from(events, now=161.0).seconds_left == pytest.approx(9 * 2)


def test_time_left_is_never_below_nothing():
    assert progress_from([PLAN, epoch(4, 140.0, 0.2)], now=999.0).seconds_left == 0.0


def test_best_epoch_so_far_is_the_first_of_the_best():
    events = [PLAN, epoch(1, 1, 0.1), epoch(2, 2, 0.3), epoch(3, 3, 0.3), epoch(4, 4, 0.2)]
    progress = progress_from(events, now=5.0)
    assert (progress.best_epoch, progress.epochs_since_best) == (2, 2)
    assert progress.figures == {"score": 0.2, "ndcg_at_10": 0.1}


def test_curves_hold_the_mean_so_far_within_an_epoch_and_validation_at_its_end():
    curves = live_curves([PLAN, step(10, 1.0), epoch(1, 2.0, 0.1)])
    train = curves[(curves["phase"] == "train") & (curves["metric"] == "retrieval_loss")]
    assert train[["epoch", "value"]].values.tolist() == [[0.5, 9.0], [1.0, 7.0]]
    validation = curves[curves["phase"] == "validation"]
    assert dict(zip(validation["metric"], validation["value"], strict=True)) == {"score": 0.1, "ndcg_at_10": 0.05}


def test_line_that_is_still_being_written_is_left_out(tmp_path):
    file = tmp_path / "progress.jsonl"
    file.write_text('{"event": "plan", "at": 1, "epochs": 2, "steps": 3}\n{"event": "epo')
    assert [event["event"] for event in read_events(file)] == ["plan"]
    assert last_event(file)["event"] == "plan"


def test_missing_file_holds_nothing(tmp_path):
    assert read_events(tmp_path / "none") == []
    assert last_event(tmp_path / "none") is None


def test_time_to_finish_is_that_of_the_steps_left():
    begun = [
        {"event": "phase", "at": 0.0, "phase": "finishing"},
        {"event": "part", "at": 10.0, "step": 1, "steps": 11},
    ]
    assert progress_from(begun, 10.0).seconds_left is None
    going = progress_from([*begun, {"event": "part", "at": 20.0, "step": 6, "steps": 11}], 22.0)
    assert (going.phase, going.seconds_left) == ("finishing", 8.0)
    examined = [*begun, {"event": "phase", "at": 30.0, "phase": "examining"}]
    assert progress_from(examined, 31.0).seconds_left is None
    parts = [{"event": "part", "at": 34.0, "step": 1, "steps": 8}, {"event": "part", "at": 36.0, "step": 2, "steps": 8}]
    assert progress_from([*examined, *parts], 37.0).seconds_left == 11.0
