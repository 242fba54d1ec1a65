"""The trainings that were asked for: every state of a run as the page shows it, and what can be done about each."""

import time

import pytest

from recommender.dashboard.drawing.words import duration
from recommender.runs.progress_log import ProgressLog
from recommender.runs.run import State
from tests.dashboard.doubles import manifest
from tests.dashboard.trainings import VIEW, labels, put, queue, words

__all__ = ["put", "queue"]  # fixtures


def test_run_under_way_shows_where_it_is_and_its_curves(open_app, put):
    run = put(State.RUNNING)
    log = ProgressLog(run.progress)
    log.phase("training")
    log.plan(4, 10)
    for epoch, score in ((1, 0.2), (2, 0.5), (3, 0.4)):
        log.epoch(epoch, {"retrieval_loss": 7.0, "val_retrieval_loss": 7.1, "val_score": score, "val_rmse": 0.9}, 60.0)
    app = open_app("training", view=VIEW)
    assert not app.exception
    bar = app.get("progress")[0].proto
    assert bar.value == 75
    assert "starting · reading · preparing · **training** · finishing · examining · indexing · writing" in words(app)
    assert bar.text.startswith("Epoch 4 of at most 4, about ")
    assert bar.text.endswith("left at most. Best so far: epoch 2. 1 epoch without a better one.")
    alts = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert "Errors of the list (retrieval loss) by epoch so far, training and validation" in alts
    assert "Stars off (RMSE) by epoch so far, training and validation" in alts
    assert "Epochs 4, split random, seed 42." in words(app)


def test_run_that_is_being_finished_says_how_long_that_takes(open_app, put, monkeypatch):
    run = put(State.RUNNING)
    monkeypatch.setattr("recommender.runs.progress_log.ProgressLog._is_due", lambda log: True)
    clock = iter([now := time.time(), now - 60, now - 30])
    monkeypatch.setattr("recommender.runs.progress_log.time.time", lambda: next(clock, now))
    log = ProgressLog(run.progress)
    for step in (0, 10, 20):
        log.part("finishing", step, 100 * (step > 0))
    app = open_app("training", view=VIEW)
    said = app.get("progress")[0].proto.text
    assert said.startswith("Finishing: it learns once more, from all that it may know, about ")
    assert said.endswith(" left.")


def test_run_that_has_said_nothing_yet_is_starting(open_app, put):
    put(State.RUNNING)
    assert open_app("training", view=VIEW).get("progress")[0].proto.text == "Starting."


def test_cancelled_run_that_clears_up_says_so_and_takes_no_second_click(open_app, put):
    run = put(State.CANCELLING)
    app = open_app("training", view=VIEW)
    assert "Being cancelled" in app.get("progress")[0].proto.text
    assert app.button(key=f"cancel_{run.id}").disabled


def test_waiting_runs_show_their_places_and_can_be_cancelled(open_app, put):
    put(State.RUNNING, "first")
    put(State.WAITING, "second")
    last = put(State.WAITING, "third")
    app = open_app("training", view=VIEW)
    assert "**second** is two-tower on MovieLens 100K. Waits, number 1." in words(app)
    assert "Waits, number 2." in words(app)
    assert "3 are under way: a new one begins when they are over." in words(app)
    app.button(key=f"cancel_{last.id}").click().run()
    assert last.state is State.CANCELLED
    assert "**third** is two-tower on MovieLens 100K. Cancelled." in words(app)


def test_finished_run_shows_its_figures_beside_popularity_and_leads_to_its_model(open_app, put, tmp_path):
    for name in ("flagship", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(manifest().sealed_json())
    run = put(State.DONE)
    app = open_app("training", view=VIEW)
    said = words(app)
    assert "mine finds 21.3% in its first ten: 56% more than best-sellers (13.7%)." in said
    assert "stars off (RMSE) **0.912**" in said
    assert "in the first 100 **64%** (best-sellers: 41%)" in said
    assert "best of 4 epochs is 3" in said
    app.button(key=f"show_{run.id}").click().run()
    assert app.query_params["model"] == "mine"
    assert "Learning curves" in words(app)


def test_only_the_last_training_stands_above_the_form_and_none_while_one_is_under_way(open_app, put):
    put(State.CANCELLED, "first")
    put(State.DONE, "second")
    app = open_app("training", view=VIEW)
    assert [place.value for place in app.subheader] == ["The last training", "Earlier trainings"]
    put(State.WAITING, "third")
    assert [place.value for place in app.run().subheader] == ["Under way", "Earlier trainings"]


def test_finished_run_whose_bundle_is_gone_shows_nothing_to_show(open_app, put):
    put(State.DONE)
    assert "Show it" not in labels(open_app("training", view=VIEW))


def test_failed_run_says_why_and_can_be_run_again(open_app, put, queue):
    run = put(State.FAILED, reason="films.csv, row 3: mend it.")
    app = open_app("training", view=VIEW)
    assert "films.csv, row 3: mend it." in words(app)
    assert "The end of its log" not in {expander.label for expander in app.expander}
    app.button(key=f"again_{run.id}").click().run()
    again = queue.runs()[0]
    assert (again.state, again.request.name) == (State.WAITING, "mine")


def test_diverged_training_says_what_to_lower(open_app, put):
    put(State.FAILED, reason="two-tower: the loss is not a number; lower the learning rate.")
    assert "lower the learning rate" in words(open_app("training", view=VIEW))


def test_run_that_stopped_unexpectedly_shows_the_end_of_its_log(open_app, put):
    put(State.STOPPED)
    app = open_app("training", view=VIEW)
    assert "Stopped unexpectedly" in words(app)
    assert "Its process is gone without a word" in words(app)
    assert app.code[0].value == "first line\nlast words"


def test_run_again_that_is_refused_says_why(open_app, put, queue):
    put(State.WAITING, "mine")
    run = put(State.CANCELLED, "mine")
    app = open_app("training", view=VIEW)
    app.button(key=f"again_{run.id}").click().run()
    assert "a training that is not finished will be called mine" in words(app).lower()


def test_removed_run_is_gone(open_app, put, queue):
    run = put(State.CANCELLED)
    app = open_app("training", view=VIEW)
    app.button(key=f"forget_{run.id}").click().run()
    assert queue.runs() == []
    assert "Earlier trainings" not in words(app)


def test_another_visitor_sees_the_same_runs(open_app, put):
    put(State.RUNNING)
    for _ in range(2):
        assert "Under way" in words(open_app("training", view=VIEW))


def test_replay_in_the_queue_is_called_one(open_app, put):
    run = put(State.RUNNING, every="1y")
    log = ProgressLog(run.progress)
    log.phase("training")
    log.plan(4, 1)
    log.epoch(1, {}, 60.0)
    put(State.DONE, "done", every="30d")
    app = open_app("training", view=VIEW)
    assert not app.exception
    assert app.get("progress")[0].proto.text.startswith("Model 2 of 4, about ")
    assert "**mine** is replayed, from the page Replay. A step of 1y." in words(app)
    assert "**done** is replayed, from the page Replay. Done." in words(app)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "about 1 s"), (7, "about 7 s"), (41, "about 40 s"), (200, "about 3 min"), (5400, "about 1 h 30 min")],
)
def test_time_is_said_as_people_say_it(seconds, said):
    assert duration(seconds) == said


def test_time_left_counts_down_between_epochs(put):
    run = put(State.RUNNING)
    log = ProgressLog(run.progress)
    log.plan(4, 10)
    log.epoch(1, {"val_score": 0.1}, 10.0)
    from recommender.runs import progress_from, read_events

    events, now = read_events(run.progress), time.time()
    later = progress_from(events, now + 5).seconds_left
    assert later == pytest.approx(progress_from(events, now).seconds_left - 5, abs=0.5)


def test_server_that_does_not_train_shows_runs_and_no_way_to_change_them(open_app, put, queue, monkeypatch, tmp_path):
    for name in ("flagship", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(manifest().sealed_json())
    monkeypatch.setenv("MATINEE_TRAINING", "off")
    monkeypatch.setattr(queue, "supervise", lambda: pytest.fail("a waiting run would be started"))
    for state, name in ((State.WAITING, "a"), (State.RUNNING, "b"), (State.FAILED, "c"), (State.DONE, "mine")):
        put(state, name, reason="films.csv, row 3: mend it.")
    app = open_app("training", view=VIEW)
    assert not app.exception
    assert "Training is switched off on this server" in words(app)
    for said in (
        "**a** is two-tower",
        "**b** is two-tower",
        "films.csv, row 3: mend it.",
        "stars off (RMSE) **0.912**",
    ):
        assert said in words(app)
    assert not {"Train", "Cancel", "Run it again", "Remove"} & set(labels(app))
    assert "Show it" in labels(app)
    assert not {box.key for box in app.selectbox} & {"train_model", "train_data", "train_split"}


def test_switch_that_is_not_understood_is_named_and_nothing_can_be_trained(open_app, put, monkeypatch):
    monkeypatch.setenv("MATINEE_TRAINING", "of")
    app = open_app("training", view=VIEW)
    assert "MATINEE_TRAINING is 'of'; set it to on or off" in words(app)
    assert "Train" not in labels(app)


def test_queue_that_cannot_be_looked_after_says_why(open_app, put, queue):
    put(State.WAITING)
    queue._watcher.trouble = "/runs: cannot be looked after (No space left on device); make room, or mend the disk."
    assert "No space left on device" in words(open_app("training", view=VIEW))
