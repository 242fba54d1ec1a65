"""The page Replay, over a small replay worked out by hand."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recommender.dashboard.pages.replay import under_way
from recommender.data.exchange.spreadsheets import csv_for_people
from recommender.runs import Queue, RunRequest, State
from tests.dashboard.doubles import DoubleRecommender
from tests.dashboard.drawn import table, words
from tests.dashboard.replays import write_replay


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A replay beside the bundle that is shown."""
    return write_replay(tmp_path / "flagship", "ab" * 32)


@pytest.fixture
def queue(recommender: DoubleRecommender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """The queue of the page, which starts nothing; the bundle that is shown lies in its store."""
    queue = Queue(tmp_path / ".runs", tmp_path, kept={"flagship"})
    (tmp_path / "flagship").mkdir(exist_ok=True)
    (tmp_path / "flagship" / "manifest.json").write_text(recommender.manifest.sealed_json())
    monkeypatch.setattr(queue, "supervise", lambda: None)
    monkeypatch.setattr(under_way, "default_queue", lambda: queue)
    return queue


def test_without_a_replay_the_page_makes_one_and_shows_how_far_it_is(open_app, queue: Queue) -> None:
    app = open_app("replay", user="4")
    assert not app.exception
    assert "None" not in words(app)
    assert "There is none beside this model" in words(app)
    app.selectbox(key="replay_every").select("30d").run()
    assert "models are trained, one after the other, in about" in words(app)
    app.button(key="replay").click().run()
    assert not app.exception
    (run,) = queue.active()
    assert (run.request.every, run.request.name, run.request.replace) == ("30d", "flagship", False)
    assert "waits for what is being trained" in app.get("progress")[0].proto.text
    assert "replay" not in {button.key for button in app.button}
    app.button(key=f"cancel_{run.id}").click().run()
    assert run.state is State.CANCELLED
    assert app.button(key="replay")


def test_replay_that_failed_says_why_and_can_be_asked_for_again(open_app, queue: Queue) -> None:
    run = queue.add(RunRequest(name="flagship", model="flagship", every="30d"))
    run.fail("the disk is full; make room.")
    app = open_app("replay", user="4")
    assert "came to nothing: The disk is full; make room." in app.error[0].value
    assert app.button(key="replay")


def test_where_nothing_is_trained_the_page_names_the_command(
    open_app, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_TRAINING", "off")
    app = open_app("replay", user="4")
    assert not app.exception
    assert "python -m recommender replay" in app.code[0].value
    assert "replay" not in {button.key for button in app.button}


def test_replay_that_is_not_over_goes_on_from_the_page(open_app, queue: Queue, folder: Path) -> None:
    app = open_app("replay", user="4")
    app.button(key="replay_on").click().run()
    assert not app.exception
    (run,) = queue.active()
    assert run.request.every == json.loads((folder / "replay.json").read_text())["every"]
    assert not run.request.replace
    assert "flagship was right with" in words(app)


def test_replay_of_other_data_is_not_shown_for_this_model_and_gives_way(open_app, queue: Queue, folder: Path) -> None:
    request = json.loads((folder / "replay.json").read_text())
    (folder / "replay.json").write_text(json.dumps({**request, "checksum": "cd" * 32}))
    app = open_app("replay", user="4")
    assert not app.exception
    assert "is of another one" in words(app)
    app.button(key="replay").click().run()
    assert [run.request.replace for run in queue.active()] == [True]
    assert not app.get("vega_lite_chart")


def test_replay_that_cannot_be_read_is_said_without_a_traceback(open_app, folder: Path) -> None:
    next(folder.glob("snapshots/*/lists.csv.gz")).unlink()
    app = open_app("replay", user="4")
    assert not app.exception
    assert "is missing or not as it was written" in app.error[0].value


def test_page_says_who_found_more_and_how_fast_the_model_ages(open_app, folder: Path) -> None:
    app = open_app("replay", user="4")
    assert not app.exception
    said = words(app).replace("\\", "")
    assert "6 lists of ten, each asked what a viewer would watch next: flagship was right with 2.0 of ten" in said
    assert "not over" in said  # nothing has been sealed
    weighed = "Hits, the first count most"
    app.segmented_control(key="measure").set_value(weighed).run()
    said = words(app).replace("\\", "")
    assert "flagship was right with 0.400 of 1" in said
    assert "900% more than the best of the others (best-sellers, 0.040 of 1)" in said
    assert "1 month old 50% less" in said
    assert "2 months old 75% less" in said
    known = (
        "In the 3 lists for viewers who had rated something by then it was right with 0.400 of 1, 900% more than the"
    )
    assert known in said
    assert "titles listed for this viewer were watched before the next step" in said
    assert open_app("replay", user="4", measure=weighed).segmented_control(key="measure").value == weighed
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))
    assert len(app.get("vega_lite_chart")) == 4


def test_step_that_is_shown_follows_the_clock(open_app, folder: Path) -> None:
    app = open_app("replay", user="4", at="1998-02-01T00:00")
    assert len(table(app, "The titles listed")) == 10
    app.datetime_input(key="at").set_value(datetime(1997, 11, 1)).run()
    assert len(table(app, "The titles listed")) == 1
    assert "Listed on 20 Oct 1997" in words(app)
    assert len(table(open_app("replay", user="4", at="1997-09-21T00:00"), "The titles listed")) == 1


def test_misses_stand_beside_hits(open_app, folder: Path) -> None:
    app = open_app("replay", user="4", at="1998-02-01T00:00")
    listed, others = table(app, "The titles listed"), table(app, "Titles watched within the step")
    assert listed["gave"].notna().tolist() == [False, True] + [False] * 8
    assert "1 of these 10 were watched" in words(app)
    assert others["gave"].tolist() == [4.0, 2.0]
    assert others["predicted"].isna().tolist() == [True, False]
    assert "watched nothing new" in words(open_app("replay", user="20"))


def test_download_holds_no_single_viewers_stars(open_app, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from recommender.dashboard.downloads import download_menu

    taken = []
    monkeypatch.setattr(download_menu, "draw", taken.append)
    app: AppTest = open_app("replay", user="4")
    assert not app.exception
    texts = [csv_for_people(part.frame) for part in taken[-1].tables]
    assert "flagship" in texts[0]
    assert "Postman" not in " ".join(texts)
    assert [picture.specification()["layer"] for picture in taken[-1].pictures]
