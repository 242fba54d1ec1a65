"""What a model read of a viewer in training: which ratings, whether anyone can say so, and titles rated twice."""

from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recommender.data import load_ratings
from recommender.errors import UnknownUserError
from recommender.serving.recommender import Recommender
from recommender.serving.traveller import traveller_for
from recommender.serving.viewer_histories import history_of

DAY = 86_400


@pytest.fixture(scope="module")
def alone(checkerboard_bundle: Path) -> Recommender:
    return Recommender.load(checkerboard_bundle)


@pytest.fixture(scope="module")
def joined(alone: Recommender, checkerboard_folder: Path) -> Recommender:
    return alone.with_ratings(load_ratings(checkerboard_folder))


def without_split_files(recommender: Recommender) -> Recommender:
    """The same, as if it had been trained on a published split whose files are gone."""
    assert recommender.ratings is not None
    gone = {"name": "files", "train_file": "gone.base", "test_file": "gone.test"}
    again = copy(recommender)
    again.manifest = again.manifest.model_copy(update={"split": again.manifest.split.model_copy(update=gone)})
    return again.with_ratings(recommender.ratings)


def test_history_read_leaves_the_test_part_out(joined: Recommender) -> None:
    assert joined.knows_what_was_read
    assert sum(len(joined.history_read(user)) for user in joined.user_ids) < len(joined.ratings)


def test_without_the_files_of_the_split_all_is_taken_as_read_and_that_can_be_asked(joined: Recommender) -> None:
    found = without_split_files(joined)
    assert not found.knows_what_was_read
    assert sum(len(found.history_read(user)) for user in found.user_ids) == len(found.ratings)


def test_without_ratings_nobody_can_say_what_was_read(alone: Recommender) -> None:
    assert not alone.knows_what_was_read


def test_viewers_last_known_moment_is_that_of_their_last_rating_in_the_training_part(joined: Recommender) -> None:
    for user in joined.user_ids:
        moment = joined.last_known_moment(user)
        assert moment == joined.history_read(user)["timestamp"].max()
    all_rated = [joined.rated(user)["timestamp"].max() for user in joined.user_ids]
    assert any(joined.last_known_moment(user) < last for user, last in zip(joined.user_ids, all_rated, strict=True))


def test_visitor_and_whoever_cannot_be_told_from_the_test_part_is_asked_at_the_datas_last_moment(
    alone: Recommender, joined: Recommender
) -> None:
    user = min(joined.user_ids, key=joined.last_known_moment)
    assert joined.last_known_moment(user) < joined.last_moment == joined.last_known_moment(None)
    assert alone.last_known_moment(user) == joined.last_moment
    assert without_split_files(joined).last_known_moment(user) == joined.last_moment
    with pytest.raises(UnknownUserError):
        joined.last_known_moment("nobody")


def test_title_rated_twice_is_read_once_and_earlier_only_if_asked(joined: Recommender) -> None:
    user = joined.user_ids[0]
    first = joined.rated(user).iloc[-1]
    row = {"user_id": user, "item_id": first["item_id"], "rating": 1.0, "timestamp": joined.last_moment + DAY}
    interactions = pd.concat([joined.ratings.interactions, pd.DataFrame([row])], ignore_index=True)
    found = joined.with_ratings(replace(joined.ratings, interactions=interactions))  # other data: all is read
    once, often = found.history_read(user), found.history_read(user, earlier=True)
    assert once["title"].is_unique
    assert len(often) == len(once) + 1
    assert once.set_index("title")["stars"][first["title"]] == 1.0
    assert often.query("title == @first.title")["stars"].tolist() == [first["rating"], 1.0]

    who = traveller_for(found, user, hide_seen=False, as_of_then=True)
    moments = [int(first["timestamp"]), joined.last_moment, joined.last_moment + DAY]
    scores = who.scores(found, moments)
    for at, answered in zip(moments, scores, strict=True):
        training_part = often[often["timestamp"] <= at].drop_duplicates("title", keep="last")
        history = history_of(training_part)
        np.testing.assert_allclose(answered, found.scores(user, [at], history=history)[0], atol=1e-4)
    latest = history_of(once)
    assert not np.allclose(scores[1], found.scores(user, [moments[1]], history=latest)[0], atol=1e-4)
