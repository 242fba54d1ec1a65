"""A replay reads nothing from after its cuts, counts by hand what it counts, and goes on where it stopped."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recommender.bundle import MODEL_STORE
from recommender.bundle.reader import read_manifest
from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale, Schema
from recommender.errors import ConfigurationError, DataError
from recommender.replay import run, snapshot
from recommender.replay.results import CHECKSUMS, folder_for, read_replay, read_request
from recommender.replay.run import Request, replay
from recommender.replay.snapshot import Watched, found_by, known_by, watched_in
from recommender.replay.steps import Step, steps_of
from recommender.replay.summary import ageing, all_in_all, of_known_viewers, over_time, stars_over_time, worth_of_age

DAY = 86_400
BEGIN = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
N_TITLES, N_VIEWERS, N_DAYS = 30, 24, 80
REQUEST = Request("recency-ease", "20d", 3, {})


def ratings_of() -> Ratings:
    """Every viewer rates a title on each of thirty days, first the half they like; title 29 is out from day 50 on."""
    generator = np.random.default_rng(0)
    rows = []
    for viewer in range(N_VIEWERS):
        order = generator.permutation(N_TITLES).tolist()
        titles = sorted(order, key=lambda title: title % 2 != viewer % 2)
        days = sorted(generator.choice(N_DAYS, N_TITLES, replace=False).tolist())
        for title, day in zip(titles, days, strict=True):
            if title == 29 and day < 50:
                continue
            stars = 5.0 if title % 2 == viewer % 2 else 2.0
            rows.append((f"u{viewer}", f"t{title}", stars, BEGIN + day * DAY + viewer))
    ids = [f"t{number}" for number in range(N_TITLES)]
    return Ratings(
        name="replayed",
        interactions=pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "timestamp"]),
        items=pd.DataFrame({"item_id": ids, "title": [f"Title {number}" for number in range(N_TITLES)]}),
        users=pd.DataFrame({"user_id": [f"u{number}" for number in range(N_VIEWERS)]}),
        scale=RatingScale(),
        schema=Schema(),
    )


@pytest.fixture(autouse=True)
def _little_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_FEWEST_RATINGS", 100)


def test_snapshot_knows_titles_and_viewers_of_its_time_alone() -> None:
    ratings = ratings_of()
    cut = BEGIN + 40 * DAY
    past = known_by(ratings, cut)
    assert past.timestamps.max() < cut
    assert "t29" not in set(past.items["item_id"])
    assert set(past.items["item_id"]) == set(past.interactions["item_id"])
    assert set(past.users["user_id"]) == set(past.interactions["user_id"])


def test_a_signal_planted_after_a_cut_is_not_known_to_its_snapshot(tmp_path: Path) -> None:
    ratings = ratings_of()
    third = BEGIN + 60 * DAY
    later = ratings.timestamps >= third
    # From the third cut on everybody gives five stars to title 0 alone, as often as they rated anything.
    planted = ratings.interactions.assign(
        item_id=ratings.interactions["item_id"].mask(later, "t0"),
        rating=ratings.interactions["rating"].mask(later, 5.0),
    )
    ours = replay(ratings, REQUEST, tmp_path / "ours").lists
    theirs = replay(replace(ratings, interactions=planted), REQUEST, tmp_path / "theirs").lists
    both = ours.merge(theirs, on=["start", "user_id", "place"], suffixes=("", "_planted"))
    assert len(both[both["start"] == third]) >= 10
    assert len(both) > 100
    assert (both["item_id"] == both["item_id_planted"]).all()


def test_hits_and_gains_are_counted_by_hand() -> None:
    scores = np.array([9.0, 8.0, -np.inf, 7.0, *np.linspace(6, 1, 11)])
    watched = Watched("u", pd.DataFrame(), ("a", "b", "c"), np.array([5.0, 2.0, 5.0]), np.array([True, False, True]))
    found = found_by(scores, watched, np.array([1, 3, -1]))  # places 2 and 3, and one that came out later
    assert found["hits"] == 2
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert found["ndcg"] == pytest.approx((1 / np.log2(3) + 1 / np.log2(4)) / ideal)
    assert found["liked_ndcg"] == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))
    nothing_liked = Watched("u", pd.DataFrame(), ("a",), np.array([1.0]), np.array([False]))
    assert np.isnan(found_by(scores, nothing_liked, np.array([0]))["liked_ndcg"])


def test_watched_is_what_is_new_to_the_viewer_within_the_step() -> None:
    ratings = ratings_of()
    step = Step(BEGIN + 40 * DAY, BEGIN + 60 * DAY)
    found = watched_in(ratings, step)
    assert len(found) > 10
    for watched in found:
        rows = ratings.interactions[ratings.interactions["user_id"] == watched.user]
        before = set(rows["item_id"][rows["timestamp"] < step.start])
        inside = rows[(rows["timestamp"] >= step.start) & (rows["timestamp"] < step.end)]
        assert set(watched.items) == set(inside["item_id"]) - before
        assert set(watched.before["item_id"]) == before
        assert watched.before["timestamp"].is_monotonic_increasing


def test_replay_goes_on_where_it_stopped_and_refuses_what_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings, out = ratings_of(), tmp_path / "replay"
    taken: list[int] = []
    train = run.take_snapshot

    def take(past: Ratings, cut: int, *more: object) -> snapshot.Snapshot:
        taken.append(cut)
        if len(taken) == 2:
            raise KeyboardInterrupt
        return train(past, cut, *more)

    monkeypatch.setattr(run, "take_snapshot", take)
    with pytest.raises(KeyboardInterrupt):
        replay(ratings, REQUEST, out)
    assert len(read_replay(out).figures["cut"].unique()) == 1  # what has been found so far
    found = replay(ratings, REQUEST, out)
    n_steps = len(steps_of(int(ratings.timestamps.min()), int(ratings.timestamps.max()), "20d"))
    assert len(taken) == n_steps + 1  # the first was not trained again
    again = replay(ratings, REQUEST, out)
    assert len(taken) == n_steps + 1
    pd.testing.assert_frame_equal(found.figures, again.figures)
    with pytest.raises(ConfigurationError, match=r"holds another replay \(seed 3, not 4\)"):
        replay(ratings, replace(REQUEST, seed=4), out)
    (out / run.REQUEST).write_text("{")
    with pytest.raises(ConfigurationError, match="holds another replay"):
        replay(ratings, REQUEST, out)
    table = next(out.glob("snapshots/*/figures.csv.gz"))
    pd.read_csv(table).assign(hits=10).to_csv(table, index=False)
    with pytest.raises(DataError, match="not as it was written"):
        read_replay(out)


def test_summaries_say_how_good_lists_were_and_how_fast_a_model_ages(tmp_path: Path) -> None:
    found = replay(ratings_of(), REQUEST, tmp_path / "replay")
    curve = over_time(found.figures)
    assert set(curve["system"]) == {"recency-ease", "popularity", "recent-popularity"}
    assert ((curve["low"] <= curve["mean"]) & (curve["mean"] <= curve["high"])).all()
    whole = all_in_all(found.figures).set_index("system")
    assert whole.loc["recency-ease", "mean"] > whole.loc["popularity", "mean"]  # it knows who likes even titles
    known = of_known_viewers(found.figures)
    assert (known["n_before"] > 0).all()
    assert 0 < len(known) <= len(found.figures)
    aged = ageing(found.figures, "recency-ease").set_index("age")
    assert aged.loc[0, "kept"] == pytest.approx(1.0)
    assert aged.loc[1, "n"] < aged.loc[0, "n"]
    assert "20 days old" in worth_of_age(aged.reset_index(), "20d")
    assert "40 days old" in worth_of_age(aged.reset_index(), "20d")
    stars = stars_over_time(found.watched)
    assert stars["unknown"].max() > 0  # title 29 was not out
    assert stars["rmse"].isna().all()  # EASE predicts no stars


def test_too_little_and_no_times_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_FEWEST_RATINGS", 10**6)
    with pytest.raises(DataError, match="too few to learn from"):
        replay(ratings_of(), REQUEST, tmp_path / "little")
    timeless = replace(ratings_of(), schema=Schema(has_timestamps=False))
    with pytest.raises(ConfigurationError, match="has no times"):
        replay(timeless, REQUEST, tmp_path / "timeless")


def test_replay_that_comes_with_the_repository_is_whole_and_of_its_flagship() -> None:
    bundle = MODEL_STORE / "flagship"
    folder = folder_for(bundle)
    manifest, request = read_manifest(bundle), read_request(folder)
    assert (request["model"], request["checksum"]) == (manifest.model, manifest.data.checksum)
    tables = read_replay(folder)
    assert (folder / CHECKSUMS).is_file()
    assert set(over_time(tables.figures)["system"]) == {"flagship", "popularity", "recent-popularity", "recency-ease"}
    assert len(tables.lists.groupby(["start", "user_id"])) > 100
