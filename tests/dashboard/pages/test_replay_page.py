"""The page Replay, over a small replay worked out by hand."""

import json
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from recommender.data.exchange.spreadsheets import csv_for_people
from tests.dashboard.doubles import FIRST
from tests.dashboard.drawn import table, words

MONTH = 30 * 86_400
CUTS = [FIRST + MONTH * number for number in (1, 2, 3)]


def figures() -> pd.DataFrame:
    """Two viewers asked three times: the flagship finds half of what it found at each age, best-sellers a tenth."""
    rows = []
    for place, cut in enumerate(CUTS):
        for later, start in enumerate(CUTS[place:]):
            for user in ("3", "4"):
                worth = 0.4 * 0.5**later
                rows.append((cut, start, "flagship", user, int(user == "4"), 2.0, worth, worth / 2))
        rows += [(cut, cut, "popularity", user, int(user == "4"), 0.0, 0.04, 0.02) for user in ("3", "4")]
    return pd.DataFrame(rows, columns=["cut", "start", "system", "user_id", "n_before", "hits", "ndcg", "liked_ndcg"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A replay beside the bundle that is shown."""
    out = tmp_path / ".replays" / "flagship"
    request = {"model": "flagship", "every": "1m", "seed": 1, "data": "ml-100k", "checksum": "ab" * 32}
    lists = pd.DataFrame(
        [(CUTS[2], "4", place, str(place), 4.0 - place / 10) for place in range(1, 11)],
        columns=["start", "user_id", "place", "item_id", "stars"],
    )
    watched = pd.DataFrame(
        [(CUTS[2], "4", "2", 5.0, 3.8), (CUTS[2], "4", "11", 2.0, 3.0), (CUTS[2], "4", "12", 4.0, None)],
        columns=["start", "user_id", "item_id", "given", "predicted"],
    )
    for cut in CUTS:
        snapshot = out / "snapshots" / str(cut)
        snapshot.mkdir(parents=True)
        own = figures().query("cut == @cut")
        parts = {"figures": own, "lists": lists[lists["start"] == cut], "watched": watched[watched["start"] == cut]}
        for name, part in parts.items():
            part.to_csv(snapshot / f"{name}.csv.gz", index=False)
    (out / "replay.json").write_text(json.dumps(request))
    return out


def test_without_a_replay_the_page_says_how_to_make_one(open_app) -> None:
    app = open_app("replay", user="4")
    assert not app.exception
    assert "None" not in words(app)
    assert "There is none beside this model" in words(app)
    assert "python -m recommender replay" in app.code[0].value


def test_replay_of_other_data_is_not_shown_for_this_model(open_app, folder: Path) -> None:
    request = json.loads((folder / "replay.json").read_text())
    (folder / "replay.json").write_text(json.dumps({**request, "checksum": "cd" * 32}))
    app = open_app("replay", user="4")
    assert not app.exception
    assert "is of another one" in words(app)
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
    assert "Asked 6 times what a viewer would watch next, flagship reaches 0.400" in said
    assert "900% more than the best of the others (best-sellers of all time, 0.040)" in said
    assert "1 month old 50% less" in said
    assert "2 months old 75% less" in said
    assert "Of the 3 lists for viewers who had rated something by then, 900% more" in said
    assert "not over" in said  # nothing has been sealed
    app.segmented_control(key="measure").set_value("Hits of ten").run()
    assert "reaches 2.00" in words(app).replace("\\", "")
    assert open_app("replay", user="4", measure="Hits of ten").segmented_control(key="measure").value == "Hits of ten"
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))
    assert len(app.get("vega_lite_chart")) == 3


def test_misses_stand_beside_hits(open_app, folder: Path) -> None:
    app = open_app("replay", user="4")
    listed, others = table(app, "The titles listed"), table(app, "Titles watched within the step")
    assert listed["gave"].notna().tolist() == [False, True] + [False] * 8
    assert "1 of 10 were watched" in words(app)
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
